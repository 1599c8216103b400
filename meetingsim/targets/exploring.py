"""Looks for a seed with which a scenario fails, and makes that failure as small as it can be: what ``explore`` does.

Smaller must not mean broken otherwise: what is kept fails the same check, by the same kind of fact about the same group.
An invariant means the same in every scenario. An expectation does not, so that a seed with which it passes must pass with
what is kept, too, or the rules of the meeting stay as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from meetingsim.scenarios.scenario import Scenario
from meetingsim.scenarios.shrink import shrink
from meetingsim.scenarios.target import TargetFailed
from meetingsim.scenarios.verdicts import Check, Judgement, Verdict

Play = Callable[[Scenario, int], Judgement]
Key = tuple[str, str]
"""Kind and id of a check."""

_MORE_SEEDS = 3
"""Where no seed was seen that passes, so many more are asked."""
_UNTOUCHED = ("meeting", "geo")
"""Without the rule that it is about, an expectation would fail with any server."""
_HOLLOW = frozenset({Verdict.VACUOUS, Verdict.UNDECIDED})


@dataclass(slots=True)
class Course:
    """What the seeds played so far have shown."""

    seeds: list[int] = field(default_factory=list)
    verdicts: dict[Key, Counter[Verdict]] = field(default_factory=dict)
    passing: dict[Key, int] = field(default_factory=dict)
    """The last seed with which a check passed."""
    missed: dict[str, list[int]] = field(default_factory=dict)
    """The seeds with which a threshold was missed."""
    last: Judgement | None = None
    failed: Check | None = None
    """The check that the last one failed, where it is why the search ended."""

    def never_shown(self) -> list[str]:
        """The ids of the checks that no run has shown to hold."""
        return [key[1] for key, seen in self.verdicts.items() if seen.keys() <= _HOLLOW]


@dataclass(frozen=True, slots=True)
class Smaller:
    """What is left of a failing scenario. ``check`` is how it fails now; ``passes`` a seed with which it does not."""

    scenario: Scenario
    check: Check
    judgement: Judgement
    plays: int
    passes: int | None


def explore(
    scenario: Scenario, seeds: Iterable[int], play: Play, *, thresholds: bool = False, tell: Callable[[int], None]
) -> Course:
    """Plays seed after seed until one fails or breaks. ``tell`` hears of each when it begins. Raises TargetFailed."""
    course = Course()
    for seed in seeds:
        tell(seed)
        judgement = play(scenario, seed)
        _see(course, judgement)
        course.failed = None if judgement.trace.broke else _failure(judgement, thresholds=thresholds)
        if course.failed is not None or judgement.trace.broke:
            break
    return course


def _see(course: Course, judgement: Judgement) -> None:
    seed = judgement.trace.seed
    course.seeds.append(seed)
    course.last = judgement
    for check in judgement.checks:
        course.verdicts.setdefault(_key(check), Counter())[check.verdict] += 1
        if check.verdict is Verdict.PASS:
            course.passing[_key(check)] = seed
        elif check.verdict is Verdict.FAIL and check.kind == "threshold":
            course.missed.setdefault(check.id, []).append(seed)


def _failure(judgement: Judgement, *, thresholds: bool) -> Check | None:
    """The failure to pursue: an invariant before others, because it means the same in every scenario."""
    failed = judgement.of(Verdict.FAIL)
    kinds = ["invariant", "expectation", *(["threshold"] if thresholds else [])]
    return next((check for kind in kinds for check in failed if check.kind == kind), None)


def make_smaller(
    scenario: Scenario, course: Course, play: Play, most: int, tell: Callable[[int], None]
) -> Smaller | None:
    """The smallest scenario found that fails as the last of the course did, with its seed inside.

    At most so many scenarios are tried, of which some are played with two seeds; ``tell`` hears how many were. None where
    the failure does not come again.
    """
    assert course.failed is not None
    assert course.last is not None
    search = _Search(course.failed, course.last, play, tell)
    first = scenario.model_copy(update={"seed": course.last.trace.seed, "clock": "virtual"})
    if search.failing(first) is None:
        return None
    frozen: tuple[str, ...] = ()
    if course.failed.kind != "invariant":
        search.passes = course.passing.get(_key(course.failed))
        search.passes = search.other_seed(first) if search.passes is None else search.passes
        frozen = () if search.passes is not None else _UNTOUCHED
    best = shrink(first, search.still_fails, most, frozen)
    named = best.model_copy(
        update={"name": _called(best.name), "summary": f"What {course.failed.id} of {best.name} needs to fail."}
    )
    found = search.failing(named)
    return Smaller(named, *found, search.plays, search.passes) if found else None


class _Search:
    """Whether a smaller scenario fails in the same way."""

    def __init__(self, check: Check, judgement: Judgement, play: Play, tell: Callable[[int], None]) -> None:
        self.plays = 0
        self.passes: int | None = None
        self._tried = 0
        self._key = _key(check)
        self._way = _way(check, judgement)
        self._seed = judgement.trace.seed
        self._play = play
        self._tell = tell

    def other_seed(self, scenario: Scenario) -> int | None:
        """A seed with which the check does not fail, out of a few."""
        more = range(self._seed + 1, self._seed + 1 + _MORE_SEEDS)
        return next((seed for seed in more if self._passes(scenario, seed)), None)

    def still_fails(self, scenario: Scenario) -> bool:
        """Whether it fails as the first one did, and passes with the seed that passes."""
        self._tried += 1
        self._tell(self._tried)
        found = self.failing(scenario) if self._is_in(scenario) else None
        if found is None or _way(*found) != self._way:
            return False
        return self.passes is None or self._passes(scenario, self.passes)

    def _is_in(self, scenario: Scenario) -> bool:
        """Whether the check is one of the scenario's; the invariants are everyone's."""
        kind, name = self._key
        return kind == "invariant" or name in scenario.thresholds or any(one.id == name for one in scenario.expect)

    def failing(self, scenario: Scenario) -> tuple[Check, Judgement] | None:
        """The same check as it fails, and the run in which it does."""
        judgement = self._judged(scenario, self._seed)
        failed = judgement.of(Verdict.FAIL) if judgement else []
        check = next((one for one in failed if _key(one) == self._key), None)
        return (check, judgement) if check and judgement else None

    def _passes(self, scenario: Scenario, seed: int) -> bool:
        judgement = self._judged(scenario, seed)
        return judgement is not None and all(_key(one) != self._key for one in judgement.of(Verdict.FAIL))

    def _judged(self, scenario: Scenario, seed: int) -> Judgement | None:
        """The run with a seed; None where it breaks, which is another failure than the one that is looked for."""
        self.plays += 1
        try:
            judgement = self._play(scenario, seed)
        except TargetFailed:
            return None
        return None if judgement.trace.broke else judgement


def _key(check: Check) -> Key:
    return check.kind, check.id


def _way(check: Check, judgement: Judgement) -> tuple[str, str] | None:
    """By what a check failed: the kind of its first witness, and the group behind it."""
    fact = next((judgement.trace.facts[n] for n in check.witnesses if 0 <= n < len(judgement.trace.facts)), None)
    return None if fact is None else (fact.fact, (fact.actor or "").partition("[")[0])


def _called(name: str) -> str:
    return f"{name[:56]}.shrunk"
