"""Attacks on the waiting room, on the wire: what those who wait must not receive, a control client does."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from tests.attacks.stage import drop, every_command, knock, resumed, together, turned_away, types
from tests.hand_clock import HandClock
from tests.wire import Server, running

pytestmark = pytest.mark.anyio

WAITING_VIEW = {"me", "meeting", "waiting_messages"}


# Listening.


async def test_someone_waiting_receives_nothing_of_the_meeting(server: Server) -> None:
    """Everything that can happen inside happens; the control client hears all of it, the one who waits none.

    attack B01
    """
    meeting = await server.meeting()
    async with together(meeting, "Control", "Other") as (host, control, other), meeting.guest("Mia") as mia:
        before = len(mia.frames)
        await host.ask("set_audio", on=True)
        await host.send("media", kind="audio", n=1)
        await host.ask("set_video", on=True)
        await host.send("media", kind="video", n=1)
        await host.ask("chat", text="members only")
        await host.ask("chat", text="for you alone", to=control.id)
        await host.ask("start_share")
        await host.send("media", kind="share", n=1)
        for command in ("annotate", "stop_share", "start_recording", "stop_recording", "lock", "unlock"):
            await host.ask(command)
        await host.ask("react", kind="applause")
        await host.ask("raise_hand", up=True)
        await host.ask("set_profile_picture", on=True)
        await host.ask("rename", name="Teacher")
        await host.ask("make_cohost", participant=other.id)
        await host.ask("set_waiting_room", enabled=True, who="not_in_account")
        await host.ask("allow", activity="share", allowed=False)
        await host.ask("allow", activity="share", allowed=True)
        await meeting.control("report", participants=[control.id], issue="spam")
        async with meeting.guest("Late") as late:
            await host.ask("admit", participant=late.id)
        await host.ask("suspend")
        await host.ask("remove", participant=other.id)
        await control.event("removed")
        assert {
            *("audio_changed", "video_changed", "media", "message", "share_started", "share_stopped", "annotated"),
            *("recording_started", "recording_stopped", "locked", "unlocked", "reacted", "hand_changed", "renamed"),
            *("profile_picture_changed", "role_changed", "allowed", "disallowed", "admitted", "suspended", "removed"),
        } <= set(types(control.frames))
        await host.ask("waiting_room_chat", text="one moment", to=mia.id)
        await mia.event("waiting_room_message")
        assert types(mia.frames[before:]) == ["waiting_room_message"]


async def test_someone_waiting_sees_nothing_of_the_meeting_in_any_view(server: Server) -> None:
    """The view of those who wait has their own part alone: no name, no id, no country, no topic, no passcode, no setting.

    attack B02
    """
    meeting = await server.meeting(waiting_room={"title": "Please wait", "description": "Soon"})
    async with together(meeting, "Olga", country="DE") as (host, olga), meeting.guest("Mia") as mia:
        await host.ask("chat", text="secret plans")
        async with meeting.guest("Second") as second:
            await host.ask("rename", participant=mia.id, name="Mia 2")
            await mia.until(lambda frame: frame["type"] == "view" and frame["view"]["me"]["name"] == "Mia 2")
            async with resumed(meeting, mia) as back:
                views = [frame["view"] for frame in (*mia.frames, *back.frames) if frame["type"] == "view"]
                assert len(views) == 3
                for view in views:
                    assert view.keys() == WAITING_VIEW
                    assert view["meeting"] == {
                        "id": meeting.id,
                        "status": "started",
                        "waiting_room": {"title": "Please wait", "description": "Soon"},
                    }
                heard = str([*mia.frames, *back.frames])
        for secret in ("Olga", olga.id, "Host", host.id, "Second", second.id, "secret plans", "Class 6"):
            assert secret not in heard
        assert meeting.made["passcode"] not in heard
        assert "'DE'" not in heard


# Acting.


async def test_someone_waiting_can_do_nothing_in_the_meeting(server: Server) -> None:
    """Every command is refused by itself, nobody inside hears of it, and the journal does not grow.

    attack B03
    """
    meeting = await server.meeting()
    async with together(meeting, "Control") as (host, control), meeting.guest("Mia") as mia:
        await host.settle()
        last = (await meeting.journal())[-1]["seq"]
        before = len(control.frames), len(host.frames)
        for command, fields in every_command(host.id).items():
            if command != "waiting_room_chat":
                assert await mia.refused(command, **fields) == "not_inside", command
        for fields in ({"to": control.id}, {"to": host.id}, {"to": "everyone"}, {"to": mia.id}):
            assert await mia.refused("waiting_room_chat", text="let me in", **fields) == "not_permitted"
        await host.settle()
        await control.settle()
        assert types(control.frames[before[0] :]) == ["reply"]
        assert types(host.frames[before[1] :]) == ["reply"]
        assert (await meeting.journal())[-1]["seq"] == last
        await mia.ask("waiting_room_chat", text="let me in")
        assert (await host.event("waiting_room_message"))["from"] == mia.id


async def test_three_streams_of_chat_never_mix(server: Server) -> None:
    """The meeting's chat, and the thread of each person who waits, reach nobody of the other two, then or later.

    attack B05
    """
    meeting = await server.meeting()
    async with (
        together(meeting, "Control") as (host, control),
        meeting.guest("Mia") as mia,
        meeting.guest("Noa") as noa,
    ):
        await host.ask("chat", text="inside only")
        await mia.ask("waiting_room_chat", text="mia to hosts")
        await noa.ask("waiting_room_chat", text="noa to hosts")
        await host.ask("waiting_room_chat", text="only for mia", to=mia.id)
        await host.ask("waiting_room_chat", text="for all who wait")
        for person in (mia, noa, control, host):
            await person.settle()
        people = {"host": host, "control": control, "mia": mia, "noa": noa}
        told = {
            "inside only": {"host", "control"},
            "mia to hosts": {"host", "mia"},
            "noa to hosts": {"host", "noa"},
            "only for mia": {"host", "mia"},
            "for all who wait": {"host", "mia", "noa"},
        }
        for text, names in told.items():
            assert {name for name, person in people.items() if text in str(person.frames)} == names, text
        # The next one who waits is told nothing that was said before.
        async with meeting.guest("Next") as following:
            assert following.view["waiting_messages"] == []
            # And whoever is let in starts with an empty chat, and keeps their own thread.
            await host.ask("admit", participant=mia.id)
            await mia.placed("inside")
            assert mia.view["messages"] == []
            assert [line["text"] for line in mia.view["waiting_messages"]] == [
                "mia to hosts",
                "only for mia",
                "for all who wait",
            ]
            await host.ask("waiting_room_chat", text="after mia went in")
            await following.event("waiting_room_message")
            await mia.settle()
            assert "after mia went in" not in str(mia.frames)


async def test_what_a_second_knock_replaces_is_not_handed_on(server: Server) -> None:
    """Whoever knocks with the device of somebody who waits gets an empty thread at the end of the queue.

    attack B05
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Noa"):
        await host.ask("waiting_room_chat", text="your code is 77", to=mia.id)
        async with meeting.guest("Eve", device="device of Mia") as eve:
            assert (await mia.closed())[0] == 4003
            assert eve.id != mia.id
            assert (eve.view["waiting_messages"], eve.view["me"]["position"]) == ([], 2)
            await eve.settle()
            assert "your code is 77" not in str(eve.frames)


