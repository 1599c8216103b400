"""The outbox over a transport made for the test, and over a stock uvicorn that has no way for frames."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from typing import Any

import anyio
import pytest
import uvicorn
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame as WireFrame
from websockets.frames import Opcode

from meetingsim.live.outbox import DirectSink, Frame, FrameRefused, Outbox, QueuedSink, text_frame

HANG = 30 * float(os.environ.get("MEETINGSIM_TEST_SCALE", "1"))
"""Seconds after which a test that waits for something is taken to hang."""

A, B, C = (Frame.of(letter * 100) for letter in (b"a", b"b", b"c"))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Line:
    """A transport with a socket that takes ``room`` bytes, and the server around it; says what happened."""

    def __init__(self, room: int = 1 << 30) -> None:
        self.room = room
        self.sent = b""
        self.waiting = b""
        self.log: list[str] = []
        self.blocked = False
        self.refusing = False
        self.on_drained: Callable[[], None]

    def take_over(self, on_drained: Callable[[], None]) -> None:
        self.on_drained = on_drained

    def write_frame(self, frame: bytes) -> None:
        if self.refusing:
            raise FrameRefused
        self.log.append("write")
        self.waiting += frame
        self.flow(0)

    def buffered(self) -> int:
        return len(self.waiting)

    def abort(self) -> None:
        self.log.append("abort")
        self.waiting = b""

    def close(self, code: int, reason: str) -> None:
        self.log.append(f"close {code} {reason}")

    def flow(self, room: int) -> None:
        """The peer reads ``room`` bytes."""
        self.room += room
        taken, self.waiting = self.waiting[: self.room], self.waiting[self.room :]
        self.room -= len(taken)
        self.sent += taken
        was_blocked, self.blocked = self.blocked, bool(self.waiting)
        if was_blocked and not self.blocked:
            self.on_drained()

    def outbox(self, **options: Any) -> Outbox:
        return Outbox(DirectSink(self), **options)


class Server:
    """The sends of a server that has no way for frames; ``open`` says whether it takes any now."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.log: list[str] = []

    async def send_text(self, text: str) -> None:
        await self.open.wait()
        self.log.append(text)

    async def close(self, code: int, reason: str) -> None:
        await self.open.wait()
        self.log.append(f"close {code} {reason}")

    def outbox(self, **options: Any) -> Outbox:
        return Outbox(QueuedSink(self.send_text, self.close), **options)


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 200_000])
def test_a_text_frame_is_the_one_of_the_rfc(size: int) -> None:
    payload = b"x" * size
    assert text_frame(payload) == WireFrame(Opcode.TEXT, payload).serialize(mask=False)
    assert Frame.of(payload) == Frame(payload, text_frame(payload))


# Straight to the transport.


def test_a_frame_is_written_at_once_and_several_in_one_go() -> None:
    line = Line()
    outbox = line.outbox()
    outbox.put(A)
    assert (line.sent, line.log) == (A.wire, ["write"])
    outbox.put(B, C)
    assert (line.sent, line.log) == (A.wire + B.wire + C.wire, ["write", "write"])


def test_frames_are_held_while_the_transport_is_full_and_follow_together() -> None:
    line = Line(room=10)
    outbox = line.outbox()
    for frame in (A, B, C):
        outbox.put(frame)
    assert line.waiting == A.wire[10:]
    line.flow(1000)
    assert line.sent == A.wire + B.wire + C.wire
    assert line.log == ["write", "write"]
    outbox.put(A)
    assert line.sent.endswith(C.wire + A.wire)


def test_what_was_held_may_fill_the_transport_again() -> None:
    line = Line(room=10)
    outbox = line.outbox()
    for frame in (A, B, C, A):
        outbox.put(frame)
    while line.waiting:
        line.flow(7)
        outbox.put(B) if len(line.sent) < 200 else None
    assert line.sent.startswith(A.wire + B.wire + C.wire + A.wire + B.wire)


def test_what_was_held_and_is_out_counts_no_longer() -> None:
    line = Line(room=10)
    outbox = line.outbox(limit=3 * len(A.wire))
    for _ in range(10):
        outbox.put(A)
        outbox.put(B)
        line.flow(2 * len(A.wire))
    assert not outbox.closed


