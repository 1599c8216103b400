"""A run in figures, for programs: ``summary.json``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from meetingsim import __version__
from meetingsim.scenarios.report.course import Course, figures
from meetingsim.scenarios.report.source import Source
from meetingsim.scenarios.scenario import VERSION, Scenario
from meetingsim.scenarios.trace import Trace
from meetingsim.scenarios.verdicts import Check, Judgement, Verdict, exit_code

Json = dict[str, Any]


def summary(scenario: Scenario, judgement: Judgement, course: Course, digest: str, source: Source | None) -> Json:
    """Everything that a program asks of a run; ``course`` is that of its trace."""
    trace = judgement.trace
    inside = {spell.of for spell in course.people if spell.what == "inside"}
    return {
        "name": scenario.name,
        "seed": trace.seed,
        "meetingsim": __version__,
        "language": VERSION,
        "digest": digest,
        "target": trace.target,
        "clock": trace.clock,
        "duration_ms": trace.duration,
        "exit_code": exit_code(judgement),
        "broke": trace.broke,
        "lacking": trace.lacking,
        "verdicts": {verdict.value: len(judgement.of(verdict)) for verdict in Verdict},
        "checks": [check_as_json(check, trace, source) for check in judgement.checks],
        "measures": [asdict(measure) for measure in judgement.measures.values()],
        "got_in": [ref for ref in trace.members if ref in inside],
        "groups": {name: asdict(found) for name, found in figures(trace, course.people).items()},
    }


def check_as_json(check: Check, trace: Trace, source: Source | None) -> Json:
    """A check; its witnesses with their time, who did it and what it was."""
    facts = [trace.facts[n] for n in check.witnesses if 0 <= n < len(trace.facts)]
    return {
        "kind": check.kind,
        "id": check.id,
        "verdict": check.verdict.value,
        "green": is_green(check),
        "said": check.said,
        "tested": check.tested,
        "witnesses": [{"n": one.n, "at_ms": one.at, "fact": one.fact, "actor": one.actor} for one in facts],
        "line": source.position(check.place)[0] if source and check.place else None,
        "oracle": list(check.oracle),
    }


def is_green(check: Check) -> bool:
    """Whether a check leaves the exit code 0."""
    return check.verdict in {Verdict.PASS, Verdict.SKIPPED} or (check.green and check.verdict is not Verdict.FAIL)
