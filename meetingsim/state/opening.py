"""The start of a meeting, whoever causes it: the host's first join, or the control."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from meetingsim.state.change import EVERYONE
from meetingsim.state.control import Audience, Context, Event, EventRow, Fact, Stamp, because
from meetingsim.state.entry import early_facts
from meetingsim.state.meeting import Meeting, View


@dataclass(frozen=True, slots=True)
class Started(Event):
    """The meeting has begun."""

    type: ClassVar[str] = "started"
    by: str


def opening_facts(meeting: Meeting, by: str, context: Context, *, entering: int) -> tuple[Fact, ...]:
    """The start, and what becomes of those who came early; ``entering`` seats are taken in the same step."""
    started = Fact(Started(by), because("start", context) | {"asked_by": by})
    taken = meeting.count_inside() + entering
    return (started, *early_facts(meeting, context, taken))


def evolve_started(meeting: Meeting, event: Started, stamp: Stamp) -> Meeting:
    return replace(meeting, status="started")


def hear_started(before: Meeting, after: Meeting, event: Started) -> Audience:
    return EVERYONE


def show_started(view: View, frame: dict[str, Any]) -> None:
    view["meeting"]["status"] = "started"


EVENTS = (EventRow(Started, evolve_started, hear_started, show_started, "The meeting has begun."),)
