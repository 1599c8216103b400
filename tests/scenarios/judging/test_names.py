"""What the names of the language mean at the facts of a run."""

from __future__ import annotations

from typing import Any

import pytest

from meetingsim.scenarios.judge import expectation_checks
from meetingsim.scenarios.plan import Expectation
from tests.scenarios.judging.lesson import SUSPENDED, begun, check, does, lesson, verdict
from tests.scenarios.traces import Telling


@pytest.fixture(scope="module")
def told() -> Telling:
    """A little of everything."""
    told = begun()
    told.ids["stranger"] = "p-unknown"
    told.event(4000, "waiting_room_message", from_="pupils[0]", from_name="P", to="hosts", text="hello")
    told.event(4100, "message", from_="pupils[1]", to="teacher", text="psst")
    told.event(4200, "removed", participant="stranger", by="host")
    told.event(4300, "renamed", participant="pupils[0]", name="Zoë", by="pupils[0]", because={"rule": "rename"})
    does(told, 4400, "pupils[0]", "set_audio", "audio_changed", on=True)
    sent = told.sends(4500, "pupils[1]", "set_video", on=False)
    told.accepts(4500, sent)
    told.sends(4600, "teacher", "allow", activity="audio", allowed=True)
    attempt = {"name": "Eve", "via": "vpn", "with": "new-name", "header": None}
    refused = told.sends(5000, "raiders[0]", "join", name=" E\u0301ve ", attempt=attempt)
    told.event(5010, "entry_refused", code="region_blocked", name="Éve", country="BR", because={"country": "BR"})
    told.refuses(5030, refused, "region_blocked")
    told.happens(
        6000,
        "report_filed",
        subjects=[told.ids["pupils[0]"]],
        source="participant",
        reporter={"id": told.ids["teacher"]},
    )
    frame = {"type": "audio_changed", "seq": 40, "participant": told.ids["pupils[0]"], "on": True}
    told.reads(7000, frame, "teacher", "pupils[1]")
    told.reads(7000, {"type": "view", "seq": 41, "view": {"me": {"position": 3}}}, "pupils[1]")
    told.happens(7500, "disconnected", "pupils[1]", line=told.lines["pupils[1]"], code=1006)
    told.over()
    return told


@pytest.mark.parametrize(
    "fact",
    [
        "joined where participant == 'pupils[0]' and actor == 'pupils[0]' and person.group == 'pupils'",
        "joined where 'pupils[0]' in [meeting, actor] and 'pupils[0]' not in ['pupils[1]']",
        "joined where event.participant == 'pupils[1]' and event.actor.index == 1",
        "joined where type == 'joined' and seq == 2 and at == 2000 and has(because, 'rule', 'country')",
        "joined where has(event, 'participant', 'seq') and not has(event, 'code')",
        "waiting_room_message where from == 'pupils[0]' and to == 'hosts' and actor == 'pupils[0]'",
        "message where to == 'teacher' and actor == 'pupils[1]'",
        "removed where participant == 'p-unknown' and actor == None and by == 'host'",
        "renamed where name == 'Zoë' and actor.name == 'Zoë' and because.rule == 'rename'",
        "accepted where activity == 'audio' and command == 'set_audio' and n == 1 and actor == 'pupils[0]'",
        "accepted where activity == None and command == 'set_video'",
        "sent where activity == 'audio' and command == 'set_audio'",
        "sent where activity == None and command == 'set_video' and on == False",
        "sent where activity == 'audio' and command == 'allow'",
        "sent where command == 'join' and attempt.via == 'vpn' and attempt.header == None and actor.attempt.via == 'vpn'",
        "refused where code == 'region_blocked' and detail == 'no' and attempt.name == 'Eve'",
        "entry_refused where actor == 'raiders[0]' and attempt.via == 'vpn' and country == 'BR' and code == 'region_blocked'",
        "report_filed where 'pupils[0]' in subjects and source == 'participant' and reporter == 'teacher'",
        "received where frame.type == 'audio_changed' and frame.sender == 'pupils[0]' and frame.activity == 'audio'",
        "received where client == 'pupils[1]' and actor == client and frame.participant == 'pupils[0]' and frame.seq == 40",
        "received where frame.type == 'view' and frame.sender == None and frame.view.me.position == 3",
        "received where event.frame.sender == 'pupils[0]' and event.client == 'teacher'",
        "disconnected where actor == 'pupils[1]' and not actor.connected and code == 1006",
        "connected where actor.connected",
        "joined where meeting.locked == False and meeting.waiting_room.enabled and suspended == [] and waiting_count == 0",
        "joined where count(actor.group == 'pupils' and actor.place == 'inside') == 2",
        "joined where count(actor == event.actor) == 1 and count(person.place == None) == 2",
        "joined where count(count(actor.place == 'inside') == 3 and actor.role == 'host') == 1",
    ],
)
def test_a_fact_that_there_is(told: Telling, fact: str) -> None:
    assert verdict(told, eventually=fact) == "pass"