# Flooding.


async def test_thirty_knocks_of_one_device_are_one_entry(server: Server) -> None:
    """However often one device knocks, it has one row; the real guest keeps the first place and is let in.

    attack B07
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Mia") as mia, AsyncExitStack() as stack:
        for number in range(30):
            await stack.enter_async_context(meeting.guest(f"Raider {number}", device="one device"))
        rows = (await meeting.get("/waiting-room"))["waiting"]
        assert [row["name"] for row in rows] == ["Mia", "Raider 29"]
        await host.ask("admit", participant=mia.id)
        await mia.placed("inside")


async def test_a_flood_of_devices_fills_the_queue_and_no_more(server: Server) -> None:
    """The queue has a bound; who waits keeps their place, and the host can stop new knocks and still let guests in.

    attack B07
    """
    meeting = await server.meeting(waiting_room={"capacity": 5, "denials": 1})
    async with meeting.host() as host, meeting.guest("Mia") as mia, AsyncExitStack() as stack:
        raiders = [await stack.enter_async_context(meeting.guest(f"Raider {number}")) for number in range(4)]
        for number in range(4, 8):
            assert await turned_away(meeting, **knock(meeting, f"Raider {number}")) == ("full", 4004)
        assert len((await meeting.get("/waiting-room"))["waiting"]) == 5
        await host.ask("lock")
        for raider in raiders:
            await host.ask("deny", participant=raider.id)
            assert (await raider.closed())[0] == 4503
        assert await turned_away(meeting, **knock(meeting, "Raider 0")) == ("denied", 4503)
        assert await turned_away(meeting, **knock(meeting, "Raider 9")) == ("locked", 4004)
        await host.ask("admit", participant=mia.id)
        await mia.placed("inside")


# Ghosts and phantoms.


async def test_a_ghost_cannot_be_let_in_and_is_dropped_after_the_grace() -> None:
    """Whoever closed the tab is shown as reconnecting, admitting them is refused, and after the grace they are gone.

    attack B10
    """
    clock = HandClock()
    with running(clock, limits="off") as server:
        meeting = await server.meeting()
        async with meeting.host() as host, meeting.guest("Mia") as mia:
            await drop(mia, host)
            (row,) = (await meeting.get("/waiting-room"))["waiting"]
            assert row["place"] == "reconnecting"
            assert await host.refused("admit", participant=mia.id) == "not_waiting"
            await host.ask("admit_all")
            await clock.advance(29_999)
            assert len((await meeting.get("/waiting-room"))["waiting"]) == 1
            await clock.advance(1)
            await host.event("left", participant=mia.id)
            assert (await meeting.get("/waiting-room"))["waiting"] == []
            assert await host.refused("admit", participant=mia.id) == "not_waiting"
            assert [row["role"] for row in (await meeting.get("/participants"))["participants"]] == ["host"]


async def test_everybody_who_waits_is_on_every_hosts_list(server: Server) -> None:
    """Hosts who come late or come back see all who wait, and a reload keeps the entry and its place.

    attack B11
    """
    meeting = await server.meeting()
    async with together(meeting, "Later") as (host, later), meeting.guest("Mia") as mia, meeting.guest("Noa") as noa:
        waiting = [mia.id, noa.id]
        assert [row["id"] for row in (await meeting.get("/waiting-room"))["waiting"]] == waiting
        await host.ask("make_cohost", participant=later.id)
        await later.until(lambda frame: frame["type"] == "view")
        assert [row["id"] for row in later.view["waiting"]] == waiting
        await mia.socket.close()
        async with resumed(meeting, mia) as back, meeting.host() as again:
            assert back.view["me"]["position"] == 1
            assert [(row["id"], row["place"]) for row in again.view["waiting"]] == [
                (mia.id, "waiting"),
                (noa.id, "waiting"),
            ]
            await again.ask("admit", participant=mia.id)
            await back.placed("inside")


async def test_without_a_host_nobody_drifts_in(server: Server) -> None:
    """When the last host is gone nobody is promoted and nobody enters; the owner still acts over HTTP and is host again.

    attack B13
    """
    meeting = await server.meeting()
    async with together(meeting, "Control") as (host, control), meeting.guest("Mia") as mia:
        await host.ask("leave")
        await control.event("left", participant=host.id)
        async with meeting.guest("Noa") as noa:
            assert (mia.place, noa.place) == ("waiting", "waiting")
            assert await control.refused("admit", participant=mia.id) == "not_host"
            assert await mia.refused("admit", participant=mia.id) == "not_inside"
            rows = (await meeting.get("/participants"))["participants"]
            assert [(row["name"], row["role"]) for row in rows] == [("Control", "participant")]
            assert len((await meeting.get("/waiting-room"))["waiting"]) == 2
            assert (await meeting.control("admit", participant=mia.id)).status_code == 200
            await mia.placed("inside")
            async with meeting.host() as back:
                assert back.view["me"]["role"] == "host"
                assert [row["id"] for row in back.view["waiting"]] == [noa.id]


async def test_admit_all_lets_in_exactly_those_the_host_had_seen(server: Server) -> None:
    """With ``up_to`` a raider who knocks while the host decides is not swept in.

    attack B15
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Noa") as noa:
        seen = await host.event("origin_known", participant=noa.id)
        async with meeting.guest("Raider") as raider:
            await host.ask("admit_all", up_to=seen["seq"])
            await mia.placed("inside")
            await noa.placed("inside")
            await raider.settle()
            assert raider.place == "waiting"
            rows = (await meeting.get("/waiting-room"))["waiting"]
            assert [row["name"] for row in rows] == ["Raider"]
            await host.ask("admit_all")
            await raider.placed("inside")
