"""The chat across the waiting-room door: hosts to all or one who wait, and those who wait to the hosts alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from meetingsim.state.change import keep_last
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
)
from meetingsim.state.guards import asking_person, require_host, require_open, require_person, require_text
from meetingsim.state.identity import make_id
from meetingsim.state.meeting import MESSAGES_KEPT, Meeting, Person, Place, View, WaitingMessage


@dataclass(frozen=True, slots=True)
class WaitingRoomChat(Command):
    """Write across the door. Hosts leave ``to`` out to reach everybody who waits at that moment."""

    type: ClassVar[str] = "waiting_room_chat"
    text: str
    to: str | None = None


@dataclass(frozen=True, slots=True)
class WaitingRoomMessage(Event):
    """A line across the door; ``to`` is everyone (who waited then), hosts, or a participant's id."""

    type: ClassVar[str] = "waiting_room_message"
    message: str
    from_: str
    from_name: str
    to: str
    text: str


def decide_waiting_room_chat(meeting: Meeting, command: WaitingRoomChat, context: Context) -> Decision:
    require_open(meeting)
    sender = asking_person(meeting, context)
    mode = meeting.settings.waiting_room.chat
    if sender is not None and sender.where is not Place.INSIDE:
        to = _from_waiting(sender, command, mode)
        by, name = sender.id, sender.name
    else:
        by = require_host(meeting, context)
        name = sender.name if sender else by.capitalize()
        to = _from_host(meeting, command, mode)
    text = require_text(command.text)
    event = WaitingRoomMessage(make_id(meeting.id_key, "m", meeting.seq + 1), by, name, to, text)
    return Decision((Fact(event),))


def _from_waiting(sender: Person, command: WaitingRoomChat, mode: str) -> str:
    if sender.where is not Place.WAITING:
        raise Refuse("not_waiting", "You are not waiting.")
    if mode != "two_way":
        raise Refuse("not_permitted", "The waiting room's chat does not take your messages.")
    if command.to not in {None, "hosts"}:
        raise Refuse("not_permitted", "From the waiting room you reach the hosts alone.")
    return "hosts"


def _from_host(meeting: Meeting, command: WaitingRoomChat, mode: str) -> str:
    if mode == "off":
        raise Refuse("not_permitted", "The waiting room's chat is off.")
    if command.to in {None, "everyone"}:
        return "everyone"
    if require_person(meeting, str(command.to)).where is not Place.WAITING:
        raise Refuse("not_waiting", "That person is not waiting.")
    return str(command.to)


def evolve_waiting_room_message(meeting: Meeting, event: WaitingRoomMessage, stamp: Stamp) -> Meeting:
    line = WaitingMessage(event.message, event.from_, event.from_name, event.to, event.text, stamp.seq, stamp.at)
    people = dict(meeting.people)
    for one in _waiting_side(meeting, event):
        person = people[one]
        people[one] = replace(person, thread=(*person.thread, line)[-MESSAGES_KEPT:])
    return replace(meeting, people=people, waiting_messages=(*meeting.waiting_messages, line)[-MESSAGES_KEPT:])


def _waiting_side(meeting: Meeting, event: WaitingRoomMessage) -> tuple[str, ...]:
    if event.to == "everyone":
        return meeting.queue
    return (event.from_,) if event.to == "hosts" else (event.to,)


def hear_waiting_room_message(before: Meeting, after: Meeting, event: WaitingRoomMessage) -> Audience:
    return Audience(hosts=True, only=frozenset(_waiting_side(before, event)))


def show_waiting_room_message(view: View, frame: dict[str, Any]) -> None:
    view["waiting_messages"].append({key: frame[key] for key in ("message", "from", "from_name", "to", "text", "at")})
    keep_last(view["waiting_messages"])


CONTROLS = (
    Control(
        WaitingRoomChat,
        decide_waiting_room_chat,
        who="host, cohost; waiting people to the hosts",
        summary="Write across the waiting-room door.",
        http=True,
        events=(
            EventRow(
                WaitingRoomMessage,
                evolve_waiting_room_message,
                hear_waiting_room_message,
                show_waiting_room_message,
                "A line across the waiting-room door.",
            ),
        ),
    ),
)
