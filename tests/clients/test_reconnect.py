"""Coming back by itself: when, how often, with what, and what the mirror and the inbox have after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from meetingsim.clients import (
    CameBack,
    Closed,
    Connection,
    ConnectionClosed,
    MeetingHandle,
    Reconnect,
    RemovedError,
    ResumeLostError,
    Server,
    connect,
    guest,
    host,
)
from meetingsim.clients.reconnect import Comeback
from meetingsim.clients.words import JoinedWaitingRoom, Message
from meetingsim.routers.world import World
from meetingsim.serving import serving
from meetingsim.settings import ServerSettings
from tests.hand_clock import HandClock

from .conftest import VIEW, Peer, Scripted
from .test_whole import OPEN, mirrors_are_true

pytestmark = pytest.mark.anyio
GRACE_OVER = 31_000


class Naps:
    """Stands for sleeping: notes how long, and does what a test wants to happen in between."""

    def __init__(self, *between: Callable[[], Awaitable[object]]) -> None:
        self.waits: list[float] = []
        self._between = list(between)

    async def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)
        if self._between:
            await self._between.pop(0)()


async def nothing() -> None:
    """Between two tries nothing happens."""


async def gone(peer: Peer) -> None:
    """Lets in, and waits until the client is gone."""
    await peer.let_in()
    await peer.socket.wait_closed()


async def resumed(peer: Peer) -> None:
    """Answers a resume with nothing missed, and waits until the client is gone."""
    await peer.ok()
    await peer.socket.wait_closed()


def closing(code: int) -> Callable[[Peer], Awaitable[None]]:
    """Lets in, and closes with a code."""

    async def script(peer: Peer) -> None:
        await peer.let_in()
        await peer.socket.close(code)

    return script


def seqs(conn: Connection) -> list[int]:
    """The places of all events in the inbox."""
    return [frame.seq for frame in conn.frames() if frame.seq is not None and frame.type not in {"view", "reply"}]


# The waits.


def test_waits_are_drawn_from_the_seed_alone() -> None:
    policy = Reconnect(attempts=5, base=0.5, cap=3.0, seed=7)
    chance = Random(7)
    comeback = Comeback(policy)
    assert list(comeback.waits()) == [chance.uniform(0, top) for top in (0.5, 1.0, 2.0, 3.0, 3.0)]
    assert list(comeback.waits()) == [chance.uniform(0, top) for top in (0.5, 1.0, 2.0, 3.0, 3.0)]
    assert list(Comeback(Reconnect(seed=8)).waits()) != list(Comeback(Reconnect(seed=7)).waits())


def test_very_many_tries_wait_no_longer_than_the_cap() -> None:
    waits = list(Comeback(Reconnect(attempts=3_000, cap=2.0, seed=1)).waits())
    assert len(waits) == 3_000
    assert max(waits) <= 2.0


# Which ends are worth coming back from.


@pytest.mark.parametrize("code", [4000, 4001, 4002, 4004, 1001, 1011, 1012, 1013])
async def test_a_temporary_end_is_resumed(scripted: Scripted, code: int) -> None:
    asked: list[Any] = []

    async def second(peer: Peer) -> None:
        asked.append(await peer.ok())
        await peer.socket.wait_closed()

    naps = Naps()
    async with scripted(closing(code), second) as url, connect(url, reconnect=Reconnect(sleep=naps)) as conn:
        await conn.join("Mia")
        note = await conn.wait_for(CameBack)
    assert note.event == CameBack("resumed", code, 1, 3)
    assert [(one["type"], one["session"], one["epoch"], one["after"]) for one in asked] == [
        ("resume", "session-secret", "e1", 3)
    ]
    assert len(naps.waits) == 1


@pytest.mark.parametrize("code", [1000, 4003, 4500, 4501, 4502, 4503, 4504])
async def test_a_final_end_is_the_end(scripted: Scripted, code: int) -> None:
    naps = Naps()
    async with scripted(closing(code)) as url, connect(url, reconnect=Reconnect(sleep=naps)) as conn:
        await conn.join("Mia")
        assert (await conn.closed()).code == code
    assert naps.waits == []


@pytest.mark.parametrize(
    ("code", "temporary"),
    [(1000, False), (1006, True), (4000, True), (4001, True), (4002, True), (4003, False), (4004, True)]
    + [(code, False) for code in (1002, 1009, 4500, 4501, 4502, 4503, 4504, 4999)],
)
def test_a_close_code_says_whether_coming_back_may_help(code: int, temporary: bool) -> None:
    assert Closed(code).temporary is temporary


async def test_without_a_policy_the_first_end_is_the_last(scripted: Scripted) -> None:
    async with scripted(closing(4000)) as url, connect(url) as conn:
        await conn.join("Mia")
        assert (await conn.closed()).code == 4000


async def test_who_was_never_let_in_has_nothing_to_come_back_to(scripted: Scripted) -> None:
    async def turn_away(peer: Peer) -> None:
        asked = await peer.read()
        await peer.send({"type": "reply", "ref": asked["ref"], "ok": False, "error": {"code": "locked"}})
        await peer.socket.close(4004)

    naps = Naps()
    async with scripted(turn_away) as url, connect(url, reconnect=Reconnect(sleep=naps)) as conn:
        assert not (await conn.ask("join", name="Mia", check=False)).ok
        assert (await conn.closed()).code == 4004
    assert naps.waits == []


async def test_it_gives_up_after_the_last_try_and_says_so(unused_port: int, scripted: Scripted) -> None:
    naps = Naps()
    policy = Reconnect(attempts=3, seed=1, sleep=naps)
    async with scripted(closing(4000)) as url, connect(url, reconnect=policy) as conn:
        await conn.join("Mia")
        conn.socket_url = f"ws://127.0.0.1:{unused_port}/"
        with pytest.raises(ConnectionClosed, match="shutting down") as raised:
            await conn.wait_for("never")
        assert raised.value.refusal is None
        with pytest.raises(ConnectionClosed):
            await conn.lock()
    assert naps.waits == list(Comeback(policy).waits())


async def test_close_ends_the_tries(scripted: Scripted) -> None:
    never = asyncio.Event()
    napping = asyncio.Event()

    async def sleep(_: float) -> None:
        napping.set()
        await never.wait()

    async with scripted(closing(4000)) as url, connect(url, reconnect=Reconnect(sleep=sleep)) as conn:
        await conn.join("Mia")
        await napping.wait()
        await conn.close()
        assert conn.inbox.closed == Closed(4000)


async def test_what_a_listener_raises_ends_it(scripted: Scripted) -> None:
    def broken(frame: Any) -> None:
        if frame.type == "left":
            raise ZeroDivisionError

    async def second(peer: Peer) -> None:
        await peer.heard()
        await peer.send({"type": "left", "seq": 4, "at": "…", "participant": "p2"})
        await peer.socket.wait_closed()

    policy = Reconnect(sleep=Naps())
    async with scripted(closing(4000), second) as url:
        conn = await connect(url, reconnect=policy, on_frame=broken).open()
        await conn.join("Mia")
        with pytest.raises(ZeroDivisionError):
            await conn.wait_closed()


# What others do meanwhile.


async def test_a_command_in_the_gap_waits_and_one_on_its_way_fails(scripted: Scripted) -> None:
    async def first(peer: Peer) -> None:
        await peer.let_in()
        await peer.heard()
        await peer.socket.close(4000)

    async def second(peer: Peer) -> None:
        await peer.ok()
        assert (await peer.ok())["type"] == "unlock"
        await peer.socket.wait_closed()

    napping, go_on = asyncio.Event(), asyncio.Event()

    async def sleep(_: float) -> None:
        napping.set()
        await go_on.wait()

    async with scripted(first, second) as url, connect(url, reconnect=Reconnect(sleep=sleep)) as conn:
        await conn.join("Mia")
        with pytest.raises(ConnectionClosed, match=r"4000 .* reply to 'lock'"):
            await conn.lock()
        await napping.wait()
        unlocking = asyncio.create_task(conn.unlock())
        waiting = asyncio.create_task(conn.wait_for(CameBack))
        await asyncio.sleep(0)
        go_on.set()
        assert (await unlocking).ok
        assert (await waiting).event.how == "resumed"


async def test_a_try_that_breaks_off_is_followed_by_the_next_and_repeats_nothing(scripted: Scripted) -> None:
    asked: list[Any] = []

    async def second(peer: Peer) -> None:
        asked.append(await peer.read())
        await peer.send({"type": "locked", "seq": 4, "at": "…", "by": "p9"})
        await peer.socket.close(1011)

    async def third(peer: Peer) -> None:
        asked.append(await peer.read())
        await peer.send({"type": "unlocked", "seq": 5, "at": "…", "by": "p9"})
        await peer.send({"type": "reply", "ref": asked[-1]["ref"], "ok": True})
        await peer.socket.wait_closed()

    policy = Reconnect(sleep=Naps())
    async with scripted(gone, second, third) as url, connect(url, reconnect=policy) as conn:
        await conn.join("Mia")
        await conn.drop()
        await conn.wait_for("unlocked")
        assert seqs(conn) == [4, 5]
        assert [note.event.attempts for note in conn.frames(CameBack)] == [1, 2]
        assert conn.mirror.faults == []
    assert [one["after"] for one in asked] == [3, 4]


async def test_by_hand_it_works_as_ever(scripted: Scripted) -> None:
    naps = Naps()
    async with scripted(gone, resumed) as url, connect(url, reconnect=Reconnect(sleep=naps)) as conn:
        await conn.join("Mia")
        assert (await conn.reconnect()).ok
        assert conn.frames(CameBack) == []
    assert naps.waits == []


async def test_the_device_that_the_server_made_up_is_shown_again(scripted: Scripted) -> None:
    asked: list[Any] = []

    async def first(peer: Peer) -> None:
        said = await peer.read()
        await peer.send(VIEW, {"type": "reply", "ref": said["ref"], "ok": True, "device": "made-up-1"})
        await peer.socket.close(4004)

    async def second(peer: Peer) -> None:
        said = await peer.read()
        await peer.send({"type": "reply", "ref": said["ref"], "ok": False, "error": {"code": "resume_lost"}})
        await peer.socket.close(4002)

    async def third(peer: Peer) -> None:
        asked.append(await peer.let_in())
        await peer.socket.wait_closed()

    policy = Reconnect(sleep=Naps())
    async with scripted(first, second, third) as url, connect(url, reconnect=policy) as conn:
        await conn.join("Mia", passcode="482")
        assert (await conn.wait_for(CameBack)).event.how == "joined_again"
        await conn.wait_for("view")
    assert {name: asked[0][name] for name in ("type", "name", "passcode", "device")} == {
        "type": "join",
        "name": "Mia",
        "passcode": "482",
        "device": "made-up-1",
    }


# Against a whole server.


@asynccontextmanager
async def a_lesson(sdk: Server, sleep: Callable[[float], Awaitable[None]]) -> AsyncIterator[tuple[Any, Any, Any]]:
    """A meeting with a host, and Mia, who comes back by herself."""
    meeting = await sdk.create_meeting("Algebra", settings=OPEN)
    policy = Reconnect(attempts=4, seed=3, sleep=sleep)
    async with host(meeting) as teacher, guest(meeting, "Mia", country="BR", reconnect=policy) as mia:
        yield meeting, teacher, mia


async def test_what_was_missed_comes_once_and_in_order(world: World, sdk: Server) -> None:
    async def meanwhile() -> None:
        await teacher.wait_for("reconnecting")
        for n in range(5):
            await teacher.chat(f"missed {n}")

    async with a_lesson(sdk, Naps(meanwhile)) as (meeting, teacher, mia):
        await teacher.chat("before")
        await mia.wait_for(Message)
        before = mia.mirror.seq
        await mia.drop()
        note = await mia.wait_for(CameBack)
        assert note.event == CameBack("resumed", 1006, 1, before)
        texts = [(await mia.wait_for(Message)).event.text for _ in range(5)]
        assert texts == [f"missed {n}" for n in range(5)]
        await mirrors_are_true(world, meeting, teacher, mia)
        order = [frame.type for frame in mia.frames() if frame.type in {"message", "came_back"}]
        assert order == ["message", "came_back", *["message"] * 5]
        assert all(one < other for one, other in pairwise(seqs(mia)))


async def test_a_change_of_place_meanwhile_comes_as_a_fresh_view(world: World, sdk: Server) -> None:
    async def meanwhile() -> None:
        await teacher.wait_for("reconnecting")
        await teacher.put_in_waiting_room(mia.participant)

    async with a_lesson(sdk, Naps(meanwhile)) as (meeting, teacher, mia):
        await mia.drop()
        assert (await mia.wait_for(CameBack)).event.how == "fresh_view"
        await mia.placed("waiting")
        await teacher.admit(mia.participant)
        await mia.placed("inside")
        await mirrors_are_true(world, meeting, teacher, mia)


async def test_several_gaps_are_told_one_by_one(world: World, sdk: Server) -> None:
    async with a_lesson(sdk, Naps()) as (meeting, teacher, mia):
        me = mia.participant
        for n in range(3):
            await mia.drop()
            await mia.wait_for(CameBack)
            await teacher.chat(f"line {n}")
            assert (await mia.wait_for(Message)).event.text == f"line {n}"
        assert mia.participant == me
        await mirrors_are_true(world, meeting, teacher, mia)


async def test_the_removed_do_not_come_back(sdk: Server) -> None:
    async def meanwhile() -> None:
        await teacher.wait_for("reconnecting")
        await teacher.remove(mia.participant)

    naps = Naps(meanwhile)
    async with a_lesson(sdk, naps) as (_, teacher, mia):
        await mia.drop()
        with pytest.raises(ConnectionClosed, match=r"coming back was refused \(removed") as raised:
            await mia.wait_for("never")
        assert isinstance(raised.value.refusal, RemovedError)
        assert mia.inbox.closed.code == 4503
        assert mia.frames(CameBack) == []
    assert len(naps.waits) == 1


async def test_an_ended_meeting_is_not_come_back_to(sdk: Server) -> None:
    async def meanwhile() -> None:
        await teacher.wait_for("reconnecting")
        await teacher.end()

    naps = Naps(meanwhile)
    async with a_lesson(sdk, naps) as (_, teacher, mia):
        await mia.drop()
        closed = await mia.closed()
        assert (closed.code, mia.inbox.refusal.code) == (4503, "ended")
    assert len(naps.waits) == 1


async def test_who_was_denied_knocks_again_until_told_not_to(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra")
    policy = Reconnect(sleep=Naps())
    async with host(meeting) as teacher, guest(meeting, "Mia", reconnect=policy) as mia:
        for _ in range(2):
            knock = await teacher.wait_for(JoinedWaitingRoom)
            await teacher.deny(knock.event.participant)
        assert (await mia.closed()).code == 4503
        assert [note.event.how for note in mia.frames(CameBack)] == ["joined_again"]


@asynccontextmanager
async def by_hand(clock: HandClock) -> AsyncIterator[tuple[World, Server]]:
    """A server whose clock a test moves."""
    async with serving(ServerSettings(port=0), clock) as world, Server(world.base_url, world.admin_token) as sdk:
        yield world, sdk


async def test_after_the_grace_it_joins_again_through_every_rule() -> None:
    clock = HandClock()

    async def grace_is_over() -> None:
        await teacher.wait_for("reconnecting")
        await clock.advance(GRACE_OVER)
        await teacher.wait_for("left")
        await teacher.lock()

    async def unlock() -> None:
        await teacher.unlock()

    async with by_hand(clock) as (world, sdk), a_lesson(sdk, Naps(grace_is_over, nothing, unlock)) as lesson:
        meeting, teacher, mia = lesson
        session = mia.mirror.session
        await teacher.rename("Mia of 6b", participant=mia.participant)
        await mia.wait_for("renamed")
        await mia.drop()
        note = await mia.wait_for(CameBack)
        assert (note.event.how, note.event.attempts) == ("joined_again", 3)
        assert mia.mirror.session != session
        assert mia.view["me"]["name"] == "Mia of 6b"
        assert [row["country"] for row in await meeting.participants()] == [None, "BR"]
        await mirrors_are_true(world, meeting, teacher, mia)
        page = await meeting.events(types=["entry_refused"])
        assert [event["code"] for event in page.events] == ["locked", "locked"]


async def test_it_can_be_told_not_to_join_again() -> None:
    clock = HandClock()

    async def grace_is_over() -> None:
        await teacher.wait_for("reconnecting")
        await clock.advance(GRACE_OVER)
        await teacher.wait_for("left")

    async with by_hand(clock) as (_, sdk):
        meeting: MeetingHandle = await sdk.create_meeting("Algebra", settings=OPEN)
        policy = Reconnect(rejoin=False, sleep=Naps(grace_is_over))
        async with host(meeting) as teacher, guest(meeting, "Mia", reconnect=policy) as mia:
            await mia.drop()
            assert (await mia.closed()).code == 4002
            assert isinstance(mia.inbox.refusal, ResumeLostError)


async def test_a_restart_of_the_server_is_bridged(tmp_path: Path) -> None:
    kept = {"data": tmp_path / "kept"}
    stopped, started = asyncio.Event(), asyncio.Event()

    async def sleep(_: float) -> None:
        stopped.set()
        await started.wait()

    policy = Reconnect(sleep=sleep)
    async with serving(ServerSettings(port=0, **kept)) as first, Server(first.base_url, first.admin_token) as sdk:
        meeting = await sdk.create_meeting("Algebra", settings=OPEN)
        teacher = await connect(meeting.socket_url, reconnect=policy).open()
        await teacher.join("Teacher", host_token=meeting.host_token)
        await teacher.chat("before")
    await stopped.wait()
    port = int(first.base_url.rpartition(":")[2])
    async with serving(ServerSettings(port=port, **kept)) as second:
        started.set()
        assert (await teacher.wait_for(CameBack)).event.code == 4000
        await teacher.chat("after")
        assert [line["text"] for line in teacher.view["messages"]] == ["before", "after"]
        seat = await second.seats.find(meeting.id)
        assert seat.meeting.people[teacher.participant].name == "Teacher"
        await teacher.close()
