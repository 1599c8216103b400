"""The signature test: for every generated meeting and every viewer, what was told adds up to what they may know.

And that it would notice: faults are planted one by one, and for each the test must find a meeting that shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings

from meetingsim.state import delivery, engine, view
from meetingsim.state.change import EVERYONE, HOSTS_ONLY, NOBODY, put, touch
from meetingsim.state.control import Audience, Event, EventRow, Stamp
from meetingsim.state.controls import BY_EVENT, EVENTS
from meetingsim.state.meeting import Meeting
from meetingsim.state.places import move
from tests import driver
from tests.meetings import Plan, meetings, play
from tests.state.signature import check, check_whole


def hold(plan: Plan) -> None:
    """The signature of one meeting."""
    check_whole(play(plan, check))


@given(meetings())
def test_everyone_was_told_what_they_may_know_and_replay_equals_live(plan: Plan) -> None:
    hold(plan)


Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Fault:
    """Something wrong with one of an event's functions, or with what goes by them."""

    name: str
    plant: Plant

    def __str__(self) -> str:
        return self.name


def heard_by(name: str, kind: str, wrong: Callable[[Meeting, Meeting, Any], Audience]) -> Fault:
    """An event is told to others than it should be."""
    return Fault(name, lambda patch: _plant(patch, kind, audience=wrong))


def evolved_by(name: str, kind: str, wrong: Callable[[Meeting, Any, Stamp], Meeting]) -> Fault:
    """An event changes the meeting in another way than it should."""
    return Fault(name, lambda patch: _plant(patch, kind, evolve=wrong))


def shown_by(name: str, kind: str, wrong: Callable[[dict[str, Any], dict[str, Any]], None]) -> Fault:
    """An event changes pictures in another way than it should."""
    return Fault(name, lambda patch: _plant(patch, kind, show=wrong))


def _plant(patch: pytest.MonkeyPatch, kind: str, **functions: Any) -> None:
    row: EventRow = replace(EVENTS[kind], **functions)
    patch.setitem(EVENTS, kind, row)
    patch.setitem(BY_EVENT, row.event, row)


def forgets(kind: str, **forgotten: Any) -> Callable[[Meeting, Any, Stamp], Meeting]:
    """Evolves as it should, but for these fields of the person concerned."""
    right = EVENTS[kind].evolve

    def evolve(meeting: Meeting, event: Any, stamp: Stamp) -> Meeting:
        return touch(right(meeting, event, stamp), event.participant, **forgotten) if event.participant else meeting

    return evolve


def keeps_streams(meeting: Meeting, event: Any, stamp: Stamp) -> Meeting:
    person = meeting.people[event.participant]
    return touch(EVENTS["left"].evolve(meeting, event, stamp), person.id, session="", audio=person.audio)


def told(everyone_of: Callable[[Meeting], Any], base: Audience) -> Callable[[Meeting, Meeting, Any], Audience]:
    return lambda before, after, event: replace(base, only=frozenset(everyone_of(after)))


def ordinary_people(meeting: Meeting) -> list[str]:
    return [one.id for one in meeting.people.values() if not one.is_host]


def nothing(view: dict[str, Any], frame: dict[str, Any]) -> None:
    """Shows nothing."""


def _settings_for_all(patch: pytest.MonkeyPatch) -> None:
    right = view.meeting_row
    patch.setattr(view, "meeting_row", lambda meeting, for_host: right(meeting, for_host=True))


def _outsiders_hear_as_if_inside(patch: pytest.MonkeyPatch) -> None:
    right = delivery._one

    def one(before: Meeting, after: Meeting, rows: Any, was: Any, now: Any, entered: Any) -> Any:
        if any(row.event.type == "suspended" for row in rows) and now.id in after.queue:
            return delivery.Delivery((now.id,), tuple(rows))
        return right(before, after, rows, was, now, entered)

    patch.setattr(delivery, "_one", one)
    patch.setattr(delivery, "_unmoved_outside", lambda was, now: False)


def _events_after_removal(patch: pytest.MonkeyPatch) -> None:
    right = delivery._gone

    def gone(rows: Any, was: Any, now: Any) -> Any:
        found = right(rows, was, now)
        return found and replace(found, events=tuple(rows))

    patch.setattr(delivery, "_gone", gone)


def _unrecorded(kind: str, field: str) -> Plant:
    """A field that replay needs is not written down."""
    right = engine.event_data

    def data(event: Event) -> dict[str, Any]:
        return {name: value for name, value in right(event).items() if event.type != kind or name != field}

    return lambda patch: patch.setattr(driver, "event_data", data)


FAULTS = (
    heard_by("a suspension told to the waiting room", "suspended", told(lambda after: after.queue, EVERYONE)),
    Fault("a suspension delivered to the waiting room", _outsiders_hear_as_if_inside),
    heard_by("a knock told to everyone", "joined_waiting_room", lambda before, after, event: EVERYONE),
    heard_by("a country told to a participant", "origin_known", lambda before, after, event: EVERYONE),
    heard_by("a rename not told to hosts", "renamed", told(ordinary_people, NOBODY)),
    heard_by("a rename told to nobody", "renamed", lambda before, after, event: NOBODY),
    Fault("the settings in everybody's view", _settings_for_all),
    Fault("the removed hear of their removal", _events_after_removal),
    heard_by(
        "the waiting room hears every thread",
        "waiting_room_message",
        told(lambda after: after.queue, HOSTS_ONLY),
    ),
    heard_by("private chat told to everyone", "message", lambda before, after, event: EVERYONE),
    heard_by("the settings told to everyone", "settings_changed", lambda before, after, event: EVERYONE),
    heard_by("the region rule told to everyone", "region_rule_set", lambda before, after, event: EVERYONE),
    heard_by("a drop told to nobody", "reconnecting", lambda before, after, event: NOBODY),
    heard_by("one's own bar not told", "disallowed", lambda before, after, event: HOSTS_ONLY),
    shown_by("a suspension not shown", "suspended", nothing),
    shown_by("an admission leaves the waiting row", "admitted", EVENTS["joined"].show),
    shown_by("a stop not shown", "disallowed", lambda view, frame: None),
    evolved_by("bars are forgotten", "disallowed", forgets("disallowed", bars=frozenset())),
    evolved_by("being asked to unmute is forgotten", "asked_to_unmute", lambda meeting, event, stamp: meeting),
    evolved_by(
        "whoever is put back keeps a place inside",
        "put_in_waiting_room",
        lambda meeting, event, stamp: put(meeting, replace(meeting.people[event.participant], changed=stamp.seq)),
    ),
    evolved_by(
        "whoever is put back keeps the role",
        "put_in_waiting_room",
        lambda meeting, event, stamp: put(meeting, move(meeting.people[event.participant], event.type, stamp)),
    ),
    Fault("sessions are not recorded", _unrecorded("connection_replaced", "session")),
    Fault("origins are not recorded", _unrecorded("origin_known", "origin")),
)
QUICKLY = settings(max_examples=500, derandomize=True, database=None, phases=[Phase.generate])


def fails(plan: Plan) -> bool:
    """Whether the signature notices; a fold that cannot go on is one way of noticing."""
    try:
        hold(plan)
    except Exception:
        return True
    return False


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_planted_fault_is_found(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    fault.plant(monkeypatch)
    plan = find(meetings(), fails, settings=QUICKLY)
    monkeypatch.undo()
    assert not fails(plan), "found, but not because of the fault"
