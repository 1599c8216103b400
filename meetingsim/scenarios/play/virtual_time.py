"""An event loop whose time is only counted: whenever everybody waits, it is as late as the first of them waits for.

Nothing sleeps and no thread or socket is used, so forty minutes are over as soon as their work is done, and the same work
always happens in the same order.
"""

from __future__ import annotations

import asyncio
import math
import selectors
from asyncio import Handle, TimerHandle
from collections.abc import Callable, Coroutine
from contextvars import Context
from heapq import heappop, heappush
from typing import Any, TypeVar, TypeVarTuple, Unpack

from meetingsim.chance import Chance
from meetingsim.clock import BEGINNING, Due, Timer

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
_HAIR_S = 1e-8


class NobodyActs(RuntimeError):
    """Everybody waits for somebody else: nothing would ever happen again."""


class _Counted(selectors.SelectSelector):
    """Waits for nothing: the time that the loop would sleep is added to the loop's own, and what is due by then is done.

    What something that is due leads to at once, which shows in ``stirred``, comes before what is due next.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.due: list[tuple[float, int, Due]] = []
        self.stirred = False

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout <= 0:
            return []
        due, acted = self.due, False
        until = math.inf if timeout is None else self.now + timeout
        self.stirred = False
        while due and due[0][0] <= until:
            when, _, what = heappop(due)
            if what.over:
                continue
            self.now = max(self.now, when)
            what.fire()
            if self.stirred:
                return []
            acted = True
        if timeout is not None:
            self.now = until
        elif not acted:
            raise NobodyActs("nothing is due and nobody acts")
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop over counted time, which begins at 0. ``ties`` draws the order of what is due at the same moment."""

    def __init__(self, ties: Chance | None = None) -> None:
        self.counted = _Counted()
        self._ties = ties
        self._number = 0
        super().__init__(self.counted)

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self.counted.now

    def call_at(
        self, when: float, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> TimerHandle:
        """As asyncio's, a hair later where ties are drawn: far less than the ms that anybody's clock shows."""
        self.counted.stirred = True
        return super().call_at(self._drawn(when), callback, *args, context=context)

    def call_soon(self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None) -> Handle:
        """As asyncio's."""
        self.counted.stirred = True
        return super().call_soon(callback, *args, context=context)

    def due_at(self, when: float, due: Due) -> Due:
        """As ``call_at``, for a clock that has a great deal to do and no need of a context."""
        self._number += 1
        heappush(self.counted.due, (self._drawn(when), self._number, due))
        return due

    def _drawn(self, when: float) -> float:
        return when if self._ties is None else when + self._ties.fraction() * _HAIR_S


class VirtualClock:
    """The loop's time as the project's clock, in whole ms from a fixed beginning."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._last = 0.0, BEGINNING

    def now(self) -> int:
        time = self._loop.time()
        if time != self._last[0]:
            # Sums of floats end a hair below the ms they mean.
            self._last = time, BEGINNING + int(time * 1000 + 1e-4)
        return self._last[1]

    def call_at(self, when: int, do: Callable[[], None]) -> Timer:
        at = (when - BEGINNING) / 1000
        return (
            self._loop.due_at(at, Due(when, do)) if isinstance(self._loop, VirtualLoop) else self._loop.call_at(at, do)
        )


def run_virtual(work: Callable[[VirtualClock], Coroutine[Any, Any, T]], ties: Chance | None = None) -> T:
    """Runs it in a loop of its own to its end. Raises what it raises, and NobodyActs."""
    loop = VirtualLoop(ties)
    try:
        return loop.run_until_complete(work(VirtualClock(loop)))
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
