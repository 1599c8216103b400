"""Section H, of breakout rooms."""

from __future__ import annotations

import pytest

from tests.behaviours.cast import OPEN, types
from tests.wire import Client, Frame, Server

pytestmark = pytest.mark.anyio


async def in_room(client: Client, room: str | None) -> None:
    """Receives until a view says that this person is there."""

    def there(frame: Frame) -> bool:
        return frame["type"] == "view" and frame["view"]["me"].get("room") == room

    await client.until(there)


async def test_a_participant_who_opens_a_breakout_room_is_refused_and_nobody_hears_of_it(server: Server) -> None:
    """behaviour H149"""
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia:
        await host.settle()
        assert await mia.refused("open_breakout_rooms", rooms=[{"name": "one"}]) == "not_host"
        assert types(await host.settle()) == []


async def test_hosts_spread_and_move_people_over_rooms_and_bring_all_back(server: Server) -> None:
    """What is said in a room stays there; who moves gets a fresh view without it.

    behaviour H151
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Noah") as noah:
        rooms = [{"name": "one", "participants": [mia.id]}, {"name": "two"}]
        await host.ask("open_breakout_rooms", rooms=rooms)
        assert (await host.refused("open_breakout_rooms", rooms=[{"name": "one"}])) == "conflict"
        await in_room(mia, "one")
        await noah.settle()
        await mia.ask("chat", text="among us")
        assert [frame for frame in await noah.settle() if frame["type"] == "message"] == []
        await host.ask("join_breakout_room", room="one", participant=noah.id)
        await in_room(noah, "one")
        assert noah.view["messages"] == []
        await mia.ask("chat", text="welcome")
        assert (await noah.event("message"))["text"] == "welcome"
        await noah.ask("leave_breakout_room")
        await host.ask("close_breakout_rooms")
        await in_room(mia, None)
        assert await mia.refused("join_breakout_room", room="one") == "conflict"


async def test_a_suspend_brings_everybody_back_and_nobody_goes_again(server: Server) -> None:
    """behaviour H151"""
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia:
        await host.ask("open_breakout_rooms", rooms=[{"name": "one", "participants": [mia.id]}])
        await in_room(mia, "one")
        await host.ask("suspend")
        await in_room(mia, None)
        assert await mia.refused("join_breakout_room", room="one") == "suspended"
        assert [row.get("room") for row in (await meeting.get("/participants"))["participants"]] == [None, None]
