"""Opens the SQLite file of a journal if it is ours, whole, of a known schema, and not another server's.

Beside `NAME` lie SQLite's `NAME-wal` and `NAME-shm` while it is open, and `NAME-lock`, which stays: were it
removed, two servers could each lock a file of that name.
"""

import contextlib
import errno
import fcntl
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from meetingsim.journal.protocol import JournalUnavailable

APPLICATION_ID = 0x6D746773  # "mtgs", in the file's header
SCHEMA = 1  # the header's user_version; raise it with every change of the tables

_TABLES = (
    "CREATE TABLE meetings (position INTEGER PRIMARY KEY, meeting TEXT NOT NULL UNIQUE)",
    """CREATE TABLE events (
        meeting TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,
        type TEXT NOT NULL, v INTEGER NOT NULL, data TEXT NOT NULL, because TEXT, audience TEXT NOT NULL,
        PRIMARY KEY (meeting, seq)
    ) WITHOUT ROWID""",
    """CREATE TABLE reports (
        position INTEGER PRIMARY KEY, report TEXT NOT NULL UNIQUE, meeting TEXT NOT NULL,
        at INTEGER NOT NULL, document TEXT NOT NULL
    )""",
    "CREATE INDEX reports_of_meeting ON reports (meeting, position)",
    "CREATE TABLE kept (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
)

_ADVICE = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space, the server then goes on by itself",
    sqlite3.SQLITE_BUSY: "another program holds the file locked; close it there",
    sqlite3.SQLITE_LOCKED: "another program holds the file locked; close it there",
    sqlite3.SQLITE_NOTADB: "it is not a SQLite file; move it away or choose another data directory",
    sqlite3.SQLITE_CORRUPT: "the file is damaged; put a copy in its place or choose another data directory",
    sqlite3.SQLITE_READONLY: "it cannot be written; change its rights or choose another data directory",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; look at the rights of its directory or choose another",
    sqlite3.SQLITE_IOERR: "the disk failed; look at the disk, or choose another data directory",
}


@dataclass(slots=True)
class DataFile:
    """An open file: one connection to write, one to read, and the lock that keeps a second server out."""

    path: Path
    writer: sqlite3.Connection
    reader: sqlite3.Connection
    resources: contextlib.ExitStack
    """Closing it closes both connections and only then lets go of the lock."""


def open_data_file(path: Path, busy_timeout: float) -> DataFile:
    """Open or create the file, and its directory; `busy_timeout` is in seconds.

    Raises `JournalUnavailable`, and then leaves nothing open and a file that is not ours unchanged.
    """
    path = path.resolve()  # two names of one file must meet at one lock
    with contextlib.ExitStack() as stack:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _lock(path, stack)
            # The file holds keys and passcodes. SQLite gives its -wal and -shm the same rights.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            writer = _connect(path, busy_timeout, stack)
            _require_ours(writer, path)
            _set_up(writer, path)
            reader = _connect(path, busy_timeout, stack)
            reader.execute("PRAGMA query_only=ON")
        except (sqlite3.Error, OSError) as exc:
            raise explain(path, exc) from exc
        return DataFile(path, writer, reader, stack.pop_all())


def explain(path: Path, exc: BaseException) -> JournalUnavailable:
    """Say in one line what is wrong with the file and what to do about it."""
    if isinstance(exc, sqlite3.Error):
        code = getattr(exc, "sqlite_errorcode", None)  # Python's own errors of that family have none
        advice = _ADVICE.get(code & 0xFF) if code is not None else None
        return JournalUnavailable(f"{path}: {advice} ({exc})" if advice else f"{path}: {exc}")
    if isinstance(exc, OSError):
        first = "free some space" if exc.errno == errno.ENOSPC else "change the rights there"
        what = f"{exc.strerror}; {first} or choose another data directory"
        return JournalUnavailable(f"{exc.filename or path}: {what}")
    return JournalUnavailable(f"{path}: writing stopped with {type(exc).__name__}: {exc}")


def _lock(path: Path, stack: contextlib.ExitStack) -> None:
    """Keep a second server out until `stack` is closed.

    The lock is on a file of its own, and taken before the data file is touched: closing any handle of a file
    drops all the locks that SQLite holds on it in this process.
    """
    lock = os.open(f"{path}-lock", os.O_RDWR | os.O_CREAT, 0o600)
    stack.callback(os.close, lock)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        holder = os.pread(lock, 20, 0).decode("ascii", "replace").strip() or "unknown"
        raise JournalUnavailable(
            f"{path}: a running server uses it (process {holder}); stop that one or choose another data directory"
        ) from exc
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)


def _connect(path: Path, busy_timeout: float, stack: contextlib.ExitStack) -> sqlite3.Connection:
    # Opened here, used in another thread: each connection belongs to one thread at a time.
    db = sqlite3.connect(path, timeout=busy_timeout, isolation_level=None, check_same_thread=False)
    stack.callback(db.close)
    return db


def _header(db: sqlite3.Connection, pragma: str) -> int:
    value: int = db.execute(f"PRAGMA {pragma}").fetchone()[0]
    return value


def _is_blank(db: sqlite3.Connection) -> bool:
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return not (tables or _header(db, "application_id") or _header(db, "user_version"))


def _require_ours(db: sqlite3.Connection, path: Path) -> None:
    """Look before anything is changed: the file may be somebody else's."""
    if _is_blank(db):
        return
    if _header(db, "application_id") != APPLICATION_ID:
        raise JournalUnavailable(f"{path}: another program's database; choose another data directory")
    if (schema := _header(db, "user_version")) > SCHEMA:
        raise JournalUnavailable(
            f"{path}: schema {schema} of a newer release, this one knows {SCHEMA}; "
            "install that release or choose another data directory"
        )
    found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise JournalUnavailable(f"{path}: {_ADVICE[sqlite3.SQLITE_CORRUPT]} ({' '.join(found.split())})")


def _set_up(db: sqlite3.Connection, path: Path) -> None:
    mode = db.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    if mode != "wal":
        raise JournalUnavailable(f"{path}: not on a local disk; choose a data directory that is")
    db.execute("PRAGMA synchronous=FULL")
    # Savepoints keep copies of pages: a full directory for temporary files must not fail a commit.
    db.execute("PRAGMA temp_store=MEMORY")
    if not _is_blank(db):
        return
    db.execute("BEGIN IMMEDIATE")
    for statement in _TABLES:
        db.execute(statement)
    db.execute(f"PRAGMA application_id={APPLICATION_ID}")
    db.execute(f"PRAGMA user_version={SCHEMA}")
    db.execute("COMMIT")