@pytest.mark.anyio
async def test_what_was_put_goes_before_the_close_frame() -> None:
    line = Line(room=10)
    outbox = line.outbox()
    outbox.put(A)
    outbox.put(B)
    await outbox.close(4502, "meeting ended")
    assert line.waiting == (A.wire + B.wire)[10:]
    assert line.log == ["write", "write", "close 4502 meeting ended"]


@pytest.mark.anyio
async def test_drop_keeps_what_the_transport_has_begun() -> None:
    line = Line(room=10)
    outbox = line.outbox()
    outbox.put(A)
    outbox.put(B)
    await outbox.close(4500, "removed", drop=True)
    line.flow(1000)
    assert line.sent == A.wire
    assert line.log == ["write", "close 4500 removed"]


@pytest.mark.anyio
async def test_nothing_is_taken_after_close() -> None:
    line = Line()
    outbox = line.outbox()
    outbox.close_soon(1000)
    assert outbox.closed
    outbox.put(A)
    await outbox.close(4502, "too late to be the reason")
    assert line.log == ["close 1000 "]


@pytest.mark.anyio
async def test_the_bound_is_the_transport_and_what_is_held() -> None:
    line = Line(room=50)
    overflows: list[bool] = []
    outbox = line.outbox(limit=3 * len(A.wire) - 51, on_overflow=lambda: overflows.append(outbox.closed))
    outbox.put(A)
    outbox.put(B)
    assert not outbox.closed
    outbox.put(C)
    assert overflows == [True]
    outbox.put(A)
    await settle()
    assert overflows == [True]
    # What was held is dropped, so that the close frame is near for someone who reads again.
    assert line.waiting == A.wire[50:]
    assert line.log == ["write", "close 4001 too slow"]


def test_one_frame_may_pass_the_bound_where_the_peer_takes_it() -> None:
    line = Line()
    outbox = line.outbox(limit=10)
    outbox.put(A)
    assert not outbox.closed


@pytest.mark.anyio
async def test_a_first_write_that_passes_the_bound_is_noticed() -> None:
    line = Line(room=1)
    outbox = line.outbox(limit=len(A.wire) - 2)
    outbox.put(A)
    assert outbox.closed
    await settle()


@pytest.mark.anyio
async def test_who_does_not_take_the_close_frame_is_cut_off() -> None:
    line = Line(room=10)
    outbox = line.outbox(patience=0.001)
    outbox.put(A)
    await outbox.close(4502)
    assert "abort" not in line.log
    with anyio.fail_after(HANG):
        while "abort" not in line.log:
            await asyncio.sleep(0.001)


@pytest.mark.anyio
@pytest.mark.parametrize("when", ["before", "in time"])
async def test_who_takes_the_close_frame_is_not_cut_off(when: str) -> None:
    line = Line(room=1000 if when == "before" else 10)
    outbox = line.outbox(patience=0.001)
    outbox.put(A)
    await outbox.close(4502)
    line.flow(1000)
    await asyncio.sleep(0.02)
    assert line.log == ["write", "close 4502 "]


@pytest.mark.anyio
async def test_a_peer_that_has_gone_closes_the_outbox_quietly() -> None:
    line = Line()
    outbox = line.outbox()
    line.refusing = True
    outbox.put(A)
    assert outbox.closed


@pytest.mark.anyio
async def test_what_is_held_for_a_peer_that_has_gone_is_forgotten() -> None:
    line = Line(room=10)
    outbox = line.outbox()
    outbox.put(A)
    outbox.put(B)
    line.refusing = True
    line.flow(1000)
    assert line.sent == A.wire
    await outbox.close(1000)
    assert line.log == ["write", "close 1000 "]


@pytest.mark.anyio
async def test_the_close_frame_is_with_the_server_before_close_soon_returns() -> None:
    line = Line(room=10)
    outbox = line.outbox()
    outbox.put(A)
    outbox.put(B)
    outbox.close_soon(4504, "protocol abuse")
    assert line.log == ["write", "write", "close 4504 protocol abuse"]
    line.flow(1000)


# Through the server.


