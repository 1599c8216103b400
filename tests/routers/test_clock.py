"""A clock that is moved by hand: everything due happens once, in order, and is over when the answer comes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from meetingsim.clock import BEGINNING, ManualClock
from meetingsim.state.plain import instant
from tests.wire import Server, running

pytestmark = pytest.mark.anyio
OPEN = {"waiting_room": {"enabled": False}}
DAY = 86_400_000


@pytest.fixture(scope="module")
def manual() -> Iterator[Server]:
    """A server whose time stands still."""
    with running(clock="manual", seed=3) as server:
        yield server


async def advance(server: Server, by: str) -> dict[str, Any]:
    async with server.http(server.admin_token) as http:
        response = await http.post("/clock", json={"advance": by})
        return dict(response.json())


async def test_seven_days_over_graces_tickets_and_limits(manual: Server) -> None:
    before = manual.world.clock.now()
    meeting = await manual.meeting(**OPEN)
    old = await meeting.ticket("Zoe")
    async with meeting.host() as host:
        people = []
        async with manual.http(manual.admin_token) as http:
            said = {"name": "Pupil", "count": 5}
            people = (await http.post(f"/meetings/{meeting.id}/people", json=said)).json()["people"]
            for number, one in enumerate(people):
                path = f"/meetings/{meeting.id}/people/{one['participant']}/commands/drop"
                assert (await http.post(path)).status_code == 200
                await advance(manual, f"{number}s")
        for _ in range(10):
            async with meeting.connect() as client:
                assert await client.refused("join", name="Guess", passcode="wrong") == "wrong_passcode"
        async with meeting.connect() as client:
            assert await client.refused("join", name="Guess", passcode="wrong") == "rate_limited"
        said = await advance(manual, "7d")
        assert said["fired"] >= 5
        assert said["now"] == instant(before + 7 * DAY + 10_000)
        left = await meeting.journal("left")
        assert [event["participant"] for event in left] == [one["participant"] for one in people], "in order, each once"
        assert [event["at"] for event in left] == sorted(event["at"] for event in left)
        for _ in left:
            await host.event("left")
        async with meeting.connect() as client:
            assert await client.refused("join", name="Guess", passcode="wrong") == "wrong_passcode"
        async with meeting.connect() as zoe:
            await zoe.ask("join", name="Zoe", ticket=old)
        await advance(manual, "24d")
        async with meeting.connect() as late:
            assert await late.refused("join", name="Late", ticket=old) == "ticket_invalid"
    assert (await advance(manual, "1d"))["fired"] >= 1, "the host's grace"


async def test_waiting_for_events_ends_with_the_clocks_time_and_not_before(manual: Server) -> None:
    meeting = await manual.meeting(**OPEN)
    after = (await meeting.journal())[-1]["seq"]
    polled = asyncio.create_task(meeting.get("/events", after=after, wait="10s"))
    while not manual.world.clock._due:  # type: ignore[attr-defined]  # the poll has asked the clock by then
        await asyncio.sleep(0.01)
    await advance(manual, "9s")
    assert not polled.done()
    await advance(manual, "1s")
    assert (await polled)["events"] == []


async def test_a_first_frame_is_waited_for_in_real_time(manual: Server) -> None:
    meeting = await manual.meeting(**OPEN)
    async with meeting.connect() as client:
        await advance(manual, "1h")
        assert await client.refused("join", name="Mia", passcode="wrong") == "wrong_passcode", "the socket is open"


@pytest.mark.parametrize("wrong", ["", "7", "7w", "-1d", "1.5h", "3661d", "999999999d"])
async def test_what_is_no_time_moves_nothing(manual: Server, wrong: str) -> None:
    before = manual.world.clock.now()
    assert (await advance(manual, wrong))["code"] == "malformed"
    assert manual.world.clock.now() == before


async def test_a_real_clock_is_not_moved(server: Server) -> None:
    assert (await advance(server, "1d"))["code"] == "conflict"


async def test_what_is_due_fires_in_order_also_where_it_asks_for_more() -> None:
    clock, fired = ManualClock(), list[tuple[str, int]]()

    def note(name: str) -> None:
        fired.append((name, clock.now() - BEGINNING))

    def again() -> None:
        note("first")
        clock.call_at(clock.now() + 5, lambda: note("second"))

    clock.call_at(BEGINNING + 20, lambda: note("third"))
    clock.call_at(BEGINNING + 20, lambda: note("fourth"))
    clock.call_at(BEGINNING + 10, again)
    clock.call_at(BEGINNING + 12, lambda: note("never")).cancel()
    clock.call_at(BEGINNING + 31, lambda: note("later"))
    assert await clock.advance(30) == 4
    assert fired == [("first", 10), ("second", 15), ("third", 20), ("fourth", 20)]
    assert clock.now() == BEGINNING + 30
