"""Telling on the wire: places in the queue, coming back, and one connection for each person."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from meetingsim.live import publish
from meetingsim.live import seat as seats
from tests.hand_clock import HandClock
from tests.live.storms import Storm, come_true, here
from tests.wire import Client, Frame, Meeting, Server

pytestmark = pytest.mark.anyio
OPEN: dict[str, Any] = {"waiting_room": {"enabled": False}}


@pytest.fixture
def storm() -> Storm:
    return Storm()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def server(storm: Storm, clock: HandClock) -> AsyncIterator[Server]:
    async with here(storm, clock) as one:
        yield one


def last_seq(client: Client) -> int:
    return max(frame.get("seq") or 0 for frame in client.frames)


async def come_back(meeting: Meeting, person: Client, back: Client, **fields: Any) -> list[Frame]:
    """Resumes the person's session on another connection; everything up to the reply."""
    said = {"session": person.session, "epoch": person.epoch, "after": last_seq(person), **fields}
    reply = await back.reply(await back.send("resume", **said))
    assert reply["ok"], reply
    return back.frames[:-1]


def types(frames: list[Frame]) -> list[str]:
    return [frame["type"] for frame in frames]


# The queue.


async def test_a_change_of_position_alone_is_told_at_most_once_a_second(server: Server, clock: HandClock) -> None:
    meeting = await server.meeting()
    async with (
        meeting.host() as host,
        meeting.guest("A") as a,
        meeting.guest("B") as b,
        meeting.guest("C") as c,
        meeting.guest("Mia") as mia,
    ):
        assert mia.view["me"]["position"] == 4
        for gone in (a, b, c):
            await host.ask("remove", participant=gone.id)
        await mia.until(lambda frame: frame["type"] == "view")
        assert mia.view["me"]["position"] == 3
        start = len(mia.frames)
        assert await mia.refused("chat", text="settled?") == "not_inside"
        assert types(mia.frames[start:]) == ["reply"]
        await clock.advance(publish.POSITION_EVERY_MS - 1)
        assert await mia.refused("chat", text="settled?") == "not_inside"
        assert types(mia.frames[start:]) == ["reply", "reply"]
        await clock.advance(1)
        await mia.until(lambda frame: frame["type"] == "view")
        assert mia.view["me"]["position"] == 1
        # There is nothing more to tell.
        await clock.advance(10_000)
        assert await mia.refused("chat", text="settled?") == "not_inside"
        assert types(mia.frames[start:]) == ["reply", "reply", "view", "reply"]


# Coming back.


