"""A run on GitHub: annotations at the lines of the YAML, and a summary of the step."""

import re
from collections.abc import Iterator
from typing import Final

from meetingsim.clients.redaction import harmless
from meetingsim.scenarios.report.course import course_of, figures
from meetingsim.scenarios.report.guard import Known, hidden
from meetingsim.scenarios.report.source import Source
from meetingsim.scenarios.report.wording import (
    by_weight,
    clock,
    line_of,
    sentence,
    value_of,
    verdict_line,
    with_verdict,
    witnesses,
)
from meetingsim.scenarios.scenario import Scenario
from meetingsim.scenarios.verdicts import Check, Judgement, Verdict, exit_code

_LEVELS: Final = {Verdict.FAIL: "error", Verdict.UNDECIDED: "warning", Verdict.VACUOUS: "warning"}
_SIGNS: Final = {
    Verdict.FAIL: "❌",
    Verdict.UNDECIDED: "❔",
    Verdict.VACUOUS: "⚠️",
    Verdict.PASS: "✅",
    Verdict.SKIPPED: "⏭️",
}
_MOST_ROWS: Final = 60
_MARKS: Final = re.compile(r"([\\`*_{}\[\]<>#|~&])")


def annotations(scenario: Scenario, judgement: Judgement, source: Source | None) -> list[str]:
    """The workflow commands for stdout, the worst first: GitHub shows ten of each kind a step."""
    known = Known(scenario)
    lines = [_annotation(check, scenario, judgement, source, known) for check in by_weight(judgement.checks)]
    if judgement.trace.broke:
        said = known.text(f"the run broke: {judgement.trace.broke}")
        lines.insert(0, f"::error {_properties(source, (), scenario.name)}::{_data(said)}")
    return [line for line in lines if line]


def _annotation(check: Check, scenario: Scenario, judgement: Judgement, source: Source | None, known: Known) -> str:
    level = _LEVELS.get(check.verdict)
    if level is None or (check.green and check.verdict is not Verdict.FAIL):
        return ""
    said = "\n".join([with_verdict(check), *(line_of(fact) for fact in witnesses(check, judgement.trace)[:3])])
    title = f"{scenario.name}: {check.id} {check.verdict.value}"
    return f"::{level} {_properties(source, check.place, title)}::{_data(known.text(said))}"


def _properties(source: Source | None, place: tuple[str | int, ...], title: str) -> str:
    said = {"title": title}
    if source is not None:
        line, column = source.position(place)
        said = {"file": source.path, "line": str(line), "col": str(column), **said}
    return ",".join(f"{name}={_property(value)}" for name, value in said.items())


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def step_summary(judgement: Judgement) -> str:
    """Markdown for ``$GITHUB_STEP_SUMMARY``."""
    return "\n".join(_summary(judgement)) + "\n"


def _summary(judgement: Judgement) -> Iterator[str]:
    trace = judgement.trace
    sign = "✅" if exit_code(judgement) == 0 else "❌"
    yield f"### {sign} {_plain(trace.scenario)}: {verdict_line(judgement)}"
    yield ""
    yield f"Seed {trace.seed}, {trace.clock} clock, {clock(trace.duration)}, {_plain(trace.target)}."
    if trace.broke:
        yield f"\n**The run broke:** {_plain(trace.broke)}"
    shown = [check for check in by_weight(judgement.checks) if check.verdict is not Verdict.PASS]
    if shown:
        yield "\n| | check | what came of it |\n|---|---|---|"
        yield from (_row(check, judgement) for check in shown[:_MOST_ROWS])
    if len(shown) > _MOST_ROWS:
        yield f"\n… and {len(shown) - _MOST_ROWS} more."
    if judgement.measures:
        yield "\n| measure | value | |\n|---|---|---|"
        for measure in judgement.measures.values():
            oracle = f"oracle: {', '.join(measure.oracle)}" if measure.oracle else ""
            said = "; ".join(filter(None, [measure.said, oracle]))
            yield f"| {_plain(measure.id)} | {_plain(value_of(measure))} | {_plain(said)} |"
    yield "\n| group | people | waited | came in | removed | refused |\n|---|---:|---:|---:|---:|---|"
    for name, group in figures(trace, course_of(trace).people).items():
        refused = ", ".join(f"{code} {count}" for code, count in sorted(group.refused.items()))
        counts = f"{group.people} | {group.waiting} | {group.inside} | {group.removed}"
        yield f"| {_plain(name)} | {counts} | {_plain(refused)} |"


def _row(check: Check, judgement: Judgement) -> str:
    first = [f"{clock(fact.at)} {fact.fact} {fact.actor or ''}" for fact in witnesses(check, judgement.trace)[:1]]
    said = "; ".join([sentence(check), *first])
    return f"| {_SIGNS[check.verdict]} {check.verdict.value} | {_plain(check.id)} | {_plain(said)} |"


def _plain(text: str) -> str:
    """Text that Markdown takes for nothing but text; names and chat are others' words."""
    return _MARKS.sub(r"\\\1", harmless(hidden(" ".join(text.split()))))
