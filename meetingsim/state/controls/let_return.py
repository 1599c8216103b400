"""Letting somebody come back who was removed: through the door again, with every other rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from meetingsim.state.change import HOSTS_ONLY, touch
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
from meetingsim.state.entry_events import show_nothing
from meetingsim.state.guards import require_host, require_person
from meetingsim.state.meeting import Meeting, Place


@dataclass(frozen=True, slots=True)
class LetReturn(Command):
    """Let a removed person come back. Their session stays void, and a void ticket is not given back."""

    type: ClassVar[str] = "let_return"
    participant: str


@dataclass(frozen=True, slots=True)
class ReturnAllowed(Event):
    """A removal does not keep this person out any more. For hosts alone."""

    type: ClassVar[str] = "return_allowed"
    participant: str
    by: str


def decide_let_return(meeting: Meeting, command: LetReturn, context: Context) -> Decision:
    by = require_host(meeting, context)
    person = require_person(meeting, command.participant)
    if person.place is not Place.REMOVED:
        raise Refuse("conflict", "That person was not removed.")
    if person.may_return:
        return Decision()
    return Decision((Fact(ReturnAllowed(person.id, by), because("let_return", context)),))


def evolve_return_allowed(meeting: Meeting, event: ReturnAllowed, stamp: Stamp) -> Meeting:
    return touch(meeting, event.participant, may_return=True)


def hear_return_allowed(before: Meeting, after: Meeting, event: ReturnAllowed) -> Audience:
    return HOSTS_ONLY


CONTROLS = (
    Control(
        LetReturn,
        decide_let_return,
        who="host, cohost",
        summary="Let a removed person come back.",
        http=True,
        events=(
            EventRow(
                ReturnAllowed,
                evolve_return_allowed,
                hear_return_allowed,
                show_nothing,
                "A removed person may come back.",
            ),
        ),
    ),
)
