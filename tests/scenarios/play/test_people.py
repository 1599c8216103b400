"""People of the cast: how they come, what they do by themselves, what they try, and how they come back."""

from __future__ import annotations

from typing import Any

import pytest

from meetingsim.scenarios import Scenario
from meetingsim.scenarios.play.bot import Bot
from meetingsim.targets.playing import play
from tests.scenarios.play.played import HOST, OPEN, facts, knocks, played


def test_people_come_by_links_of_their_own_the_host_as_the_host() -> None:
    trace = played(actors={"host": HOST, "class": {"count": 2}, "forum": {"ticket": "none"}})
    shown = {ref: knocks(trace, ref)[0] for ref in trace.members}
    assert "ticket" not in shown["host"]
    assert shown["class[0]"]["ticket"] != shown["class[1]"]["ticket"]
    assert "passcode" in shown["forum"]
    assert "ticket" not in shown["forum"]
    assert {fact.actor for fact in facts(trace, "joined")} == set(trace.members)
    assert set(trace.people.values()) == set(trace.members)


def test_a_country_is_an_address_that_the_server_looks_up() -> None:
    trace = played(actors={"host": HOST, "mia": {"country": "BR"}})
    (joined,) = facts(trace, "joined", "mia")
    assert (joined.fields["because"]["country"], joined.fields["because"]["source"]) == ("BR", "plan")
    assert joined.fields["because"]["address"] == knocks(trace, "mia")[0]["address"]


def test_a_loop_goes_on_while_one_is_there() -> None:
    behaviors = {"busy": {"loop": {"every": "2s", "do": "react"}}}
    timeline = [{"at": "11500ms", "who": "mia", "do": "leave"}]
    trace = played(actors={"host": HOST, "mia": {"behavior": "busy"}}, behaviors=behaviors, timeline=timeline)
    assert [fact.at for fact in facts(trace, "reacted", "mia")] == [3_000, 5_000, 7_000, 9_000, 11_000]
    assert len(facts(trace, "left", "mia")) == 1


def test_what_is_left_unsaid_is_made_up() -> None:
    do = [
        "set_video",
        "chat",
        "react",
        "raise_hand",
        {"pick": {"annotate": 1}},
        {"chat": {"text": "said", "to": "hosts"}},
    ]
    trace = played(actors={"host": HOST, "mia": {}}, timeline=[{"at": "5s", "who": "mia", "do": do}])
    assert len(facts(trace, "accepted", "mia", command="chat")) == 2
    assert facts(trace, "video_changed", "mia", on=True)
    assert facts(trace, "hand_changed", "mia", up=True)
    assert facts(trace, "annotated", "mia")
    assert facts(trace, "message", "mia", text="said", to="hosts")
    assert not facts(trace, "refused", "mia")


def removed_at(*seconds: int) -> list[dict[str, Any]]:
    return [{"at": f"{second}s", "who": "host", "do": {"remove": {"group": "eve"}}} for second in seconds]


def test_the_removed_try_one_thing_after_another() -> None:
    behaviors = {
        "stubborn": {
            "when_removed": [
                {"wait": "1s", "do": {"rejoin": {"with": "same-ticket"}}},
                {"wait": "2s", "do": {"rejoin": {"with": "new-name"}}},
                {"wait": "3s", "do": {"rejoin": {"with": "new-device", "country": "TR"}}},
            ]
        }
    }
    actors = {"host": HOST, "eve": {"country": "BR", "behavior": "stubborn"}}
    trace = played(actors=actors, behaviors=behaviors, timeline=removed_at(5))
    first, same, name, device = knocks(trace, "eve")
    assert [fact.at for fact in facts(trace, "sent", "eve", command="join")] == [1_000, 6_000, 8_000, 11_000]
    assert {**same, "n": 0, "with": None} == {**first, "n": 0, "with": None}
    assert name["name"] != first["name"]
    assert name["ticket"] != first["ticket"]
    assert name["device"] == first["device"]
    assert (device["device"] != first["device"], device["country"]) == (True, "TR")
    assert [fact.fields["code"] for fact in facts(trace, "refused", "eve")] == ["removed", "removed"]


def test_whoever_is_refused_otherwise_goes_on_with_the_same_list() -> None:
    behaviors = {
        "stubborn": {
            "when_removed": [
                {"wait": "2s", "do": {"rejoin": {"with": "new-name"}}},
                {"wait": "1s", "do": {"rejoin": {"with": "new-device"}}},
            ]
        }
    }
    timeline = [*removed_at(5), {"at": "6s", "who": "host", "do": "lock"}]
    meeting = {**OPEN, "removal": {"match": ["ticket"]}}
    trace = played(
        meeting=meeting, actors={"host": HOST, "eve": {"behavior": "stubborn"}}, behaviors=behaviors, timeline=timeline
    )
    assert [fact.fields["code"] for fact in facts(trace, "refused", "eve")] == ["locked", "locked"]
    assert [one.get("with") for one in knocks(trace, "eve")] == [None, "new-name", "new-device"]


