"""What every target needs to open a meeting, and what becomes of one that breaks while nobody awaits it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from meetingsim.scenarios.scenario import Scenario, plain
from meetingsim.scenarios.target import TargetFailed
from meetingsim.state.settings import Settings
from meetingsim.state.view import settings_row


def meeting_of(scenario: Scenario) -> dict[str, Any]:
    """The scenario's meeting as ``POST /meetings`` takes it: ``topic``, ``kind`` and what it says of the ``settings``."""
    settings = plain(scenario.meeting) if scenario.meeting is not None else {}
    topic, kind = settings.pop("topic", scenario.name), settings.pop("kind", "meeting")
    return {"topic": topic, "kind": kind, "settings": settings}


def whole(settings: Mapping[str, Any]) -> dict[str, Any]:
    """All settings: the defaults, and what is said."""
    return _merged(settings_row(Settings()), settings)


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        name: _merged(old[name], said) if isinstance(said, Mapping) and isinstance(old.get(name), Mapping) else said
        for name, said in new.items()
    }
    return {**old, **both}


class Failure:
    """The first thing that went wrong with a target in the background: ``tell`` is told at once, later calls raise it."""

    def __init__(self) -> None:
        self.first: TargetFailed | None = None
        self.tell: Callable[[TargetFailed], None] | None = None

    def note(self, said: str) -> None:
        """Something broke; ``said`` is one line."""
        if self.first is None:
            self.first = TargetFailed(said)
            if self.tell is not None:
                self.tell(self.first)

    def watch(self, task: asyncio.Task[None]) -> None:
        """A task that nobody awaits is over: what it raised is noted."""
        if not task.cancelled() and (error := task.exception()):
            self.note(f"What came cannot be taken: {error!r}.")

    def check(self) -> None:
        """Raises TargetFailed where something broke."""
        if self.first is not None:
            raise self.first
