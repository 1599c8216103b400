"""Attacks on content, on the wire: what was locked, barred or limited and is sent all the same."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.attacks.stage import (
    ACTIVITIES,
    OPEN,
    drop,
    fire,
    knock,
    together,
    turned_away,
    types,
    verdicts,
)
from tests.hand_clock import HandClock
from tests.wire import Client, Frame, Server, running

pytestmark = pytest.mark.anyio

DOING: dict[str, dict[str, dict[str, Any]]] = {
    "audio": {"set_audio": {"on": True}},
    "video": {"set_video": {"on": True}},
    "share": {"start_share": {}},
    "annotate": {"annotate": {}},
    "record": {"start_recording": {}},
    "rename": {"rename": {"name": "Eve"}},
    "profile_picture": {"set_profile_picture": {"on": True}},
    "chat": {"chat": {"text": "hello"}},
}
"""How each activity is done."""


def of(frames: list[Frame], person: Client) -> list[str]:
    """The kinds of frames that say somebody did something."""
    return [frame["type"] for frame in frames if person.id in {frame.get("participant"), frame.get("from")}]


# Locks.


@pytest.mark.parametrize("activity", DOING)
@pytest.mark.parametrize("aimed", [False, True], ids=["for all", "for one"])
async def test_a_bar_is_enforced_by_the_server(server: Server, activity: str, aimed: bool) -> None:
    """Sent by force from a client that ignores its buttons, a barred activity is refused and reaches nobody.

    attack E02
    """
    meeting = await server.meeting(**OPEN, allow={"record": True})
    async with together(meeting, "Mia", "Control") as (host, mia, control):
        whom = {"participant": mia.id} if aimed else {}
        await host.ask("allow", activity=activity, allowed=False, **whom)
        await control.settle()
        before = len(control.frames)
        for command, fields in DOING[activity].items():
            assert await mia.refused(command, **fields) == "not_permitted"
        if activity in {"audio", "video", "share"}:
            assert await mia.refused("media", kind=activity, n=1) == "not_permitted"
        await control.settle()
        assert of(control.frames[before:], mia) == []
        # The host may, so that it was the bar that stopped it.
        for command, fields in DOING[activity].items():
            await host.ask(command, **fields)
            await control.until(lambda frame: frame["type"] in ACTIVITIES)


async def test_there_is_no_grace_after_a_lock(server: Server) -> None:
    """Of fifty lines in flight those that the server put behind the bar are refused, each by its own reply.

    attack E01
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Noa", "Control") as (host, mia, noa, control):
        lines = [{"type": "chat", "text": f"line {number}"} for number in range(50)]
        await mia.ask("chat", text="before")
        refs, _, more = await asyncio.gather(
            fire(mia, lines), host.send("allow", activity="chat", allowed=False), fire(noa, lines)
        )
        barred = await control.event("disallowed", activity="chat")
        refs += await fire(mia, lines[:5])
        said, also = await verdicts(mia, refs), await verdicts(noa, more)
        assert set(said) <= {"ok", "not_permitted"}
        assert said[-5:] == ["not_permitted"] * 5
        await host.settle()
        await control.settle()
        heard = [frame["seq"] for frame in control.frames if frame["type"] == "message"]
        assert len(heard) == 1 + (said + also).count("ok")
        assert max(heard) < barred["seq"]
        assert [row["seq"] for row in await meeting.journal("message")] == heard


@pytest.mark.parametrize(
    ("level", "reached"),
    [("nobody", set()), ("hosts", {"hosts", "host"}), ("everyone", {"hosts", "host", "everyone"})],
)
async def test_a_chat_level_is_enforced_for_every_address(server: Server, level: str, reached: set[str]) -> None:
    """Whatever a line is addressed to, it goes no further than the level lets it.

    attack E02
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Control") as (host, mia, control):
        await host.ask("allow", activity="chat", allowed=level)
        addresses = {"everyone": "everyone", "hosts": "hosts", "host": host.id, "control": control.id}
        for name, to in addresses.items():
            if name in reached:
                await mia.ask("chat", text=f"to {name}", to=to)
            else:
                assert await mia.refused("chat", text=f"to {name}", to=to) == "not_permitted"
        await host.settle()
        await control.settle()
        assert {frame["text"][3:] for frame in host.frames if frame["type"] == "message"} == reached
        assert {frame["text"][3:] for frame in control.frames if frame["type"] == "message"} == reached & {"everyone"}


async def test_a_bar_on_one_person_outlives_leaving_the_room_for_the_waiting_room(server: Server) -> None:
    """Being put back and let in again, dropping and resuming do not wash a bar off.

    attack E02
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia") as (host, mia):
        await host.ask("allow", activity="chat", allowed=False, participant=mia.id)
        await host.ask("put_in_waiting_room", participant=mia.id)
        await mia.placed("waiting")
        await host.ask("admit", participant=mia.id)
        await mia.placed("inside")
        assert await mia.refused("chat", text="hello") == "not_permitted"