@pytest.mark.anyio
async def test_without_a_writer_frames_go_through_the_server_in_order() -> None:
    server = Server()
    outbox = server.outbox()
    outbox.put(A)
    outbox.put(B, C)
    await settle()
    assert server.log == ["a" * 100, "b" * 100, "c" * 100]
    outbox.put(Frame.of("grüße".encode()))
    await outbox.close(1000, "left")
    assert server.log[3:] == ["grüße", "close 1000 left"]


@pytest.mark.anyio
async def test_without_a_writer_the_bound_holds_for_the_queue() -> None:
    server = Server()
    server.open.clear()
    overflows: list[int] = []
    outbox = server.outbox(limit=2 * len(A.wire), patience=HANG, on_overflow=lambda: overflows.append(1))
    outbox.put(A)
    await settle()
    outbox.put(B)
    assert not outbox.closed
    outbox.put(C)
    outbox.put(A)
    assert outbox.closed
    assert overflows == [1]
    server.open.set()
    await outbox.close(1000)
    assert server.log == ["a" * 100, "close 4001 too slow"]


@pytest.mark.anyio
async def test_without_a_writer_what_was_sent_counts_no_longer() -> None:
    server = Server()
    outbox = server.outbox(limit=len(A.wire))
    for _ in range(50):
        outbox.put(A)
        await settle()
    assert not outbox.closed
    assert len(server.log) == 50


@pytest.mark.anyio
async def test_without_a_writer_a_stuck_server_is_given_up() -> None:
    server = Server()
    server.open.clear()
    outbox = server.outbox(patience=0.001)
    outbox.put(A)
    await settle()
    with anyio.fail_after(HANG):
        await outbox.close(4502)
    server.open.set()
    await settle()
    assert server.log == []


@pytest.mark.anyio
async def test_without_a_writer_drop_keeps_only_what_is_being_sent() -> None:
    server = Server()
    server.open.clear()
    outbox = server.outbox(patience=HANG)
    outbox.put(A)
    await settle()
    outbox.put(B)
    outbox.close_soon(4500, "removed", drop=True)
    server.open.set()
    await outbox.close(1000)
    assert server.log == ["a" * 100, "close 4500 removed"]


@pytest.mark.anyio
async def test_without_a_writer_a_peer_that_has_gone_closes_the_outbox_quietly() -> None:
    tries: list[str] = []

    async def send_text(text: str) -> None:
        tries.append(text)
        raise OSError

    async def close(code: int, reason: str) -> None:
        raise OSError

    outbox = Outbox(QueuedSink(send_text, close))
    outbox.put(A)
    outbox.put(B)
    await settle()
    outbox.put(C)
    assert outbox.closed
    assert tries == ["a" * 100]
    await outbox.close(1000)


@pytest.mark.anyio
async def test_on_a_stock_server_one_who_never_reads_holds_nobody_up() -> None:
    boxes: asyncio.Queue[Outbox] = asyncio.Queue()
    done = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        async def send_text(text: str) -> None:
            await send({"type": "websocket.send", "text": text})

        async def close(code: int, reason: str) -> None:
            await send({"type": "websocket.close", "code": code, "reason": reason})

        await receive()
        await send({"type": "websocket.accept"})
        boxes.put_nowait(Outbox(QueuedSink(send_text, close), limit=100_000, patience=0.01))
        await done.wait()

    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, ws="websockets-sansio", lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext
    url = f"ws://127.0.0.1:{listener.getsockname()[1]}"
    with anyio.fail_after(HANG):
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        async with connect(url, max_queue=1, compression=None) as stuck, connect(url) as reader:
            stuck_box, reader_box = await boxes.get(), await boxes.get()
            n = 0
            while not stuck_box.closed:
                frame = Frame.of(str(n).encode() + b"." * 50_000)
                stuck_box.put(frame)
                reader_box.put(frame)
                assert (await reader.recv()).encode() == frame.payload
                n += 1
            await stuck_box.close(1000)
            await reader_box.close(4502, "meeting ended")
            with pytest.raises(ConnectionClosed):
                await reader.recv()
            assert reader.close_code == 4502
            stuck.transport.abort()
            done.set()
        server.should_exit = True
        await serving
