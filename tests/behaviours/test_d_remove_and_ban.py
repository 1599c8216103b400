"""Section D: removing somebody, keeping them out, and what that must not touch."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
import websockets

from tests.behaviours.cast import OPEN, admit, knock, names_inside, names_waiting, row_of, types
from tests.wire import Server

pytestmark = pytest.mark.anyio


async def test_nobody_removes_over_http_without_a_token_of_this_meeting(server: Server) -> None:
    """No token, an invented one, a participant's session, another meeting's host token; and after the end not even the own.

    behaviour D67
    """
    meeting, other = await server.meeting(**OPEN), await server.meeting()
    async with meeting.host(), meeting.guest() as mia:
        for token in (None, "host_0123456789", mia.session, other.made["host_token"]):
            async with server.http(token) as http:
                answer = await http.post(f"/meetings/{meeting.id}/controls/remove", json={"participant": mia.id})
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised")
        assert types(await mia.settle()) == []
        await meeting.control("end")
        late = await meeting.control("remove", participant=mia.id)
        assert (late.status_code, late.json()["code"]) == (409, "ended")


@pytest.mark.parametrize(
    "sent",
    [
        {"content": b'{"participant": "%s"}', "headers": {"content-type": "text/plain"}},
        {"content": b""},
        {"json": {}},
        {"json": {"participant": None}},
        {"json": {"participant": "%s", "participants": ["%s"]}},
        {"json": ["%s"]},
    ],
    ids=["wrong content type", "empty body", "no target", "null target", "two targets", "no object"],
)
async def test_a_removal_that_does_not_say_whom_is_malformed_and_removes_nobody(
    server: Server, sent: dict[str, Any]
) -> None:
    """The shape is judged before anything else happens.

    behaviour D68
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host(), meeting.guest() as mia:
        body = json.dumps(sent["json"]).encode() if "json" in sent else sent["content"]
        headers = {"content-type": "application/json", **sent.get("headers", {})}
        async with server.http(meeting.made["host_token"]) as http:
            answer = await http.post(
                f"/meetings/{meeting.id}/controls/remove",
                content=body.replace(b"%s", mia.id.encode()),
                headers=headers,
            )
        assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
        assert answer.headers["content-type"] == "application/problem+json"
        assert await names_inside(meeting) == ["Host", "Mia"]


async def test_a_removal_over_http_really_takes_the_person_out(server: Server) -> None:
    """The answer carries the event, the count falls, those inside are told, the socket closes.

    behaviour D70
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Pia") as pia, meeting.guest("Mia") as mia:
        answer = await meeting.control("remove", participant=mia.id)
        assert answer.status_code == 200
        assert [(event["type"], event["participant"]) for event in answer.json()["events"]] == [("removed", mia.id)]
        assert answer.json()["seq"] == answer.json()["events"][-1]["seq"]
        assert (await mia.closed())[0] == 4500
        assert await names_inside(meeting) == ["Host", "Pia"]
        for witness in (host, pia):
            assert (await witness.event("removed"))["participant"] == mia.id


async def test_a_removal_is_recorded_as_one_and_never_as_leaving(server: Server) -> None:
    """With who did it and why; a person who does leave is the control.

    behaviour D71
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        await host.ask("remove", participant=mia.id)
        await mia.closed()
        await ben.ask("leave")
        await host.event("left")
        removed, left = await meeting.journal("removed", "left", "reconnecting")
        assert (removed["type"], removed["participant"], removed["by"]) == ("removed", mia.id, host.id)
        assert (removed["because"]["rule"], removed["because"]["asked_by"]) == ("remove", host.id)
        assert (left["type"], left["participant"]) == ("left", ben.id)


async def test_a_cohost_who_is_not_inside_any_more_removes_nobody(server: Server) -> None:
    """The right goes with the seat. The holder of the host token is the control: it acts from anywhere.

    behaviour D73
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Cora") as cora, meeting.guest("Mia") as mia:
        await admit(host, cora, mia)
        await host.ask("make_cohost", participant=cora.id)
        await host.ask("put_in_waiting_room", participant=cora.id)
        assert await cora.refused("remove", participant=mia.id) == "not_inside"
        assert await names_inside(meeting) == ["Host", "Mia"]
        await host.ask("leave")
        assert (await meeting.control("remove", participant=mia.id)).status_code == 200
        assert (await mia.closed())[0] == 4500


async def test_whoever_was_removed_but_may_return_can_be_let_in_again(server: Server) -> None:
    """Through the waiting room, like anybody; somebody removed for good is the control.

    behaviour D74
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        await admit(host, mia, ben)
        await host.ask("remove", participant=mia.id, may_return=True)
        await host.ask("remove", participant=ben.id)
        async with meeting.guest("Mia") as again, meeting.connect() as never:
            assert again.place == "waiting"
            assert await never.refused("join", **knock(meeting, "Ben")) == "removed"
            await admit(host, again)