# Floods.


async def test_a_flood_is_stopped_at_the_rate_and_the_socket_stays() -> None:
    """Forty commands at once, then twenty a second; the others are not slowed and the host still reaches every control.

    attack E06
    """
    clock = HandClock()
    with running(clock) as server:
        meeting = await server.meeting(**OPEN)
        async with meeting.host() as host, meeting.guest("Control") as control, meeting.guest("Mia") as mia:
            lines = [{"type": "chat", "text": "spam"}] * 100
            assert sorted(await verdicts(mia, await fire(mia, lines))) == ["ok"] * 40 + ["rate_limited"] * 60
            await control.ask("chat", text="a question")
            await clock.advance(1_000)
            assert sorted(await verdicts(mia, await fire(mia, lines))) == ["ok"] * 20 + ["rate_limited"] * 80
            await host.ask("allow", activity="chat", allowed=False, participant=mia.id)
            await clock.advance(50)
            assert await mia.refused("chat", text="spam") == "not_permitted"
            await control.ask("chat", text="another question")
            heard = [frame["from"] for frame in control.frames if frame["type"] == "message"]
            assert (heard.count(mia.id), heard.count(control.id)) == (60, 2)
            assert len(await meeting.journal("message")) == 62


async def test_a_hosts_controls_have_a_budget_of_their_own() -> None:
    """A host whose own chat used up everything can still mute, remove and suspend at once.

    attack E06
    """
    with running(HandClock()) as server:
        meeting = await server.meeting(**OPEN)
        async with meeting.host() as host, meeting.guest("Mia") as mia:
            lines = [{"type": "chat", "text": "hello"}] * 60
            assert "rate_limited" in await verdicts(host, await fire(host, lines))
            for command, fields in (("mute_all", {}), ("remove", {"participant": mia.id}), ("suspend", {})):
                await host.ask(command, **fields)
            assert (await mia.closed())[0] == 4500


async def test_a_new_socket_of_the_same_person_has_no_new_budget() -> None:
    """Reconnecting with the session does not refill what the person may send.

    attack E06
    """
    with running(HandClock()) as server:
        meeting = await server.meeting(**OPEN)
        async with meeting.host() as host, meeting.guest("Mia") as mia:
            assert (await verdicts(mia, await fire(mia, [{"type": "chat", "text": "x"}] * 40))).count("ok") == 40
            await drop(mia, host)
            async with meeting.connect() as back:
                await back.ask("resume", session=mia.session, epoch=mia.epoch, after=0)
                assert await back.refused("chat", text="spam") == "rate_limited"


# What others put on the screen.


async def test_an_annotation_of_somebody_barred_reaches_nobody(server: Server) -> None:
    """Neither without the right, nor from the waiting room, nor in the name of another.

    attack E07
    """
    meeting = await server.meeting(**OPEN, allow={"annotate": False})
    async with together(meeting, "Mia", "Control") as (host, mia, control):
        await host.ask("start_share")
        before = len(control.frames)
        assert await mia.refused("annotate") == "not_permitted"
        assert await mia.refused("annotate", participant=host.id) == "malformed"
        assert await mia.refused("annotate", text="caption") == "malformed"
        await host.ask("annotate")
        drawn = await control.event("annotated")
        assert drawn["participant"] == host.id
        assert types(control.frames[before:]).count("annotated") == 1


