"""When the windows of an expectation open and end, and what comes of them."""

from __future__ import annotations

import pytest

from meetingsim.scenarios.verdicts import Verdict
from tests.scenarios.judging.lesson import SUSPENDED, begun, check, lesson, verdict


def test_without_a_scope_the_whole_run_is_one_window() -> None:
    told = begun()
    assert check(told, never="joined where actor == 'raiders[0]'").tested == 1
    assert verdict(told, eventually="joined where actor == 'pupils[1]'") == "pass"
    assert verdict(told, eventually="joined where actor == 'raiders[0]'") == "fail"
    assert verdict(told, never="joined where actor == 'pupils[1]'") == "fail"


def test_a_fact_within_a_time_and_the_last_ms_of_it_counts() -> None:
    told = begun()
    rule = told.happens(5000, "rule_fired", "teacher", rule="panic")
    told.event(6000, "suspended", by="teacher", **SUSPENDED)
    after = {"after": "rule_fired where rule == 'panic'", "eventually": "suspended"}
    assert verdict(told, **after, within="1s") == "pass"
    found = check(told, **after, within="999ms")
    assert found.verdict is Verdict.FAIL
    assert found.witnesses == (rule.n,)
    assert "rule_fired panic of teacher at 00:05.000" in found.said
    assert "until 00:05.999" in found.said


def test_a_window_that_the_end_of_the_run_cuts_is_undecided() -> None:
    told = begun(duration=6000)
    told.happens(5500, "rule_fired", "teacher", rule="panic")
    assert verdict(told, after="rule_fired", eventually="suspended", within="1s") == "undecided"
    assert verdict(told, after="rule_fired", eventually="suspended", within="500ms") == "fail"
    assert verdict(told, after="rule_fired", eventually="suspended") == "fail"


def test_nothing_is_decided_of_what_was_open_when_a_run_broke() -> None:
    told = begun()
    told.trace.broke = "the target ended"
    assert verdict(told, eventually="suspended") == "undecided"
    assert verdict(told, never="suspended") == "undecided"
    assert verdict(told, eventually="joined") == "pass"


def test_what_never_opened_a_window_is_vacuous_and_green_only_where_allowed() -> None:
    told = begun()
    found = check(told, after="locked", never="joined")
    assert (found.verdict, found.green, found.tested) == (Verdict.VACUOUS, False, 0)
    assert check(told, after="locked", never="joined", allow_vacuous=True).green
    assert verdict(told, each="locked", always="meeting.locked") == "vacuous"
    assert verdict(told, scope={"between": ["20m", "30m"]}, always="meeting.locked") == "vacuous"


def test_a_scope_includes_its_start_and_not_its_end() -> None:
    told = begun()
    told.event(5000, "suspended", by="teacher", **SUSPENDED)
    told.event(6000, "message", from_="pupils[0]", to="everyone", text="in")
    told.event(7000, "allowed", by="teacher", activity="chat")
    told.event(8000, "message", from_="pupils[0]", to="everyone", text="out")
    scope = {"after": "suspended", "until": "allowed"}
    assert verdict(told, scope=scope, eventually="suspended") == "pass"
    assert verdict(told, scope=scope, eventually="allowed") == "fail"
    assert verdict(told, scope=scope, eventually="message where text == 'in'") == "pass"
    assert verdict(told, scope=scope, never="message where text == 'out'") == "pass"
    assert verdict(told, scope={"until": "suspended"}, never="message") == "pass"
    assert verdict(told, scope={"until": "allowed"}, never="message") == "fail"


def test_what_opens_a_window_is_not_in_it() -> None:
    told = begun()
    told.event(5000, "locked", by="teacher")
    assert verdict(told, after="locked", eventually="locked") == "fail"
    assert verdict(told, each="joined", never="joined where person == each.person") == "pass"


def test_every_occurrence_opens_a_window_and_the_next_end_closes_all_of_them() -> None:
    told = begun()
    for at in (5000, 6000):
        told.event(at, "suspended", by="teacher", **SUSPENDED)
    told.event(7000, "allowed", by="teacher", activity="chat")
    told.event(8000, "suspended", by="teacher", **SUSPENDED)
    scope = {"after": "suspended", "until": "allowed"}
    found = check(told, scope=scope, eventually="message")
    assert found.tested == 3
    assert "3 of 3 windows" in found.said
    assert "until 00:07.000" in found.said


