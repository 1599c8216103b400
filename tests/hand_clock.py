"""A clock that a test moves by hand, so that minutes on the wire pass in no time and exactly when the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from meetingsim.clock import Timer

NOON = 1_767_268_800_000


@dataclass
class Due:
    """Something that was asked to happen at a time."""

    when: int
    do: Callable[[], None]
    over: bool = False

    def cancel(self) -> None:
        """Makes it not happen."""
        self.over = True


class HandClock:
    """Stands still until ``advance``. The server calls it in its own loop, the test from another thread."""

    def __init__(self, now: int = NOON) -> None:
        self._now = now
        self._due: list[Due] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def now(self) -> int:
        """Now, in ms since the Unix epoch."""
        return self._now

    def call_at(self, when: int, do: Callable[[], None]) -> Timer:
        """Calls ``do`` once that time is reached."""
        self._loop = asyncio.get_running_loop()
        due = Due(when, do)
        if when <= self._now:
            self._loop.call_soon(self._fire, due)
        else:
            self._due.append(due)
        return due

    async def advance(self, ms: int) -> None:
        """Moves on by so many ms and fires what falls due, in order, each at its own time."""
        if self._loop is None:  # nothing was ever asked to happen later
            self._now += ms
            return
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._advance(ms), self._loop))

    async def _advance(self, ms: int) -> None:
        until = self._now + ms
        while ripe := [due for due in self._due if due.when <= until]:
            earliest = min(ripe, key=lambda due: due.when)
            self._due.remove(earliest)
            self._now = max(self._now, earliest.when)
            self._fire(earliest)
        self._now = until

    @staticmethod
    def _fire(due: Due) -> None:
        if not due.over:
            due.over = True
            due.do()
