"""Letting people in who wait, one by one or all; removals, region and capacity are looked at again every time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from meetingsim.state.control import Command, Context, Control, Decision, Refuse
from meetingsim.state.entry import admission, admissions, check_admission
from meetingsim.state.guards import require_host, require_person
from meetingsim.state.meeting import Meeting, Place


@dataclass(frozen=True, slots=True)
class Admit(Command):
    """Let one waiting person in; ``if_seq`` refuses with ``conflict`` if the entry changed after that seq."""

    type: ClassVar[str] = "admit"
    participant: str
    if_seq: int | None = None


@dataclass(frozen=True, slots=True)
class AdmitAll(Command):
    """Let everybody in who waits, in order; with ``up_to`` only those who had knocked by that seq."""

    type: ClassVar[str] = "admit_all"
    up_to: int | None = None


def decide_admit(meeting: Meeting, command: Admit, context: Context) -> Decision:
    by = require_host(meeting, context)
    person = require_person(meeting, command.participant)
    if person.place is Place.INSIDE:
        return Decision()
    if person.place is not Place.WAITING:
        denied = person.place is Place.LEFT and person.decision == "denied"
        raise (
            Refuse("already_decided", "That person was denied.")
            if denied
            else Refuse("not_waiting", "That person is not waiting.")
        )
    if command.if_seq is not None and person.changed > command.if_seq:
        raise Refuse("conflict", "That entry changed meanwhile: look again.")
    check_admission(meeting, person)
    return Decision((admission(person, by, "admit", context),))


def decide_admit_all(meeting: Meeting, command: AdmitAll, context: Context) -> Decision:
    by = require_host(meeting, context)
    waiting = [meeting.people[one] for one in meeting.queue]
    chosen = [
        person
        for person in waiting
        if person.place is Place.WAITING and (command.up_to is None or person.queued <= command.up_to)
    ]
    return Decision(tuple(admissions(meeting, chosen, by, "admit_all", context)))


CONTROLS = (
    Control(Admit, decide_admit, who="host, cohost", summary="Let one waiting person in.", http=True),
    Control(AdmitAll, decide_admit_all, who="host, cohost", summary="Let everybody in who waits.", http=True),
)
