"""Section A: what the waiting room's gate lets through, and what passes it unseen."""

from __future__ import annotations

import json

import pytest

from tests.behaviours.cast import OPEN, admit, drop, knock, names_inside, names_waiting, resumed, types
from tests.wire import Server

pytestmark = pytest.mark.anyio


async def test_someone_who_was_not_approved_is_told_that_they_wait(server: Server) -> None:
    """Never a silent drop: a picture that says where one is, then the answer; the hosts are told why.

    behaviour A1
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.connect() as mia:
        reply = await mia.ask("join", **knock(meeting))
        assert reply["ok"]
        assert types(mia.frames) == ["view", "reply"]
        assert mia.view["me"]["place"] == "waiting"
        assert mia.view["me"]["position"] == 1
        assert not any(right is True for right in mia.view["me"]["allowed"].values())
        told = await host.event("joined_waiting_room", participant=mia.id)
        assert told["person"]["why"] == "waiting_room"


async def test_someone_waiting_is_told_of_the_very_waiting_room_that_was_set_up(server: Server) -> None:
    """There is no second room to go to: the sign over the one there is comes with the first picture.

    behaviour A2
    """
    sign = {"title": "The corridor", "description": "Camera on, please.", "show_topic": True}
    meeting = await server.meeting(waiting_room=sign)
    async with meeting.host() as host, meeting.guest() as mia:
        assert mia.view["meeting"] == {
            "id": meeting.id,
            "status": "started",
            "waiting_room": {"title": "The corridor", "description": "Camera on, please.", "topic": "Class 6"},
        }
        assert host.view["meeting"]["waiting_room"].items() >= sign.items()


async def test_nobody_enters_without_a_name_by_any_credential(server: Server) -> None:
    """The socket stays open for another try.

    behaviour A5
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.connect() as host, meeting.connect() as mia:
        token = meeting.made["host_token"]
        assert await host.refused("join", name="", host_token=token) == "name_required"
        await host.ask("join", name="Host", host_token=token)
        assert await mia.refused("join", **knock(meeting, "\u200b ")) == "name_required"
        await mia.ask("join", **knock(meeting))
        assert await names_inside(meeting) == ["Host", "Mia"]


async def test_without_a_waiting_room_whoever_shows_the_passcode_enters(server: Server) -> None:
    """Nobody has to approve, and there is nothing to knock at.

    behaviour A7, C58
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest() as mia:
        assert mia.place == "inside"
        joined = await host.event("joined", participant=mia.id)
        assert joined["person"]["role"] == "participant"
        assert (await meeting.journal("joined"))[-1]["because"]["rule"] == "open"
        assert "joined_waiting_room" not in types(host.frames)


async def test_a_role_cannot_be_claimed_at_the_door(server: Server) -> None:
    """Neither in the join, nor by another meeting's host token, nor by having been a cohost a moment ago.

    behaviour A8, B46
    """
    meeting, other = await server.meeting(), await server.meeting()
    async with meeting.host() as host, meeting.connect() as mia:
        assert await mia.refused("join", **knock(meeting), role="host") == "malformed"
        await mia.ask("join", **knock(meeting))
        await admit(host, mia)
        await host.ask("make_cohost", participant=mia.id)
        await mia.until(lambda frame: frame["type"] == "view")
        assert mia.view["me"]["role"] == "cohost"
        await mia.ask("leave")
        async with meeting.guest() as again, meeting.connect() as stranger:
            assert (again.place, again.view["me"]["role"]) == ("waiting", "participant")
            assert await again.refused("admit", participant=again.id) == "not_inside"
            token = other.made["host_token"]
            assert await stranger.refused("join", name="Eve", host_token=token) == "unauthorised"
            assert (await stranger.closed())[0] == 4503


async def test_whoever_was_admitted_is_never_asked_for_the_passcode_again(server: Server) -> None:
    """Not even where it changed while they waited, nor after their connection dropped.

    behaviour A10
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest() as mia:
        async with server.http(meeting.made["host_token"]) as http:
            changed = await http.patch(f"/meetings/{meeting.id}", json={"settings": {"passcode": "another"}})
            assert changed.status_code == 200
        await host.ask("admit", participant=mia.id)
        await mia.placed("inside")
        async with meeting.connect() as late:
            assert await late.refused("join", **knock(meeting, "Late")) == "wrong_passcode"
        await drop(mia, host)
        async with resumed(meeting, mia) as back:
            await back.ask("chat", text="here again")
            assert await names_inside(meeting) == ["Host", "Mia"]


