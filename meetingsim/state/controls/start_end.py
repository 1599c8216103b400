"""Starting a meeting without a joined host, and ending it for everyone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from meetingsim.state.change import EVERYONE, put
from meetingsim.state.control import (
    Audience,
    Command,
    Context,
    Control,
    Decision,
    Event,
    EventRow,
    Fact,
    Stamp,
    because,
)
from meetingsim.state.guards import require_owner
from meetingsim.state.meeting import Meeting, Place, View
from meetingsim.state.opening import EVENTS, opening_facts
from meetingsim.state.places import move

_PRESENT = frozenset({Place.EARLY, Place.WAITING, Place.INSIDE})


@dataclass(frozen=True, slots=True)
class Start(Command):
    """Open the meeting without a joined host, so that it can be hosted by HTTP alone."""

    type: ClassVar[str] = "start"


@dataclass(frozen=True, slots=True)
class End(Command):
    """End the meeting for everyone."""

    type: ClassVar[str] = "end"


@dataclass(frozen=True, slots=True)
class Ended(Event):
    """The meeting is over; everyone's socket is closed with 4502."""

    type: ClassVar[str] = "ended"
    close: ClassVar[int] = 4502
    by: str


def decide_start(meeting: Meeting, command: Start, context: Context) -> Decision:
    by = require_owner(meeting, context)
    if meeting.status == "started":
        return Decision()
    return Decision(opening_facts(meeting, by, context, entering=0))


def decide_end(meeting: Meeting, command: End, context: Context) -> Decision:
    if meeting.status == "ended" and context.asker.kind != "person":
        return Decision()
    by = require_owner(meeting, context)
    return Decision((Fact(Ended(by), because("end", context)),))


def evolve_ended(meeting: Meeting, event: Ended, stamp: Stamp) -> Meeting:
    gone = [move(person, event.type, stamp, why=None) for person in meeting.people.values() if person.where in _PRESENT]
    return replace(put(meeting, *gone), status="ended", ended_at=stamp.at)


def hear_ended(before: Meeting, after: Meeting, event: Ended) -> Audience:
    return EVERYONE


def show_ended(view: View, frame: dict[str, Any]) -> None:
    view["meeting"]["status"] = "ended"


CONTROLS = (
    Control(
        Start,
        decide_start,
        who="host",
        summary="Open the meeting.",
        http=True,
        events=EVENTS,
    ),
    Control(
        End,
        decide_end,
        who="host",
        summary="End the meeting for everyone.",
        http=True,
        events=(EventRow(Ended, evolve_ended, hear_ended, show_ended, "The meeting is over."),),
    ),
)
