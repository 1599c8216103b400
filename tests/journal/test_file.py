"""Which files are opened, which are refused and with what advice, and what a file keeps."""

import contextlib
import errno
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from meetingsim.journal import JournalUnavailable, SqliteJournal
from meetingsim.journal.datafile import _set_up, explain

from .samples import report, rows, seqs

pytestmark = pytest.mark.anyio


async def filled(path: Path, count: int = 3) -> None:
    journal = SqliteJournal.open(path)
    await journal.append("m", 0, rows(1, count), [report("r")])
    await journal.close()


@contextlib.contextmanager
def another_program(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        yield db


def refusal(path: Path) -> str:
    with pytest.raises(JournalUnavailable) as caught:
        SqliteJournal.open(path, busy_timeout=0.01)
    line = str(caught.value)
    assert line.splitlines() == [line]
    return line


async def test_everything_is_there_after_a_restart(path: Path) -> None:
    journal = SqliteJournal.open(path)
    for meeting in ("b", "a"):
        await journal.append(meeting, 0, rows(1, 2, because={"rule": "open"}))
    await journal.append("gone", 0, rows(1), [report("r", "gone")])
    await journal.forget("gone")
    await journal.complete_report("r", {"issue": "spam", "evidence": [1]})
    await journal.keep("key", lambda: "first")
    await journal.close()

    again = SqliteJournal.open(path)
    assert await again.meetings() == ["b", "a"]
    assert await again.read("a") == rows(1, 2, because={"rule": "open"})
    assert await again.read("gone") == []
    assert [(n, row.document) for n, row in await again.reports()] == [(1, {"issue": "spam", "evidence": [1]})]
    assert await again.keep("key", lambda: "second") == "first"
    await again.append("a", 2, rows(3), [report("r2")])
    assert [n for n, _ in await again.reports()] == [1, 2]
    await again.close()


async def test_only_the_owner_may_read_the_files(sqlite: SqliteJournal, path: Path) -> None:
    await sqlite.keep("key", lambda: "secret")
    found = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert set(found) == {"meetingsim.db", "meetingsim.db-wal", "meetingsim.db-shm", "meetingsim.db-lock"}
    assert not any(mode & 0o077 for mode in found.values())
    assert not stat.S_IMODE(path.parent.stat().st_mode) & 0o077


async def test_every_commit_is_synced(sqlite: SqliteJournal) -> None:
    assert sqlite._file.writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert sqlite._file.writer.execute("PRAGMA synchronous").fetchone() == (2,)
    assert sqlite._file.writer.execute("PRAGMA temp_store").fetchone() == (2,)


async def test_a_file_says_whose_it_is_and_of_which_schema(sqlite: SqliteJournal, path: Path) -> None:
    with another_program(path) as db:
        assert db.execute("PRAGMA application_id").fetchone() == (int.from_bytes(b"mtgs", "big"),)
        assert db.execute("PRAGMA user_version").fetchone() == (1,)


async def test_reading_cannot_write(sqlite: SqliteJournal) -> None:
    await sqlite.append("m", 0, rows(1))
    with pytest.raises(JournalUnavailable, match="it cannot be written"):
        await sqlite._look(lambda db: db.execute("DELETE FROM events"))
    assert seqs(await sqlite.read("m")) == [1]


async def test_a_second_server_is_refused_and_the_first_goes_on(sqlite: SqliteJournal, path: Path) -> None:
    await sqlite.append("m", 0, rows(1))
    assert f"a running server uses it (process {os.getpid()}); stop that one" in refusal(path)
    link = path.parent.parent / "link.db"
    link.symlink_to(path)
    assert "a running server uses it" in refusal(link)
    await sqlite.append("m", 1, rows(2))
    assert seqs(await sqlite.read("m")) == [1, 2]


HOLDER = """
import asyncio, sys
from pathlib import Path
from meetingsim.journal import SqliteJournal
journal = SqliteJournal.open(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
asyncio.run(journal.close())
"""


async def test_a_server_in_another_process_keeps_the_file_until_it_ends(path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        assert f"(process {holder.pid})" in refusal(path)
        holder.communicate(timeout=60)
    assert holder.returncode == 0
    await SqliteJournal.open(path).close()


async def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"Dear diary, " * 1000)
    assert "not a SQLite file; move it away or choose another data directory" in refusal(path)
    assert path.read_bytes() == b"Dear diary, " * 1000


async def test_another_programs_database_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with another_program(path) as db:
        db.execute("CREATE TABLE diary (day TEXT)")
    before = path.read_bytes()
    assert "another program's database; choose another data directory" in refusal(path)
    assert path.read_bytes() == before
    assert {file.name for file in path.parent.iterdir()} == {"meetingsim.db", "meetingsim.db-lock"}


@pytest.mark.parametrize("pragma", ["application_id=7", "user_version=7"])
async def test_a_marked_file_without_tables_is_another_programs(path: Path, pragma: str) -> None:
    path.parent.mkdir()
    with another_program(path) as db:
        db.execute(f"PRAGMA {pragma}")
    assert "another program's database" in refusal(path)


async def test_a_newer_schema_is_refused_until_that_release_is_there(path: Path) -> None:
    await filled(path)
    with another_program(path) as db:
        db.execute("PRAGMA user_version=2")
    line = refusal(path)
    assert "schema 2 of a newer release, this one knows 1; install that release" in line
    with another_program(path) as db:
        db.execute("PRAGMA user_version=1")
    again = SqliteJournal.open(path)
    assert seqs(await again.read("m")) == [1, 2, 3]
    await again.close()


@pytest.mark.parametrize("damage", ["cut short", "a page of nothing", "no schema"])
async def test_a_damaged_file_is_refused(path: Path, damage: str) -> None:
    await filled(path, 300)
    whole = path.read_bytes()
    pages = len(whole) // 4096
    assert pages > 10
    with path.open("r+b") as file:
        if damage == "cut short":
            file.truncate(pages // 2 * 4096)
        elif damage == "a page of nothing":
            # One that events lie on: zeros would pass for an empty page, so it is noise.
            file.seek((pages - 1) * 4096)
            file.write(b"\xa5" * 4096)
        else:
            file.seek(100)
            file.write(b"\xa5" * 3996)
    assert "the file is damaged; put a copy in its place" in refusal(path)
    path.write_bytes(whole)
    again = SqliteJournal.open(path)
    assert len(await again.read("m")) == 300
    await again.close()


async def test_a_row_that_is_no_json_is_said_to_be_damage(sqlite: SqliteJournal, path: Path) -> None:
    await sqlite.append("m", 0, rows(1, 2))
    with another_program(path) as db:
        db.execute("UPDATE events SET data = '{' WHERE seq = 2")
    with pytest.raises(JournalUnavailable, match="a row is no JSON"):
        await sqlite.read("m")
    assert seqs(await sqlite.read("m", limit=1)) == [1]


async def test_a_table_that_is_gone_is_said_and_not_made_anew(sqlite: SqliteJournal, path: Path) -> None:
    with another_program(path) as db:
        db.execute("DROP TABLE kept")
    with pytest.raises(JournalUnavailable, match="no such table: kept"):
        await sqlite.keep("key", lambda: "made")
    await sqlite.append("m", 0, rows(1))


async def test_a_file_that_another_program_locks_opens_once_it_lets_go(path: Path) -> None:
    await filled(path)
    with another_program(path) as db:
        db.execute("PRAGMA locking_mode=EXCLUSIVE")
        db.execute("BEGIN EXCLUSIVE")
        assert "another program holds the file locked; close it there" in refusal(path)
    await SqliteJournal.open(path).close()


async def test_a_commit_waits_for_another_program_only_so_long(path: Path) -> None:
    journal = SqliteJournal.open(path, busy_timeout=0.01)
    await journal.append("m", 0, rows(1))
    with another_program(path) as db:
        db.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalUnavailable, match="another program holds the file locked"):
            await journal.append("m", 1, rows(2))
        assert seqs(await journal.read("m")) == [1]
    await journal.append("m", 1, rows(2))
    assert seqs(await journal.read("m")) == [1, 2]
    await journal.close()


def test_a_file_that_cannot_have_a_log_beside_it_is_refused(path: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(":memory:")) as db,
        pytest.raises(JournalUnavailable, match="not on a local disk"),
    ):
        _set_up(db, path)


