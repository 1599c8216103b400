"""The append-only log of every meeting and the reports filed beside it: rows in, rows out."""

from meetingsim.journal.memory import MemoryJournal
from meetingsim.journal.protocol import Journal, JournalUnavailable, ReportRow, Row, SeqConflict
from meetingsim.journal.sqlite import SqliteJournal

__all__ = [
    "Journal",
    "JournalUnavailable",
    "MemoryJournal",
    "ReportRow",
    "Row",
    "SeqConflict",
    "SqliteJournal",
]
