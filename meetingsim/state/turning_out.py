"""The events of being turned out: removed, and put back to waiting; a host causes them, and a region rule may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from meetingsim.state.change import EVERYONE, audience_of, put
from meetingsim.state.control import Audience, Event, EventRow, Stamp, recorded
from meetingsim.state.entry_events import show_gone
from meetingsim.state.meeting import HOSTS, Meeting, Place, View, Why
from meetingsim.state.places import move
from meetingsim.state.view import seat_in


@dataclass(frozen=True, slots=True)
class Removed(Event):
    """Somebody was removed. Told to those inside; the removed themselves get no event."""

    type: ClassVar[str] = "removed"
    close: ClassVar[int] = 4500
    participant: str
    by: str
    may_return: bool = recorded(default=False)


@dataclass(frozen=True, slots=True)
class PutBack(Event):
    """Somebody waits again who was inside."""

    type: ClassVar[str] = "put_in_waiting_room"
    participant: str
    by: str
    why: Why = Why.PUT_BACK


def evolve_removed(meeting: Meeting, event: Removed, stamp: Stamp) -> Meeting:
    person = meeting.people[event.participant]
    return put(meeting, move(person, event.type, stamp, why=None, may_return=event.may_return))


def hear_removed(before: Meeting, after: Meeting, event: Removed) -> Audience:
    return audience_of(before.people[event.participant])


def evolve_put_back(meeting: Meeting, event: PutBack, stamp: Stamp) -> Meeting:
    person = meeting.people[event.participant]
    back = move(
        person,
        event.type,
        stamp,
        why=event.why,
        queued=stamp.seq,
        role=person.earlier_role if person.role in HOSTS else person.role,
        decision=None,
        put_back=event.why is Why.PUT_BACK,
    )
    return put(meeting, back)


def hear_put_back(before: Meeting, after: Meeting, event: PutBack) -> Audience:
    return EVERYONE


def show_put_back(view: View, frame: dict[str, Any]) -> None:
    row = seat_in(view, frame["participant"])
    view["participants"] = [one for one in view["participants"] if one is not row]
    if view["me"]["role"] in HOSTS:
        absent = row["place"] == Place.RECONNECTING.value
        view["waiting"].append(
            {
                "id": row["id"],
                "name": row["name"],
                "since": frame["at"],
                "why": frame["why"],
                "place": Place.RECONNECTING.value if absent else Place.WAITING.value,
                "country": row["country"],
            }
        )


REMOVED = EventRow(Removed, evolve_removed, hear_removed, show_gone, "Somebody was removed.")
PUT_BACK = EventRow(PutBack, evolve_put_back, hear_put_back, show_put_back, "Somebody was put back to waiting.")
