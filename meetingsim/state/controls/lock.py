"""Locking the meeting: nobody enters any more but the host; those inside and those who wait are untouched."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from meetingsim.state.change import EVERYONE
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
    because,
)
from meetingsim.state.guards import require_host
from meetingsim.state.meeting import Meeting, View


@dataclass(frozen=True, slots=True)
class Lock(Command):
    """Let nobody else enter."""

    type: ClassVar[str] = "lock"


@dataclass(frozen=True, slots=True)
class Unlock(Command):
    """Let people enter again, by the other rules."""

    type: ClassVar[str] = "unlock"


@dataclass(frozen=True, slots=True)
class Locked(Event):
    """Nobody else enters from now on."""

    type: ClassVar[str] = "locked"
    by: str


@dataclass(frozen=True, slots=True)
class Unlocked(Event):
    """The lock is off."""

    type: ClassVar[str] = "unlocked"
    by: str


def decide_lock(meeting: Meeting, command: Lock, context: Context) -> Decision:
    by = require_host(meeting, context)
    return Decision() if meeting.locked else Decision((Fact(Locked(by), because("lock", context)),))


def decide_unlock(meeting: Meeting, command: Unlock, context: Context) -> Decision:
    by = require_host(meeting, context)
    return Decision((Fact(Unlocked(by), because("unlock", context)),)) if meeting.locked else Decision()


def evolve_locked(meeting: Meeting, event: Locked, stamp: Stamp) -> Meeting:
    return replace(meeting, locked=True)


def evolve_unlocked(meeting: Meeting, event: Unlocked, stamp: Stamp) -> Meeting:
    return replace(meeting, locked=False)


def hear_lock(before: Meeting, after: Meeting, event: Locked | Unlocked) -> Audience:
    return EVERYONE


def show_locked(view: View, frame: dict[str, Any]) -> None:
    view["meeting"]["locked"] = True


def show_unlocked(view: View, frame: dict[str, Any]) -> None:
    view["meeting"]["locked"] = False


CONTROLS = (
    Control(
        Lock,
        decide_lock,
        who="host, cohost",
        summary="Let nobody else enter.",
        http=True,
        events=(EventRow(Locked, evolve_locked, hear_lock, show_locked, "The meeting is locked."),),
    ),
    Control(
        Unlock,
        decide_unlock,
        who="host, cohost",
        summary="Let people enter again.",
        http=True,
        events=(EventRow(Unlocked, evolve_unlocked, hear_lock, show_unlocked, "The lock is off."),),
    ),
)
