"""The meeting's chat: to everyone in one's room, to the hosts, or to one person; how far it reaches is a level."""

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
    Stamp,
    recorded,
)
from meetingsim.state.guards import not_allowed, require_inside, require_present, require_text
from meetingsim.state.identity import make_id
from meetingsim.state.meeting import MESSAGES_KEPT, Meeting, Person, View
from meetingsim.state.meeting import Message as Line
from meetingsim.state.rights import chat_reach
from meetingsim.state.settings import CHAT_ORDER, Activity, ChatLevel


@dataclass(frozen=True, slots=True)
class Chat(Command):
    """Write to ``everyone`` (of one's room), to ``hosts``, or to a participant's id."""

    type: ClassVar[str] = "chat"
    text: str
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Message(Event):
    """A line of chat."""

    type: ClassVar[str] = "message"
    message: str
    from_: str
    to: str
    text: str
    room: str | None = recorded(default=None)


def decide_chat(meeting: Meeting, command: Chat, context: Context) -> Decision:
    person = require_inside(meeting, context)
    to = "everyone" if command.to is None else command.to
    needed = _level_needed(meeting, to)
    if CHAT_ORDER[chat_reach(meeting, person)] < CHAT_ORDER[needed]:
        raise not_allowed(meeting, Activity.CHAT)
    text = require_text(command.text)
    room = person.room if to == "everyone" else None
    return Decision((Fact(Message(make_id(meeting.id_key, "m", meeting.seq + 1), person.id, to, text, room)),))


def _level_needed(meeting: Meeting, to: str) -> ChatLevel:
    if to == "everyone":
        return ChatLevel.EVERYONE
    if to == "hosts" or require_present(meeting, to).is_host:
        return ChatLevel.HOSTS
    return ChatLevel.EVERYONE_AND_PRIVATE


def stream_of(event: Message) -> str:
    """Which stream a line belongs to: each keeps its own last lines, so that nobody's picture loses one to another."""
    if event.to == "everyone":
        return f"room:{event.room or ''}"
    if event.to == "hosts":
        return f"hosts:{event.from_}"
    return "private:" + ":".join(sorted((event.from_, event.to)))


def evolve_message(meeting: Meeting, event: Message, stamp: Stamp) -> Meeting:
    line = Line(event.message, event.from_, event.to, event.text, stamp.seq, stamp.at, event.room)
    stream = stream_of(event)
    lines = (*meeting.messages.get(stream, ()), line)[-MESSAGES_KEPT:]
    return replace(meeting, messages={**meeting.messages, stream: lines})


def hear_message(before: Meeting, after: Meeting, event: Message) -> Audience:
    if event.to == "everyone":
        sender: Person = before.people[event.from_]
        return Audience(inside=True, room=sender.room, in_one_room=True)
    if event.to == "hosts":
        return Audience(hosts=True, only=frozenset({event.from_}))
    return Audience(only=frozenset({event.from_, event.to}))


def show_message(view: View, frame: dict[str, Any]) -> None:
    row = {key: frame[key] for key in ("message", "from", "to", "text", "at")}
    if frame["to"] == "everyone" and "room" in view["me"]:
        row["room"] = view["me"]["room"]
    view["messages"].append(row)
    keep_last(view["messages"])


CONTROLS = (
    Control(
        Chat,
        decide_chat,
        who="anyone inside, as far as their level reaches",
        summary="Write to everyone, to the hosts, or to one person.",
        events=(EventRow(Message, evolve_message, hear_message, show_message, "A line of chat."),),
    ),
)
