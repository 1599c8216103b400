"""Sentences about what came up in a run, for people."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any, Final

from meetingsim.scenarios.evaluation import Compiler, Value
from meetingsim.scenarios.judging.uses import conjuncts
from meetingsim.scenarios.trace import Fact, behind

_TELLING: Final = ("command", "activity", "code", "rule", "site", "source")
_LONGEST: Final = 60


def moment(ms: int) -> str:
    """A time of the run: ``12:03.412``."""
    minutes, rest = divmod(ms, 60_000)
    return f"{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def told(fact: Fact, people: Mapping[str, str]) -> str:
    """A fact in words: what, who, when."""
    fields, kind = fact.fields, fact.fact
    frame = fields.get("frame") if kind == "received" else None
    said = [kind, *(str(fields[name]) for name in _TELLING if isinstance(fields.get(name), str))]
    about = behind(frame if frame is not None else fields)
    who = people.get(about or "", about)
    if frame is not None:
        said += [str(frame.get("type")), *([f"of {who}"] if who else []), f"at {fact.actor}"]
    elif who or fact.actor:
        said.append(f"of {who or fact.actor}")
    return f"{' '.join(said)} at {moment(fact.at)}"


def value_said(value: Any) -> str:
    """A value, short; a member is their reference."""
    if isinstance(value, Mapping) and isinstance(value.get("actor"), str):
        return str(value["actor"])
    said = repr(value)
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"


def why_of(compiler: Compiler, node: ast.expr) -> Value:
    """A function that says of a condition what it is worth, and by which value."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        parts = [(compiler.value(part), why_of(compiler, part)) for part in conjuncts(node)]

        def first(sight: Any, scene: Any) -> str:
            """The part that does not hold; all of it where it does."""
            for holds, why in parts:
                if not holds(sight, scene):
                    return str(why(sight, scene))
            return " and ".join(why(sight, scene) for _, why in parts)

        return first
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        sides = [(ast.unparse(one), compiler.value(one)) for one in (node.left, *node.comparators) if not _known(one)]
        return lambda sight, scene: ", ".join(f"{text} was {value_said(of(sight, scene))}" for text, of in sides)
    text, whole = ast.unparse(node), compiler.value(node)
    return lambda sight, scene: f"{text} was {value_said(whole(sight, scene))}"


def _known(node: ast.expr) -> bool:
    parts = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    return all(isinstance(one, ast.Constant) for one in parts)
