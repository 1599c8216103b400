"""One person's socket: commands out, replies matched by ``ref``, every frame into the inbox and the mirror.

new -- open() --> open -- join() or resume() --> at work -- leave(), close(), drop(), the server --> closed
 \\______________________________ reconnect() goes on with the same presence ______________________/
With a ``Reconnect`` policy it does so by itself, where the end was temporary.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final, Self, overload

from websockets.asyncio.client import ClientConnection

from meetingsim.clients.errors import Closed, MeetingsimError, WaitTimeout
from meetingsim.clients.frames import E, Frame, Reply, wire
from meetingsim.clients.inbox import HISTORY, AnyFrame, Kind, Where
from meetingsim.clients.line import Line
from meetingsim.clients.pending import Condition
from meetingsim.clients.reconnect import Reconnect
from meetingsim.clients.socket_commands import SocketCommands
from meetingsim.clients.sockets import open_socket
from meetingsim.state.control import Command, Event
from meetingsim.state.meeting import View
from meetingsim.state.plain import plain

SUBPROTOCOL: Final = "meetingsim.v1"
TIMEOUT: Final = 10.0
"""Seconds that a reply or a frame may take unless a call says otherwise."""


class Connection(SocketCommands):
    """A client of one meeting. Use it as a context manager, or ``open`` and ``close`` it.

    Leaving the context closes the socket and sends no ``leave``: for the server that is a drop, the seat is kept for the
    grace. Belongs to one event loop; any number of tasks may send and wait at once.

    With a ``Reconnect`` policy a command that is sent while the connection is gone waits for its return; one that was on
    its way when it was lost raises ConnectionClosed, for nobody can say whether it happened. Waits for frames go on.
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
        reconnect: Reconnect | None = None,
    ) -> None:
        """See ``connect`` for what the parameters mean."""
        self.socket_url = socket_url
        self._headers = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        self._subprotocol = subprotocol
        self._ping_every = reconnect.ping_every if reconnect else None
        self._line = Line(self._dial, timeout=timeout, on_frame=on_frame, history=history, policy=reconnect)
        self.inbox = self._line.inbox
        self.mirror = self._line.mirror

    @property
    def timeout(self) -> float:
        """Seconds that a reply or a frame may take unless a call says otherwise; may be set."""
        return self._line.timeout

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        self._line.timeout = seconds

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
    def session(self) -> str | None:
        """What lets this person resume, and report afterwards; a secret. None before there is a view."""
        return self.mirror.session

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
        if self._line.socket is not None:
            raise RuntimeError("this connection was opened before; use reconnect()")
        await self._line.open()
        return self

    async def close(self) -> None:
        """Ends the socket politely, without ``leave``, and for good. A closed one is left as it is."""
        await self._line.close()

    async def drop(self) -> None:
        """Cuts the TCP connection, with neither ``leave`` nor a close frame, as a lost network does.

        With a ``Reconnect`` policy the connection then comes back by itself, as it does from a lost network.
        """
        await self._line.drop()

    async def closed(self, *, timeout: float | None = None) -> Closed:
        """Waits until the socket is closed, by whomever, and says how. Frames that came before stay readable.

        With a ``Reconnect`` policy that is the end from which it does not come back.

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
        await self._line.over()
        return self.inbox.closed or Closed(1006)

    async def reconnect(self, *, country: str | None = None, address: str | None = None) -> Reply:
        """Goes on with the same presence over a new socket, by hand: cuts the old one if it is open, and resumes.

        What was missed is folded into the same mirror and lands in the same inbox.

        Raises:
            ResumeLostError: the session is over; join again on a new connection.
            RuntimeError: there is no session yet to go on with.
        """
        session, epoch = self.mirror.session, self.mirror.epoch
        if session is None or epoch is None:
            raise RuntimeError("nothing to resume: this connection never got a view with a session")
        self._line.stay_away()
        await self._line.drop()
        await self._line.over()
        await self._line.open()
        try:
            return await self.resume(session, epoch, self.mirror.seq, country=country, address=address)
        except MeetingsimError:
            self._line.stay_away()  # who came back by hand decides by hand what to do now
            raise

    def stop_reading(self) -> None:
        """Takes nothing more from the socket, as a client that hangs; the server's bound is what is left."""
        self._line.reading.clear()

    def go_on_reading(self) -> None:
        """Reads again."""
        self._line.reading.set()

    # Sending.

    async def send(self, command: Command, *, check: bool = True, timeout: float | None = None) -> Reply:
        """Sends a typed command and waits for its reply; with ``check=False`` a refusal is returned, not raised.

        Raises:
            RefusedError: the subclass for the code.
            ConnectionClosed: the socket closed before the reply came.
            WaitTimeout: no reply came in time. A ``media`` command is answered only when it is refused: ``tell`` it.
        """
        return await self._line.exchange(command.type, plain(command), check=check, timeout=timeout)

    async def ask(self, command: str, *, check: bool = True, timeout: float | None = None, **fields: Any) -> Reply:
        """The same by the command's word, with any fields: for what no typed command would carry."""
        return await self._line.exchange(command, wire(fields), check=check, timeout=timeout)

    async def tell(self, command: Command) -> str:
        """Sends a typed command and returns its ``ref`` at once; the reply becomes a frame of the inbox."""
        return await self._line.tell(command.type, plain(command))

    async def send_raw(self, data: str | bytes) -> None:
        """Sends a text (str) or binary (bytes) frame as it is, however malformed. Raises ConnectionClosed."""
        await self._line.send_raw(data)

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
        await self._line.exchange("raise_hand", {"up": up}, check=False)

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

    @overload
    def follow(self, kind: type[E], where: Where[E] = None) -> AsyncIterator[Frame[E]]: ...
    @overload
    def follow(self, kind: str | None = None, where: Where[Event] = None) -> AsyncIterator[AnyFrame]: ...
    async def follow(self, kind: Kind = None, where: Callable[[Any], bool] | None = None) -> AsyncIterator[Any]:
        """Takes every frame that matches, in order: those that came already, then each as it comes.

        Ends when the connection is closed; there is no other limit, so leave the loop when you have seen enough.
        """
        while (frame := await self.inbox.take_next(kind, where)) is not None:
            yield frame

    async def silence(self, window: float, kind: Kind = None, where: Callable[[Any], bool] | None = None) -> None:
        """Returns after ``window`` seconds without a match, or raises NotSilent. ``caught_up`` needs no waiting."""
        await self.inbox.silence(window, kind, where)

    async def seen(self, condition: Condition, *, timeout: float | None = None) -> View:
        """Waits until the picture fulfils a condition, now or after any later frame, and gives the picture."""
        if self.view and condition(self.view):
            return self.view
        if self.inbox.closed is not None:
            raise self.inbox.ended("waiting for the picture to change")
        limit = self.timeout if timeout is None else timeout
        try:
            async with asyncio.timeout(limit):
                await self._line.pictures.wait(condition)
        except TimeoutError:
            raise WaitTimeout(f"the picture was not as expected within {limit:g} s", self.inbox.trail()) from None
        return self.view

    async def placed(self, place: str, *, timeout: float | None = None) -> View:
        """Waits until this person is early, waiting or inside."""
        return await self.seen(lambda view: view["me"]["place"] == place, timeout=timeout)

    # What the above is made of.

    async def _ask(self, command: str, fields: dict[str, Any]) -> Reply:
        return await self._line.exchange(command, wire(fields))

    async def _tell(self, command: str, fields: dict[str, Any]) -> str:
        return await self._line.tell(command, wire(fields))

    async def _dial(self) -> ClientConnection:
        return await open_socket(
            self.socket_url,
            headers=self._headers,
            subprotocol=self._subprotocol,
            timeout=self.timeout,
            ping_every=self._ping_every,
        )


def connect(
    socket_url: str,
    *,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
    subprotocol: str | None = SUBPROTOCOL,
    timeout: float = TIMEOUT,
    on_frame: Callable[[AnyFrame], None] | None = None,
    history: int = HISTORY,
    reconnect: Reconnect | None = None,
) -> Connection:
    """``async with connect(meeting.socket_url) as conn``: opens the socket; say ``conn.join(...)`` or ``resume`` next.

    ``token`` goes into the upgrade as a Bearer token: the admin's makes ``country`` and ``address`` honoured anywhere.
    ``on_frame`` is called with every frame as it comes, after it was folded; ``timeout`` is in seconds. ``history`` is how
    many frames the inbox keeps: with very many connections keep few, or none, and wait before you cause what you wait for.
    ``reconnect`` makes it come back by itself; without one the first end is the last. No proxy is used.
    """
    return Connection(
        socket_url,
        token=token,
        headers=headers,
        subprotocol=subprotocol,
        timeout=timeout,
        on_frame=on_frame,
        history=history,
        reconnect=reconnect,
    )
