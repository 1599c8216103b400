"""One line to a server: a real socket that is dialled, written, read, left unread, and cut off.

dialling -- open --> open -- closed by the server, or lost --> over, and told
        \\_ nobody answers: over, and told      \\_ cut --> gone, and nothing is told
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from meetingsim.clients.errors import MeetingsimError

LOST = 1006
Came = Callable[[bytes], None]
Closed = Callable[[int, str], None]


class SocketLine:
    """What is sent before the socket is open, or faster than the server reads, waits here; nobody else waits for it."""

    def __init__(self, dial: Callable[[], Awaitable[ClientConnection]], came: Came, closed: Closed) -> None:
        self._came = came
        self._closed = closed
        self._outgoing: asyncio.Queue[str] = asyncio.Queue()
        self._hearing = asyncio.Event()
        self._hearing.set()
        self._socket: ClientConnection | None = None
        self.task = asyncio.create_task(self._live(dial))

    @property
    def hearing(self) -> bool:
        """Whether it reads what comes."""
        return self._hearing.is_set()

    def send(self, text: str) -> None:
        """Sends a frame as soon as the socket takes it."""
        self._outgoing.put_nowait(text)

    def cut(self) -> None:
        """The connection is gone without a word, as when a cable is pulled: no close frame, no ``closed``."""
        self.task.cancel()
        if self._socket is not None:
            self._socket.transport.abort()

    def deaf(self, deaf: bool) -> None:
        """Takes no frame any more, so that the buffers on the way fill up, and the server's outbox after them."""
        if deaf:
            self._hearing.clear()
        else:
            self._hearing.set()

    async def _live(self, dial: Callable[[], Awaitable[ClientConnection]]) -> None:
        try:
            self._socket = await dial()
        except MeetingsimError as error:
            self._closed(LOST, str(error))
            return
        writing = asyncio.create_task(self._write(self._socket))
        try:
            await self._read(self._socket)
        finally:
            writing.cancel()

    async def _read(self, socket: ClientConnection) -> None:
        try:
            while True:
                payload = await socket.recv(decode=False)
                await self._hearing.wait()
                self._came(payload)
        except ConnectionClosed:
            await self._hearing.wait()
            self._closed(int(socket.close_code or LOST), socket.close_reason or "")

    async def _write(self, socket: ClientConnection) -> None:
        try:
            while True:
                await socket.send(await self._outgoing.get())
        except ConnectionClosed:
            return  # whoever reads tells it
