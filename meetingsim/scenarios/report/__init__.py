"""What a run leaves: its trace, figures, the scenario as it was played, JUnit's XML, and a page for people."""

from pathlib import Path

from meetingsim.scenarios.report.course import course_of
from meetingsim.scenarios.report.encoding import dumped, loaded
from meetingsim.scenarios.report.github import annotations, step_summary
from meetingsim.scenarios.report.guard import Known
from meetingsim.scenarios.report.junit import junit
from meetingsim.scenarios.report.page import page
from meetingsim.scenarios.report.resolved import resolved
from meetingsim.scenarios.report.source import Source
from meetingsim.scenarios.report.summary import summary
from meetingsim.scenarios.report.tracefile import digest_of, read_trace, write_trace
from meetingsim.scenarios.scenario import Scenario
from meetingsim.scenarios.verdicts import Judgement

__all__ = ["Source", "annotations", "digest_of", "read_trace", "step_summary", "write_run", "write_trace"]


def write_run(scenario: Scenario, judgement: Judgement, folder: Path, source: Source | None = None) -> Path:
    """Writes ``folder/NAME-SEED/`` with its five files, over those of an earlier run; gives that folder. Raises OSError."""
    known = Known(scenario)
    trace = judgement.trace
    into = folder / f"{scenario.name}-{trace.seed}"
    into.mkdir(parents=True, exist_ok=True)
    digest = write_trace(trace, into / "trace.jsonl", known)
    course = course_of(trace)
    figures = known.json(summary(scenario, judgement, course, digest, source))
    (into / "summary.json").write_bytes(dumped(loaded(figures), ordered=False, indented=True) + b"\n")
    (into / "scenario.resolved.yaml").write_text(resolved(scenario, trace), encoding="utf-8")
    (into / "junit.xml").write_bytes(junit(scenario, judgement, digest, source, known))
    (into / "report.html").write_text(page(scenario, judgement, course, digest, source, known), encoding="utf-8")
    return into
