"""Section G: how far chat reaches, and what is barred for all but a few."""

from __future__ import annotations

import pytest

from tests.behaviours.cast import OPEN, row_of, types
from tests.wire import Server

pytestmark = pytest.mark.anyio


async def test_a_private_line_that_goes_round_the_room_is_refused_and_reaches_nobody(server: Server) -> None:
    """To somebody who waits, who left, who is in another meeting. To all, and to one inside, still works.

    behaviour G137
    """
    meeting, other = await server.meeting(), await server.meeting(**OPEN)
    async with (
        meeting.host() as host,
        meeting.guest("Ben") as ben,
        meeting.guest("Wim") as wim,
        meeting.guest("Mia") as mia,
        other.host(),
        other.guest("Out") as out,
    ):
        await host.ask("admit_all")
        for person in (ben, wim, mia):
            await person.placed("inside")
        await host.ask("put_in_waiting_room", participant=wim.id)
        await wim.placed("waiting")
        await mia.settle()
        assert await mia.refused("chat", text="psst", to=wim.id) == "not_inside"
        assert await mia.refused("chat", text="psst", to=out.id) == "no_such_participant"
        assert types(await wim.settle()) == []
        assert types(await out.settle()) == []
        assert await mia.refused("chat", text="psst", to=ben.id, **{"from": host.id}) == "malformed"
        await mia.ask("chat", text="hello all")
        await mia.ask("chat", text="hello Ben", to=ben.id)
        heard = [(one["text"], one["from"]) for one in await ben.settle() if one["type"] == "message"]
        assert heard == [("hello all", mia.id), ("hello Ben", mia.id)]
        assert [one["text"] for one in await host.settle() if one["type"] == "message"] == ["hello all"]
        await ben.ask("leave")
        assert await mia.refused("chat", text="psst", to=ben.id) == "not_inside"


async def test_unlocking_the_chat_for_one_person_frees_that_one_alone(server: Server) -> None:
    """The others stay as they are, and so does whoever comes later.

    behaviour G139
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        await host.ask("allow", activity="chat", allowed=False)
        await host.ask("allow", activity="chat", allowed=True, participant=mia.id)
        await mia.ask("chat", text="I may")
        async with meeting.guest("Late") as late:
            for person in (ben, late):
                assert await person.refused("chat", text="I may not") == "not_permitted"
        await ben.settle()
        assert [frame["text"] for frame in ben.frames if frame["type"] == "message"] == ["I may"]


async def test_where_private_chat_is_locked_one_can_still_write_to_a_host(server: Server) -> None:
    """To the hosts together, and to one of them by name; what the one gets the other participants do not.

    behaviour G140
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        await host.ask("allow", activity="chat", allowed="everyone")
        assert await mia.refused("chat", text="psst", to=ben.id) == "not_permitted"
        await mia.ask("chat", text="help", to="hosts")
        await mia.ask("chat", text="really", to=host.id)
        await host.event("message", text="help")
        await host.event("message", text="really")
        assert "message" not in types(await ben.settle())
        await mia.ask("chat", text="in public")
        await ben.event("message", text="in public")


async def test_locking_the_cameras_stops_the_participants_and_not_the_hosts(server: Server) -> None:
    """In one step for all, newcomers included; host and cohost stay visible and may start again.

    behaviour G142
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Cora") as cora, meeting.guest("Mia") as mia:
        await host.ask("make_cohost", participant=cora.id)
        for person in (host, cora, mia):
            await person.ask("set_video", on=True)
        await host.ask("allow", activity="video", allowed=False, stop=True)
        stopped = (await mia.event("disallowed"))["stopped"]
        assert stopped == [{"participant": mia.id, "activities": ["video"]}]
        assert [(await row_of(meeting, one))["video"] for one in (host, cora, mia)] == [True, True, False]
        async with meeting.guest("Late") as late:
            for person in (mia, late):
                assert await person.refused("set_video", on=True) == "not_permitted"
                assert await person.refused("media", kind="video", n=1) == "not_permitted"
        await cora.ask("set_video", on=False)
        await cora.ask("set_video", on=True)


async def test_mute_all_mutes_everybody_below_the_one_who_asks_and_nobody_else(server: Server) -> None:
    """Whoever shares is muted like the rest: sharing is no rank. Asked again nothing happens.

    behaviour G146
    """
    meeting = await server.meeting(**OPEN)
    async with (
        meeting.host() as host,
        meeting.guest("Cora") as cora,
        meeting.guest("Dan") as dan,
        meeting.guest("Mia") as mia,
        meeting.guest("Ben") as ben,
    ):
        everybody = (host, cora, dan, mia, ben)
        for cohost in (cora, dan):
            await host.ask("make_cohost", participant=cohost.id)
        for person in everybody:
            await person.ask("set_audio", on=True)
        await mia.ask("start_share")
        await cora.ask("mute_all")
        assert [(await row_of(meeting, one))["audio"] for one in everybody] == [True, True, True, False, False]
        assert "seq" not in await cora.ask("mute_all")
        await host.ask("mute_all")
        assert [(await row_of(meeting, one))["audio"] for one in everybody] == [True, False, False, False, False]
        muted = [event for event in await meeting.journal("audio_changed") if not event["on"]]
        assert [event["by"] for event in muted] == [cora.id, cora.id, host.id, host.id]
