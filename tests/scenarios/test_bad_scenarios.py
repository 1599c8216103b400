"""Whatever is wrong with a scenario is said at its line and column, all of it at once, with what was perhaps meant."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetingsim.scenarios import ScenarioInvalid
from tests.scenarios.files import GOOD, SMALL, mistakes, place, read_here, spoil

TEXTS = [SMALL, *(path.read_text() for path in GOOD)]
TEN = {
    "unknown word": (
        "behavior: calm",
        "behaviour: calm",
        "behaviour:",
        "unknown word 'behaviour' (did you mean 'behavior'?)",
    ),
    "wrong type": ("count: 5", 'count: "five"', '"five"', "this should be a whole number, not 'five'"),
    "unknown actor": ("who: host", "who: hots", "hots", "there is no actor 'hots' (did you mean 'host'?)"),
    "bad expression": (
        "eventually: suspended",
        "eventually: suspended where by == == 'host'",
        "== 'host'",
        "this is no expression",
    ),
    "NO as a country": (
        "country: NO",
        "country: no",
        "no,",
        "'no' is no country (did you mean 'NO'?); write it as two capital letters",
    ),
    "a cycle": ("extends: silent", "extends: calm", "calm}", "this goes in a circle: calm -> calm"),
    "negative time": ("at: 1m", "at: -1m", "-1m", "a time cannot be negative: '-1m'"),
    "unreachable on": ("at: 1m", "on: denied", "denied", "'denied' never comes up: nobody does deny"),
    "two hosts": (
        "count: 5, country: NO",
        "role: host",
        "host, behavior",
        "'host' is the host already: a meeting has one; make this a cohost",
    ),
}


@pytest.mark.parametrize("name", TEN)
def test_one_mistake_is_one_error_at_its_place(name: str) -> None:
    old, new, mark, said = TEN[name]
    text = spoil(old, new)
    assert mistakes(text) == [f"{place(text, mark, after=new)}: {said}"]


def test_a_scenario_where_nobody_comes() -> None:
    text = "meetingsim: 1\nname: empty\nduration: 1m\nactors: {}\n"
    assert mistakes(text) == ["4:9: nobody comes: name at least one actor"]


def test_norway_and_on_stay_what_they_are() -> None:
    scenario = read_here(SMALL.replace("at: 1m, who: host, do: suspend", "on: joined, who: host, do: suspend"))
    assert (scenario.actors["pupils"].country, scenario.timeline[0].on) == ("NO", "joined")


def test_all_mistakes_at_once_in_the_order_of_the_file() -> None:
    text = """\
meetingsim: 1
name: bad
duration: 10m
actors:
  host: {role: host, country: no}
  crowd: {count: "three", behaviour: talker, country: {US: 50%, CA: 30%}}
behaviors:
  a: {extends: b}
  b: {extends: a, loop: {every: 2s±3s, do: {pick: {chat: 1, chatt: 1, remove: 2}}}}
timeline:
  - {at: 5m, who: hst, do: [lokc, remove]}
  - {do: lock, who: 'crowd[9]'}
faults:
  - {at: 1m, on: nobody, net: {latency: 5}, for: 3s}
