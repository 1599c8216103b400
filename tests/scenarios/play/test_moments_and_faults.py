"""Moments at a time, on a fact and aimed at one; and what a fault does to those whom it is on."""

from __future__ import annotations

from typing import Any

from meetingsim.scenarios import Scenario
from meetingsim.targets.playing import play
from tests.scenarios.play.played import HOST, facts, played

CROWD: dict[str, Any] = {"host": HOST, "crowd": {"count": 20}}


def test_people_act_one_after_another_at_a_pace() -> None:
    timeline = [{"at": "5s", "who": ["crowd[0:2]", "host"], "do": ["react", "chat"], "pace": "100ms"}]
    trace = played(actors=CROWD, timeline=timeline)
    sent = [(fact.at, fact.actor, fact.fields["command"]) for fact in facts(trace, "sent") if fact.at >= 5_000]
    assert sent == [
        (5_000, "crowd[0]", "react"),
        (5_100, "crowd[0]", "chat"),
        (5_200, "crowd[1]", "react"),
        (5_300, "crowd[1]", "chat"),
        (5_400, "host", "react"),
        (5_500, "host", "chat"),
    ]


def test_what_two_people_do_at_one_time_happens_in_an_order_that_the_seed_draws() -> None:
    actors = {"host": HOST, "cohost": {"role": "cohost"}, "crowd": {"count": 3}}
    moments = [("host", "raise_hand"), ("cohost", "lock"), ("host", "unlock"), ("crowd[1]", "react"), ("host", "lock")]
    timeline = [{"at": "5s", "who": who, "do": what} for who, what in moments]
    orders: set[tuple[str, ...]] = set()
    for seed in range(20):
        trace = played(actors=actors, timeline=timeline, seed=seed)
        sent = [fact for fact in facts(trace, "sent") if fact.at == 5_000]
        assert [fact.fields["command"] for fact in sent if fact.actor == "host"] == ["raise_hand", "unlock", "lock"]
        orders.add(tuple(str(fact.actor) for fact in sent))
    assert {order.index("cohost") for order in orders} == {0, 1, 3, 4}
    assert len(orders) == 6


def test_who_shares_a_moment_with_others_shares_their_order() -> None:
    timeline = [
        {"at": "5s", "who": "crowd[1]", "do": "raise_hand"},
        {"at": "5s", "who": "crowd[2]", "do": "raise_hand"},
        {"at": "5s", "who": ["crowd[2]", "host", "crowd[1]"], "do": "react"},
    ]
    for seed in range(10):
        sent = facts(played(actors=CROWD, timeline=timeline, seed=seed), "sent")
        hands = ["crowd[1]", "crowd[2]"]
        assert [fact.actor for fact in sent if fact.at == 5_000] == [*hands, "crowd[2]", "host", "crowd[1]"]


def test_a_moment_on_a_fact_follows_it_with_its_fields() -> None:
    timeline = [
        {
            "on": "joined where actor == 'crowd[7]'",
            "who": "host",
            "do": {"remove": {"participant": "event.participant"}},
        }
    ]
    trace = played(actors=CROWD, timeline=timeline)
    assert [fact.actor for fact in facts(trace, "removed")] == ["crowd[7]"]


def test_people_who_wait_for_a_fact_come_after_it() -> None:
    actors = {"host": HOST, "raid": {"count": 3, "arrive": {"on": "link_posted", "after": "4s"}}}
    timeline = [{"at": "10s", "do": {"post_link": {"site": "forum"}}}]
    trace = played(actors=actors, timeline=timeline)
    assert [fact.at for fact in facts(trace, "joined") if fact.actor != "host"] == [14_000, 14_020, 14_040]


def test_actions_are_aimed_around_the_moment_of_another() -> None:
    scenario = Scenario.model_validate(
        {
            "name": "aimed",
            "duration": "20s",
            "meeting": {"waiting_room": {"enabled": False}},
            "actors": CROWD,
            "timeline": [
                {"at": "10s", "who": "host", "do": "suspend"},
                {"on": "sent where command == 'suspend'", "who": "crowd", "do": "chat", "spread": ["-20ms", "+40ms"]},
            ],
        }
    )
    trace = play(scenario).trace
    times = [fact.at - 10_000 for fact in facts(trace, "sent", command="chat")]
    assert len(times) == 20
    assert min(times) >= -20
    assert max(times) <= 40
    assert len(set(times)) > 8
    assert any(time < 0 for time in times)
    assert {fact.fields["code"] for fact in facts(trace, "refused", command="chat")} == {"suspended"}
    assert len(facts(trace, "message")) == sum(time < 0 for time in times) or len(facts(trace, "message")) > 0
    assert [fact.at for fact in facts(play(scenario, 2).trace, "sent", command="chat")] != times


