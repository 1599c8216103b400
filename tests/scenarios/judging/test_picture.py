"""The picture that is folded from the facts of a run says what the meeting is."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from meetingsim.scenarios.picture import Picture
from meetingsim.scenarios.trace import Fact, Member, Trace
from meetingsim.state.meeting import Meeting, Person
from meetingsim.state.plain import frame_of, plain
from meetingsim.state.view import settings_row
from tests.driver import Sim
from tests.meetings import Plan, meetings, play


def members_of(sim: Sim) -> dict[str, Member]:
    """A member of the cast for everybody who ever came, by another name than the wire's."""
    role = {one.id: one.role.value for one in sim.meeting.people.values()}
    return {f"cast[{one}]": Member(f"cast[{one}]", "cast", 0, role[one], None, None, "") for one in role}


def trace_of(sim: Sim) -> Trace:
    """What a run would have written down of a meeting."""
    people = {one.removeprefix("cast[").removesuffix("]"): one for one in members_of(sim)}
    trace = Trace("made", 1, "here", "virtual", 0, frozenset({"server"}), members_of(sim), people)
    trace.settings = settings_row(sim.settings)
    for row in sim.rows:
        frame = frame_of(row.event, row.seq, row.at)
        fields = {name: value for name, value in frame.items() if name not in {"type", "seq", "at"}}
        trace.facts.append(Fact(row.event.type, row.at, fields, seq=row.seq))
    return trace


def as_seen(person: Person) -> dict[str, Any]:
    """What the picture should say of somebody."""
    return {
        "role": person.role.value,
        "name": person.name,
        "place": person.place.value,
        "seat": person.where.value if person.where.value in {"early", "waiting", "inside"} else None,
        "country": person.origin.country,
        **{name: getattr(person, name) for name in ("audio", "video", "share", "recording", "hand", "room")},
    }


def as_meant(meeting: Meeting) -> dict[str, Any]:
    """What the picture should say of the meeting."""
    settings = settings_row(meeting.settings)
    return {
        "topic": meeting.topic,
        "status": meeting.status,
        "locked": meeting.locked,
        "suspended": plain(meeting.suspended),
        "rooms": list(meeting.rooms),
        "settings": settings,
        "allow": settings["allow"],
        "waiting_room": settings["waiting_room"],
    }


@given(meetings())
def test_the_picture_says_what_the_meeting_is(plan: Plan) -> None:
    sim = play(plan)
    trace = trace_of(sim)
    picture = Picture(trace)
    for fact in trace.facts:
        picture.apply(fact)
    for person in sim.meeting.people.values():
        row, said = picture.cast[f"cast[{person.id}]"], as_seen(person)
        assert {name: row[name] for name in said} == said
    said = as_meant(sim.meeting)
    assert {name: picture.meeting[name] for name in said} == said
    assert picture.waiting_count == len(sim.meeting.queue)
