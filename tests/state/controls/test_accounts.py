"""Accounts: what belonging to the meeting's own is worth at the door, and the account's own region rule."""

from __future__ import annotations

from typing import Any

import pytest

from meetingsim.state.control import User
from meetingsim.state.controls.admit import Admit, AdmitAll
from meetingsim.state.controls.remove import Remove
from meetingsim.state.controls.set_region_rule import SetRegionRule
from meetingsim.state.controls.set_waiting_room import SetWaitingRoom
from meetingsim.state.entry import region_verdict, verdict_of
from meetingsim.state.meeting import Origin, Place
from meetingsim.state.settings import RegionRule, WaitingRoom
from tests.driver import NOON, PASSCODE
from tests.state.room import came_in, knock, owned

OURS = User("u-1", "a-1", "school.example")
GUEST = User("u-2", "a-2", "partner.example")
STRANGER = User("u-3", "a-3")


def test_a_meeting_remembers_whose_it_is_and_under_which_rules() -> None:
    rule = RegionRule("deny", ("BR",))
    sim = owned("webinar", "a-1", ("partner.example",), rule, capacity=7)
    meeting = sim.meeting
    assert (meeting.account, meeting.account_domains, meeting.account_region) == ("a-1", ("partner.example",), rule)
    assert (meeting.kind, meeting.id, meeting.topic, meeting.epoch) == ("webinar", "70112233445", "History", "an-epoch")
    assert (meeting.created_at, meeting.settings.capacity) == (NOON, 7)
    assert sim.rows[0].because == {"rule": "create", "door": "http", "asked_by": "admin"}
    assert sim.replayed() == meeting


def test_a_user_of_the_meetings_account_needs_no_passcode_and_nobody_elses_user_goes_without() -> None:
    sim = owned(account="a-1")
    assert knock(sim, "Ben", user=OURS).code is None
    assert knock(sim, "Cleo", user=GUEST).code == "wrong_passcode"
    assert knock(sim, "Cleo", user=GUEST, passcode="wrong").code == "wrong_passcode"
    assert knock(sim, "Cleo", user=GUEST, passcode=PASSCODE).code is None
    nobodys = owned()
    assert knock(nobodys, "Ben", user=OURS).code == "wrong_passcode"


def test_a_user_token_that_is_none_is_refused_though_the_passcode_is_right() -> None:
    sim = owned(account="a-1")
    assert sim.join("Eve", user_token="u-9").code == "unauthorised"


def test_a_user_is_one_person_whatever_the_device() -> None:
    sim = owned(account="a-1")
    first = came_in(sim, "Ben", user=OURS, device="d-1")
    assert knock(sim, "Ben at home", user=OURS, device="d-2").participant == first.id
    assert came_in(sim, "Ada", passcode=PASSCODE, device="d-1").id != first.id


@pytest.mark.parametrize(
    ("who", "inside"),
    [
        ("everyone", []),
        ("not_in_account", [OURS]),
        ("not_in_account_or_domains", [OURS, GUEST]),
        ("not_invited", []),
    ],
)
def test_who_waits(who: Any, inside: list[User]) -> None:
    sim = owned(account="a-1", domains=("partner.example",), waiting_room=WaitingRoom(who=who))
    for name, user in (("Ben", OURS), ("Cleo", GUEST), ("Eve", STRANGER), ("Mia", None)):
        person = came_in(sim, name, user=user, passcode=PASSCODE)
        assert (person.place is Place.INSIDE) == (user in inside), name


def test_a_meeting_of_no_account_has_nobody_of_its_own() -> None:
    for who in ("not_in_account", "not_in_account_or_domains"):
        sim = owned(domains=(), waiting_room=WaitingRoom(who=who))
        for user in (OURS, None):
            assert came_in(sim, "Ben", user=user, passcode=PASSCODE).place is Place.WAITING


def test_one_must_pass_the_accounts_rule_and_the_meetings() -> None:
    sim = owned(account="a-1", region=RegionRule("deny", ("BR",)))
    assert knock(sim, "Mia", passcode=PASSCODE, country="BR").code == "region_blocked"
    assert knock(sim, "Ben", user=OURS, country="BR").code == "region_blocked", "one's own account's users, too"
    sim.http(SetRegionRule("approve", ("BR", "DE")))
    assert knock(sim, "Mia", passcode=PASSCODE, country="BR").code == "region_blocked"
    assert knock(sim, "Mia", passcode=PASSCODE, country="US").code == "region_blocked"
    assert knock(sim, "Mia", passcode=PASSCODE, country="DE").code is None


def test_the_stricter_of_two_rules_decides() -> None:
    rules = [
        RegionRule(),
        RegionRule("approve", ("DE",), unknown="wait"),
        RegionRule("approve", ("DE",), unknown="deny"),
    ]
    strict = {"allow": 0, "wait": 1, "deny": 2}
    for own in rules:
        for meetings in rules:
            sim = owned(account="a-1", region=own)
            sim.http(SetRegionRule(meetings.mode, meetings.countries, meetings.unknown))
            both = (region_verdict(own, Origin()), region_verdict(meetings, Origin()))
            assert verdict_of(sim.meeting, Origin()) == max(both, key=strict.__getitem__)


def test_an_account_that_wants_a_look_makes_people_wait_for_one() -> None:
    sim = owned(account="a-1", region=RegionRule("approve", ("DE",), unknown="wait"))
    mia = came_in(sim, "Mia", passcode=PASSCODE)
    assert (mia.place, mia.why) == (Place.WAITING, "region")
    sim.http(SetWaitingRoom(False))
    assert sim.person(mia.id).place is Place.WAITING
    sim.http(Admit(mia.id))
    assert sim.person(mia.id).place is Place.INSIDE


def test_turning_the_waiting_room_off_is_no_look_by_the_accounts_rule_either() -> None:
    rule = RegionRule("approve", ("DE",), anonymous="wait")
    sim = owned(account="a-1", region=rule, waiting_room=WaitingRoom())
    mia = came_in(sim, "Mia", passcode=PASSCODE, country="DE")
    noah = came_in(sim, "Noah", passcode=PASSCODE, country="DE")
    sim.drop(mia.id)
    sim.resume(sim.sessions[mia.id], origin=Origin(country="DE", source="plan", anonymous="vpn"))
    sim.http(SetWaitingRoom(False))
    assert (sim.person(mia.id).place, sim.person(noah.id).place) == (Place.WAITING, Place.INSIDE)


def test_an_admission_asks_the_accounts_rule_again() -> None:
    sim = owned(account="a-1", region=RegionRule("deny", ("BR",)), waiting_room=WaitingRoom())
    mia = came_in(sim, "Mia", passcode=PASSCODE, country="DE")
    sim.drop(mia.id)
    moved = sim.resume(sim.sessions[mia.id], origin=Origin(country="BR", source="plan"))
    assert moved.code == "region_blocked"
    sim.http(AdmitAll())
    assert sim.person(mia.id).where is Place.WAITING


def test_a_removed_account_stays_out_with_every_device_and_lets_others_in() -> None:
    sim = owned(account="a-1")
    ben = came_in(sim, "Ben", user=OURS, device="d-1")
    sim.http(Remove(ben.id))
    assert knock(sim, "Ben", user=OURS, device="d-9").code == "removed"
    assert knock(sim, "Ada", user=User("u-4", "a-1"), device="d-8").code is None
