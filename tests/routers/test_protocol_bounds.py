"""MeetingProtocol and peers that send too much or read too little, on asyncio and on uvloop."""

import asyncio
import contextlib
import struct
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode, Opcode
from websockets.frames import Frame as WireFrame

from meetingsim.live.outbox import Frame, FrameRefused, text_frame
from meetingsim.routers import protocol
from meetingsim.routers.protocol import MAX_FRAGMENTS, MAX_MESSAGE
from tests.routers.dial import HANG, RETURN, Raw, dialling, everything, fill, leave, serving

pytestmark = pytest.mark.anyio


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return "asyncio", {"use_uvloop": request.param}


# Peers that do not read.


async def test_uvicorn_keeps_its_flow_control_until_the_bound_is_taken_over() -> None:
    async with serving() as served, dialling(served.port) as (raw, _):
        caller = await served.door.callers.get()
        while not caller.writer.buffered() > 1 << 17:
            caller.writer.write_frame(text_frame(b"." * 1024))
        sending = asyncio.create_task(caller.send({"type": "websocket.send", "text": "waits"}))
        await asyncio.sleep(0.01)
        assert not sending.done()
        while not sending.done():
            await raw.next()
        sending.result()


async def test_the_close_frame_does_not_wait_for_a_reader() -> None:
    async with serving() as served, dialling(served.port) as (raw, _):
        caller = await served.door.callers.get()
        outbox = caller.outbox(patience=HANG)
        await fill(caller)
        outbox.put(Frame.of(b"held"))
        await outbox.close(4502, "meeting ended")
        last = b""
        while (got := await raw.next())[0] != Opcode.CLOSE:
            last = got[1]
        assert last == b"held"
        assert int.from_bytes(got[1][:2], "big") == 4502


async def test_dropped_frames_never_come() -> None:
    async with serving() as served, dialling(served.port) as (raw, _):
        caller = await served.door.callers.get()
        outbox = caller.outbox(patience=HANG)
        await fill(caller)
        outbox.put(Frame.of(b"queued"))
        await outbox.close(4500, "removed", drop=True)
        while (got := await raw.next())[0] != Opcode.CLOSE:
            assert got[1] != b"queued"
        assert int.from_bytes(got[1][:2], "big") == 4500


async def test_what_was_held_back_follows_when_the_reader_reads_again() -> None:
    async with serving() as served, dialling(served.port) as (raw, _):
        caller = await served.door.callers.get()
        outbox = caller.outbox()
        told = [str(n).encode() * 300 for n in range(500)]
        for payload in told:
            outbox.put(Frame.of(payload))
        assert not outbox.closed
        assert caller.writer.blocked
        assert [(await raw.next())[1] for _ in told] == told
        assert not caller.writer.blocked
        outbox.put(Frame.of(b"straight"))
        assert await raw.next() == (Opcode.TEXT, b"straight")


async def test_who_never_reads_is_cut_off_and_nobody_else_notices() -> None:
    async with serving() as served, dialling(served.port) as (stuck, _):
        stuck_caller = await served.door.callers.get()
        async with dialling(served.port) as (reader, _):
            reader_caller = await served.door.callers.get()
            overflows: list[str] = []
            stuck_box = stuck_caller.outbox(limit=100_000, patience=0.01, on_overflow=lambda: overflows.append("over"))
            reader_box = reader_caller.outbox(limit=100_000)
            for n in range(1000):
                frame = Frame.of(str(n).encode() + b"." * 1000)
                stuck_box.put(frame)
                reader_box.put(frame)
                assert await reader.next() == (Opcode.TEXT, frame.payload)
            assert overflows == ["over"]
            assert stuck_box.closed
            assert not reader_box.closed
            assert await stuck_caller.gone == 4001
            while len(served.protocols) == 2:
                await asyncio.sleep(0.001)
            # Cut off: what the sockets held, then no close frame.
            with pytest.raises((EOFError, OSError)):
                await stuck.close_code()
            assert not reader_caller.gone.done()


async def test_who_reads_again_in_time_is_told_4001() -> None:
    async with serving() as served, dialling(served.port) as (raw, _):
        outbox = (await served.door.callers.get()).outbox(limit=100_000, patience=HANG)
        n = 0
        while not outbox.closed and n < 1_000_000:
            outbox.put(Frame.of(str(n).encode()))
            n += 1
        seen = 0
        while (got := await raw.next())[0] == Opcode.TEXT:
            assert got[1] == str(seen).encode()
            seen += 1
        assert seen < n
        assert (got[0], int.from_bytes(got[1][:2], "big")) == (Opcode.CLOSE, 4001)


@pytest.mark.parametrize("how", ["peer closes", "app returns", "no pong comes"])
async def test_who_does_not_read_the_end_is_let_go(how: str) -> None:
    pings = {"ws_ping_interval": 0.01, "ws_ping_timeout": 0.01} if how == "no pong comes" else {}
    async with serving(**pings) as served, dialling(served.port) as (raw, _):
        caller = await served.door.callers.get()
        caller.outbox()
        await fill(caller)
        if how == "peer closes":
            await raw.frame(Opcode.CLOSE, (1000).to_bytes(2, "big"))
        elif how == "app returns":
            await raw.frame(Opcode.TEXT, RETURN.encode())
        await leave(served)


async def test_pings_without_reading_the_pongs_are_bounded() -> None:
    async with serving() as served, dialling(served.port) as (raw, _):
        caller = await served.door.callers.get()
        pings = WireFrame(Opcode.PING, b"p" * 125).serialize(mask=True) * 500
        with contextlib.suppress(OSError):
            for _ in range(500):
                await raw.push(pings)
        await caller.gone


