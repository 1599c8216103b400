"""What an expression rests on: by this the judge knows when it must look again, and what of a fact it must keep."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from meetingsim.scenarios.vocabulary import FACTS


@dataclass(slots=True)
class Uses:
    """The names that an expression looks up where it stands, not counting those that ``count`` and ``rate`` bring along.

    ``each`` are the fields of ``each``, ``before`` the names within ``before(…)``; ``whole_each`` says that ``each`` itself
    is used, ``rates`` which facts are counted.
    """

    names: set[str] = field(default_factory=set)
    before: set[str] = field(default_factory=set)
    each: set[str] = field(default_factory=set)
    whole_each: bool = False
    counts: bool = False
    looks_back: bool = False
    rates: set[str] = field(default_factory=set)


def uses_of(node: ast.expr | None) -> Uses:
    """What a predicate or condition uses."""
    found = Uses()
    if node is not None:
        _walk(node, found, found.names, frozenset())
    return found


def _walk(node: ast.expr, found: Uses, names: set[str], brought: frozenset[str]) -> None:
    if isinstance(node, ast.Call):
        _call(node, found, names, brought)
    elif isinstance(node, ast.Name):
        if node.id not in brought:
            names.add(node.id)
            found.whole_each |= node.id == "each"
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "each":
        names.add("each")
        found.each.add(node.attr)
    else:
        for part in _parts(node):
            _walk(part, found, names, brought)


def _call(node: ast.Call, found: Uses, names: set[str], brought: frozenset[str]) -> None:
    function = node.func.id if isinstance(node.func, ast.Name) else ""
    if function == "count":
        found.counts = True
        _walk(node.args[0], found, names, brought | {"actor", "person"})
    elif function == "before":
        found.looks_back = True
        _walk(node.args[0], found, found.before, brought)
    elif function == "rate":
        fact = node.args[0].id if isinstance(node.args[0], ast.Name) else ""
        found.rates.add(fact)
        if len(node.args) == 3:
            _walk(node.args[1], found, names, brought | {*FACTS[fact], "event"})
    else:
        for part in node.args:
            _walk(part, found, names, brought)


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    return (part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr))


def conjuncts(node: ast.expr | None) -> list[ast.expr]:
    """The parts that must all hold."""
    if node is None:
        return []
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        return [one for part in node.values for one in conjuncts(part)]
    return [node]


def all_of(parts: list[ast.expr]) -> ast.expr | None:
    """The opposite of ``conjuncts``."""
    return ast.BoolOp(ast.And(), parts) if len(parts) > 1 else parts[0] if parts else None
