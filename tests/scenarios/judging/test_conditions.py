"""Conditions: at the start of a window and after every change; and facts that windows are found by."""

from __future__ import annotations

from typing import Any

import pytest

from meetingsim.scenarios.verdicts import Verdict
from tests.scenarios.judging.lesson import SUSPENDED, begun, check, does, verdict
from tests.scenarios.traces import Telling


def test_a_condition_is_looked_at_when_its_window_opens_and_after_every_change() -> None:
    told = begun()
    on = told.event(5000, "audio_changed", participant="pupils[0]", on=True)
    off = told.event(6000, "audio_changed", participant="pupils[0]", on=False)
    quiet = "count(actor.audio) == 0"
    found = check(told, always=quiet)
    assert found.verdict is Verdict.FAIL
    assert found.witnesses == (on.n,)
    assert "count(actor.audio) was 1 at 00:05.000" in found.said
    assert verdict(told, scope={"after": "audio_changed where not on"}, always=quiet) == "pass"
    assert check(told, scope={"after": "audio_changed where on"}, always=quiet).witnesses == (on.n,)
    assert verdict(told, after="audio_changed where on", eventually=quiet, within="1s") == "pass"
    assert verdict(told, after="audio_changed where on", eventually=quiet, within="999ms") == "fail"
    assert check(told, after="audio_changed where not on", never="count(actor.audio) > 0").tested == 1
    assert off.seq == (on.seq or 0) + 1


def test_a_condition_of_the_meeting_alone() -> None:
    told = begun()
    told.event(5000, "locked", by="teacher")
    assert verdict(told, never="meeting.locked") == "fail"
    assert verdict(told, eventually="meeting.locked") == "pass"
    assert verdict(told, always="meeting.status == 'scheduled'") == "pass"
    assert verdict(told, after="locked", always="meeting.locked and meeting.allow.audio") == "pass"


def test_a_single_word_is_a_condition_where_there_can_be_no_fact() -> None:
    told = begun()
    told.event(5000, "suspended", by="teacher", **SUSPENDED)
    told.event(6000, "allowed", by="teacher", activity="chat")
    assert verdict(told, after="suspended", always="suspended") == "pass"
    assert verdict(told, always="suspended") == "fail"


def test_the_waiting_count_changes_with_those_who_wait() -> None:
    told = begun()
    told.comes(5000, "raiders[0]", "joined_waiting_room")
    told.comes(6000, "raiders[1]", "joined_waiting_room")
    told.event(7000, "denied", participant="raiders[0]", by="teacher")
    assert verdict(told, always="waiting_count < 2") == "fail"
    assert verdict(told, after="denied", always="waiting_count == 1") == "pass"


def test_a_condition_of_the_row_that_each_stands_for() -> None:
    told = begun()
    told.event(5000, "left", participant="pupils[1]")
    found = check(told, each="pupils", scope={"between": ["4s", "1m"]}, always="each.place == 'inside'")
    assert found.verdict is Verdict.FAIL
    assert "each.place was 'left' at 00:05.000" in found.said
    assert "for pupils[1]" in found.said
    assert verdict(told, each="pupils[0]", scope={"between": ["4s", "1m"]}, always="each.place == 'inside'") == "pass"
    assert verdict(told, each="client", scope={"between": ["4s", "1m"]}, always="client.connected") == "pass"
    assert verdict(told, each="pupils", eventually="each.place == 'left'", at_least="50%") == "pass"


def test_a_condition_over_what_a_fact_was_is_judged_once_and_its_actor_is_who_they_are_now() -> None:
    told = begun()
    told.comes(5000, "raiders[0]")
    told.event(6000, "removed", participant="raiders[0]", by="teacher", because={"rule": "remove", "door": "socket"})
    told.comes(7000, "raiders[0]")
    assert verdict(told, each="removed", always="has(because, 'rule', 'door')") == "pass"
    found = check(told, each="removed", always="has(because, 'rule', 'country')")
    assert "has(because, 'rule', 'country') was False" in found.said
    assert verdict(told, each="removed", always="each.actor.place == 'removed'") == "pass"
    found = check(told, each="removed", always="actor.place == 'removed' and participant == 'raiders[0]'")
    assert "actor.place was 'inside' at 00:07.000" in found.said