# Messages.


async def test_the_largest_message_arrives_and_binary_arrives_as_bytes() -> None:
    async with serving() as served, dialling(served.port) as (raw, _):
        caller = await served.door.callers.get()
        await raw.frame(Opcode.TEXT, b"x" * MAX_MESSAGE)
        assert await caller.inbox.get() == {"type": "websocket.receive", "text": "x" * MAX_MESSAGE}
        await raw.frame(Opcode.BINARY, b"\xff" * MAX_MESSAGE)
        assert await caller.inbox.get() == {"type": "websocket.receive", "bytes": b"\xff" * MAX_MESSAGE}


TOO_LARGE = b'{"type":"reply","ref":null,"ok":false,"error":{"code":"too_large",'


@pytest.mark.parametrize("opcode", [Opcode.TEXT, Opcode.BINARY])
@pytest.mark.parametrize("declared", [MAX_MESSAGE + 1, 10_000_000, 1 << 62])
async def test_an_oversize_frame_is_refused_by_its_header_alone(opcode: Opcode, declared: int) -> None:
    async with serving() as served, dialling(served.port) as (raw, _):
        caller = await served.door.callers.get()
        await raw.push(struct.pack("!BBQ4x", 0x80 | opcode, 0xFF, declared))
        first, payload = await raw.next()
        assert first == Opcode.TEXT
        assert payload.startswith(TOO_LARGE)
        assert await raw.close_code() == 4504
        assert await caller.gone == 4504
        assert caller.inbox.empty()
        with pytest.raises(FrameRefused):
            caller.writer.write_frame(text_frame(b"late"))


async def test_ten_megabytes_are_thrown_away_as_they_come() -> None:
    async with serving() as served, connect(f"ws://127.0.0.1:{served.port}") as client:
        caller = await served.door.callers.get()
        (server_side,) = served.protocols
        kept: list[int] = []
        received = server_side.data_received

        def watch(data: bytes) -> None:
            received(data)
            kept.append(len(server_side.conn.reader.buffer))

        server_side.data_received = watch
        server_side.transport.set_protocol(server_side)
        with contextlib.suppress(ConnectionClosed):
            await client.send("x" * 10_000_000)
        told = [text async for text in everything(client)]
        assert client.close_code == 4504
        assert [text.encode().startswith(TOO_LARGE) for text in told] == [True]
        assert kept
        assert max(kept) <= MAX_MESSAGE
        assert await caller.gone == 4504


@pytest.mark.parametrize("already", ["open", "closing"])
async def test_the_rest_of_an_oversize_message_is_taken_off_the_wire(already: str) -> None:
    async with serving() as served, dialling(served.port) as (raw, _):
        caller = await served.door.callers.get()
        if already == "closing":
            await caller.close(4502, "meeting ended")
        await raw.push(struct.pack("!BBQ4x", 0x81, 0xFF, 4_000_000))
        await raw.push(b"x" * 4_000_000)
        assert await raw.close_code() == (4502 if already == "closing" else 4504)
        await leave(served)


async def test_it_is_taken_off_the_wire_for_a_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "LINGER", 0.01)
    monkeypatch.setattr(protocol, "QUIET", HANG)
    async with serving() as served, dialling(served.port) as (raw, _):
        await served.door.callers.get()
        await raw.push(struct.pack("!BBQ4x", 0x81, 0xFF, 1 << 40))
        with pytest.raises(OSError):
            await push_slowly(raw)


async def push_slowly(raw: Raw) -> None:
    for _ in range(100):
        await raw.push(b"x" * 100_000)
        await asyncio.sleep(0.001)


async def test_an_oversize_message_in_fragments_is_refused() -> None:
    async with serving() as served, dialling(served.port) as (raw, _):
        caller = await served.door.callers.get()
        await raw.frame(Opcode.TEXT, b"x" * 40_000, fin=False)
        await raw.frame(Opcode.CONT, b"x" * (MAX_MESSAGE - 40_000), fin=False)
        await raw.frame(Opcode.CONT, b"x", fin=True)
        assert await raw.close_code() == 4504
        assert await caller.gone == 4504
        assert caller.inbox.empty()


async def test_a_message_may_come_in_fragments() -> None:
    async with serving() as served, dialling(served.port) as (raw, _):
        caller = await served.door.callers.get()
        await raw.frame(Opcode.TEXT, b"x", fin=False)
        for _ in range(MAX_FRAGMENTS - 2):
            await raw.frame(Opcode.CONT, b"", fin=False)
        await raw.frame(Opcode.CONT, b"y")
        assert await caller.inbox.get() == {"type": "websocket.receive", "text": "xy"}


async def test_empty_fragments_without_end_are_refused() -> None:
    async with serving() as served:
        served.door.may_read.clear()
        async with dialling(served.port) as (raw, _):
            caller = await served.door.callers.get()
            (server_side,) = served.protocols
            await raw.frame(Opcode.TEXT, b"x", fin=False)
            # Pings among them are answered, and do not disturb the end.
            empty = WireFrame(Opcode.CONT, b"", False).serialize(mask=True)
            await raw.push((empty * 100 + WireFrame(Opcode.PING, b"p").serialize(mask=True)) * 12)
            assert await raw.close_code() == 4504
            assert server_side.queue.qsize() == 1
            await raw.ended()
            await leave(served)
        served.door.may_read.set()
        assert await caller.gone == 4504


async def test_other_protocol_errors_keep_their_own_codes() -> None:
    async with serving() as served, dialling(served.port) as (raw, _):
        await raw.push(b"\xff\x80\0\0\0\0")
        assert await raw.close_code() == CloseCode.PROTOCOL_ERROR
