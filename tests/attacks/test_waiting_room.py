"""Attacks on the waiting room, on the wire: what those who wait must not receive, a control client does."""

from __future__ import annotations

import pytest

from tests.wire import Server

pytestmark = pytest.mark.anyio


async def test_someone_waiting_receives_nothing_of_the_meeting(server: Server) -> None:
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Control") as control:
        await host.ask("admit", participant=control.id)
        await control.placed("inside")
        before = len(mia.frames)
        await host.ask("set_audio", on=True)
        await host.send("media", kind="audio", n=1)
        await host.ask("chat", text="members only")
        await host.ask("start_share")
        await control.event("share_started")
        heard = {frame["type"] for frame in control.frames}
        assert {"audio_changed", "media", "message", "share_started"} <= heard
        await host.ask("waiting_room_chat", text="one moment", to=mia.id)
        await mia.event("waiting_room_message")
        assert [frame["type"] for frame in mia.frames[before:]] == ["waiting_room_message"]
