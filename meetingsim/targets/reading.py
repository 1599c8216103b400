"""Reads a meeting's journal and the desk's reports as the admin, for as long as a run lasts, through a server's crashes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final
from urllib.parse import quote

import httpx2
import orjson

from meetingsim.clients import MeetingsimError, Server, Unreachable
from meetingsim.scenarios.target import Listener
from meetingsim.targets.holding import Holding
from meetingsim.targets.opening import Failure

_SILENT: Final = 20.0
"""Seconds in which nothing at all, not even a sign of life, comes of a server that is gone."""
_PAGE: Final = 1_000
_AFTER_THE_END: Final = 0.25
"""Seconds between two looks at the journal of a meeting that has ended: its stream ends, and it should stay silent."""
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
        self._after = 0
        self._misses = 0
        self._up = asyncio.Event()
        self._up.set()
        self._tasks = [asyncio.create_task(self._journal()), asyncio.create_task(self._reports())]
        for task in self._tasks:
            task.add_done_callback(failure.watch)

    def down(self) -> None:
        """The server is gone on purpose: nobody is surprised."""
        self._up.clear()

    def up(self) -> None:
        """It is there again."""
        self._up.set()
        self.news.set()

    async def close(self) -> None:
        """Reads no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _journal(self) -> None:
        secure = self._space.url.startswith("https:")
        async with httpx2.AsyncClient(timeout=_SILENT, trust_env=False, verify=secure) as client:
            while self._failure.first is None:
                await self._up.wait()
                try:
                    async for event in self._stream(client):
                        self._after = event["seq"]
                        self._holding.happened(event)
                    await asyncio.sleep(_AFTER_THE_END)
                except httpx2.TransportError as error:
                    await self._miss(str(error) or type(error).__name__)

    async def _stream(self, client: httpx2.AsyncClient) -> AsyncIterator[dict[str, Any]]:
        """The events after the last one, as they happen, until the meeting or the server ends."""
        url = f"{self._space.url}/api/v1/meetings/{quote(self._meeting, safe='')}/events"
        headers = {"Authorization": f"Bearer {self._space.token}", "Accept": "text/event-stream"}
        async with client.stream("GET", url, params={"after": self._after}, headers=headers) as response:
            if not response.is_success:
                # A journal may be read a moment before its meeting knows that it is there.
                await self._miss(f"{response.status_code} for its journal")
                return
            self._misses = 0
            rest = b""
            async for chunk in response.aiter_bytes():
                *whole, rest = (rest + chunk).split(b"\n\n")
                for part in whole:
                    if (at := part.find(b"data: ")) >= 0:
                        yield orjson.loads(part[at + 6 :])

    async def _reports(self) -> None:
        after = 0
        while await self.news.wait():
            self.news.clear()
            page = await self._ask("reports", {"after": after, "limit": _PAGE})
            for report in page["reports"]:
                self._listener.filed(report)
            after = page["next"]

    async def _ask(self, path: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The answer, however long the server is down on purpose; an empty page where it is gone by itself."""
        while self._failure.first is None:
            await self._up.wait()
            try:
                return await self._space.request("GET", path, params=params, timeout=_SILENT)
            except Unreachable as error:
                await self._miss(error.fault)
            except MeetingsimError as error:
                self._failure.note(f"The server at {self._space.url} went astray: {error}.")
        return {"reports": [], "next": 0}

    async def _miss(self, why: str) -> None:
        """Waits a moment; after a few times in a row the server is taken to be gone by itself."""
        self._misses += self._up.is_set()
        if self._misses >= _TRIES:
            self._failure.note(f"The server at {self._space.url} went away in the middle of the run: {why}.")
        await asyncio.sleep(_AGAIN)