def test_latency_makes_late_both_ways_for_as_long_as_it_lasts() -> None:
    trace = played(
        actors={"host": HOST, "mia": {}},
        faults=[{"at": "5s", "for": "5s", "on": "mia", "net": {"latency": "200ms"}}],
        timeline=[{"at": "6s", "who": "mia", "do": "react"}, {"at": "12s", "who": "mia", "do": "react"}],
    )
    late, prompt = facts(trace, "reacted", "mia")
    assert (late.at, prompt.at) == (6_200, 12_000)
    heard = [fact.at for fact in facts(trace, "received", "mia") if fact.fields["frame"]["type"] == "reacted"]
    assert heard == [6_400, 12_000]
    seen = [fact.at for fact in facts(trace, "received", "host") if fact.fields["frame"]["type"] == "reacted"]
    assert seen == [6_200, 12_000]


def test_frames_of_one_line_never_overtake_each_other() -> None:
    net = {"latency": "250ms±240ms", "jitter": "100ms", "reorder": "50%"}
    trace = played(
        actors={"host": HOST, "mia": {}},
        faults=[{"at": "2s", "for": "20s", "on": ["mia", "host"], "net": net}],
        timeline=[{"at": "3s", "who": "mia", "do": [{"chat": {"text": str(n)}} for n in range(40)], "pace": "10ms"}],
    )
    assert [fact.fields["text"] for fact in facts(trace, "message")] == [str(n) for n in range(40)]
    for line in ("mia", "host"):
        frames = [fact.fields["frame"] for fact in facts(trace, "received", line)]
        assert [frame["text"] for frame in frames if frame["type"] == "message"] == [str(n) for n in range(40)]


def test_a_doubled_frame_is_two_frames_with_a_reply_each() -> None:
    trace = played(
        actors={"host": HOST, "mia": {}},
        faults=[{"at": "2s", "for": "20s", "on": "mia", "net": {"duplicate": "100%"}}],
        timeline=[{"at": "3s", "who": "mia", "do": {"chat": {"text": "twice"}}}],
    )
    first, second = facts(trace, "sent", "mia", command="chat")
    assert second.fields["duplicate"] == first.fields["n"]
    assert second.fields["ref"] == first.fields["ref"]
    assert [fact.fields["n"] for fact in facts(trace, "accepted", "mia", command="chat")] == [
        first.fields["n"],
        second.fields["n"],
    ]
    assert len(facts(trace, "message", "mia")) == 2


def test_a_half_open_line_holds_everything_back_and_neither_side_is_told() -> None:
    trace = played(
        actors={"host": HOST, "mia": {}},
        faults=[{"at": "5s", "for": "10s", "on": "mia", "net": {"half_open": "100%"}}],
        timeline=[
            {"at": "6s", "who": "mia", "do": "react"},
            {"at": "7s", "who": "host", "do": {"chat": {"text": "hello"}}},
        ],
    )
    assert [fact.at for fact in facts(trace, "reacted", "mia")] == [15_000]
    heard = [fact.at for fact in facts(trace, "received", "mia") if fact.fields["frame"]["type"] == "message"]
    assert heard == [15_000]
    assert not facts(trace, "reconnecting")
    assert facts(trace, "view_compared")[-1].fields["equal"]


def test_a_share_of_a_crowd_is_hit() -> None:
    faults = [{"at": "5s", "for": "2s", "on": "crowd", "net": {"drop": "40%"}}]
    trace = played(actors={"host": HOST, "crowd": {"count": 100}}, faults=faults)
    dropped = {fact.actor for fact in facts(trace, "reconnecting")}
    assert 20 < len(dropped) < 60
    assert {fact.actor for fact in facts(trace, "reconnected")} == dropped
    assert all(5_000 <= fact.at <= 7_000 for fact in facts(trace, "reconnecting"))


def test_whoever_does_not_read_is_closed_once_the_outbox_is_full_and_comes_back() -> None:
    text = "x" * 4_000
    chats = [{"at": f"{second}s", "who": "crowd", "do": {"chat": {"text": text}}} for second in range(4, 20)]
    trace = played(
        actors={"host": HOST, "crowd": {"count": 20}, "mia": {}},
        faults=[{"at": "3s", "for": "20s", "on": "mia", "net": {"slow_reader": "100%"}}],
        timeline=chats,
    )
    assert [fact.fields["code"] for fact in facts(trace, "disconnected", "mia")] == [4001]
    assert not [fact for fact in facts(trace, "disconnected") if fact.actor != "mia"]
    assert facts(trace, "reconnected", "mia")


def test_a_flaky_network_breaks_now_and_then_and_is_resumed() -> None:
    actors = {"host": HOST, "crowd": {"count": 10, "net": "flaky-mobile"}}
    trace = played(duration="15m", actors=actors)
    assert len(facts(trace, "reconnecting")) > 10
    assert len(facts(trace, "reconnected")) > 10
    assert facts(trace, "view_compared")[-1].fields["equal"]
