"""What every target needs to open a meeting, and what becomes of one that breaks while nobody awaits it."""

from __future__ import annotations

from typing import Any

from meetingsim.scenarios.scenario import Scenario, plain
from meetingsim.scenarios.target import TargetFailed


def meeting_of(scenario: Scenario) -> dict[str, Any]:
    """The scenario's meeting as ``POST /meetings`` takes it: ``topic``, ``kind`` and what it says of the ``settings``."""
    settings = plain(scenario.meeting) if scenario.meeting is not None else {}
    topic, kind = settings.pop("topic", scenario.name), settings.pop("kind", "meeting")
    return {"topic": topic, "kind": kind, "settings": settings}


class Failure:
    """The first thing that went wrong with a target in the background; the runner's next call raises it."""

    def __init__(self) -> None:
        self._first: TargetFailed | None = None

    def note(self, said: str) -> None:
        """Something broke; ``said`` is one line."""
        self._first = self._first or TargetFailed(said)

    def check(self) -> None:
        """Raises TargetFailed where something broke."""
        if self._first is not None:
            raise self._first
