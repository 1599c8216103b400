"""The event of another role, and who must give theirs up when the owner of the meeting is host again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from meetingsim.state.change import EVERYONE, put
from meetingsim.state.control import Audience, Context, Event, EventRow, Fact, Stamp, because
from meetingsim.state.meeting import Meeting, Person, Place, Role, View
from meetingsim.state.rights import may
from meetingsim.state.streams import FIELD_OF, evolve_stops, show_stops, stopped_of
from meetingsim.state.view import seat_in


@dataclass(frozen=True, slots=True)
class RoleChanged(Event):
    """Somebody has another role; they themselves get a fresh view. ``stopped``: what they may not have running any more."""

    type: ClassVar[str] = "role_changed"
    participant: str
    role: Role
    by: str
    stopped: tuple[dict[str, Any], ...] = ()


def stopped_by(meeting: Meeting, person: Person, role: Role) -> tuple[dict[str, Any], ...]:
    """What somebody has running that they may not start in that role: it would go on in everybody's ears."""
    then = replace(person, role=role)
    return stopped_of([person], [activity for activity in FIELD_OF if not may(meeting, then, activity)])


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


def owner_is_host(meeting: Meeting, owner: str, context: Context) -> list[Fact]:
    """Whoever was made host meanwhile becomes cohost, and the owner, if here in another role, host again."""
    facts = [
        Fact(RoleChanged(person.id, Role.COHOST, owner), because("host", context) | {"asked_by": owner})
        for person in meeting.people.values()
        if person.role is Role.HOST and person.id != owner and person.where is Place.INSIDE
    ]
    known = meeting.people.get(owner)
    if known is not None and known.where is Place.INSIDE and known.role is not Role.HOST:
        facts.append(Fact(RoleChanged(owner, Role.HOST, owner), because("host", context) | {"asked_by": owner}))
    return facts


ROLE_CHANGED = EventRow(
    RoleChanged, evolve_role_changed, hear_role_changed, show_role_changed, "Somebody has another role."
)
