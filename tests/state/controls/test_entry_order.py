"""The rules of entry stand in an order: where two would refuse somebody, the earlier one answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import pytest

from meetingsim.state.controls.change_settings import ChangeSettings
from meetingsim.state.controls.deny import Deny
from meetingsim.state.controls.lock import Lock
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.remove import Remove
from meetingsim.state.controls.set_region_rule import SetRegionRule
from meetingsim.state.controls.set_waiting_room import SetWaitingRoom
from meetingsim.state.controls.start_end import End, Start
from meetingsim.state.meeting import Origin, Place, Role
from meetingsim.state.settings import RegionRule, WaitingRoom
from tests.driver import Sim
from tests.state.room import OPEN, change, room, scheduled, started


def end(sim: Sim) -> None:
    sim.http(End())


def remove(sim: Sim) -> None:
    sim.http(Remove(sim.enter("Mallory", device="d-1")))


def deny_twice(sim: Sim) -> None:
    sim.http(SetWaitingRoom(True))
    for _ in range(2):
        sim.http(Deny(sim.enter("Mallory", user="u-1")))
    sim.http(SetWaitingRoom(False))


def block(sim: Sim) -> None:
    sim.http(SetRegionRule("deny", ("BR",)))


def lock(sim: Sim) -> None:
    sim.http(Lock())


def fill(sim: Sim) -> None:
    change(sim, capacity=0)


@dataclass(frozen=True)
class Obstacle:
    """A rule that refuses whoever joins like this, once it was built; ``turn`` is when: what needs people goes first."""

    code: str
    build: Callable[[Sim], object] = lambda sim: None
    turn: int = 0
    how: dict[str, Any] = field(default_factory=dict)


OBSTACLES = (
    Obstacle("ended", end, 9),
    Obstacle("unauthorised", how={"host_token": "wrong"}),
    Obstacle("removed", remove, 2, {"device": "d-1"}),
    Obstacle("denied", deny_twice, 1, {"user": "u-1"}),
    Obstacle("region_blocked", block, 5, {"country": "BR"}),
    Obstacle("locked", lock, 5),
    Obstacle("full", fill, 5),
)


def meet(*obstacles: Obstacle) -> str | None:
    """The code with which somebody is refused who meets these."""
    sim = started()
    how: dict[str, Any] = {}
    for obstacle in sorted(obstacles, key=lambda one: one.turn):
        obstacle.build(sim)
        how |= obstacle.how
    return sim.join("Mallory", **how).code


@pytest.mark.parametrize("obstacle", OBSTACLES, ids=lambda one: one.code)
def test_each_rule_refuses_alone(obstacle: Obstacle) -> None:
    assert meet(obstacle) == obstacle.code
    assert meet() is None


@pytest.mark.parametrize(("earlier", "later"), list(combinations(OBSTACLES, 2)), ids=lambda one: one.code)
def test_the_earlier_of_two_rules_answers(earlier: Obstacle, later: Obstacle) -> None:
    assert meet(earlier, later) == earlier.code


def test_a_name_is_looked_at_after_the_credential_and_before_the_rules() -> None:
    sim = started()
    lock(sim)
    assert sim.join("", passcode="wrong").code == "wrong_passcode"
    assert sim.join("").code == "name_required"
    assert sim.join("x" * 65).code == "name_refused"
    assert sim.join("Mia", device="x" * 129).code == "malformed"
    assert sim.join("Mia", device="").code == "malformed"
    locked = [sim.join(" Mia ", device="x" * length) for length in (1, 128)]
    assert [one.code for one in locked] == ["locked", "locked"]
    assert [one.events[0].name for one in locked] == ["Mia", "Mia"], "hosts are told who was not let in"


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"host_token": "wrong"}, "unauthorised"),
        ({"user_token": "wrong"}, "unauthorised"),
        ({"ticket_text": "wrong"}, "ticket_invalid"),
        ({"passcode": None}, "wrong_passcode"),
        ({"passcode": ""}, "wrong_passcode"),
        ({"passcode": None, "user": "u-1"}, "wrong_passcode"),
        ({"user": "u-1"}, None),
        ({"passcode": None, "ticket": "t-1"}, None),
        ({"passcode": None, "host": True}, None),
        ({}, None),
    ],
)
def test_one_credential_is_enough_and_a_wrong_one_is_refused_even_beside_the_passcode(
    how: dict[str, Any], code: str | None
) -> None:
    assert started().join("Mia", **how).code == code


def test_no_credential_is_needed_where_there_is_no_passcode() -> None:
    sim = started(passcode=None)
    assert sim.join("Mia", passcode=None).code is None
    assert sim.join("Mia", passcode=None, host_token="wrong").code == "unauthorised"


def test_early_then_waiting_then_inside() -> None:
    waits = WaitingRoom()
    sim = scheduled(waiting_room=waits)
    assert sim.person(sim.enter("Mia")).place is Place.EARLY
    sim = scheduled(waiting_room=waits, join_before_host=True)
    assert sim.person(sim.enter("Mia")).place is Place.WAITING
    assert sim.meeting.status == "scheduled"
    sim = scheduled(waiting_room=OPEN, join_before_host=True)
    assert sim.person(sim.enter("Mia")).place is Place.INSIDE
    assert sim.meeting.status == "scheduled"


def test_the_rules_hold_for_whoever_comes_early_too() -> None:
    sim = scheduled(region=RegionRule("deny", ("BR",)), capacity=0)
    assert sim.join("Mia", country="BR").code == "region_blocked"
    assert sim.join("Mia", country="DE").code == "full"


def test_the_waiting_room_has_a_capacity_for_early_ones_and_for_those_who_wait() -> None:
    one = WaitingRoom(capacity=1)
    for sim in (scheduled(waiting_room=one), started(waiting_room=one)):
        sim.enter("Mia", device="d-1")
        assert sim.join("Noah", device="d-2").code == "full"


def test_the_last_seat_goes_to_one_of_two() -> None:
    sim = started(capacity=1)
    assert sim.join("Mia").code is None
    assert sim.join("Noah").code == "full"
    assert sim.meeting.count_inside() == 1


def test_the_host_counts_as_inside() -> None:
    sim = scheduled(capacity=1)
    sim.enter("Prof. Ito", host=True)
    assert sim.join("Mia").code == "full"


def test_the_host_token_passes_every_rule_and_is_host_again() -> None:
    here = room()
    sim = here.sim
    sim.tell(here.host, Leave())
    for build in (block, lock, fill):
        build(sim)
    sim.http(SetWaitingRoom(True))
    back = sim.join("Prof. Ito", host=True, country="BR", passcode=None)
    assert (back.code, back.participant) == (None, here.host)
    assert sim.person(here.host).role is Role.HOST
    assert sim.person(here.host).place is Place.INSIDE


def test_the_hosts_first_join_starts_the_meeting() -> None:
    sim = scheduled()
    host = sim.join("Prof. Ito", host=True)
    assert host.types == ["joined", "origin_known", "started"]
    assert sim.meeting.status == "started"
    assert sim.pictures[str(host.participant)]["meeting"]["status"] == "started"


def test_when_the_meeting_starts_early_ones_are_judged_again_in_order_of_arrival() -> None:
    sim = scheduled(capacity=4)
    barred, first, blocked, second, third = (
        sim.enter(name, device=f"d-{name}", country=country)
        for name, country in (("Mallory", "DE"), ("Mia", "DE"), ("Ben", "BR"), ("Noah", "DE"), ("Zoe", "DE"))
    )
    sim.http(Remove(barred))
    sim.http(SetRegionRule("deny", ("BR",)))
    change(sim, capacity=3)
    opened = sim.join("Prof. Ito", host=True, country="DE")
    assert [sim.person(one).place for one in (first, second)] == [Place.INSIDE, Place.INSIDE]
    assert [sim.person(one).place for one in (blocked, third)] == [Place.LEFT, Place.LEFT]
    refused = [(event.code, event.name) for event in opened.events if event.type == "entry_refused"]
    assert refused == [("region_blocked", "Ben"), ("full", "Zoe")]
    assert [sim.inbox[one][-1] for one in (blocked, third)] == [
        {"type": "close", "code": 4501},
        {"type": "close", "code": 4004},
    ]
    assert sim.meeting.count_inside() == 3


def test_early_ones_find_the_door_locked_or_the_waiting_room() -> None:
    sim = scheduled(waiting_room=WaitingRoom(capacity=2))
    early = [sim.enter(name) for name in ("Mia", "Noah")]
    assert sim.meeting.early == tuple(early)
    sim.http(Start())
    assert sim.meeting.queue == tuple(early)
    sim = scheduled()
    sim.enter("Mia")
    lock(sim)
    opened = sim.http(Start())
    assert [reason["rule"] for reason in opened.reasons("entry_refused")] == ["locked"]


def test_the_waiting_room_may_be_too_small_for_those_who_came_early() -> None:
    sim = scheduled(waiting_room=WaitingRoom(capacity=3))
    early = [sim.enter(name) for name in ("Mia", "Noah", "Zoe")]
    change(sim, waiting_room=WaitingRoom(capacity=2))
    sim.http(Start())
    assert [sim.person(one).place for one in early] == [Place.WAITING, Place.WAITING, Place.LEFT]


def test_a_host_who_is_inside_before_the_start_sees_who_waits_after_it() -> None:
    sim = scheduled(join_before_host=True, waiting_room=WaitingRoom())
    dora = sim.enter("Dora", ticket="t-1", role=Role.COHOST)
    change(sim, join_before_host=False)
    mia = sim.enter("Mia", country="BR")
    sim.now += 1_000
    sim.http(Start())
    assert sim.pictures[dora]["waiting"] == [
        {
            "id": mia,
            "name": "Mia",
            "since": "2026-01-01T12:00:01.000Z",
            "why": "waiting_room",
            "place": "waiting",
            "country": "BR",
        }
    ]


def test_the_start_forgets_nothing_of_where_an_early_one_comes_from() -> None:
    sim = scheduled()
    home = Origin("192.0.2.7", "BR", "database", "countries", "2026-01-01", anonymous="vpn")
    mia = sim.enter("Mia", origin=home)
    sim.http(Start())
    assert (sim.person(mia).place, sim.person(mia).origin) == (Place.INSIDE, home)


def test_an_early_one_who_dropped_keeps_the_seat_they_get() -> None:
    sim = scheduled(waiting_room=WaitingRoom(who="not_invited"))
    waits, enters = sim.enter("Mia"), sim.enter("Cleo", ticket="t-1")
    for one in (waits, enters):
        sim.drop(one)
    sim.join("Prof. Ito", host=True)
    assert [(sim.person(one).place, sim.person(one).where) for one in (waits, enters)] == [
        (Place.RECONNECTING, Place.WAITING),
        (Place.RECONNECTING, Place.INSIDE),
    ]
    assert sim.person(waits).gone_at is not None
    assert sim.resume(sim.sessions[enters]).code is None
    assert sim.person(enters).place is Place.INSIDE


def test_who_must_not_wait() -> None:
    sim = started(waiting_room=WaitingRoom())
    places = [
        sim.person(sim.enter(role.value, ticket=f"t-{role}", role=role)).place
        for role in (Role.COHOST, Role.PANELIST, Role.PARTICIPANT, Role.ATTENDEE)
    ]
    assert places == [Place.INSIDE, Place.INSIDE, Place.WAITING, Place.WAITING]
    sim = started(waiting_room=WaitingRoom(who="not_invited"))
    assert sim.person(sim.enter("Cleo", ticket="t-1")).place is Place.INSIDE
    assert sim.person(sim.enter("Mia")).place is Place.WAITING


def test_a_refused_entry_is_a_fact_for_the_hosts_and_says_on_what_it_rests() -> None:
    here = room()
    block(here.sim)
    origin = Origin("192.0.2.7", "BR", "database", "countries", "2026-01-01", "vpn")
    refused = here.sim.join("Mallory", origin=origin)
    assert refused.code == "region_blocked"
    assert refused.reason == {
        "rule": "region_blocked",
        "door": "socket",
        "asked_by": None,
        "country": "BR",
        "source": "database",
        "database": "countries",
        "built": "2026-01-01",
        "address": "192.0.2.7",
        "anonymous": "vpn",
    }
    told = here.sim.inbox[here.host][-1]
    assert told == {
        "type": "entry_refused",
        "seq": refused.rows[-1].seq,
        "at": "2026-01-01T12:00:00.000Z",
        "code": "region_blocked",
        "name": "Mallory",
        "country": "BR",
    }
    assert here.sim.inbox[here.mia][-1]["type"] != "entry_refused"


def test_refusals_without_a_credential_are_nameless_and_told_as_one_in_ten_seconds() -> None:
    here = room()
    sim = here.sim
    first = sim.join("Mallory", passcode="wrong", country="BR")
    (event,) = first.events
    assert (event.code, event.name, event.count, event.country) == ("wrong_passcode", None, 1, "BR")
    assert first.reason["count"] == 1
    silent = [sim.join("Mallory", passcode="wrong") for _ in range(3)]
    assert [(one.types, one.tally) for one in silent] == [([], True)] * 3
    too_soon, later = sim.pass_time(9_999), sim.pass_time(1)
    assert too_soon is not None
    assert too_soon.types == []
    assert later is not None
    assert [(event.type, event.count, event.name) for event in later.events] == [("entry_refused", 3, None)]
    assert later.reason["count"] == 3
    sim.join("Mallory", passcode="wrong")
    sim.now += 10_000
    assert sim.join("Mallory", passcode="wrong").events[0].count == 2


def test_a_refusal_with_a_name_does_not_hold_back_one_without() -> None:
    here = room()
    lock(here.sim)
    assert here.sim.join("Mia").events[0].name == "Mia"
    assert here.sim.join("Mallory", passcode="wrong").types == ["entry_refused"]


@pytest.mark.parametrize(
    ("how", "settings", "rule"),
    [
        ({"host": True}, {}, "host"),
        ({"ticket": "t-1"}, {}, "ticket"),
        ({}, {}, "open"),
        ({}, {"waiting_room": WaitingRoom()}, "waiting_room"),
        ({}, {"region": RegionRule("deny", ("BR",), unknown="wait")}, "region"),
    ],
)
def test_every_entry_says_by_which_rule(how: dict[str, Any], settings: dict[str, Any], rule: str) -> None:
    entered = started(**settings).join("Mia", door="people", **how)
    reason = entered.reason
    assert reason is not None
    assert (reason["rule"], reason["door"], reason["asked_by"]) == (rule, "people", entered.participant)
    assert {"country", "source", "database", "built"} <= set(reason)


def test_arriving_early_and_being_let_in_at_the_start_say_why() -> None:
    sim = scheduled()
    early = sim.join("Mia")
    ticket = sim.join("Cleo", ticket="t-1")
    assert early.reason["rule"] == "early"
    opened = sim.http(Start())
    rules = [(reason["rule"], reason["asked_by"]) for reason in opened.reasons("joined")]
    assert rules == [("open", early.participant), ("ticket", ticket.participant)]
    assert opened.reason == {"rule": "start", "door": "http", "asked_by": "host"}


def test_changing_settings_is_no_way_around_the_rules() -> None:
    here = room()
    change(here.sim, capacity=1)
    assert here.sim.meeting.count_inside() == 4
    assert here.sim.join("Zoe").code == "full"
    assert here.says(here.cohost, ChangeSettings(here.sim.meeting.settings, "Art")).code == "not_host"
