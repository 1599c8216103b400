"""What an expression is worth: a small interpreter over names that are handed in. Pure, and it calls nothing by name.

A field that is absent is None, and None is neither less nor more than anything. A cast member is a mapping with its
reference under ``actor``; it equals that text, and any other mapping with the same reference.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from meetingsim.scenarios.expressions import Expression
from meetingsim.scenarios.quantities import Duration

Names = Mapping[str, Any]


class Scene(Protocol):
    """What the functions of the language ask about."""

    def cast(self) -> Iterable[Mapping[str, Any]]:
        """Everybody of the cast, as ``count`` goes through them."""

    def facts(self, fact: str, within_ms: int | None) -> Iterable[Names]:
        """The facts of a kind in the time up to now (None: since the start), each with its fields as names."""

    def before(self, expression: ast.expr) -> Any:
        """What an expression last was, before the fact that opened the window."""


class CannotTell(Exception):
    """An expression compares what cannot be compared, or asks for what this evaluation was not given."""


def evaluate(expression: Expression, names: Names, scene: Scene | None = None) -> bool:
    """Whether the predicate or condition holds; a fact without a predicate always does. Raises CannotTell."""
    return expression.predicate is None or bool(value_of(expression.predicate, names, scene))


def value_of(node: ast.expr, names: Names, scene: Scene | None = None) -> Any:
    """The value of a part of an expression. Raises CannotTell."""
    return _EVALUATE[type(node)](node, names, scene)


def _constant(node: ast.Constant, names: Names, scene: Scene | None) -> Any:
    return node.value


def _name(node: ast.Name, names: Names, scene: Scene | None) -> Any:
    return names.get(node.id)


def _attribute(node: ast.Attribute, names: Names, scene: Scene | None) -> Any:
    owner = value_of(node.value, names, scene)
    return owner.get(node.attr) if isinstance(owner, Mapping) else None


def _sequence(node: ast.List | ast.Tuple, names: Names, scene: Scene | None) -> Any:
    return [value_of(one, names, scene) for one in node.elts]


def _bool(node: ast.BoolOp, names: Names, scene: Scene | None) -> bool:
    each = (bool(value_of(one, names, scene)) for one in node.values)
    return all(each) if isinstance(node.op, ast.And) else any(each)


def _unary(node: ast.UnaryOp, names: Names, scene: Scene | None) -> Any:
    value = value_of(node.operand, names, scene)
    return not value if isinstance(node.op, ast.Not) else -value


def _compare(node: ast.Compare, names: Names, scene: Scene | None) -> bool:
    left = value_of(node.left, names, scene)
    for op, part in zip(node.ops, node.comparators, strict=True):
        right = value_of(part, names, scene)
        if not _holds(op, left, right):
            return False
        left = right
    return True


def _holds(op: ast.cmpop, left: Any, right: Any) -> bool:
    if isinstance(op, ast.Eq | ast.Is):
        return same(left, right)
    if isinstance(op, ast.NotEq | ast.IsNot):
        return not same(left, right)
    if isinstance(op, ast.In | ast.NotIn):
        return _contains(right, left) is isinstance(op, ast.In)
    if left is None or right is None:
        return False
    try:
        return bool(_ORDER[type(op)](left, right))
    except TypeError:
        raise CannotTell(f"{left!r} and {right!r} have no order") from None


_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: lambda left, right: left < right,
    ast.LtE: lambda left, right: left <= right,
    ast.Gt: lambda left, right: left > right,
    ast.GtE: lambda left, right: left >= right,
}


def same(left: Any, right: Any) -> bool:
    """Whether two values are the same; a cast member is the same as its reference."""
    left, right = _reference(left), _reference(right)
    # True is no 1 here: a count that is compared with a truth is a mistake, never a match.
    return isinstance(left, bool) is isinstance(right, bool) and bool(left == right)


def _reference(value: Any) -> Any:
    return value["actor"] if isinstance(value, Mapping) and isinstance(value.get("actor"), str) else value


def _contains(whole: Any, part: Any) -> bool:
    if whole is None:
        return False
    if isinstance(whole, str):
        return isinstance(part, str) and part in whole
    if not isinstance(whole, Iterable):
        raise CannotTell(f"nothing can be in {whole!r}")
    return any(same(one, part) for one in whole)


def _call(node: ast.Call, names: Names, scene: Scene | None) -> Any:
    function = node.func.id if isinstance(node.func, ast.Name) else ""
    return _FUNCTIONS[function](node, names, scene)


def _count(node: ast.Call, names: Names, scene: Scene | None) -> int:
    everybody = _needed(scene, "count").cast()
    return sum(1 for one in everybody if value_of(node.args[0], {**names, "actor": one, "person": one}, scene))


def _rate(node: ast.Call, names: Names, scene: Scene | None) -> int:
    fact, window = node.args[0], node.args[-1]
    assert isinstance(fact, ast.Name)
    assert isinstance(window, ast.Constant)
    found = _needed(scene, "rate").facts(fact.id, Duration.read(str(window.value)).ms)
    if len(node.args) == 2:
        return sum(1 for _ in found)
    return sum(1 for one in found if value_of(node.args[1], {**names, **one}, scene))


def _before(node: ast.Call, names: Names, scene: Scene | None) -> Any:
    return _needed(scene, "before").before(node.args[0])


def _matches(node: ast.Call, names: Names, scene: Scene | None) -> bool:
    text, pattern = (value_of(one, names, scene) for one in node.args)
    return isinstance(text, str) and matches(text, pattern)


def matches(text: str, pattern: str) -> bool:
    """Whether the pattern is somewhere in the text, whatever the case; ``*`` stands for anything between.

    No regular expressions: a text of an attacker meets the pattern, and no text may make the search slow.
    """
    text, at = text.casefold(), 0
    for part in pattern.casefold().split("*"):
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _has(node: ast.Call, names: Names, scene: Scene | None) -> bool:
    owner, *fields = (value_of(one, names, scene) for one in node.args)
    return isinstance(owner, Mapping) and all(field in owner for field in fields)


def _needed(scene: Scene | None, function: str) -> Scene:
    if scene is None:
        raise CannotTell(f"{function} needs a scene")
    return scene


_FUNCTIONS: dict[str, Callable[[ast.Call, Names, Scene | None], Any]] = {
    "count": _count,
    "rate": _rate,
    "before": _before,
    "matches": _matches,
    "has": _has,
}
_EVALUATE: dict[type[ast.expr], Callable[[Any, Names, Scene | None], Any]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.BoolOp: _bool,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.Call: _call,
}
