"""Attacks on roles, on the wire: participants who try the host's controls, and cohosts who try more than is theirs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attacks.stage import OPEN, every_command, together, types
from tests.wire import Server

pytestmark = pytest.mark.anyio

OWN = {
    *("annotate", "chat", "media", "raise_hand", "react", "rename", "report", "set_audio", "set_profile_picture"),
    *("set_video", "start_recording", "start_share", "stop_recording", "stop_share"),
}
"""What people do for themselves; everything else is a control of hosts."""
OWNERS = {"start", "end", "set_region_rule", "make_cohost", "revoke_cohost"}
"""What a cohost may not do."""


async def test_a_participant_can_use_no_control_of_hosts(server: Server) -> None:
    """Each control is refused by itself, nobody hears of it, the journal does not grow, and the settings stay.

    attack D01
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Control") as (host, mia, control):
        await control.ask("set_audio", on=True)
        await host.settle()
        last, settings = (await meeting.journal())[-1]["seq"], await meeting.get("")
        before = len(host.frames), len(control.frames)
        controls = {name: fields for name, fields in every_command(control.id).items() if name not in OWN}
        assert len(controls) == 27
        for command, fields in controls.items():
            assert await mia.refused(command, **fields) == "not_host", command
        assert await mia.refused("rename", participant=control.id, name="Stupid") == "not_host"
        assert await mia.refused("stop_share", participant=control.id) == "not_host"
        await host.settle()
        await control.settle()
        assert types(host.frames[before[0] :]) == ["reply"]
        assert types(control.frames[before[1] :]) == ["reply"]
        assert (await meeting.journal())[-1]["seq"] == last
        assert await meeting.get("") == settings


async def test_a_participant_cannot_make_themself_more(server: Server) -> None:
    """Neither a field of join, nor a control aimed at oneself, nor a resume gives a role.

    attack D01
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia") as (_, mia):
        for command in ("make_cohost", "admit", "revoke_cohost"):
            assert await mia.refused(command, participant=mia.id) == "not_host"
        assert await mia.refused("allow", activity="record", allowed=True, participant=mia.id) == "not_host"
        async with meeting.connect() as client:
            for more in ({"role": "cohost"}, {"is_host": True}, {"bars": []}):
                fields: dict[str, Any] = {"name": "Eve", "passcode": meeting.made["passcode"], **more}
                assert await client.refused("join", **fields) == "malformed"
        (_, row) = (await meeting.get("/participants"))["participants"]
        assert row["role"] == "participant"


async def test_a_cohost_can_neither_touch_the_host_nor_own_the_meeting(server: Server) -> None:
    """The host is protected against everybody who was promoted, and ending the meeting stays with the owner.

    attack D03
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Control") as (host, mia, control):
        await host.ask("make_cohost", participant=mia.id)
        await host.ask("set_audio", on=True)
        await host.ask("set_video", on=True)
        await control.event("video_changed")
        before = len(control.frames)
        for command in ("remove", "put_in_waiting_room", "mute", "stop_video", "stop_share"):
            assert await mia.refused(command, participant=host.id) == "protected", command
        assert await mia.refused("rename", participant=host.id, name="Nobody") == "protected"
        for activity in ("audio", "chat", "share"):
            assert await mia.refused("allow", activity=activity, allowed=False, participant=host.id) == "protected"
        for command in OWNERS:
            assert await mia.refused(command, **every_command(control.id)[command]) == "not_host", command
        await control.settle()
        assert types(control.frames[before:]) == ["reply"]
        rows = (await meeting.get("/participants"))["participants"]
        assert [(row["role"], row["audio"], row["video"]) for row in rows if row["id"] == host.id] == [
            ("host", True, True)
        ]


