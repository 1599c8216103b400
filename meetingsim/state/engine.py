"""The pure engine: decide, evolve, audience, show and next_deadline are look-ups in the control table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from meetingsim.state.control import (
    Audience,
    Command,
    Context,
    Decision,
    Event,
    Fact,
    Recorded,
    Refuse,
    Refused,
    Stamp,
)
from meetingsim.state.controls import BY_COMMAND, BY_EVENT, EVENTS
from meetingsim.state.controls.join import Join
from meetingsim.state.controls.presence import Resume
from meetingsim.state.meeting import Meeting, Person, Place, View
from meetingsim.state.plain import build, plain
from meetingsim.state.settings import Settings

NOTHING = Meeting(id="", epoch="", topic="", kind="meeting", settings=Settings(), host_token="", id_key="")
"""The meeting before its first event."""


def decide(meeting: Meeting, command: Command, context: Context) -> Decision | Refused:
    """What the command leads to in this meeting, or why not. Changes nothing."""
    try:
        return BY_COMMAND[type(command)].decide(meeting, command, context)
    except Refuse as refuse:
        return refuse.refused(_told_reason(refuse, command, context))


def _told_reason(refuse: Refuse, command: Command, context: Context) -> dict[str, Any]:
    """What the refused are told of the reason: rule and door, at the door their own country; never what gave them away."""
    if not isinstance(command, Join | Resume):
        return {"rule": command.type, "door": context.door}
    origin = context.origin
    found = {"country": origin.country, "source": origin.source}
    return {"rule": refuse.refusal.code, "door": context.door, **found}


def decide_each(meeting: Meeting, commands: Sequence[Command], context: Context) -> Decision | Refused:
    """Several commands as one: each judged on what the ones before lead to; one refusal refuses all."""
    facts: list[Fact] = []
    now = meeting
    for command in commands:
        decision = decide(now, command, context)
        if isinstance(decision, Refused):
            return Refused(decision.refusal)
        facts += decision.facts
        now, _ = record(now, decision.facts, context.now)
    return Decision(tuple(facts))


def evolve(meeting: Meeting, event: Event, stamp: Stamp) -> Meeting:
    """The meeting after the event. The seq is the event's; an impossible event raises and changes nothing."""
    return replace(BY_EVENT[type(event)].evolve(meeting, event, stamp), seq=stamp.seq)


def audience(before: Meeting, after: Meeting, event: Event) -> Audience:
    """Who is told the event."""
    return BY_EVENT[type(event)].audience(before, after, event)


def show(view: View, frame: dict[str, Any]) -> None:
    """Folds an event's frame into a viewer's picture, in place."""
    EVENTS[frame["type"]].show(view, frame)


def record(meeting: Meeting, facts: Sequence[Fact], now: int) -> tuple[Meeting, list[Recorded]]:
    """Gives the facts their places in the journal, and the meeting after them."""
    rows: list[Recorded] = []
    for fact in facts:
        seq = meeting.seq + 1
        after = evolve(meeting, fact.event, Stamp(seq, now))
        heard = audience(meeting, after, fact.event)
        rows.append(Recorded(seq, now, fact.event, fact.because, heard))
        meeting = after
    return meeting, rows


def hears(told: Audience, person: Person) -> bool:
    """Whether somebody with this seat is in the audience: one function for the socket, a resume and ``/events``."""
    if person.id in told.only:
        return True
    if person.where is not Place.INSIDE:
        return False
    if told.hosts and person.is_host:
        return True
    return told.inside and (not told.in_one_room or person.room == told.room)


def hosts_hear(told: Audience, host: str | None) -> bool:
    """Whether the holder of the host token reads the event over HTTP: what hosts are told, and what they were told themselves."""
    return told.inside or told.hosts or (host is not None and host in told.only)


def next_deadline(meeting: Meeting) -> int | None:
    """When the clock has something to do here (ms), or None."""
    return min((p.gone_at for p in meeting.people.values() if p.gone_at is not None), default=None)


def event_data(event: Event) -> dict[str, Any]:
    """An event's fields as the journal keeps them."""
    data: dict[str, Any] = plain(event)
    return data


def event_from(kind: str, data: Mapping[str, Any]) -> Event:
    """An event out of the journal. Raises KeyError for a kind that this version does not know."""
    event: Event = build(EVENTS[kind].event, data)
    return event


def audience_data(told: Audience) -> dict[str, Any]:
    """An audience as the journal keeps it."""
    data: dict[str, Any] = plain(told)
    return data


def audience_from(data: Mapping[str, Any]) -> Audience:
    """An audience out of the journal."""
    told: Audience = build(Audience, data)
    return told
