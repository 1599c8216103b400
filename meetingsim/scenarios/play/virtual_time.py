"""An event loop whose time is only counted: whenever everybody waits, it is as late as the first of them waits for.

Nothing sleeps and no thread or socket is used, so forty minutes are over as soon as their work is done, and the same work
always happens in the same order.
"""

from __future__ import annotations

import asyncio
import selectors
from asyncio import TimerHandle
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, TypeVar, TypeVarTuple, Unpack

from meetingsim.chance import Chance
from meetingsim.clock import BEGINNING, Timer

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
_HAIR_S = 1e-8


class NobodyActs(RuntimeError):
    """Everybody waits for somebody else: nothing would ever happen again."""


class _CountedSelector(selectors.SelectSelector):
    """Waits for nothing: the time that the loop would sleep is added to the loop's own."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise NobodyActs("nothing is due and nobody acts")
        self.now += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop over counted time, which begins at 0. ``ties`` draws the order of what is due at the same moment."""

    def __init__(self, ties: Chance | None = None) -> None:
        self._counted = _CountedSelector()
        self._ties = ties
        super().__init__(self._counted)

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._counted.now

    def call_at(
        self, when: float, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> TimerHandle:
        """As asyncio's, a hair later where ties are drawn: far less than the ms that anybody's clock shows."""
        if self._ties is not None:
            when += self._ties.fraction() * _HAIR_S
        return super().call_at(when, callback, *args, context=context)


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
        return self._loop.call_at((when - BEGINNING) / 1000, do)


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