def test_what_needs_no_entry_follows_one_at_once() -> None:
    behaviors = {
        "evader": {
            "when_refused": [
                {"wait": "1s", "do": {"rejoin": {"header": "X-Forwarded-For: 198.51.100.7"}}},
                {"wait": "1s", "do": {"rejoin": {"via": "ipv6-mapped"}}},
                {"wait": "1s", "do": {"rejoin": {"country": "US"}}},
                {"wait": "5s", "do": {"roam": {"country": "RU"}}},
            ]
        }
    }
    meeting = {**OPEN, "region": {"mode": "deny", "countries": ["RU"]}}
    trace = played(
        meeting=meeting, actors={"host": HOST, "eve": {"country": "RU", "behavior": "evader"}}, behaviors=behaviors
    )
    _, header, mapped, clean = knocks(trace, "eve")
    assert header["header"] == "X-Forwarded-For: 198.51.100.7"
    assert mapped["address"].startswith("::ffff:")
    assert clean["country"] == "US"
    (joined,) = facts(trace, "joined", "eve")
    (resumed,) = facts(trace, "sent", "eve", command="resume")
    assert resumed.at - joined.at == 5_000
    assert [fact.fields["code"] for fact in facts(trace, "refused", "eve")] == ["region_blocked"] * 4


def test_an_exit_of_the_scenarios_networks_is_used() -> None:
    behaviors = {"evader": {"when_refused": [{"wait": "1s", "do": {"rejoin": {"via": "vpn"}}}]}}
    trace = played(
        geo={"networks": {"203.0.113.0/24": {"country": "NL", "anonymous": "vpn"}}},
        meeting={**OPEN, "region": {"mode": "deny", "countries": ["RU"], "anonymous": "allow"}},
        actors={"host": HOST, "eve": {"country": "RU", "behavior": "evader"}},
        behaviors=behaviors,
    )
    (joined,) = facts(trace, "joined", "eve")
    assert joined.fields["because"]["country"] == "NL"
    assert joined.fields["because"]["anonymous"] == "vpn"


def test_whoever_waits_answers_the_host_and_is_told_as_often_as_asked() -> None:
    trace = played(
        meeting={},
        actors={"host": HOST, "mia": {"behavior": "patient", "passphrase": "seeded"}},
        timeline=[
            {"at": "5s", "who": "host", "do": {"waiting_room_chat": {"text": "What is your code word?"}}},
            {"at": "15s", "who": "host", "do": {"waiting_room_chat": {"text": "Once more: the CODE WORD, please"}}},
        ],
    )
    said = facts(trace, "waiting_room_message", "mia")
    assert [fact.fields["text"] for fact in said] == [trace.members["mia"].passphrase] * 2


def test_a_guess_is_not_the_word() -> None:
    trace = played(
        meeting={},
        actors={"host": HOST, "eve": {"behavior": "impostor", "passphrase": "seeded"}},
        timeline=[{"at": "5s", "who": "host", "do": {"waiting_room_chat": {"text": "What is your code word?"}}}],
    )
    answers = [fact.fields["text"] for fact in facts(trace, "waiting_room_message", "eve")]
    assert any(answer.startswith("guess-") for answer in answers)
    assert trace.members["eve"].passphrase not in answers


@pytest.mark.parametrize("net", [None, "mobile"])
def test_a_bot_that_fails_at_a_frame_ends_the_run(net: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Bot, frame: dict[str, Any]) -> None:
        if frame["type"] == "reacted":
            raise ZeroDivisionError("a bot that cannot read")

    monkeypatch.setattr(Bot, "got", fail)
    mia = {"behavior": "silent"} | ({"net": net} if net else {})
    timeline = [{"at": "5s", "who": "host", "do": "react"}]
    said = {"name": "unreadable", "duration": "30s", "meeting": OPEN, "actors": {"host": HOST, "mia": mia}}
    judgement = play(Scenario.model_validate({**said, "timeline": timeline}))
    assert judgement.trace.broke == "a bot that cannot read"
    assert judgement.trace.facts[-1].at < 6_000


