"""What an expression is worth: each part is made a function once, over names that are handed in later. Pure.

A field that is absent is None, and None is neither less nor more than anything. A cast member is a mapping with its
reference under ``actor``; it equals that text, and any other mapping with the same reference.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Protocol

from meetingsim.scenarios.expressions import Expression
from meetingsim.scenarios.quantities import Duration

Names = Mapping[str, Any]
Value = Callable[[Any, Any], Any]
"""A part of an expression as a function of the names and the scene."""


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
    return _compiled(node)(names, scene)


@lru_cache(maxsize=4_096)
def _compiled(node: ast.expr) -> Value:
    return Compiler().value(node)


class Compiler:
    """Makes functions of the parts of expressions.

    Who knows more of the names or the scene than a mapping and a Scene can say says how a name, a field of something,
    ``count``, ``rate`` and ``before`` are found.
    """

    def value(self, node: ast.expr) -> Value:
        """The function for a part; it raises CannotTell."""
        make: Callable[[Compiler, Any], Value] = _MAKE[type(node)]
        return make(self, node)

    def name(self, node: ast.Name) -> Value:
        """What stands under a name."""
        name = node.id
        return lambda names, scene: names.get(name)

    def attribute(self, node: ast.Attribute) -> Value:
        """A field of something; None of what has no fields."""
        owner, field = self.value(node.value), node.attr

        def get(names: Any, scene: Any) -> Any:
            found = owner(names, scene)
            return found.get(field) if type(found) is dict or isinstance(found, Mapping) else None

        return get

    def count(self, node: ast.Call) -> Value:
        """How many of the cast something holds for."""
        holds = self.value(node.args[0])

        def count(names: Any, scene: Any) -> int:
            found, theirs = 0, dict(names)
            for one in _needed(scene, "count").cast():
                theirs["actor"] = theirs["person"] = one
                if holds(theirs, scene):
                    found += 1
            return found

        return count

    def rate(self, node: ast.Call) -> Value:
        """How many facts of a kind there were of late that something holds for."""
        fact, within_ms = rated(node)
        holds = self.value(node.args[1]) if len(node.args) == 3 else None

        def rate(names: Any, scene: Any) -> int:
            found = _needed(scene, "rate").facts(fact, within_ms)
            return sum(1 for one in found if holds is None or holds({**names, **one}, scene))

        return rate

    def before(self, node: ast.Call) -> Value:
        """What something last was before the window."""
        return lambda names, scene: _needed(scene, "before").before(node.args[0])


def rated(node: ast.Call) -> tuple[str, int]:
    """The fact that a ``rate`` counts, and the ms in which it does."""
    fact, window = node.args[0], node.args[-1]
    assert isinstance(fact, ast.Name)
    assert isinstance(window, ast.Constant)
    return fact.id, Duration.read(str(window.value)).ms


def _needed(scene: Scene | None, function: str) -> Scene:
    if scene is None:
        raise CannotTell(f"{function} needs a scene")
    return scene


def _constant(compiler: Compiler, node: ast.Constant) -> Value:
    value = node.value
    return lambda names, scene: value


def _sequence(compiler: Compiler, node: ast.List | ast.Tuple) -> Value:
    parts = [compiler.value(one) for one in node.elts]
    return lambda names, scene: [part(names, scene) for part in parts]


def _bool(compiler: Compiler, node: ast.BoolOp) -> Value:
    first, *rest = (compiler.value(one) for one in node.values)
    if isinstance(node.op, ast.And):
        for part in rest:
            first = _both(first, part)
    else:
        for part in rest:
            first = _either(first, part)
    return first


def _both(left: Value, right: Value) -> Value:
    return lambda names, scene: bool(left(names, scene)) and bool(right(names, scene))


def _either(left: Value, right: Value) -> Value:
    return lambda names, scene: bool(left(names, scene)) or bool(right(names, scene))


def _unary(compiler: Compiler, node: ast.UnaryOp) -> Value:
    operand = compiler.value(node.operand)
    if isinstance(node.op, ast.Not):
        return lambda names, scene: not operand(names, scene)
    return lambda names, scene: -operand(names, scene)


def _compare(compiler: Compiler, node: ast.Compare) -> Value:
    if len(node.ops) == 1:
        return _compare_two(compiler, node.left, node.ops[0], node.comparators[0])
    parts = [compiler.value(one) for one in (node.left, *node.comparators)]
    ops = [_holds_of(op) for op in node.ops]

    def compare(names: Any, scene: Any) -> bool:
        left = parts[0](names, scene)
        for holds, part in zip(ops, parts[1:], strict=True):
            right = part(names, scene)
            if not holds(left, right):
                return False
            left = right
        return True

    return compare


def _compare_two(compiler: Compiler, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Value:
    one, other, holds = compiler.value(left), compiler.value(right), _holds_of(op)
    plain, wanted = _texts_of(op, right), not isinstance(op, ast.NotEq | ast.IsNot | ast.NotIn)
    if plain is None:
        return lambda names, scene: holds(one(names, scene), other(names, scene))

    def among(names: Any, scene: Any) -> bool:
        found = one(names, scene)
        # Nearly every comparison is one of a text with known texts: it needs none of what the others need.
        if type(found) is str:
            return (found in plain) is wanted
        return holds(found, other(names, scene))

    return among


def _texts_of(op: ast.cmpop, right: ast.expr) -> frozenset[str] | None:
    """The texts that a text may be equal to, where the right side is nothing but texts."""
    if isinstance(op, ast.In | ast.NotIn) is not isinstance(right, ast.List | ast.Tuple):
        return None
    if not isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot | ast.In | ast.NotIn):
        return None
    parts = right.elts if isinstance(right, ast.List | ast.Tuple) else [right]
    texts = [one.value for one in parts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return frozenset(texts) if len(texts) == len(parts) else None


def _holds_of(op: ast.cmpop) -> Callable[[Any, Any], bool]:
    return _HOLDS[type(op)]


def _in_order(holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        if left is None or right is None:
            return False
        try:
            return bool(holds(left, right))
        except TypeError:
            raise CannotTell(f"{left!r} and {right!r} have no order") from None

    return compare


def same(left: Any, right: Any) -> bool:
    """Whether two values are the same; a cast member is the same as its reference."""
    left, right = reference(left), reference(right)
    # True is no 1 here: a count that is compared with a truth is a mistake, never a match.
    return (type(left) is bool) is (type(right) is bool) and bool(left == right)


def reference(value: Any) -> Any:
    """What stands for a value where it is compared: a cast member's reference, else the value."""
    if type(value) is not dict and (type(value) in _SIMPLE or not isinstance(value, Mapping)):
        return value
    found = value.get("actor")
    return found if isinstance(found, str) else value


