"""The scenario as it was played is a scenario again, and is played the same way."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from meetingsim.scenarios import Scenario, read, read_file
from meetingsim.scenarios.report.resolved import resolved
from meetingsim.scenarios.trace import Trace
from tests.scenarios.files import GOOD, MORE, read_here
from tests.scenarios.report.samples import YAML


def trace_of(scenario: Scenario, seed: int) -> Trace:
    return Trace(scenario.name, seed, "in process", "real", scenario.duration.ms, frozenset())


@pytest.mark.parametrize("path", [*GOOD, *MORE], ids=lambda path: path.name)
def test_it_reads_as_it_was_written(path: Path) -> None:
    scenario = read_file(path)
    text = resolved(scenario, trace_of(scenario, 99))
    again = read_here(text)
    assert (again.seed, again.clock) == (99, "real")
    assert resolved(again, trace_of(again, 99)) == text
    kept = {"actors", "behaviors", "policies", "timeline", "faults", "expect", "thresholds", "geo", "duration", "name"}
    assert again.model_dump(include=kept) == scenario.model_dump(include=kept)


def test_every_default_is_said() -> None:
    scenario = read(YAML)
    said = yaml.safe_load(resolved(scenario, trace_of(scenario, 5)))
    assert said["seed"] == 5
    assert said["meeting"]["waiting_room"] == {
        **{"enabled": False, "who": "everyone", "chat": "two_way", "capacity": 300, "denials": 2},
        **{"title": "", "description": "", "show_topic": False},
    }
    assert said["meeting"]["removal"] == {
        "match": ["account", "ticket", "device"],
        "may_return": False,
        "unmatched": "wait",
    }
    assert said["actors"]["teacher"] == {"count": 1, "role": "host", "country": "US"}


def test_a_meeting_without_a_passcode_stays_one() -> None:
    scenario = read(YAML.replace("open-sesame-2026", "null"))
    assert yaml.safe_load(resolved(scenario, trace_of(scenario, 1)))["meeting"]["passcode"] is None


def test_a_secret_becomes_a_number_and_the_same_one_the_same() -> None:
    steps = """\
  - {at: 2m, who: class, do: {join: {passcode: open-sesame-2026}}}
  - {at: 3m, who: class, do: {join: {passcode: guessed-wrong}}}
"""
    scenario = read(YAML.replace("timeline:\n", f"timeline:\n{steps}"))
    text = resolved(scenario, trace_of(scenario, 1))
    again = read(text)
    assert "sesame" not in text
    assert again.meeting.passcode == "redacted-1"
    joins = [moment.do[0].value.passcode for moment in again.timeline[:2]]
    assert joins == ["redacted-1", "redacted-2"]
