"""Turning a waiting person away; after as many times as the meeting allows asking, for good."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from meetingsim.state.change import HOSTS_ONLY, put
from meetingsim.state.control import (
    Audience,
    Command,
    Context,
    Control,
    Decision,
    Event,
    EventRow,
    Fact,
    Refuse,
    Stamp,
    because,
    recorded,
)
from meetingsim.state.entry_events import show_gone
from meetingsim.state.guards import require_host, require_person
from meetingsim.state.identity import denied_times
from meetingsim.state.meeting import Meeting, Place
from meetingsim.state.places import move


@dataclass(frozen=True, slots=True)
class Deny(Command):
    """Turn one waiting person away."""

    type: ClassVar[str] = "deny"
    participant: str


@dataclass(frozen=True, slots=True)
class Denied(Event):
    """A host turned somebody away; ``close`` is 4503 the last time."""

    type: ClassVar[str] = "denied"
    participant: str
    by: str
    close: int = recorded(default=4004)


def decide_deny(meeting: Meeting, command: Deny, context: Context) -> Decision:
    by = require_host(meeting, context)
    person = require_person(meeting, command.participant)
    if person.place is Place.LEFT and person.decision == "denied":
        return Decision()
    if person.where is not Place.WAITING:
        admitted = person.where is Place.INSIDE and person.decision == "admitted"
        raise (
            Refuse("already_decided", "That person was admitted.")
            if admitted
            else Refuse("not_waiting", "That person is not waiting.")
        )
    times = denied_times(meeting, person.keys) + 1
    last = times >= meeting.settings.waiting_room.denials
    event = Denied(person.id, by, 4503 if last else 4004)
    return Decision((Fact(event, because("deny", context, times=times)),))


def evolve_denied(meeting: Meeting, event: Denied, stamp: Stamp) -> Meeting:
    person = meeting.people[event.participant]
    gone = move(person, event.type, stamp, why=None, decision="denied")
    return put(meeting, replace(gone, denials=person.denials + 1))


def hear_denied(before: Meeting, after: Meeting, event: Denied) -> Audience:
    return HOSTS_ONLY


CONTROLS = (
    Control(
        Deny,
        decide_deny,
        who="host, cohost",
        summary="Turn one waiting person away.",
        http=True,
        events=(EventRow(Denied, evolve_denied, hear_denied, show_gone, "A host turned a waiting person away."),),
    ),
)
