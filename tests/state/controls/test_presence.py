"""Leaving, dropping, coming back within the grace, and what the clock and a restart do."""

from __future__ import annotations

import pytest

from meetingsim.state.control import Asker
from meetingsim.state.controls.audio_video import Mute, SetAudio
from meetingsim.state.controls.chat import Chat
from meetingsim.state.controls.cohost import MakeCohost
from meetingsim.state.controls.lock import Lock
from meetingsim.state.controls.presence import Drop, Leave, Restarted, TimePassed
from meetingsim.state.controls.set_region_rule import SetRegionRule
from meetingsim.state.controls.set_waiting_room import SetWaitingRoom
from meetingsim.state.controls.start_end import End
from meetingsim.state.engine import next_deadline
from meetingsim.state.meeting import GRACE_MS, Origin, Place
from meetingsim.state.settings import WaitingRoom
from tests.driver import CLOCK, NOON
from tests.state.room import change, room, scheduled


def test_leaving_is_for_good() -> None:
    here = room()
    session = here.sim.sessions[here.mia]
    left = here.says(here.mia, Leave())
    assert left.types == ["left"]
    assert left.reason == {"rule": "leave", "door": "socket", "asked_by": here.mia}
    assert here.sim.inbox[here.mia][-1] == {"type": "close", "code": 1000}
    assert here.sim.inbox[here.noah][-1]["participant"] == here.mia
    assert here.says(here.mia, Leave()).code == "not_inside"
    assert here.sim.resume(session).code == "resume_lost"
    assert here.sim.tell("nobody", Leave()).code == "not_inside"


def test_the_hosts_alone_hear_that_somebody_gave_up_waiting() -> None:
    here = room(waiting_room=WaitingRoom())
    zoe = here.sim.enter("Zoe")
    left = here.says(zoe, Leave())
    assert (left.rows[0].audience.hosts, left.rows[0].audience.inside) == (True, False)
    assert here.sim.pictures[here.host]["waiting"] == []


def test_a_drop_keeps_the_seat_for_thirty_seconds() -> None:
    here = room()
    dropped = here.sim.drop(here.mia)
    assert dropped.types == ["reconnecting"]
    person = here.person(here.mia)
    assert (person.place, person.where, person.gone_at) == (Place.RECONNECTING, Place.INSIDE, NOON + 30_000)
    assert next_deadline(here.sim.meeting) == NOON + GRACE_MS
    row = next(row for row in here.sim.pictures[here.noah]["participants"] if row["id"] == here.mia)
    assert row["place"] == "reconnecting"
    assert here.sim.pass_time(29_999) is None
    assert here.sim.run(TimePassed(), CLOCK, "resume").types == []
    over = here.sim.pass_time(1)
    assert over is not None
    assert (over.types, over.reason["rule"]) == (["left"], "grace")
    assert here.person(here.mia).place is Place.LEFT
    assert next_deadline(here.sim.meeting) is None
    assert here.sim.resume(here.sim.sessions[here.mia]).code == "resume_lost"


def test_what_is_gone_or_dropped_already_is_not_dropped_again() -> None:
    here = room()
    here.sim.drop(here.mia)
    for participant in (here.mia, "nobody"):
        assert here.sim.run(Drop(), Asker("person", participant)).types == []
    here.says(here.noah, Leave())
    assert here.sim.run(Drop(), Asker("person", here.noah)).types == []


def test_a_resume_goes_on_with_the_same_presence_past_lock_capacity_and_waiting_room() -> None:
    here = room()
    here.says(here.mia, SetAudio(True))
    here.sim.drop(here.mia)
    here.says(here.host, Lock())
    here.says(here.host, SetWaitingRoom(True))
    change(here.sim, capacity=1)
    back = here.sim.resume(here.sim.sessions[here.mia])
    assert (back.code, back.participant, back.types) == (None, here.mia, ["reconnected"])
    person = here.person(here.mia)
    assert (person.place, person.audio, person.gone_at) == (Place.INSIDE, True, None)
    assert back.reason == {
        "rule": "resume",
        "door": "resume",
        "asked_by": here.mia,
        "country": "BR",
        "source": "plan",
        "database": None,
        "built": None,
        "address": None,
    }


def test_what_was_missed_comes_once_and_in_order_unless_the_role_changed() -> None:
    here = room()
    here.sim.drop(here.mia)
    here.says(here.noah, Chat("to all"))
    here.says(here.noah, Chat("to hosts", "hosts"))
    before = len(here.sim.inbox[here.mia])
    here.sim.resume(here.sim.sessions[here.mia])
    missed = here.sim.inbox[here.mia][before:]
    assert [frame["type"] for frame in missed] == ["connected", "reconnecting", "message", "reconnected"]
    here.sim.drop(here.mia)
    here.says(here.host, MakeCohost(here.mia))
    here.sim.resume(here.sim.sessions[here.mia])
    assert here.sim.inbox[here.mia][-1]["type"] == "view"


