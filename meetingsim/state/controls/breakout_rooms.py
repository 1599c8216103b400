"""Breakout rooms: opening them, moving between them, and closing them so that everybody is back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from meetingsim.state.change import EVERYONE, put
from meetingsim.state.control import (
    STRICT,
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
from meetingsim.state.guards import require_host, require_inside, require_present
from meetingsim.state.identity import clean_name
from meetingsim.state.meeting import Meeting, Person, View
from meetingsim.state.view import seat_in

MOST_ROOMS = 50


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """A room to open, and who is moved there at once."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    name: str
    participants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenBreakoutRooms(Command):
    """Open rooms. A room is its name everywhere; a name that is taken is a ``conflict``."""

    type: ClassVar[str] = "open_breakout_rooms"
    rooms: tuple[RoomPlan, ...]


@dataclass(frozen=True, slots=True)
class JoinBreakoutRoom(Command):
    """Go into a room oneself, or as a host move somebody there."""

    type: ClassVar[str] = "join_breakout_room"
    room: str
    participant: str | None = None


@dataclass(frozen=True, slots=True)
class LeaveBreakoutRoom(Command):
    """Go back to the main room, or as a host bring somebody back."""

    type: ClassVar[str] = "leave_breakout_room"
    participant: str | None = None


@dataclass(frozen=True, slots=True)
class CloseBreakoutRooms(Command):
    """Close every room; everybody is back in the main room."""

    type: ClassVar[str] = "close_breakout_rooms"


@dataclass(frozen=True, slots=True)
class BreakoutRoomsOpened(Event):
    """These rooms are open from now on, beside those that were."""

    type: ClassVar[str] = "breakout_rooms_opened"
    rooms: tuple[str, ...]
    by: str


@dataclass(frozen=True, slots=True)
class RoomChanged(Event):
    """Somebody is in another room; without ``room`` back in the main one. A share does not move along."""

    type: ClassVar[str] = "room_changed"
    participant: str
    by: str
    room: str | None = None


@dataclass(frozen=True, slots=True)
class BreakoutRoomsClosed(Event):
    """Every room is closed, everybody back."""

    type: ClassVar[str] = "breakout_rooms_closed"
    by: str


def decide_open_breakout_rooms(meeting: Meeting, command: OpenBreakoutRooms, context: Context) -> Decision:
    by = require_host(meeting, context)
    names = tuple(clean_name(plan.name) for plan in command.rooms)
    if not 1 <= len(names) <= MOST_ROOMS:
        raise Refuse("malformed", f"Open 1 to {MOST_ROOMS} rooms.")
    if len(meeting.rooms) + len(names) > MOST_ROOMS:
        raise Refuse("conflict", f"A meeting has at most {MOST_ROOMS} rooms open.")
    taken = {*meeting.rooms}
    for name in names:
        if name in taken:
            raise Refuse("conflict", "There is a room with that name already.")
        taken.add(name)
    reason = because("open_breakout_rooms", context)
    facts = [Fact(BreakoutRoomsOpened(names, by), reason)]
    moved: set[str] = set()
    for name, plan in zip(names, command.rooms, strict=True):
        for participant in plan.participants:
            person = require_present(meeting, participant)
            if participant in moved:
                raise Refuse("conflict", "A person can be in one room only.")
            moved.add(participant)
            facts.append(Fact(RoomChanged(person.id, by, name), reason))
    return Decision(tuple(facts))


def decide_join_breakout_room(meeting: Meeting, command: JoinBreakoutRoom, context: Context) -> Decision:
    person, by = _mover(meeting, command.participant, context)
    if command.room not in meeting.rooms:
        raise Refuse("conflict", "There is no open room with that name.")
    return _moved(person, by, command.room, "join_breakout_room", context)


def decide_leave_breakout_room(meeting: Meeting, command: LeaveBreakoutRoom, context: Context) -> Decision:
    person, by = _mover(meeting, command.participant, context)
    return _moved(person, by, None, "leave_breakout_room", context)


