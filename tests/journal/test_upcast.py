"""Older event versions are brought to the current one, step by step, wherever rows are read."""

from typing import Any

import pytest

from meetingsim.journal import Journal, Row
from meetingsim.journal.upcast import UPCASTS, upcast

from .samples import NOON

OLD = Row(1, NOON, "waved", 1, {"hand": "left", "deep": {"n": [1]}}, {"rule": "wave"}, {"to": "all"})


def second(data: dict[str, Any]) -> dict[str, Any]:
    data["deep"]["n"].append(2)
    data["side"] = data.pop("hand")
    return data


def third(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "both": False}


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(UPCASTS, ("waved", 1), second)
    monkeypatch.setitem(UPCASTS, ("waved", 2), third)


NEW = Row(
    1,
    NOON,
    "waved",
    3,
    {"side": "left", "deep": {"n": [1, 2]}, "both": False},
    {"rule": "wave"},
    {"to": "all"},
)


@pytest.mark.usefixtures("steps")
def test_each_step_brings_a_row_one_version_on() -> None:
    assert upcast(OLD) == NEW


@pytest.mark.usefixtures("steps")
def test_a_row_half_way_takes_the_steps_that_are_left() -> None:
    half_way = Row(1, NOON, "waved", 2, {"side": "left"}, None, {})
    assert upcast(half_way) == Row(1, NOON, "waved", 3, {"side": "left", "both": False}, None, {})


@pytest.mark.usefixtures("steps")
def test_the_row_that_was_stored_stays_as_it_was() -> None:
    row = Row(1, NOON, "waved", 1, {"hand": "left", "deep": {"n": [1]}}, None, {})
    upcast(row)
    assert row.data == {"hand": "left", "deep": {"n": [1]}}


@pytest.mark.usefixtures("steps")
@pytest.mark.parametrize(("kind", "v"), [("waved", 3), ("nodded", 1)])
def test_a_row_without_a_step_is_handed_back_itself(kind: str, v: int) -> None:
    row = Row(1, NOON, kind, v, {}, None, {})
    assert upcast(row) is row


@pytest.mark.anyio
@pytest.mark.usefixtures("steps")
async def test_reading_a_journal_upcasts_each_time(journal: Journal) -> None:
    await journal.append("m", 0, [OLD])
    assert await journal.read("m") == [NEW]
    assert await journal.read("m") == [NEW]
