"""Group commit: who shares a transaction, who is hurt by whose failure, and what the writer outlives."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from meetingsim.journal import JournalUnavailable, SeqConflict, SqliteJournal, writer

from .samples import plugged, report, rows, seqs

pytestmark = pytest.mark.anyio


async def handed_in(*appends: Any) -> list[asyncio.Task[None]]:
    """Start the appends; each has reached the writer's queue when this returns, in this order."""
    tasks = [asyncio.create_task(append) for append in appends]
    await asyncio.sleep(0)
    return tasks


async def outcomes(tasks: list[asyncio.Task[None]]) -> list[type[BaseException] | None]:
    with anyio.fail_after(60):
        found = await asyncio.gather(*tasks, return_exceptions=True)
    return [None if answer is None else type(answer) for answer in found]


async def trace(journal: SqliteJournal, callback: Callable[[str], None] | None) -> None:
    await journal._writer.run(lambda db: db.set_trace_callback(callback))


async def test_appends_in_flight_share_a_commit(sqlite: SqliteJournal) -> None:
    statements: list[str] = []
    answered: list[int] = []

    async def append(n: int) -> None:
        await sqlite.append(f"m{n}", 0, rows(1, 2))
        answered.append(n)

    await trace(sqlite, statements.append)
    statements.clear()
    before = sqlite.commits
    async with plugged(sqlite):
        tasks = await handed_in(*(append(n) for n in range(200)))
        assert answered == []
    await outcomes(tasks)
    await trace(sqlite, None)

    # the plug's own, that of all 200, and the one that took the trace away
    assert statements.count("COMMIT") == sqlite.commits - before - 1 == 2
    assert answered == list(range(200))
    assert await sqlite.meetings() == [f"m{n}" for n in range(200)]


async def test_a_group_is_bounded(sqlite: SqliteJournal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "GROUP", 4)
    before = sqlite.commits
    async with plugged(sqlite):
        tasks = await handed_in(*(sqlite.append(f"m{n}", 0, rows(1)) for n in range(10)))
    assert await outcomes(tasks) == [None] * 10
    assert sqlite.commits - before == 1 + 3
    assert len(await sqlite.meetings()) == 10


async def test_a_conflict_hurts_nobody_else_in_its_group(sqlite: SqliteJournal) -> None:
    before = sqlite.commits
    async with plugged(sqlite):
        tasks = await handed_in(
            sqlite.append("a", 0, rows(1, 2)),
            sqlite.append("b", 7, rows(8), [report("lost")]),
            sqlite.append("c", 0, rows(1), [report("first")]),
            sqlite.append("c", 0, rows(1, 3, text="second writer"), [report("lost too")]),
            sqlite.append("c", 1, rows(2)),
            sqlite.complete_report("nobody", {}),
            sqlite.append("d", 0, rows(1), [report("d1"), report("first")]),
            sqlite.append("e", 0, rows(1), [report("last")]),
        )
    assert await outcomes(tasks) == [None, SeqConflict, None, SeqConflict, None, KeyError, ValueError, None]
    assert sqlite.commits - before == 2
    assert await sqlite.meetings() == ["a", "c", "e"]
    assert await sqlite.read("c") == rows(1, 2)
    assert [row.report for _, row in await sqlite.reports()] == ["first", "last"]


@pytest.mark.parametrize(
    ("statement", "raised"),
    [("INSERT INTO kept VALUES (NULL, NULL)", JournalUnavailable), ("SELECT ?", JournalUnavailable)],
    ids=["a constraint", "a statement without its value"],
)
async def test_a_statement_that_is_refused_hurts_its_job_alone(
    sqlite: SqliteJournal, statement: str, raised: type[Exception]
) -> None:
    async with plugged(sqlite):
        tasks = await handed_in(
            sqlite.append("a", 0, rows(1)),
            sqlite._writer.run(lambda db: db.execute(statement).fetchone()),
            sqlite.append("b", 0, rows(1)),
        )
    assert await outcomes(tasks) == [None, raised, None]
    assert await sqlite.meetings() == ["a", "b"]


