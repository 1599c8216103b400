"""The list of spaces, kept in the server's own journal so that they outlive a restart with the rest."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from meetingsim.clock import Clock
from meetingsim.journal.protocol import Journal, Row
from meetingsim.state.plain import build, plain

STREAM = "@spaces"
"""Where the journal keeps them; no meeting's id looks like it."""


@dataclass(frozen=True, slots=True)
class Space:
    """A space: its id, the digest of its token, and the seed of its chance."""

    id: str
    token: str  # a digest
    seed: int | None = None


class SpaceList:
    """Every space there is. What is made is in the journal before anybody gets a token for it."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._seq = 0
        self._writing = asyncio.Lock()

    async def open(self) -> list[Space]:
        """The spaces of the journal, in order of creation. Raises JournalUnavailable."""
        found: dict[str, Space] = {}
        for row in await self._journal.read(STREAM):
            self._seq = row.seq
            space: Space = build(Space, row.data)
            if row.type == "space_created":
                found[space.id] = space
            else:
                del found[space.id]
        return list(found.values())

    async def created(self, space: Space) -> None:
        """There is one more. Raises JournalUnavailable."""
        await self._store("space_created", space)

    async def deleted(self, space: Space) -> None:
        """There is one less. Raises JournalUnavailable."""
        await self._store("space_deleted", space)

    async def _store(self, kind: str, space: Space) -> None:
        async with self._writing:
            row = Row(self._seq + 1, self._clock.now(), kind, 1, plain(space), None, {})
            await self._journal.append(STREAM, self._seq, [row])
            self._seq += 1
