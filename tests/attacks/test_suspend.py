"""Attacks on suspending, on the wire: what is in flight, what comes after, and whether it holds."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.stage import ACTIVITIES, OPEN, drop, fire, resumed, together, types, verdicts
from tests.wire import Client, Frame, Server, running

pytestmark = pytest.mark.anyio

NOISE: list[dict[str, Any]] = [
    {"type": "chat", "text": "hello"},
    {"type": "set_audio", "on": True},
    {"type": "media", "kind": "audio", "n": 1},
    {"type": "set_video", "on": True},
    {"type": "media", "kind": "video", "n": 1},
    {"type": "start_share"},
    {"type": "annotate"},
    {"type": "rename", "name": "Eve"},
    {"type": "set_profile_picture", "on": True},
    {"type": "start_recording"},
]
"""One of each activity, and the media that goes with it."""
STARTS = [one for one in NOISE if one["type"] != "media"]


def after(frames: list[Frame], suspended: Frame) -> list[Frame]:
    """Everything that a client got behind that frame."""
    return frames[frames.index(suspended) + 1 :]


def activity_of(frames: list[Frame], people: list[Client]) -> list[Frame]:
    """The frames by which these people do what a suspension stops; turning something off is not one."""
    ids = {person.id for person in people}
    return [
        frame
        for frame in frames
        if (frame["type"] in ACTIVITIES | {"media"})
        and {frame.get("participant"), frame.get("from")} & ids
        and frame.get("on", True)
    ]


async def test_nothing_of_a_participant_comes_after_a_suspend(server: Server) -> None:
    """With fifty commands of each raider in flight, none is accepted behind ``suspended`` and no client gets one.

    attack F01
    """
    meeting = await server.meeting(**OPEN, allow={"record": True})
    async with together(meeting, "Raider", "Second", "Control") as (host, one, two, control):
        raiders = [one, two]
        await control.ask("set_audio", on=True)
        await one.ask("chat", text="before")
        _, _, ref = await asyncio.gather(fire(one, NOISE * 5), fire(two, NOISE * 5), host.send("suspend"))
        suspended = await control.event("suspended")
        # A picture that is shown already is no new activity: that command is accepted and does nothing.
        new = [one for one in STARTS if one["type"] != "set_profile_picture"]
        late = [await fire(raider, new) for raider in raiders]
        assert (await host.reply(ref))["seq"] == suspended["seq"]
        for raider, refs in zip(raiders, late, strict=True):
            assert set(await verdicts(raider, refs)) == {"suspended"}
        for client in (host, control, *raiders):
            await client.settle()
            told = next(frame for frame in client.frames if frame["type"] == "suspended")
            assert told == suspended
            assert activity_of(after(client.frames, told), [*raiders, control]) == []
            assert all(
                frame["seq"] <= suspended["seq"] for frame in activity_of(client.frames, raiders) if "seq" in frame
            )
        # The replies say the same as the frames: what was accepted is before it, and something was.
        accepted = [frame["seq"] for raider in raiders for frame in raider.frames if frame.get("ok") and "seq" in frame]
        assert accepted
        assert max(accepted) < suspended["seq"]
        rows = await meeting.journal(*sorted(ACTIVITIES))
        assert max(row["seq"] for row in rows) < suspended["seq"]


async def test_what_was_before_a_suspend_is_delivered_and_then_stopped(server: Server) -> None:
    """Everybody is told who was stopped at what, in the one event, and every running stream is in it.

    attack F01
    """
    meeting = await server.meeting(**OPEN, allow={"record": True})
    async with together(meeting, "Mia", "Control") as (host, mia, control):
        refs = await fire(mia, STARTS)
        await mia.send("media", kind="audio", n=5)
        assert set(await verdicts(mia, refs)) == {"ok"}
        await mia.settle()
        await host.ask("suspend")
        suspended = await control.event("suspended")
        stopped = {row["participant"]: set(row["activities"]) for row in suspended["stopped"]}
        assert stopped == {mia.id: {"audio", "video", "share", "record"}}
        assert suspended["by"] == host.id
        assert "media" in types(control.frames)
        assert types(control.frames).index("media") < types(control.frames).index("suspended")
        assert await mia.refused("media", kind="audio", n=6) == "suspended"


async def test_suspending_twice_does_nothing_the_second_time(server: Server) -> None:
    """A second suspend is accepted without an event: nobody is muted again, the host's own stream goes on.

    attack F06
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Cohost") as (host, mia, cohost):
        await host.ask("make_cohost", participant=cohost.id)
        await host.ask("suspend")
        await mia.event("suspended")
        await host.ask("set_audio", on=True)
        last = (await meeting.journal())[-1]["seq"]
        before = len(mia.frames)
        for person in (host, cohost):
            assert "seq" not in await person.ask("suspend")
        response = await meeting.control("suspend")
        assert (response.status_code, response.json()["events"]) == (200, [])
        await mia.settle()
        assert types(mia.frames[before:]) == ["audio_changed", "reply"]
        assert (await meeting.journal())[-1]["seq"] == last


