"""Runs that were never played: what a command does with a judgement is seen with judgements made by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from meetingsim.scenarios import Scenario
from meetingsim.scenarios.trace import Trace
from meetingsim.scenarios.verdicts import Check, Judgement, Verdict
from meetingsim.targets import playing
from meetingsim.targets.playing import Progress, Where

SCENARIO = """\
meetingsim: 1
name: small
seed: 5
duration: 10m
actors:
  host: {role: host, country: US}
expect:
  - {id: quiet, never: locked}
thresholds: {removed_ratio: ">= 0.9"}
"""


def trace(seed: int = 5, *, name: str = "small", broke: str | None = None) -> Trace:
    """A run in which nothing happened."""
    return Trace(name, seed, "in process", "virtual", 600_000, frozenset({"server", "client"}), broke=broke)


def check(
    verdict: Verdict, said: str = "", *, kind: str = "expectation", name: str = "quiet", green: bool = False
) -> Check:
    """A judged check."""
    place = {"expectation": ("expect", 0), "threshold": ("thresholds", "removed_ratio")}.get(kind, ())
    return Check(kind, name, verdict, said, (), place, 1, (), green)  # type: ignore[arg-type]  # one of the three


@dataclass
class Played:
    """What a command asked to be played, and what it is told came of it."""

    judged: Callable[[Scenario, int], Judgement]
    asked: list[tuple[Scenario, int, Where]] = field(default_factory=list)

    def play(
        self, scenario: Scenario, seed: int | None = None, where: Where | None = None, progress: Progress | None = None
    ) -> Judgement:
        assert seed is not None
        assert where is not None
        self.asked.append((scenario, seed, where))
        if progress is not None:
            progress(300_000, 600_000)
        return self.judged(scenario, seed)

    @classmethod
    def instead(cls, monkeypatch: pytest.MonkeyPatch, judged: Callable[[Scenario, int], Judgement]) -> Played:
        """Takes the place of playing."""
        played = cls(judged)
        monkeypatch.setattr(playing, "play", played.play)
        return played
