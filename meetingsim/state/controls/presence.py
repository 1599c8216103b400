"""Going: leaving, dropping, coming back on the kept seat, and what the clock does about those who do not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from meetingsim.state.control import Command, Context, Control, Decision, Fact, Refuse, because, from_origin
from meetingsim.state.entry import (
    check_region,
    check_removal,
    refused_fact,
    shown_by,
    unknown_knock_fact,
    unknown_knocks_due,
)
from meetingsim.state.entry_events import ConnectionReplaced, Left, OriginKnown, Reconnected, Reconnecting
from meetingsim.state.guards import asking_person, require_open
from meetingsim.state.identity import digest
from meetingsim.state.meeting import GRACE_MS, Meeting, Person, Place

_GONE = frozenset({Place.LEFT, Place.REMOVED})


@dataclass(frozen=True, slots=True)
class Leave(Command):
    """Go for good: the seat is free, the session over."""

    type: ClassVar[str] = "leave"


@dataclass(frozen=True, slots=True)
class Resume(Command):
    """Go on with the same presence after the connection was lost; ``after`` is the last seq that was received."""

    type: ClassVar[str] = "resume"
    session: str
    epoch: str
    after: int
    country: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Drop(Command):
    """The shell saw a connection end without ``leave``."""

    type: ClassVar[str] = "drop"


@dataclass(frozen=True, slots=True)
class TimePassed(Command):
    """The shell's clock reached ``next_deadline``."""

    type: ClassVar[str] = "time_passed"


@dataclass(frozen=True, slots=True)
class Restarted(Command):
    """The server came up again: every kept seat gets a whole grace, counted from now."""

    type: ClassVar[str] = "restarted"


def decide_leave(meeting: Meeting, command: Leave, context: Context) -> Decision:
    require_open(meeting)
    person = asking_person(meeting, context)
    if person is None or person.where in _GONE:
        raise Refuse("not_inside", "You are not in this meeting.")
    return Decision((Fact(Left(person.id), because("leave", context)),))


def decide_drop(meeting: Meeting, command: Drop, context: Context) -> Decision:
    person = asking_person(meeting, context)
    if person is None or person.where in _GONE or person.place is Place.RECONNECTING:
        return Decision()
    return Decision((Fact(Reconnecting(person.id, context.now + GRACE_MS)),))


def decide_resume(meeting: Meeting, command: Resume, context: Context) -> Decision:
    person = _owner_of(meeting, command.session)
    if person is not None and person.place is Place.REMOVED:
        raise _void(meeting, person, context)
    require_open(meeting)
    if person is None or person.where in _GONE:
        raise Refuse("resume_lost", "This session is over: join again.")
    try:
        check_removal(meeting, shown_by(replace(person, origin=context.origin)))
        check_region(meeting, person.keys, context.origin)
    except Refuse as refuse:
        refuse.facts = (refused_fact(refuse, person.name, context.origin, context),)
        raise
    back = Reconnected if person.place is Place.RECONNECTING else ConnectionReplaced
    reason = because("resume", context, **from_origin(context.origin)) | {"asked_by": person.id}
    facts = [Fact(back(person.id), reason)]
    if context.origin != person.origin:
        facts.append(Fact(OriginKnown(person.id, context.origin.country, context.origin)))
    return Decision(tuple(facts), participant=person.id)


def _void(meeting: Meeting, person: Person, context: Context) -> Refuse:
    """A removed person's session tried again is a refused entry like any other; nothing is journaled after the end."""
    refuse = Refuse("removed", "You were removed from this meeting.", matched="session")
    if meeting.status != "ended":
        refuse.facts = (refused_fact(refuse, person.name, context.origin, context),)
    return refuse


def _owner_of(meeting: Meeting, session: str) -> Person | None:
    kept = digest(session)
    return next((p for p in meeting.people.values() if p.session == kept), None)


def decide_time_passed(meeting: Meeting, command: TimePassed, context: Context) -> Decision:
    facts = [
        Fact(Left(person.id), because("grace", context))
        for person in meeting.people.values()
        if person.gone_at is not None and person.gone_at <= context.now
    ]
    if context.unknown_knocks and unknown_knocks_due(meeting, context.now):
        facts.append(unknown_knock_fact("wrong_passcode", context.unknown_knocks, context.origin, context))
    return Decision(tuple(facts))


def decide_restarted(meeting: Meeting, command: Restarted, context: Context) -> Decision:
    until = context.now + GRACE_MS
    present = (p for p in meeting.people.values() if p.where not in _GONE)
    return Decision(tuple(Fact(Reconnecting(p.id, until), because("restart", context)) for p in present))


CONTROLS = (
    Control(Leave, decide_leave, who="anyone", summary="Go for good."),
    Control(Resume, decide_resume, who="anyone", summary="Go on after the connection was lost."),
    Control(Drop, decide_drop, who="the server", summary="A connection ended.", socket=False),
    Control(TimePassed, decide_time_passed, who="the server", summary="A deadline is reached.", socket=False),
    Control(Restarted, decide_restarted, who="the server", summary="The server came up again.", socket=False),
)
