"""Putting somebody inside back to waiting: every stream and right is gone at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from meetingsim.state.control import Command, Context, Control, Decision, Fact, Refuse, because, from_origin
from meetingsim.state.guards import require_host, require_outranked, require_person
from meetingsim.state.meeting import Meeting, Place
from meetingsim.state.turning_out import PUT_BACK, PutBack


@dataclass(frozen=True, slots=True)
class PutInWaitingRoom(Command):
    """Put somebody inside back to waiting, whether the waiting room is on or off."""

    type: ClassVar[str] = "put_in_waiting_room"
    participant: str


def decide_put_in_waiting_room(meeting: Meeting, command: PutInWaitingRoom, context: Context) -> Decision:
    by = require_host(meeting, context)
    person = require_person(meeting, command.participant)
    if person.where is Place.WAITING:
        return Decision()
    require_outranked(meeting, context, person)
    if person.where is not Place.INSIDE:
        raise Refuse("not_inside", "That person is not inside the meeting.")
    reason = because("put_back", context, **from_origin(person.origin))
    return Decision((Fact(PutBack(person.id, by), reason),))


CONTROLS = (
    Control(
        PutInWaitingRoom,
        decide_put_in_waiting_room,
        who="host, cohost",
        summary="Put somebody inside back to waiting.",
        http=True,
        events=(PUT_BACK,),
    ),
)
