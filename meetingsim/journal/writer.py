"""The one thread that writes to a SQLite file: it takes every job that waits and commits them together.

    waiting ── take up to 512 ──> BEGIN ─ (SAVEPOINT, job, RELEASE) for each ─ COMMIT ──> answers, in order
                                     └── anything else fails ──> ROLLBACK ──> every job of the group fails

A commit waits for the disk. While it does, more jobs gather, so the group grows with the load by itself.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from meetingsim.journal.protocol import CLOSED, JournalUnavailable

T = TypeVar("T")

GROUP = 512
"""At most so many jobs share a commit, so that the first of them does not wait for ever."""

# These leave the transaction as it was; any other error of SQLite is one of the file or the disk.
_OF_ONE_JOB = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError)


@dataclass(slots=True)
class _Job:
    work: Callable[[sqlite3.Connection], Any]
    future: asyncio.Future[Any]
    answer: Any = None
    error: Exception | None = None


class GroupWriter:
    """Runs jobs against `db` in a thread of its own; that thread alone uses the connection from now on.

    `explain` turns an exception into the `JournalUnavailable` that callers see; `finish` is the last act.
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        explain: Callable[[BaseException], JournalUnavailable],
        finish: Callable[[], None],
    ) -> None:
        self.commits = 0  # how many groups were committed since the start
        self._db = db
        self._explain = explain
        self._finish = finish
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()  # None: nothing comes after
        self._gate = threading.Lock()  # held to hand in a job or to close: no job may follow the None
        self._closed = False
        self._last_round = False
        self._group: list[_Job] = []  # in hand, not answered yet
        self._ended: Future[None] = Future()
        self._ended.set_running_or_notify_cancel()  # a cancelled caller of close() must not cancel this
        # A daemon: a program that forgets to close still ends, and what was acknowledged is on the disk.
        self._thread = threading.Thread(target=self._main, name="journal-writer", daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` inside the next transaction; return what it returned once that is committed.

        What `work` raises undoes its own changes alone. Where the disk fails, every job of the transaction
        raises `JournalUnavailable`.
        """
        job = _Job(work, asyncio.get_running_loop().create_future())
        with self._gate:
            if self._closed:
                raise JournalUnavailable(CLOSED)
            self._waiting.put(job)
        answer: T = await job.future
        return answer

    async def close(self) -> None:
        with self._gate:
            if not self._closed:
                self._closed = True
                self._waiting.put(None)
        await asyncio.wrap_future(self._ended)
        self._thread.join()

    def _main(self) -> None:
        try:
            while self._take():
                self._settle()
        finally:
            self._end()

    def _take(self) -> bool:
        """Wait for a job, then take those that wait too; False when there is nothing left to do."""
        while not self._last_round and len(self._group) < GROUP:
            try:
                job = self._waiting.get(block=not self._group)
            except queue.Empty:
                break
            if job is None:
                self._last_round = True
            else:
                self._group.append(job)
        return bool(self._group)

    def _settle(self) -> None:
        try:
            self._commit()
        except BaseException as exc:
            # Whatever it was, even an exit: the callers must hear of it and the thread must live on.
            self._undo()
            for job in self._group:
                job.error = self._explain(exc)
        group, self._group = self._group, []
        _answer(group)

    def _commit(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        for job in self._group:
            self._attempt(job)
        self._db.execute("COMMIT")
        self.commits += 1

    def _attempt(self, job: _Job) -> None:
        self._db.execute("SAVEPOINT job")
        try:
            job.answer = job.work(self._db)
        except Exception as exc:
            if isinstance(exc, sqlite3.Error) and not isinstance(exc, _OF_ONE_JOB):
                raise
            self._db.execute("ROLLBACK TO job")
            job.error = self._explain(exc) if isinstance(exc, sqlite3.Error) else exc
        self._db.execute("RELEASE job")

    def _undo(self) -> None:
        # After some errors, a full disk for one, SQLite has rolled back already.
        if self._db.in_transaction:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")

    def _end(self) -> None:
        with self._gate:
            self._closed = True
        try:
            self._give_up()
            self._finish()
        finally:
            self._ended.set_result(None)

    def _give_up(self) -> None:
        """Answer what nobody will run: there is something only if this thread was torn out of its loop."""
        jobs = self._group
        with suppress(queue.Empty):
            while True:
                jobs += filter(None, [self._waiting.get_nowait()])
        for job in jobs:
            job.error = JournalUnavailable(CLOSED)
        _answer(jobs)


def _answer(group: list[_Job]) -> None:
    """Resolve the futures with one call into each event loop: waking a loop costs more than a job does."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in group:
        by_loop.setdefault(job.future.get_loop(), []).append(job)
    for loop, jobs in by_loop.items():
        with suppress(RuntimeError):  # that loop is closed: nobody waits there any more
            loop.call_soon_threadsafe(_resolve, jobs)


def _resolve(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.future.done():  # its caller was cancelled
            continue
        if job.error is None:
            job.future.set_result(job.answer)
        else:
            job.future.set_exception(job.error)
