"""The events of coming and going; several controls cause them, so they stand beside the controls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from meetingsim.state.change import EVERYONE, HOSTS_ONLY, audience_of, put, touch
from meetingsim.state.control import Audience, Event, EventRow, Stamp, nullable, recorded
from meetingsim.state.lookalikes import name_key
from meetingsim.state.meeting import HOSTS, Keys, Meeting, Origin, Person, Place, Role, View, Why
from meetingsim.state.places import move
from meetingsim.state.view import person_in, waiting_in


@dataclass(frozen=True, slots=True)
class Entrant:
    """Who came, as the journal keeps it; a person who was here before (early, left) is changed into this."""

    name: str
    role: Role
    keys: Keys
    origin: Origin
    session: str
    made_up: bool = False


@dataclass(frozen=True, slots=True)
class Joined(Event):
    """Somebody came in without waiting."""

    type: ClassVar[str] = "joined"
    participant: str
    person: dict[str, Any]
    entrant: Entrant | None = recorded(default=None)


@dataclass(frozen=True, slots=True)
class JoinedWaitingRoom(Event):
    """Somebody knocked and waits."""

    type: ClassVar[str] = "joined_waiting_room"
    participant: str
    person: dict[str, Any]
    entrant: Entrant | None = recorded(default=None)


@dataclass(frozen=True, slots=True)
class ArrivedEarly(Event):
    """Somebody came before the start."""

    type: ClassVar[str] = "arrived_early"
    participant: str
    name: str
    entrant: Entrant | None = recorded(default=None)


@dataclass(frozen=True, slots=True)
class OriginKnown(Event):
    """Which country somebody comes from; None is unknown. For hosts alone."""

    type: ClassVar[str] = "origin_known"
    participant: str
    country: str | None = nullable(default=None)
    origin: Origin | None = recorded(default=None)


@dataclass(frozen=True, slots=True)
class EntryRefused(Event):
    """Somebody was not let in. Without a valid credential there is no name, and ``count`` knocks are told as one."""

    type: ClassVar[str] = "entry_refused"
    code: str
    name: str | None = None
    country: str | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class NameFlagged(Event):
    """A name looks like that of somebody else who is here. For hosts alone."""

    type: ClassVar[str] = "name_flagged"
    participant: str
    like: str


@dataclass(frozen=True, slots=True)
class TicketFlagged(Event):
    """A ticket for one was shown from another device than the one it belongs to. For hosts alone."""

    type: ClassVar[str] = "ticket_flagged"
    participant: str
    country: str | None = nullable(default=None)


@dataclass(frozen=True, slots=True)
class Admitted(Event):
    """A host let somebody in who waited."""

    type: ClassVar[str] = "admitted"
    participant: str
    person: dict[str, Any]
    by: str


@dataclass(frozen=True, slots=True)
class Left(Event):
    """Somebody is gone; ``close`` is how their socket is closed."""

    type: ClassVar[str] = "left"
    participant: str
    close: int = recorded(default=1000)


@dataclass(frozen=True, slots=True)
class Reconnecting(Event):
    """Somebody's connection dropped; the seat is kept until ``until`` (ms)."""

    type: ClassVar[str] = "reconnecting"
    participant: str
    until: int = recorded(default=0)


@dataclass(frozen=True, slots=True)
class Reconnected(Event):
    """Somebody is back on their kept seat."""

    type: ClassVar[str] = "reconnected"
    participant: str
    session: str | None = recorded(default=None)


@dataclass(frozen=True, slots=True)
class ConnectionReplaced(Event):
    """Somebody came again on a newer connection; the older one is closed. For hosts alone."""

    type: ClassVar[str] = "connection_replaced"
    participant: str
    session: str | None = recorded(default=None)


def _entering(meeting: Meeting, participant: str, entrant: Entrant | None) -> Person:
    known = meeting.people.get(participant)
    if entrant is None:
        return meeting.people[participant]
    fresh = known or Person(participant, entrant.name, entrant.role, Place.LEFT, entrant.keys)
    return replace(
        fresh,
        name=entrant.name,
        name_key=name_key(entrant.name),
        role=entrant.role,
        earlier_role=Role.PARTICIPANT if entrant.role in HOSTS else entrant.role,
        keys=entrant.keys,
        origin=entrant.origin,
        session=entrant.session,
        made_up=entrant.made_up,
        decision=None,
    )


def evolve_joined(meeting: Meeting, event: Joined, stamp: Stamp) -> Meeting:
    person = _entering(meeting, event.participant, event.entrant)
    return put(meeting, move(person, event.type, stamp, entered=stamp.seq, why=None, put_back=False))


def evolve_joined_waiting_room(meeting: Meeting, event: JoinedWaitingRoom, stamp: Stamp) -> Meeting:
    person = _entering(meeting, event.participant, event.entrant)
    why = Why(event.person["why"])
    put_back = person.put_back or why is Why.PUT_BACK
    return put(meeting, move(person, event.type, stamp, queued=stamp.seq, why=why, thread=(), put_back=put_back))


def evolve_arrived_early(meeting: Meeting, event: ArrivedEarly, stamp: Stamp) -> Meeting:
    return put(meeting, move(_entering(meeting, event.participant, event.entrant), event.type, stamp))


def evolve_origin_known(meeting: Meeting, event: OriginKnown, stamp: Stamp) -> Meeting:
    origin = event.origin or Origin(country=event.country)
    return touch(meeting, event.participant, origin=origin)