def test_a_condition_that_mixes_a_row_and_the_meeting_follows_both() -> None:
    told = begun()
    told.event(5000, "hand_changed", participant="pupils[0]", up=True)
    told.event(6000, "locked", by="teacher")
    told.event(7000, "unlocked", by="teacher")
    told.event(8000, "hand_changed", participant="pupils[0]", up=False)
    asked = {"each": "pupils", "at_least": "50%"}
    assert verdict(told, **asked, eventually="each.hand and meeting.locked") == "pass"
    assert verdict(told, **asked, eventually="each.hand and suspended") == "fail"
    assert verdict(told, after="locked", eventually="not meeting.locked and count(actor.hand) == 0") == "pass"


def test_a_condition_with_a_time_is_not_met_by_what_comes_later() -> None:
    told = begun()
    told.event(5000, "locked", by="teacher")
    told.event(9000, "audio_changed", participant="pupils[0]", on=True)
    for within, wanted in (("3999ms", "fail"), ("4s", "pass")):
        asked = {"after": "locked", "within": within}
        assert verdict(told, **asked, eventually="count(actor.audio) == 1") == wanted
        assert verdict(told, each="pupils[0]", **asked, eventually="each.audio") == wanted


def answered(**more: Any) -> Telling:
    """Five questions; the third is answered late, the fifth never; and a report on two people."""
    told = begun(**more)
    sent = [told.sends(4000 + 100 * at, f"pupils[{at % 2}]", "chat", text=f"t{at}") for at in range(5)]
    for at, when in ((0, 4500), (1, 4600), (3, 4700), (2, 9000)):
        told.refuses(when, sent[at], "suspended")
    for at, ref in ((9500, "raiders[0]"), (9600, "raiders[1]"), (9700, "pupils[0]")):
        told.comes(at, ref)
    for ref in ("raiders[0]", "raiders[1]", "pupils[0]"):
        told.event(10_000, "removed", participant=ref, by="teacher")
    ids = [told.ids[one] for one in ("raiders[0]", "raiders[1]")]
    told.happens(10_001, "report_filed", subjects=ids, source="remove", issue="spam")
    return told


@pytest.mark.parametrize(
    ("each", "fast", "slow", "holds"),
    [
        ("sent", "refused where n == each.n", "refused where not n != each.n", 4),
        ("sent", "refused where each.n == n and code == 'suspended'", "refused where not (each.n != n)", 4),
        ("sent", "refused where actor == each.actor", "refused where not actor != each.actor", 5),
        (
            "removed",
            "report_filed where each.participant in subjects",
            "report_filed where not (each.participant not in subjects)",
            2,
        ),
        (
            "removed",
            "report_filed where each.person in subjects",
            "report_filed where not (each.person not in subjects)",
            2,
        ),
        ("sent", "refused where each.text in detail", "refused where not (each.text not in detail)", 0),
        ("sent", "refused where each.text in text", "refused where not (each.text not in text)", 4),
        ("sent", "refused where each.attempt == attempt", "refused where not each.attempt != attempt", 5),
        ("joined", "removed where each.person == person", "removed where not each.person != person", 4),
        ("joined", "removed where each.because == because", "removed where not each.because != because", 0),
        (
            "joined",
            "joined where each.because.rule == because.rule",
            "joined where not each.because.rule != because.rule",
            5,
        ),
        ("pupils", "refused where actor == each", "refused where not actor != each", 2),
    ],
)
def test_windows_that_are_found_by_what_equals_are_those_for_which_it_holds(
    each: str, fast: str, slow: str, holds: int
) -> None:
    told = answered()
    found = [check(told, each=each, eventually=one, at_least="100%") for one in (fast, slow)]
    assert {one.said.partition(" of ")[0] for one in found} == {str(holds)}
    within = [check(told, each=each, eventually=one, within="1s") for one in (fast, slow)]
    assert len({(one.verdict, one.witnesses, one.tested) for one in within}) == 1
    never = [check(told, each=each, never=one) for one in (fast, slow)]
    assert len({(one.verdict, one.witnesses, one.tested) for one in never}) == 1


def test_a_number_is_no_truth_where_windows_are_found() -> None:
    told = begun()
    told.sends(5000, "pupils[0]", "raise_hand", up=True)
    does(told, 6000, "pupils[0]", "set_audio", "audio_changed", on=True)
    assert (
        verdict(told, each="sent where command == 'raise_hand'", eventually="audio_changed where on == each.up")
        == "pass"
    )
    assert (
        verdict(told, each="sent where command == 'raise_hand'", eventually="audio_changed where on == each.n")
        == "fail"
    )