async def test_a_cohost_cannot_touch_another_cohost(server: Server) -> None:
    """Those of one rank are protected from each other, by name and by the controls that concern all.

    attack D03
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Noa", "Control") as (host, mia, noa, control):
        for person in (mia, noa):
            await host.ask("make_cohost", participant=person.id)
        for person in (host, noa, control):
            await person.ask("set_audio", on=True)
        for command in ("remove", "put_in_waiting_room", "mute", "stop_video"):
            assert await mia.refused(command, participant=noa.id) == "protected", command
        await mia.ask("mute_all")
        muted = await control.event("audio_changed", on=False)
        assert (muted["participant"], muted["by"]) == (control.id, mia.id)
        rows = (await meeting.get("/participants"))["participants"]
        assert {row["name"]: row["audio"] for row in rows} == {
            "Host": True,
            "Mia": False,
            "Noa": True,
            "Control": False,
        }


async def test_revoking_takes_effect_at_once_and_gives_back_no_more_than_before(server: Server) -> None:
    """Who was a cohost a moment ago can use no control any more, not even with commands that were under way.

    attack D03
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Control") as (host, mia, control):
        await host.ask("allow", activity="share", allowed=False, participant=mia.id)
        await host.ask("make_cohost", participant=mia.id)
        await mia.ask("start_share")
        await mia.ask("stop_share")
        await host.ask("revoke_cohost", participant=mia.id)
        assert await mia.refused("remove", participant=control.id) == "not_host"
        assert await mia.refused("start_share") == "not_permitted"
        await mia.settle()
        assert (mia.view["me"]["role"], mia.view["me"]["bars"], mia.view["waiting"]) == ("participant", ["share"], [])
        assert "settings" not in mia.view["meeting"]


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("set_audio", {"on": False, "participant": "{control}"}),
        ("set_video", {"on": False, "participant": "{control}"}),
        ("media", {"kind": "audio", "n": 1, "from": "{control}"}),
        ("chat", {"text": "I am stupid", "from": "{control}"}),
        ("chat", {"text": "I am stupid", "from_": "{control}"}),
        ("waiting_room_chat", {"text": "I am stupid", "from": "{control}"}),
        ("mute", {"participant": "{control}"}),
        ("mute_all", {}),
        ("stop_video", {"participant": "{control}"}),
    ],
    ids=str,
)
async def test_nobody_is_muted_or_spoken_for_through_the_signalling_path(
    server: Server, command: str, fields: dict[str, Any]
) -> None:
    """The server sets the sender; a frame that names another as its sender or its subject is refused and has no effect.

    attack D05
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Control") as (_, mia, control):
        await control.ask("set_audio", on=True)
        await control.ask("set_video", on=True)
        await mia.ask("set_audio", on=True)
        await control.event("audio_changed", participant=mia.id)
        before = len(control.frames)
        said = {name: control.id if value == "{control}" else value for name, value in fields.items()}
        assert await mia.refused(command, **said) in {"malformed", "not_host"}
        # What is allowed carries the name of who sent it.
        await mia.send("media", kind="audio", n=7)
        await mia.ask("chat", text="this is Mia")
        await control.event("message")
        assert [(frame["type"], frame["from"]) for frame in control.frames[before:]] == [
            ("media", mia.id),
            ("message", mia.id),
        ]


async def test_nobody_can_unmute_somebody_else(server: Server) -> None:
    """A host can ask; whoever is asked stays muted until they unmute themself.

    attack D06
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Control") as (host, mia, control):
        assert await host.refused("set_audio", on=True, participant=mia.id) == "malformed"
        assert await host.refused("set_video", on=True, participant=mia.id) == "malformed"
        for extra in ({"on": True}, {"audio": True}, {"unmute": True}):
            assert await host.refused("mute", participant=mia.id, **extra) == "malformed"
        for token in (None, server.admin_token):
            response = await meeting.control("set_audio", token=token, participant=mia.id, on=True)
            assert response.status_code == 404
        await host.ask("ask_to_unmute", participant=mia.id)
        await mia.event("asked_to_unmute")
        await control.settle()
        assert not {"audio_changed", "asked_to_unmute"} & set(types(control.frames))
        await mia.ask("set_audio", on=True)
        await control.event("audio_changed", participant=mia.id, on=True)


async def test_a_host_changes_nothing_that_is_a_persons_own(server: Server) -> None:
    """Hand, picture, reactions, chat and recording have no owner but the person; a host can only rename and stop.

    attack D08
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Control") as (host, mia, control):
        before = len(control.frames)
        for command, fields in (
            ("set_profile_picture", {"on": True}),
            ("raise_hand", {"up": True}),
            ("react", {"kind": "applause"}),
            ("start_share", {}),
            ("start_recording", {}),
            ("leave", {}),
        ):
            assert await host.refused(command, participant=mia.id, **fields) == "malformed", command
        await control.settle()
        assert types(control.frames[before:]) == ["reply"]
