"""Coming back by itself to a whole server: what the mirror and the inbox have after the gap, and who stays outside."""

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
from meetingsim.clients.words import JoinedWaitingRoom, Message
from meetingsim.routers.world import World
from meetingsim.serving import serving
from meetingsim.settings import ServerSettings
from tests.hand_clock import HandClock

from .conftest import Naps, seqs
from .test_whole import OPEN, mirrors_are_true

pytestmark = pytest.mark.anyio
GRACE_OVER = 31_000


async def nothing() -> None:
    """Between two tries nothing happens."""


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


@pytest.mark.parametrize("seed", range(3))
async def test_who_is_cut_off_again_and_again_is_told_what_everybody_else_is(
    world: World, sdk: Server, seed: int
) -> None:
    chance = Random(seed)
    meeting = await sdk.create_meeting("Algebra", settings=OPEN)
    policy = Reconnect(seed=seed, sleep=Naps())
    async with host(meeting) as teacher, guest(meeting, "Mia", reconnect=policy) as mia, guest(meeting, "Bo") as bo:
        start = bo.mirror.seq
        as_admin = sdk.meeting(meeting.id)
        gaps = 0
        for n in range(30):
            act = chance.choice(["chat", "lock", "unlock", "bar", "allow", "drop"])
            if act == "chat":
                await teacher.chat(f"line {n}")
            elif act in {"bar", "allow"}:
                await as_admin.allow("video", act == "allow")
            elif act == "drop":
                gaps += 1
                await mia.drop()
                if chance.random() < 0.5:
                    await mia.wait_for(CameBack)
            else:
                await as_admin.control(act)
        await mia.caught_up()
        await mirrors_are_true(world, meeting, teacher, mia, bo)
        assert mia.frames(CameBack)
        assert gaps > 1
        assert [seq for seq in seqs(mia) if seq > start] == [seq for seq in seqs(bo) if seq > start]
