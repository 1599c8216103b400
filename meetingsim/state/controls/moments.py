"""What is done in a moment: annotating, reacting, raising a hand, showing a profile picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from meetingsim.state.change import touch
from meetingsim.state.control import (
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
from meetingsim.state.entry_events import show_nothing
from meetingsim.state.guards import require_allowed, require_inside
from meetingsim.state.meeting import Meeting, View
from meetingsim.state.settings import NAME_LENGTH, Activity
from meetingsim.state.streams import hear_everyone
from meetingsim.state.view import seat_in


@dataclass(frozen=True, slots=True)
class Annotate(Command):
    """Draw on what is shown."""

    type: ClassVar[str] = "annotate"


@dataclass(frozen=True, slots=True)
class React(Command):
    """Show a reaction, such as ``applause``."""

    type: ClassVar[str] = "react"
    kind: str


@dataclass(frozen=True, slots=True)
class RaiseHand(Command):
    """Raise or lower one's hand."""

    type: ClassVar[str] = "raise_hand"
    up: bool


@dataclass(frozen=True, slots=True)
class SetProfilePicture(Command):
    """Show or hide one's profile picture."""

    type: ClassVar[str] = "set_profile_picture"
    on: bool


@dataclass(frozen=True, slots=True)
class Annotated(Event):
    """Somebody drew on what is shown."""

    type: ClassVar[str] = "annotated"
    participant: str


@dataclass(frozen=True, slots=True)
class Reacted(Event):
    """Somebody showed a reaction."""

    type: ClassVar[str] = "reacted"
    participant: str
    kind: str


@dataclass(frozen=True, slots=True)
class HandChanged(Event):
    """Somebody raised or lowered a hand."""

    type: ClassVar[str] = "hand_changed"
    participant: str
    up: bool


@dataclass(frozen=True, slots=True)
class ProfilePictureChanged(Event):
    """Somebody shows or hides a profile picture."""

    type: ClassVar[str] = "profile_picture_changed"
    participant: str
    on: bool


def decide_annotate(meeting: Meeting, command: Annotate, context: Context) -> Decision:
    person = require_inside(meeting, context)
    require_allowed(meeting, person, Activity.ANNOTATE)
    return Decision((Fact(Annotated(person.id)),))


def decide_react(meeting: Meeting, command: React, context: Context) -> Decision:
    person = require_inside(meeting, context)
    if not command.kind.strip() or len(command.kind) > NAME_LENGTH:
        raise Refuse("malformed", f"A reaction is a word of 1 to {NAME_LENGTH} characters.")
    return Decision((Fact(Reacted(person.id, command.kind)),))


def decide_raise_hand(meeting: Meeting, command: RaiseHand, context: Context) -> Decision:
    person = require_inside(meeting, context)
    same = person.hand == command.up
    return Decision() if same else Decision((Fact(HandChanged(person.id, command.up)),))


def decide_set_profile_picture(meeting: Meeting, command: SetProfilePicture, context: Context) -> Decision:
    person = require_inside(meeting, context)
    if person.profile_picture == command.on:
        return Decision()
    if command.on:
        require_allowed(meeting, person, Activity.PROFILE_PICTURE)
    return Decision((Fact(ProfilePictureChanged(person.id, command.on)),))


def evolve_moment(meeting: Meeting, event: Annotated | Reacted, stamp: Stamp) -> Meeting:
    return meeting


def evolve_hand_changed(meeting: Meeting, event: HandChanged, stamp: Stamp) -> Meeting:
    return touch(meeting, event.participant, hand=event.up)


def evolve_profile_picture_changed(meeting: Meeting, event: ProfilePictureChanged, stamp: Stamp) -> Meeting:
    return touch(meeting, event.participant, profile_picture=event.on)


def show_hand_changed(view: View, frame: dict[str, Any]) -> None:
    seat_in(view, frame["participant"])["hand"] = frame["up"]


def show_profile_picture_changed(view: View, frame: dict[str, Any]) -> None:
    seat_in(view, frame["participant"])["profile_picture"] = frame["on"]


CONTROLS = (
    Control(
        Annotate,
        decide_annotate,
        who="oneself, while allowed",
        summary="Draw on what is shown.",
        events=(EventRow(Annotated, evolve_moment, hear_everyone, show_nothing, "Somebody annotated."),),
    ),
    Control(
        React,
        decide_react,
        who="anyone inside",
        summary="Show a reaction; a suspend does not stop it.",
        events=(EventRow(Reacted, evolve_moment, hear_everyone, show_nothing, "Somebody reacted."),),
    ),
    Control(
        RaiseHand,
        decide_raise_hand,
        who="anyone inside",
        summary="Raise or lower one's hand; a suspend does not stop it.",
        events=(
            EventRow(HandChanged, evolve_hand_changed, hear_everyone, show_hand_changed, "A hand went up or down."),
        ),
    ),
    Control(
        SetProfilePicture,
        decide_set_profile_picture,
        who="oneself, while allowed",
        summary="Show or hide one's profile picture.",
        events=(
            EventRow(
                ProfilePictureChanged,
                evolve_profile_picture_changed,
                hear_everyone,
                show_profile_picture_changed,
                "A profile picture is shown or hidden.",
            ),
        ),
    ),
)
