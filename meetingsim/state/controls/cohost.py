"""Making and revoking cohosts; revoking gives back exactly the earlier rights."""

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
    Refuse,
    Stamp,
    because,
)
from meetingsim.state.guards import require_outranked, require_owner, require_present
from meetingsim.state.meeting import Meeting, Person, Role, View
from meetingsim.state.rights import may
from meetingsim.state.streams import FIELD_OF, evolve_stops, show_stops, stopped_of
from meetingsim.state.view import seat_in


@dataclass(frozen=True, slots=True)
class MakeCohost(Command):
    """Give somebody inside the rights of a cohost."""

    type: ClassVar[str] = "make_cohost"
    participant: str


@dataclass(frozen=True, slots=True)
class RevokeCohost(Command):
    """Give a cohost back exactly the role they had before."""

    type: ClassVar[str] = "revoke_cohost"
    participant: str


@dataclass(frozen=True, slots=True)
class RoleChanged(Event):
    """Somebody has another role; they themselves get a fresh view. ``stopped``: what they may not have running any more."""

    type: ClassVar[str] = "role_changed"
    participant: str
    role: Role
    by: str
    stopped: tuple[dict[str, Any], ...] = ()


def decide_make_cohost(meeting: Meeting, command: MakeCohost, context: Context) -> Decision:
    by = require_owner(meeting, context)
    person = require_present(meeting, command.participant)
    if person.role is Role.COHOST:
        return Decision()
    require_outranked(meeting, context, person)
    return Decision((Fact(RoleChanged(person.id, Role.COHOST, by), because("make_cohost", context)),))


def decide_revoke_cohost(meeting: Meeting, command: RevokeCohost, context: Context) -> Decision:
    by = require_owner(meeting, context)
    person = require_present(meeting, command.participant)
    if person.role is Role.HOST:
        raise Refuse("protected", "The host stays the host.")
    if person.role is not Role.COHOST:
        return Decision()
    event = RoleChanged(person.id, person.earlier_role, by, _stopped(meeting, person))
    return Decision((Fact(event, because("revoke_cohost", context)),))


def _stopped(meeting: Meeting, cohost: Person) -> tuple[dict[str, Any], ...]:
    """What a cohost has running that the earlier role may not start: after a suspend it would go on in everybody's ears."""
    then = replace(cohost, role=cohost.earlier_role)
    return stopped_of([cohost], [activity for activity in FIELD_OF if not may(meeting, then, activity)])


def evolve_role_changed(meeting: Meeting, event: RoleChanged, stamp: Stamp) -> Meeting:
    meeting = evolve_stops(meeting, event.stopped)
    person = meeting.people[event.participant]
    earlier = person.earlier_role if person.is_host else person.role
    return put(
        meeting,
        replace(person, role=event.role, earlier_role=earlier, placed=stamp.seq, changed=stamp.seq),
    )


def hear_role_changed(before: Meeting, after: Meeting, event: RoleChanged) -> Audience:
    return EVERYONE


def show_role_changed(view: View, frame: dict[str, Any]) -> None:
    show_stops(view, frame["stopped"])
    seat_in(view, frame["participant"])["role"] = frame["role"]


_CHANGED = EventRow(
    RoleChanged, evolve_role_changed, hear_role_changed, show_role_changed, "Somebody has another role."
)

CONTROLS = (
    Control(
        MakeCohost,
        decide_make_cohost,
        who="host",
        summary="Make somebody a cohost.",
        http=True,
        events=(_CHANGED,),
    ),
    Control(
        RevokeCohost,
        decide_revoke_cohost,
        who="host",
        summary="Give a cohost the earlier role back.",
        http=True,
    ),
)