def test_the_state_at_a_fact_is_the_one_after_it() -> None:
    told = begun()
    told.event(4000, "suspended", by="teacher", **SUSPENDED)
    assert verdict(told, eventually="suspended where 'audio' in suspended and meeting.locked") == "pass"
    assert verdict(told, never="joined where actor.place != 'inside'") == "pass"


def test_each_of_a_received_frame_keeps_who_sent_it() -> None:
    told = begun()
    frame = {"type": "audio_changed", "seq": 9, "participant": told.ids["pupils[0]"], "on": True}
    told.reads(5000, frame, "teacher")
    told.reads(6000, frame, "pupils[1]")
    asked = (
        "received where client != each.client and frame.sender == each.frame.sender and each.frame.activity == 'audio'"
    )
    assert verdict(told, each="received where client == 'teacher'", eventually=asked) == "pass"


def test_rates_count_what_came_up_of_late() -> None:
    told = begun()
    for at in (5000, 6000, 14_999):
        told.event(at, "reacted", participant="pupils[0]", kind_="applause")
    told.happens(15_000, "rule_fired", "teacher", rule="r")
    told.happens(16_000, "rule_fired", "teacher", rule="s")
    assert verdict(told, eventually="rule_fired where rule == 'r' and rate(reacted, '10s') == 2") == "pass"
    assert verdict(told, eventually="rule_fired where rule == 's' and rate(reacted, '10s') == 1") == "pass"
    assert verdict(told, eventually="rule_fired where rate(reacted, actor == 'pupils[1]', '1m') > 0") == "fail"
    assert verdict(told, eventually="reacted where rate(reacted, '10s') == 3") == "pass"
    assert verdict(told, eventually="reacted where rate(reacted, '9999ms') == 3") == "fail"


def test_a_rate_falls_as_time_passes() -> None:
    told = begun()
    told.event(5000, "reacted", participant="pupils[0]", kind_="applause")
    told.happens(20_000, "rule_fired", "teacher", rule="r")
    found = check(told, after="reacted", always="rate(reacted, '10s') == 1")
    assert "rate(reacted, '10s') was 0 at 00:15.000" in found.said
    assert verdict(told, after="reacted", eventually="rate(reacted, '10s') == 0", within="9999ms") == "fail"
    assert verdict(told, after="reacted", eventually="rate(reacted, '10s') == 0", within="10s") == "pass"


def test_a_rate_may_ask_for_what_is_around_it() -> None:
    told = begun()
    for at, ref in ((5000, "pupils[0]"), (5001, "pupils[0]"), (5002, "pupils[1]")):
        told.event(at, "message", from_=ref, to="everyone", text=f"from {ref}")
    told.event(5003, "hand_changed", participant="pupils[0]", up=True)
    assert verdict(told, eventually="hand_changed where rate(message, from == participant, '1m') == 2 and up") == "pass"
    assert (
        verdict(told, each="pupils[0]", eventually="hand_changed where rate(message, actor == each, '1m') == 2")
        == "pass"
    )
    assert (
        verdict(told, each="pupils[1]", eventually="hand_changed where rate(message, actor == each, '1m') == 1")
        == "pass"
    )


def early_and_late() -> Telling:
    """A suspension, a crash in the middle of it, and after it another one of less."""
    told = begun()
    told.event(5000, "suspended", by="teacher", **SUSPENDED)
    told.happens(6000, "server_stopped")
    told.happens(9000, "server_started", downtime=3000)
    return told


def test_before_is_what_was_before_the_fact_that_opened_the_window() -> None:
    told = begun()
    told.event(5000, "locked", by="teacher")
    told.event(6000, "unlocked", by="teacher")
    assert verdict(told, after="locked", eventually="unlocked where before(meeting.locked) == False") == "pass"
    assert verdict(told, after="unlocked", always="meeting.locked != before(meeting.locked)") == "pass"
    inside = "count(actor.place == 'inside')"
    grew = {"each": "joined", "scope": {"between": ["2s", "1m"]}, "always": f"{inside} > before({inside})"}
    assert check(told, **grew).tested == 2
    assert verdict(told, **grew) == "pass"
    assert verdict(told, each="joined", always="before(actor.place) == None and actor.place == 'inside'") == "pass"
    assert verdict(told, scope={"between": ["5500ms", "9s"]}, always="before(meeting.locked) == True") == "pass"


def test_every_window_has_a_before_of_its_own() -> None:
    told = begun()
    for at, up in ((5000, True), (6000, False), (7000, True)):
        told.event(at, "hand_changed", participant="pupils[0]", up=up)
    assert verdict(told, each="hand_changed", always="each.up != before(actor.hand)") == "pass"
    assert verdict(told, each="hand_changed", always="before(actor.hand) == False") == "fail"


