"""Real servers with MeetingProtocol, an app that hands its connections to the test, and a client of bare bytes."""

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import uvicorn
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame as WireFrame
from websockets.frames import Opcode

from meetingsim.live.outbox import DirectSink, FrameRefused, Outbox, text_frame
from meetingsim.routers.protocol import EXTENSION, FrameWriter, MeetingProtocol

HANG = 30 * float(os.environ.get("MEETINGSIM_TEST_SCALE", "1"))
"""Seconds after which a test that waits for something is taken to hang."""

RETURN = "return"
"""What a client sends for the app to return without closing."""

UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
)

SMALL = 8192
"""Bytes for the sockets' own buffers, so that a peer that does not read is felt soon."""


class Caller:
    """One connection as the app sees it."""

    def __init__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope, self.receive, self.send = scope, receive, send
        self.writer: FrameWriter = scope["extensions"].get(EXTENSION)
        self.before_accept: list[BaseException] = []
        self.inbox: asyncio.Queue[Any] = asyncio.Queue()
        self.gone: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def close(self, code: int, reason: str) -> None:
        await self.send({"type": "websocket.close", "code": code, "reason": reason})

    def outbox(self, **options: Any) -> Outbox:
        return Outbox(DirectSink(self.writer), **options)


class Door:
    """An ASGI app that accepts everyone and hands each connection to the test."""

    def __init__(self) -> None:
        self.callers: asyncio.Queue[Caller] = asyncio.Queue()
        self.may_accept = asyncio.Event()
        self.may_accept.set()
        self.may_read = asyncio.Event()
        self.may_read.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        caller = Caller(scope, receive, send)
        assert (await receive())["type"] == "websocket.connect"
        if caller.writer is not None:
            try:
                caller.writer.write_frame(text_frame(b"too early"))
            except FrameRefused as refused:
                caller.before_accept.append(refused)
        await self.may_accept.wait()
        await send({"type": "websocket.accept"})
        self.callers.put_nowait(caller)
        await self.may_read.wait()
        while (message := await receive())["type"] != "websocket.disconnect":
            if message.get("text") == RETURN:
                return
            caller.inbox.put_nowait(message)
        caller.gone.set_result(message["code"])


class Served:
    def __init__(self, door: Door, server: uvicorn.Server, task: asyncio.Task[None], port: int) -> None:
        self.door, self.server, self.task, self.port = door, server, task, port

    @property
    def protocols(self) -> list[MeetingProtocol]:
        return [each for each in self.server.server_state.connections if isinstance(each, MeetingProtocol)]

    async def stop(self) -> None:
        self.server.should_exit = True
        await self.task


@asynccontextmanager
async def serving(**options: Any) -> AsyncIterator[Served]:
    door = Door()
    settings: dict[str, Any] = {
        "ws": MeetingProtocol,
        "ws_per_message_deflate": False,
        "ws_ping_interval": None,
        "lifespan": "off",
        "log_config": None,
    }
    config = uvicorn.Config(door, **(settings | options))
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
    listener.bind(("127.0.0.1", 0))
    with anyio.fail_after(HANG):
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            await asyncio.sleep(0.001)
        served = Served(door, server, task, listener.getsockname()[1])
        try:
            yield served
        finally:
            await served.stop()


class Raw:
    """A client of bare bytes, which reads when it is told to and never before."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock, self.read = sock, b""
        self.loop = asyncio.get_running_loop()

    async def push(self, data: bytes) -> None:
        await self.loop.sock_sendall(self.sock, data)

    async def frame(self, opcode: Opcode, payload: bytes = b"", *, fin: bool = True) -> None:
        await self.push(WireFrame(opcode, payload, fin).serialize(mask=True))

    async def take(self, size: int) -> bytes:
        while len(self.read) < size:
            data = await self.loop.sock_recv(self.sock, 65536)
            if not data:
                raise EOFError
            self.read += data
        taken, self.read = self.read[:size], self.read[size:]
        return taken

    async def next(self) -> tuple[int, bytes]:
        """The next frame of any kind; EOFError at the end, OSError where the connection was cut."""
        head, length = await self.take(2)
        assert head & 0b0111_0000 == 0
        assert head & 0b1000_0000
        if length == 126:
            (length,) = struct.unpack("!H", await self.take(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", await self.take(8))
        return head & 15, await self.take(length)

    async def close_code(self) -> int:
        """The code of the close frame that follows, now or after other frames."""
        while True:
            opcode, payload = await self.next()
            if opcode == Opcode.CLOSE:
                return int.from_bytes(payload[:2], "big")

    async def ended(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                await self.next()


@asynccontextmanager
async def dialling(port: int, headers: str = "") -> AsyncIterator[tuple[Raw, bytes]]:
    """A raw client and the head of the answer to its handshake."""
    with socket.socket() as sock:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        raw = Raw(sock)
        await raw.loop.sock_connect(sock, ("127.0.0.1", port))
        await raw.push(UPGRADE + headers.encode() + b"\r\n")
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += await raw.take(1)
        yield raw, answer


async def fill(caller: Caller) -> None:
    """Writes until the transport holds far more than the sockets take, even as their buffers grow."""
    while caller.writer.buffered() < 20 * SMALL:
        caller.writer.write_frame(text_frame(b"." * 1024))
        await asyncio.sleep(0)


async def everything(client: Any) -> AsyncIterator[Any]:
    with contextlib.suppress(ConnectionClosed):
        while True:
            yield await client.recv()


async def leave(served: Served) -> list[MeetingProtocol]:
    while served.protocols:
        await asyncio.sleep(0.001)
    return served.protocols
