"""One person's socket, for code without an event loop.

Generated out of ``meetingsim/clients/connection.py`` by ``python -m scripts.sdk_methods``; changes by hand are lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self, overload

from meetingsim.clients import connection as aio
from meetingsim.clients.connection import SUBPROTOCOL, TIMEOUT
from meetingsim.clients.errors import Closed
from meetingsim.clients.frames import E, Frame, Reply
from meetingsim.clients.inbox import HISTORY, AnyFrame, Kind, Where
from meetingsim.clients.mirror import Mirror
from meetingsim.clients.pending import Condition
from meetingsim.clients.reconnect import Reconnect
from meetingsim.clients.sync.portal import PORTAL
from meetingsim.clients.sync.socket_commands import SocketCommands
from meetingsim.state.control import Command, Event
from meetingsim.state.meeting import View


class Connection(SocketCommands):
    """A client of one meeting. Use it as a context manager, or ``open`` and ``close`` it.

    Leaving the context closes the socket and sends no ``leave``: for the server that is a drop, the seat is kept for the
    grace. Any number of threads may send and wait at once. What comes is read by a background thread, which also calls
    ``on_frame`` and every ``where`` and ``condition``: these may look at the frame, and wait for nothing.
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
        self._inner = aio.Connection(
            socket_url,
            token=token,
            headers=headers,
            subprotocol=subprotocol,
            timeout=timeout,
            on_frame=on_frame,
            history=history,
            reconnect=reconnect,
        )
        self._held = False

    @property
    def socket_url(self) -> str:
        """As it is now; see the asynchronous class."""
        return self._inner.socket_url

    @property
    def mirror(self) -> Mirror:
        """As it is now; a copy."""
        return PORTAL.copy(lambda: self._inner.mirror)

    @property
    def timeout(self) -> float:
        """Seconds that a reply or a frame may take unless a call says otherwise; may be set."""
        return PORTAL.read(lambda: self._inner.timeout)

    @property
    def view(self) -> View:
        """All that this person may know now, by the last frame that was read. A copy."""
        return PORTAL.copy(lambda: self._inner.view)

    @property
    def participant(self) -> str:
        """This person's id. Raises KeyError before there is a view."""
        return PORTAL.read(lambda: self._inner.participant)

    @property
    def session(self) -> str | None:
        """What lets this person resume, and report afterwards; a secret. None before there is a view."""
        return PORTAL.read(lambda: self._inner.session)

    @property
    def place(self) -> str | None:
        """early, waiting or inside, as the last view had it; None before the first one."""
        return PORTAL.read(lambda: self._inner.place)

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *exc: object) -> None:
        self.close()

    def open(self) -> Self:
        """Opens the socket; sends nothing.

        Raises:
            Unreachable: nobody answers there.
            UpgradeRefused, RefusedError: somebody answers, and does not open it.
        """
        PORTAL.hold()
        try:
            PORTAL.run(self._inner.open())
        except BaseException:
            PORTAL.release()
            raise
        self._held = True
        return self

    def close(self) -> None:
        """Ends the socket politely, without ``leave``, and for good. A closed one is left as it is."""
        if self._held:
            try:
                PORTAL.run(self._inner.close())
            finally:
                self._held = False
                PORTAL.release()

    def drop(self) -> None:
        """Cuts the TCP connection, with neither ``leave`` nor a close frame, as a lost network does.

        With a ``Reconnect`` policy the connection then comes back by itself, as it does from a lost network.
        """
        PORTAL.run(self._inner.drop())

    def closed(self, *, timeout: float | None = None) -> Closed:
        """Waits until the socket is closed, by whomever, and says how. Frames that came before stay readable.

        With a ``Reconnect`` policy that is the end from which it does not come back.

        Raises:
            WaitTimeout: it was still open after ``timeout`` seconds.
        """
        return PORTAL.run(self._inner.closed(timeout=timeout))

    def wait_closed(self) -> Closed:
        """The same without a limit. Whatever ``on_frame`` raised is raised here."""
        return PORTAL.run(self._inner.wait_closed())

    def reconnect(self, *, country: str | None = None, address: str | None = None) -> Reply:
        """Goes on with the same presence over a new socket, by hand: cuts the old one if it is open, and resumes.

        What was missed is folded into the same mirror and lands in the same inbox.

        Raises:
            ResumeLostError: the session is over; join again on a new connection.
            RuntimeError: there is no session yet to go on with.
        """
        return PORTAL.run(self._inner.reconnect(country=country, address=address))

    def stop_reading(self) -> None:
        """Takes nothing more from the socket, as a client that hangs; the server's bound is what is left."""
        PORTAL.read(self._inner.stop_reading)

    def go_on_reading(self) -> None:
        """Reads again."""
        PORTAL.read(self._inner.go_on_reading)

    def send(self, command: Command, *, check: bool = True, timeout: float | None = None) -> Reply:
        """Sends a typed command and waits for its reply; with ``check=False`` a refusal is returned, not raised.

        Raises:
            RefusedError: the subclass for the code.
            ConnectionClosed: the socket closed before the reply came.
            WaitTimeout: no reply came in time. A ``media`` command is answered only when it is refused: ``tell`` it.
        """
        return PORTAL.run(self._inner.send(command, check=check, timeout=timeout))

    def ask(self, command: str, *, check: bool = True, timeout: float | None = None, **fields: Any) -> Reply:
        """The same by the command's word, with any fields: for what no typed command would carry."""
        return PORTAL.run(self._inner.ask(command, check=check, timeout=timeout, **fields))

    def tell(self, command: Command) -> str:
        """Sends a typed command and returns its ``ref`` at once; the reply becomes a frame of the inbox."""
        return PORTAL.run(self._inner.tell(command))

    def send_raw(self, data: str | bytes) -> None:
        """Sends a text (str) or binary (bytes) frame as it is, however malformed. Raises ConnectionClosed."""
        PORTAL.run(self._inner.send_raw(data))

    def leave(self) -> Reply:
        """Goes for good, and returns when the socket is closed."""
        return PORTAL.run(self._inner.leave())

    def caught_up(self) -> None:
        """Returns once everything is here that the server sent this person before now.

        A barrier for saying that something did *not* come: it puts the hand where it is already, which changes nothing
        and is answered in order. Costs one command of the person's budget.
        """
        PORTAL.run(self._inner.caught_up())

    @overload
    def wait_for(self, kind: type[E], where: Where[E] = None, *, timeout: float | None = None) -> Frame[E]: ...

    @overload
    def wait_for(
        self, kind: str | None = None, where: Where[Event] = None, *, timeout: float | None = None
    ) -> AnyFrame: ...

    def wait_for(
        self, kind: Kind = None, where: Callable[[Any], bool] | None = None, *, timeout: float | None = None
    ) -> Any:
        """Takes the first frame of this type (a word or an event's class) that was not taken yet; see ``Inbox.wait_for``.

        The view that comes with one's own ``join`` and replies that were waited for are taken already. Whoever changes
        place gets a fresh ``view`` and not the event that moved them: use ``seen`` or ``placed`` for oneself.
        """
        return PORTAL.run(self._inner.wait_for(kind, where, timeout=timeout))

    @overload
    def frames(self, kind: type[E], where: Where[E] = None, *, untaken: bool = False) -> list[Frame[E]]: ...

    @overload
    def frames(
        self, kind: str | None = None, where: Where[Event] = None, *, untaken: bool = False
    ) -> list[AnyFrame]: ...

    def frames(self, kind: Kind = None, where: Callable[[Any], bool] | None = None, *, untaken: bool = False) -> Any:
        """What came so far, taken or not; see ``Inbox.frames``."""
        return PORTAL.read(lambda: self._inner.frames(kind, where, untaken=untaken))

    @overload
    def follow(self, kind: type[E], where: Where[E] = None) -> Iterator[Frame[E]]: ...

    @overload
    def follow(self, kind: str | None = None, where: Where[Event] = None) -> Iterator[AnyFrame]: ...

    def follow(self, kind: Kind = None, where: Callable[[Any], bool] | None = None) -> Iterator[Any]:
        """Takes every frame that matches, in order: those that came already, then each as it comes.

        Ends when the connection is closed; there is no other limit, so leave the loop when you have seen enough.
        """
        return PORTAL.iterate(self._inner.follow(kind, where))

    def silence(self, window: float, kind: Kind = None, where: Callable[[Any], bool] | None = None) -> None:
        """Returns after ``window`` seconds without a match, or raises NotSilent. ``caught_up`` needs no waiting."""
        PORTAL.run(self._inner.silence(window, kind, where))

    def seen(self, condition: Condition, *, timeout: float | None = None) -> View:
        """Waits until the picture fulfils a condition, now or after any later frame, and gives the picture."""
        return PORTAL.run_copied(self._inner.seen(condition, timeout=timeout))

    def placed(self, place: str, *, timeout: float | None = None) -> View:
        """Waits until this person is early, waiting or inside."""
        return PORTAL.run_copied(self._inner.placed(place, timeout=timeout))

    def _ask(self, command: str, fields: dict[str, Any]) -> Reply:
        return PORTAL.run(self._inner._ask(command, fields))

    def _tell(self, command: str, fields: dict[str, Any]) -> str:
        return PORTAL.run(self._inner._tell(command, fields))

    @classmethod
    def _around(cls, inner: aio.Connection) -> Self:
        made = cls.__new__(cls)
        made._inner, made._held = inner, False
        return made


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
    """``with connect(meeting.socket_url) as conn``: opens the socket; say ``conn.join(...)`` or ``resume`` next.

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
