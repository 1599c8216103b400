"""The networks whose country a tester decided: a second database, before the real one."""

from __future__ import annotations

from collections.abc import Mapping

from meetingsim.clock import Clock
from meetingsim.journal.protocol import Journal, Row

STREAM = "@networks"
"""Where the journal keeps them; no meeting's id looks like it."""


class Networks:
    """The overrides of a space, by network in CIDR notation; None is a network of no known country."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._seq = 0
        self.now: Mapping[str, str | None] = {}
        """What was decided last."""

    async def open(self) -> None:
        """Reads what the journal has. Raises JournalUnavailable."""
        if rows := await self._journal.read(STREAM):
            self._seq, self.now = rows[-1].seq, dict(rows[-1].data["networks"])

    async def decided(self, networks: Mapping[str, str | None]) -> None:
        """Keeps them in place of those before. Raises JournalUnavailable and SeqConflict."""
        row = Row(self._seq + 1, self._clock.now(), "networks_set", 1, {"networks": dict(networks)}, None, {})
        await self._journal.append(STREAM, self._seq, [row])
        self._seq += 1
        self.now = dict(networks)