async def test_the_key_itself_refuses_a_second_row_of_a_seq(
    sqlite: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sqlite.append("m", 0, rows(1, 2))
    monkeypatch.setattr("meetingsim.journal.sqlite.require_last", lambda *_: None)
    with pytest.raises(JournalUnavailable, match="UNIQUE"):
        await sqlite.append("m", 1, rows(2, text="another"), [report("r")])
    assert await sqlite.read("m") == rows(1, 2)
    assert await sqlite.reports() == []


async def test_what_json_cannot_hold_never_reaches_the_writer(sqlite: SqliteJournal) -> None:
    before = sqlite.commits
    with pytest.raises(TypeError):
        await sqlite.append("m", 0, rows(1, because={"rule": object()}))
    with pytest.raises(TypeError):
        await sqlite.append("m", 0, [], [report("r", evidence={1, 2})])
    assert sqlite.commits == before


def break_the_commit(db: sqlite3.Connection) -> None:
    """Leave a debt that SQLite asks for at the end of the transaction and at no earlier time."""
    db.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
    db.execute("CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
    db.execute("INSERT INTO child VALUES (1)")


async def test_a_commit_that_fails_fails_the_whole_group(sqlite: SqliteJournal) -> None:
    await sqlite.append("m", 0, rows(1))
    sqlite._file.writer.execute("PRAGMA foreign_keys=ON")
    before = sqlite.commits
    async with plugged(sqlite):
        tasks = await handed_in(
            sqlite.append("m", 1, rows(2), [report("r")]),
            sqlite._writer.run(break_the_commit),
            sqlite.append("m", 1, rows(2)),
            sqlite.append("n", 0, rows(1)),
        )
    assert await outcomes(tasks) == [JournalUnavailable] * 4
    assert sqlite.commits - before == 1
    assert await sqlite.meetings() == ["m"]
    assert await sqlite.reports() == []
    await sqlite.append("m", 1, rows(2), [report("r")])
    assert seqs(await sqlite.read("m")) == [1, 2]


@pytest.mark.parametrize("torn", [SystemExit, KeyboardInterrupt, MemoryError])
async def test_the_writer_outlives_whatever_a_job_raises(sqlite: SqliteJournal, torn: type[BaseException]) -> None:
    def work(_db: sqlite3.Connection) -> None:
        raise torn("torn")

    async with plugged(sqlite):
        tasks = await handed_in(sqlite.append("m", 0, rows(1)), sqlite._writer.run(work))
    found = await outcomes(tasks)
    if issubclass(torn, Exception):
        assert found == [None, torn]
    else:
        assert found == [JournalUnavailable, JournalUnavailable]
        assert await sqlite.meetings() == []
        await sqlite.append("m", 0, rows(1))
    assert seqs(await sqlite.read("m")) == [1]


async def test_a_writer_that_is_torn_out_of_its_loop_answers_everybody(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashes: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", crashes.append)
    journal = SqliteJournal.open(path)
    await journal.append("m", 0, rows(1))
    async with plugged(journal):
        monkeypatch.setattr(journal._writer, "_commit", None)
        monkeypatch.setattr(journal._writer, "_explain", None)
        tasks = await handed_in(journal.append("m", 1, rows(2)), journal.append("n", 0, rows(1)))
    assert await outcomes(tasks) == [JournalUnavailable, JournalUnavailable]
    for operation in (journal.append("m", 1, rows(2)), journal.read("m")):
        with pytest.raises(JournalUnavailable, match="closed"):
            await operation
    with anyio.fail_after(60):
        await journal.close()
    assert len(crashes) == 1, "a writer must not die silently"

    again = SqliteJournal.open(path)
    assert seqs(await again.read("m")) == [1]
    await again.close()


async def test_a_cancelled_caller_breaks_nothing(sqlite: SqliteJournal) -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
    async with plugged(sqlite):
        tasks = await handed_in(
            sqlite.append("a", 0, rows(1)),
            sqlite.append("b", 0, rows(1)),
            sqlite.append("c", 5, rows(6)),
            sqlite.append("d", 0, rows(1)),
        )
        tasks[1].cancel()
        tasks[2].cancel()
        await asyncio.sleep(0)
    cancelled = asyncio.CancelledError
    assert await outcomes(tasks) == [None, cancelled, cancelled, None]
    last = len(await sqlite.read("b"))
    await sqlite.append("b", last, rows(last + 1))
    assert complaints == []


def test_a_loop_that_is_gone_breaks_nothing(path: Path) -> None:
    go = threading.Event()

    async def leave_in_the_middle(journal: SqliteJournal) -> None:
        taken = threading.Event()
        await handed_in(journal._writer.run(lambda _db: (taken.set(), go.wait(60))), journal.append("m", 0, rows(1)))
        assert await asyncio.to_thread(taken.wait, 60)

    async def come_back(journal: SqliteJournal) -> None:
        with anyio.fail_after(60):
            await journal.append("n", 0, rows(1))
            assert seqs(await journal.read("n")) == [1]
            await journal.close()

    journal = SqliteJournal.open(path)
    asyncio.run(leave_in_the_middle(journal))
    go.set()
    asyncio.run(come_back(journal))


def test_two_event_loops_may_share_a_journal(path: Path) -> None:
    journal = SqliteJournal.open(path)
    failed: list[BaseException] = []

    async def append(meeting: str) -> None:
        with anyio.fail_after(60):
            for n in range(30):
                await journal.append(meeting, n, rows(n + 1))

    def other() -> None:
        try:
            asyncio.run(append("there"))
        except BaseException as exc:
            failed.append(exc)

    thread = threading.Thread(target=other)
    thread.start()
    asyncio.run(append("here"))
    thread.join(60)
    assert not thread.is_alive()
    assert failed == []

    async def check() -> None:
        assert seqs(await journal.read("here")) == seqs(await journal.read("there")) == list(range(1, 31))
        await journal.close()

    asyncio.run(check())


async def test_close_finishes_what_was_handed_in(path: Path) -> None:
    journal = SqliteJournal.open(path)
    async with plugged(journal):
        tasks = await handed_in(
            *(journal.append(f"m{n}", 0, rows(1)) for n in range(50)),
            journal.close(),
            journal.append("x", 0, rows(1)),
        )
    assert await outcomes(tasks) == [None] * 51 + [JournalUnavailable]
    again = SqliteJournal.open(path)
    assert await again.meetings() == [f"m{n}" for n in range(50)]
    await again.close()


async def test_nothing_is_handed_in_while_the_journal_closes(path: Path) -> None:
    journal = SqliteJournal.open(path)
    async with plugged(journal):
        (closing,) = await handed_in(journal.close())
        for operation in (journal.read("m"), journal.append("m", 0, rows(1))):
            with anyio.fail_after(30), pytest.raises(JournalUnavailable, match="closed"):
                await operation
        assert not closing.done()
    assert await outcomes([closing]) == [None]


async def test_a_read_under_way_ends_before_the_file_is_closed(path: Path) -> None:
    journal = SqliteJournal.open(path)
    await journal.append("m", 0, rows(1, 3))
    tasks = [asyncio.create_task(journal.read("m")) for _ in range(10)]
    await asyncio.sleep(0)
    await journal.close()
    with anyio.fail_after(60):
        assert [seqs(found) for found in await asyncio.gather(*tasks)] == [[1, 2, 3]] * 10


async def test_a_cancelled_close_closes_all_the_same(path: Path) -> None:
    journal = SqliteJournal.open(path)
    async with plugged(journal):
        (task,) = await handed_in(journal.close())
        task.cancel()
        assert await outcomes([task]) == [asyncio.CancelledError]
    with anyio.fail_after(60):
        await journal.close()
    await SqliteJournal.open(path).close()


async def test_close_leaves_no_thread_and_no_log_behind(path: Path) -> None:
    before = set(threading.enumerate())
    journal = SqliteJournal.open(path)
    await journal.append("m", 0, rows(1))
    await journal.read("m")
    assert {thread.name for thread in set(threading.enumerate()) - before} == {
        "journal-writer",
        "journal-reader_0",
    }
    await journal.close()
    assert set(threading.enumerate()) <= before
    assert {file.name for file in path.parent.iterdir()} == {"meetingsim.db", "meetingsim.db-lock"}


async def test_reads_do_not_wait_for_the_writer(sqlite: SqliteJournal) -> None:
    await sqlite.append("m", 0, rows(1))
    async with plugged(sqlite):
        tasks = await handed_in(sqlite.append("m", 1, rows(2)))
        with anyio.fail_after(30):
            assert seqs(await sqlite.read("m")) == [1]
    await outcomes(tasks)
    assert seqs(await sqlite.read("m")) == [1, 2]
