"""The one clock that everything is handed; nothing else asks what time it is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


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
