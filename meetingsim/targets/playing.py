"""Plays a scenario to its end against one of the targets and judges it; what ``run``, ``explore`` and the tests call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from meetingsim.scenarios.scenario import Scenario
from meetingsim.scenarios.verdicts import Judgement

Progress = Callable[[int, int], None]
"""Told now and then: the ms of the run that are over, of how many."""


@dataclass(frozen=True, slots=True)
class Where:
    """What to play against: in process unless a server's ``url`` or an adapter's ``command`` is given.

    ``clock`` real without a url starts a server. ``token`` is the admin token of the server at ``url``.
    """

    clock: Literal["virtual", "real"] = "virtual"
    url: str | None = None
    token: str | None = None
    command: str | None = None


def play(
    scenario: Scenario, seed: int | None = None, where: Where | None = None, progress: Progress | None = None
) -> Judgement:
    """Plays and judges; the scenario's own seed unless one is given. Raises TargetFailed where it cannot begin.

    Runs an event loop of its own: not to be called from within one.
    """
    raise NotImplementedError  # placeholder until the runner is in
