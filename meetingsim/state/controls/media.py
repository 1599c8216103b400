"""Synthetic media: routed to the others in one's room, never journaled, and never after a stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from meetingsim.state.control import Audience, Command, Context, Control, Decision, Signal
from meetingsim.state.guards import not_allowed, require_inside
from meetingsim.state.meeting import Meeting
from meetingsim.state.settings import Activity


@dataclass(frozen=True, slots=True)
class Media(Command):
    """One synthetic packet of an activity that is on; ``n`` is the sender's own count. Answered only when refused."""

    type: ClassVar[str] = "media"
    kind: Literal["audio", "video", "share"]
    n: int


def decide_media(meeting: Meeting, command: Media, context: Context) -> Decision:
    person = require_inside(meeting, context)
    if not getattr(person, command.kind):
        raise not_allowed(meeting, Activity(command.kind))
    audience = Audience(inside=True, room=person.room, in_one_room=True)
    return Decision(signals=(Signal(person.id, command.kind, command.n, audience),))


CONTROLS = (
    Control(
        Media,
        decide_media,
        who="whoever's activity of that kind is on",
        summary="Send a synthetic media packet to the others in one's room.",
    ),
)
