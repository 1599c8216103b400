"""A failing seed is found, and its scenario gets small without becoming another failure."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from meetingsim.scenarios import Scenario
from meetingsim.scenarios.target import TargetFailed
from meetingsim.scenarios.trace import Fact, Trace
from meetingsim.scenarios.verdicts import Check, Judgement, Verdict
from meetingsim.targets.exploring import Course, explore, make_smaller

FAIL, PASS = Verdict.FAIL, Verdict.PASS
SCENARIO = Scenario(
    name="raid",
    seed=4,
    duration="10m",
    meeting={"region": {"mode": "deny", "countries": ["RU"]}},
    actors={
        "teacher": {"role": "host", "country": "US"},
        "guests": {"count": 20, "country": "DE"},
        "raiders": {"count": 40, "country": "RU", "behavior": "raider"},
    },
    timeline=[{"at": "1m", "who": "teacher", "do": "lock"}, {"at": "2m", "who": "teacher", "do": "unlock"}],
    expect=[
        {"id": "kept-out", "never": "joined where actor.group == 'raiders'"},
        {"id": "others", "never": "removed where actor.group == 'guests'"},
    ],
)
Rule = Callable[[Scenario, int], list[Check]]


class Stage:
    """Plays by a rule that says which checks come out how; the witness is a fact of the check's said word and group."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.played: list[tuple[Scenario, int]] = []

    def play(self, scenario: Scenario, seed: int) -> Judgement:
        self.played.append((scenario, seed))
        trace = Trace(scenario.name, seed, "in process", "virtual", scenario.duration.ms, frozenset({"server"}))
        checks = self.rule(scenario, seed)
        trace.facts = [Fact(*_witness(check), {}, actor=check.said.partition(" ")[2] or None) for check in checks]
        for n, fact in enumerate(trace.facts):
            fact.n = n
        return Judgement(trace, checks)


def _witness(check: Check) -> tuple[str, int]:
    return check.said.partition(" ")[0], 1_000


def check(
    verdict: Verdict, said: str = "joined raiders[3]", *, kind: str = "expectation", name: str = "kept-out"
) -> Check:
    return Check(kind, name, verdict, said, (0,))  # type: ignore[arg-type]  # one of the three


def searched(stage: Stage, seeds: range = range(10), *, thresholds: bool = False) -> Course:
    return explore(SCENARIO, seeds, stage.play, thresholds=thresholds, tell=lambda _: None)


def test_seeds_are_played_one_after_the_other_until_one_fails() -> None:
    stage = Stage(lambda _, seed: [check(FAIL if seed >= 3 else PASS)])
    told: list[int] = []
    course = explore(SCENARIO, range(1, 9), stage.play, tell=told.append)
    assert course.seeds == told == [seed for _, seed in stage.played] == [1, 2, 3]
    assert course.failed == check(FAIL)
    assert course.last is not None
    assert course.last.trace.seed == 3


def test_where_nothing_fails_all_are_played() -> None:
    course = searched(Stage(lambda _, __: [check(PASS), check(Verdict.VACUOUS, name="hollow")]))
    assert (course.seeds, course.failed, course.never_shown()) == ([*range(10)], None, ["hollow"])


def test_a_threshold_is_noted_and_ends_the_search_only_where_that_is_asked_for() -> None:
    stage = Stage(lambda _, seed: [check(FAIL if seed in {2, 5} else PASS, kind="threshold", name="removed_ratio")])
    course = searched(stage)
    assert (course.failed, course.missed) == (None, {"removed_ratio": [2, 5]})
    strict = searched(stage, thresholds=True)
    assert strict.failed is not None
    assert (strict.failed.kind, strict.seeds) == ("threshold", [0, 1, 2])


def test_a_run_that_breaks_ends_the_search_and_is_no_failure_of_a_check() -> None:
    stage = Stage(lambda _, __: [check(FAIL)])

    def breaking(scenario: Scenario, seed: int) -> Judgement:
        judgement = stage.play(scenario, seed)
        judgement.trace.broke = "the server is gone"
        return judgement

    course = explore(SCENARIO, range(5), breaking, tell=lambda _: None)
    assert (course.seeds, course.failed) == ([0], None)


def test_an_invariant_is_pursued_before_an_expectation() -> None:
    stage = Stage(lambda _, __: [check(FAIL), check(FAIL, kind="invariant", name="region.none-let-in")])
    course = searched(stage)
    assert course.failed is not None
    assert course.failed.id == "region.none-let-in"


