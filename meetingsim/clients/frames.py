"""What comes over the wire, as read-only-by-agreement dicts that also know their typed event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Literal, TypeVar

from meetingsim.clients.errors import RefusedError
from meetingsim.clients.refusals import refusal_of
from meetingsim.state.control import Event
from meetingsim.state.controls import EVENTS
from meetingsim.state.plain import build, plain

E = TypeVar("E", bound=Event)
Event_co = TypeVar("Event_co", bound=Event, covariant=True)


@dataclass(frozen=True, slots=True)
class CameBack(Event):
    """A note of the SDK itself, in the inbox where a connection was lost and came back: nothing that the server sent.

    ``how``: ``resumed`` (what was missed follows), ``fresh_view`` or ``joined_again`` (a ``view`` follows, and the events
    in between are lost). ``code`` is the close code that ended the old socket, ``attempts`` how many tries it took,
    ``after`` the last seq before the gap.
    """

    type: ClassVar[str] = "came_back"
    how: Literal["resumed", "fresh_view", "joined_again"]
    code: int
    attempts: int
    after: int


class Frame(dict[str, Any], Generic[Event_co]):
    """One frame as it came. ``frame["participant"]`` reads a field of it, ``frame.event`` the typed event.

    The inbox and whoever takes the frame share it: change a copy.
    """

    __slots__ = ()

    @property
    def type(self) -> str:
        """The frame's word: an event's type, or view, reply or media; ``unreadable`` for what was no JSON object."""
        return str(self.get("type", ""))

    @property
    def seq(self) -> int | None:
        """The place in the meeting's journal; None for signals, and for replies to what caused nothing."""
        return self.get("seq")

    @property
    def event(self) -> Event_co:
        """The typed event. What the journal alone keeps has its default in it.

        Raises:
            TypeError: the frame is no event, or one that this SDK does not know (from a newer server).
        """
        row = EVENTS.get(self.type)
        if row is None and self.type != CameBack.type:
            raise TypeError(f"a {self.type!r} frame is no event that this SDK knows")
        event: Event_co = build(row.event if row else CameBack, self)
        return event


class Reply(Frame[Event]):
    """The answer to one command; what the command gave back (``report``, ``device``) stands beside ``ok``."""

    __slots__ = ()

    @property
    def ok(self) -> bool:
        return self.get("ok") is True

    @property
    def refusal(self) -> RefusedError | None:
        """Why not, as the exception that would have been raised; None for a reply that is ok."""
        return None if self.ok else refusal_of(self.get("error") or {})


@dataclass(frozen=True, slots=True)
class Done:
    """What a control over HTTP led to, as far as the asker may see it. No events: its effect was already there."""

    seq: int | None
    events: tuple[Frame[Event], ...]
    answer: Mapping[str, Any] = field(default_factory=dict)
    """What else the answer says, such as ``report``."""


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a meeting's journal, each event with its ``because``; go on after ``next``."""

    events: tuple[Frame[Event], ...]
    next: int


def wire(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as a command's frame carries them: what is None is left out, so that the server's default holds."""
    return {name: plain(value) for name, value in fields.items() if value is not None}