def _mover(meeting: Meeting, participant: str | None, context: Context) -> tuple[Person, str]:
    asker = context.asker.participant
    if asker and participant in {None, asker} and context.asker.kind == "person":
        person = require_inside(meeting, context)
        if meeting.suspended and not meeting.rooms and not person.is_host:
            raise Refuse("suspended", "Participant activities are suspended: breakout rooms are closed.")
        return person, person.id
    by = require_host(meeting, context)
    if participant is None:
        raise Refuse("malformed", "Say whom to move: participant.")
    return require_present(meeting, participant), by


def _moved(person: Person, by: str, room: str | None, rule: str, context: Context) -> Decision:
    if person.room == room:
        return Decision()
    return Decision((Fact(RoomChanged(person.id, by, room), because(rule, context)),))


def decide_close_breakout_rooms(meeting: Meeting, command: CloseBreakoutRooms, context: Context) -> Decision:
    by = require_host(meeting, context)
    if not meeting.rooms:
        return Decision()
    return Decision((Fact(BreakoutRoomsClosed(by), because("close_breakout_rooms", context)),))


def evolve_breakout_rooms_opened(meeting: Meeting, event: BreakoutRoomsOpened, stamp: Stamp) -> Meeting:
    return replace(meeting, rooms=(*meeting.rooms, *event.rooms))


def evolve_room_changed(meeting: Meeting, event: RoomChanged, stamp: Stamp) -> Meeting:
    return put(meeting, in_room(meeting.people[event.participant], event.room, stamp))


def evolve_breakout_rooms_closed(meeting: Meeting, event: BreakoutRoomsClosed, stamp: Stamp) -> Meeting:
    back = [in_room(one, None, stamp) for one in meeting.people.values() if one.room is not None]
    return replace(put(meeting, *back), rooms=())


def in_room(person: Person, room: str | None, stamp: Stamp) -> Person:
    """The person in that room: what was said there before, they were not told."""
    return replace(person, room=room, share=False, placed=stamp.seq, room_since=stamp.seq)


def hear_rooms(before: Meeting, after: Meeting, event: Event) -> Audience:
    return EVERYONE


def show_breakout_rooms_opened(view: View, frame: dict[str, Any]) -> None:
    view["meeting"]["rooms"] = [*view["meeting"]["rooms"], *frame["rooms"]]


def show_room_changed(view: View, frame: dict[str, Any]) -> None:
    show_room(seat_in(view, frame["participant"]), frame.get("room"))


def show_room(row: dict[str, Any], room: str | None) -> None:
    """A participant's row with them in that room."""
    row["share"] = False
    row.pop("room", None)
    if room is not None:
        row["room"] = room


def show_breakout_rooms_closed(view: View, frame: dict[str, Any]) -> None:
    view["meeting"]["rooms"] = []
    for row in view["participants"]:
        if "room" in row:
            show_room(row, None)


CONTROLS = (
    Control(
        OpenBreakoutRooms,
        decide_open_breakout_rooms,
        who="host, cohost",
        summary="Open breakout rooms.",
        http=True,
        events=(
            EventRow(
                BreakoutRoomsOpened,
                evolve_breakout_rooms_opened,
                hear_rooms,
                show_breakout_rooms_opened,
                "Breakout rooms are open.",
            ),
            EventRow(RoomChanged, evolve_room_changed, hear_rooms, show_room_changed, "Somebody is in another room."),
        ),
    ),
    Control(
        JoinBreakoutRoom,
        decide_join_breakout_room,
        who="oneself; host, cohost",
        summary="Go into a breakout room.",
        http=True,
        over_http=("participant",),
    ),
    Control(
        LeaveBreakoutRoom,
        decide_leave_breakout_room,
        who="oneself; host, cohost",
        summary="Go back to the main room.",
        http=True,
        over_http=("participant",),
    ),
    Control(
        CloseBreakoutRooms,
        decide_close_breakout_rooms,
        who="host, cohost",
        summary="Close the breakout rooms.",
        http=True,
        events=(
            EventRow(
                BreakoutRoomsClosed,
                evolve_breakout_rooms_closed,
                hear_rooms,
                show_breakout_rooms_closed,
                "Breakout rooms are closed.",
            ),
        ),
    ),
)
