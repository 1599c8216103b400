"""Judges a run: every expectation, invariant and threshold of a scenario, and the figures of harm."""

from __future__ import annotations

from collections.abc import Sequence

from meetingsim.scenarios.invariants import check_invariants
from meetingsim.scenarios.judging.inquiry import Inquiry
from meetingsim.scenarios.judging.measures import measured
from meetingsim.scenarios.judging.needs import lacks
from meetingsim.scenarios.judging.stage import Stage
from meetingsim.scenarios.judging.thresholds import threshold_check
from meetingsim.scenarios.plan import Expectation
from meetingsim.scenarios.scenario import Scenario
from meetingsim.scenarios.trace import Trace
from meetingsim.scenarios.verdicts import Check, Judgement, Place, Verdict


def judge(scenario: Scenario, trace: Trace) -> Judgement:
    """The judgement of a run: checks in the order of the scenario, invariants after the expectations, thresholds last."""
    figures = measured(trace)
    checks = [
        *expectation_checks(scenario.expect, trace),
        *check_invariants(trace),
        *(threshold_check(name, limit, figures, trace) for name, limit in scenario.thresholds.items()),
    ]
    return Judgement(trace, checks, {name: figure.measure for name, figure in figures.items()})


def expectation_checks(expectations: Sequence[Expectation], trace: Trace) -> list[Check]:
    """The verdicts on these, in their order; all of them in one pass over the run."""
    stage = Stage(trace)
    asked: list[Inquiry | Check] = []
    for at, expectation in enumerate(expectations):
        place: Place = ("expect", at)
        why = lacks(expectation, trace)
        asked.append(Inquiry(stage, expectation, place) if why is None else _skipped(expectation, place, why))
    stage.run()
    return [one if isinstance(one, Check) else one.check() for one in asked]


def _skipped(expectation: Expectation, place: Place, why: str) -> Check:
    return Check("expectation", expectation.id, Verdict.SKIPPED, why, place=place)