def evolve_entry_refused(meeting: Meeting, event: EntryRefused, stamp: Stamp) -> Meeting:
    return meeting if event.name is not None else replace(meeting, last_unknown_knock=stamp.at)


def evolve_admitted(meeting: Meeting, event: Admitted, stamp: Stamp) -> Meeting:
    person = meeting.people[event.participant]
    admitted: dict[str, Any] = {"decision": "admitted", "denials": 0, "put_back": False}
    return put(meeting, move(person, event.type, stamp, entered=stamp.seq, why=None, **admitted))


def evolve_left(meeting: Meeting, event: Left, stamp: Stamp) -> Meeting:
    return put(meeting, move(meeting.people[event.participant], event.type, stamp, why=None))


def evolve_reconnecting(meeting: Meeting, event: Reconnecting, stamp: Stamp) -> Meeting:
    person = meeting.people[event.participant]
    away = replace(person, place=Place.RECONNECTING, seat=person.where, changed=stamp.seq, gone_at=event.until)
    return put(meeting, away)


def evolve_reconnected(meeting: Meeting, event: Reconnected, stamp: Stamp) -> Meeting:
    person = meeting.people[event.participant]
    session = event.session or person.session
    back = replace(person, place=person.where, seat=None, changed=stamp.seq, gone_at=None, session=session)
    return put(meeting, back)


def evolve_connection_replaced(meeting: Meeting, event: ConnectionReplaced, stamp: Stamp) -> Meeting:
    return touch(meeting, event.participant, session=event.session) if event.session else meeting


def evolve_flag(meeting: Meeting, event: NameFlagged | TicketFlagged, stamp: Stamp) -> Meeting:
    return meeting


def _hear_everyone(before: Meeting, after: Meeting, event: Any) -> Audience:
    return EVERYONE


def _hear_hosts(before: Meeting, after: Meeting, event: Any) -> Audience:
    return HOSTS_ONLY


def _hear_of_person(before: Meeting, after: Meeting, event: Any) -> Audience:
    return audience_of(before.people[event.participant])


def show_joined(view: View, frame: dict[str, Any]) -> None:
    row = dict(frame["person"])
    if view["me"]["role"] in HOSTS:
        row["country"] = None
    view["participants"].append(row)


def show_joined_waiting_room(view: View, frame: dict[str, Any]) -> None:
    view["waiting"].append({**frame["person"], "country": None})


def show_nothing(view: View, frame: dict[str, Any]) -> None:
    """The fact is news, not a part of the picture."""


def show_origin_known(view: View, frame: dict[str, Any]) -> None:
    participant = frame["participant"]
    if row := person_in(view, participant) or waiting_in(view, participant):
        row["country"] = frame["country"]


def show_admitted(view: View, frame: dict[str, Any]) -> None:
    row = dict(frame["person"])
    if view["me"]["role"] in HOSTS:
        waited = waiting_in(view, frame["participant"])
        row["country"] = waited["country"] if waited else None
    view["waiting"] = [one for one in view["waiting"] if one["id"] != frame["participant"]]
    view["participants"].append(row)


def show_gone(view: View, frame: dict[str, Any]) -> None:
    """Whoever it was is neither inside nor waiting any more."""
    participant = frame["participant"]
    for rows in (view["participants"], view["waiting"]):
        for place, row in enumerate(rows):
            if row["id"] == participant:
                del rows[place]
                break


def show_reconnecting(view: View, frame: dict[str, Any]) -> None:
    participant = frame["participant"]
    if row := person_in(view, participant) or waiting_in(view, participant):
        row["place"] = Place.RECONNECTING.value


def show_reconnected(view: View, frame: dict[str, Any]) -> None:
    if row := person_in(view, frame["participant"]):
        row["place"] = Place.INSIDE.value
    elif row := waiting_in(view, frame["participant"]):
        row["place"] = Place.WAITING.value


EVENTS = (
    EventRow(Joined, evolve_joined, _hear_everyone, show_joined, "Somebody came in without waiting."),
    EventRow(
        JoinedWaitingRoom,
        evolve_joined_waiting_room,
        _hear_hosts,
        show_joined_waiting_room,
        "Somebody waits.",
    ),
    EventRow(ArrivedEarly, evolve_arrived_early, _hear_hosts, show_nothing, "Somebody came before the start."),
    EventRow(OriginKnown, evolve_origin_known, _hear_hosts, show_origin_known, "Which country somebody comes from."),
    EventRow(EntryRefused, evolve_entry_refused, _hear_hosts, show_nothing, "Somebody was not let in."),
    EventRow(NameFlagged, evolve_flag, _hear_hosts, show_nothing, "A name looks like somebody else's."),
    EventRow(TicketFlagged, evolve_flag, _hear_hosts, show_nothing, "A ticket came from another device."),
    EventRow(Admitted, evolve_admitted, _hear_everyone, show_admitted, "A host let somebody in who waited."),
    EventRow(Left, evolve_left, _hear_of_person, show_gone, "Somebody is gone."),
    EventRow(
        Reconnecting,
        evolve_reconnecting,
        _hear_of_person,
        show_reconnecting,
        "A dropped connection's seat is kept.",
    ),
    EventRow(Reconnected, evolve_reconnected, _hear_of_person, show_reconnected, "Somebody is back on their seat."),
    EventRow(
        ConnectionReplaced,
        evolve_connection_replaced,
        _hear_hosts,
        show_nothing,
        "A newer connection of the same person took over.",
    ),
)