async def test_a_participant_removes_nobody_not_even_themself(server: Server) -> None:
    """Host, another participant, oneself: the same refusal, and everybody is still there.

    behaviour D76
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        for target in (host, ben, mia):
            assert await mia.refused("remove", participant=target.id) == "not_host"
        assert await names_inside(meeting) == ["Host", "Mia", "Ben"]


async def test_a_cohost_cannot_remove_themself_nor_another_cohost_until_that_one_is_none(server: Server) -> None:
    """Equal and higher ranks are protected; after the demotion it works.

    behaviour D77
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Cora") as cora, meeting.guest("Dan") as dan:
        await host.ask("make_cohost", participant=cora.id)
        await host.ask("make_cohost", participant=dan.id)
        for target in (cora, dan, host):
            assert await cora.refused("remove", participant=target.id) == "protected"
        await host.ask("revoke_cohost", participant=dan.id)
        await cora.ask("remove", participant=dan.id)
        assert (await dan.closed())[0] == 4500
        assert await names_inside(meeting) == ["Host", "Cora"]


async def test_what_a_removed_person_still_sends_has_no_effect(server: Server) -> None:
    """Their connection speaks for nobody from the removal on: not a line, not a reaction, not a refusal either.

    behaviour D79
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Pia") as pia, meeting.guest("Mia") as mia:
        await mia.ask("chat", text="before")
        await pia.event("message", text="before")
        await host.send("remove", participant=mia.id)
        with contextlib.suppress(websockets.ConnectionClosed):
            for _ in range(100):
                await mia.send("react", kind="applause")
                await mia.ask("chat", text="between")
        assert mia.socket.close_code == 4500
        seen = await pia.settle()
        removed = types(seen).index("removed")
        assert types(seen[removed:]) == ["removed"]
        kept = [event["type"] for event in await meeting.journal()]
        assert kept[-1] == "removed"


async def test_by_address_only_where_the_meeting_says_so_a_removal_keeps_new_devices_out(server: Server) -> None:
    """By default a neighbour behind the same address gets in; with ``address`` among the matches nobody from there does.

    behaviour D80
    """
    for match, refused in ((["device"], False), (["device", "address"], True)):
        meeting = await server.meeting(**OPEN, removal={"match": match})
        async with meeting.host() as host, meeting.guest("Mia", address="203.0.113.5") as mia:
            await host.ask("remove", participant=mia.id)
            neighbour = knock(meeting, "Nia", device="another device", address="203.0.113.5")
            async with meeting.connect() as nia, meeting.guest("Far", address="198.51.100.9") as far:
                assert far.place == "inside"
                if refused:
                    assert await nia.refused("join", **neighbour) == "removed"
                else:
                    await nia.ask("join", **neighbour)
                    assert nia.place == "inside"


async def test_a_removed_person_receives_nothing_more_and_does_not_get_back_in(server: Server) -> None:
    """Before the removal media and chat do arrive, and a control goes on receiving in the same window.

    Neither the device under another name nor the session opens the meeting again.

    behaviour D83
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Pia") as control, meeting.guest("Mia") as mia:
        await host.ask("set_audio", on=True)
        await host.send("media", kind="audio", n=1)
        await mia.event("media", n=1)
        await host.ask("remove", participant=mia.id)
        await host.send("media", kind="audio", n=2)
        await host.ask("chat", text="after")
        await control.event("media", n=2)
        await control.event("message", text="after")
        code, frames = await mia.closed()
        assert (code, types(frames)) == (4500, [])
        async with meeting.connect() as again, meeting.connect() as back:
            renamed = knock(meeting, "Somebody else", device="device of Mia")
            assert await again.refused("join", **renamed) == "removed"
            session = {"session": mia.session, "epoch": mia.epoch, "after": 1}
            assert await back.refused("resume", **session) == "removed"
            assert [(await one.closed())[0] for one in (again, back)] == [4503, 4503]
        assert await names_inside(meeting) == ["Host", "Pia"]


async def test_by_whichever_door_somebody_is_removed_every_list_stops_showing_them(server: Server) -> None:
    """The lists over HTTP, the picture of whoever joins next, and the events of those who were there.

    behaviour D88
    """
    for door in ("socket", "http"):
        meeting = await server.meeting(**OPEN)
        async with meeting.host() as host, meeting.guest("Pia") as pia, meeting.guest("Mia") as mia:
            assert (await row_of(meeting, mia))["name"] == "Mia"
            if door == "socket":
                await host.ask("remove", participant=mia.id)
            else:
                await meeting.control("remove", participant=mia.id)
            await pia.event("removed", participant=mia.id)
            assert await names_inside(meeting) == ["Host", "Pia"]
            assert await names_waiting(meeting) == []
            async with meeting.guest("New") as new:
                assert [row["name"] for row in new.view["participants"]] == ["Host", "Pia", "New"]


async def test_whoever_left_reads_nothing_of_the_time_they_were_away(server: Server) -> None:
    """The session is over with the leaving, and a new one begins with the new admission; somebody who stayed is the control.

    behaviour D92
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Pia") as pia, meeting.guest("Mia") as mia:
        await host.ask("chat", text="while she was here")
        await mia.event("message")
        await mia.ask("leave")
        await host.ask("chat", text="while she was away")
        await pia.event("message", text="while she was away")
        async with meeting.connect() as back:
            session = {"session": mia.session, "epoch": mia.epoch, "after": 1}
            assert await back.refused("resume", **session) == "resume_lost"
            assert (await back.closed())[0] == 4002
        async with meeting.guest("Mia") as again:
            assert again.view["messages"] == []