def test_times_bound_a_scope_and_a_fact_at_its_end_is_out() -> None:
    told = begun()
    for at in (5000, 9999, 10_000):
        told.event(at, "reacted", participant="pupils[0]", kind_=f"at {at}")
    between = {"between": ["5s", "10s"]}
    for kind, wanted in (("at 5000", "pass"), ("at 9999", "pass"), ("at 10000", "fail")):
        assert verdict(told, scope=between, eventually=f"reacted where kind == '{kind}'") == wanted
    assert verdict(told, scope={"between": ["0s", "1ms"]}, never="joined") == "pass"
    assert verdict(told, scope={"between": ["0s", "3s"]}, always="count(actor.place == 'inside') < 3") == "pass"
    assert verdict(told, scope={"between": ["3s", "4s"]}, always="count(actor.place == 'inside') == 3") == "fail"
    assert verdict(told, scope={"between": ["4s", "5s"]}, always="count(actor.place == 'inside') == 3") == "pass"


def test_the_scope_has_the_seq_and_the_time_of_what_opened_it() -> None:
    told = begun()
    opener = told.event(5000, "suspended", by="teacher", **SUSPENDED)
    told.event(6000, "message", from_="pupils[0]", to="everyone", text="later")
    scope = {
        "scope": {"after": "suspended"},
        "eventually": f"message where scope.at == 5000 and scope.seq == {opener.seq}",
    }
    assert verdict(told, **scope) == "pass"
    rule = {"after": "rule_fired", "eventually": f"message where scope.seq == {opener.seq}"}
    told = begun()
    told.event(5000, "suspended", by="teacher", **SUSPENDED)
    told.happens(5500, "rule_fired", "teacher", rule="r")
    told.event(6000, "message", from_="pupils[0]", to="everyone", text="later")
    assert verdict(told, **rule) == "pass"


def test_a_reply_counts_where_its_event_is_however_late_it_comes() -> None:
    told = begun()
    early = told.sends(4000, "pupils[0]", "set_audio", on=True)
    heard = told.event(4000, "audio_changed", participant="pupils[0]", on=True)
    told.event(5000, "suspended", by="teacher", **SUSPENDED)
    told.accepts(5400, early, heard)
    never = {"never": "accepted where actor.role == 'participant' and activity in suspended"}
    scope = {"after": "suspended", "until": "allowed"}
    assert verdict(told, scope=scope, **never) == "pass"
    told = begun()
    late = told.sends(5100, "pupils[0]", "set_audio", on=True)
    told.event(5000, "suspended", by="teacher", **SUSPENDED)
    heard = told.event(5100, "audio_changed", participant="pupils[0]", on=True)
    for activity in ("audio", "chat", "video"):
        told.event(5200, "allowed", by="teacher", activity=activity)
    accepted = told.accepts(5400, late, heard)
    found = check(told, scope=scope, **never)
    assert found.verdict is Verdict.FAIL
    assert found.witnesses[0] == accepted.n


def test_each_fact_is_a_window_with_its_names_as_they_were() -> None:
    told = begun()
    for at, ref in ((4000, "raiders[0]"), (5000, "raiders[1]")):
        told.comes(at, ref)
    for at, ref in ((6000, "raiders[0]"), (7000, "raiders[1]")):
        told.event(at, "removed", participant=ref, by="teacher")
    told.happens(6001, "report_filed", subjects=[told.ids["raiders[0]"]], source="remove", issue="abuse")
    found = check(told, each="removed", eventually="report_filed where each.participant in subjects", within="5s")
    assert found.verdict is Verdict.FAIL
    assert found.tested == 2
    assert "removed of raiders[1] at 00:07.000" in found.said
    assert "1 of 2 windows" in found.said
    removed = {"each": "removed", "eventually": "report_filed where each.participant in subjects"}
    assert verdict(told, **removed, within="5s", at_least="50%") == "pass"
    assert verdict(told, **removed, within="5s", at_least="51%") == "fail"
    assert verdict(told, each="joined", always="each.actor.place == 'inside'") == "pass"
    assert verdict(told, each="joined", always="actor.place == 'inside'") == "fail"


