"""A failing scenario gets smaller and stays the same failure, within so many plays, always the same way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from meetingsim.scenarios import Scenario, read
from meetingsim.scenarios.scenario import plain
from meetingsim.scenarios.shrink import shrink

FILE = """\
meetingsim: 1
name: raid
seed: 4
duration: 40m
meeting: {waiting_room: {enabled: false}, locked: false}
geo: {networks: {"203.0.113.0/24": {country: NL, anonymous: vpn}}}
actors:
  teacher: {role: host, country: US}
  assistant: {role: cohost, country: US}
  students: {count: 28, country: {US: 70%, CA: 30%}, behavior: attendee, arrive: {at: 3m, over: 4m}}
  raiders: {count: 200, country: BR, behavior: rough, arrive: {on: link_posted, after: 90s, over: 2m}}
behaviors:
  rough:
    extends: raider
    loop: {every: 4s±3s, do: {pick: {set_video: 3, start_share: 2, chat: 4}}}
    when_removed: [{wait: 5s, do: rejoin}, {wait: 9s±5s, do: {rejoin: {with: new-name}}}]
policies:
  teacher:
    reaction: {median: 4s, p95: 12s}
    rules:
      - {id: panic, when: "rate(accepted, actor.group == 'raiders', '10s') > 5", do: suspend}
      - {id: clean, when: suspended, do: {remove: {group: raiders}}, pace: 1/2s}
  assistant: {rules: {id: hello, when: joined, do: {chat: {text: hello}}}}
timeline:
  - {at: 10m, id: leak, do: {post_link: {site: forum}}}
  - {at: 25m, do: {attendance: students}}
  - {at: 38m, who: [teacher, assistant], do: lock}
faults:
  - {at: 12m, for: 30s, on: [raiders, assistant], net: {drop: 5%}}
expect:
  - {id: out-is-out, each: removed, never: joined where person == each.person}
  - {id: stay, scope: {between: [8m, 38m]}, always: count(actor.group == 'students' and actor.place == 'inside') >= 25}
thresholds: {removed_ratio: ">= 0.9", time_to_quiet: "< 90s"}
""".replace(", locked: false", "")
RAID = read(FILE)


def out_is_out(scenario: Scenario) -> bool:
    """A failure that needs somebody to remove three raiders who came by the link."""
    rules = [rule.id for policy in scenario.policies.values() for rule in policy.rules]
    raiders = scenario.actors.get("raiders")
    posted = any(step.word == "post_link" for moment in scenario.timeline for step in moment.do)
    wanted = any(one.id == "out-is-out" for one in scenario.expect)
    return wanted and posted and "clean" in rules and raiders is not None and raiders.count >= 3


def test_what_the_failure_does_not_need_is_gone() -> None:
    small = shrink(RAID, out_is_out, 1_000)
    assert out_is_out(small)
    assert plain(small) == {
        "meetingsim": 1,
        "name": "raid",
        "seed": 4,
        "duration": "1s",
        "actors": {"teacher": {}, "raiders": {"count": 3}},
        "policies": {
            "teacher": {"rules": [{"id": "clean", "when": "suspended", "do": [{"remove": {"group": "raiders"}}]}]}
        },
        "timeline": [{"at": "0s", "do": [{"post_link": {"site": "forum"}}]}],
        "expect": [{"id": "out-is-out", "each": "removed", "never": "joined where person == each.person"}],
    }


def test_everything_that_is_tried_is_a_scenario_and_smaller() -> None:
    tried: list[Scenario] = []

    def fails(scenario: Scenario) -> bool:
        tried.append(scenario)
        return out_is_out(scenario)

    small = shrink(RAID, fails, 1_000)
    texts = [str(plain(one)) for one in tried]
    assert all(len(text) < len(str(plain(RAID))) for text in texts)
    assert len(set(texts)) == len(texts), "nothing is played twice"
    assert all(read(one.to_yaml()) == one for one in tried[::20])
    assert small in tried


@pytest.mark.parametrize("most", [0, 1, 7, 40])
def test_it_ends_after_so_many_plays(most: int) -> None:
    plays = 0

    def fails(scenario: Scenario) -> bool:
        nonlocal plays
        plays += 1
        return out_is_out(scenario)

    small = shrink(RAID, fails, most)
    assert plays == most
    assert out_is_out(small)


def test_the_same_answers_give_the_same_scenario() -> None:
    assert shrink(RAID, out_is_out, 60) == shrink(read(FILE), out_is_out, 60)


def test_what_always_fails_is_nearly_nothing_and_what_no_longer_fails_is_left() -> None:
    assert len(shrink(RAID, lambda _: True, 1_000).actors) == 1
    assert shrink(RAID, lambda _: False, 100) == RAID


def test_an_expectation_is_kept_as_it_is_or_left_out() -> None:
    small = shrink(RAID, lambda one: any(expectation.id == "stay" for expectation in one.expect), 1_000)
    assert small.expect == RAID.expect[1:]
    assert small.thresholds == {}


def test_a_group_that_an_expectation_counts_keeps_its_number() -> None:
    """Fewer than 25 students would fail for that alone."""
    small = shrink(RAID, lambda one: any(expectation.id == "stay" for expectation in one.expect), 1_000)
    assert {name: actor.count for name, actor in small.actors.items()} == {"students": 28}


@pytest.mark.parametrize("word", ["meeting", "geo", "policies", "timeline", "faults", "behaviors"])
def test_a_frozen_part_stays_as_it_is(word: str) -> None:
    small = shrink(RAID, lambda _: True, 1_000, frozen=[word])
    assert plain(small)[word] == plain(RAID)[word]
    assert len(small.to_yaml()) < len(RAID.to_yaml()) / 2


@pytest.mark.parametrize(
    ("needs", "is_there"),
    [
        ("two shares of a country", lambda one: "CA" in str(plain(one)["actors"].get("students"))),
        ("a draw of what they do", lambda one: "start_share" in str(plain(one).get("behaviors"))),
        ("a moment of two", lambda one: any(moment.who == ("teacher",) for moment in one.timeline)),
        ("a fault of some", lambda one: any(fault.on == ("raiders",) for fault in one.faults)),
    ],
)
def test_a_part_of_a_part_is_left(needs: str, is_there: Callable[[Scenario], bool]) -> None:
    small = shrink(RAID, lambda one: is_there(one) or one == RAID or _on_the_way(one, needs), 1_000)
    assert is_there(small), needs
    assert len(small.to_yaml()) < 300


def _on_the_way(scenario: Scenario, needs: str) -> bool:
    """What still holds both of two is one step from what is wanted."""
    return (
        needs == "a moment of two" and any(moment.who == ("teacher", "assistant") for moment in scenario.timeline)
    ) or (needs == "a fault of some" and any(fault.on == ("raiders", "assistant") for fault in scenario.faults))


@pytest.mark.parametrize("part", ["policies", "timeline", "faults"])
def test_somebody_goes_with_all_that_is_theirs(part: str) -> None:
    """Neither of the two can be left out before the other."""

    def fails(scenario: Scenario) -> bool:
        file = plain(scenario)
        return ("assistant" in file["actors"]) is ("assistant" in str(file.get(part)))

    alone = read(FILE.replace("[teacher, assistant]", "assistant").replace("[raiders, assistant]", "assistant"))
    small = shrink(alone, lambda one: fails(one) and len(one.expect) == 2, 300)
    assert "assistant" not in small.actors
