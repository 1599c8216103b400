"""Section C: knocking, giving up, and knocking again."""

from __future__ import annotations

import pytest

from tests.behaviours.cast import admit, knock, names_inside, names_waiting
from tests.wire import Server

pytestmark = pytest.mark.anyio


async def test_an_uninvited_join_leads_to_waiting_and_nowhere_else(server: Server) -> None:
    """Whoever knocks has no seat inside: what people inside may do is refused to them.

    behaviour C59
    """
    meeting = await server.meeting()
    async with meeting.host(), meeting.guest() as mia:
        assert mia.place == "waiting"
        for command, fields in {"chat": {"text": "hi"}, "set_audio": {"on": True}, "raise_hand": {"up": True}}.items():
            assert await mia.refused(command, **fields) == "not_inside"
        assert await names_inside(meeting) == ["Host"]


async def test_a_second_knock_takes_the_place_of_the_first(server: Server) -> None:
    """It is allowed, and counts once: at the end of the queue, with nothing of the earlier thread.

    behaviour C61
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben"):
        await host.ask("waiting_room_chat", text="Are you Mia of class 6?", to=mia.id)
        await mia.event("waiting_room_message")
        async with meeting.guest("Mia") as again:
            assert (await mia.closed())[0] == 4003
            assert await names_waiting(meeting) == ["Ben", "Mia"]
            assert again.view["waiting_messages"] == []
            assert again.view["me"]["position"] == 2


async def test_whoever_gives_up_waiting_has_left_and_may_knock_again(server: Server) -> None:
    """A withdrawn knock is not a denial: nothing is counted against it.

    behaviour C62
    """
    meeting = await server.meeting(waiting_room={"denials": 1})
    async with meeting.host() as host:
        for _ in range(3):
            async with meeting.guest() as mia:
                await mia.ask("leave")
                assert (await mia.closed())[0] == 1000
                await host.event("left", participant=mia.id)
                assert await names_waiting(meeting) == []
        async with meeting.guest() as mia:
            await admit(host, mia)


async def test_whoever_was_let_in_cannot_knock_once_more_from_inside(server: Server) -> None:
    """And admitting them once more changes nothing and is no event.

    behaviour C64
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest() as mia:
        await admit(host, mia)
        assert await mia.refused("join", **knock(meeting)) == "conflict"
        assert "seq" not in await host.ask("admit", participant=mia.id)
        assert await names_inside(meeting) == ["Host", "Mia"]
        assert await names_waiting(meeting) == []


async def test_neither_a_member_nor_a_removed_person_can_knock(server: Server) -> None:
    """The one is inside already, the other is refused at the door and shown to the hosts as such.

    behaviour C65
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest() as mia:
        await admit(host, mia)
        assert await mia.refused("join", **knock(meeting)) == "conflict"
        await host.ask("remove", participant=mia.id)
        async with meeting.connect() as again:
            assert await again.refused("join", **knock(meeting)) == "removed"
            assert (await again.closed())[0] == 4503
        assert (await host.event("entry_refused"))["code"] == "removed"
        assert await names_waiting(meeting) == []