def test_a_newer_connection_by_session_replaces_the_older_one() -> None:
    here = room()
    again = here.sim.resume(here.sim.sessions[here.mia])
    assert again.types == ["connection_replaced"]
    assert (again.rows[0].audience.hosts, again.rows[0].audience.inside) == (True, False)
    assert here.sim.resume(here.sim.sessions[here.mia]).code is None, "the session stays the same"


def test_a_join_makes_the_earlier_session_void() -> None:
    here = room()
    session = here.sim.sessions[here.host]
    here.sim.drop(here.host)
    here.sim.enter("Prof. Ito", host=True)
    assert here.sim.resume(session).code == "resume_lost"
    assert here.sim.resume(here.sim.sessions[here.host]).code is None


@pytest.mark.parametrize("session", ["", "unknown", "session-99"])
def test_an_unknown_session_is_lost(session: str) -> None:
    assert room().sim.resume(session).code == "resume_lost"


def test_whoever_waits_or_came_early_keeps_their_place_too() -> None:
    sim = scheduled(waiting_room=WaitingRoom())
    early = sim.enter("Mia")
    sim.drop(early)
    assert sim.meeting.early == (early,)
    sim.resume(sim.sessions[early])
    assert sim.person(early).place is Place.EARLY
    sim.drop(early)
    sim.join("Prof. Ito", host=True)
    assert sim.meeting.queue == (early,)
    waiting = sim.enter("Noah")
    assert [sim.resume(sim.sessions[one]).code for one in (early, waiting)] == [None, None]
    assert list(sim.meeting.queue) == [early, waiting]
    assert sim.inbox[early][-1]["view"]["me"]["position"] == 1


def test_an_early_one_whose_grace_is_over_has_left() -> None:
    sim = scheduled()
    early = sim.enter("Mia")
    sim.drop(early)
    sim.pass_time(GRACE_MS)
    assert (sim.person(early).place, sim.meeting.early) == (Place.LEFT, ())


def test_whoever_is_reconnecting_counts_for_controls_as_what_they_were() -> None:
    here = room()
    here.says(here.mia, SetAudio(True))
    here.sim.drop(here.mia)
    assert here.says(here.host, Mute(here.mia)).types == ["audio_changed"]
    assert here.sim.meeting.count_inside() == 4


def test_a_restart_keeps_every_seat_for_a_whole_grace_from_then() -> None:
    here = room(waiting_room=WaitingRoom())
    waiting = here.sim.enter("Zoe")
    gone = here.sim.enter("Xaver")
    here.says(gone, Leave())
    here.sim.drop(here.noah)
    here.sim.pass_time(20_000)
    restarted = here.sim.restart()
    present = (here.host, here.cohost, here.mia, here.noah, waiting)
    assert [event.participant for event in restarted.events] == list(present)
    assert {row.because["rule"] for row in restarted.rows if row.because} == {"restart"}
    assert here.sim.pass_time(29_999) is None
    assert here.sim.resume(here.sim.sessions[here.noah]).code is None
    over = here.sim.pass_time(1)
    assert over is not None
    assert over.types == ["left"] * 4
    assert here.person(here.noah).place is Place.INSIDE


def test_after_the_end_nobody_comes_back() -> None:
    here = room()
    session = here.sim.sessions[here.mia]
    here.says(here.host, End())
    assert here.sim.resume(session).code == "ended"
    assert here.says(here.mia, Leave()).code == "ended"
    assert here.sim.run(Restarted(), CLOCK, "resume").types == []
    assert here.sim.run(Drop(), Asker("person", here.mia)).types == []


def test_a_resume_from_elsewhere_is_written_down_whole() -> None:
    here = room()
    moved = Origin("198.51.100.9", "US", "database", "test", "2026-01-01", anonymous="vpn")
    here.sim.drop(here.mia)
    here.sim.resume(here.sim.sessions[here.mia], origin=moved)
    assert here.person(here.mia).origin == moved


def test_a_refused_resume_is_a_fact_with_a_name() -> None:
    here = room()
    here.sim.drop(here.mia)
    here.says(here.host, SetRegionRule("deny", ("US",)))
    refused = here.sim.resume(here.sim.sessions[here.mia], origin=Origin(country="US", source="plan"))
    assert [(event.code, event.name, event.country) for event in refused.events] == [("region_blocked", "Mia", "US")]


def test_knocks_that_nobody_was_told_of_are_told_when_the_time_is_over() -> None:
    here = room()
    for _ in range(3):
        here.sim.join("Eve", passcode="wrong")
    told = here.sim.pass_time(10_000)
    assert told is not None
    assert [(event.code, event.name, event.count) for event in told.events] == [("wrong_passcode", None, 2)]
    assert here.sim.pass_time(20_000) is None
