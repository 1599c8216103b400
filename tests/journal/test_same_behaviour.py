"""Whatever is done to them, a journal on disk and one in memory answer alike, restarts included."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from meetingsim.journal import (
    Journal,
    JournalUnavailable,
    MemoryJournal,
    ReportRow,
    Row,
    SeqConflict,
    SqliteJournal,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=6
)
OBJECTS = st.dictionaries(TEXT, JSON, max_size=3)
MEETINGS = st.sampled_from(["1", "22", "\U0001f984", ""])
REPORTS = st.sampled_from([f"r{n}" for n in range(6)])
PAGES = st.integers(-1, 6)
ROWS = st.builds(
    Row,
    seq=st.just(0),
    at=st.integers(0, 2**53),
    type=TEXT,
    v=st.integers(1, 3),
    data=OBJECTS,
    because=st.none() | OBJECTS,
    audience=OBJECTS,
)
REFUSALS = (SeqConflict, JournalUnavailable, ValueError, KeyError)


class SameBehaviour(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp(prefix="meetingsim-"))
        self.runner = asyncio.Runner()
        self.memory = MemoryJournal()
        self.sqlite = SqliteJournal.open(self.directory / "meetingsim.db")

    def teardown(self) -> None:
        self.runner.run(self.sqlite.close())
        self.runner.close()
        shutil.rmtree(self.directory)

    def answer(self, journal: Journal, operation: Callable[[Journal], Coroutine[Any, Any, Any]]) -> Any:
        try:
            return self.runner.run(operation(journal))
        except REFUSALS as exc:
            return type(exc), str(exc)

    def both(self, operation: Callable[[Journal], Coroutine[Any, Any, Any]]) -> None:
        assert self.answer(self.sqlite, operation) == self.answer(self.memory, operation)

    @rule(
        meeting=MEETINGS,
        off=st.sampled_from([0, 0, 0, 0, -1, 1]),
        given=st.lists(ROWS, max_size=4),
        gap=st.sampled_from([0, 0, 0, 0, 1]),
        names=st.lists(REPORTS, max_size=2),
        document=OBJECTS,
    )
    def append(
        self, meeting: str, off: int, given: list[Row], gap: int, names: list[str], document: dict[str, Any]
    ) -> None:
        expected = max(len(self.runner.run(self.memory.read(meeting))) + off, 0)
        placed = [replace(row, seq=expected + 1 + n + gap) for n, row in enumerate(given)]
        filed = [ReportRow(name, meeting, 5, document) for name in names]
        self.both(lambda journal: journal.append(meeting, expected, placed, filed))

    @rule(meeting=MEETINGS, after=PAGES, limit=st.none() | PAGES)
    def read(self, meeting: str, after: int, limit: int | None) -> None:
        self.both(lambda journal: journal.read(meeting, after, limit))

    @rule(after=PAGES, limit=PAGES, meeting=st.none() | MEETINGS)
    def reports(self, after: int, limit: int, meeting: str | None) -> None:
        self.both(lambda journal: journal.reports(after, limit, meeting))

    @rule(meeting=MEETINGS)
    def forget(self, meeting: str) -> None:
        self.both(lambda journal: journal.forget(meeting))

    @rule(name=REPORTS, document=OBJECTS)
    def complete_report(self, name: str, document: dict[str, Any]) -> None:
        self.both(lambda journal: journal.complete_report(name, document))

    @rule(name=st.sampled_from(["a", "b"]), made=TEXT)
    def keep(self, name: str, made: str) -> None:
        self.both(lambda journal: journal.keep(name, lambda: made))

    @precondition(lambda self: self.runner.run(self.memory.meetings()))
    @rule(sure=st.sampled_from([False, False, True]))
    def reset(self, sure: bool) -> None:
        if sure:
            self.both(lambda journal: journal.reset())

    @rule()
    def restart(self) -> None:
        self.runner.run(self.sqlite.close())
        self.sqlite = SqliteJournal.open(self.directory / "meetingsim.db")

    @invariant()
    def the_same_is_stored(self) -> None:
        self.both(lambda journal: journal.meetings())
        self.both(lambda journal: journal.reports())
        for meeting in self.runner.run(self.memory.meetings()):
            self.both(lambda journal, meeting=meeting: journal.read(meeting))


TestSameBehaviour = SameBehaviour.TestCase
TestSameBehaviour.settings = settings(
    max_examples=settings.default.max_examples // 3,  # an example writes to the disk some thirty times
    stateful_step_count=25,
    deadline=None,
)
