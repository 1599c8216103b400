"""One person's socket: commands out, replies matched by ``ref``, every frame into the inbox and the mirror.

new -- open() --> open -- join() or resume() --> at work -- leave(), close(), drop(), the server --> closed
 \\______________________________ reconnect() goes on with the same presence ______________________/
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self, overload

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed as SocketClosed

from meetingsim.clients.errors import Closed, WaitTimeout
from meetingsim.clients.frames import E, Frame, Reply, wire
from meetingsim.clients.inbox import HISTORY, AnyFrame, Inbox, Kind, Where
from meetingsim.clients.mirror import Mirror
from meetingsim.clients.redaction import harmless
from meetingsim.clients.socket_commands import SocketCommands
from meetingsim.clients.sockets import open_socket, parsed
from meetingsim.state.control import Command, Event
from meetingsim.state.meeting import View
from meetingsim.state.plain import plain

SUBPROTOCOL: Final = "meetingsim.v1"
TIMEOUT: Final = 10.0
"""Seconds that a reply or a frame may take unless a call says otherwise."""


@dataclass(slots=True, eq=False)
class _Asked:
    command: str
    answer: asyncio.Future[Reply]


class Connection(SocketCommands):
    """A client of one meeting. Use it as a context manager, or ``open`` and ``close`` it.

    Leaving the context closes the socket and sends no ``leave``: for the server that is a drop, the seat is kept for the
    grace. Belongs to one event loop; any number of tasks may send and wait at once.
    """

    def __init__(
        self,
        socket_url: str,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        subprotocol: str | None = SUBPROTOCOL,
        timeout: float = TIMEOUT,
        on_frame: Callable[[AnyFrame], None] | None = None,
        history: int = HISTORY,
    ) -> None:
        """See ``connect`` for what the parameters mean."""
        self.socket_url = socket_url
        self.timeout = timeout
        self.inbox = Inbox(history=history)
        self.mirror = Mirror()
        self._headers = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        self._subprotocol = subprotocol
        self._on_frame = on_frame
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._reading = asyncio.Event()
        self._reading.set()
        self._refs = 0
        self._asked: dict[str, _Asked] = {}
        self._seen: list[tuple[Callable[[View], bool], asyncio.Future[None]]] = []

    # The picture.

    @property
    def view(self) -> View:
        """All that this person may know now, by the last frame that was read. Live: copy it to keep it."""
        return self.mirror.view

    @property
    def participant(self) -> str:
        """This person's id. Raises KeyError before there is a view."""
        return str(self.view["me"]["id"])

    @property
    def place(self) -> str | None:
        """early, waiting or inside, as the last view had it; None before the first one."""
        place = self.view.get("me", {}).get("place")
        return None if place is None else str(place)

    # The socket.

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def open(self) -> Self:
        """Opens the socket; sends nothing.

        Raises:
            Unreachable: nobody answers there.
            UpgradeRefused, RefusedError: somebody answers, and does not open it.
        """
        if self._socket is not None:
            raise RuntimeError("this connection was opened before; use reconnect()")
        await self._dial()
        return self

    async def close(self) -> None:
        """Ends the socket politely, without ``leave``. A closed one is left as it is."""
        if self._socket is not None:
            self.go_on_reading()
            await self._socket.close()
            await self._over()

    async def drop(self) -> None:
        """Cuts the TCP connection, with neither ``leave`` nor a close frame, as a lost network does."""
        if self._socket is not None:
            self.go_on_reading()
            self._socket.transport.abort()
            await self._over()

    async def closed(self, *, timeout: float | None = None) -> Closed:
        """Waits until the socket is closed, by whomever, and says how. Frames that came before stay readable.

        Raises:
            WaitTimeout: it was still open after ``timeout`` seconds.
        """
        limit = self.timeout if timeout is None else timeout
        try:
            async with asyncio.timeout(limit):
                return await self.wait_closed()
        except TimeoutError:
            raise WaitTimeout(f"still open after {limit:g} s", self.inbox.trail()) from None

    async def wait_closed(self) -> Closed:
        """The same without a limit. Whatever ``on_frame`` raised is raised here."""
        await self._over()
        return self.inbox.closed or Closed(1006)

    async def reconnect(self, *, country: str | None = None, address: str | None = None) -> Reply:
        """Goes on with the same presence over a new socket: cuts the old one if it is open, and resumes.

        What was missed is folded into the same mirror and lands in the same inbox.

        Raises:
            ResumeLostError: the session is over; join again on a new connection.
            RuntimeError: there is no session yet to go on with.
        """
        session, epoch = self.mirror.session, self.mirror.epoch
        if session is None or epoch is None:
            raise RuntimeError("nothing to resume: this connection never got a view with a session")
        await self.drop()
        self.inbox.reopen()
        await self._dial()
        return await self.resume(session, epoch, self.mirror.seq, country=country, address=address)

    def stop_reading(self) -> None:
        """Takes nothing more from the socket, as a client that hangs; the server's bound is what is left."""
        self._reading.clear()

    def go_on_reading(self) -> None:
        """Reads again."""
        self._reading.set()

    # Sending.

    async def send(self, command: Command, *, check: bool = True, timeout: float | None = None) -> Reply:
        """Sends a typed command and waits for its reply; with ``check=False`` a refusal is returned, not raised.

        Raises:
            RefusedError: the subclass for the code.
            ConnectionClosed: the socket closed before the reply came.
            WaitTimeout: no reply came in time. A ``media`` command is answered only when it is refused: ``tell`` it.
        """
        return await self._exchange(command.type, plain(command), check=check, timeout=timeout)

    async def ask(self, command: str, *, check: bool = True, timeout: float | None = None, **fields: Any) -> Reply:
        """The same by the command's word, with any fields: for what no typed command would carry."""
        return await self._exchange(command, wire(fields), check=check, timeout=timeout)

    async def tell(self, command: Command) -> str:
        """Sends a typed command and returns its ``ref`` at once; the reply becomes a frame of the inbox."""
        return await self._tell(command.type, plain(command))

    async def send_raw(self, data: str | bytes) -> None:
        """Sends a text (str) or binary (bytes) frame as it is, however malformed. Raises ConnectionClosed."""
        self.inbox.note_sent(data if isinstance(data, str) else repr(data))
        await self._write(data)

    async def leave(self) -> Reply:
        """Goes for good, and returns when the socket is closed."""
        reply = await super().leave()
        await self.closed()
        return reply

    async def caught_up(self) -> None:
        """Returns once everything is here that the server sent this person before now.

        A barrier for saying that something did *not* come: it puts the hand where it is already, which changes nothing
        and is answered in order. Costs one command of the person's budget.
        """
        me = self.view.get("me", {}).get("id")
        rows = (row for row in self.view.get("participants", ()) if row["id"] == me)
        up = next((row["hand"] for row in rows), False)
        await self._exchange("raise_hand", {"up": up}, check=False, timeout=None)

    # Receiving.

    @overload
    async def wait_for(self, kind: type[E], where: Where[E] = None, *, timeout: float | None = None) -> Frame[E]: ...
    @overload
    async def wait_for(
        self, kind: str | None = None, where: Where[Event] = None, *, timeout: float | None = None
    ) -> AnyFrame: ...
    async def wait_for(
        self, kind: Kind = None, where: Callable[[Any], bool] | None = None, *, timeout: float | None = None
    ) -> Any:
        """Takes the first frame of this type (a word or an event's class) that was not taken yet; see ``Inbox.wait_for``.

        The view that comes with one's own ``join`` and replies that were waited for are taken already. Whoever changes
        place gets a fresh ``view`` and not the event that moved them: use ``seen`` or ``placed`` for oneself.
        """
        return await self.inbox.wait_for(kind, where, timeout=self.timeout if timeout is None else timeout)

    @overload
    def frames(self, kind: type[E], where: Where[E] = None, *, untaken: bool = False) -> list[Frame[E]]: ...
    @overload
    def frames(
        self, kind: str | None = None, where: Where[Event] = None, *, untaken: bool = False
    ) -> list[AnyFrame]: ...
    def frames(self, kind: Kind = None, where: Callable[[Any], bool] | None = None, *, untaken: bool = False) -> Any:
        """What came so far, taken or not; see ``Inbox.frames``."""
        return self.inbox.frames(kind, where, untaken=untaken)

    async def silence(self, window: float, kind: Kind = None, where: Callable[[Any], bool] | None = None) -> None:
        """Returns after ``window`` seconds without a match, or raises NotSilent. ``caught_up`` needs no waiting."""
        await self.inbox.silence(window, kind, where)

    async def seen(self, condition: Callable[[View], bool], *, timeout: float | None = None) -> View:
        """Waits until the picture fulfils a condition, now or after any later frame, and gives the picture."""
        if self.view and condition(self.view):
            return self.view
        if self.inbox.closed is not None:
            raise self.inbox.ended("waiting for the picture to change")
        limit = self.timeout if timeout is None else timeout
        entry = (condition, asyncio.get_running_loop().create_future())
        self._seen.append(entry)
        try:
            async with asyncio.timeout(limit):
                await entry[1]
        except TimeoutError:
            raise WaitTimeout(f"the picture was not as expected within {limit:g} s", self.inbox.trail()) from None
        finally:
            self._seen.remove(entry)
        return self.view

    async def placed(self, place: str, *, timeout: float | None = None) -> View:
        """Waits until this person is early, waiting or inside."""
        return await self.seen(lambda view: view["me"]["place"] == place, timeout=timeout)

    # What the above is made of.

    async def _ask(self, command: str, fields: dict[str, Any]) -> Reply:
        return await self._exchange(command, wire(fields), check=True, timeout=None)

    async def _tell(self, command: str, fields: dict[str, Any]) -> str:
        return await self._write_command(command, wire(fields), self._next_ref())

    async def _exchange(self, command: str, fields: dict[str, Any], *, check: bool, timeout: float | None) -> Reply:
        limit = self.timeout if timeout is None else timeout
        asked = _Asked(command, asyncio.get_running_loop().create_future())
        ref = self._next_ref()
        self._asked[ref] = asked
        try:
            async with asyncio.timeout(limit):
                await self._write_command(command, fields, ref)
                reply = await asked.answer
        except TimeoutError:
            raise WaitTimeout(f"no reply to {command!r} within {limit:g} s", self.inbox.trail()) from None
        finally:
            del self._asked[ref]
            if not asked.answer.cancel() and not asked.answer.cancelled():
                asked.answer.exception()  # where writing failed nobody else will ever look at it
        refusal = reply.refusal
        if check and refusal is not None:
            raise refusal
        return reply

    def _next_ref(self) -> str:
        self._refs += 1
        return str(self._refs)

    async def _write_command(self, command: str, fields: dict[str, Any], ref: str) -> str:
        frame = {"type": command, "ref": ref, **fields}
        if command == "join":
            self.inbox.owner = harmless(str(fields.get("name", "")))
        self.inbox.note_sent(frame)
        await self._write(json.dumps(frame, separators=(",", ":")))
        return ref

    async def _write(self, data: str | bytes) -> None:
        if self._socket is None:
            raise RuntimeError("this connection is not open yet")
        try:
            await self._socket.send(data)
        except SocketClosed:
            self.go_on_reading()
            await self._over()
            raise self.inbox.ended("sending") from None

    async def _dial(self) -> None:
        self._socket = await open_socket(
            self.socket_url, headers=self._headers, subprotocol=self._subprotocol, timeout=self.timeout
        )
        self._reader = asyncio.create_task(self._read(self._socket))

    async def _over(self) -> None:
        if self._reader is not None:
            await asyncio.shield(self._reader)

    async def _read(self, socket: ClientConnection) -> None:
        try:
            while True:
                await self._reading.wait()
                self._take(await socket.recv())
        except SocketClosed:
            pass
        finally:
            self._end(Closed(socket.close_code or 1006, socket.close_reason or ""))

    def _take(self, text: str | bytes) -> None:
        said = parsed(text)
        if said is None:
            self.inbox.put(Frame({"type": "unreadable", "text": repr(text[:1000])}))
            return
        # The mirror changes what it is given, so it gets a reading of its own.
        self.mirror.fold(json.loads(text))
        frame: AnyFrame = Reply(said) if said.get("type") == "reply" else Frame(said)
        asked = self._asked.get(str(frame.get("ref"))) if isinstance(frame, Reply) else None
        self.inbox.put(frame, taken=asked is not None)
        if asked is not None and isinstance(frame, Reply) and not asked.answer.done():
            if asked.command in {"join", "resume"} and frame.ok:
                self.inbox.take_all("view")
            asked.answer.set_result(frame)
        self._look()
        if self._on_frame is not None:
            self._on_frame(frame)

    def _look(self) -> None:
        for condition, fulfilled in self._seen:
            try:
                if self.view and not fulfilled.done() and condition(self.view):
                    fulfilled.set_result(None)
            except Exception as error:
                fulfilled.set_exception(error)

    def _end(self, closed: Closed) -> None:
        self.inbox.close(closed)
        for asked in self._asked.values():
            if not asked.answer.done():
                asked.answer.set_exception(self.inbox.ended(f"waiting for the reply to {asked.command!r}"))
        for _, fulfilled in self._seen:
            if not fulfilled.done():
                fulfilled.set_exception(self.inbox.ended("waiting for the picture to change"))


def connect(
    socket_url: str,
    *,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
    subprotocol: str | None = SUBPROTOCOL,
    timeout: float = TIMEOUT,
    on_frame: Callable[[AnyFrame], None] | None = None,
    history: int = HISTORY,
) -> Connection:
    """``async with connect(meeting.socket_url) as conn``: opens the socket; say ``conn.join(...)`` or ``resume`` next.

    ``token`` goes into the upgrade as a Bearer token: the admin's makes ``country`` and ``address`` honoured anywhere.
    ``on_frame`` is called with every frame as it comes, after it was folded; ``timeout`` is in seconds. ``history`` is how
    many frames the inbox keeps: with very many connections keep few, or none, and wait before you cause what you wait for.
    No proxy is used.
    """
    return Connection(
        socket_url,
        token=token,
        headers=headers,
        subprotocol=subprotocol,
        timeout=timeout,
        on_frame=on_frame,
        history=history,
    )
