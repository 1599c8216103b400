"""How a run is put into words and short lines, the same in every file that it leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from meetingsim.clients.redaction import harmless
from meetingsim.scenarios.report.encoding import dumped
from meetingsim.scenarios.report.guard import without_secrets
from meetingsim.scenarios.trace import Fact, Trace
from meetingsim.scenarios.verdicts import Check, Judgement, Measure, Verdict

_LONGEST: Final = 300
_HOLLOW: Final = {
    Verdict.VACUOUS: "its condition never came up, so nothing was shown",
    Verdict.UNDECIDED: "the run ended before its window did",
}


def clock(ms: int) -> str:
    """A moment of the run: ``12:04.250``, with hours where there are some."""
    seconds, left = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{f'{hours}:' if hours else ''}{minutes:02d}:{seconds:02d}.{left:03d}"


def sentence(check: Check) -> str:
    """What came of a check, in one sentence."""
    hollow = _HOLLOW.get(check.verdict)
    if hollow is None:
        return check.said or ("the target cannot show it" if check.verdict is Verdict.SKIPPED else "")
    return f"{hollow} ({check.said})" if check.said else hollow


def with_verdict(check: Check) -> str:
    """The same where nothing beside it says that it is VACUOUS or UNDECIDED."""
    mark = f"{check.verdict.name}: " if check.verdict in _HOLLOW else ""
    return f"{mark}{sentence(check)}"


def witnesses(check: Check, trace: Trace) -> list[Fact]:
    """The facts that a check rests on, the one that shows a failure first."""
    return [trace.facts[n] for n in check.witnesses if 0 <= n < len(trace.facts)]


def line_of(fact: Fact) -> str:
    """A fact as one short harmless line without secrets: number, time, what, who, fields."""
    fields: Mapping[str, Any] = fact.fields["frame"] if fact.fact == "received" else fact.fields
    rest = {name: value for name, value in fields.items() if name not in {"type", "at", "seq", "n", "line"}}
    text = harmless(without_secrets(dumped(rest)).decode())
    seq = f" seq={fact.seq}" if fact.seq is not None else ""
    frame = f" {fields.get('type')}" if fact.fact == "received" else ""
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return f"[{fact.n}] {clock(fact.at)} {fact.fact}{frame} {fact.actor or '-'}{seq} {text}"


def value_of(measure: Measure) -> str:
    """A measure with its unit; a dash where there was nothing to measure."""
    if measure.value is None:
        return "–"
    if measure.unit == "ratio":
        return f"{measure.value:.1%}"
    number = f"{measure.value:,.2f}".rstrip("0").rstrip(".")
    return number if measure.unit == "count" else f"{number} {measure.unit}"


def verdict_line(judgement: Judgement) -> str:
    """``3 failed, 1 vacuous, 14 passed``; what there is none of is not said."""
    words = {
        Verdict.FAIL: "failed",
        Verdict.UNDECIDED: "undecided",
        Verdict.VACUOUS: "vacuous",
        Verdict.PASS: "passed",
        Verdict.SKIPPED: "skipped",
    }
    counted = ((len(judgement.of(verdict)), word) for verdict, word in words.items())
    return ", ".join(f"{count} {word}" for count, word in counted if count) or "nothing was checked"


def by_weight(checks: Iterable[Check]) -> list[Check]:
    """What went wrong first, what passed last."""
    order = [Verdict.FAIL, Verdict.UNDECIDED, Verdict.VACUOUS, Verdict.SKIPPED, Verdict.PASS]
    return sorted(checks, key=lambda check: order.index(check.verdict))
