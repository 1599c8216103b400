"""The one clock that everything is handed; nothing else asks what time it is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

BEGINNING = 1_767_268_800_000
"""Where a clock that is moved by hand stands first: 2026-01-01T12:00:00Z, so that runs can be compared."""


class Timer(Protocol):
    """Something that was asked to happen later."""

    def cancel(self) -> None:
        """Makes it not happen; harmless where it already did."""


class Clock(Protocol):
    """Time as the server knows it, in ms since the Unix epoch."""

    def now(self) -> int:
        """Now."""

    def call_at(self, when: int, do: Callable[[], None]) -> Timer:
        """Calls ``do`` once that time is reached; at once, but not within this call, if it is already past."""


class SystemClock:
    """The machine's clock; it never goes back, even where the machine's does."""

    def __init__(self) -> None:
        self._last = 0

    def now(self) -> int:
        self._last = max(self._last, time.time_ns() // 1_000_000)
        return self._last

    def call_at(self, when: int, do: Callable[[], None]) -> Timer:
        return asyncio.get_running_loop().call_later(max(0, when - self.now()) / 1000, do)


@dataclass(slots=True)
class Due:
    """Something that was asked to happen at a time."""

    when: int
    do: Callable[[], None]
    over: bool = False

    def cancel(self) -> None:
        """Makes it not happen."""
        self.over = True

    def fire(self) -> None:
        """Makes it happen, once."""
        if not self.over:
            self.over = True
            self.do()


async def _nothing() -> None:
    return


class ManualClock:
    """Stands still until ``advance``, which fires what falls due, in order, each at its own time."""

    def __init__(self, now: int = BEGINNING) -> None:
        self._now = now
        self._due: list[Due] = []
        self._moving = asyncio.Lock()

    def begin(self, earliest: int) -> None:
        """Stands no earlier than that; what was stored has happened already."""
        self._now = max(self._now, earliest)

    def now(self) -> int:
        return self._now

    def call_at(self, when: int, do: Callable[[], None]) -> Timer:
        due = Due(when, do)
        if when <= self._now:
            asyncio.get_running_loop().call_soon(due.fire)
        else:
            self._due.append(due)
        return due

    async def advance(self, ms: int, settled: Callable[[], Awaitable[None]] = _nothing) -> int:
        """Moves on by so many ms and gives how many things fell due. After each of them it waits until all has ``settled``."""
        async with self._moving:
            until, fired = self._now + ms, 0
            await settled()
            while (first := self._first()) and first.when <= until:
                self._due.remove(first)
                self._now = max(self._now, first.when)
                first.fire()
                fired += 1
                await settled()
            self._now = until
            return fired

    def _first(self) -> Due | None:
        """What falls due next; of two at the same time the one that was asked for first."""
        self._due = [due for due in self._due if not due.over]
        return min(self._due, key=lambda due: due.when, default=None)
