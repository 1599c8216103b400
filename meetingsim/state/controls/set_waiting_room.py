"""Turning the waiting room on and off; off lets in those who wait for no other reason, in order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from meetingsim.state.change import EVERYONE, with_settings
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
from meetingsim.state.entry import admissions, shown_by, unidentified, verdict_of
from meetingsim.state.guards import require_host
from meetingsim.state.meeting import HOSTS, Meeting, Person, View, Why
from meetingsim.state.settings import Who


@dataclass(frozen=True, slots=True)
class SetWaitingRoom(Command):
    """Turn the waiting room on or off, and say who waits. Turning it on throws nobody out."""

    type: ClassVar[str] = "set_waiting_room"
    enabled: bool
    who: Who | None = None


@dataclass(frozen=True, slots=True)
class WaitingRoomSet(Event):
    """The waiting room is on or off now, for these."""

    type: ClassVar[str] = "waiting_room_set"
    enabled: bool
    who: Who
    by: str


def decide_set_waiting_room(meeting: Meeting, command: SetWaitingRoom, context: Context) -> Decision:
    by = require_host(meeting, context)
    room = meeting.settings.waiting_room
    who = command.who or room.who
    facts: list[Fact] = []
    if (room.enabled, room.who) != (command.enabled, who):
        facts.append(Fact(WaitingRoomSet(command.enabled, who, by), because("set_waiting_room", context)))
    if room.enabled and not command.enabled:
        waiting = [meeting.people[one] for one in meeting.queue]
        freed = [person for person in waiting if person.why is Why.WAITING_ROOM and _may_pass(meeting, person)]
        facts += admissions(meeting, freed, by, "set_waiting_room", context)
    return Decision(tuple(facts))


def _may_pass(meeting: Meeting, person: Person) -> bool:
    """A rule or a removal that came after the knock may want a host to look; turning the waiting room off is no such look."""
    return verdict_of(meeting, person.origin) == "allow" and unidentified(meeting, shown_by(person)) == "no"


def evolve_waiting_room_set(meeting: Meeting, event: WaitingRoomSet, stamp: Stamp) -> Meeting:
    room = replace(meeting.settings.waiting_room, enabled=event.enabled, who=event.who)
    return with_settings(meeting, waiting_room=room)


def hear_waiting_room_set(before: Meeting, after: Meeting, event: WaitingRoomSet) -> Audience:
    return EVERYONE


def show_waiting_room_set(view: View, frame: dict[str, Any]) -> None:
    rooms = [view["meeting"]["waiting_room"]]
    if view["me"]["role"] in HOSTS:
        rooms.append(view["meeting"]["settings"]["waiting_room"])
    for room in rooms:
        room.update(enabled=frame["enabled"], who=frame["who"])


CONTROLS = (
    Control(
        SetWaitingRoom,
        decide_set_waiting_room,
        who="host, cohost",
        summary="Turn the waiting room on or off.",
        http=True,
        events=(
            EventRow(
                WaitingRoomSet,
                evolve_waiting_room_set,
                hear_waiting_room_set,
                show_waiting_room_set,
                "The waiting room was turned on or off.",
            ),
        ),
    ),
)
