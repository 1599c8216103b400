"""What clients received, and targets that show less than this one."""

from __future__ import annotations

from typing import Any

from meetingsim.scenarios.judging.order import in_order
from meetingsim.scenarios.trace import View
from meetingsim.scenarios.verdicts import Verdict
from tests.scenarios.judging.lesson import SUSPENDED, begun, check, verdict
from tests.scenarios.traces import Telling

CLIENTS: frozenset[View] = frozenset({"client"})
SERVER: frozenset[View] = frozenset({"server"})


def heard() -> Telling:
    """A suspend, which a pupil reads later than the teacher, and audio that the pupil reads after it."""
    told = begun()
    suspended = told.event(5000, "suspended", by="teacher", **SUSPENDED)
    told.tells(suspended, "teacher")
    told.reads(5300, {**suspended.fields}, "pupils[0]")
    frame = {"type": "audio_changed", "seq": 90, "participant": told.ids["pupils[1]"], "on": True}
    told.reads(5400, frame, "pupils[0]")
    return told


def test_each_client_is_a_window_of_what_it_received() -> None:
    told = heard()
    never = (
        "received where frame.sender.role == 'participant' and frame.activity in suspended and frame.seq > scope.seq"
    )
    found = check(told, view="client", each="client", scope={"after": "suspended"}, never=never)
    assert found.verdict is Verdict.FAIL
    assert found.tested == 3
    assert "1 of 3 windows" in found.said
    assert "for pupils[0]" in found.said
    assert "received audio_changed of pupils[1] at pupils[0] at 00:05.400" in found.said
    early = never.replace("> scope.seq", "< scope.seq")
    assert verdict(told, view="client", each="client", scope={"after": "suspended"}, never=early) == "pass"


def test_in_the_view_of_clients_an_event_is_what_they_received() -> None:
    told = heard()
    after = {"after": "suspended", "within": "250ms"}
    assert verdict(told, **after, view="client", eventually="suspended where client == 'teacher'") == "pass"
    assert verdict(told, **after, view="client", eventually="suspended where client == 'pupils[0]'") == "fail"
    assert verdict(told, view="client", each="client", eventually="suspended", at_least="60%") == "pass"
    assert verdict(told, view="client", each="client", eventually="suspended", at_least="70%") == "fail"
    assert (
        verdict(told, view="client", eventually="audio_changed where seq == 90 and actor == 'pupils[1]' and on")
        == "pass"
    )
    assert verdict(told, view="server", eventually="audio_changed") == "fail"


def test_what_many_read_at_once_is_judged_by_the_picture_of_the_moment() -> None:
    told = begun()
    frame = {"type": "audio_changed", "seq": 90, "participant": told.ids["pupils[1]"], "on": True}
    told.reads(5000, frame, "pupils[0]")
    told.event(5001, "suspended", by="teacher", **SUSPENDED)
    told.reads(5002, frame, "teacher")
    asked = "received where frame.activity in suspended"
    assert check(told, each="client", view="client", eventually=asked, at_least="1%").said.startswith("1 of 3")


def only_clients() -> Telling:
    """The same to somebody who sees nothing but what clients receive."""
    told = begun()
    told.trace.facts.clear()
    told.trace.views = CLIENTS
    person = {"id": told.ids["pupils[0]"], "name": "P", "role": "participant", "place": "inside"}
    joined = {"type": "joined", "seq": 2, "participant": told.ids["pupils[0]"], "person": person}
    me = {"me": {"id": told.ids["teacher"], "place": "inside", "role": "host", "name": "T"}, "participants": []}
    told.reads(1000, {"type": "view", "seq": 1, "view": me}, "teacher")
    told.reads(2000, joined, "teacher")
    told.reads(2050, joined, "pupils[0]")
    told.reads(3000, {"type": "suspended", "seq": 3, "by": told.ids["teacher"], **SUSPENDED}, "pupils[0]", "teacher")
    return told


def test_without_a_journal_an_event_is_where_it_was_first_read() -> None:
    told = only_clients()
    kinds = [(fact.fact, fact.at, fact.seq) for fact in in_order(told.trace) if fact.is_event]
    assert kinds == [("joined", 2000, 2), ("suspended", 3000, 3)]
    assert verdict(told, eventually="joined where actor == 'pupils[0]' and at == 2000") == "pass"
    assert verdict(told, after="suspended", always="count(actor.place == 'inside') == 2 and meeting.locked") == "pass"
    assert verdict(told, eventually="count(actor.role == 'host' and actor.place == 'inside') == 1") == "pass"


def skipped(told: Telling, why: str, **expectation: Any) -> None:
    """It is skipped, and says why."""
    found = check(told, **expectation)
    assert (found.verdict, found.said) == (Verdict.SKIPPED, why)


def test_what_a_target_does_not_show_is_skipped_with_the_reason() -> None:
    told = only_clients()
    why = "the target does not show why something happened"
    skipped(told, why, each="joined", always="has(because, 'rule')")
    skipped(told, why, never="joined where event.because == None")
    skipped(told, "the target does not show report_filed", eventually="report_filed")
    told = begun(views=SERVER)
    received = "the target does not show what clients receive"
    skipped(told, received, eventually="received")
    skipped(told, received, each="client", always="client.connected")
    skipped(told, received, view="client", eventually="joined")
    skipped(told, received, eventually="joined where rate(received, '10s') > 0")
    assert verdict(told, eventually="joined") == "pass"
    told = begun(views=frozenset())
    nothing = "the target shows neither its journal nor what clients receive"
    skipped(told, nothing, eventually="joined")
    assert verdict(told, never="refused") == "pass"


def test_what_a_target_cannot_do_is_skipped_with_what_it_said() -> None:
    told = begun(lacking={"crash": "it cannot crash", "suspend": "it has no suspend", "remove": "no remove"})
    skipped(told, "server_started: it cannot crash", after="server_started", always="meeting.locked")
    skipped(told, "suspended: it has no suspend", scope={"after": "suspended"}, never="message")
    skipped(told, "suspend: it has no suspend", eventually="accepted where command == 'suspend'")
    assert verdict(told, each="removed", never="joined") == "vacuous"  # a region rule removes, too
    assert verdict(told, eventually="joined") == "pass"


def test_what_speaks_of_a_rule_that_no_host_could_follow_says_so() -> None:
    told = begun(oracles={"panic": "group", "clean": "group"})
    told.happens(5000, "rule_fired", "teacher", rule="panic")
    told.over()
    assert check(told, after="rule_fired where rule == 'panic'", never="joined").oracle == ("panic",)
    assert check(told, after="rule_fired", never="joined").oracle == ("clean", "panic")
    assert check(told, after="rule_fired where rule == 'other'", never="joined").oracle == ()
    assert check(told, never="joined").oracle == ()


def test_each_client_may_wait_for_what_is_in_the_journal() -> None:
    told = begun()
    told.event(5000, "hand_changed", participant="pupils[0]", up=True)
    asked = check(told, each="client", eventually="hand_changed where actor == client", at_least="30%")
    assert asked.said == "1 of 3 windows hold, 30% must"


def test_what_is_read_late_of_before_a_window_is_not_in_it() -> None:
    told = only_clients()
    said = {"message": "m", "from": told.ids["pupils[0]"], "to": "everyone", "text": "x"}
    told.reads(3500, {"type": "message", "seq": 2, **said}, "teacher")
    assert verdict(told, after="suspended", never="message") == "pass"
    told = only_clients()
    told.reads(3500, {"type": "message", "seq": 4, **said}, "teacher")
    assert verdict(told, after="suspended", never="message") == "fail"
