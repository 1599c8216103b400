"""The journal of a server without a data directory: all in this process, gone with it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from meetingsim.journal.protocol import (
    CLOSED,
    Journal,
    JournalUnavailable,
    ReportRow,
    Row,
    filed_before,
    require_last,
    require_unbroken,
)
from meetingsim.journal.upcast import upcast


class MemoryJournal(Journal):
    """Keeps the very rows it is given. No operation awaits: for tasks of an event loop each is one step."""

    durable = False

    def __init__(self) -> None:
        self._closed = False
        self._rows: dict[str, list[Row]] = {}  # a dict keeps its order: that of creation
        self._reports: list[ReportRow] = []  # a report's position is its index + 1: none is ever removed
        self._places: dict[str, int] = {}  # report -> index
        self._kept: dict[str, str] = {}

    async def append(
        self, meeting: str, expected_seq: int, rows: Sequence[Row], reports: Sequence[ReportRow] = ()
    ) -> None:
        require_unbroken(expected_seq, rows)
        self._require_open()
        require_last(meeting, expected_seq, len(self._rows.get(meeting, ())))
        self._require_new(reports)
        if rows:
            self._rows.setdefault(meeting, []).extend(rows)
        for report in reports:
            self._places[report.report] = len(self._reports)
            self._reports.append(report)

    async def read(self, meeting: str, after: int = 0, limit: int | None = None) -> list[Row]:
        self._require_open()
        rows = self._rows.get(meeting, [])
        start = max(after, 0)
        return [upcast(row) for row in rows[start : None if limit is None else start + max(limit, 0)]]

    async def meetings(self) -> list[str]:
        self._require_open()
        return list(self._rows)

    async def forget(self, meeting: str) -> None:
        self._require_open()
        self._rows.pop(meeting, None)

    async def reports(
        self, after: int = 0, limit: int = 100, meeting: str | None = None
    ) -> list[tuple[int, ReportRow]]:
        self._require_open()
        start = max(after, 0)
        found = enumerate(self._reports[start:], start + 1)
        return [(n, row) for n, row in found if meeting is None or row.meeting == meeting][: max(limit, 0)]

    async def complete_report(self, report: str, document: dict[str, Any]) -> None:
        self._require_open()
        place = self._places[report]
        self._reports[place] = replace(self._reports[place], document=document)

    async def keep(self, name: str, make: Callable[[], str]) -> str:
        self._require_open()
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    async def reset(self) -> None:
        self._require_open()
        for store in (self._rows, self._reports, self._places, self._kept):
            store.clear()

    async def close(self) -> None:
        self._closed = True

    def _require_open(self) -> None:
        if self._closed:
            raise JournalUnavailable(CLOSED)

    def _require_new(self, reports: Sequence[ReportRow]) -> None:
        seen: set[str] = set()
        for row in reports:
            if row.report in self._places or row.report in seen:
                raise filed_before(row.report)
            seen.add(row.report)
