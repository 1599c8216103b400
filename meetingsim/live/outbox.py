"""The bounded outbox of one connection: it takes frames, never waits, and closes whoever does not read.

    open ── put ──> open ── the bound is passed ──> closing with 4001 ──> closed, or cut off
      └──────────────────── close(code) ──────────> closing with code ──> closed, or cut off

Frames go out by one of two sinks: straight into the transport where the server offers a ``Writer``, else
through the server's own ``send_text``, from a queue that one task empties.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol, Self

from meetingsim.state.codes import CLOSES

LIMIT: Final = 1 << 20
"""Bytes that may wait for one connection."""

PATIENCE: Final = 1.0
"""Seconds for what waits, and the close frame, to go out."""

TOO_SLOW: Final = 4001

SendText = Callable[[str], Awaitable[None]]
CloseSocket = Callable[[int, str], Awaitable[None]]


class FrameRefused(Exception):
    """The connection takes no frame: it is not open yet, or not any more."""


def text_frame(payload: bytes) -> bytes:
    """A whole unmasked text frame (RFC 6455, section 5.2); that ``payload`` is UTF-8 is not checked."""
    length = len(payload)
    if length < 126:
        head = bytes((0x81, length))
    elif length < 1 << 16:
        head = b"\x81\x7e" + length.to_bytes(2, "big")
    else:
        head = b"\x81\x7f" + length.to_bytes(8, "big")
    return head + payload


@dataclass(frozen=True, slots=True)
class Frame:
    """One message in both shapes that the sinks need, made once for everyone who is told."""

    payload: bytes
    wire: bytes

    @classmethod
    def of(cls, payload: bytes) -> Self:
        return cls(payload, text_frame(payload))


class Writer(Protocol):
    """A way past the server's own send; ``meetingsim.routers.protocol`` has the one for uvicorn."""

    blocked: bool
    """Something still waits in the transport. Meaningful only after ``take_over``."""

    def take_over(self, on_drained: Callable[[], None]) -> None:
        """Makes the bound the caller's: the server's own sends wait no longer, and ``on_drained`` is called
        whenever nothing waits in the transport any more."""

    def write_frame(self, frame: bytes) -> None:
        """Writes whole frames as they stand.

        Raises:
            FrameRefused: the connection is not open yet, or not any more.
        """

    def buffered(self) -> int:
        """Bytes that the transport holds because the network did not take them."""

    def close(self, code: int, reason: str) -> None:
        """Writes the close frame after what the transport holds; nothing where the end has begun already."""

    def abort(self) -> None:
        """Drops the connection and what it holds, with no close frame."""


class FrameSink(Protocol):
    def send(self, *frames: Frame) -> int:
        """Takes frames and gives the bytes that wait now. Raises FrameRefused where nobody is there."""

    def drop(self) -> None:
        """Forgets every frame of which no byte is out yet."""

    def close(self, code: int, reason: str, patience: float) -> asyncio.Task[None] | None:
        """Sends what waits, then the close frame; whoever does not take it in ``patience`` s is cut off.

        Gives the task that does it, or None where the server has it all already.
        """


class DirectSink:
    """Writes to the transport, and holds frames back while something waits there.

    What the transport has can be neither recalled nor overtaken by a close frame, so it is given no second
    frame before the first is out.
    """

    __slots__ = ("_held", "_held_bytes", "_writer")

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._held: list[bytes] = []
        self._held_bytes = 0
        writer.take_over(self._write_held)

    def send(self, *frames: Frame) -> int:
        writer = self._writer
        if not writer.blocked:
            writer.write_frame(frames[0].wire if len(frames) == 1 else b"".join([frame.wire for frame in frames]))
            return writer.buffered() if writer.blocked else 0
        for frame in frames:
            self._held.append(frame.wire)
            self._held_bytes += len(frame.wire)
        return self._held_bytes + writer.buffered()

    def drop(self) -> None:
        self._held.clear()
        self._held_bytes = 0

    def close(self, code: int, reason: str, patience: float) -> None:
        self._write_held()
        self._writer.close(code, reason)
        if self._writer.buffered():
            asyncio.get_running_loop().call_later(patience, self._cut_off)

    def _write_held(self) -> None:
        if self._held:
            wire = b"".join(self._held)
            self.drop()
            with suppress(FrameRefused):
                self._writer.write_frame(wire)

    def _cut_off(self) -> None:
        if self._writer.buffered():
            self._writer.abort()


