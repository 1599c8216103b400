"""Suspending participant activities: one event stops everything, bars it, and locks the meeting."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from meetingsim.state.change import EVERYONE
from meetingsim.state.control import (
    STRICT,
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
from meetingsim.state.evidence import file_report, filed
from meetingsim.state.guards import require_host
from meetingsim.state.meeting import Meeting, Person, View
from meetingsim.state.settings import Activity
from meetingsim.state.streams import evolve_stops, is_streaming, show_stops, stopped_of
from meetingsim.state.view import refold_rights


@dataclass(frozen=True, slots=True)
class SuspendReport:
    """A report that goes with a suspension, about these people, or about the meeting where nobody is named."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    issue: str
    participants: tuple[str, ...] = ()
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Suspend(Command):
    """Stop everything that participants do, and let them start nothing until it is allowed again, one by one."""

    type: ClassVar[str] = "suspend"
    report: SuspendReport | None = None


@dataclass(frozen=True, slots=True)
class Suspended(Event):
    """Everything stopped in one step. ``stopped`` lists ``{participant, activities}``; the lock is on, the rooms are closed."""

    type: ClassVar[str] = "suspended"
    by: str
    activities: tuple[Activity, ...]
    stopped: tuple[dict[str, Any], ...]


def decide_suspend(meeting: Meeting, command: Suspend, context: Context) -> Decision:
    by = require_host(meeting, context)
    facts: tuple[Fact, ...] = ()
    if not in_force(meeting):
        streaming = [person for person in meeting.people.values() if is_streaming(person)]
        stopped = stopped_of(sorted(streaming, key=lambda person: person.entered), Activity)
        event = Suspended(by, tuple(Activity), stopped)
        facts = (Fact(event, because("suspend", context, inside=meeting.count_inside())),)
    if command.report is None:
        return Decision(facts)
    filing = file_report(
        meeting,
        context,
        source="suspend",
        subjects=command.report.participants,
        issue=command.report.issue,
        text=command.report.text,
    )
    return filed(filing, Decision(facts))


def in_force(meeting: Meeting) -> bool:
    """Whether every part of a suspension holds: all barred, locked, no room open, nobody exempt, no participant running.

    A cohost's exemption counts too: it would hold again once they are a participant.
    """
    whole = meeting.suspended == frozenset(Activity) and meeting.locked and not meeting.rooms
    return whole and not any(
        (is_streaming(person) and not person.is_host) or _exempt(person) for person in meeting.people.values()
    )


def evolve_suspended(meeting: Meeting, event: Suspended, stamp: Stamp) -> Meeting:
    meeting = evolve_stops(meeting, event.stopped)
    exempt = {one: _without_exemption(person, stamp) for one, person in meeting.people.items() if _exempt(person)}
    people = {**meeting.people, **exempt} if exempt else meeting.people
    return replace(meeting, people=people, suspended=frozenset(event.activities), locked=True, rooms=())


def _exempt(person: Person) -> bool:
    return bool(person.grants or person.chat_grant or person.asked_to_unmute or person.room is not None)


def _without_exemption(person: Person, stamp: Stamp) -> Person:
    freed = replace(person, grants=frozenset(), chat_grant=None, asked_to_unmute=False)
    return freed if freed.room is None else replace(freed, room=None, placed=stamp.seq, room_since=stamp.seq)


def hear_suspended(before: Meeting, after: Meeting, event: Suspended) -> Audience:
    return EVERYONE


def show_suspended(view: View, frame: dict[str, Any]) -> None:
    show_stops(view, frame["stopped"])
    for row in view["participants"]:
        row.pop("room", None)
    view["meeting"].update(rooms=[], suspended=sorted(frame["activities"]), locked=True)
    view["me"].update(grants=[], chat_grant=None, asked_to_unmute=False)
    refold_rights(view)


CONTROLS = (
    Control(
        Suspend,
        decide_suspend,
        who="host, cohost",
        summary="Suspend participant activities.",
        http=True,
        events=(
            EventRow(
                Suspended,
                evolve_suspended,
                hear_suspended,
                show_suspended,
                "Participant activities are suspended.",
            ),
        ),
    ),
)
