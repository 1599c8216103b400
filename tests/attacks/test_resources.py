"""Attacks on resources, on the wire: those who do not read, do not speak, come all at once, or fill the journal."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx2
import pytest
import websockets
from websockets.frames import Opcode

from meetingsim.live.outbox import LIMIT, DirectSink, Frame, Outbox
from meetingsim.serving import listen
from meetingsim.settings import ServerSettings
from tests.attacks.stage import OPEN, answer_at_door, deaf, fire, resumed, together, types, verdicts
from tests.hand_clock import HandClock
from tests.routers.dial import Raw
from tests.wire import Meeting, Server, running

pytestmark = pytest.mark.anyio

SILENT = 300


# Those who do not read.


async def test_whoever_does_not_read_is_closed_and_nobody_waits_for_them(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once more than the outbox waits for somebody they are closed with 4001; all others get everything, in order.

    attack J01
    """
    # The patience with the close frame, not the bound: a slow machine must be able to see the frame.
    monkeypatch.setitem(Outbox.__init__.__kwdefaults__, "patience", 30.0)
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Control") as (host, mia, control), deaf(meeting, "Deaf") as slow:
        line = "\N{WATER WAVE}" * 4_096
        said = 0
        while "reconnecting" not in types(host.frames):
            await mia.ask("chat", text=line)
            said += 1
            await host.settle()
            assert said * len(line) * 4 < 20 * LIMIT
        await host.ask("chat", text="done")
        await control.event("message", text="done")
        heard = [frame["seq"] for frame in control.frames if frame["type"] == "message"]
        assert len(heard) == said + 1
        assert heard == sorted(heard)
        slow.socket.transport.resume_reading()
        code, _ = await slow.closed()
        assert code == 4001
        told = [frame["seq"] for frame in slow.frames if frame["type"] == "message"]
        assert told == heard[: len(told)]
        assert len(told) < said


