"""What expressions are worth, over names that are handed in."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from meetingsim.scenarios.evaluation import CannotTell, evaluate, matches, value_of
from meetingsim.scenarios.expressions import parse

MIA = {"actor": "pupils[0]", "group": "pupils", "place": "inside", "room": None, "recording": False}
EVE = {"actor": "mob[7]", "group": "mob", "place": "waiting", "room": None, "recording": True}
NAMES: dict[str, Any] = {
    "actor": MIA,
    "text": "We are Class 6 of 2026",
    "code": "full",
    "n": 7,
    "suspended": ["audio", "chat"],
    "because": {"rule": "open", "country": None},
    "each": {"n": 7, "from": EVE},
    "frame": {"seq": 5, "view": {"me": {"position": 3}}},
    "truth": True,
    "nothing": None,
}


class Stage:
    """A scene of two people and three facts; before, everybody was one place further behind."""

    asked: tuple[str, int | None] | None = None

    def cast(self) -> Iterable[Mapping[str, Any]]:
        return [MIA, EVE]

    def facts(self, fact: str, within_ms: int | None) -> Iterable[Mapping[str, Any]]:
        self.asked = (fact, within_ms)
        return [{"actor": EVE}, {"actor": MIA}, {"actor": EVE}]

    def before(self, expression: ast.expr) -> Any:
        return value_of(expression, {**NAMES, "frame": {"view": {"me": {"position": 4}}}}, self)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("n == 7 and code == 'full'", True),
        ("n == 8 or code == 'full'", True),
        ("not n == 7", False),
        ("n != -7", True),
        ("3 < n <= 7", True),
        ("3 < n < 7", False),
        ("code in ['full', 'locked']", True),
        ("code not in ['full', 'locked']", False),
        ("'audio' in suspended", True),
        ("'Class' in text", True),
        ("'a' in nothing", False),
        ("'a' not in nothing", True),
        ("actor == 'pupils[0]'", True),
        ("'pupils[0]' == actor", True),
        ("actor != each.from", True),
        ("actor in [each.from, 'pupils[0]']", True),
        ("each.from == 'mob[7]'", True),
        ("n == each.n", True),
        ("actor.group == 'pupils'", True),
        ("actor.height", False),
        ("actor.height.unit == None", True),
        ("nothing.field == None", True),
        ("nothing < 1", False),
        ("nothing >= 1", False),
        ("truth == 1", False),
        ("truth", True),
        ("actor.room is None", True),
        ("actor.room is not None", False),
        ("matches(text, 'class 6')", True),
        ("matches(text, 'class * 2026')", True),
        ("matches(text, 'class 7')", False),
        ("matches(nothing, 'x')", False),
        ("has(because, 'rule', 'country')", True),
        ("has(because, 'rule', 'source')", False),
        ("has(nothing, 'rule')", False),
        ("count(actor.group == 'mob' and actor.recording) == 1", True),
        ("count(actor.place == 'left') == 0", True),
        ("count(actor != each.from) == 1", True),
        ("rate(accepted, actor.group == 'mob', '10s') == 2", True),
        ("rate(accepted, '10s') == 3", True),
        ("frame.view.me.position <= before(frame.view.me.position)", True),
        ("before(frame.view.me.position) < frame.view.me.position", False),
    ],
)
def test_what_holds(text: str, holds: bool) -> None:
    assert evaluate(parse(text), NAMES, Stage()) is holds


def test_a_fact_without_a_predicate_always_holds() -> None:
    assert evaluate(parse("suspended"), {}) is True


def test_the_window_of_a_rate_is_told_in_ms() -> None:
    stage = Stage()
    evaluate(parse("rate(accepted, '1m30s') > 1"), NAMES, stage)
    assert stage.asked == ("accepted", 90_000)


@pytest.mark.parametrize("text", ["code < 5", "'a' in n", "count(True) == 0"])
def test_what_cannot_be_told_is_no_answer(text: str) -> None:
    with pytest.raises(CannotTell):
        evaluate(parse(text), NAMES)


def test_a_name_that_is_missing_is_none_and_names_of_python_are_no_names() -> None:
    assert evaluate(parse("missing == None"), {}) is True
    assert evaluate(parse("joined where text.upper"), NAMES) is False


def test_matching_takes_its_parts_in_order_and_once() -> None:
    assert matches("abc", "a*c")
    assert not matches("abc", "c*a")
    assert not matches("ab", "ab*b")
    assert matches("anything", "*")
    assert not matches("a" * 100_000, "*".join("a" * 100) + "*b")
