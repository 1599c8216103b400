"""uvicorn's WebSocket protocol with a way for ready-made frames, and with the close codes of the contract.

No part of uvicorn that this leans on is a documented interface: ``tests/routers/test_protocol.py`` fails when
one of them is gone.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, cast

from starlette.websockets import WebSocket
from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.exceptions import PayloadTooBig
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from meetingsim.live.outbox import (
    LIMIT,
    PATIENCE,
    DirectSink,
    FrameRefused,
    FrameSink,
    QueuedSink,
    text_frame,
)
from meetingsim.state.codes import CLOSES

__all__ = [
    "EXTENSION",
    "MAX_MESSAGE",
    "FrameRefused",
    "FrameWriter",
    "MeetingProtocol",
    "sink_of",
    "text_frame",
]

EXTENSION: Final = "meetingsim.write_frame"
"""Where ``scope["extensions"]`` has the FrameWriter; absent where permessage-deflate was negotiated, because
a compressed frame is different for each connection."""

MAX_MESSAGE: Final = 64 * 1024
"""Bytes of one message, in however many frames; more is answered ``too_large`` and closed with 4504."""

MAX_FRAGMENTS: Final = 1024
"""Frames of one message: an empty one adds no byte to its size and yet takes memory."""

LINGER: Final = 3.0
"""Seconds, at most, in which what a refused peer still sends is read and thrown away."""

QUIET: Final = 0.2
"""Seconds without a byte after which a refused peer has sent all it had."""

_SHUTTING_DOWN = 4000
_ABUSE = 4504
_CODES: Final[dict[int | None, int]] = {
    CloseCode.SERVICE_RESTART: _SHUTTING_DOWN,
    CloseCode.MESSAGE_TOO_BIG: _ABUSE,
}
_TOO_LARGE = (
    b'{"type":"reply","ref":null,"ok":false,"error":{"code":"too_large",'
    b'"detail":"A frame may have 65,536 bytes at most.","temporary":false}}'
)


class FrameWriter:
    """Writes ready-made frames past uvicorn, and shows no more of the transport than that takes."""

    __slots__ = ("_close", "_conn", "_on_drained", "_transport", "blocked")

    def __init__(self, conn: ServerProtocol, transport: asyncio.Transport, close: Callable[[int, str], None]) -> None:
        self.blocked = False
        self._close = close
        self._conn = conn
        self._transport = transport
        self._on_drained: Callable[[], None] | None = None

    def take_over(self, on_drained: Callable[[], None]) -> None:
        """See ``live.outbox.Writer``; to be called at most once, and before anything waits."""
        self._on_drained = on_drained
        if not self._transport.is_closing():
            # With no high-water mark the transport says at once when something waits, and when nothing does.
            self._transport.set_write_buffer_limits(high=0)

    @property
    def taken_over(self) -> bool:
        return self._on_drained is not None

    def drained(self) -> None:
        self.blocked = False
        if self._on_drained is not None:
            self._on_drained()

    def write_frame(self, frame: bytes) -> None:
        """Writes one or more complete, unmasked server frames.

        uvicorn writes whole frames in single calls, so that nothing can fall in between.

        Raises:
            FrameRefused: before the handshake is done, and once either side has begun to close.
        """
        if self._conn.state is not OPEN or self._transport.is_closing():
            raise FrameRefused
        self._transport.write(frame)

    def close(self, code: int, reason: str) -> None:
        if self._conn.state is OPEN and not self._transport.is_closing():
            self._close(code, reason)

    def buffered(self) -> int:
        return self._transport.get_write_buffer_size()

    def abort(self) -> None:
        self._transport.abort()


def sink_of(websocket: WebSocket) -> FrameSink:
    """The fastest way for frames that the server of this accepted socket has."""
    writer = (websocket.scope.get("extensions") or {}).get(EXTENSION)
    if writer is None:
        return QueuedSink(websocket.send_text, websocket.close)
    return DirectSink(writer)


class MeetingConnection(ServerProtocol):
    """Says the close codes of the contract where uvicorn and websockets have their own."""

    def send_close(self, code: CloseCode | int | None = None, reason: str = "") -> None:
        if code in _CODES:
            code, reason = _CODES[code], CLOSES[_CODES[code]]
        super().send_close(code, reason)

    def fail(self, code: CloseCode | int, reason: str = "") -> None:
        if code == CloseCode.MESSAGE_TOO_BIG and self.state is OPEN:
            self.send_text(_TOO_LARGE)
        if code in _CODES:
            code, reason = _CODES[code], CLOSES[_CODES[code]]
        super().fail(code, reason)


class MeetingProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol, for ``uvicorn.Config(ws=MeetingProtocol, ws_per_message_deflate=False)``.

    Whatever ``ws_max_size`` says, a message has ``MAX_MESSAGE`` bytes at most. A connection on its way out
    that does not take its close frame is cut off: uvicorn would keep it, and a stopping server wait for it.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn = MeetingConnection(
            extensions=self.conn.available_extensions,
            max_size=min(config.ws_max_size, MAX_MESSAGE),
            logger=self.conn.logger,
        )
        self.writer: FrameWriter | None = None
        self.refused_at: float | None = None

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101 and not self.conn.extensions:
            self.writer = FrameWriter(self.conn, self.transport, self.close)
            # The task with the app was made just now and has not run yet.
            extensions = cast("dict[str, object]", self.scope["extensions"])
            extensions[EXTENSION] = self.writer

    # Writing. Who has taken the bound over is told of a full transport; uvicorn's own sends then go on, or a
    # close frame would wait for the very peer that does not read.

    def pause_writing(self) -> None:
        if self.writer is not None and self.writer.taken_over:
            self.writer.blocked = True
        else:
            super().pause_writing()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.writer is not None:
            self.writer.drained()

    # Reading.

    def data_received(self, data: bytes) -> None:
        if self.refused_at is not None:
            self.linger(self.refused_at)
            return
        super().data_received(data)
        if not self.handshake_initiated and self.conn.handshake_exc is not None:
            # A header too long for websockets, not for h11: the answer is there, but uvicorn sees no event.
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    def handle_ping(self) -> None:
        super().handle_ping()
        if self.transport.get_write_buffer_size() > LIMIT:
            # Pongs pass the outbox by, and so does whoever sends pings without reading the answers.
            self.transport.abort()

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) < MAX_FRAGMENTS:
            super().handle_cont(event)
        elif self.refused_at is None:
            self.conn.fail(CloseCode.MESSAGE_TOO_BIG)
            self.refuse()

    def handle_parser_exception(self) -> None:
        if self.conn.close_sent is None:
            # Before the handshake is done there can be no close frame, and uvicorn asserts that there is one.
            self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})
            self.transport.abort()
        elif isinstance(self.conn.parser_exc, PayloadTooBig):
            self.refuse()
        else:
            super().handle_parser_exception()

    def refuse(self) -> None:
        """Ends a connection whose peer sends more than it may.

        Closed with bytes unread, TCP sends a reset, and the peer may lose the close frame to it. So what
        still comes is read for a while.
        """
        self.refused_at = self.loop.time()
        self.begin_end(_ABUSE, CLOSES[_ABUSE])
        self.linger(self.refused_at)

    def linger(self, since: float) -> None:
        if self.close_timer is not None:
            self.close_timer.cancel()
        left = since + LINGER - self.loop.time()
        self.close_timer = self.loop.call_later(min(left, QUIET), self.transport.abort)

    # Ending.

    def close(self, code: int, reason: str) -> None:
        """What uvicorn does when the app sends ``websocket.close``, without a coroutine around it."""
        self.conn.send_close(code, reason)
        self.begin_end(code, reason)
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.close)

    def begin_end(self, code: int, reason: str) -> None:
        """Writes the close frame that the connection has ready, and reads on until the peer answers it."""
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        if not self.transport.is_closing():
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            if self.read_paused:
                self.read_paused = False
                self.transport.resume_reading()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.cut_off_later()

    async def run_asgi(self) -> None:
        await super().run_asgi()
        self.cut_off_later()

    def shutdown(self) -> None:
        if self.handshake_complete and not self.close_sent and self.conn.state is not OPEN:
            # The peer closed, and uvicorn would try to send a second close frame.
            self.transport.close()
        else:
            super().shutdown()

    def cut_off_later(self) -> None:
        if self.transport.is_closing() and self.transport.get_write_buffer_size():
            self.loop.call_later(PATIENCE, self.transport.abort)