async def test_the_right_passcode_opens_the_door_and_never_skips_the_waiting_room(server: Server) -> None:
    """A passcode is known to many; whoever shows it has still to be let in. The host token is the control.

    behaviour A11
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest() as mia:
        assert host.place == "inside"
        assert mia.place == "waiting"
        assert await mia.refused("chat", text="hello") == "not_inside"
        assert await names_inside(meeting) == ["Host"]


async def test_those_who_wait_never_learn_of_one_another(server: Server) -> None:
    """Coming, going, being denied: only the hosts are told. Whoever moves up learns a number.

    behaviour A13
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        async with meeting.guest("Cem") as cem:
            await cem.ask("leave")
        await host.ask("deny", participant=mia.id)
        await ben.until(lambda frame: frame["type"] == "view")
        await ben.settle()
        told = json.dumps(ben.frames)
        assert ben.view["me"]["position"] == 1
        assert not [one for one in (mia.id, "Mia", cem.id, "Cem") if one in told]
        assert set(types(ben.frames)) == {"view", "reply"}
        await mia.closed()
        told = json.dumps(mia.frames)
        assert not [one for one in (ben.id, "Ben", cem.id, "Cem") if one in told]
        knocked = [frame["person"]["name"] for frame in host.frames if frame["type"] == "joined_waiting_room"]
        assert knocked == ["Mia", "Ben", "Cem"]


async def test_a_line_from_the_waiting_room_reaches_the_hosts_alone(server: Server) -> None:
    """Neither those who wait beside the writer nor the participants inside get it, and it cannot be sent to them.

    behaviour A14
    """
    meeting = await server.meeting()
    async with (
        meeting.host() as host,
        meeting.guest("Cora") as cohost,
        meeting.guest("Pia") as pia,
        meeting.guest("Mia") as mia,
        meeting.guest("Ben") as ben,
    ):
        await admit(host, cohost, pia)
        await host.ask("make_cohost", participant=cohost.id)
        await ben.settle()
        await pia.settle()
        await mia.ask("waiting_room_chat", text="It is me, Mia")
        for reader in (host, cohost):
            line = await reader.event("waiting_room_message", text="It is me, Mia")
            assert (line["from"], line["to"]) == (mia.id, "hosts")
        for wanted in (ben.id, pia.id, "everyone", host.id):
            assert await mia.refused("waiting_room_chat", text="psst", to=wanted) == "not_permitted"
        assert types(await ben.settle()) == []
        assert types(await pia.settle()) == []


async def test_the_waiting_room_outlives_the_last_host(server: Server) -> None:
    """Those who wait go on waiting while nobody is inside, and the host finds them on coming back.

    behaviour A16
    """
    meeting = await server.meeting()
    async with meeting.guest() as mia:
        async with meeting.host() as host:
            await mia.placed("waiting")
            await host.ask("leave")
            assert (await host.closed())[0] == 1000
        assert types(await mia.settle()) == []
        assert await names_inside(meeting) == []
        async with meeting.host() as host:
            assert [row["name"] for row in host.view["waiting"]] == ["Mia"]
            await admit(host, mia)
        assert await names_waiting(meeting) == []


async def test_an_admission_never_carries_the_passcode(server: Server) -> None:
    """From the knock to the inside no frame has it; the host, who owns it, is the control.

    behaviour A17
    """
    meeting = await server.meeting(passcode="three-blue-herons")
    async with meeting.host() as host, meeting.guest() as mia:
        await admit(host, mia)
        await host.ask("lock")
        await mia.event("locked")
        assert "three-blue-herons" in json.dumps(host.frames)
        assert "three-blue-herons" not in json.dumps(mia.frames)