class QueuedSink:
    """Sends through the server, one frame after another, in a task that lives while there are frames.

    Of what the server itself buffers it knows nothing: a server that neither waits nor bounds is unbounded.
    """

    __slots__ = ("_close_socket", "_gone", "_queue", "_queued_bytes", "_send_text", "_task")

    def __init__(self, send_text: SendText, close: CloseSocket) -> None:
        self._send_text = send_text
        self._close_socket = close
        self._queue: deque[Frame] = deque()
        self._queued_bytes = 0
        self._task: asyncio.Task[None] | None = None
        self._gone = False

    def send(self, *frames: Frame) -> int:
        if self._gone:
            raise FrameRefused
        self._queue.extend(frames)
        self._queued_bytes += sum(len(frame.wire) for frame in frames)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._empty())
        return self._queued_bytes

    def drop(self) -> None:
        self._queue.clear()
        self._queued_bytes = 0

    def close(self, code: int, reason: str, patience: float) -> asyncio.Task[None]:
        return asyncio.create_task(self._end(code, reason, patience))

    async def _empty(self) -> None:
        # The peer may have gone, or the server closed first: each server has exceptions of its own for it.
        try:
            while self._queue:
                frame = self._queue.popleft()
                await self._send_text(frame.payload.decode())
                self._queued_bytes -= len(frame.wire)
        except Exception:
            self._gone = True

    async def _end(self, code: int, reason: str, patience: float) -> None:
        # The same exceptions; and a send that is stuck in the server is given up with its task.
        with suppress(Exception):
            async with asyncio.timeout(patience):
                if self._task is not None:
                    await self._task
                await self._close_socket(code, reason)


class Outbox:
    """Takes frames for one connection, in order, until it is closed or ``limit`` bytes wait.

    Nothing here waits for the reader but ``close``, and that at most ``patience`` seconds. When the bound is
    passed the outbox drops what waits, closes with 4001 by itself and calls ``on_overflow`` once.
    """

    __slots__ = ("_begun", "_ending", "_limit", "_on_overflow", "_patience", "_sink", "closed")

    def __init__(
        self,
        sink: FrameSink,
        *,
        limit: int = LIMIT,
        patience: float = PATIENCE,
        on_overflow: Callable[[], None] | None = None,
    ) -> None:
        self.closed = False
        self._sink = sink
        self._limit = limit
        self._patience = patience
        self._on_overflow = on_overflow
        self._ending: asyncio.Task[None] | None = None
        self._begun = False

    def put(self, *frames: Frame) -> None:
        """Takes at least one frame; several at once cost one write. Does nothing once closed."""
        if self.closed:
            return
        try:
            waiting = self._sink.send(*frames)
        except FrameRefused:
            self.closed = True
            return
        if waiting > self._limit:
            self.close_soon(TOO_SLOW, CLOSES[TOO_SLOW], drop=True)
            if self._on_overflow is not None:
                self._on_overflow()

    def close_soon(self, code: int, reason: str = "", *, drop: bool = False) -> None:
        """Takes nothing more. What was put goes out first, unless ``drop``. The first call counts."""
        self.closed = True
        if drop:
            self._sink.drop()
        if not self._begun:
            self._begun = True
            self._ending = self._sink.close(code, reason, self._patience)

    async def close(self, code: int, reason: str = "", *, drop: bool = False) -> None:
        """As ``close_soon``, and returns when the close frame is with the server or was given up.

        An ASGI app that returns before that may take the close frame with it.
        """
        self.close_soon(code, reason, drop=drop)
        if self._ending is not None:
            await asyncio.shield(self._ending)
