"""A clock that a test moves by hand, so that minutes on the wire pass in no time and exactly when the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from meetingsim.clock import BEGINNING, ManualClock, Timer

NOON = BEGINNING


async def nothing() -> None:
    """There is nothing to wait for."""


class HandClock(ManualClock):
    """The server calls it in its own loop, the test moves it from another thread; nothing waits for the meetings."""

    _loop: asyncio.AbstractEventLoop | None = None

    def call_at(self, when: int, do: Callable[[], None]) -> Timer:
        """Calls ``do`` once that time is reached."""
        self._loop = asyncio.get_running_loop()
        return super().call_at(when, do)

    async def advance(self, ms: int, settled: Callable[[], Awaitable[None]] = nothing) -> int:
        """Moves on by so many ms and fires what falls due, in order, each at its own time."""
        moved = super().advance(ms, settled)
        if self._loop is None:  # nothing was ever asked to happen later
            return await moved
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(moved, self._loop))