_SIMPLE = frozenset({str, int, float, bool, type(None), list, tuple})


def _differ(left: Any, right: Any) -> bool:
    return not same(left, right)


def contains(whole: Any, part: Any) -> bool:
    """Whether something is in a list, or a text in a text. Raises CannotTell where nothing can be in it."""
    if whole is None:
        return False
    if isinstance(whole, str):
        return isinstance(part, str) and part in whole
    if not isinstance(whole, Iterable):
        raise CannotTell(f"nothing can be in {whole!r}")
    if type(part) is str:
        return part in whole or any(type(one) is not str and same(one, part) for one in whole)
    return any(same(one, part) for one in whole)


_HOLDS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: same,
    ast.Is: same,
    ast.NotEq: _differ,
    ast.IsNot: _differ,
    ast.In: lambda left, right: contains(right, left),
    ast.NotIn: lambda left, right: not contains(right, left),
    ast.Lt: _in_order(lambda left, right: left < right),
    ast.LtE: _in_order(lambda left, right: left <= right),
    ast.Gt: _in_order(lambda left, right: left > right),
    ast.GtE: _in_order(lambda left, right: left >= right),
}


def _call(compiler: Compiler, node: ast.Call) -> Value:
    function = node.func.id if isinstance(node.func, ast.Name) else ""
    return _FUNCTIONS[function](compiler, node)


def _matches(compiler: Compiler, node: ast.Call) -> Value:
    text, pattern = (compiler.value(one) for one in node.args)

    def match(names: Any, scene: Any) -> bool:
        found = text(names, scene)
        return isinstance(found, str) and matches(found, pattern(names, scene))

    return match


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


def _has(compiler: Compiler, node: ast.Call) -> Value:
    owner, *fields = (compiler.value(one) for one in node.args)

    def has(names: Any, scene: Any) -> bool:
        found = owner(names, scene)
        return isinstance(found, Mapping) and all(field(names, scene) in found for field in fields)

    return has


_FUNCTIONS: dict[str, Callable[[Compiler, ast.Call], Value]] = {
    "count": lambda compiler, node: compiler.count(node),
    "rate": lambda compiler, node: compiler.rate(node),
    "before": lambda compiler, node: compiler.before(node),
    "matches": _matches,
    "has": _has,
}
_MAKE: dict[type[ast.expr], Callable[[Compiler, Any], Value]] = {
    ast.Constant: _constant,
    ast.Name: lambda compiler, node: compiler.name(node),
    ast.Attribute: lambda compiler, node: compiler.attribute(node),
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.BoolOp: _bool,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.Call: _call,
}
