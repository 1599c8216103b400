"""The sockets of one presence, one after another: opened, read to the end, and opened again where a policy says so.

new -- open() --> at work -- lost, and the policy comes back --> gone --> at work
                          \\___ closed, and nobody comes back __/_______/--> over
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed as SocketClosed

from meetingsim.clients.errors import Closed, ConnectionClosed, MeetingsimError, WaitTimeout
from meetingsim.clients.frames import CameBack, Frame, Reply, wire
from meetingsim.clients.inbox import AnyFrame, Inbox
from meetingsim.clients.mirror import Mirror
from meetingsim.clients.pending import Asked, Pictures, Replies
from meetingsim.clients.reconnect import Comeback, Reconnect
from meetingsim.clients.redaction import harmless
from meetingsim.clients.sockets import parsed
from meetingsim.state.plain import plain

Dial = Callable[[], Awaitable[ClientConnection]]
_KNOCKS = frozenset({"join", "resume"})


class Line:
    """Frames out, replies matched by ``ref``, every frame into inbox and mirror. ``dial`` opens a socket."""

    def __init__(
        self,
        dial: Dial,
        *,
        timeout: float,
        on_frame: Callable[[AnyFrame], None] | None,
        history: int,
        policy: Reconnect | None,
    ) -> None:
        self.inbox = Inbox(history=history)
        self.mirror = Mirror()
        self.pictures = Pictures()
        self.reading = asyncio.Event()
        self.reading.set()
        self.socket: ClientConnection | None = None
        self._dial_socket = dial
        self.timeout = timeout
        self._on_frame = on_frame
        self._replies = Replies()
        self._reader: asyncio.Task[Closed] | None = None
        self._life: asyncio.Task[None] | None = None
        self._comeback = Comeback(policy) if policy else None
        self._returning: asyncio.Task[ConnectionClosed | None] | None = None
        self._at_work = asyncio.Event()
        self._at_work.set()
        self._stays_away = False
        self._joined: dict[str, Any] | None = None
        self._gap: CameBack | None = None

    # The whole life.

    async def open(self) -> None:
        """Opens the first socket, or the next one by hand."""
        await self._dial()
        self.inbox.reopen()
        self._stays_away = False
        self._life = asyncio.create_task(self._live())

    async def close(self) -> None:
        """Ends the socket politely, and whatever tries to open another."""
        self.stay_away()
        if self.socket is not None:
            self.reading.set()
            await self.socket.close()
            await self.over()

    async def drop(self) -> None:
        """Cuts the socket; a policy then comes back."""
        if self.socket is not None and self._reader is not None:
            self.reading.set()
            self.socket.transport.abort()
            await (self.over() if self._comeback is None else asyncio.wait([self._reader]))

    def stay_away(self) -> None:
        """Nobody comes back from the next end, nor from this one."""
        self._stays_away = True
        if self._returning is not None:
            self._returning.cancel()

    async def over(self) -> None:
        """Returns when the last socket is closed. Raises what ``on_frame`` raised."""
        if self._life is not None:
            await asyncio.shield(self._life)

    async def _live(self) -> None:
        closed, refusal = Closed(1006), None
        try:
            while self._reader is not None:
                closed = await self._reader
                if not self._comes_back(closed):
                    break
                lost = await self._come_back(closed)
                if lost is not None:
                    closed, refusal = lost.closed, lost.refusal
                    break
        finally:
            self.inbox.close(closed, refusal)
            self._at_work.set()
            self.pictures.fail(self.inbox.ended)

    # Coming back.

    def _comes_back(self, closed: Closed) -> bool:
        known = self.mirror.session is not None
        return self._comeback is not None and not self._stays_away and closed.temporary and known

    async def _come_back(self, closed: Closed) -> ConnectionClosed | None:
        assert self._comeback is not None
        comeback, after = self._comeback, self.mirror.seq

        async def attempt(anew: bool) -> None:
            how: Literal["joined_again", "resumed"] = "joined_again" if anew else "resumed"
            await self._try_again(CameBack(how, closed.code, comeback.tries, after))

        self._at_work.clear()
        tries = comeback.come_back(closed, attempt, may_join=self._joined is not None)
        self._returning = asyncio.create_task(tries)
        try:
            await asyncio.wait([self._returning])
            return ConnectionClosed(closed) if self._returning.cancelled() else self._returning.result()
        finally:
            self._returning.cancel()
            self._returning = self._gap = None
            self._at_work.set()

    async def _try_again(self, gap: CameBack) -> None:
        await self._dial()
        self._gap = gap
        try:
            if gap.how == "joined_again":
                name = self.mirror.view.get("me", {}).get("name")
                await self.exchange("join", {**(self._joined or {}), **wire({"name": name})})
            else:
                mirror = self.mirror
                fields = {"session": mirror.session, "epoch": mirror.epoch, "after": mirror.seq}
                await self.exchange("resume", fields)
        except (MeetingsimError, asyncio.CancelledError):
            await self._hang_up()
            raise

    async def _hang_up(self) -> None:
        if self.socket is not None and self._reader is not None:
            self.reading.set()
            await self.socket.close()
            await self._reader  # raises what a listener raised: that is not to be tried again

    # Sending.

    async def exchange(
        self, command: str, fields: Mapping[str, Any], *, check: bool = True, timeout: float | None = None
    ) -> Reply:
        """Sends a command and waits for its reply; in a gap it waits for the gap's end first."""
        limit = self.timeout if timeout is None else timeout
        asked: Asked | None = None
        try:
            async with asyncio.timeout(limit):
                await self._working()
                asked = self._replies.expect(command, fields)
                await self._write_command(command, fields, asked.ref)
                reply = await asked.answer
        except TimeoutError:
            raise WaitTimeout(f"no reply to {command!r} within {limit:g} s", self.inbox.trail()) from None
        finally:
            if asked is not None:
                self._replies.forget(asked)
        refusal = reply.refusal
        if check and refusal is not None:
            raise refusal
        return reply

    async def tell(self, command: str, fields: Mapping[str, Any]) -> str:
        """Sends a command and gives the ``ref`` of the reply to come."""
        await self._working()
        ref = self._replies.next_ref()
        await self._write_command(command, fields, ref)
        return ref

    async def send_raw(self, data: str | bytes) -> None:
        """Sends anything."""
        await self._working()
        self.inbox.note_sent(data if isinstance(data, str) else repr(data))
        await self._write(data)

    async def _working(self) -> None:
        if self._returning is None or asyncio.current_task() is not self._returning:
            await self._at_work.wait()

    async def _write_command(self, command: str, fields: Mapping[str, Any], ref: str) -> None:
        frame = {"type": command, "ref": ref, **fields}
        if command == "join":
            self.inbox.owner = harmless(str(fields.get("name", "")))
        self.inbox.note_sent(frame)
        await self._write(json.dumps(frame, separators=(",", ":")))

    async def _write(self, data: str | bytes) -> None:
        if self.socket is None or self._reader is None:
            raise RuntimeError("this connection is not open yet")
        reader = self._reader
        try:
            await self.socket.send(data)
        except SocketClosed:
            self.reading.set()
            closed = await asyncio.shield(reader)
            if self._returning is None and not self._comes_back(closed):
                await self.over()
            raise self.inbox.ended("sending", closed) from None

    # One socket.

    async def _dial(self) -> None:
        self.socket = await self._dial_socket()
        self._reader = asyncio.create_task(self._read(self.socket))

    async def _read(self, socket: ClientConnection) -> Closed:
        closed = Closed(1006)
        try:
            while True:
                await self.reading.wait()
                self._take(await socket.recv())
        except SocketClosed:
            closed = Closed(socket.close_code or 1006, socket.close_reason or "")
            if self._comes_back(closed):
                self._at_work.clear()
        finally:
            self.inbox.note_lost(closed)
            self._replies.fail(lambda doing: self.inbox.ended(doing, closed))
        return closed

    def _take(self, text: str | bytes) -> None:
        said = parsed(text)
        if said is None:
            self._hand_out(Frame({"type": "unreadable", "text": repr(text[:1000])}))
            return
        frame: AnyFrame = Reply(said) if said.get("type") == "reply" else Frame(said)
        asked = self._replies.to(frame) if isinstance(frame, Reply) else None
        if self._gap is not None and not (isinstance(frame, Reply) and not frame.ok):
            self._note_gap(self._gap, frame)
        # The mirror changes what it is given, so it gets a reading of its own.
        self.mirror.fold(json.loads(text))
        self.inbox.put(frame, taken=asked is not None)
        if asked is not None and isinstance(frame, Reply) and not asked.answer.done():
            self._answered(asked, frame)
        self.pictures.look(self.mirror.view)
        if self._on_frame is not None:
            self._on_frame(frame)

    def _answered(self, asked: Asked, reply: Reply) -> None:
        if reply.ok and asked.command in _KNOCKS:
            if self._returning is None:
                self.inbox.take_all("view")
            if asked.command == "join":
                # The device that the server made up is what it knows this client by.
                self._joined = {**asked.fields, **wire({"device": reply.get("device")})}
        asked.answer.set_result(reply)

    def _note_gap(self, gap: CameBack, first: AnyFrame) -> None:
        self._gap = None
        fresh = first.type == "view" and gap.how == "resumed"
        note: AnyFrame = Frame({"type": gap.type, **plain(replace(gap, how="fresh_view") if fresh else gap)})
        self._hand_out(note)

    def _hand_out(self, frame: AnyFrame) -> None:
        self.inbox.put(frame)
        if self._on_frame is not None:
            self._on_frame(frame)
