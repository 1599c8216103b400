"""An event loop whose time can be handed to a product: it then stands still while the product works, and is counted otherwise.

real time --step--> counted: a command is open? -- yes --> nothing is due before its answer
          <-walk---                            \\_ no --> as late as whoever waits next
"""

from __future__ import annotations

import asyncio
import math
import selectors
from collections.abc import Callable
from typing import Final

PATIENCE: Final = 10.0
"""Real seconds in which a product at work must write something; after them its time goes on by as many."""


class _Selector(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.at_work: Callable[[], bool] | None = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.at_work is None:
            return super().select(timeout)
        if not self.at_work():
            ready = super().select(0)
            if not ready and timeout:
                self.now += timeout
            return ready if ready or timeout is not None else super().select(PATIENCE)
        ready = super().select(0 if timeout == 0 else PATIENCE)
        if not ready and timeout != 0:
            self.now += PATIENCE
        return ready


class SteppedLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop, at the machine's time until ``step``."""

    def __init__(self) -> None:
        self._counted = _Selector()
        self._ahead = 0.0
        super().__init__(self._counted)

    def time(self) -> float:
        """Seconds, never fewer than before."""
        return super().time() + self._ahead if self._counted.at_work is None else self._counted.now

    def step(self, at_work: Callable[[], bool]) -> None:
        """From now on time is counted, from a whole second on; ``at_work`` says whether a product is busy."""
        self._counted.now = float(math.ceil(self.time()))
        self._counted.at_work = at_work

    def walk(self) -> None:
        """Goes on at the machine's pace, from the time that was counted."""
        if self._counted.at_work is not None:
            self._ahead = self._counted.now - super().time()
            self._counted.at_work = None