def region_is_broken(scenario: Scenario, seed: int) -> list[Check]:
    """A server that lets raiders in by a rule of chance; without a region rule every server does."""
    raiders = "raiders" in scenario.actors
    rule = scenario.meeting is not None and scenario.meeting.region is not None and scenario.meeting.region.countries
    fails = raiders and (not rule or seed == 2)
    wanted = any(one.id == "kept-out" for one in scenario.expect)
    return [check(FAIL if fails else PASS)] if wanted else []


def test_what_is_kept_fails_with_the_seed_and_passes_with_one_that_passed() -> None:
    stage = Stage(region_is_broken)
    course = searched(stage)
    small = make_smaller(SCENARIO, course, stage.play, 500, lambda _: None)
    assert small is not None
    assert (small.scenario.seed, small.passes, small.check.verdict) == (2, 1, FAIL)
    assert small.scenario.meeting.region.countries == ("RU",), "without the rule the seed 1 would fail, too"
    assert {name: one.count for name, one in small.scenario.actors.items()} == {"raiders": 1}
    assert [one.id for one in small.scenario.expect] == ["kept-out"]
    assert small.scenario.timeline == ()
    assert small.scenario.name == "raid.shrunk"
    assert small.plays == len(stage.played) - len(course.seeds)
    assert all("kept-out" in {one.id for one in played.expect} for played, _ in stage.played), "else it cannot fail"


def test_where_every_seed_fails_the_rules_of_the_meeting_stay() -> None:
    stage = Stage(lambda scenario, _: region_is_broken(scenario, 2))
    small = make_smaller(SCENARIO, searched(stage), stage.play, 500, lambda _: None)
    assert small is not None
    assert small.passes is None
    assert small.scenario.meeting == SCENARIO.meeting
    assert len(small.scenario.actors) == 1


def test_an_invariant_needs_no_other_seed() -> None:
    """It means the same whatever the settings are; a failure that comes with every seed is the better one to read."""

    def rule(scenario: Scenario, seed: int) -> list[Check]:
        busy = scenario.meeting is not None
        return [check(FAIL if seed == 2 or not busy else PASS, kind="invariant", name="seq.grows")]

    stage = Stage(rule)
    small = make_smaller(SCENARIO, searched(stage), stage.play, 500, lambda _: None)
    assert small is not None
    assert (small.passes, small.scenario.meeting) == (None, None)


@pytest.mark.parametrize("said", ["admitted raiders[1]", "joined guests[1]"])
def test_another_kind_of_witness_is_another_failure(said: str) -> None:
    def rule(scenario: Scenario, seed: int) -> list[Check]:
        whole = len(scenario.actors) == 3
        return [check(FAIL if seed == 2 else PASS, "joined raiders[7]" if whole else said)]

    stage = Stage(rule)
    small = make_smaller(SCENARIO, searched(stage), stage.play, 500, lambda _: None)
    assert small is not None
    assert small.scenario.actors.keys() == SCENARIO.actors.keys()


def test_a_failure_that_does_not_come_again_is_not_made_smaller() -> None:
    stage = Stage(lambda _, seed: [check(FAIL if seed == 2 else PASS)])
    course = searched(stage)
    stage.rule = lambda _, __: [check(PASS)]
    assert make_smaller(SCENARIO, course, stage.play, 500, lambda _: None) is None


def test_smaller_scenarios_that_break_the_run_are_not_kept() -> None:
    stage = Stage(lambda _, seed: [check(FAIL if seed == 2 else PASS, name="others")])

    def play(scenario: Scenario, seed: int) -> Judgement:
        if "teacher" not in scenario.actors:
            raise TargetFailed("nobody starts the meeting")
        judgement = stage.play(scenario, seed)
        judgement.trace.broke = None if "guests" in scenario.actors else "it fell over"
        return judgement

    small = make_smaller(SCENARIO, searched(stage), play, 500, lambda _: None)
    assert small is not None
    assert small.scenario.actors.keys() == {"teacher", "guests"}


def test_so_many_are_tried_and_told() -> None:
    stage = Stage(region_is_broken)
    course = searched(stage)
    told: list[int] = []
    make_smaller(SCENARIO, course, stage.play, 9, told.append)
    assert told == [*range(1, 10)]
