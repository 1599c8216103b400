"""The whole judgement of a run, and the facts in the order in which they are judged."""

from __future__ import annotations

from typing import Any

from meetingsim.scenarios import Scenario
from meetingsim.scenarios.judge import judge
from meetingsim.scenarios.judging.measures import measured
from meetingsim.scenarios.judging.order import in_order, who_was_refused
from meetingsim.scenarios.plan import MEASURES
from meetingsim.scenarios.verdicts import Judgement
from tests.scenarios.judging.lesson import SUSPENDED, begun, verdict
from tests.scenarios.traces import Telling


def judged(told: Telling, **parts: Any) -> Judgement:
    """The judgement of what was told by a scenario with the same cast."""
    actors = {
        "teacher": {"role": "host"},
        "pupils": {"count": 2},
        "raiders": {"count": 2, "behavior": "raider"},
    }
    return judge(Scenario(name="told", duration="10m", actors=actors, **parts), told.over())


def test_a_judgement_has_the_checks_in_the_order_of_the_scenario_and_every_measure() -> None:
    expect = [{"id": "second", "never": "suspended"}, {"id": "first", "eventually": "joined"}]
    thresholds = {"removed_ratio": ">= 0.9", "false_removals": "== 0"}
    found = judged(begun(), expect=expect, thresholds=thresholds)
    kinds = [check.kind for check in found.checks]
    assert kinds == sorted(kinds, key=["expectation", "invariant", "threshold"].index)
    assert [(check.id, check.place) for check in found.checks if check.kind != "invariant"] == [
        ("second", ("expect", 0)),
        ("first", ("expect", 1)),
        ("removed_ratio", ("thresholds", "removed_ratio")),
        ("false_removals", ("thresholds", "false_removals")),
    ]
    assert "invariant" in kinds
    assert tuple(found.measures) == MEASURES


def test_a_reply_is_moved_to_its_event_and_one_without_stays() -> None:
    told = begun()
    first = told.sends(4000, "teacher", "suspend")
    event = told.event(4001, "suspended", by="teacher", **SUSPENDED)
    second = told.sends(4100, "pupils[0]", "chat", text="x")
    reply = told.accepts(4200, first, event)
    no = told.refuses(4300, second, "suspended")
    elsewhere = told.fact(4400, "accepted", "teacher", seq=99, fields={"command": "report", "n": 9})
    assert in_order(told.over())[-7:-1] == [first, event, reply, second, no, elsewhere]
    assert in_order(told.trace, ("accepted", "suspended")) == [event, reply, elsewhere]


def test_what_the_clock_tells_of_several_knocks_is_nobodys() -> None:
    told = begun()
    told.event(4000, "entry_refused", code="wrong_passcode", count=3, because={"asked_by": "clock"})
    one = told.event(4001, "entry_refused", code="wrong_passcode", count=1, because={"asked_by": None})
    told.refuses(4002, told.sends(4001, "raiders[0]", "join", name="R"), "wrong_passcode")
    assert who_was_refused(told.over()) == {id(one): "raiders[0]"}


def test_facts_that_make_no_sense_change_nothing_and_break_nothing() -> None:
    told = begun()
    for kind in ("joined", "left", "room_changed", "suspended", "settings_changed", "removed", "allowed"):
        told.fact(5000, kind, None, seq=50, fields={"type": kind, "stopped": [{}], "participant": None})
    told.reads(5001, {"type": "view"}, "pupils[0]")
    told.reads(5001, {"type": "room_changed", "room": 5}, "pupils[0]")
    told.reads(5001, {}, "pupils[0]")
    assert verdict(told, always="count(actor.place == 'inside') <= 3 and not meeting.allow.chat == None") == "pass"
    assert measured(told.trace)["exposure_seconds"].measure.value == 0
