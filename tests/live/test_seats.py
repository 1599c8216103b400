"""Making, deleting, loading and stopping meetings: no two writers, nothing left waiting, one clear line for bad data."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from meetingsim.chance import Chance
from meetingsim.geo.database import GeoDatabaseError
from meetingsim.journal.memory import MemoryJournal
from meetingsim.journal.protocol import JournalUnavailable
from meetingsim.live.asks import Ask
from meetingsim.live.seats import Seats
from meetingsim.opening import DATABASE, close_world, make_world
from meetingsim.settings import ServerSettings
from meetingsim.state.control import Asker, Refuse
from meetingsim.state.controls.lock import Lock
from meetingsim.state.settings import Settings
from tests.hand_clock import HandClock
from tests.live.storms import Storm, come_true, here

pytestmark = pytest.mark.anyio


@pytest.fixture
def journal() -> Storm:
    return Storm()


@pytest.fixture
async def seats(journal: Storm) -> AsyncIterator[Seats]:
    one = Seats(journal, HandClock(), Chance(1))
    yield one
    await one.close(4000)


async def make(seats: Seats, wanted: str | None = None) -> str:
    made = await seats.create("Class", "meeting", Settings(), by=Asker("admin"), wanted_id=wanted)
    return made.seat.meeting.id


async def refusal(awaitable: Any) -> str:
    with pytest.raises(Refuse) as caught:
        await awaitable
    return caught.value.refusal.code


async def test_two_at_the_same_moment_cannot_take_one_id(seats: Seats, journal: Storm) -> None:
    journal.hold()
    both = [asyncio.create_task(make(seats, "12345678901")) for _ in range(2)]
    await come_true(lambda: journal.held == 2)
    journal.let_go()
    made = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(one).__name__ for one in made) == ["Refuse", "str"]
    assert [seat.meeting.id for seat in seats.running()] == ["12345678901"]


async def test_an_id_that_chance_draws_twice_is_drawn_again(journal: Storm) -> None:
    async def first_id() -> str:
        seats = Seats(journal, HandClock(), Chance(7))
        try:
            return await make(seats)
        finally:
            await seats.close(4000)

    assert await first_id() != await first_id()


async def test_nobody_finds_a_meeting_before_it_is_stored_or_after_it_is_deleted(seats: Seats, journal: Storm) -> None:
    journal.hold()
    making = asyncio.create_task(make(seats, "12345678901"))
    await come_true(lambda: journal.held == 1)
    assert await refusal(seats.find("12345678901")) == "no_such_meeting"
    journal.let_go()
    await making
    seat = await seats.find("12345678901")
    await seats.delete("12345678901")
    assert await refusal(seats.find("12345678901")) == "no_such_meeting"
    assert await refusal(seats.delete("12345678901")) == "no_such_meeting"
    assert await journal.read("12345678901") == []
    outcome = await seat.ask(Ask(Lock(), Asker("admin"), "http"))
    assert outcome.refusal is not None
    assert await make(seats, "12345678901") == "12345678901"


async def test_a_meeting_that_the_journal_keeps_is_not_deleted(seats: Seats, journal: Storm) -> None:
    meeting = await make(seats)
    journal.failing_forgets = 1
    with pytest.raises(JournalUnavailable):
        await seats.delete(meeting)
    seat = await seats.find(meeting)
    assert (await seat.ask(Ask(Lock(), Asker("admin"), "http"))).refusal is None
    await seats.delete(meeting)
    assert await journal.meetings() == []


async def test_a_server_that_stops_takes_nothing_more(journal: Storm) -> None:
    seats = Seats(journal, HandClock(), Chance(1))
    meeting = await make(seats)
    await seats.close(4000)
    assert await refusal(seats.find(meeting)) == "unavailable"
    assert await refusal(make(seats)) == "unavailable"
    assert seats.running() == []


async def test_closing_ends_streams_and_long_polls_at_once() -> None:
    async with here(Storm()) as server:
        meeting = await server.meeting()
        poll = asyncio.create_task(meeting.get("/events", after=1, wait="60s"))
        seat = await server.world.seats.find(meeting.id)
        await come_true(lambda: bool(seat._news._waiters))
        async with asyncio.timeout(30):
            await server.world.seats.close(4000)
            assert (await poll)["events"] == []


async def test_whoever_comes_while_the_server_stops_is_sent_away_for_now() -> None:
    async with here() as server:
        meeting = await server.meeting()
        await server.world.seats.close(4000)
        async with meeting.connect() as late:
            assert await late.refused("join", name="Ben", passcode=meeting.made["passcode"]) == "unavailable"
            assert (await late.closed())[0] == 4004


async def test_a_row_of_a_newer_release_is_one_line(tmp_path: Path) -> None:
    world = await make_world(ServerSettings(data=tmp_path))
    made = await world.seats.create("Class", "meeting", Settings(), by=Asker("admin"))
    await close_world(world)
    with closing(sqlite3.connect(tmp_path / DATABASE)) as db:
        db.execute("UPDATE events SET type = 'teleported'")
        db.commit()
    with pytest.raises(JournalUnavailable) as caught:
        await make_world(ServerSettings(data=tmp_path))
    assert made.seat.meeting.id in str(caught.value)
    assert "\n" not in str(caught.value)
    with closing(sqlite3.connect(tmp_path / DATABASE)) as db:
        db.execute("UPDATE events SET type = 'created'")
        db.commit()
    # What failed to start let go of everything, so the same process can try again.
    await close_world(await make_world(ServerSettings(data=tmp_path)))


async def test_a_start_that_fails_leaves_nothing_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = MemoryJournal()
    monkeypatch.setattr("meetingsim.opening._journal", lambda data: journal)

    async def broken() -> list[str]:
        raise JournalUnavailable("gone")

    monkeypatch.setattr(journal, "meetings", broken)
    with pytest.raises(JournalUnavailable):
        await make_world(ServerSettings())
    with pytest.raises(JournalUnavailable, match="closed"):
        await journal.reports()
    with pytest.raises(GeoDatabaseError):
        await make_world(ServerSettings(anonymous_db=tmp_path / "missing.mmdb"))


async def test_two_servers_on_one_folder_is_one_line(tmp_path: Path) -> None:
    first = await make_world(ServerSettings(data=tmp_path))
    with pytest.raises(JournalUnavailable, match="a running server uses it") as caught:
        await make_world(ServerSettings(data=tmp_path))
    assert "\n" not in str(caught.value)
    await close_world(first)
    await close_world(first)