async def test_what_was_missed_comes_once_and_in_order_before_the_reply(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.connect() as back:
        await host.ask("chat", text="0")
        await mia.event("message")
        await mia.socket.close()
        await host.event("reconnecting", participant=mia.id)
        for n in range(1, 6):
            await host.ask("chat", text=str(n))
        frames = await come_back(meeting, mia, back)
        assert [frame["text"] for frame in frames if frame["type"] == "message"] == ["1", "2", "3", "4", "5"]
        assert types(frames) == ["reconnecting", *["message"] * 5, "reconnected"]
        seqs = [frame["seq"] for frame in frames]
        assert seqs == sorted(set(seqs))
        assert seqs[0] == last_seq(mia) + 1
        assert back.frames[-1]["seq"] == seqs[-1]
        await host.event("reconnected", participant=mia.id)
        assert (await back.ask("chat", text="here again"))["ok"]


async def test_whoever_comes_back_hears_nothing_that_was_not_for_them(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        await ben.settle()
        await mia.settle()
        async with meeting.connect() as back:
            await mia.socket.close()
            await host.event("reconnecting", participant=mia.id)
            await host.ask("chat", text="for Ben", to=ben.id)
            await host.ask("chat", text="for Mia", to=mia.id)
            await host.refused("chat", text="", to=ben.id)
            frames = await come_back(meeting, mia, back)
            assert [frame["text"] for frame in frames if frame["type"] == "message"] == ["for Mia"]
            assert "origin_known" not in types(frames)


@pytest.mark.parametrize("reason", ["epoch", "future", "before the place", "put back and admitted", "cohost"])
async def test_a_fresh_view_comes_where_the_gap_cannot_be_told(server: Server, reason: str) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.connect() as back:
        fields: dict[str, Any] = {
            "epoch": {"epoch": "0123456789abcdef"},
            "future": {"after": 10_000},
            "before the place": {"after": 0},
        }.get(reason, {})
        await mia.socket.close()
        await host.event("reconnecting", participant=mia.id)
        if reason == "put back and admitted":
            await host.ask("put_in_waiting_room", participant=mia.id)
            await back.ask("resume", session=mia.session, epoch=mia.epoch, after=last_seq(mia))
            assert back.place == "waiting"
            return
        if reason == "cohost":
            await host.ask("make_cohost", participant=mia.id)
        await host.ask("chat", text="missed")
        frames = await come_back(meeting, mia, back, **fields)
        assert types(frames) == ["view"]
        assert back.view["me"]["role"] == ("cohost" if reason == "cohost" else "participant")
        assert [line["text"] for line in back.view["messages"]] == ["missed"]


async def test_a_gap_of_too_many_events_is_a_fresh_view(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seats, "MOST_MISSED", 3)
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.connect() as back:
        await mia.socket.close()
        await host.event("reconnecting", participant=mia.id)
        for n in range(3):
            await host.ask("chat", text=str(n))
        assert types(await come_back(meeting, mia, back)) == ["view"]


async def test_a_gap_of_too_many_bytes_is_a_fresh_view(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "LARGEST_CATCH_UP", 4_000)
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.connect() as back:
        await mia.socket.close()
        await host.event("reconnecting", participant=mia.id)
        await host.ask("chat", text="x" * 4_000)
        assert types(await come_back(meeting, mia, back)) == ["view"]


async def test_a_gap_that_cannot_be_read_is_a_fresh_view(server: Server, storm: Storm) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.connect() as back:
        await mia.socket.close()
        await host.event("reconnecting", participant=mia.id)
        storm.failing_reads = 1
        assert types(await come_back(meeting, mia, back)) == ["view"]
        assert storm.failing_reads == 0
        assert (await host.event("reconnected"))["participant"] == mia.id


async def test_somebody_waiting_comes_back_to_the_same_place_in_the_queue(server: Server) -> None:
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben"), meeting.connect() as back:
        await mia.socket.close()
        await host.event("reconnecting", participant=mia.id)
        frames = await come_back(meeting, mia, back)
        assert types(frames) == ["view"]
        assert (back.place, back.view["me"]["position"], back.id) == ("waiting", 1, mia.id)


# How long a seat is kept.


async def test_a_drop_is_reconnecting_and_after_the_grace_left(server: Server, clock: HandClock) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia:
        await mia.socket.close()
        await host.event("reconnecting", participant=mia.id)
        rows = (await meeting.get("/participants"))["participants"]
        assert [row["place"] for row in rows] == ["inside", "reconnecting"]
        await clock.advance(29_999)
        assert "left" not in types(await host.settle())
        await clock.advance(1)
        await host.event("left", participant=mia.id)
        assert len((await meeting.get("/participants"))["participants"]) == 1
        async with meeting.connect() as back:
            code = await back.refused("resume", session=mia.session, epoch=mia.epoch, after=last_seq(mia))
            assert code == "resume_lost"
            assert (await back.closed())[0] == 4002


async def cut(client: Client) -> None:
    client.socket.transport.abort()


@pytest.mark.parametrize("ends", [lambda client: client.socket.close(4999), cut], ids=["closed", "cut"])
async def test_any_end_of_a_socket_but_leave_keeps_the_seat(server: Server, ends: Any) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia:
        await ends(mia)
        await host.event("reconnecting", participant=mia.id)


async def test_leave_ends_the_session(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.connect() as back:
        assert (await mia.ask("leave"))["ok"]
        assert (await mia.closed())[0] == 1000
        await host.event("left", participant=mia.id)
        code = await back.refused("resume", session=mia.session, epoch=mia.epoch, after=last_seq(mia))
        assert code == "resume_lost"
        assert "reconnecting" not in types(await host.settle())


# One connection each.


async def test_a_newer_connection_of_the_same_person_replaces_the_older(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.connect() as newer:
        assert types(await come_back(meeting, mia, newer)) == []
        assert (await mia.closed())[0] == 4003
        await host.ask("lock")
        await newer.event("locked")
        assert (await newer.ask("raise_hand", up=True))["ok"]
        # The end of the older one is no drop of the person.
        assert "reconnecting" not in types(host.frames + await host.settle())


async def test_the_host_token_on_a_second_connection_takes_over_with_a_fresh_view(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.host() as newer:
        assert (newer.id, newer.view["me"]["role"]) == (host.id, "host")
        assert types(newer.frames)[0] == "view"
        assert (await host.closed())[0] == 4003
        async with meeting.connect() as old:
            assert await old.refused("resume", session=host.session, epoch=host.epoch, after=1) == "resume_lost"


async def test_frames_of_a_replaced_connection_change_nothing(server: Server, storm: Storm) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.connect() as newer:
        seat = await server.world.seats.find(meeting.id)
        storm.hold()
        await host.send("raise_hand", up=True)
        await come_true(lambda: storm.held == 1)
        await newer.send("resume", session=host.session, epoch=host.epoch, after=last_seq(host))
        await come_true(lambda: len(seat._mailbox) == 1)
        await host.send("lock")
        await come_true(lambda: len(seat._mailbox) == 2)
        storm.let_go()
        assert (await host.closed())[0] == 4003
        assert (await newer.ask("chat", text="still open"))["ok"]
        assert seat.meeting.locked is False
