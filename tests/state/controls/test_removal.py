"""Removing: at once, out of everything, and no way back by what the meeting recognises people by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from meetingsim.state.controls.admit import Admit
from meetingsim.state.controls.audio_video import SetAudio
from meetingsim.state.controls.deny import Deny
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.controls.remove import Remove, ReportWith
from meetingsim.state.controls.rename import Rename
from meetingsim.state.controls.set_waiting_room import SetWaitingRoom
from meetingsim.state.controls.start_end import End
from meetingsim.state.meeting import GRACE_MS, Origin, Place, Why
from meetingsim.state.settings import MatchKey, Removal, WaitingRoom
from tests.state.room import change, room, scheduled, started

AT_HOME = Origin("192.0.2.7", "BR", "database")


def test_the_removed_are_told_nothing_and_closed_and_the_others_are_told() -> None:
    here = room()
    removed = here.says(here.host, Remove(here.mia))
    assert removed.types == ["removed"]
    assert here.sim.inbox[here.mia][-1] == {"type": "close", "code": 4500}
    assert here.sim.inbox[here.noah][-1] == {
        "type": "removed",
        "seq": removed.rows[0].seq,
        "at": "2026-01-01T12:00:00.000Z",
        "participant": here.mia,
        "by": here.host,
    }
    assert here.mia not in here.sim.pictures
    assert removed.reason == {
        "rule": "remove",
        "door": "socket",
        "asked_by": here.host,
        "may_return": False,
        "country": "BR",
        "source": "plan",
        "database": None,
        "built": None,
        "address": None,
    }


def test_removal_ends_every_stream() -> None:
    here = room()
    here.says(here.mia, SetAudio(True))
    here.says(here.host, Remove(here.mia))
    gone = here.person(here.mia)
    assert (gone.audio, gone.place) == (False, Place.REMOVED)


def test_a_session_of_the_removed_is_answered_removed() -> None:
    here = room()
    session = here.sim.sessions[here.mia]
    here.says(here.host, Remove(here.mia, may_return=True))
    assert here.sim.resume(session).code == "removed"


def test_who_may_remove_whom() -> None:
    here = room()
    assert here.says(here.mia, Remove(here.noah)).code == "not_host"
    assert here.says(here.cohost, Remove(here.host)).code == "protected"
    assert here.says(here.cohost, Remove(here.cohost)).code == "protected"
    assert here.sim.http(Remove(here.host)).code == "protected"
    assert here.says(here.host, Remove("nobody")).code == "no_such_participant"
    assert here.says(here.cohost, Remove(here.mia)).code is None
    assert here.says(here.host, Remove(here.cohost)).code is None


def test_removing_the_removed_changes_nothing() -> None:
    here = room()
    here.says(here.host, Remove(here.mia))
    again = here.says(here.host, Remove(here.mia))
    assert (again.code, again.types) == (None, [])


@pytest.mark.parametrize("way", ["leave", "grace", "denied"])
def test_going_first_is_no_way_round_a_removal(way: str) -> None:
    here = room()
    mallory = here.sim.enter("Mallory", device="d-1")
    if way == "leave":
        here.says(mallory, Leave())
    elif way == "grace":
        here.sim.drop(mallory)
        here.sim.pass_time(GRACE_MS)
    else:
        here.says(here.host, PutInWaitingRoom(mallory))
        here.says(here.host, Deny(mallory))
    assert here.person(mallory).place is Place.LEFT
    removed = here.says(here.host, Remove(mallory))
    assert removed.types == ["removed"]
    assert (removed.rows[0].audience.hosts, removed.rows[0].audience.inside) == (True, False)
    assert here.sim.join("Mallory", device="d-1").code == "removed"
    assert here.sim.resume(here.sim.sessions[mallory]).code == "removed"


def test_somebody_of_equal_rank_who_left_stays_out_of_reach() -> None:
    here = room()
    here.says(here.host, Leave())
    assert here.says(here.cohost, Remove(here.host)).code == "protected"


@pytest.mark.parametrize("place", [Place.EARLY, Place.WAITING])
def test_people_outside_can_be_removed_and_the_hosts_alone_hear_it(place: Place) -> None:
    sim = scheduled(waiting_room=WaitingRoom(), join_before_host=place is Place.WAITING)
    mallory = sim.enter("Mallory", device="d-1")
    assert sim.person(mallory).place is place
    removed = sim.http(Remove(mallory))
    assert (removed.rows[0].audience.hosts, removed.rows[0].audience.inside) == (True, False)
    assert sim.inbox[mallory][-1] == {"type": "close", "code": 4500}
    assert (sim.meeting.early, sim.meeting.queue, sim.person(mallory).why) == ((), (), None)
    assert sim.join("Mallory", device="d-1").code == "removed"


def test_a_report_goes_with_a_removal_in_one_step_and_also_when_they_are_removed_already() -> None:
    here = room()
    removed = here.says(here.host, Remove(here.mia, report=ReportWith("abuse", "shouting")))
    (filing,) = removed.filings
    assert removed.answer == {"report": filing.report}
    assert (filing.document["source"], filing.document["text"]) == ("remove", "shouting")
    assert filing.document["subjects"] == [here.mia]
    again = here.says(here.host, Remove(here.mia, report=ReportWith("spam")))
    assert (again.types, len(again.filings)) == ([], 1)
    assert here.says(here.host, Remove(here.noah, report=ReportWith("nonsense"))).code == "malformed"
    assert here.person(here.noah).place is Place.INSIDE


KEYS: dict[str, dict[str, Any]] = {
    "account": {"user": "u-1"},
    "ticket": {"ticket": "t-1"},
    "device": {"device": "d-1"},
    "address": {"origin": AT_HOME},
    "name": {},
}
MALLORY: dict[str, Any] = {"user": "u-1", "ticket": "t-1", "device": "d-1", "origin": AT_HOME}
STRANGER: dict[str, Any] = {"user": "u-9", "ticket": "t-9", "device": "d-9", "origin": Origin("192.0.2.9", "BR")}


@pytest.mark.parametrize("match", KEYS)
@pytest.mark.parametrize("shown", KEYS)
def test_the_return_is_refused_by_what_removals_match_and_by_nothing_else(match: MatchKey, shown: str) -> None:
    sim = started(removal=Removal((match,)))
    sim.http(Remove(sim.enter("Mallory", **MALLORY)))
    name = "mallory" if shown == "name" else "Somebody else"
    again = sim.join(name, **{**STRANGER, **KEYS[shown]})
    void = "ticket_invalid" if shown == "ticket" else None
    assert again.code == ("removed" if shown == match else void)
    if again.code == void == "ticket_invalid":
        assert (again.reason["fault"], "fault" in again.because) == ("void", False)
    if again.code == "removed":
        assert (again.reason["rule"], again.reason["matched"]) == ("removed", match)
        assert "matched" not in again.because, "nobody is told by what they were recognised"


def test_names_match_whatever_their_white_space_and_case() -> None:
    sim = started(removal=Removal(("name",)))
    sim.http(Remove(sim.enter("Mallory  M.")))
    assert sim.join("MALLORY M.").code == "removed"
    assert sim.join("Mallory N.").code is None


@pytest.mark.parametrize("unmatched", ["wait", "refuse", "admit"])
def test_after_a_removal_whoever_shows_nothing_to_be_matched_by(unmatched: Any) -> None:
    sim = started(removal=Removal(unmatched=unmatched))
    assert sim.person(sim.enter("Before")).place is Place.INSIDE
    sim.http(Remove(sim.enter("Mallory", device="d-1")))
    somebody = sim.join("Somebody")
    assert somebody.code == ("removed" if unmatched == "refuse" else None)
    if unmatched == "refuse":
        assert somebody.reason["matched"] is None, "the journal says that nobody was recognised"
    if unmatched == "wait":
        assert sim.person(str(somebody.participant)).why is Why.UNIDENTIFIED
        assert somebody.reason["rule"] == "unidentified"
    if unmatched == "admit":
        assert sim.person(str(somebody.participant)).place is Place.INSIDE
    for known in ({"device": "d-2"}, {"user": "u-2"}, {"ticket": "t-2"}, {"host": True}):
        assert sim.person(sim.enter("Known", **known)).place is Place.INSIDE


def test_an_address_is_something_to_be_matched_by_where_addresses_are_matched() -> None:
    sim = started(removal=Removal(("address",)))
    sim.http(Remove(sim.enter("Mallory", origin=AT_HOME)))
    assert sim.person(sim.enter("Mia", origin=Origin("192.0.2.8"))).place is Place.INSIDE
    assert sim.person(sim.enter("Noah", device="d-1")).why is Why.UNIDENTIFIED


@pytest.mark.parametrize("way", ["setting", "command"])
def test_whoever_may_return_does_and_nobody_waits_for_it(way: str) -> None:
    sim = started(removal=Removal(may_return=way == "setting"))
    sim.http(Remove(sim.enter("Mallory", device="d-1"), may_return=None if way == "setting" else True))
    assert sim.person(sim.enter("Mallory", device="d-1")).place is Place.INSIDE
    assert sim.person(sim.enter("Somebody")).place is Place.INSIDE


def test_the_command_says_more_than_the_setting() -> None:
    sim = started(removal=Removal(may_return=True))
    sim.http(Remove(sim.enter("Mallory", device="d-1"), may_return=False))
    assert sim.join("Mallory", device="d-1").code == "removed"


def test_a_removal_is_looked_at_again_on_every_admission() -> None:
    sim = started()
    inside = sim.enter("Mallory", device="d-1")
    sim.http(SetWaitingRoom(True))
    waiting = sim.enter("Mallory 2", device="d-1")
    sim.http(Remove(inside))
    assert sim.http(Admit(waiting)).code == "removed"
    sim.http(SetWaitingRoom(False))
    assert sim.person(waiting).place is Place.WAITING


def test_an_admission_looks_at_the_name_where_names_are_matched() -> None:
    sim = started(removal=Removal(("name",)))
    inside = sim.enter("Mallory")
    sim.http(SetWaitingRoom(True))
    waiting, mia = sim.enter("MALLORY"), sim.enter("Mia")
    sim.http(Remove(inside))
    assert sim.http(Admit(waiting)).code == "removed"
    assert sim.http(Admit(mia)).code is None


@pytest.mark.parametrize("unmatched", ["wait", "refuse", "admit"])
def test_turning_the_waiting_room_off_is_no_look_at_somebody_who_shows_nothing(unmatched: Any) -> None:
    sim = started(waiting_room=WaitingRoom(), removal=Removal(unmatched=unmatched))
    mallory, nobody, known = sim.enter("Mallory", device="d-1"), sim.enter("Mallory 2"), sim.enter("Mia", device="d-2")
    sim.http(Remove(mallory))
    sim.http(SetWaitingRoom(False))
    assert sim.person(known).place is Place.INSIDE
    assert sim.person(nobody).place is (Place.INSIDE if unmatched == "admit" else Place.WAITING)
    assert sim.http(Admit(nobody)).code is None, "a host who looks may"


def test_a_removal_is_looked_at_again_on_every_resume_from_where_it_comes_now() -> None:
    sim = started(removal=Removal(("address",)))
    mia = sim.enter("Mia", origin=Origin("192.0.2.8", "BR"))
    sim.http(Remove(sim.enter("Mallory", origin=AT_HOME)))
    sim.drop(mia)
    back = sim.resume(sim.sessions[mia], origin=AT_HOME)
    assert (back.code, back.types) == ("removed", ["entry_refused"])
    assert sim.resume(sim.sessions[mia]).code is None


def test_removing_a_person_who_is_reconnecting() -> None:
    here = room()
    session = here.sim.sessions[here.mia]
    here.sim.drop(here.mia)
    assert here.says(here.host, Remove(here.mia)).types == ["removed"]
    assert here.sim.resume(session).code == "removed"
    assert here.person(here.mia).gone_at is None


def test_the_hosts_are_told_when_a_removed_persons_session_is_tried() -> None:
    here = room()
    session = here.sim.sessions[here.mia]
    here.says(here.host, Remove(here.mia))
    back = here.sim.resume(session)
    assert (back.code, back.types) == ("removed", ["entry_refused"])
    assert (back.reason["rule"], back.reason["door"], back.reason["matched"]) == ("removed", "resume", "session")
    assert "matched" not in back.because
    assert here.sim.inbox[here.host][-1]["name"] == "Mia"
    here.says(here.host, End())
    after = here.sim.resume(session)
    assert (after.code, after.types) == ("removed", [])


def test_a_new_name_does_not_undo_a_removal_by_name() -> None:
    here = room(removal=Removal(("name",)))
    here.says(here.host, Rename("Mallory", here.mia))
    here.says(here.host, Remove(here.mia))
    assert here.sim.join("Mallory").code == "removed"
    change(here.sim, removal=replace(here.sim.meeting.settings.removal, match=("device",)))
    assert here.sim.join("Mallory", device="d-new").code is None


def test_where_names_are_matched_everybody_shows_one() -> None:
    here = room(removal=Removal(("name",)))
    here.says(here.host, Remove(here.mia))
    assert here.sim.person(here.sim.enter("Zoe")).place is Place.INSIDE
    assert here.sim.join("mia").code == "removed"
