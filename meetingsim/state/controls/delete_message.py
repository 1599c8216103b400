"""Deleting a chat line: everybody who was told it is told that it is gone; its place in the list stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

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
from meetingsim.state.guards import require_host, require_inside
from meetingsim.state.meeting import Meeting, Message, Place, View


@dataclass(frozen=True, slots=True)
class DeleteMessage(Command):
    """Delete a line of chat: one's own, or as a host any that one was told."""

    type: ClassVar[str] = "delete_message"
    message: str


@dataclass(frozen=True, slots=True)
class MessageDeleted(Event):
    """A line of chat is gone; it stays in the list with an empty text and ``deleted``."""

    type: ClassVar[str] = "message_deleted"
    message: str
    by: str


def decide_delete_message(meeting: Meeting, command: DeleteMessage, context: Context) -> Decision:
    line = next((one for one in _lines(meeting) if one.message == command.message), None)
    asker = require_inside(meeting, context) if context.asker.kind == "person" else None
    by = asker.id if asker and line and line.from_ == asker.id else require_host(meeting, context)
    if line is None or (asker and _private(line) and asker.id not in {line.from_, line.to}):
        raise Refuse("conflict", "There is no such message, or it is too old.")
    if line.deleted:
        return Decision()
    return Decision((Fact(MessageDeleted(line.message, by), because("delete_message", context)),))


def _lines(meeting: Meeting) -> Iterator[Message]:
    return (line for stream in meeting.messages.values() for line in stream)


def _private(line: Message) -> bool:
    return line.to not in {"everyone", "hosts"}


def evolve_message_deleted(meeting: Meeting, event: MessageDeleted, stamp: Stamp) -> Meeting:
    messages = {
        name: tuple(replace(line, deleted=True) if line.message == event.message else line for line in stream)
        for name, stream in meeting.messages.items()
    }
    return replace(meeting, messages=messages)


def _inside(meeting: Meeting, *people: str) -> frozenset[str]:
    return frozenset(one for one in people if meeting.people[one].where is Place.INSIDE)


def hear_message_deleted(before: Meeting, after: Meeting, event: MessageDeleted) -> Audience:
    """Those in the line's audience as it is now; whoever came later never had the line, and folds nothing.

    The author keeps the line in every room.
    """
    line = next(one for one in _lines(before) if one.message == event.message)
    if line.to == "everyone":
        return Audience(inside=True, room=line.room, in_one_room=True, only=_inside(after, line.from_))
    if line.to == "hosts":
        return Audience(hosts=True, only=_inside(after, line.from_))
    return Audience(only=_inside(after, line.from_, line.to))


def show_message_deleted(view: View, frame: dict[str, Any]) -> None:
    for row in view["messages"]:
        if row["message"] == frame["message"]:
            row.update(text="", deleted=True)


CONTROLS = (
    Control(
        DeleteMessage,
        decide_delete_message,
        who="its author; host, cohost",
        summary="Delete a line of chat.",
        http=True,
        events=(
            EventRow(
                MessageDeleted,
                evolve_message_deleted,
                hear_message_deleted,
                show_message_deleted,
                "A line of chat is gone.",
            ),
        ),
    ),
)
