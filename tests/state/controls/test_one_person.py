"""Who is one person: by which keys somebody is known again, and what passes with each of them."""

from __future__ import annotations

from typing import Any

import pytest

from meetingsim.state.control import Asker, Context, Refused
from meetingsim.state.controls.admit import Admit
from meetingsim.state.controls.deny import Deny
from meetingsim.state.controls.join import Join
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.controls.remove import Remove
from meetingsim.state.controls.rename import Rename
from meetingsim.state.controls.set_region_rule import SetRegionRule
from meetingsim.state.controls.waiting_room_chat import WaitingRoomChat
from meetingsim.state.engine import decide
from meetingsim.state.identity import deciding_key, is_same_person
from meetingsim.state.meeting import Keys, Origin, Place, Role
from meetingsim.state.settings import WaitingRoom
from tests.state.room import change, room, scheduled, started


@pytest.mark.parametrize(
    ("one", "other", "decided"),
    [
        (Keys(host=True, user="u-1"), Keys(host=True, user="u-2"), ("host", True)),
        (Keys(host=True, user="u-1"), Keys(user="u-1"), ("user", True)),
        (Keys(user="u-1", ticket="t-1"), Keys(user="u-2", ticket="t-1"), ("user", False)),
        (Keys(user="u-1", ticket="t-1"), Keys(ticket="t-1"), ("ticket", True)),
        (Keys(ticket="t-1", device="d-1"), Keys(ticket="t-2", device="d-1"), ("ticket", False)),
        (Keys(ticket="t-1", device="d-1"), Keys(user="u-1", device="d-1"), ("device", True)),
        (Keys(device="d-1"), Keys(device="d-2"), ("device", False)),
        (Keys(host=True), Keys(device="d-1"), None),
        (Keys(), Keys(), None),
    ],
)
def test_the_first_key_that_both_show_decides(one: Keys, other: Keys, decided: tuple[str, bool] | None) -> None:
    assert deciding_key(one, other) == decided
    assert deciding_key(other, one) == decided
    assert is_same_person(one, other) is (decided is not None and decided[1])


@pytest.mark.parametrize("how", [{"host": True}, {"user": "u-1"}, {"ticket": "t-1"}])
def test_a_newer_connection_of_the_same_person_takes_the_seat(how: dict[str, Any]) -> None:
    sim = started()
    first = sim.enter("Mia", **how)
    sim.tell(first, Rename("Mia Meyer"))
    again = sim.join("Somebody", **how)
    assert (again.participant, again.types) == (first, ["connection_replaced"])
    assert sim.person(first).name == "Mia Meyer"
    assert sim.inbox[first][-1]["type"] == "view"


def test_a_newer_connection_takes_a_kept_seat_too_and_hosts_hear_from_where() -> None:
    here = room()
    sim = here.sim
    mia = sim.enter("Mia", user="u-1", country="BR")
    sim.drop(mia)
    again = sim.join("Mia", user="u-1", country="US")
    assert (again.participant, again.types) == (mia, ["reconnected", "origin_known"])
    assert (again.reason["rule"], again.reason["asked_by"]) == ("join", mia)
    assert sim.person(mia).origin.country == "US"


def test_a_seat_is_taken_whatever_the_lock_and_the_capacity_but_not_past_a_removal_or_the_region() -> None:
    sim = started(waiting_room=WaitingRoom(enabled=False))
    mia = sim.enter("Mia", user="u-1", country="BR")
    change(sim, capacity=1)
    assert sim.join("Mia", user="u-1", country="BR").participant == mia
    sim.http(SetRegionRule("deny", ("US",)))
    assert sim.join("Mia", user="u-1", country="US").code == "region_blocked"
    sim.http(SetRegionRule("off"))
    change(sim, capacity=2)
    mallory = sim.enter("Mallory", device="d-9")
    sim.http(Remove(mallory))
    assert sim.join("Mia", user="u-1", device="d-9").code == "removed"


def test_a_device_takes_no_seat_inside() -> None:
    sim = started()
    mia = sim.enter("Mia", device="d-1")
    assert sim.enter("Mia", device="d-1") != mia
    assert sim.person(mia).place is Place.INSIDE


