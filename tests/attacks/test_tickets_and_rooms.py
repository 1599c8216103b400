"""Attacks on personal links, and on what goes on in breakout rooms."""

from __future__ import annotations

from typing import Any

import pytest

from tests.wire import Server

pytestmark = pytest.mark.anyio
OPEN: dict[str, Any] = {"waiting_room": {"enabled": False}}


async def test_a_personal_link_that_is_posted_opens_the_meeting_for_nobody_else(server: Server) -> None:
    """The shared secret alone lets nobody in where personal links are on; the second use of a link is flagged.

    attack A06
    """
    meeting = await server.meeting(waiting_room={"who": "not_invited"})
    ticket = await meeting.ticket(single_use=True)
    async with meeting.host() as host, meeting.connect() as mia, meeting.guest("Raider") as raider:
        await mia.ask("join", name="Mia", ticket=ticket, device="laptop")
        assert (mia.place, raider.place) == ("inside", "waiting")
        async with meeting.connect() as eve:
            assert await eve.refused("join", name="Mia", ticket=ticket, device="other") == "ticket_used"
        assert (await host.event("ticket_flagged"))["participant"] == mia.id
        assert (await mia.ask("chat", text="still here"))["ok"]


async def test_nobody_without_the_right_to_the_meeting_is_given_a_link(server: Server) -> None:
    """attack A08"""
    school = await server.account()
    user = await school.user("Own", "own@school.example")
    meeting = await server.meeting(**OPEN)
    async with meeting.guest("Mia") as mia:
        for token in (None, mia.session, user, school.made["token"]):
            async with server.http(token) as http:
                answer = await http.post(f"/meetings/{meeting.id}/tickets", json={"name": "Eve"})
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised")


async def test_the_removed_are_given_no_new_ticket(server: Server) -> None:
    """attack C04"""
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.connect() as mia:
        await mia.ask("join", name="Mia", ticket=await meeting.ticket(email="mia@school.example"))
        await host.ask("remove", participant=mia.id)
        async with server.http(meeting.made["host_token"]) as http:
            said = {"name": "Mia again", "email": "MIA@school.example"}
            answer = await http.post(f"/meetings/{meeting.id}/tickets", json=said)
        assert (answer.status_code, answer.json()["code"]) == (403, "removed")


async def test_a_suspend_reaches_into_every_breakout_room_and_late_returners_too(server: Server) -> None:
    """One is in a room, one has dropped there and comes back after it: nobody is left behind, nobody may start anything.

    attack F02
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.connect() as late:
        async with meeting.guest("Noah") as noah:
            rooms = [{"name": "one", "participants": [mia.id, noah.id]}]
            await host.ask("open_breakout_rooms", rooms=rooms)
            await mia.until(lambda frame: frame["type"] == "view" and frame["view"]["me"].get("room") == "one")
            await mia.ask("set_video", on=True)
        await host.event("reconnecting", participant=noah.id)
        await host.ask("suspend")
        await mia.until(lambda frame: frame["type"] == "view" and "room" not in frame["view"]["me"])
        reply = await late.ask("resume", session=noah.session, epoch=noah.epoch, after=0)
        assert reply["ok"]
        assert "room" not in late.view["me"]
        for person in (mia, late):
            assert await person.refused("set_video", on=True) == "suspended"
            assert await person.refused("join_breakout_room", room="one") == "suspended"
        rows = (await meeting.get("/participants"))["participants"]
        assert [(row.get("room"), row["video"]) for row in rows] == [(None, False)] * 3