async def test_those_inside_learn_nothing_of_those_outside(server: Server) -> None:
    """Who knocks, waits, writes, is renamed, denied, refused, or gives up is told to the hosts and to no participant.

    attack E08
    """
    meeting = await server.meeting(region={"mode": "deny", "countries": ["BR"], "unknown": "allow"})
    async with together(meeting, "Control") as (host, control):
        before = len(control.frames)
        async with meeting.guest("Mia") as mia, meeting.guest("Noa") as noa, meeting.guest("Ida") as ida:
            await mia.ask("waiting_room_chat", text="hello?")
            await host.ask("rename", participant=mia.id, name="Mia 2")
            await host.ask("deny", participant=mia.id)
            await noa.ask("leave")
            await drop(ida, host)
            assert await turned_away(meeting, **knock(meeting, "Zoe", country="BR")) == ("region_blocked", 4501)
            await host.event("entry_refused")
            assert {"joined_waiting_room", "origin_known", "waiting_room_message", "renamed", "denied", "left"} <= set(
                types(host.frames)
            )
            await control.settle()
            assert types(control.frames[before:]) == ["reply"]
            assert control.view["waiting"] == []


# One stage.


async def test_two_who_start_to_share_at_once_make_one_share(server: Server) -> None:
    """One of them has the stage, the other is told; everybody sees the same one, and a host can take it over.

    attack E11
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Noa", "Control") as (host, mia, noa, control):
        one, other = await asyncio.gather(mia.send("start_share"), noa.send("start_share"))
        results = [await mia.reply(one), await noa.reply(other)]
        assert sorted(reply["ok"] for reply in results) == [False, True]
        winner = mia if results[0]["ok"] else noa
        assert next(reply for reply in results if not reply["ok"])["error"]["code"] == "conflict"
        await host.ask("start_share")
        await control.event("share_started", participant=host.id)
        shares = [(frame["type"], frame["participant"]) for frame in control.frames if "share" in frame["type"]]
        assert shares == [("share_started", winner.id), ("share_stopped", winner.id), ("share_started", host.id)]
        assert await winner.refused("media", kind="share", n=1) == "not_permitted"


async def test_the_stage_is_free_once_the_one_on_it_is_removed(server: Server) -> None:
    """What a removed person showed is gone with them, also where they had dropped before.

    attack E11
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Control") as (host, mia, control):
        await mia.ask("start_share")
        await drop(mia, host)
        await host.ask("remove", participant=mia.id)
        await control.event("removed")
        await control.ask("start_share")
        await host.until(lambda frame: frame["type"] == "share_started" and frame["participant"] == control.id)
        rows = (await meeting.get("/participants"))["participants"]
        assert {row["name"]: row["share"] for row in rows} == {"Host": False, "Control": True}


# A raid.


async def test_one_suspend_quiets_a_coordinated_raid(server: Server) -> None:
    """Ten who share, talk, write and rename at once are stopped by one step, whatever else keeps the host busy.

    attack E12
    """
    meeting = await server.meeting(**OPEN)
    names = [f"Raider {number}" for number in range(10)]
    async with together(meeting, "Control", *names) as (host, control, *raiders):
        noise: list[dict[str, Any]] = [
            {"type": "set_audio", "on": True},
            {"type": "set_video", "on": True},
            {"type": "start_share"},
            {"type": "chat", "text": "raid"},
            {"type": "rename", "name": "Teacher"},
            {"type": "annotate"},
            {"type": "media", "kind": "audio", "n": 1},
            {"type": "raise_hand", "up": True},
        ]
        await asyncio.gather(*(fire(raider, noise * 3) for raider in raiders))
        # One of them keeps the host busy in private, too.
        await fire(raiders[0], [{"type": "chat", "text": "help!", "to": host.id}] * 20)
        await control.event("message")
        await host.ask("suspend")
        suspended = await control.event("suspended")
        await asyncio.gather(*(fire(raider, noise) for raider in raiders))
        for raider in raiders:
            assert await raider.refused("chat", text="still here?") == "suspended"
        await control.ask("react", kind="relief")
        start = control.frames.index(suspended)
        assert set(types(control.frames[start + 1 :])) <= {"hand_changed", "reacted", "reply"}
        rows = (await meeting.get("/participants"))["participants"]
        assert not any(row["audio"] or row["video"] or row["share"] or row["recording"] for row in rows)
        assert await turned_away(meeting, **knock(meeting, "Raider 11")) == ("locked", 4004)
