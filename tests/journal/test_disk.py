"""A disk that is full or fails: nothing half stored, everybody told, and on again once it works."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from meetingsim.journal import JournalUnavailable, SqliteJournal

from .samples import plugged, report, rows, seqs

pytestmark = pytest.mark.anyio


async def allow_pages(journal: SqliteJournal, more: int) -> None:
    """Let the file grow by so many pages and no further."""

    def limit(db: object) -> None:
        pages = journal._file.writer.execute("PRAGMA page_count").fetchone()[0]
        journal._file.writer.execute(f"PRAGMA max_page_count={pages + more}")

    await journal._writer.run(limit)


async def test_a_full_disk_fails_the_group_and_then_the_journal_goes_on(sqlite: SqliteJournal) -> None:
    await sqlite.append("m", 0, rows(1))
    await allow_pages(sqlite, 0)
    async with plugged(sqlite):
        tasks = [
            asyncio.create_task(append)
            for append in (
                sqlite.append("m", 1, rows(2), [report("small")]),
                sqlite.append("big", 0, rows(1, 3, text="x" * 50_000), [report("big")]),
                sqlite.append("m", 2, rows(3)),
            )
        ]
        await asyncio.sleep(0)
    with anyio.fail_after(60):
        answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(answer) for answer in answers] == [JournalUnavailable] * 3
    assert len({id(answer) for answer in answers}) == 3, "one exception raised in three places"
    assert all("the disk is full; free some space" in str(answer) for answer in answers)
    assert await sqlite.meetings() == ["m"]
    assert seqs(await sqlite.read("m")) == [1]
    assert await sqlite.reports() == []

    await sqlite.append("m", 1, rows(2))
    await allow_pages(sqlite, 1000)
    await sqlite.append("big", 0, rows(1, 3, text="x" * 50_000), [report("big")])
    assert seqs(await sqlite.read("m")) == [1, 2]
    assert seqs(await sqlite.read("big")) == [1, 2, 3]
    assert [n for n, _ in await sqlite.reports()] == [1]


async def test_a_full_disk_keeps_nobody_from_reading_and_closing(path: Path) -> None:
    journal = SqliteJournal.open(path)
    await journal.append("m", 0, rows(1))
    await journal.keep("key", lambda: "kept")
    await allow_pages(journal, 0)
    for _ in range(3):
        with pytest.raises(JournalUnavailable, match="full"):
            await journal.append("m", 1, rows(2, text="x" * 50_000))
    assert seqs(await journal.read("m")) == [1]
    assert await journal.keep("key", lambda: "again") == "kept"
    await journal.close()
    again = SqliteJournal.open(path)
    assert seqs(await again.read("m")) == [1]
    await again.close()


# A limit on the size of files makes the write itself fail, in the middle of a commit.
FAILING_WRITES = """
import asyncio, json, resource, sys
from pathlib import Path
from meetingsim.journal import SqliteJournal
from tests.journal.samples import plugged, report, rows

async def main():
    path = Path(sys.argv[1])
    journal = SqliteJournal.open(path)
    await journal.append("m", 0, rows(1))
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    told = []
    for _ in range(2):
        async with plugged(journal):
            tasks = [
                asyncio.create_task(journal.append("m", 1, rows(2), [report("r")])),
                asyncio.create_task(journal.append("big", 0, rows(1, 4, text="x" * 50_000))),
                asyncio.create_task(journal.append("m", 2, rows(3))),
            ]
            await asyncio.sleep(0)
            size = Path(f"{path}-wal").stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 50_000, hard))
        told += [repr(answer) for answer in await asyncio.gather(*tasks, return_exceptions=True)]
        seen = [len(await journal.read(name)) for name in ("m", "big")], len(await journal.reports())
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    await journal.append("big", 0, rows(1, 4, text="x" * 50_000))
    await journal.append("m", 1, rows(2), [report("r")])
    await journal.close()
    print(json.dumps({"told": told, "seen": seen}))

asyncio.run(main())
"""


async def test_writes_that_fail_leave_nothing_of_their_group(path: Path) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-W", "error", "-c", FAILING_WRITES, str(path)]
    ended = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert len(found["told"]) == 6
    assert all(answer.startswith(f"JournalUnavailable('{path}: the disk ") for answer in found["told"])
    assert found["seen"] == [[1, 0], 0]

    again = SqliteJournal.open(path)
    assert seqs(await again.read("m")) == [1, 2]
    assert seqs(await again.read("big")) == [1, 2, 3, 4]
    assert [n for n, _ in await again.reports()] == [1]
    await again.close()