async def test_what_waits_for_the_removed_is_not_sent_any_more(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that the server holds for somebody slow are forgotten with the removal; the close comes instead of them.

    attack C08, attack J01
    """
    monkeypatch.setitem(Outbox.__init__.__kwdefaults__, "patience", 30.0)
    send, held = DirectSink.send, {}

    def watched(sink: DirectSink, *frames: Frame) -> int:
        waiting = send(sink, *frames)
        held[sink] = held.get(sink, 0) + 1 if waiting else 0
        return waiting

    monkeypatch.setattr(DirectSink, "send", watched)
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Control") as (host, control), deaf(meeting, "Deaf") as slow:
        said = 0
        while max(held.values(), default=0) < 10:
            await host.ask("chat", text="\N{WATER WAVE}" * 4_096)
            said += 1
            assert said < 2_000
        await host.ask("remove", participant=slow.view["me"]["id"])
        await control.event("removed")
        slow.socket.transport.resume_reading()
        code, _ = await slow.closed()
        assert code == 4500
        # The first of the ten is under way in the transport; what was held behind it never comes.
        assert types(slow.frames).count("message") == said - 9
        assert types(control.frames).count("message") == said


def test_no_answer_waits_for_the_acknowledgement_of_an_event() -> None:
    """A peer that is slow to acknowledge delays nothing: the sockets say that they are TCP, so Nagle is off on each.

    attack J01
    """
    with contextlib.closing(listen(ServerSettings(port=0))) as listening:
        assert listening.proto == socket.IPPROTO_TCP


# Those who do not speak.


@asynccontextmanager
async def raw_sockets(server: Server, count: int, request: bytes) -> AsyncIterator[list[Raw]]:
    """So many bare connections that have sent these bytes and nothing else."""
    url = httpx2.URL(server.url)
    async with AsyncExitStack() as stack:
        found = []
        for _ in range(count):
            sock = stack.enter_context(socket.socket())
            sock.setblocking(False)
            raw = Raw(sock)
            await raw.loop.sock_connect(sock, (url.host, url.port))
            await raw.push(request)
            found.append(raw)
        yield found


def handshake(meeting: Meeting) -> bytes:
    """The request for a socket of this meeting."""
    url = httpx2.URL("http" + meeting.made["socket_url"].removeprefix("ws"))
    lines = [
        f"GET {url.path} HTTP/1.1",
        f"Host: {url.host}:{url.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version: 13",
        "",
        "",
    ]
    return "\r\n".join(lines).encode()


async def upgraded(raw: Raw) -> None:
    """Reads the answer to the handshake."""
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += await raw.take(1)
    assert answer.startswith(b"HTTP/1.1 101")


async def test_three_hundred_silent_sockets_keep_nobody_out_and_are_closed_in_time() -> None:
    """Open sockets that never join take no seat and no place in the queue, and end after the minute they have.

    attack J03
    """
    clock = HandClock()
    with running(clock, limits="off") as server:
        meeting = await server.meeting(capacity=2, waiting_room={"enabled": False, "capacity": 1})
        async with raw_sockets(server, SILENT, handshake(meeting)) as silent:
            for raw in silent:
                await upgraded(raw)
            async with meeting.host() as host, meeting.guest("Mia") as mia:
                assert (host.place, mia.place) == ("inside", "inside")
                await clock.advance(59_999)
                # Neither chatter nor a failing try gives more time.
                await silent[0].frame(Opcode.TEXT, b"not json")
                await silent[1].frame(Opcode.TEXT, b'{"type":"join","name":"Mia","passcode":"wrong"}')
                for raw in silent[:2]:
                    assert (await raw.next())[0] == Opcode.TEXT
                await clock.advance(1)
                for raw in silent:
                    assert await raw.close_code() == 4004
                await mia.ask("chat", text="still here")
                await host.event("message")


async def test_three_hundred_half_open_handshakes_keep_nobody_out(server: Server) -> None:
    """Connections that never finish their request stop neither sockets nor HTTP for real people.

    attack J03
    """
    meeting = await server.meeting(**OPEN)
    async with raw_sockets(server, SILENT, handshake(meeting)[:-20]), together(meeting, "Mia") as (host, mia):
        await mia.ask("chat", text="hello")
        await host.event("message")
        assert len((await meeting.get("/participants"))["participants"]) == 2


async def test_sockets_that_end_before_they_join_leave_nothing_behind(server: Server) -> None:
    """Whoever connects and goes is in no list, in no journal and in no count.

    attack J03
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host:
        last = (await meeting.journal())[-1]["seq"]
        async with raw_sockets(server, 50, handshake(meeting)) as gone:
            for raw in gone:
                await upgraded(raw)
        await host.settle()
        assert (await meeting.journal())[-1]["seq"] == last
        assert len((await meeting.get("/participants"))["participants"]) == 1


# Those who come all at once.


async def test_after_a_restart_all_who_resume_at_once_catch_up_to_the_same(tmp_path: Path) -> None:
    """Thirty who resume in one moment each get every missed event once, in order, and all of them the same.

    attack J04
    """
    names = [f"Guest {number}" for number in range(30)]
    data = tmp_path / "data"
    with running(limits="off", data=data) as server:
        meeting = await server.meeting(**OPEN)
        async with together(meeting, *names) as (host, *guests):
            await host.ask("chat", text="before")
            for guest in guests:
                await guest.event("message")
            since = [max(frame.get("seq") or 0 for frame in guest.frames) for guest in guests]
            assert len(set(since)) == 1
    with running(limits="off", data=data) as server:
        meeting.server = server
        meeting.made["socket_url"] = f"ws{server.url.removeprefix('http')}/api/v1/meetings/{meeting.id}/socket"
        async with AsyncExitStack() as stack:
            back = await asyncio.gather(*(stack.enter_async_context(resumed(meeting, guest)) for guest in guests))
            host = await stack.enter_async_context(meeting.host())
            await host.ask("chat", text="after")
            caught_up = []
            for client in back:
                await client.event("message", text="after")
                caught_up.append([(frame["seq"], frame["type"]) for frame in client.frames if "at" in frame])
            assert all(heard == caught_up[0] for heard in caught_up)
            seqs = [seq for seq, _ in caught_up[0]]
            assert seqs == sorted(set(seqs))
            assert seqs[0] > since[0]
            kinds = [kind for _, kind in caught_up[0]]
            assert (kinds.count("reconnected"), kinds.count("message")) == (31, 1)
            rows = (await meeting.get("/participants"))["participants"]
            assert {row["name"]: row["place"] for row in rows} == dict.fromkeys(["Host", *names], "inside")


# Those who fill the journal.


async def test_a_noisy_client_does_not_fill_the_journal() -> None:
    """What is refused, limited, malformed, or only routed leaves no row; the rows of decisions are all there.

    attack J05
    """
    with running(HandClock()) as server:
        meeting = await server.meeting(**OPEN)
        async with meeting.host() as host, meeting.guest("Mia") as mia:
            await mia.ask("set_audio", on=True)
            last = (await meeting.journal())[-1]["seq"]
            for noise, code in (
                ({"type": "lock"}, "not_host"),
                ({"type": "chat"}, "malformed"),
                ({"type": "set_audio", "on": True}, "ok"),
                ({"type": "chat", "text": "x", "to": "nobody"}, "no_such_participant"),
            ):
                assert code in await verdicts(mia, await fire(mia, [noise] * 12))
            await fire(mia, [{"type": "media", "kind": "audio", "n": 1}] * 80)
            assert set(await verdicts(mia, await fire(mia, [{"type": "chat", "text": "x"}] * 60))) <= {
                "ok",
                "rate_limited",
            }
            said = [row["seq"] for row in await meeting.journal("message")]
            for _ in range(20):
                await answer_at_door(meeting, passcode="wrong", address="198.51.100.7")
            await host.ask("remove", participant=mia.id)
            rows = [row for row in await meeting.journal() if row["seq"] > last]
            assert len(said) < 40
            assert [row["type"] for row in rows] == ["message"] * len(said) + ["entry_refused", "removed"]


async def test_a_peer_that_sends_only_nonsense_is_cut_off() -> None:
    """Fifty unreadable frames within ten seconds end the connection with 4504; fewer, or slower, do not.

    attack J05
    """
    clock = HandClock()
    with running(clock) as server:
        meeting = await server.meeting(**OPEN)
        async with meeting.host() as host, meeting.guest("Mia") as mia:
            for _ in range(49):
                await mia.socket.send("nonsense")
            await mia.settle()
            await clock.advance(10_000)
            for _ in range(49):
                await mia.socket.send("nonsense")
            await mia.settle()
            assert mia.place == "inside"
            with contextlib.suppress(websockets.ConnectionClosed):
                await mia.socket.send("nonsense")
            code, rest = await mia.closed()
            assert (code, [frame["error"]["code"] for frame in rest]) == (4504, ["malformed"])
            await host.event("reconnecting", participant=mia.id)
            await host.ask("chat", text="quiet again")