def test_before_a_restart_is_before_the_crash() -> None:
    told = early_and_late()
    always = {"after": "server_started", "always": "meeting.suspended == before(meeting.suspended)"}
    assert verdict(told, **always) == "pass"
    told = early_and_late()
    told.event(9100, "allowed", by="teacher", activity="audio")
    found = check(told, **always)
    assert "meeting.suspended was ['chat', 'video']" in found.said
    assert "before(meeting.suspended) was ['audio', 'chat', 'video']" in found.said
    told = begun()
    told.happens(4000, "server_stopped")
    told.event(5000, "locked", by="teacher")  # nothing that is journaled meanwhile was before the crash
    told.happens(6000, "server_started", downtime=2000)
    assert verdict(told, after="server_started", always="meeting.locked != before(meeting.locked)") == "pass"


def test_before_of_a_frame_is_what_that_client_last_read() -> None:
    told = begun()

    def reads(at: int, ref: str, position: int | None) -> None:
        me: dict[str, Any] = {} if position is None else {"position": position}
        told.reads(at, {"type": "view", "seq": at, "view": {"me": me}}, ref)

    reads(5000, "pupils[0]", 4)
    reads(5500, "pupils[1]", 9)
    reads(5600, "pupils[0]", None)
    told.event(6000, "reconnected", participant="pupils[0]")
    reads(6100, "pupils[0]", 3)
    kept = "received where actor == 'pupils[0]' and frame.view.me.position {} before(frame.view.me.position)"
    assert verdict(told, after="reconnected", eventually=kept.format("<"), within="2s") == "pass"
    assert verdict(told, after="reconnected", eventually=kept.format("=="), within="2s") == "fail"
    assert verdict(told, after="reconnected", eventually="received where before(frame.view.me.position) == 4") == "pass"
    assert verdict(told, eventually="received where before(frame.seq) != None") == "fail"
    here = "received where actor == 'pupils[0]' and frame.seq == 6100"
    reads(7000, "pupils[0]", 2)
    assert verdict(told, after=here, eventually="received where before(frame.view.me.position) == 4") == "pass"


def test_nobody_is_behind_a_refusal_that_no_reply_fits() -> None:
    told = lesson()
    sent = told.sends(1000, "raiders[0]", "join", name="Eve")
    told.event(1000, "entry_refused", code="region_blocked", name="Ada")
    told.refuses(1010, sent, "region_blocked")
    assert verdict(told, eventually="entry_refused where actor == None") == "pass"
    assert verdict(told, eventually="entry_refused where actor != None") == "fail"


def test_who_came_early_and_was_refused_is_said_by_their_leaving() -> None:
    told = lesson()
    told.comes(500, "pupils[0]", "arrived_early")
    told.event(1000, "entry_refused", code="full", name="pupils[0]")
    told.event(1000, "left", participant="pupils[0]")
    told.refuses(2000, told.sends(2000, "raiders[0]", "resume"), "full")
    assert verdict(told, eventually="entry_refused where actor == 'pupils[0]'") == "pass"


def test_several_refusals_are_told_apart_by_their_order_and_name() -> None:
    told = lesson()
    first = told.sends(1000, "raiders[0]", "join", name="Eve")
    second = told.sends(1000, "raiders[1]", "join", name="Mallory")
    told.event(1001, "entry_refused", code="locked", name="Eve", country="BR")
    told.event(1002, "entry_refused", code="locked", name="Mallory", country="TR")
    told.refuses(1010, second, "locked")
    told.refuses(1020, first, "locked")
    assert verdict(told, eventually="entry_refused where actor == 'raiders[0]' and country == 'BR'") == "pass"
    assert verdict(told, eventually="entry_refused where actor == 'raiders[1]' and country == 'TR'") == "pass"


def test_before_the_first_window_there_was_nothing() -> None:
    told = begun()
    told.reads(5000, {"type": "view", "seq": 1, "view": {"me": {"position": "first"}}}, "pupils[0]")
    told.reads(5000, {"type": "view", "seq": 1, "view": {"me": {"position": 3}}}, "pupils[0]")
    assert verdict(told, always="before(meeting.locked) == None") == "pass"
    # 'first' is neither more nor less than 3: what is no answer is no last one, either
    assert verdict(told, never="received where before(frame.view.me.position < 3) != None") == "pass"


def test_a_reporter_is_who_the_desk_has_and_a_number_is_nobody() -> None:
    told = begun()
    told.happens(5000, "report_filed", subjects=[7], source="participant", reporter=7)
    assert verdict(told, eventually="report_filed where reporter == 7 and 7 in subjects") == "pass"


def test_what_cannot_be_told_leaves_the_others_with_the_present() -> None:
    told = begun()
    told.event(5000, "locked", by="teacher")
    told.event(6000, "unlocked", by="teacher")
    told.over()
    bad = Expectation(id="bad", after="locked", always="before(meeting.topic) == None and before(meeting.status < 5)")
    scope = {"after": "locked", "until": "unlocked"}
    good = Expectation(id="good", scope=scope, always="meeting.locked")
    found = [one.verdict.value for one in expectation_checks([bad, good], told.trace)]
    assert found == ["fail", "pass"]