def test_whoever_left_comes_again_as_the_same_participant_by_every_rule() -> None:
    sim = started()
    mia = sim.enter("Mia", ticket="t-1", country="BR")
    sim.tell(mia, Leave())
    sim.http(SetRegionRule("deny", ("BR",)))
    assert sim.join("Mia", ticket="t-1", country="BR").code == "region_blocked"
    again = sim.join("Mia at home", ticket="t-1", country="DE")
    assert (again.participant, again.types) == (mia, ["joined", "origin_known"])
    assert (sim.person(mia).name, sim.person(mia).origin.country) == ("Mia at home", "DE")


def test_a_second_knock_with_the_same_device_replaces_the_first_at_the_end_with_an_empty_thread() -> None:
    sim = started(waiting_room=WaitingRoom(capacity=2))
    host = sim.enter("Prof. Ito", host=True)
    mia = sim.enter("Mia", device="d-1")
    noah = sim.enter("Noah", device="d-2")
    sim.tell(mia, WaitingRoomChat("may I?"))
    again = sim.join("Mia", device="d-1")
    assert again.types == ["left", "joined_waiting_room", "origin_known"]
    assert again.reason == {"rule": "join", "door": "socket", "asked_by": None}
    assert sim.meeting.queue == (noah, again.participant)
    assert sim.person(str(again.participant)).thread == ()
    assert sim.inbox[mia][-1] == {"type": "close", "code": 4003}
    assert [row["id"] for row in sim.pictures[host]["waiting"]] == [noah, again.participant]


def test_somebody_better_known_is_not_replaced_by_a_device() -> None:
    sim = started(waiting_room=WaitingRoom())
    mia = sim.enter("Mia", user="u-1", device="d-1")
    other = sim.enter("Mallory", user="u-2", device="d-1")
    assert sim.meeting.queue == (mia, other)


def test_the_server_makes_up_a_device_and_says_it_once() -> None:
    sim = started(waiting_room=WaitingRoom())
    first = sim.join("Mia")
    made_up = first.answer["device"]
    assert sim.person(str(first.participant)).keys.device == made_up
    assert sim.join("Noah").answer["device"] != made_up
    assert "device" not in sim.join("Zoe", device="d-1").answer
    again = sim.join("Mia", device=made_up)
    assert again.types[0] == "left"
    assert first.participant not in sim.meeting.queue


def test_a_token_of_the_host_beats_the_seat_that_its_holder_has_as_somebody_else() -> None:
    sim = started(waiting_room=WaitingRoom())
    ito = sim.enter("Ito", user="u-1")
    as_host = sim.join("Prof. Ito", host=True, user="u-1")
    assert (as_host.participant, as_host.types) == (ito, ["left", "joined", "origin_known"])
    assert (sim.person(ito).role, sim.person(ito).place) == (Role.HOST, Place.INSIDE)
    assert sim.meeting.queue == ()
    by_user = sim.join("Ito", user="u-1")
    assert (by_user.participant, by_user.types) == (ito, ["connection_replaced"])


def test_a_host_who_came_early_as_somebody_else_starts_the_meeting_all_the_same() -> None:
    sim = scheduled()
    ito = sim.enter("Ito", user="u-1")
    as_host = sim.join("Prof. Ito", host=True, user="u-1")
    assert as_host.types == ["left", "joined", "origin_known", "started"]
    assert sim.meeting.early == ()
    assert sim.person(ito).place is Place.INSIDE


def test_a_kept_seat_goes_before_one_that_was_left_or_ended_by_a_removal() -> None:
    sim = started()
    first = sim.enter("Ben", user="u-1")
    sim.http(Remove(first, may_return=True))
    second = sim.enter("Ben", user="u-1")
    assert second != first
    assert sim.join("Ben", user="u-1").participant == second
    left = sim.enter("Cleo", ticket="t-1")
    sim.tell(left, Leave())
    assert sim.join("Cleo", user="u-1", ticket="t-1").participant == second


