"""What a product cannot do makes a scenario's own expectations mean nothing, where the scenario rests on it, and only there."""

from __future__ import annotations

from typing import Any

import pytest

from meetingsim.scenarios.trace import Trace
from meetingsim.scenarios.verdicts import Check, Judgement, Verdict
from meetingsim.targets.lacking import not_taken, without_what_means_nothing
from tests.targets.listener import scenario

SCENARIO = scenario(
    actors={"teacher": {"role": "host"}, "class": {"count": 2, "behavior": "noisy"}},
    behaviors={"noisy": {"loop": {"every": "1s", "do": "annotate"}}},
    policies={"teacher": {"rules": [{"id": "quiet", "when": "suspended", "do": "lock"}]}},
    timeline=[{"at": "1s", "who": "teacher", "do": ["suspend", {"remove": {"group": "class"}}]}],
    expect=[{"id": "it-is", "eventually": "suspended"}],
)


def judged(**lacking: str) -> dict[str, Verdict]:
    """The verdicts of a run in which everything failed, but for what was passed over."""
    trace = Trace("lesson", 1, "adapter", "real", 10_000, frozenset({"client"}), lacking=lacking)
    checks = [
        Check("expectation", "it-is", Verdict.FAIL, "never", (3,), ("expect", 0), 7),
        Check("expectation", "no-view", Verdict.SKIPPED, "no journal"),
        Check("invariant", "seq.grows", Verdict.FAIL, "it did not"),
        Check("threshold", "exposure_seconds", Verdict.FAIL, "too long"),
    ]
    judgement = without_what_means_nothing(Judgement(trace, checks), SCENARIO)
    said = {check.id: check.said for check in judgement.checks}
    assert said["no-view"] == "no journal"
    if judgement.checks[0].verdict is Verdict.SKIPPED:
        assert said["it-is"].endswith("which the scenario rests on")
        assert judgement.checks[0].place == ("expect", 0)
        assert judgement.checks[0].witnesses == ()
    return {check.id: check.verdict for check in judgement.checks}


@pytest.mark.parametrize(
    "lacking", [{"suspend": "no"}, {"remove": "no"}, {"lock": "no"}, {"roles": "no"}, {"meeting.capacity": "no"}]
)
def test_what_is_written_for_a_moment_a_rule_or_the_meeting_is_rested_on(lacking: dict[str, str]) -> None:
    assert judged(**lacking) == {
        "it-is": Verdict.SKIPPED,
        "no-view": Verdict.SKIPPED,
        "seq.grows": Verdict.FAIL,
        "exposure_seconds": Verdict.SKIPPED,
    }


@pytest.mark.parametrize(
    "lacking", [{}, {"annotate": "no"}, {"server": "no"}, {"vpn": "no"}, {"mirror.equals-view": "no"}, {"react": "no"}]
)
def test_what_behaviours_draw_and_what_the_harness_lacks_is_not(lacking: dict[str, str]) -> None:
    assert judged(**lacking)["it-is"] is Verdict.FAIL
    assert judged(**lacking)["exposure_seconds"] is Verdict.FAIL


@pytest.mark.parametrize(
    ("asked", "made", "lacking"),
    [
        ({}, {"capacity": 3}, []),
        ({"capacity": 3}, {"capacity": 3}, []),
        ({"capacity": 3}, {"capacity": 4}, ["meeting.capacity"]),
        ({"capacity": 3}, {}, ["meeting.capacity"]),
        (
            {"region": {"mode": "deny", "unknown": "deny"}},
            {"region": {"mode": "off", "unknown": "deny"}},
            ["meeting.region.mode"],
        ),
        ({"passcode": "a"}, {"passcode": "b"}, []),
    ],
)
def test_settings_that_were_not_taken(asked: dict[str, Any], made: dict[str, Any], lacking: list[str]) -> None:
    found = not_taken(asked, made)
    assert [*found] == lacking
    assert all(one in said for one, said in found.items())
