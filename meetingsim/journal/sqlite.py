"""The journal of a server with a data directory: one SQLite file, written in groups, read without waiting."""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

import orjson

from meetingsim.journal.datafile import DataFile, explain, open_data_file
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
from meetingsim.journal.writer import GroupWriter

T = TypeVar("T")

_INSERT_EVENT = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_REPORT = "INSERT INTO reports (report, meeting, at, document) VALUES (?, ?, ?, ?)"
_LAST_SEQ = "SELECT ifnull(max(seq), 0) FROM events WHERE meeting = ?"
_READ = """SELECT seq, at, type, v, data, because, audience FROM events
    WHERE meeting = ? AND seq > ? ORDER BY seq LIMIT ?"""
_REPORTS = """SELECT position, report, meeting, at, document FROM reports
    WHERE position > ? ORDER BY position LIMIT ?"""
_REPORTS_OF = """SELECT position, report, meeting, at, document FROM reports
    WHERE meeting = ? AND position > ? ORDER BY position LIMIT ?"""
_KEEP = "INSERT INTO kept VALUES (?, ?) ON CONFLICT (name) DO NOTHING"
_KEPT = "SELECT value FROM kept WHERE name = ?"


class SqliteJournal(Journal):
    """A journal in one file, for one server at a time. Made by `open`.

    Rows become JSON before they are handed over: a value that JSON has not is its caller's `TypeError` alone.
    """

    durable = True

    def __init__(self, file: DataFile) -> None:
        self._file = file
        self._gate = threading.Lock()  # held to hand in a read or to refuse further ones
        self._closed = False
        # A thread of its own, not the event loop's pool: name look-ups may hold all of that one's.
        self._readers = ThreadPoolExecutor(1, thread_name_prefix="journal-reader")
        self._writer = GroupWriter(file.writer, partial(explain, file.path), self._finish)

    @classmethod
    def open(cls, path: Path, *, busy_timeout: float = 2.0) -> Self:
        """Open or create the file; blocks while an unclean end is repaired and the file is checked.

        `busy_timeout`: seconds to wait for another program that holds the file, now and at every commit.
        Raises `JournalUnavailable` for a file of another program or of a newer release, a damaged one, one
        that cannot be written, or that another server uses.
        """
        return cls(open_data_file(path, busy_timeout))

    @property
    def commits(self) -> int:
        """How many transactions were committed since `open`; one may hold hundreds of appends."""
        return self._writer.commits

    async def append(
        self, meeting: str, expected_seq: int, rows: Sequence[Row], reports: Sequence[ReportRow] = ()
    ) -> None:
        require_unbroken(expected_seq, rows)
        events = [_event_values(meeting, row) for row in rows]
        filed = [(row.report, row.meeting, row.at, _json(row.document)) for row in reports]
        await self._writer.run(partial(_append, meeting, expected_seq, events, filed))

    async def read(self, meeting: str, after: int = 0, limit: int | None = None) -> list[Row]:
        return await self._look(partial(_read, meeting, after, -1 if limit is None else max(limit, 0)))

    async def meetings(self) -> list[str]:
        return await self._look(_meetings)

    async def forget(self, meeting: str) -> None:
        await self._writer.run(partial(_forget, meeting))

    async def reports(
        self, after: int = 0, limit: int = 100, meeting: str | None = None
    ) -> list[tuple[int, ReportRow]]:
        return await self._look(partial(_reports, after, max(limit, 0), meeting))

    async def complete_report(self, report: str, document: dict[str, Any]) -> None:
        await self._writer.run(partial(_complete_report, report, _json(document)))

    async def keep(self, name: str, make: Callable[[], str]) -> str:
        stored = await self._look(partial(_kept, name))
        if stored is not None:
            return stored
        made = make()  # here and not in the writer's thread: it may draw from a source of chance
        return await self._writer.run(partial(_keep, name, made))

    async def reset(self) -> None:
        await self._writer.run(_reset)

    async def close(self) -> None:
        with self._gate:
            self._closed = True
        await self._writer.close()

    async def _look(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Run a query in the reader's thread; it sees all that was acknowledged before."""
        with self._gate:
            if self._closed:
                raise JournalUnavailable(CLOSED)
            answer = asyncio.get_running_loop().run_in_executor(self._readers, self._query, query)
        return await answer

    def _query(self, query: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return query(self._file.reader)
        except sqlite3.Error as exc:
            raise explain(self._file.path, exc) from exc
        except orjson.JSONDecodeError as exc:
            raise JournalUnavailable(f"{self._file.path}: a row is no JSON; put a copy in its place") from exc

    def _finish(self) -> None:
        """The last act of the writer's thread: there, no cancelled caller of `close` can stop half way."""
        with self._gate:
            self._closed = True
        with self._file.resources:
            self._readers.shutdown(wait=True)
            with contextlib.suppress(sqlite3.Error):  # what stays in the -wal is read at the next start
                self._file.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _json(value: dict[str, Any]) -> str:
    return orjson.dumps(value).decode()


def _event_values(meeting: str, row: Row) -> tuple[Any, ...]:
    because = None if row.because is None else _json(row.because)
    return (meeting, row.seq, row.at, row.type, row.v, _json(row.data), because, _json(row.audience))


def _append(
    meeting: str,
    expected_seq: int,
    events: Sequence[tuple[Any, ...]],
    reports: Sequence[tuple[Any, ...]],
    db: sqlite3.Connection,
) -> None:
    require_last(meeting, expected_seq, db.execute(_LAST_SEQ, (meeting,)).fetchone()[0])
    if events:
        if expected_seq == 0:
            db.execute("INSERT INTO meetings (meeting) VALUES (?)", (meeting,))
        db.executemany(_INSERT_EVENT, events)
    for values in reports:
        try:
            db.execute(_INSERT_REPORT, values)
        except sqlite3.IntegrityError as exc:
            raise filed_before(values[0]) from exc


def _read(meeting: str, after: int, limit: int, db: sqlite3.Connection) -> list[Row]:
    return [upcast(_row(*values)) for values in db.execute(_READ, (meeting, after, limit)).fetchall()]


def _row(seq: int, at: int, kind: str, v: int, data: str, because: str | None, audience: str) -> Row:
    why = None if because is None else orjson.loads(because)
    return Row(seq, at, kind, v, orjson.loads(data), why, orjson.loads(audience))


def _meetings(db: sqlite3.Connection) -> list[str]:
    return [meeting for (meeting,) in db.execute("SELECT meeting FROM meetings ORDER BY position")]


def _forget(meeting: str, db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM events WHERE meeting = ?", (meeting,))
    db.execute("DELETE FROM meetings WHERE meeting = ?", (meeting,))


def _reports(after: int, limit: int, meeting: str | None, db: sqlite3.Connection) -> list[tuple[int, ReportRow]]:
    of_one = meeting is not None
    found = db.execute(_REPORTS_OF, (meeting, after, limit)) if of_one else db.execute(_REPORTS, (after, limit))
    return [
        (position, ReportRow(report, its_meeting, at, orjson.loads(document)))
        for position, report, its_meeting, at, document in found.fetchall()
    ]


def _complete_report(report: str, document: str, db: sqlite3.Connection) -> None:
    if db.execute("UPDATE reports SET document = ? WHERE report = ?", (document, report)).rowcount == 0:
        raise KeyError(report)


def _kept(name: str, db: sqlite3.Connection) -> str | None:
    row = db.execute(_KEPT, (name,)).fetchone()
    return None if row is None else str(row[0])


def _keep(name: str, made: str, db: sqlite3.Connection) -> str:
    db.execute(_KEEP, (name, made))
    return str(db.execute(_KEPT, (name,)).fetchone()[0])


def _reset(db: sqlite3.Connection) -> None:
    for table in ("events", "meetings", "reports", "kept"):
        db.execute(f"DELETE FROM {table}")