def test_of_two_who_hold_the_same_ticket_the_one_who_came_first_is_meant() -> None:
    sim = started()
    ben, cleo = sim.enter("Ben", user="u-1"), sim.enter("Cleo", ticket="t-1")
    sim.tell(ben, Leave())
    assert sim.enter("Ben", user="u-1", ticket="t-1") == cleo, "a seat that is kept goes first"
    sim.tell(cleo, Leave())
    assert sim.enter("Ben", user="u-1", ticket="t-1") == ben, "of two that were left the stronger key does"
    assert sim.enter("Cleo", ticket="t-1") == ben
    sim.tell(ben, Leave())
    assert sim.enter("Cleo", ticket="t-1") == ben, "and of two by the same key the earlier one"


def test_denials_follow_the_person() -> None:
    sim = started(waiting_room=WaitingRoom())
    for _ in range(2):
        sim.http(Deny(sim.enter("Mallory", device="d-1")))
    assert sim.join("Mallory", device="d-1").code == "denied"
    assert sim.join("Mallory", user="u-1", device="d-1").code == "denied"
    assert sim.join("Mallory", device="d-2").code is None


def test_what_was_decided_of_somebody_is_over_when_they_come_again() -> None:
    sim = started(waiting_room=WaitingRoom())
    mia = sim.enter("Mia", ticket="t-1")
    sim.http(Deny(mia))
    assert sim.http(Admit(mia)).code == "already_decided"
    assert sim.enter("Mia", ticket="t-1") == mia
    sim.tell(mia, Leave())
    assert sim.http(Admit(mia)).code == "not_waiting"
    assert sim.http(Deny(mia)).code == "not_waiting"


def test_whoever_comes_again_to_wait_has_an_empty_thread() -> None:
    sim = started(waiting_room=WaitingRoom())
    mia = sim.enter("Mia", ticket="t-1")
    sim.tell(mia, WaitingRoomChat("may I?"))
    sim.tell(mia, Leave())
    assert sim.enter("Mia", ticket="t-1") == mia
    assert sim.pictures[mia]["waiting_messages"] == []


def test_the_host_token_ends_that_its_holder_was_put_back() -> None:
    sim = started()
    ito = sim.enter("Ito", user="u-1")
    sim.http(PutInWaitingRoom(ito))
    assert sim.enter("Prof. Ito", host=True, user="u-1") == ito
    sim.tell(ito, Leave())
    assert sim.person(sim.enter("Ito", user="u-1")).place is Place.INSIDE


def test_a_session_passes_the_seat() -> None:
    sim = started()
    mia = sim.enter("Mia", device="d-1")
    sim.drop(mia)
    back = sim.resume(sim.sessions[mia], origin=Origin(country="BR", source="plan"))
    assert (back.participant, back.types) == (mia, ["reconnected", "origin_known"])


def test_a_newer_connection_says_why_from_where_and_as_whom() -> None:
    sim = started()
    first = sim.enter("Cleo", ticket="t-1", country="DE")
    moved = Origin("198.51.100.9", "US", "database", "test", "2026-01-01", anonymous="vpn")
    before = sim.sessions[first]
    again = sim.join("Cleo", ticket="t-1", origin=moved)
    assert (again.types, again.events[0].participant) == (["connection_replaced", "origin_known"], first)
    assert (again.reason["rule"], again.reason["country"], again.reason["asked_by"]) == ("join", "US", first)
    assert sim.person(first).origin == moved
    assert again.answer["device"].startswith("made-up-")
    assert sim.resume(before).code == "resume_lost", "the session of the older connection is over"
    assert sim.resume(sim.sessions[first]).code is None


def test_a_ticket_that_is_none_is_refused_and_the_journal_says_why() -> None:
    sim = started()
    command = Join("Eve", ticket="t-9", device="d-1")
    context = Context(sim.now, Asker("newcomer"), "socket", ticket_fault="expired")
    refused = decide(sim.meeting, command, context)
    assert isinstance(refused, Refused)
    assert refused.refusal.code == "ticket_invalid"
    assert "fault" not in refused.refusal.because, "whoever shows it is not told"
    assert refused.facts[0].because is not None
    assert refused.facts[0].because["fault"] == "expired"
