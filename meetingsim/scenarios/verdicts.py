"""What a run is judged to be: one verdict for every expectation, invariant and threshold, with what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from meetingsim.scenarios.trace import Trace

Place = tuple[str | int, ...]


class Verdict(Enum):
    """How a check came out.

    VACUOUS: its condition never came up. UNDECIDED: the end cut its window. SKIPPED: the target cannot.
    """

    PASS = "pass"
    FAIL = "fail"
    VACUOUS = "vacuous"
    UNDECIDED = "undecided"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """A judged expectation, invariant or threshold.

    ``said`` is one sentence: why it failed, what was measured, why it was skipped. ``witnesses`` are places in the trace
    (``Fact.n``), the one that shows the failure first. ``place`` is where in the scenario it stands, () for invariants.
    ``tested`` counts the windows, or for an invariant the facts, that it was judged on. ``green`` is set where
    a VACUOUS one counts as passed (``allow_vacuous``).
    """

    kind: Literal["expectation", "invariant", "threshold"]
    id: str
    verdict: Verdict
    said: str = ""
    witnesses: tuple[int, ...] = ()
    place: Place = ()
    tested: int = 0
    oracle: tuple[str, ...] = ()
    green: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of harm. ``value`` None: there was nothing to measure. ``unit``: ``s``, ``ratio``, ``count``, ``min``, ``ms``."""

    id: str
    value: float | None
    unit: str
    said: str = ""
    oracle: tuple[str, ...] = ()


@dataclass(slots=True)
class Judgement:
    """Everything that a run is judged to be."""

    trace: Trace
    checks: Sequence[Check] = ()
    measures: dict[str, Measure] = field(default_factory=dict)

    def of(self, verdict: Verdict) -> list[Check]:
        """The checks that came out so."""
        return [check for check in self.checks if check.verdict is verdict]


OK, FAILED, INVALID, THRESHOLD, NOTHING_SHOWN, BROKE = 0, 1, 2, 3, 4, 5


def exit_code(judgement: Judgement) -> int:
    """The exit code of a judged run: 5 broke, 1 failed, 3 a threshold missed, 4 something vacuous or undecided, else 0."""
    if judgement.trace.broke:
        return BROKE
    failed = judgement.of(Verdict.FAIL)
    if any(check.kind != "threshold" for check in failed):
        return FAILED
    if failed:
        return THRESHOLD
    hollow = [*judgement.of(Verdict.VACUOUS), *judgement.of(Verdict.UNDECIDED)]
    return NOTHING_SHOWN if any(not check.green for check in hollow) else OK
