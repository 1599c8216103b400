"""Attacks by guessing, on the wire: how many wrong credentials there may be, where, and what others notice of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from meetingsim.live.budgets import GUESSES
from tests.attacks.stage import OPEN, answer_at_door, knock, resumed, together, turned_away
from tests.hand_clock import HandClock
from tests.wire import Server, running

pytestmark = pytest.mark.anyio

HERE, ELSEWHERE = "198.51.100.7", "203.0.113.9"


async def test_ten_wrong_passcodes_a_minute_are_the_limit_there_alone() -> None:
    """After ten even the right passcode is refused from there; it works from elsewhere, elsewhere, and a minute later.

    attack A02
    """
    clock = HandClock()
    with running(clock) as server:
        meeting, other = await server.meeting(), await server.meeting()
        await meeting.control("start")
        for _ in range(GUESSES):
            assert await answer_at_door(meeting, passcode="wrong", address=HERE) == "wrong_passcode"
            await clock.advance(1_000)
        right = knock(meeting, "Right")
        assert await turned_away(meeting, **right, address=HERE) == ("rate_limited", 4004)
        # A second spelling of the address is the same address.
        assert await turned_away(meeting, **right, address=f"::ffff:{HERE}") == ("rate_limited", 4004)
        assert await answer_at_door(meeting, **right, address=ELSEWHERE) == "waiting"
        assert await answer_at_door(other, passcode=other.made["passcode"], address=HERE) == "early"
        await clock.advance(60_000 - GUESSES * 1_000 - 1)
        assert await turned_away(meeting, **right, address=HERE) == ("rate_limited", 4004)
        await clock.advance(1)
        assert await answer_at_door(meeting, **right, address=HERE) == "waiting"


async def test_guesses_side_by_side_are_all_counted() -> None:
    """Sixty sockets that guess at one moment get ten guesses, as one socket would.

    attack A02
    """
    with running(HandClock()) as server:
        meeting = await server.meeting()
        guesses = [str(number) for number in range(60)]
        heard = await asyncio.gather(*(answer_at_door(meeting, passcode=guess, address=HERE) for guess in guesses))
        assert sorted(heard) == ["rate_limited"] * 50 + ["wrong_passcode"] * GUESSES


async def test_guessing_locks_neither_the_host_nor_a_lost_connection_out() -> None:
    """The host token opens the door from an address that guessed too much, and a session goes on from there.

    attack A02
    """
    with running(HandClock()) as server:
        meeting = await server.meeting(**OPEN)
        async with meeting.guest("Mia", address=HERE) as mia, meeting.host(address=ELSEWHERE):
            await mia.placed("inside")
            for _ in range(GUESSES):
                assert await answer_at_door(meeting, passcode="wrong", address=HERE) == "wrong_passcode"
            assert await answer_at_door(meeting, passcode="wrong", address=HERE) == "rate_limited"
            assert await turned_away(meeting, name="Eve", host_token="host_guess", address=HERE) == (
                "rate_limited",
                4004,
            )
            async with resumed(meeting, mia, address=HERE) as back:
                await back.settle()
            async with meeting.host(address=HERE) as host:
                assert host.view["me"]["role"] == "host"


async def test_guesses_are_told_to_the_hosts_grouped_and_without_a_name() -> None:
    """A hundred wrong passcodes are one line for the host at once and one after ten seconds, and none for participants.

    attack A02
    """
    clock = HandClock()
    with running(clock, limits="off") as server:
        meeting = await server.meeting(**OPEN)
        async with together(meeting, "Mia") as (host, mia):
            for _ in range(100):
                assert await answer_at_door(meeting, name="Raider", passcode="wrong", address=HERE) == "wrong_passcode"
            await clock.advance(10_000)
            await host.settle()
            await mia.settle()
            told = [frame for frame in host.frames if frame["type"] == "entry_refused"]
            assert [(frame["code"], frame["count"]) for frame in told] == [
                ("wrong_passcode", 1),
                ("wrong_passcode", 99),
            ]
            assert not any("Raider" in str(frame) for frame in host.frames)
            assert not any(frame["type"] == "entry_refused" for frame in mia.frames)
            rows = await meeting.journal("entry_refused")
            assert [row["because"]["address"] for row in rows] == [HERE, None]


async def test_five_tries_at_the_door_and_the_socket_is_closed(server: Server) -> None:
    """Whatever of the refusals that allow another try are mixed, the fifth closes for good.

    attack A02
    """
    meeting = await server.meeting()
    tries: list[dict[str, Any]] = [
        {"name": "Mia"},
        {"name": "\u200b", "passcode": meeting.made["passcode"]},
        {"name": "x" * 65, "passcode": meeting.made["passcode"]},
        {"name": "Mia", "passcode": 123456},
        {"name": "Mia", "passcode": "wrong"},
    ]
    async with meeting.connect() as client:
        codes = [await client.refused("join", **fields) for fields in tries]
        assert codes == ["wrong_passcode", "name_required", "name_refused", "malformed", "wrong_passcode"]
        assert await client.closed() == (4503, [])
    async with meeting.connect() as client:
        for fields in tries[:-1]:
            await client.refused("join", **fields)
        await client.ask("join", **knock(meeting))
        assert client.place == "early"
