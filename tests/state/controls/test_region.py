"""The region rule: who enters from where, what is done about those who are here, and that nobody learns the list."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest

from meetingsim.state.control import Decision
from meetingsim.state.controls.admit import Admit
from meetingsim.state.controls.set_region_rule import SetRegionRule
from meetingsim.state.entry import region_verdict
from meetingsim.state.meeting import Origin, Place, Why
from meetingsim.state.settings import RegionRule, WaitingRoom
from tests.state.room import room, scheduled, started

VERDICTS = ("allow", "deny", "wait")
STRICTEST = {"allow": 0, "wait": 1, "deny": 2}


def expected(mode: str, country: str | None, anonymous: str | None, rule: RegionRule) -> str:
    """The rule in the words of the contract: the country's part and the anonymiser's, and the stricter of the two."""
    if mode == "off":
        return "allow"
    listed: str = "allow" if (country == "BR") is (mode == "approve") else "deny"
    part = rule.unknown if country is None else listed
    parts = [part, rule.anonymous] if anonymous else [part]
    return max(parts, key=STRICTEST.__getitem__)


@pytest.mark.parametrize("mode", ["off", "approve", "deny"])
@pytest.mark.parametrize("country", ["BR", "US", None])
@pytest.mark.parametrize("anonymous", [None, "vpn", "tor"])
def test_mode_by_country_by_anonymiser(mode: Any, country: str | None, anonymous: str | None) -> None:
    for unknown, hidden in product(VERDICTS, VERDICTS):
        rule = RegionRule(mode, ("BR",), unknown, hidden)  # type: ignore[arg-type]  # a product of literals is plain text
        verdict = expected(mode, country, anonymous, rule)
        assert region_verdict(rule, Origin(country=country, anonymous=anonymous)) == verdict
        joined = started(region=rule).join("Mia", origin=Origin(country=country, anonymous=anonymous))
        places = {"allow": "joined", "wait": "joined_waiting_room", "deny": "entry_refused"}
        assert joined.types[0] == places[verdict]


def test_the_defaults_refuse_the_unknown_and_let_anonymisers_in() -> None:
    sim = started(region=RegionRule("deny", ("BR",)))
    assert sim.join("Mia").code == "region_blocked"
    assert sim.join("Mia", origin=Origin(country="US", anonymous="vpn")).code is None


def test_the_refused_are_told_their_own_country_and_never_the_list() -> None:
    sim = started(region=RegionRule("approve", ("DE", "US"), anonymous="deny"))
    blocked = sim.join("Mia", country="BR")
    assert (blocked.code, "BR" in blocked.detail) == ("region_blocked", True)
    assert sim.join("Mia").detail == "This meeting does not accept people from an unknown country."
    told = blocked.detail + json.dumps(dict(blocked.because))
    assert "DE" not in told
    assert "US" not in told
    assert (blocked.because["rule"], blocked.because["door"], blocked.because["country"]) == (
        "region_blocked",
        "socket",
        "BR",
    )


def test_the_journal_says_where_an_origin_was_simulated() -> None:
    sim = started(region=RegionRule("deny", ("BR",)))
    for code, country in ((None, "US"), ("region_blocked", "BR")):
        said = sim.join("Mia", origin=Origin(country=country, source="plan", simulated=True))
        assert (said.code, said.reason["simulated"]) == (code, True)
        assert "simulated" not in sim.join("Noah", origin=Origin(country=country, source="database")).reason


def test_the_host_token_is_exempt() -> None:
    sim = scheduled(region=RegionRule("approve", ("DE",), anonymous="deny"))
    host = sim.enter("Prof. Ito", host=True, origin=Origin(country="BR", anonymous="tor"))
    assert sim.person(host).place is Place.INSIDE
    assert sim.join("Prof. Ito", host=True, country="US").participant == host
    turned = sim.tell(host, SetRegionRule("approve", ("DE",), present="remove"))
    assert turned.types == ["region_rule_set"]


def test_the_host_alone_sets_it_and_hosts_alone_are_told() -> None:
    here = room()
    rule = SetRegionRule("deny", ("US", "BR", "US"), "wait", "deny")
    assert here.says(here.cohost, rule).code == "not_host"
    assert here.says(here.mia, rule).code == "not_host"
    done = here.says(here.host, rule)
    assert done.types == ["region_rule_set"]
    assert here.sim.meeting.settings.region == RegionRule("deny", ("BR", "US"), "wait", "deny")
    assert here.sim.inbox[here.cohost][-1]["rule"]["countries"] == ["BR", "US"]
    assert here.sim.inbox[here.mia][-1]["type"] != "region_rule_set"
    assert done.reason["rule"] == "set_region_rule"
    again = here.says(here.host, rule)
    assert (again.code, again.types) == (None, [])


def test_approving_no_country_is_no_rule() -> None:
    here = room()
    assert here.says(here.host, SetRegionRule("approve")).code == "invalid_rule"
    assert here.says(here.host, SetRegionRule("deny")).code is None
    assert here.sim.http(SetRegionRule("off"), kind="admin").code is None


def test_keep_leaves_everybody_where_they_are() -> None:
    here = room()
    here.says(here.host, SetRegionRule("deny", ("BR",)))
    assert here.sim.meeting.count_inside() == 4


def test_present_puts_back_whoever_is_inside_and_not_allowed() -> None:
    here = room(waiting_room=WaitingRoom())
    waiting = here.sim.enter("Zoe", country="BR")
    fine = here.sim.enter("Ada", country="US")
    here.says(here.host, Admit(fine))
    turned = here.says(here.host, SetRegionRule("deny", ("BR",), "wait", "wait", "put_in_waiting_room"))
    assert turned.types == ["region_rule_set", *["put_in_waiting_room"] * 3]
    assert {here.person(one).why for one in (here.cohost, here.mia, here.noah)} == {Why.REGION}
    assert here.person(waiting).place is Place.WAITING
    assert here.person(fine).place is Place.INSIDE
    reason = turned.rows[1].because or {}
    assert (reason["rule"], reason["country"], reason["asked_by"]) == ("set_region_rule", "BR", here.host)
    assert here.sim.pictures[here.host]["waiting"][1]["why"] == "region"


def test_present_removes_whoever_is_denied_and_puts_back_whoever_must_wait() -> None:
    here = room(waiting_room=WaitingRoom())
    waiting, unknown = here.sim.enter("Zoe", country="BR"), here.sim.enter("Ada", device="d-ada")
    here.says(here.host, Admit(unknown))
    here.says(here.host, SetRegionRule("deny", ("BR",), "wait", present="remove"))
    gone = (here.cohost, here.mia, here.noah, waiting)
    assert {here.person(one).place for one in gone} == {Place.REMOVED}
    assert here.person(unknown).why is Why.REGION
    assert [here.sim.inbox[one][-1] for one in gone] == [{"type": "close", "code": 4500}] * 4


def test_a_removal_by_rule_lasts_as_long_as_the_rule() -> None:
    here = room()
    here.says(here.host, SetRegionRule("deny", ("BR",), "allow", present="remove"))
    assert here.sim.join("Mia", device="d-Mia", country="BR").code == "region_blocked"
    here.says(here.host, SetRegionRule("off"))
    assert here.sim.person(here.sim.enter("Mia", device="d-Mia", country="BR")).place is Place.INSIDE
    assert here.sim.person(here.sim.enter("Somebody")).place is Place.INSIDE


def test_the_same_rule_again_may_still_turn_out_who_is_present() -> None:
    here = room()
    here.says(here.host, SetRegionRule("deny", ("BR",)))
    turned = here.says(here.host, SetRegionRule("deny", ("BR",), present="put_in_waiting_room"))
    assert turned.types == ["put_in_waiting_room"] * 3


def test_early_ones_are_left_to_the_start() -> None:
    sim = scheduled()
    early = sim.enter("Mia", country="BR")
    sim.http(SetRegionRule("deny", ("BR",), present="remove"))
    assert sim.person(early).place is Place.EARLY


def test_it_is_looked_at_again_on_admission_and_on_resume() -> None:
    here = room(waiting_room=WaitingRoom())
    zoe = here.sim.enter("Zoe", country="BR")
    here.sim.drop(here.mia)
    here.says(here.host, SetRegionRule("deny", ("BR",)))
    assert here.says(here.host, Admit(zoe)).code == "region_blocked"
    session = here.sim.sessions[here.mia]
    back = here.sim.resume(session)
    assert (back.code, back.types) == ("region_blocked", ["entry_refused"])
    assert back.reason["door"] == "resume"
    assert here.person(here.mia).place is Place.RECONNECTING
    moved = here.sim.resume(session, origin=Origin(country="DE", source="plan"))
    assert moved.types == ["reconnected", "origin_known"]
    reason = moved.reason or {}
    assert (reason["rule"], reason["door"], reason["country"]) == ("resume", "resume", "DE")


def test_a_rule_that_wants_a_look_is_answered_by_an_admission() -> None:
    here = room()
    here.says(here.host, SetRegionRule("deny", ("BR",), "wait"))
    waiting = here.sim.enter("Zoe")
    assert here.says(here.host, Admit(waiting)).code is None


def test_decisions_are_values_and_change_nothing_by_themselves() -> None:
    from meetingsim.state.control import Context
    from meetingsim.state.engine import decide
    from tests.driver import HTTP_HOST

    here = room()
    before = here.sim.meeting
    decision = decide(before, SetRegionRule("deny", ("BR",), present="remove"), Context(0, HTTP_HOST, "http"))
    assert isinstance(decision, Decision)
    assert len(decision.facts) == 4
    assert here.sim.meeting is before
