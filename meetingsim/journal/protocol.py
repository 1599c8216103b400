"""What a journal promises, whatever keeps it: the shapes of its rows, its errors, its operations.

Exception
├── SeqConflict           another writer was there first: reload the meeting and decide again
└── JournalUnavailable    the storage said no; str() is one line that says what to do
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Row:
    """One event of one meeting. Its dicts hold only what JSON has. Rows are shared: nobody changes them."""

    seq: int
    """Place in the meeting's journal, from 1, without gaps."""
    at: int
    """Milliseconds since the Unix epoch, from the injected clock."""
    type: str
    """Event type, such as "joined"."""
    v: int
    """Version of the event's shape."""
    data: dict[str, Any]
    """The event's own fields."""
    because: dict[str, Any] | None
    """Why it was decided so; None where there is nothing to say."""
    audience: dict[str, Any]
    """Who was told."""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report for the desk. It takes no seq, so that nobody can see it from a gap in a journal."""

    report: str
    """Opaque id, unique in the journal."""
    meeting: str
    at: int
    """Milliseconds since the Unix epoch, from the injected clock."""
    document: dict[str, Any]
    """Issue, text, subjects, reporter, source, evidence and what else the desk keeps; only what JSON has."""


class SeqConflict(Exception):
    """`expected_seq` was not the meeting's last seq: somebody else wrote since the caller read."""


class JournalUnavailable(Exception):
    """It cannot be read or written: disk full, locked, damaged, closed. Nothing of the call is stored."""


class Journal(Protocol):
    """An append-only log for many meetings. After `close` every operation raises `JournalUnavailable`."""

    durable: bool
    """Whether what was acknowledged outlives the process."""

    async def append(
        self, meeting: str, expected_seq: int, rows: Sequence[Row], reports: Sequence[ReportRow] = ()
    ) -> None:
        """Store rows and reports in one transaction and return once it is committed.

        `rows` follow `expected_seq` without a gap; they may be empty when only reports are filed, and
        `expected_seq` is checked all the same. A caller that is cancelled while it waits cannot know whether
        they were stored.

        Raises `SeqConflict` or `JournalUnavailable`, and `ValueError` for rows with a gap or a report whose
        id was filed before; then nothing of it is stored.
        """
        ...

    async def read(self, meeting: str, after: int = 0, limit: int | None = None) -> list[Row]:
        """Rows with a seq greater than `after`, in order, brought to the current event versions."""
        ...

    async def meetings(self) -> list[str]:
        """Meetings that have rows, in order of creation."""
        ...

    async def forget(self, meeting: str) -> None:
        """Remove the meeting's rows, if there are any; its reports stay."""
        ...

    async def reports(
        self, after: int = 0, limit: int = 100, meeting: str | None = None
    ) -> list[tuple[int, ReportRow]]:
        """Reports with their positions, those after position `after`; positions grow in order of filing."""
        ...

    async def complete_report(self, report: str, document: dict[str, Any]) -> None:
        """Put `document` in place of the report's, as when evidence comes later. Unknown id: `KeyError`."""
        ...

    async def keep(self, name: str, make: Callable[[], str]) -> str:
        """Return the secret kept under `name`; where there is none, store and return what `make` gives.

        Of callers at the same moment all get the same answer, but `make` may then have run for each of them.
        """
        ...

    async def reset(self) -> None:
        """Forget everything: rows, reports and what was kept."""
        ...

    async def close(self) -> None:
        """Finish what was handed in, then let go of all resources. Closing again does nothing."""
        ...


def require_unbroken(expected_seq: int, rows: Sequence[Row]) -> None:
    """Raise `ValueError` unless the rows go on from `expected_seq` one by one: a gap would stay for ever."""
    for seq, row in enumerate(rows, expected_seq + 1):
        if row.seq != seq:
            raise ValueError(f"row {row.seq} ({row.type}) stands where row {seq} belongs")


def require_last(meeting: str, expected_seq: int, last: int) -> None:
    """Raise `SeqConflict` unless `last`, the meeting's last seq (0 without rows), is the expected one."""
    if last != expected_seq:
        raise SeqConflict(f"meeting {meeting}: expected {expected_seq} to be the last seq, it is {last}")


def filed_before(report: str) -> ValueError:
    """The error for a report whose id is taken."""
    return ValueError(f"report {report} was filed before")


CLOSED = "the journal is closed; start the server again"