"""
    assert mistakes(text) == [
        "5:31: 'no' is no country (did you mean 'NO'?); write it as two capital letters",
        "6:18: this should be a whole number, not 'three'",
        "6:27: unknown word 'behaviour' (did you mean 'behavior'?)",
        "6:55: the shares add up to 80%, not 100%",
        "8:16: this goes in a circle: a -> b -> a",
        "9:16: this goes in a circle: b -> a -> b",
        "9:33: '2s±3s' could be less than nothing",
        "9:61: there is no step 'chatt' (did you mean 'chat'?)",
        "9:71: remove cannot be drawn: it needs participant: …",
        "11:19: there is no actor 'hst' (did you mean 'host'?)",
        "11:29: there is no step 'lokc' (did you mean 'lock'?)",
        "11:35: remove cannot stand alone: say {remove: {participant: …}}",
        "12:5: say at or on",
        "14:18: there is no actor 'nobody'",
        "14:41: a time looks like 5s or 4s±3s, not 5",
    ]


def test_an_error_shows_its_line_with_a_caret() -> None:
    with pytest.raises(ScenarioInvalid) as error:
        read_here(SMALL.replace("at: 1m", "at: -1m"))
    assert error.value.mistakes[0].shown() == (
        "a.yaml:10:10: error: a time cannot be negative: '-1m'\n"
        "      - {at: -1m, who: host, do: suspend}\n"
        "             ^"
    )


@pytest.mark.parametrize(
    ("old", "new", "mark", "said"),
    [
        ("meetingsim: 1\n", "", "name: small", "say which language this is: 'meetingsim: 1'"),
        ("meetingsim: 1", "meetingsim: 2", "2", "this should be 1, not 2"),
        ("duration: 10m\n", "", "meetingsim", "say 'duration' too"),
        ("small", "NO/WAY", "NO/WAY", "'NO/WAY' is no id: letters, digits, '-', '_' and '.', at most 64"),
        ("at: 1m", "at: 11m", "11m", "11m never comes: the scenario is over after 10m"),
        ("{at: 1m", "{at: 1m, on: joined", "{at", "say only one of at or on"),
        ("{at: 1m, who: host,", "{at: 1m,", "{at", "say 'who' is to suspend"),
        (
            "{at: 1m, who: host, do: suspend",
            "{at: 1m, who: host, do: {post_link: forum}",
            "{at",
            "nobody does post_link: leave",
        ),
        ("who: host", "who: 'pupils[5]'", "'pupils[5]'", "'pupils' has 5: pupils[0] to pupils[4]"),
        ("who: host", "who: 'pupils[3:2]'", "'pupils[3:2]'", "'pupils[3:2]' is no part of 5: pupils[0:5] is all of"),
        ("do: suspend", "do: {mute: {participant: event.participant}}", "event", "'event.participant' needs a fact"),
        ("do: suspend", "do: [{mute: }]", "{mute", "mute cannot stand alone: say {mute: {participant: …}}"),
        ("do: suspend", "do: {allow: {activity: sound, allowed: true}}", "sound", "this should be 'audio', 'video'"),
        ("do: suspend", "do: {mute: {group: pupils, participant: host}}", "{group", "say only one of participant or"),
        (
            "do: suspend",
            "do: {report: {group: pupils, issue: spma}}",
            "spma",
            "there is no issue 'spma' (did you mean 'spam'",
        ),
        ("behavior: calm", "behavior: clam", "clam", "there is no behavior 'clam' (did you mean 'calm'?)"),
        ("eventually:", "each: pupil, eventually:", "pupil,", "each is a fact, a group or client; there is no 'pupil'"),
        ("{id: stops, eventually:", "{id: stops, never:", "{id: stops", "'within' belongs to 'eventually'"),
        ("suspended,", "suspnded,", "suspnded", "there is no fact 'suspnded' (did you mean 'suspended'?)"),
        ("suspended,", "joined where actor.gruop == 'x',", "gruop", "'actor' has no 'gruop' (did you mean 'group'?)"),
        (
            "suspended,",
            "refused where code == 'suspend',",
            "'suspend'",
            "'suspend' is no code (did you mean 'suspended'?)",
        ),
        (
            "suspended,",
            "\"joined where actor.group in ['pupil']\",",
            "'pupil'",
            "there is no group 'pupil' (did you mean",
        ),
        ("suspended,", "\"joined where text == 'ä' or nmae\",", "nmae", "there is no 'nmae' here"),
        ("within: 5s", "wihtin: 5s", "wihtin", "unknown word 'wihtin' (did you mean 'within'?)"),
    ],
)
def test_every_rule_has_its_words(old: str, new: str, mark: str, said: str) -> None:
    text = spoil(old, new)
    expected = f"{place(text, mark, after=new)}: {said}"
    assert any(one.startswith(expected) for one in mistakes(text)), mistakes(text)


def test_names_are_known_also_where_their_own_part_is_wrong() -> None:
    text = SMALL.replace("{count: 5, ", "{count: many, ").replace("who: host", "who: 'pupils[40]'")
    assert mistakes(text) == ["6:19: this should be a whole number, not 'many'"]


def test_what_follows_from_another_mistake_is_not_said() -> None:
    text = spoil("do: suspend", "do: {chat: {to: 5}}")
    assert mistakes(text) == [f"{place(text, '5}}', after='to')}: this should be a text, not a number"]


@pytest.mark.parametrize(
    ("fact", "cause"),
    [("link_posted", "{post_link: forum}"), ("server_started", "{server: {crash: true}}")],
)
def test_a_fact_can_be_waited_for_where_somebody_brings_it_about(fact: str, cause: str) -> None:
    waits = SMALL.replace("expect:", f"  - {{on: {fact}, who: host, do: lock}}\nexpect:")
    assert [one for one in mistakes(waits) if "never comes up" in one]
    assert mistakes(waits.replace("expect:", f"  - {{at: 2m, do: {cause}}}\nexpect:")) == []


def part(text: str) -> str:
    """The small scenario with one more part at its end."""
    return SMALL + text + "\n"


@pytest.mark.parametrize(
    ("text", "mark", "said"),
    [
        ("faults: [{at: 1m, for: 1s, on: host, net: {}}]", "{}", "say what the network does"),
        ("faults: [{at: 1m, for: 1s, on: host}]", "{at", "say net or server"),
        ("faults: [{at: 1m, net: {drop: 5%}}]", "{at", "say 'on' whom and 'for' how long"),
        ("faults: [{at: 1m, for: 1s, server: {crash: true}}]", "{at", "a server crashes for all"),
        ("faults: [{at: 1m, for: 1s, on: host, net: {drop: 0.5}}]", "0.5", "a share looks like 40%, not 0.5"),
        (
            "policies: {pupil: {rules: [{id: a, when: joined, do: lock}]}}",
            "pupil",
            "there is no actor 'pupil' (did you",
        ),
        ("policies: {host: {rules: []}}", "[]", "this needs at least one"),
        (
            "policies: {host: {reaction: {median: 5s, p95: 4s}, rules: [{id: a, when: joined, do: lock}]}}",
            "{median",
            "p95 is at least the median",
        ),
        (
            "policies: {host: {rules: [{id: a, when: joined, do: {delete_message: {message: hello}}}]}}",
            "hello",
            "'hello' should be a field of the fact",
        ),
        (
            "policies: {host: {rules: [{id: a, when: joined, do: {admit_all: {up_to: soon}}}]}}",
            "soon",
            "'soon' should be a field of the fact",
        ),
        (
            "policies: {host: {rules: [{id: a, when: joined, do: {admit_all: {up_to: event.sek}}}]}}",
            "event",
            "'joined' has no 'sek' (did you mean 'seq'?)",
        ),
        (
            "policies: {host: {rules: [{id: a, when: joined, do: {attendance: event.participant}}]}}",
            "event",
            "'event.participant' cannot stand here",
        ),
        ("thresholds: {removed_ration: '> 1'}", "removed_ration", "there is no measure 'removed_ration' (did you mean"),
        ("geo: {networks: {nowhere: {country: US}}}", "nowhere", "'nowhere' is no network"),
        ("meeting: {waiting_room: {enabled: 1}}", "1", "this should be a valid boolean, not 1"),
        ("meeting: {capacity: 0}", "0", "this should be greater than or equal to 1"),
        ("meeting: [1]", "[1]", "this should be a mapping, not a list"),
    ],
)
def test_parts_say_what_they_need(text: str, mark: str, said: str) -> None:
    expected = f"{place(part(text), mark, after=text)}: {said}"
    assert [one.startswith(expected) for one in mistakes(part(text))] == [True], mistakes(part(text))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("arrive: {at: 1m, on: joined}", "say only one of at or on"),
        ("arrive: {after: 1m}", "'after' counts from a fact"),
        ("arrive: {profile: burst}", "'profile' spreads over a time"),
        ("country: {US: 50%}", "the shares add up to 50%, not 100%"),
        ("net: fast", "this should be 'steady', 'mobile' or 'flaky-mobile', not 'fast'"),
        ("count: 0", "this should be greater than or equal to 1"),
    ],
)
def test_actors_say_what_does_not_fit(said: str, words: str) -> None:
    [found] = mistakes(
        spoil("host: {role: host, country: US}", f"host: {{role: host, country: US}}\n  one: {{{said}}}")
    )
    assert words in found


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("loop: {every: 0s, do: chat}", "'every' must be longer than nothing"),
        ("name: {homoglyphs: 5%, style: plain}", "'homoglyphs' belongs to 'impersonate'"),
        ("name: {style: plain, share: 5%}", "'share' and 'otherwise' belong together"),
        ("name: {impersonate: pupil}", "there is no actor 'pupil' (did you mean 'pupils'?)"),
        ("on_chat: {match: x, reply: {own: passphrase, text: y}}", "say only one of text, own or guess"),
        ("when_removed: {do: {rejoin: {with: new-nmae}}}", "(did you mean 'new-name'?)"),
    ],
)
def test_behaviours_say_what_does_not_fit(said: str, words: str) -> None:
    [found] = mistakes(spoil("calm: {extends: silent}", f"calm: {{{said}}}"))
    assert words in found


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("eventually: suspended, scope: {between: [5m, 1m]}", "'between' goes from the earlier to the later"),
        ("eventually: suspended, scope: {between: [1m, 5m], after: joined}", "say 'between', or 'after' and 'until'"),
        ("eventually: suspended, scope: {}", "say 'after', 'until' or 'between'"),
        ("eventually: suspended, scope: {after: joined}, after: joined", "say 'after' once"),
        ("eventually: suspended, at_least: 5%", "'at_least' is a share of 'each'"),
        ("eventually: suspended, scope: {between: [11m, 12m]}", "11m never comes"),
        ("each: pupils[9], eventually: suspended", "not YAML"),
        ("each: 'pupils[9]', eventually: suspended", "'pupils' has 5"),
    ],
)
def test_expectations_say_what_does_not_fit(said: str, words: str) -> None:
    [found] = mistakes(spoil("eventually: suspended, within: 5s", said))
    assert words in found


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_is_done_to_a_file_it_is_read_or_refused_with_places_in_it(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    at = data.draw(st.integers(0, len(text)))
    end = min(len(text), at + data.draw(st.integers(0, 12)))
    new = data.draw(
        st.sampled_from(["", "[", "}", ": ", "x", "5", "null", "true", "- ", "'", "\n", "where ", "event.", "±"])
    )
    text = text[:at] + new + text[end:]
    found, again = [], None
    try:
        again = read_here(text)
    except ScenarioInvalid as error:
        found = error.mistakes
    assert (again is None) is bool(found)
    assert all(1 <= one.line <= text.count("\n") + 2 and one.column >= 1 for one in found)
    assert again is None or read_here(again.to_yaml()) == again
