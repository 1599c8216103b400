"""Plays each scenario once a seed, and keeps what its checks say for as long as the session lasts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from traceback import format_exception
from typing import Final, Literal

import pytest

from meetingsim.geo.countries import GROUPS, NAMES
from meetingsim.scenarios import report
from meetingsim.scenarios.document import LARGEST, Document
from meetingsim.scenarios.reading import read_document
from meetingsim.scenarios.report.guard import Known
from meetingsim.scenarios.report.source import Source
from meetingsim.scenarios.report.wording import line_of, with_verdict, witnesses
from meetingsim.scenarios.scenario import Scenario
from meetingsim.scenarios.target import TargetFailed
from meetingsim.scenarios.verdicts import OK, Check, Judgement, Verdict, exit_code
from meetingsim.targets.playing import Where, play

Outcome = Literal["passed", "failed", "vacuous", "skipped"]
_NOT_FAILED: Final[dict[Verdict, Outcome]] = {Verdict.VACUOUS: "vacuous", Verdict.SKIPPED: "skipped"}
_WITNESSES: Final = 5


@dataclass(frozen=True, slots=True)
class Loaded:
    """A scenario, and the file that it was read from."""

    scenario: Scenario
    source: Source
    path: Path


def load(path: Path, called: str) -> Loaded:
    """Reads a file, which messages call so. Raises ScenarioInvalid with everything that is wrong, and OSError."""
    with path.open("rb") as file:
        document = Document(file.read(LARGEST + 1), called)
    return Loaded(read_document(document, countries=NAMES, groups=GROUPS), Source(called, document), path)


@dataclass(frozen=True, slots=True)
class Said:
    """How a check counts as a test, and what the test says: the first line is a sentence, the rest what it rests on."""

    outcome: Outcome
    text: str

    @property
    def brief(self) -> str:
        """The first line."""
        return self.text.partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Told:
    """A run as tests tell it: each check by kind and id. ``broke`` is why it ended before its time."""

    checks: dict[tuple[str, str], Said] = field(default_factory=dict)
    broke: str | None = None

    def of(self, outcome: Outcome) -> list[Said]:
        """The checks that count so."""
        return [said for said in self.checks.values() if said.outcome == outcome]


class Runs:
    """What was played in this session. The trace is kept of the last run alone: a suite may have very many."""

    def __init__(self, config: pytest.Config) -> None:
        self._here = config.invocation_params.dir
        self._into: str | None = config.getoption("sim_artifacts")
        self._all = config.getoption("sim_keep") == "all"
        self._told: dict[tuple[Path, int], Told] = {}
        self._last: tuple[tuple[Path, int], Judgement] | None = None

    def told(self, loaded: Loaded, seed: int) -> Told:
        """What the checks of a run say; it is played where it was not yet."""
        key = (loaded.path, seed)
        if key not in self._told:
            try:
                judgement = self.judgement(loaded, seed)
            except TargetFailed as error:
                self._told[key] = Told(broke=Known(loaded.scenario).text(f"{error}\n{again(loaded, seed)}"))
            else:
                self._told[key] = self._tell(loaded, judgement)
        return self._told[key]

    def judgement(self, loaded: Loaded, seed: int) -> Judgement:
        """A run as a whole; it is played again where another was played since. Raises TargetFailed."""
        key = (loaded.path, seed)
        if self._last is None or self._last[0] != key:
            self._last = None
            self._last = key, play(loaded.scenario, seed, Where(clock=loaded.scenario.clock))
        return self._last[1]

    def write(self, scenario: Scenario, judgement: Judgement, source: Source | None, *, failed: bool) -> Iterator[str]:
        """Writes a run where that is wanted; gives the line that says where."""
        if self._into is not None and (failed or self._all):
            folder = report.write_run(scenario, judgement, self._here / self._into, source)
            yield f"  report: {_relative(folder / 'report.html', self._here)}"

    def _tell(self, loaded: Loaded, judgement: Judgement) -> Told:
        known, trace = Known(loaded.scenario), judgement.trace
        last = [
            *self.write(loaded.scenario, judgement, loaded.source, failed=exit_code(judgement) != OK),
            again(loaded, trace.seed),
        ]
        if trace.broke is not None:
            lines = [f"the run broke: {trace.broke}", *_cause(judgement), *last]
            return Told(broke=known.text("\n".join(lines)))
        said = {
            (check.kind, check.id): known.text("\n".join([*check_lines(check, judgement, loaded.source), *last]))
            for check in judgement.checks
        }
        outcomes = {(check.kind, check.id): outcome_of(check) for check in judgement.checks}
        return Told({check: Said(outcomes[check], text) for check, text in said.items()})


def outcome_of(check: Check) -> Outcome:
    """How a verdict counts: what nobody decided is no success, and what never came up is no failure."""
    if check.verdict is Verdict.PASS or (check.green and check.verdict is not Verdict.FAIL):
        return "passed"
    return _NOT_FAILED.get(check.verdict, "failed")


def check_lines(check: Check, judgement: Judgement, source: Source | None) -> Iterator[str]:
    """What a check says, its line of the file, and what shows it."""
    kind = "" if check.kind == "expectation" else f"{check.kind} "
    yield f"{kind}{check.id}: {with_verdict(check)}"
    if source is not None and check.place:
        line, _ = source.position(check.place)
        yield f"  {source.path}:{line} | {source.document.lines[line - 1].strip()}"
    for fact in witnesses(check, judgement.trace)[:_WITNESSES]:
        yield f"  {line_of(fact)}"
    if check.oracle:
        yield f"  oracle: {', '.join(check.oracle)}"


def again(loaded: Loaded, seed: int) -> str:
    """How to play the same run by itself."""
    return f"  again: meetingsim run {loaded.source.path} --seed {seed}"


def _cause(judgement: Judgement) -> Sequence[str]:
    """Where the harness itself failed; a target's failure is said in one line."""
    failure = judgement.trace.failure
    return () if failure is None or isinstance(failure, TargetFailed) else ["", *format_exception(failure)]


def _relative(path: Path, here: Path) -> str:
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


_RUNS: Final = pytest.StashKey[Runs]()


def runs_of(config: pytest.Config) -> Runs:
    """The session's runs."""
    if _RUNS not in config.stash:
        config.stash[_RUNS] = Runs(config)
    return config.stash[_RUNS]


def called(path: Path, config: pytest.Config) -> str:
    """What messages call a file: as one would name it where pytest was started."""
    return _relative(path, config.invocation_params.dir)
