"""The scenarios that come along are right, say what they prove, and hold on this server with more than their own seed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from meetingsim.geo.countries import GROUPS, NAMES
from meetingsim.scenarios import Scenario, read_file
from meetingsim.scenarios.library import file_of, names, summaries
from meetingsim.scenarios.verdicts import OK, Judgement, Verdict, exit_code
from meetingsim.targets.playing import play

PAGE = (Path(__file__).parents[2] / "docs" / "topics" / "library.md").read_text()
LARGE = frozenset({"link-leak-raid", "region-evasion-suspend", "waiting-room-flood"})
"""Hundreds of people, up to most of an hour: too long for a test."""


def shipped(name: str, *changes: str) -> Scenario:
    return read_file(file_of(name), countries=NAMES, groups=GROUPS, changes=changes)


def not_green(judgement: Judgement) -> list[str]:
    """Every check that did not pass, with why; but for latencies, which the counted clock has none of."""
    return [
        f"{check.id}: {check.verdict.value}: {check.said}"
        for check in judgement.checks
        if check.verdict is not Verdict.PASS and not check.id.startswith("wall.")
    ]


@pytest.mark.parametrize("name", names())
def test_a_shipped_scenario_is_right_and_says_what_it_proves(name: str) -> None:
    scenario = shipped(name)
    assert scenario.name == name
    assert scenario.summary == summaries()[name]
    assert re.fullmatch(r"[A-Z][^.]{30,150}\.", scenario.summary)
    assert len(scenario.expect) >= 3
    assert f"| `{name}` | {scenario.summary} |" in PAGE


@pytest.mark.parametrize("name", sorted({*names()} - LARGE))
def test_a_shipped_scenario_holds(name: str) -> None:
    judgement = play(shipped(name))
    assert not_green(judgement) == []
    assert judgement.trace.lacking == {}
    assert exit_code(judgement) == OK


@pytest.mark.parametrize(
    "name",
    [
        "bars-of-ones-own",
        "capacity-last-seat",
        "cohost-taken-over",
        "denied-and-asking-again",
        "lock-against-late-comers",
    ],
)
def test_no_scenario_rests_on_how_chance_falls(name: str) -> None:
    assert not_green(play(shipped(name), seed=77)) == []


@pytest.mark.parametrize(
    ("name", "changes", "fails"),
    [
        (
            "rejoin-tricks",
            ("meeting.removal.match=[ticket]", "meeting.removal.unmatched=admit"),
            "removed-means-removed",
        ),
        ("coming-with-nothing", ("meeting.removal.unmatched=admit",), "after-it-they-wait"),
        ("passcode-guessing", ("meeting.passcode=guess-3",), "no-guess-gets-in"),
        ("capacity-last-seat", ("meeting.capacity=9",), "never-more-than-seats"),
    ],
)
def test_a_weaker_setting_is_noticed(name: str, changes: tuple[str, ...], fails: str) -> None:
    assert fails in {check.id for check in play(shipped(name, *changes)).of(Verdict.FAIL)}


def test_the_page_names_no_scenario_that_is_not_there() -> None:
    assert set(re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE)) == {*names()}
    assert set(re.findall(r"meetingsim run ([a-z-]+)", PAGE)) <= {*names()}


def test_there_is_none_of_another_name() -> None:
    with pytest.raises(KeyError):
        file_of("../class-raid")
