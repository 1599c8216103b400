"""What came of a run, for people: the checks that are not green with their sentences, the figures, where the report is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from meetingsim.cli.console import harmless, out, styled
from meetingsim.scenarios.quantities import Duration
from meetingsim.scenarios.report.guard import Known
from meetingsim.scenarios.report.source import Source
from meetingsim.scenarios.report.wording import clock, value_of, witnesses
from meetingsim.scenarios.scenario import Scenario
from meetingsim.scenarios.verdicts import Check, Judgement, Measure, Verdict

COLOURS: Final = {
    Verdict.FAIL: "red",
    Verdict.VACUOUS: "yellow",
    Verdict.UNDECIDED: "yellow",
    Verdict.SKIPPED: "dim",
    Verdict.PASS: "green",
}
"""Of the verdicts, in the order in which they are told."""
_WHY: Final = {
    Verdict.VACUOUS: "its condition never came up",
    Verdict.UNDECIDED: "the run ended before its window did",
    Verdict.SKIPPED: "the target cannot show it",
}
_FEW: Final = 5
"""So many passes are named; of more it is said how many there are."""
_WIDTH: Final = 11


def show(scenario: Scenario, judgement: Judgement, digest: str, source: Source, folder: Path) -> None:
    """Prints a run."""
    trace = judgement.trace
    how = f"{Duration(trace.duration)}, {trace.clock} clock, {trace.target}"
    out(f"{styled(scenario.name, 'bold')}  seed {trace.seed}  {styled(harmless(how), 'dim')}")
    known = Known(scenario)
    if trace.broke:
        row("broke", "red", known.text(trace.broke))
    for verdict, colour in COLOURS.items():
        checks = judgement.of(verdict)
        if verdict is Verdict.PASS and checks:
            row(verdict.value, colour, _counted(checks))
        else:
            for check in checks:
                row(verdict.value, colour, *map(known.text, sentences(check, judgement, source)))
    for line in _figures(scenario, judgement):
        out(line)
    row("digest", "dim", digest)
    row("report", "dim", str(folder / "report.html"))


def row(word: str, colour: str, *lines: str) -> None:
    """A word at the margin, and beside it what it is about; whatever stands in it, a terminal obeys none of it."""
    padding = " " * max(1, _WIDTH - len(word))
    out(f"  {styled(word, colour)}{padding}{harmless(lines[0])}")
    for line in lines[1:]:
        out(f"  {' ' * _WIDTH}{styled(harmless(line), 'dim')}")


def sentences(check: Check, judgement: Judgement, source: Source | None) -> Iterator[str]:
    """What a check says; where one failed, when that was and where it stands in the file."""
    kind = "" if check.kind == "expectation" else f"{check.kind} "
    allowed = ", which is allowed" if check.green and check.verdict is not Verdict.FAIL else ""
    why = _WHY.get(check.verdict)
    said = check.said if why is None else f"{why}{allowed}" + (f": {check.said}" if check.said else "")
    yield f"{kind}{check.id}: {said}" if said else f"{kind}{check.id}"
    if check.verdict is Verdict.FAIL:
        where = [] if source is None or not check.place else [f"{source.path}:{source.position(check.place)[0]}"]
        when = [f"at {clock(fact.at)}" for fact in witnesses(check, judgement.trace)[:1]]
        if where or when:
            yield ", ".join([*where, *when])


def _counted(checks: Sequence[Check]) -> str:
    if len(checks) <= _FEW:
        return ", ".join(check.id for check in checks)
    kinds = dict.fromkeys(check.kind for check in checks)
    counts = {kind: sum(check.kind == kind for check in checks) for kind in kinds}
    return ", ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in counts.items())


def _figures(scenario: Scenario, judgement: Judgement) -> Iterator[str]:
    """The measures as a table: the figure, its limit, and what no host knows of it."""
    measures = {measure.id: value_of(measure) for measure in judgement.measures.values()}
    missed = {check.id for check in judgement.of(Verdict.FAIL) if check.kind == "threshold"}
    name, figure = (max(map(len, column), default=0) for column in (measures, measures.values()))
    for measure in judgement.measures.values():
        limit = scenario.thresholds.get(measure.id)
        shown = f"{measures[measure.id]:>{figure}}"
        if limit is not None:
            shown = styled(shown, "red" if measure.id in missed else "green")
        line = f"  {measure.id:<{name}}  {shown}"
        line += f"  {styled(f'limit {limit}', 'dim')}" if limit is not None else ""
        line += f"  {styled(harmless(oracle(measure)), 'yellow')}" if measure.oracle else ""
        yield line


def oracle(measure: Measure) -> str:
    """What of a figure no host knows: the rules that used it."""
    return f"oracle: {', '.join(measure.oracle)}"
