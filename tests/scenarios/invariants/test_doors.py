"""The region rule, its reasons, and the lock: each broken in one way at a time."""

from __future__ import annotations

from typing import Any

import pytest

from meetingsim.scenarios.invariants.doors import verdict
from tests.scenarios.invariants.story import Story

REGION, EXPLAINED, LOCKED = "region.none-let-in", "region.explained", "locked.none-let-in"
DENY = {"mode": "deny", "countries": ["BR"], "unknown": "deny", "anonymous": "deny"}
FOUND = {"source": "plan", "database": "plan", "built": "2026-01-01"}


@pytest.mark.parametrize(
    ("rule", "origin", "said"),
    [
        ({"mode": "off", "countries": ["BR"]}, {"country": "BR"}, "allow"),
        ({"mode": "deny", "countries": ["BR"]}, {"country": "BR"}, "deny"),
        ({"mode": "deny", "countries": ["BR"]}, {"country": "US"}, "allow"),
        ({"mode": "approve", "countries": ["US"]}, {"country": "US"}, "allow"),
        ({"mode": "approve", "countries": ["US"]}, {"country": "BR"}, "deny"),
        ({"mode": "approve", "countries": ["US"]}, {"country": None}, "deny"),
        ({"mode": "deny", "countries": ["BR"], "unknown": "wait"}, {"country": None}, "wait"),
        ({"mode": "deny", "countries": ["BR"], "unknown": "allow"}, {"country": None}, "allow"),
        ({"mode": "deny", "countries": ["BR"], "anonymous": "wait"}, {"country": "US", "anonymous": "vpn"}, "wait"),
        ({"mode": "deny", "countries": ["BR"], "anonymous": "allow"}, {"country": "BR", "anonymous": "vpn"}, "deny"),
        ({"mode": "deny", "countries": ["BR"], "anonymous": "deny"}, {"country": "US", "anonymous": "tor"}, "deny"),
    ],
)
def test_the_strictest_part_of_a_rule_decides(rule: dict[str, Any], origin: dict[str, Any], said: str) -> None:
    assert verdict(rule, origin) == said


def from_brazil(kind: str, rule: dict[str, Any] = DENY, **because: Any) -> Story:
    """Eve comes, of whom the server finds that she is from Brazil."""
    story = Story(region=rule, waiting_room={"enabled": True})
    story.comes_in("host", "ann")
    story.joins("eve", kind, because={"country": "BR", **FOUND, **because}, country="BR")
    return story


@pytest.mark.parametrize("kind", ["joined", "joined_waiting_room", "arrived_early"])
def test_whoever_is_denied_comes_in_nowhere(kind: str) -> None:
    assert from_brazil(kind).broken() == [REGION]


def test_whoever_is_to_wait_waits() -> None:
    rule = {**DENY, "countries": [], "anonymous": "wait"}
    assert from_brazil("joined_waiting_room", rule, anonymous="vpn").broken() == []
    assert from_brazil("joined", rule, anonymous="vpn").broken() == [REGION]


def test_the_host_comes_from_anywhere() -> None:
    story = Story(region={"mode": "approve", "countries": ["NO"]})
    story.joins("host")
    assert story.broken() == []


def test_an_admission_looks_again() -> None:
    story = Story(waiting_room={"enabled": True})
    story.comes_in("host")
    story.joins("eve", "joined_waiting_room", because={"country": "BR", **FOUND})
    story.does("host", "set_region_rule", "region_rule_set", hears=["host"], rule=DENY, by="host")
    story.admits("eve", country="BR", **{name: value for name, value in FOUND.items() if name != "source"})
    assert story.broken() == [REGION]


@pytest.mark.parametrize("rule", ["resume", "join"])
def test_coming_back_is_judged_by_where_from_one_comes_back(rule: str) -> None:
    story = Story(region=DENY)
    story.comes_in("host", "eve")
    story.happens_to("reconnecting", participant="eve", hears=["host"])
    because = {"rule": rule, "country": "BR", "address": "192.0.2.5", **FOUND}
    story.happens_to("reconnected", participant="eve", hears=["host"], because=because)
    assert story.broken() == [REGION]


def test_a_rule_that_is_changed_back_lets_in_again() -> None:
    story = Story(region=DENY)
    story.comes_in("host")
    story.does("host", "set_region_rule", "region_rule_set", hears=["host"], rule={"mode": "off"}, by="host")
    story.joins("eve", because={"country": "BR", **FOUND}, country="BR")
    assert story.broken() == []


@pytest.mark.parametrize(("present", "right"), [("keep", True), ("remove", False), ("put_in_waiting_room", False)])
def test_a_new_rule_turns_out_those_who_are_there(present: str, right: bool) -> None:
    story = Story()
    story.comes_in("host", "ann")
    story.joins("eve", because={"country": "BR", **FOUND}, country="BR")
    said = {"present": present}
    story.does("host", "set_region_rule", "region_rule_set", said=said, hears=["host"], rule=DENY, by="host")
    assert story.broken() == ([] if right else [REGION])


@pytest.mark.parametrize(("judged", "right"), [("192.0.2.9", False), ("::ffff:192.0.2.5", True)])
def test_one_is_judged_by_the_address_that_one_comes_from(judged: str, right: bool) -> None:
    story = Story()
    story.comes_in("host")
    story.joins("eve", because={"address": judged}, header="X-Forwarded-For: 192.0.2.9")
    assert story.broken() == ([] if right else [REGION])


