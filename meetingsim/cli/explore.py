"""``meetingsim explore``: plays seed after seed until one fails, and writes the failure as a scenario as small as it can be."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from meetingsim.cli import outcome, plays, scenarios
from meetingsim.cli.console import BROKEN, FAILED, OK, USAGE, Stop, harmless, out, out_json, styled
from meetingsim.cli.scenarios import Loaded
from meetingsim.scenarios import Scenario
from meetingsim.scenarios.library import ENDING
from meetingsim.scenarios.report.guard import Known
from meetingsim.scenarios.report.summary import check_as_json
from meetingsim.scenarios.scenario import plain
from meetingsim.scenarios.target import TargetFailed
from meetingsim.scenarios.verdicts import NOTHING_SHOWN, THRESHOLD, Judgement
from meetingsim.targets.exploring import Course, Smaller, explore, make_smaller
from meetingsim.targets.playing import Where

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Exploring:
    """What is to be played, how far, and how hard to shrink."""

    word: str
    seeds: int
    first: int | None
    thresholds: bool
    most: int
    changes: Sequence[str]
    report: Path
    as_json: bool


def run(asked: Exploring) -> int:
    """Explores one scenario; gives 1 where a check failed, 3 for a threshold, 4 where some check never showed anything."""
    loaded, code = scenarios.load_each([asked.word], asked.changes)
    if not loaded:
        return code
    try:
        return _explore(loaded[0], asked)
    except TargetFailed as error:
        raise Stop(plays.spoken(error), BROKEN) from None


def _explore(loaded: Loaded, asked: Exploring) -> int:
    scenario = loaded.scenario
    first = scenario.seed if asked.first is None else asked.first
    with plays.bar(f"{scenario.name}: seeds") as step:
        course = explore(
            scenario,
            range(first, first + asked.seeds),
            _play,
            thresholds=asked.thresholds,
            tell=lambda seed: step(seed - first, asked.seeds, f"seed {seed}"),
        )
    assert course.last is not None, "there is at least one seed"
    found = _Found(course)
    if course.failed is not None or course.last.trace.broke:
        found.folder, _ = plays.write(loaded, course.last, asked.report)
    if course.failed is not None and asked.most:
        with plays.bar(f"{scenario.name}: smaller") as step:
            found.small = make_smaller(
                scenario, course, _play, asked.most, tell=lambda tried: step(tried, asked.most, f"try {tried}")
            )
    if found.small is not None:
        found.file = _write(found.small, asked.report / f"{scenario.name}-{course.last.trace.seed}.shrunk{ENDING}")
    code = _code(course)
    if asked.as_json:
        out_json(_as_json(loaded, found, code))
    else:
        _show(loaded, found)
    return code


@dataclass(slots=True)
class _Found:
    """What there is to tell."""

    course: Course
    folder: Path | None = None
    small: Smaller | None = None
    file: Path | None = None


def _write(small: Smaller, file: Path) -> Path:
    try:
        file.write_text(text_of(small, file), encoding="utf-8")
    except OSError as error:
        raise Stop(f"{file} cannot be written: {error.strerror}", USAGE) from None
    return file


def _play(scenario: Scenario, seed: int) -> Judgement:
    from meetingsim.targets import playing

    return playing.play(scenario, seed, Where())


def _code(course: Course) -> int:
    if course.last is not None and course.last.trace.broke:
        return BROKEN
    if course.failed is not None:
        return THRESHOLD if course.failed.kind == "threshold" else FAILED
    return NOTHING_SHOWN if course.never_shown() else OK


def text_of(small: Smaller, file: Path) -> str:
    """The smaller scenario as a file that a person can read: what fails on top, and what to type."""
    scenario = small.scenario
    said = " ".join(harmless(Known(scenario).text(small.check.said)).split())
    said = said.rstrip(".") if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"
    passes = "" if small.passes is None else f" Seed {small.passes} passes."
    head = [
        f"# {small.check.kind} {small.check.id} fails with seed {scenario.seed}: {said}.{passes}",
        f"# meetingsim run {shlex.quote(str(file))}",
    ]
    body = yaml.safe_dump(plain(scenario), sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)
    return "\n".join([*head, body])


def _as_json(loaded: Loaded, found: _Found, code: int) -> dict[str, Any]:
    course, last = found.course, found.course.last
    assert last is not None
    failed = None
    if course.failed is not None:
        failed = {
            "seed": last.trace.seed,
            "check": check_as_json(course.failed, last.trace, loaded.source),
            "shrunk": str(found.file) if found.file else None,
            "plays": found.small.plays if found.small else 0,
            "passes": found.small.passes if found.small else None,
        }
    return {
        "name": loaded.scenario.name,
        "seeds": course.seeds,
        "exit_code": code,
        "broke": last.trace.broke,
        "failed": failed,
        "folder": str(found.folder) if found.folder else None,
        "missed": course.missed,
        "never_shown": course.never_shown(),
    }


def _show(loaded: Loaded, found: _Found) -> None:
    course, last = found.course, found.course.last
    assert last is not None
    known = Known(loaded.scenario)
    seeds = f"seeds {course.seeds[0]} to {course.seeds[-1]}" if len(course.seeds) > 1 else f"seed {course.seeds[0]}"
    out(f"{styled(loaded.scenario.name, 'bold')}  {seeds}")
    if last.trace.broke:
        outcome.row("broke", "red", known.text(last.trace.broke))
    elif course.failed is not None:
        outcome.row("fail", "red", *map(known.text, outcome.sentences(course.failed, last, loaded.source)))
    else:
        outcome.row("pass", "green", f"nothing fails in {len(course.seeds)}")
    for name in course.never_shown():
        outcome.row("vacuous", "yellow", f"{name}: no run has shown it")
    for name, seeds_of in course.missed.items():
        outcome.row("missed", "yellow", f"{name}: with seed {', '.join(map(str, seeds_of))}")
    if found.small is not None and found.file is not None:
        outcome.row("shrunk", "cyan", str(found.file), _smaller(loaded.scenario, found.small))
        outcome.row("next", "dim", f"meetingsim run {shlex.quote(str(found.file))}")
    if found.folder is not None:
        outcome.row("report", "dim", str(found.folder / "report.html"))


def _smaller(scenario: Scenario, small: Smaller) -> str:
    """How much smaller it is."""
    people = [sum(actor.count for actor in one.actors.values()) for one in (small.scenario, scenario)]
    lines = [text.count("\n") for text in (small.scenario.to_yaml(), scenario.to_yaml())]
    return (
        f"{people[0]} of {people[1]} people, {lines[0]} of {lines[1]} lines, "
        f"{small.scenario.duration} of {scenario.duration}; {small.plays} plays"
    )