def test_each_fact_counts_inside_its_scope_alone() -> None:
    told = begun()
    told.event(5000, "suspended", by="teacher", **SUSPENDED)
    inside = told.sends(6000, "pupils[0]", "chat", text="a")
    told.refuses(6100, inside, "suspended")
    told.event(7000, "allowed", by="teacher", activity="chat")
    told.sends(8000, "pupils[0]", "chat", text="b")
    asked = {"each": "sent where activity in suspended or command == 'chat'"}
    answer = {"eventually": "refused where n == each.n and code in ['suspended', 'not_permitted']", "within": "2s"}
    found = check(told, scope={"after": "suspended", "until": "allowed"}, **asked, **answer)
    assert (found.verdict, found.tested) == (Verdict.PASS, 1)
    assert check(told, **asked, **answer).tested == 2


@pytest.mark.parametrize(("each", "windows"), [("pupils", 2), ("pupils[1]", 1), ("raiders[0:1]", 1), ("teacher", 1)])
def test_each_member_of_a_group_is_a_window(each: str, windows: int) -> None:
    told = begun()
    found = check(told, each=each, eventually="joined where actor == each")
    assert found.tested == windows
    assert (found.verdict is Verdict.PASS) is (each != "raiders[0:1]")


def test_a_group_is_judged_in_every_scope_again() -> None:
    told = begun()
    for at in (5000, 7000):
        told.event(at, "locked", by="teacher")
        told.event(at + 1000, "unlocked", by="teacher")
    found = check(told, each="pupils", scope={"after": "locked", "until": "unlocked"}, always="each.place == 'inside'")
    assert (found.verdict, found.tested) == (Verdict.PASS, 4)


def test_windows_that_the_end_cut_are_left_out_of_a_share_and_of_nothing_else() -> None:
    told = begun(duration=10_000)
    for at in (5000, 9500):
        sent = told.sends(at, "pupils[0]", "chat", text="a")
        if at == 5000:
            told.refuses(at, sent, "suspended")
    asked = {"each": "sent", "eventually": "refused where n == each.n", "within": "1s"}
    assert verdict(told, **asked) == "undecided"
    assert verdict(told, **asked, at_least="100%") == "pass"


def test_overlapping_scopes_are_told_apart_where_the_predicate_does() -> None:
    told = begun()
    first = told.event(5000, "locked", by="teacher")
    told.event(6000, "locked", by="teacher")
    told.event(7000, "reacted", participant="pupils[0]", kind_="applause")
    told.event(8000, "reacted", participant="pupils[0]", kind_="applause")
    assert check(told, each="reacted", scope={"after": "locked"}, always="scope.seq > 0").tested == 4
    assert check(told, each="reacted", scope={"after": "locked"}, always="kind == 'applause'").tested == 2
    assert (
        check(told, each="reacted", scope={"after": "locked"}, always=f"scope.seq == {first.seq}").verdict
        is Verdict.FAIL
    )


def test_what_cannot_be_told_fails_and_says_so_and_spares_the_others() -> None:
    told = begun()
    found = check(told, never="joined where actor.name < 5")
    assert found.verdict is Verdict.FAIL
    assert "cannot be judged: 'teacher' and 5 have no order" in found.said
    assert verdict(told, always="count(actor.name < 5) == 0") == "fail"
    assert verdict(told, never="joined where rate(joined, actor.name < 5, '1s') > 0") == "fail"


def test_an_empty_trace_is_judged() -> None:
    told = lesson()
    assert verdict(told, never="joined") == "pass"


def test_what_opens_and_ends_windows_knows_nothing_of_them() -> None:
    told = begun()
    told.event(5000, "locked", by="teacher")
    scope = {"until": "locked where by == each.actor"}
    found = check(told, each="joined", scope=scope, never="unlocked")
    assert "cannot be judged: there is no 'each' where windows open and end" in found.said


def test_time_does_not_pass_with_a_reply_that_stands_at_its_event() -> None:
    told = begun()
    sent = told.sends(5000, "teacher", "lock")
    event = told.event(5000, "locked", by="teacher")
    told.event(6000, "hand_changed", participant="pupils[0]", up=True)
    told.accepts(20_000, sent, event)
    soon = "count(actor.hand) == 1 and rate(accepted, '1m') == 1"
    assert verdict(told, after="locked", eventually=soon, within="1s") == "pass"
    assert verdict(told, after="locked", eventually="accepted", within="15s") == "pass"
    assert verdict(told, after="locked", eventually="accepted", within="14s") == "fail"
    assert verdict(told, scope={"between": ["5500ms", "6500ms"]}, eventually="hand_changed") == "pass"
