"""Every frame that came, in order, and a way to wait for the one that matters.

A frame is *taken* once, by the first ``wait_for`` that matches it; frames of other types stay where they are, so that
the order in which a test asks need not be the order in which things came. ``frames`` reads without taking.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar, overload

from meetingsim.clients.errors import Closed, ConnectionClosed, NotSilent, RefusedError, WaitTimeout
from meetingsim.clients.frames import Frame
from meetingsim.clients.redaction import line_of
from meetingsim.state.control import Event

E = TypeVar("E", bound=Event)
AnyFrame: TypeAlias = Frame[Event]
Kind: TypeAlias = "str | type[Event] | None"
Where: TypeAlias = "Callable[[Frame[E]], bool] | None"

HISTORY = 10_000
"""Frames that are kept unless another number is given; of older ones ``forgotten`` counts how many there were."""
TRAIL = 20
"""Frames, of both directions, that a time-out prints."""


@dataclass(slots=True, eq=False)
class _Kept:
    frame: AnyFrame
    taken: bool


@dataclass(slots=True, eq=False)
class _Wait:
    kind: str | None
    where: Callable[[Any], bool] | None
    found: asyncio.Future[_Kept]
    takes: bool = True

    def offer(self, kept: _Kept) -> None:
        """Ends the wait with this frame if it matches."""
        try:
            if self.found.done() or not _matches(kept.frame, self.kind, self.where):
                return
        except Exception as error:
            # A predicate that cannot read this frame is its author's fault, not the connection's.
            self.found.set_exception(error)
            return
        kept.taken = self.takes
        self.found.set_result(kept)

    def give_back(self) -> None:
        """Makes a frame free again that nobody came to fetch."""
        if self.takes and self.found.done() and not self.found.cancelled() and not self.found.exception():
            self.found.result().taken = False


class _Over(Exception):
    """No more frames will come; whoever waits says it in their own words."""


class Inbox:
    """Buffers frames of one presence, over all its sockets. Belongs to one event loop."""

    def __init__(self, *, owner: str = "", history: int = HISTORY) -> None:
        self.owner = owner
        self.forgotten = 0
        self.closed: Closed | None = None
        self.refusal: RefusedError | None = None
        """What the last try to come back was refused with, where the connection gave up."""
        self._kept: deque[_Kept] = deque(maxlen=history)
        self._trail: deque[tuple[str, Mapping[str, Any] | str]] = deque(maxlen=TRAIL)
        self._waits: list[_Wait] = []

    def put(self, frame: AnyFrame, *, taken: bool = False) -> None:
        """Takes a frame in and hands it to the oldest wait that it matches; ``taken`` keeps it from all waits."""
        self._trail.append(("<-", frame))
        kept = _Kept(frame, taken)
        if len(self._kept) == self._kept.maxlen:
            self.forgotten += 1
        self._kept.append(kept)
        for wait in self._waits:
            if not wait.takes or not kept.taken:
                wait.offer(kept)

    def take_all(self, kind: str) -> None:
        """Keeps what came of this type so far from all waits."""
        for kept in self._kept:
            kept.taken = kept.taken or kept.frame.type == kind

    def note_sent(self, frame: Mapping[str, Any] | str) -> None:
        """Keeps what was sent for the message of a time-out."""
        self._trail.append(("->", frame if isinstance(frame, Mapping) else {"type": "unparsed", "length": len(frame)}))

    def note_lost(self, closed: Closed) -> None:
        """Keeps for the message of a time-out that the socket is gone; waits go on, for the connection may come back."""
        self._trail.append(("--", f"closed with {closed}"))

    def close(self, closed: Closed, refusal: RefusedError | None = None) -> None:
        """Says that nothing more will come: waits end with ConnectionClosed. ``reopen`` takes it back."""
        self.closed, self.refusal = closed, refusal
        for wait in self._waits:
            if not wait.found.done():
                wait.found.set_exception(_Over())

    def reopen(self) -> None:
        """Says that the same presence goes on over another socket."""
        self.closed = self.refusal = None

    @overload
    def frames(self, kind: type[E], where: Where[E] = None, *, untaken: bool = False) -> list[Frame[E]]: ...
    @overload
    def frames(
        self, kind: str | None = None, where: Where[Event] = None, *, untaken: bool = False
    ) -> list[AnyFrame]: ...
    def frames(self, kind: Kind = None, where: Callable[[Any], bool] | None = None, *, untaken: bool = False) -> Any:
        """What came and is kept, in order, taken or not; takes nothing."""
        word = _word(kind)
        return [kept.frame for kept in self._kept if not (untaken and kept.taken) and _matches(kept.frame, word, where)]

    @overload
    async def wait_for(self, kind: type[E], where: Where[E] = None, *, timeout: float) -> Frame[E]: ...
    @overload
    async def wait_for(self, kind: str | None, where: Where[Event] = None, *, timeout: float) -> AnyFrame: ...
    async def wait_for(self, kind: Kind, where: Callable[[Any], bool] | None = None, *, timeout: float) -> Any:
        """Takes and gives the first frame that matches and was not taken yet, come already or still to come.

        ``timeout`` is in seconds.

        Raises:
            WaitTimeout: none came in time.
            ConnectionClosed: the socket closed before one came.
        """
        named = _named(_word(kind), where)
        try:
            async with asyncio.timeout(timeout):
                return await self._next(kind, where)
        except TimeoutError:
            raise WaitTimeout(f"no {named} within {timeout:g} s", self.trail()) from None
        except _Over:
            raise self.ended(f"waiting for {named}") from None

    async def take_next(self, kind: Kind, where: Callable[[Any], bool] | None) -> AnyFrame | None:
        """The same without a limit; None once the connection is closed and nothing that matches is left."""
        try:
            return await self._next(kind, where)
        except _Over:
            return None

    async def silence(self, window: float, kind: Kind = None, where: Callable[[Any], bool] | None = None) -> None:
        """Returns after ``window`` seconds in which nothing that matches came. Earlier frames do not count.

        Takes nothing, and a closed connection is silent.

        Raises:
            NotSilent: something came; at once.
        """
        wait = self._waiting(_word(kind), where, takes=False)
        try:
            async with asyncio.timeout(window):
                frame = (await wait.found).frame
        except (TimeoutError, _Over):
            return
        finally:
            self._waits.remove(wait)
        raise NotSilent(f"came in {window:g} s of silence: {line_of(frame)}{self.trail()}")

    async def _next(self, kind: Kind, where: Callable[[Any], bool] | None) -> AnyFrame:
        word = _word(kind)
        for kept in self._kept:
            if not kept.taken and _matches(kept.frame, word, where):
                kept.taken = True
                return kept.frame
        if self.closed is not None:
            raise _Over
        wait = self._waiting(word, where)
        try:
            return (await wait.found).frame
        except asyncio.CancelledError:
            wait.give_back()
            raise
        finally:
            self._waits.remove(wait)

    def _waiting(self, word: str | None, where: Callable[[Any], bool] | None, *, takes: bool = True) -> _Wait:
        wait = _Wait(word, where, asyncio.get_running_loop().create_future(), takes)
        self._waits.append(wait)
        return wait

    def trail(self) -> str:
        """The last frames of both directions as indented lines, secrets redacted, to end a message with."""
        whose = f" of {self.owner}" if self.owner else ""
        if not self._trail:
            return f"; no frame{whose} was sent or received"
        lost = f" ({self.forgotten} older ones are forgotten)" if self.forgotten else ""
        lines = [f"  {way} {one if isinstance(one, str) else line_of(one)}" for way, one in self._trail]
        return f"; the last frames{whose}{lost}:\n" + "\n".join(lines)

    def ended(self, doing: str, closed: Closed | None = None) -> ConnectionClosed:
        """The exception that says how the connection ended (or one socket of it did), and what that interrupted."""
        how = closed or self.closed or Closed(1006)
        return ConnectionClosed(how, doing, self.trail(), refusal=None if closed else self.refusal)


def _word(kind: Kind) -> str | None:
    return kind if kind is None or isinstance(kind, str) else kind.type


def _matches(frame: AnyFrame, word: str | None, where: Callable[[Any], bool] | None) -> bool:
    return (word is None or frame.type == word) and (where is None or bool(where(frame)))


def _named(word: str | None, where: Callable[[Any], bool] | None) -> str:
    named = "frame" if word is None else repr(word)
    return named if where is None else f"{named} that matches"
