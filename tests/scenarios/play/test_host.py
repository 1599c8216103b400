"""Scripted hosts: what they know is what they see, they take a person's time, and they act as fast as they are let."""

from __future__ import annotations

from typing import Any

import pytest

from meetingsim.chance import Chance
from meetingsim.scenarios.cast import Rule
from meetingsim.scenarios.play.host import oracle_in
from meetingsim.scenarios.trace import Trace
from tests.scenarios.play.played import HOST, OPEN, facts, played


def hosted(*rules: dict[str, Any], reaction: dict[str, str] | None = None, **said: Any) -> Trace:
    policy = {"rules": list(rules), **({"reaction": reaction} if reaction else {})}
    return played(policies={"host": policy}, **said)


def fired(trace: Trace) -> list[tuple[int, str]]:
    return [(fact.at, fact.fields["rule"]) for fact in facts(trace, "rule_fired")]


ADMIT = {"id": "admit", "when": "joined_waiting_room", "do": {"admit": {"participant": "event.participant"}}}


def test_a_rule_acts_on_whom_the_fact_is_about() -> None:
    trace = hosted(ADMIT, meeting={}, actors={"host": HOST, "class": {"count": 3}})
    assert {fact.actor for fact in facts(trace, "admitted")} == {"class[0]", "class[1]", "class[2]"}
    assert len(fired(trace)) == 3


def test_a_predicate_is_judged_on_people_of_the_cast() -> None:
    rule = {**ADMIT, "when": "joined_waiting_room where actor == 'class[1]'"}
    trace = hosted(rule, meeting={}, actors={"host": HOST, "class": {"count": 3}})
    assert [fact.actor for fact in facts(trace, "admitted")] == ["class[1]"]


def test_whoever_waits_already_when_the_host_comes_is_noticed() -> None:
    late = {"role": "cohost", "country": "US", "arrive": {"at": "10s"}}
    trace = played(
        meeting={},
        actors={"host": HOST, "helper": late, "mia": {}},
        policies={"helper": {"rules": [ADMIT]}},
    )
    (admitted,) = facts(trace, "admitted", "mia")
    assert admitted.at == 10_000
    assert trace.people[admitted.fields["by"]] == "helper"


def test_people_take_their_time() -> None:
    actors = {"host": HOST, "class": {"count": 60, "arrive": {"at": "2s", "over": "30s", "profile": "even"}}}
    trace = hosted(ADMIT, reaction={"median": "4s", "p95": "12s"}, duration="3m", meeting={}, actors=actors)
    knocked = {fact.actor: fact.at for fact in facts(trace, "joined_waiting_room")}
    took = sorted(fact.at - knocked[fact.actor] for fact in facts(trace, "admitted"))
    assert len(took) == 60
    assert 2_500 < took[30] < 6_000
    assert took[-1] > 8_000


def test_half_of_the_reactions_are_shorter_than_the_median() -> None:
    chance = Chance.of(1, "reaction")
    drawn = sorted(chance.around(4_000, 12_000) for _ in range(4_000))
    assert 3_700 < drawn[2_000] < 4_300
    assert 10_800 < drawn[3_800] < 13_200
    assert Chance.of(1, "same").around(4_000, 4_000) == 4_000


def test_once_is_once() -> None:
    rule = {"id": "lock", "when": "joined", "do": "lock", "once": True}
    trace = hosted(rule, actors={"host": HOST, "class": {"count": 3, "arrive": {"over": "9s", "profile": "even"}}})
    assert len(fired(trace)) == 1