def test_a_broken_line_is_resumed_with_nothing_lost() -> None:
    trace = played(
        actors={"host": HOST, "mia": {}, "ben": {}},
        timeline=[
            {"at": "5s", "who": "mia", "do": {"disconnect": {"for": "4s"}}},
            {"at": "7s", "who": "ben", "do": {"chat": {"text": "while she is away"}}},
        ],
    )
    assert [fact.at for fact in facts(trace, "reconnecting", "mia")] == [5_000]
    assert [fact.at for fact in facts(trace, "reconnected", "mia")] == [9_000]
    heard = [
        fact for fact in facts(trace, "received", "mia") if fact.fields["frame"].get("text") == "while she is away"
    ]
    assert [fact.at for fact in heard] == [9_000]


def test_whoever_loses_the_line_for_good_is_gone_after_the_grace() -> None:
    timeline = [{"at": "5s", "who": "mia", "do": {"disconnect": {}}}]
    trace = played(duration="1m", actors={"host": HOST, "mia": {}}, timeline=timeline)
    assert [fact.at for fact in facts(trace, "left", "mia")] == [35_000]
    assert not facts(trace, "reconnected", "mia")


def test_a_behaviour_that_says_so_acts_when_the_line_breaks() -> None:
    behaviors = {"shy": {"when_disconnected": [{"wait": "7s", "do": "rejoin"}]}}
    trace = played(
        actors={"host": HOST, "mia": {"behavior": "shy"}},
        behaviors=behaviors,
        faults=[{"at": "5s", "for": "1ms", "on": "mia", "net": {"drop": "100%"}}],
    )
    assert not facts(trace, "sent", "mia", command="resume")
    assert [fact.at for fact in facts(trace, "sent", "mia", command="join")][1] in {12_000, 12_001}


def test_after_a_crash_everybody_comes_back() -> None:
    trace = played(
        actors={"host": HOST, "class": {"count": 5}},
        timeline=[{"at": "10s", "do": {"server": {"crash": True, "downtime": "3s"}}}],
    )
    assert [fact.at for fact in facts(trace, "server_stopped")] == [10_000]
    assert [fact.at for fact in facts(trace, "server_started")] == [13_000]
    assert {fact.actor for fact in facts(trace, "reconnected")} == set(trace.members)
    assert all(fact.at >= 13_000 for fact in facts(trace, "reconnected"))
    assert facts(trace, "view_compared")[-1].fields["equal"]


def test_a_second_knock_takes_over_and_the_first_line_is_let_go() -> None:
    trace = played(actors={"host": HOST, "mia": {}}, timeline=[{"at": "5s", "who": "mia", "do": "rejoin"}])
    assert [fact.fields["code"] for fact in facts(trace, "disconnected", "mia")] == [4003]
    assert facts(trace, "connection_replaced", "mia")
    assert len(facts(trace, "connected", "mia")) == 2


def test_somebody_removed_reports_afterwards_and_so_does_somebody_when_it_is_over() -> None:
    report = {"report": {"group": "host", "issue": "abuse"}}
    trace = played(
        actors={"host": HOST, "eve": {}, "mia": {}},
        timeline=[
            *removed_at(5),
            {"at": "8s", "who": "eve", "do": report},
            {"at": "10s", "who": "host", "do": "end"},
            {"at": "12s", "who": "mia", "do": report},
        ],
    )
    filed = facts(trace, "report_filed")
    assert [(fact.actor, fact.fields["source"]) for fact in filed] == [
        ("eve", "after_meeting"),
        ("mia", "after_meeting"),
    ]
    assert [fact.at for fact in facts(trace, "accepted", "mia", command="report")] == [12_000]


def test_attendance_is_taken() -> None:
    trace = played(
        actors={"host": HOST, "class": {"count": 3}},
        timeline=[{"at": "5s", "who": "class[1]", "do": "leave"}, {"at": "6s", "do": {"attendance": "class"}}],
    )
    (taken,) = facts(trace, "attendance")
    assert taken.fields == {"group": "class", "present": ["class[0]", "class[2]"], "of": 3}


def test_secrets_are_not_in_the_trace() -> None:
    trace = played(
        actors={"host": HOST, "mia": {}, "forum": {"ticket": "none"}},
        timeline=[
            {"at": "5s", "who": "mia", "do": {"disconnect": {"for": "1s"}}},
            {"at": "7s", "who": "host", "do": {"set_waiting_room": {"enabled": True}}},
        ],
    )
    said = repr([trace.settings, [fact.fields for fact in trace.facts]])
    for secret in ("session_", "host_0", "eyJ"):
        assert secret not in said
    (resumed,) = facts(trace, "sent", "mia", command="resume")
    assert "session" not in resumed.fields