async def test_a_file_in_the_place_of_the_directory_is_refused(path: Path) -> None:
    path.parent.write_text("not a directory")
    assert str(path.parent) in refusal(path)
    assert "choose another data directory" in refusal(path)


def test_no_room_for_the_file_is_no_matter_of_rights(path: Path) -> None:
    line = str(explain(path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))))
    assert line == f"{path}: No space left on device; free some space or choose another data directory"


async def test_a_directory_in_the_place_of_the_file_is_refused(path: Path) -> None:
    path.mkdir(parents=True)
    assert refusal(path).startswith(f"{path}: Is a directory;")


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A directory that an unprivileged user can reach, which pytest's own are not."""
    made = Path(tempfile.mkdtemp(prefix="meetingsim-"))
    made.chmod(0o777)
    yield made / "meetingsim.db"
    shutil.rmtree(made)


def refusal_of_the_unprivileged(path: Path) -> str:
    """What somebody other than root is told: root may write everywhere.

    Nothing else happens meanwhile, for they may not even read the modules that Python would import late.
    """
    if os.geteuid() != 0:
        return refusal(path)
    os.seteuid(65534)
    try:
        return refusal(path)
    finally:
        os.seteuid(0)


async def test_a_directory_that_cannot_be_written_is_refused(open_to_all: Path) -> None:
    open_to_all.parent.chmod(0o555)
    line = refusal_of_the_unprivileged(open_to_all)
    assert "Permission denied; change the rights there or choose another data directory" in line
    open_to_all.parent.chmod(0o777)
    await SqliteJournal.open(open_to_all).close()


async def test_a_file_that_cannot_be_written_is_refused(open_to_all: Path) -> None:
    await filled(open_to_all)
    open_to_all.with_name("meetingsim.db-lock").chmod(0o666)
    open_to_all.chmod(0o444)
    line = refusal_of_the_unprivileged(open_to_all)
    assert line.startswith(f"{open_to_all}: Permission denied; change the rights there")
    open_to_all.chmod(0o600)
    again = SqliteJournal.open(open_to_all)
    assert seqs(await again.read("m")) == [1, 2, 3]
    await again.close()