def test_a_condition_fires_when_it_comes_true_and_again_when_it_comes_true_again() -> None:
    rule = {"id": "full", "when": "count(actor.place == 'inside') >= 3", "do": {"chat": {"text": "full house"}}}
    timeline = [{"at": "5s", "who": "mia", "do": "leave"}, {"at": "8s", "who": "mia", "do": "rejoin"}]
    trace = hosted(rule, actors={"host": HOST, "ben": {}, "mia": {}}, timeline=timeline)
    assert [second // 1_000 for second, _ in fired(trace)] == [1, 8]


def test_for_waits_until_it_has_held_so_long() -> None:
    rule = {"id": "quiet", "when": "count(actor.place == 'inside') == 2", "for": "6s", "do": "lock"}
    timeline = [{"at": "4s", "who": "mia", "do": "leave"}, {"at": "8s", "who": "mia", "do": "rejoin"}]
    trace = hosted(rule, actors={"host": HOST, "mia": {}}, timeline=timeline)
    ((at, _),) = fired(trace)
    assert 14_000 <= at < 14_500


def test_a_rate_is_of_the_last_seconds() -> None:
    rule = {"id": "panic", "when": "rate(message, '5s') > 4", "do": "suspend", "once": True}
    slow = [{"at": f"{second}s", "who": "mia", "do": "chat"} for second in range(2, 22, 2)]
    quick = [{"at": f"{25_000 + ms}ms", "who": "mia", "do": "chat"} for ms in range(0, 1_500, 300)]
    actors = {"host": HOST, "mia": {}}
    assert fired(hosted(rule, actors=actors, timeline=slow)) == []
    ((at, _),) = fired(hosted(rule, actors=actors, timeline=[*slow, *quick]))
    assert at == 26_200


def test_a_group_is_acted_on_at_a_pace_with_those_who_come_meanwhile_and_without_those_who_left() -> None:
    rule = {"id": "clean", "when": "suspended", "do": {"remove": {"group": "crowd"}}, "pace": "1/2s"}
    trace = hosted(
        rule,
        actors={"host": HOST, "crowd": {"count": 4, "arrive": {"over": "4s", "profile": "even"}}},
        timeline=[
            {"at": "2s", "who": "host", "do": ["suspend", "unlock"]},
            {"at": "2500ms", "who": "crowd[1]", "do": "leave"},
        ],
    )
    removed = facts(trace, "removed")
    assert [fact.actor for fact in removed] == ["crowd[0]", "crowd[2]", "crowd[3]"]
    assert [fact.at for fact in removed] == [2_000, 4_000, 6_000]


def test_a_limit_takes_people_one_after_another_and_passes_over_whoever_is_gone() -> None:
    rule = {**ADMIT, "limit": "1/2s"}
    trace = hosted(
        rule,
        meeting={},
        actors={"host": HOST, "class": {"count": 4}},
        timeline=[{"at": "1500ms", "who": "class[2]", "do": "leave"}],
    )
    assert [(fact.actor, fact.at // 1_000) for fact in facts(trace, "admitted")] == [
        ("class[0]", 1),
        ("class[1]", 3),
        ("class[3]", 5),
    ]


def test_a_host_who_is_cut_off_sees_nothing_and_does_nothing() -> None:
    trace = hosted(
        ADMIT,
        meeting={},
        actors={"host": HOST, "mia": {"arrive": {"at": "6s"}}},
        faults=[{"at": "5s", "for": "10s", "on": "host", "net": {"half_open": "100%"}}],
    )
    assert [fact.at for fact in facts(trace, "joined_waiting_room", "mia")] == [6_000]
    assert [fact.at for fact in facts(trace, "admitted", "mia")] == [15_000]


@pytest.mark.parametrize(
    ("rule", "oracle"),
    [
        ({"when": "suspended", "do": "lock"}, None),
        ({"when": "joined where actor.country == 'BR'", "do": "lock"}, None),
        ({"when": "rate(message, '5s') > 4", "do": "lock"}, None),
        ({"when": "waiting_room_message where text == actor.passphrase", "do": "lock"}, None),
        ({"when": "count(actor.group == 'crowd') > 1", "do": "lock"}, "group"),
        ({"when": "rate(accepted, actor.role == 'participant', '5s') > 4", "do": "lock"}, "accepted"),
        ({"when": "link_posted", "do": "lock"}, "link_posted"),
        ({"when": "suspended", "do": {"remove": {"group": "crowd"}}}, "group"),
    ],
)
def test_what_no_host_knows_is_named(rule: dict[str, Any], oracle: str | None) -> None:
    assert oracle_in(Rule.model_validate({"id": "rule", **rule})) == oracle


def test_rules_that_use_it_are_in_the_trace() -> None:
    rule = {"id": "clean", "when": "suspended", "do": {"remove": {"group": "crowd"}}}
    trace = hosted(rule, ADMIT, actors={"host": HOST, "crowd": {"count": 2}}, meeting=OPEN)
    assert trace.oracles == {"clean": "group"}
