"""The engine: refusals are values, several commands are one request, and who hears what is one question."""

from __future__ import annotations

from dataclasses import replace

import pytest

from meetingsim.state import engine
from meetingsim.state.control import Asker, Audience, Context, Decision, Refused, Stamp
from meetingsim.state.controls.audio_video import SetAudio
from meetingsim.state.controls.chat import Chat
from meetingsim.state.controls.delete_message import DeleteMessage
from meetingsim.state.controls.lock import Lock, Unlock
from meetingsim.state.controls.presence import Resume
from meetingsim.state.controls.start_end import End
from meetingsim.state.entry_events import OriginKnown
from meetingsim.state.meeting import Keys, Meeting, Origin, Person, Place, Role
from meetingsim.state.settings import WaitingRoom
from tests.driver import HTTP_HOST
from tests.state.room import room, started


def context(kind: str = "host", participant: str | None = None) -> Context:
    asker = HTTP_HOST if kind == "host" else Asker("person", participant)
    return Context(1_000, asker, "socket")


def test_a_decision_changes_nothing_and_is_the_same_every_time() -> None:
    meeting = started().meeting
    before = repr(meeting)
    first = engine.decide(meeting, Lock(), context())
    assert engine.decide(meeting, Lock(), context()) == first
    assert repr(meeting) == before


def test_a_refusal_is_a_value_that_names_rule_and_door() -> None:
    here = room()
    refused = engine.decide(here.sim.meeting, Lock(), context("person", here.mia))
    assert isinstance(refused, Refused)
    assert (refused.refusal.code, refused.facts, refused.tally) == ("not_host", (), False)
    assert refused.refusal.because == {"rule": "lock", "door": "socket"}
    at_the_door = engine.decide(here.sim.meeting, Resume("unknown", "", 0), context())
    assert isinstance(at_the_door, Refused)
    assert at_the_door.refusal.because == {"rule": "resume_lost", "door": "socket", "country": None, "source": "none"}


def test_several_commands_are_judged_each_on_what_the_ones_before_led_to() -> None:
    meeting = started().meeting
    decided = engine.decide_each(meeting, (Lock(), Lock(), Unlock(), Lock()), context())
    assert isinstance(decided, Decision)
    assert [fact.event.type for fact in decided.facts] == ["locked", "unlocked", "locked"]
    refused = engine.decide_each(meeting, (Lock(), End(), Unlock()), context())
    assert isinstance(refused, Refused)
    assert (refused.refusal.code, refused.facts) == ("ended", ())


def test_recording_counts_on_and_says_who_is_told() -> None:
    sim = started()
    decided = engine.decide(sim.meeting, Lock(), context())
    assert isinstance(decided, Decision)
    after, rows = engine.record(sim.meeting, decided.facts, 5_000)
    (row,) = rows
    assert (row.seq, row.at, after.seq, after.locked) == (sim.meeting.seq + 1, 5_000, sim.meeting.seq + 1, True)
    assert row.audience == engine.audience(sim.meeting, after, row.event) == Audience(inside=True)
    assert engine.evolve(sim.meeting, row.event, Stamp(row.seq, row.at)) == after
    assert row.because == {"rule": "lock", "door": "socket", "asked_by": "host"}
    assert engine.record(after, (), 6_000) == (after, [])


def test_recording_asks_who_is_told_in_the_meeting_that_the_event_led_to() -> None:
    here = room()
    line = here.says(here.mia, Chat("hello")).events[0].message
    decided = engine.decide(here.sim.meeting, DeleteMessage(line), context("person", here.mia))
    assert isinstance(decided, Decision)
    _, (row,) = engine.record(here.sim.meeting, decided.facts, 5_000)
    assert row.audience == Audience(inside=True, in_one_room=True, only=frozenset({here.mia}))


def test_a_country_without_the_rest_is_an_origin_too() -> None:
    here = room()
    after = engine.evolve(here.sim.meeting, OriginKnown(here.mia, "US"), Stamp(99, 1_000))
    assert after.people[here.mia].origin == Origin(country="US")


