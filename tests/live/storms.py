"""A journal that waits or fails when a test says so, and a server around it in the test's own event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

from meetingsim.clock import Clock
from meetingsim.journal.memory import MemoryJournal
from meetingsim.journal.protocol import JournalUnavailable, ReportRow, Row
from meetingsim.live.seat import Seat
from meetingsim.serving import serving
from meetingsim.settings import ServerSettings
from tests.wire import PATIENCE, Server

DOWN = "the disk is full; free some space, the server then goes on by itself"


class Storm(MemoryJournal):
    """In memory. ``hold`` keeps appends waiting until ``let_go``; ``appends`` and ``reads`` say how many more fail."""

    def __init__(self) -> None:
        super().__init__()
        self.failing_appends = 0
        self.failing_reads = 0
        self.failing_forgets = 0
        self.stores_and_fails = False
        self.appended: list[int] = []
        self._calm = asyncio.Event()
        self._calm.set()
        self.held = 0

    def hold(self) -> None:
        """From now on appends wait."""
        self._calm.clear()

    def let_go(self) -> None:
        """Those that wait go on."""
        self._calm.set()

    async def append(
        self, meeting: str, expected_seq: int, rows: Sequence[Row], reports: Sequence[ReportRow] = ()
    ) -> None:
        self.held += 1
        await self._calm.wait()
        self.held -= 1
        if self.failing_appends:
            self.failing_appends -= 1
            if self.stores_and_fails:
                await super().append(meeting, expected_seq, rows, reports)
            raise JournalUnavailable(DOWN)
        await super().append(meeting, expected_seq, rows, reports)
        self.appended.append(len(rows))

    async def read(self, meeting: str, after: int = 0, limit: int | None = None) -> list[Row]:
        if self.failing_reads:
            self.failing_reads -= 1
            raise JournalUnavailable(DOWN)
        return await super().read(meeting, after, limit)

    async def forget(self, meeting: str) -> None:
        if self.failing_forgets:
            self.failing_forgets -= 1
            raise JournalUnavailable(DOWN)
        await super().forget(meeting)


@asynccontextmanager
async def here(storm: Storm | None = None, clock: Clock | None = None, **settings: Any) -> AsyncIterator[Server]:
    """A server in this event loop, on this journal and clock."""
    with patch("meetingsim.opening._journal", lambda data: storm or MemoryJournal()):
        async with serving(ServerSettings(**{"port": 0, "limits": "off", **settings}), clock) as world:
            try:
                yield Server(world.base_url, world.admin_token, world)
            finally:
                # A test that failed may have left the writer held up, and stopping waits for it.
                if storm is not None:
                    storm.let_go()


async def come_true(condition: Callable[[], bool]) -> None:
    """Lets everything else run until the condition holds. Fails a test for which it never does."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.001)


async def queued(seat: Seat, count: int) -> None:
    """Waits until so many commands are in the mailbox, while the writer is held up."""
    await come_true(lambda: len(seat._mailbox) == count)
