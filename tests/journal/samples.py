"""Rows and reports to write, and ways to hold the writer's thread still."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from typing import Any

from meetingsim.journal import ReportRow, Row, SqliteJournal

NOON = 1_767_268_800_000


def rows(first: int, count: int = 1, text: str = "hello", because: dict[str, Any] | None = None) -> list[Row]:
    return [
        Row(seq, NOON + seq, "message", 1, {"text": text, "n": seq}, because, {"to": "inside"})
        for seq in range(first, first + count)
    ]


def report(name: str, meeting: str = "m", **document: Any) -> ReportRow:
    return ReportRow(name, meeting, NOON, {"issue": "abuse", **document})


def seqs(found: list[Row]) -> list[int]:
    return [row.seq for row in found]


@contextlib.asynccontextmanager
async def plugged(journal: SqliteJournal) -> AsyncIterator[None]:
    """Within it the writer is busy with a job of ours, so that all that is handed in forms the next group."""
    taken, go = threading.Event(), threading.Event()

    def plug(_db: Any) -> None:
        taken.set()
        assert go.wait(60)

    task = asyncio.create_task(journal._writer.run(plug))
    assert await asyncio.to_thread(taken.wait, 60)
    try:
        yield
    finally:
        go.set()
        await task
