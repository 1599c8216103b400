"""Reads a meeting's journal and the desk's reports as the admin, for as long as a run lasts, through a server's crashes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from meetingsim.clients import MeetingsimError, Server, Unreachable
from meetingsim.scenarios.target import Listener
from meetingsim.targets.holding import Holding
from meetingsim.targets.opening import Failure

_WAIT: Final = "10s"
_PATIENCE: Final = 20.0
_PAGE: Final = 1_000
_AFTER_THE_END: Final = 0.25
"""Seconds between two looks at the journal of a meeting that has ended: it lets nobody wait, and should stay silent."""
_TRIES: Final = 5
_AGAIN: Final = 0.2


class Reading:
    """Two readers, of the journal and of reports; ``space`` has the run's meeting alone."""

    def __init__(self, space: Server, meeting: str, holding: Holding, listener: Listener, failure: Failure) -> None:
        self.news = asyncio.Event()
        """Set when there may be a new report."""
        self._space = space
        self._meeting = meeting
        self._holding = holding
        self._listener = listener
        self._failure = failure
        self._up = asyncio.Event()
        self._up.set()
        self._tasks = [asyncio.create_task(self._journal()), asyncio.create_task(self._reports())]

    def down(self) -> None:
        """The server is gone on purpose: nobody is surprised."""
        self._up.clear()

    def up(self) -> None:
        """It is there again."""
        self._up.set()
        self.news.set()

    async def close(self) -> None:
        """Reads no more. Raises what a listener raised."""
        for task in self._tasks:
            task.cancel()
        for outcome in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome

    async def _journal(self) -> None:
        path = f"meetings/{quote(self._meeting, safe='')}/events"
        after = 0
        while page := await self._ask(path, {"after": after, "limit": _PAGE, "wait": _WAIT}):
            self._holding.happened(page["events"], page["next"])
            after = page["next"]
            if not page["events"]:
                await asyncio.sleep(_AFTER_THE_END)

    async def _reports(self) -> None:
        after = 0
        while await self.news.wait():
            self.news.clear()
            page = await self._ask("reports", {"after": after, "limit": _PAGE})
            if page is None:
                return
            for report in page["reports"]:
                self._listener.filed(report)
            after = page["next"]

    async def _ask(self, path: str, params: Mapping[str, Any]) -> dict[str, Any] | None:
        """The answer, however long the server is down on purpose; None where it is gone by itself, which is noted."""
        tries = 0
        while True:
            await self._up.wait()
            try:
                return await self._space.request("GET", path, params=params, timeout=_PATIENCE)
            except MeetingsimError as error:
                tries += self._up.is_set()
                if tries == _TRIES or not isinstance(error, Unreachable):
                    self._failure.note(f"The server at {self._space.url} went away in the middle of the run: {error}.")
                    return None
                await asyncio.sleep(_AGAIN)
