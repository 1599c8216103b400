"""Frames and events come by different ways; they are told in an order that fits the journal."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from meetingsim.targets import holding
from meetingsim.targets.holding import Holding, read
from tests.targets.listener import Told

pytestmark = pytest.mark.anyio


class Way:
    """A holding with the ways in front of it."""

    def __init__(self) -> None:
        self.told = Told()
        self.failed: list[str] = []
        self.holding = Holding(self.told, self.failed.append)

    def frame(self, line: int, **frame: Any) -> None:
        payload = json.dumps(frame).encode()
        self.holding.came(line, payload, read(payload))

    def events(self, *seqs: int) -> None:
        for seq in seqs:
            self.holding.happened({"type": "locked", "seq": seq})

    @property
    def order(self) -> list[Any]:
        return [
            told[-1].get("seq", told[-1].get("type")) if told[0] != "closed" else told[-1] for told in self.told.all
        ]


async def test_a_frame_waits_for_its_event_and_all_of_its_line_with_it() -> None:
    way = Way()
    way.events(1)
    way.frame(5, type="view", seq=1)
    way.frame(5, type="locked", seq=2)
    way.frame(5, type="media")
    way.frame(6, type="media")
    way.holding.closed(5, 4500, "removed")
    assert way.order == [1, 1, "media"]
    assert not way.holding.empty
    way.events(2)
    assert way.order == [1, 1, "media", 2, 2, "media", 4500]
    assert way.holding.empty


async def test_of_several_events_each_is_followed_by_its_own_frames() -> None:
    way = Way()
    way.frame(5, type="locked", seq=1)
    way.frame(6, type="locked", seq=1)
    way.frame(5, type="unlocked", seq=2)
    way.events(1, 2)
    assert [told[0] for told in way.told.all] == ["happened", "came", "came", "happened", "came"]


async def test_the_other_side_ends_a_line_after_the_event_that_says_why() -> None:
    way = Way()
    way.events(1)
    way.frame(5, type="locked", seq=1)
    way.holding.closed_there(5, 4003, "replaced")
    way.holding.closed_there(6, 4500, "removed")
    assert way.order == [1, 1]
    way.events(2)
    assert way.order == [1, 1, 2, 4003, 4500]
    assert way.holding.empty


async def test_where_no_event_says_why_a_line_ended_it_ends_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "SOON", 0.01)
    way = Way()
    way.events(1)
    way.holding.closed_there(5, 4001, "too slow")
    way.frame(6, type="locked", seq=2)
    way.holding.closed_there(6, 4003, "replaced")
    way.holding.closed_there(7, 4003, "replaced")
    way.holding.forget(7)
    await asyncio.sleep(0.03)
    assert way.order == [1, 4001]
    way.events(2)
    assert way.order == [1, 4001, 2, 2, 4003]
    way.holding.losing = True
    way.holding.closed_there(8, 1006, "")
    assert way.order[-1] == 1006


async def test_what_is_held_of_a_forgotten_line_is_not_told() -> None:
    way = Way()
    way.frame(5, type="locked", seq=1)
    way.frame(6, type="locked", seq=1)
    way.holding.forget(5)
    way.events(1)
    assert [told[1] for told in way.told.all[1:]] == [6]


async def test_a_line_may_be_cut_by_whoever_is_told_of_it() -> None:
    way = Way()
    way.frame(5, type="locked", seq=1)
    way.frame(5, type="unlocked", seq=1)

    def came(line: int, payload: bytes) -> None:
        way.told.all.append(("came", line, read(payload)))
        way.holding.forget(line)

    way.told.came = came  # type: ignore[method-assign]
    way.events(1)
    assert way.order == [1, 1]


async def test_an_event_that_does_not_come_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "LATE", 0.01)
    way = Way()
    way.frame(5, type="locked", seq=3)
    await asyncio.sleep(0.03)
    assert len(way.failed) == 1
    assert "event 3" in way.failed[0]
    assert "ends at 0" in way.failed[0]


async def test_one_that_came_in_time_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "LATE", 0.01)
    way = Way()
    way.frame(5, type="locked", seq=3)
    way.events(3)
    await asyncio.sleep(0.03)
    assert way.failed == []


async def test_what_was_lost_or_forgotten_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "LATE", 0.01)
    way = Way()
    way.frame(5, type="locked", seq=3)
    way.frame(6, type="locked", seq=3)
    way.holding.forget(6)
    way.holding.lose()
    way.holding.losing = False
    await asyncio.sleep(0.03)
    assert way.failed == []


async def test_what_is_on_the_wire_when_the_server_dies_is_lost_and_ends_are_told() -> None:
    way = Way()
    way.frame(5, type="locked", seq=1)
    way.holding.closed(5, 4500, "removed")
    way.holding.lose()
    assert way.order == [4500]
    way.frame(6, type="locked", seq=1)
    way.frame(6, type="media")
    way.holding.closed(6, 1006, "")
    assert way.order == [4500, "media", 1006]
    way.holding.losing = False
    way.events(1)
    way.frame(7, type="locked", seq=1)
    assert way.order == [4500, "media", 1006, 1, 1]


@pytest.mark.parametrize("rubbish", [b"\xff", b"[1]", b"{", b"null"])
async def test_what_is_no_frame_is_told_as_it_is(rubbish: bytes) -> None:
    assert read(rubbish) == {}
