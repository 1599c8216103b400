"""What an expectation needs of the target, and which rules of policies it depends on that no host could follow."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Final

from meetingsim.scenarios.expressions import Expression, parse
from meetingsim.scenarios.naming import commands_of
from meetingsim.scenarios.plan import Expectation
from meetingsim.scenarios.trace import Trace
from meetingsim.scenarios.vocabulary import CAUSED_BY, FACTS
from meetingsim.state.controls import EVENTS

_OF_SERVER: Final = frozenset({"report_filed", "mail_sent"})
"""Facts that come of the server beside its journal."""
_ABILITY: Final = {"server": "crash"}
"""What a target calls the ability that a step needs, where that is another word."""


def lacks(expectation: Expectation, trace: Trace) -> str | None:
    """Why the target cannot show whether an expectation holds; None where it can."""
    expressions = list(_expressions(expectation))
    facts = {fact: None for one in expressions for fact in _facts_of(one) if fact in FACTS}
    wanting = "client" if expectation.view == "client" or "received" in facts or expectation.each == "client" else None
    if wanting is not None and wanting not in trace.views:
        return "the target does not show what clients receive"
    if "server" not in trace.views:
        if any(fact in EVENTS for fact in facts) and "client" not in trace.views:
            return "the target shows neither its journal nor what clients receive"
        if any(fact in _OF_SERVER for fact in facts):
            return f"the target does not show {next(fact for fact in facts if fact in _OF_SERVER)}"
        if any(_asks_why(one) for one in expressions):
            return "the target does not show why something happened"
    return _unable([*facts], expressions, trace.lacking)


def _unable(facts: list[str], expressions: list[Expression], lacking: Mapping[str, str]) -> str | None:
    for fact in facts:
        causes = [_ABILITY.get(one, one) for one in sorted(CAUSED_BY.get(fact, ()))]
        if causes and all(cause in lacking for cause in causes):
            return f"{fact}: {lacking[causes[0]]}"
    for one in expressions:
        for command in commands_of(one.text):
            if command in lacking:
                return f"{command}: {lacking[command]}"
    return None


def _expressions(expectation: Expectation) -> Iterator[Expression]:
    scope = expectation.scope
    texts = [expectation.after, scope.after if scope else None, scope.until if scope else None]
    texts += [expectation.eventually, expectation.never, expectation.always]
    yield from (parse(text) for text in texts if text)
    if expectation.each and (read := _read_as_fact(expectation.each)) is not None:
        yield read


def _read_as_fact(text: str) -> Expression | None:
    """A name with an index is no expression: it names people."""
    try:
        return parse(text)
    except ValueError:
        return None


def _facts_of(expression: Expression) -> Iterator[str]:
    if expression.fact is not None:
        yield expression.fact
    for call in _calls(expression):
        if isinstance(call.func, ast.Name) and call.func.id == "rate" and isinstance(call.args[0], ast.Name):
            yield call.args[0].id


def _calls(expression: Expression) -> Iterator[ast.Call]:
    if expression.predicate is not None:
        yield from (node for node in ast.walk(expression.predicate) if isinstance(node, ast.Call))


def _asks_why(expression: Expression) -> bool:
    nodes = ast.walk(expression.predicate) if expression.predicate is not None else ()
    return any(
        (isinstance(node, ast.Name) and node.id == "because")
        or (isinstance(node, ast.Attribute) and node.attr == "because")
        for node in nodes
    )


def oracles_in(expectation: Expectation, oracles: Mapping[str, str]) -> tuple[str, ...]:
    """The rules with an oracle that an expectation speaks of: those that it names, or all where it names none."""
    found: dict[str, None] = {}
    for one in _expressions(expectation):
        if one.fact != "rule_fired":
            continue
        nodes = ast.walk(one.predicate) if one.predicate is not None else ()
        texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        found |= dict.fromkeys(sorted((texts & {*oracles}) if texts else oracles))
    return tuple(found)
