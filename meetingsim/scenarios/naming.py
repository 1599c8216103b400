"""Whether every name in an expression means something there, and every text that is compared with a known word is one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from meetingsim.scenarios.expressions import Expression, ExpressionInvalid, parse
from meetingsim.scenarios.shape import nearest
from meetingsim.scenarios.vocabulary import EVERYWHERE, FACTS, NOT_PEOPLE, OBJECTS, WORDS, Kind

Fault = tuple[int, str]
"""Characters from the start of the text, and what is wrong there."""
_REFERENCE = re.compile(r"([A-Za-z_][\w-]*)(?:\[([0-9]{1,6})(?::([0-9]{1,6}))?\])?")


@dataclass(frozen=True)
class Known:
    """What the scenario names: its cast with how many each is, the ids of its rules, its behaviours."""

    cast: Mapping[str, int] = field(default_factory=dict)
    rules: frozenset[str] = frozenset()
    behaviors: frozenset[str] = frozenset()

    def wrong_reference(self, text: str) -> str | None:
        """What is wrong with ``students``, ``students[0]`` or ``crowd[0:10]``; None where it names somebody."""
        found = _REFERENCE.fullmatch(text)
        if not found:
            return f"{text!r} names nobody: somebody is written students, students[0] or students[0:10]"
        group, first, end = found.groups()
        if group not in self.cast:
            return f"there is no actor {group!r}{nearest(group, self.cast)}"
        count = self.cast[group]
        if first is not None and end is None and int(first) >= count:
            return f"{group!r} has {count}: {group}[0] to {group}[{count - 1}]"
        if end is not None and not int(first or 0) < int(end) <= count:
            return f"{text!r} is no part of {count}: {group}[0:{count}] is all of them"
        return None


@dataclass(frozen=True)
class Around:
    """What an expression stands in: what ``each`` is, whether there is a scope, and a fact whose fields are names."""

    each: Kind | None = None
    scope: bool = False
    fact: str | None = None
    client: bool = False


def faults_of(text: str, known: Known, around: Around, *, need: str = "either") -> Iterator[Fault]:
    """What is wrong with an expression; ``need`` says whether it must be a ``fact``, a ``condition``, or either."""
    try:
        expression = parse(text)
    except ExpressionInvalid as error:
        yield error.offset, error.said
        return
    if expression.fact is None:
        if need == "fact":
            yield 0, "a fact is asked for here: FACT, or FACT where PREDICATE"
            return
        yield from _Reading(expression, known, names_around(around)).faults()
        return
    if need == "condition" and expression.predicate is None and expression.fact in EVERYWHERE:
        return
    if need == "condition":
        yield 0, "a condition is asked for here, not a fact"
    elif expression.fact not in FACTS:
        yield text.index(expression.fact), f"there is no fact {expression.fact!r}{nearest(expression.fact, FACTS)}"
    else:
        yield from _Reading(expression, known, {**names_around(around), **names_of(expression.fact)}).faults()


def names_of(fact: str) -> dict[str, Kind]:
    """The names that a predicate of this fact has from it."""
    return {**FACTS[fact], "event": f"fact:{fact}"}


def names_around(around: Around) -> dict[str, Kind]:
    """The names that an expression has from where it stands."""
    names = dict(EVERYWHERE)
    if around.fact:
        names |= names_of(around.fact)
    if around.each:
        names["each"] = around.each
    if around.client:
        names["client"] = "actor"
    return names | ({"scope": "scope"} if around.scope else {})


class _Reading:
    """One pass over an expression: the kind of every part, and what is wrong on the way."""

    def __init__(self, expression: Expression, known: Known, names: dict[str, Kind]) -> None:
        self._expression = expression
        self._known = known
        self._names = names
        self._found: list[Fault] = []

    def faults(self) -> list[Fault]:
        if self._expression.predicate is not None:
            self._kind(self._expression.predicate)
        return self._found

    def _wrong(self, node: ast.AST, said: str, shift: int = 0) -> Kind:
        self._found.append((self._expression.offset(node) + shift, said))
        return "any"

    def _kind(self, node: ast.expr) -> Kind:
        if isinstance(node, ast.Name):
            if node.id not in self._names:
                return self._wrong(node, f"there is no {node.id!r} here{nearest(node.id, self._names)}")
            return self._names[node.id]
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if isinstance(node, ast.Compare):
            return self._compare(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.expr):
                self._kind(part)
        return "any"

    def _attribute(self, node: ast.Attribute) -> Kind:
        owner = self._kind(node.value)
        fields = OBJECTS.get(owner)
        if fields is None or node.attr in fields:
            return (fields or {}).get(node.attr, "any")
        end = (node.value.end_col_offset or 0) - node.col_offset + 1
        what = owner.removeprefix("fact:")
        return self._wrong(node, f"{what!r} has no {node.attr!r}{nearest(node.attr, fields)}", end)

    def _compare(self, node: ast.Compare) -> Kind:
        parts = [node.left, *node.comparators]
        kinds = [self._kind(part) for part in parts]
        for left, right in ((0, 1), (1, 0)):
            for at in range(len(parts) - 1):
                self._texts(kinds[at + left], parts[at + right])
        return "any"

    def _texts(self, kind: Kind, node: ast.expr) -> None:
        """Texts that are compared with a value of this kind."""
        for one in node.elts if isinstance(node, ast.List | ast.Tuple) else [node]:
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                self._text(kind, one, one.value)

    def _text(self, kind: Kind, node: ast.Constant, text: str) -> None:
        if kind == "group" and text not in self._known.cast:
            self._wrong(node, f"there is no group {text!r}{nearest(text, self._known.cast)}")
        elif kind == "rule" and text not in self._known.rules:
            self._wrong(node, f"there is no rule {text!r}{nearest(text, self._known.rules)}")
        elif (kind == "actor" or (kind == "somebody" and text not in NOT_PEOPLE)) and (
            said := self._known.wrong_reference(text)
        ):
            self._wrong(node, said)
        elif kind in WORDS and text not in WORDS[kind]:
            what = kind.replace("_", " ")
            self._wrong(node, f"{text!r} is no {what}{nearest(text, WORDS[kind])}")

    def _call(self, node: ast.Call) -> Kind:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name == "count":
            self._within(node.args[0], {"actor": "actor", "person": "actor"})
        elif name == "rate":
            self._rate(node)
        elif name == "before":
            return self._kind(node.args[0])
        else:
            for part in node.args:
                self._kind(part)
        return "any"

    def _rate(self, node: ast.Call) -> None:
        fact = node.args[0].id if isinstance(node.args[0], ast.Name) else ""
        if fact not in FACTS:
            self._wrong(node.args[0], f"there is no fact {fact!r}{nearest(fact, FACTS)}")
        elif len(node.args) == 3:
            self._within(node.args[1], names_of(fact))

    def _within(self, node: ast.expr, more: Mapping[str, Kind]) -> None:
        outside, self._names = self._names, {**self._names, **more}
        self._kind(node)
        self._names = outside


def commands_of(text: str) -> Iterable[str]:
    """The commands that a ``sent``, ``accepted`` or ``refused`` must be one of; empty where any will do."""
    expression = parse(text)
    if expression.fact not in {"sent", "accepted", "refused"} or expression.predicate is None:
        return ()
    predicate = expression.predicate
    both = predicate.values if isinstance(predicate, ast.BoolOp) and isinstance(predicate.op, ast.And) else [predicate]
    for one in both:
        if (
            isinstance(one, ast.Compare)
            and isinstance(one.left, ast.Name)
            and one.left.id == "command"
            and isinstance(one.ops[0], ast.Eq)
            and isinstance(one.comparators[0], ast.Constant)
        ):
            return (str(one.comparators[0].value),)
    return ()