# Reasons


@pytest.mark.parametrize("name", ["rule", "door", "country", "source"])
@pytest.mark.parametrize("kind", ["joined", "joined_waiting_room", "entry_refused"])
def test_an_entry_without_a_part_of_its_reason(kind: str, name: str) -> None:
    story = Story()
    story.comes_in("host")
    event = story.refused("eve", "locked") if kind == "entry_refused" else story.joins("eve", kind)
    assert story.broken() == []
    event.fields["because"].pop(name)
    assert EXPLAINED in story.broken()


@pytest.mark.parametrize("name", ["country", "source", "database", "built"])
def test_a_refusal_by_region_says_what_it_rests_on(name: str) -> None:
    story = Story(region=DENY)
    story.comes_in("host")
    event = story.refused("eve", "region_blocked", country="BR")
    assert story.broken() == []
    event.fields["because"].pop(name)
    assert story.broken() == [EXPLAINED]


@pytest.mark.parametrize("kind", ["removed", "suspended"])
def test_removals_and_suspends_have_a_reason(kind: str) -> None:
    story = Story()
    story.comes_in("host", "eve")
    event = story.removes("eve") if kind == "removed" else story.suspends()
    event.fields["because"] = None
    assert story.broken() == [EXPLAINED]


@pytest.mark.parametrize(("name", "value"), [("rule", "waiting_room"), ("door", "window")])
def test_a_reason_that_is_none(name: str, value: str) -> None:
    story = Story()
    story.comes_in("host", "eve")
    joined = [fact for fact in story.trace.facts if fact.fact == "joined"][-1]
    joined.fields["because"][name] = value
    assert story.broken() == [EXPLAINED]


def test_hosts_are_told_another_country_than_the_one_it_was_decided_by() -> None:
    story = Story()
    story.comes_in("host")
    story.refused("eve", "region_blocked").fields["because"]["country"] = "BR"
    assert story.broken() == [EXPLAINED]


@pytest.mark.parametrize(
    "more", [{"countries": ["BR"]}, {"matched": "device"}, {"detail": "Only people from NO may come, not from US."}]
)
def test_the_refused_are_told_how_to_get_around(more: dict[str, Any]) -> None:
    story = Story(region={"mode": "approve", "countries": ["NO"]})
    story.comes_in("host")
    error = {
        "code": "region_blocked",
        "detail": "not from your country (US)",
        "country": "US",
        "rule": "region_blocked",
    }
    story.answered(story.knocks("eve"), error=error)
    assert story.broken() == []
    story.answered(story.knocks("eve"), error={**error, **more})
    assert story.broken() == [EXPLAINED]


def test_a_journal_that_gives_no_reason_at_all_is_not_judged_by_them() -> None:
    story = Story(target="adapter")
    story.comes_in("host", "eve")
    for fact in story.trace.facts:
        if "because" in fact.fields:
            fact.fields = {**fact.fields, "because": None}
    checks = story.checks()
    assert checks[EXPLAINED].verdict.value == "skipped"
    assert checks[EXPLAINED].said == "the target's journal gives no reasons"


# The lock


@pytest.mark.parametrize("kind", ["joined", "joined_waiting_room", "arrived_early"])
@pytest.mark.parametrize("lock", ["lock", "suspend"])
def test_nobody_comes_to_a_locked_meeting(kind: str, lock: str) -> None:
    story = Story()
    story.comes_in("host", "ann")
    shut = story.suspends() if lock == "suspend" else story.does("host", "lock", "locked", by="host")
    story.locked = True
    event = story.joins("eve", kind)
    assert story.broken() == [LOCKED]
    assert story.checks()[LOCKED].witnesses == (event.n, shut.n)


def test_what_a_lock_does_not_stop() -> None:
    story = Story(waiting_room={"enabled": True})
    story.comes_in("host", "ann")
    story.joins("eve", "joined_waiting_room")
    story.does("host", "lock", "locked", by="host")
    story.locked = True
    story.admits("eve")
    story.happens_to("reconnecting", participant="ann", hears=["host", "eve"])
    story.at += 29_000
    because = {"rule": "resume", "country": "US", "address": "192.0.2.3", **FOUND}
    story.happens_to("reconnected", participant="ann", hears=["host", "eve"], because=because)
    story.does("host", "unlock", "unlocked", hears=["host", "eve"], by="host")
    story.locked = False
    story.joins("ben")
    story.trace.facts = [fact for fact in story.trace.facts if fact.actor != "ann" or fact.fact != "received"]
    assert story.broken() == []


def test_the_host_comes_to_a_locked_meeting() -> None:
    story = Story()
    story.comes_in("host")
    story.does("host", "lock", "locked", by="host")
    story.closes("host", 1006)
    story.forget("host")
    story.happens_to("left", participant="host")
    story.joins("host")
    assert [name for name in story.broken() if name in {LOCKED, "host.never-locked-out"}] == []


def test_a_seat_is_kept_for_thirty_seconds() -> None:
    story = Story()
    story.comes_in("host", "ann")
    story.does("host", "lock", "locked", by="host")
    story.happens_to("reconnecting", participant="ann", hears=["host"])
    story.at += 32_000
    because = {"rule": "resume", "country": "US", "address": "192.0.2.3", **FOUND}
    story.happens_to("reconnected", participant="ann", hears=["host"], because=because)
    assert story.broken() == [LOCKED]