def somebody(place: Place = Place.INSIDE, role: Role = Role.PARTICIPANT, room_name: str | None = None) -> Person:
    seat = Place.INSIDE if place is Place.RECONNECTING else None
    return Person("p1", "Mia", role, place, Keys(), seat=seat, room=room_name)


INSIDE, HOSTS = Audience(inside=True), Audience(hosts=True)
ONE, ROOM_A = Audience(only=frozenset({"p1"})), Audience(inside=True, room="A", in_one_room=True)


@pytest.mark.parametrize(
    ("person", "hears"),
    [
        (somebody(), {"inside", "one"}),
        (somebody(Place.RECONNECTING), {"inside", "one"}),
        (somebody(role=Role.COHOST), {"inside", "one", "hosts"}),
        (somebody(role=Role.HOST, room_name="A"), {"inside", "one", "hosts", "room"}),
        (somebody(room_name="A"), {"inside", "one", "room"}),
        (somebody(room_name="B"), {"inside", "one"}),
        (somebody(Place.WAITING, Role.COHOST), {"one"}),
        (somebody(Place.EARLY), {"one"}),
        (somebody(Place.LEFT, Role.HOST), {"one"}),
        (somebody(Place.REMOVED), {"one"}),
    ],
)
def test_who_hears(person: Person, hears: set[str]) -> None:
    audiences = {"inside": INSIDE, "hosts": HOSTS, "one": ONE, "room": ROOM_A, "nobody": Audience()}
    assert {name for name, told in audiences.items() if engine.hears(told, person)} == hears


def test_what_the_holder_of_the_host_token_reads() -> None:
    for told, reads in ((INSIDE, True), (HOSTS, True), (Audience(), False), (ROOM_A, True)):
        assert engine.hosts_hear(told, None) is reads
    assert engine.hosts_hear(ONE, "p1") is True
    assert engine.hosts_hear(ONE, "p2") is False
    assert engine.hosts_hear(ONE, None) is False


def test_the_next_deadline_is_the_first_grace_to_end() -> None:
    here = room()
    assert engine.next_deadline(here.sim.meeting) is None
    here.sim.drop(here.mia)
    first = here.person(here.mia).gone_at
    here.sim.pass_time(5)
    here.sim.drop(here.noah)
    assert engine.next_deadline(here.sim.meeting) == first
    here.sim.resume(here.sim.sessions[here.mia])
    assert engine.next_deadline(here.sim.meeting) == here.person(here.noah).gone_at


def test_an_audience_goes_through_the_journal() -> None:
    for told in (INSIDE, HOSTS, ONE, ROOM_A, Audience(), Audience(hosts=True, only=frozenset({"b", "a"}))):
        data = engine.audience_data(told)
        assert engine.audience_from(data) == told
    assert engine.audience_data(Audience(only=frozenset({"b", "a"})))["only"] == ["a", "b"]


def test_an_unknown_event_of_the_journal_is_an_error() -> None:
    with pytest.raises(KeyError):
        engine.event_from("teleported", {})


def test_nothing_is_a_meeting_without_anybody() -> None:
    assert (engine.NOTHING.seq, engine.NOTHING.people, engine.NOTHING.status) == (0, {}, "scheduled")


def test_people_inside_stand_in_the_order_they_entered() -> None:
    here = room(waiting_room=WaitingRoom())
    zoe = here.sim.enter("Zoe")
    meeting: Meeting = here.sim.meeting
    assert [one.id for one in meeting.inside()] == [here.host, here.cohost, here.mia, here.noah]
    turned = replace(meeting, people=dict(reversed(list(meeting.people.items()))))
    assert [one.id for one in turned.inside()] == [one.id for one in meeting.inside()]
    assert meeting.count_inside() == 4
    here.sim.drop(here.mia)
    assert here.sim.meeting.count_inside() == 4
    assert zoe in here.sim.meeting.queue


def test_only_people_inside_do_things_for_themselves() -> None:
    here = room()
    refused = engine.decide(here.sim.meeting, SetAudio(True), context())
    assert isinstance(refused, Refused)
    assert refused.refusal.code == "not_inside"
