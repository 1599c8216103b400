"""What a scenario rests on that a target cannot do: then its own expectations say nothing about the target, the invariants do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from meetingsim.scenarios.invariants import INVARIANTS
from meetingsim.scenarios.scenario import Scenario
from meetingsim.scenarios.verdicts import Check, Judgement, Verdict
from meetingsim.scenarios.vocabulary import COMMANDS


def without_what_means_nothing(judgement: Judgement, scenario: Scenario) -> Judgement:
    """The same, with expectations and thresholds skipped where the scenario rests on something lacking.

    It rests on every step that is written for a moment or a rule, on the settings of its meeting, and on its cast. What
    behaviours do by chance may be left out: there is enough else that they do.
    """
    scripted = set(_scripted(scenario))
    lacking = judgement.trace.lacking
    why = next((said for what, said in lacking.items() if what in scripted or _of_the_meeting(what)), None)
    if why is None:
        return judgement
    judgement.checks = [_skipped(check, why) for check in judgement.checks]
    return judgement


def _of_the_meeting(what: str) -> bool:
    """Whether it was said when the meeting was opened; what the harness cannot do touches single expectations alone."""
    return what not in COMMANDS and what not in INVARIANTS and what not in {"server", "vpn"}


def _skipped(check: Check, why: str) -> Check:
    if check.kind == "invariant" or check.verdict is Verdict.SKIPPED:
        return check
    said = f"{why}, which the scenario rests on"
    return replace(check, verdict=Verdict.SKIPPED, said=said, witnesses=(), tested=0)


def _scripted(scenario: Scenario) -> Iterator[str]:
    moments = (step for moment in scenario.timeline for step in moment.do)
    rules = (step for policy in scenario.policies.values() for rule in policy.rules for step in rule.do)
    yield from (step.word for step in (*moments, *rules))


def not_taken(asked: Mapping[str, Any], made: Mapping[str, Any], path: str = "meeting") -> dict[str, str]:
    """Settings that a scenario asks for and a target made otherwise, each with a sentence that says so."""
    found: dict[str, str] = {}
    for name, wanted in asked.items():
        where, got = f"{path}.{name}", made.get(name)
        if isinstance(wanted, Mapping) and isinstance(got, Mapping):
            found |= not_taken(wanted, got, where)
        elif wanted != got and name != "passcode":
            found[where] = f"the target has {where} {got!r} and not {wanted!r}"
    return found