async def test_two_who_suspend_at_once_make_one_event(server: Server) -> None:
    """However many hosts press it in the same moment, each is told yes and the meeting is suspended once.

    attack F06
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Cohost") as (host, mia, cohost):
        await host.ask("make_cohost", participant=cohost.id)
        await asyncio.gather(host.send("suspend"), cohost.send("suspend"), meeting.control("suspend"))
        for person in (host, cohost, mia):
            await person.settle()
        assert types(mia.frames).count("suspended") == 1
        assert all(
            frame["ok"]
            for frame in host.frames[:-1] + cohost.frames[:-1]
            if frame["type"] == "reply" and "seq" in frame
        )
        assert len(await meeting.journal("suspended")) == 1


async def test_a_recording_stops_with_a_suspend_and_is_shown_as_stopped(server: Server) -> None:
    """Nobody goes on recording, in any view, and nobody but the hosts can start again.

    attack F07
    """
    meeting = await server.meeting(**OPEN, allow={"record": True})
    async with together(meeting, "Mia", "Control") as (host, mia, control):
        await mia.ask("start_recording")
        await host.ask("suspend")
        suspended = await control.event("suspended")
        assert suspended["stopped"] == [{"participant": mia.id, "activities": ["record"]}]
        assert await mia.refused("start_recording") == "suspended"
        async with meeting.host() as again:
            assert not any(row["recording"] for row in again.view["participants"])
            await again.ask("start_recording")
            await control.event("recording_started", participant=again.id)


async def test_a_host_who_drops_right_after_suspending_leaves_it_in_force(server: Server) -> None:
    """The suspension is the meeting's and not the connection's: it waits for nobody to come back.

    attack F08
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Control") as (host, mia, control):
        await host.send("suspend")
        await control.event("suspended")
        await drop(host, control)
        for command in STARTS:
            fields = {name: value for name, value in command.items() if name != "type"}
            assert await mia.refused(command["type"], **fields) == "suspended"
        async with meeting.host() as back:
            assert set(back.view["meeting"]["suspended"]) >= {"audio", "video", "chat", "share", "rename"}
            assert back.view["meeting"]["locked"]


async def test_a_suspension_survives_a_restart(tmp_path: Path) -> None:
    """After the server went down and came up, those who resume find everything barred, and nothing runs.

    attack F08
    """
    data = tmp_path / "data"
    with running(limits="off", data=data) as server:
        meeting = await server.meeting(**OPEN)
        async with together(meeting, "Mia") as (host, mia):
            await mia.ask("set_audio", on=True)
            await host.ask("suspend")
            await mia.event("suspended")
    with running(limits="off", data=data) as server:
        meeting.server = server
        meeting.made["socket_url"] = f"ws{server.url.removeprefix('http')}/api/v1/meetings/{meeting.id}/socket"
        async with resumed(meeting, mia) as back:
            await back.settle()
            for command in STARTS:
                fields = {name: value for name, value in command.items() if name != "type"}
                assert await back.refused(command["type"], **fields) == "suspended"
            async with meeting.host() as host:
                assert host.view["meeting"]["locked"]
                assert not any(row["audio"] for row in host.view["participants"])


@pytest.mark.parametrize("who", ["participant", "waiting", "stranger"])
async def test_nobody_but_hosts_can_suspend(server: Server, who: str) -> None:
    """It is refused by the asker's place, and nobody is stopped.

    attack F09
    """
    meeting = await server.meeting()
    async with together(meeting, "Control") as (host, control), meeting.guest("Mia") as mia:
        await control.ask("set_audio", on=True)
        if who == "participant":
            await host.ask("admit", participant=mia.id)
            await mia.placed("inside")
            assert await mia.refused("suspend") == "not_host"
        elif who == "waiting":
            assert await mia.refused("suspend") == "not_inside"
        else:
            async with server.http("host_of_another") as client:
                response = await client.post(f"/meetings/{meeting.id}/controls/suspend", json={})
                assert (response.status_code, response.json()["code"]) == (401, "unauthorised")
        await control.settle()
        assert "suspended" not in types(control.frames)
        rows = (await meeting.get("/participants"))["participants"]
        assert next(row for row in rows if row["id"] == control.id)["audio"]


@pytest.mark.parametrize("way", ["resume", "rejoin", "waiting room", "asked to unmute"])
async def test_there_is_no_way_around_a_suspend(server: Server, way: str) -> None:
    """Neither a new connection, nor another entry, nor an earlier permission gets anything back but one unmute when asked.

    attack F01, attack F09
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia") as (host, mia):
        await host.ask("allow", activity="record", allowed=True, participant=mia.id)
        await host.ask("ask_to_unmute", participant=mia.id)
        await host.ask("suspend")
        await mia.event("suspended")
        if way == "resume":
            await drop(mia, host)
            async with resumed(meeting, mia) as back:
                await all_refused(back)
        elif way == "rejoin":
            await host.ask("unlock")
            await mia.ask("leave")
            async with meeting.guest("Mia") as back:
                await all_refused(back)
        elif way == "waiting room":
            await host.ask("put_in_waiting_room", participant=mia.id)
            await mia.placed("waiting")
            await host.ask("admit", participant=mia.id)
            await mia.placed("inside")
            await all_refused(mia)
        else:
            await all_refused(mia)
            await host.ask("ask_to_unmute", participant=mia.id)
            await mia.ask("set_audio", on=True)
            await mia.ask("set_audio", on=False)
            await all_refused(mia)


async def all_refused(person: Client) -> None:
    """Every start is refused as suspended."""
    assert set(await verdicts(person, await fire(person, STARTS))) == {"suspended"}
