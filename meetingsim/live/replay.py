"""A meeting out of its journal, and the evidence that could not be read when a report was filed."""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from meetingsim.journal.protocol import Journal, JournalUnavailable
from meetingsim.live.rows import recorded_from
from meetingsim.state.control import Filing, Stamp
from meetingsim.state.engine import NOTHING, evolve
from meetingsim.state.evidence import completed
from meetingsim.state.meeting import Meeting

log = structlog.get_logger("meetingsim.live")


async def replay(meeting_id: str, journal: Journal, until: int | None = None) -> Meeting | None:
    """The meeting as of a seq, by default the last; None where the journal has nothing of it. Raises JournalUnavailable."""
    rows = await journal.read(meeting_id, 0, until)
    meeting = NOTHING
    for row in rows:
        recorded = recorded_from(row)
        meeting = evolve(meeting, recorded.event, Stamp(recorded.seq, recorded.at))
    return meeting if rows else None


class LateEvidence:
    """Reports of one meeting that still lack a part of their evidence."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._waiting: list[Filing] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, filings: Iterable[Filing]) -> None:
        """Takes those that something is missing of."""
        self._waiting += [filing for filing in filings if filing.pending]

    async def complete(self, meeting: Meeting) -> None:
        """Adds what can be read now; what still cannot stays."""
        waiting, self._waiting = self._waiting, []
        for filing in waiting:
            try:
                then = await replay(meeting.id, self._journal, filing.document["evidence"]["seq"])
                document = completed(then or meeting, filing.document)
                await self._journal.complete_report(filing.report, document)
            except (JournalUnavailable, KeyError) as error:
                log.error("evidence not added", report=filing.report, why=str(error))
                document = dict(filing.document)
            if "missing" in document["evidence"]:
                self._waiting.append(filing)
