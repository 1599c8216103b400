"""Changes to a scenario before it is judged: what they may say, what they make, and that their mistakes are told as theirs."""

from __future__ import annotations

from typing import Any

import pytest

from meetingsim.geo.countries import GROUPS, NAMES
from meetingsim.scenarios import Scenario, ScenarioInvalid, read
from meetingsim.scenarios.document import Document
from meetingsim.scenarios.overrides import change, several
from meetingsim.scenarios.report import Source
from meetingsim.scenarios.scenario import plain

FILE = """\
meetingsim: 1
name: small
duration: 10m
actors:
  host: {role: host, country: US}
  pupils: {count: 5, country: NO, behavior: calm}
behaviors:
  calm: {extends: silent}
policies:
  host:
    rules: {id: panic, when: "rate(accepted, '10s') > 5", do: suspend}
timeline:
  - {at: 1m, id: leak, do: {post_link: {site: forum}}}
  - {at: 2m, id: stop, who: host, do: [suspend, lock]}
expect:
  - {id: stops, eventually: suspended, within: 5s}
"""


def changed(*changes: str) -> Scenario:
    return read(FILE, "a.yaml", countries=NAMES, groups=GROUPS, changes=changes)


def part(scenario: Scenario, *path: str | int) -> Any:
    found: Any = plain(scenario)
    for step in path:
        found = found[step]
    return found


def mistakes(*changes: str) -> list[str]:
    with pytest.raises(ScenarioInvalid) as error:
        changed(*changes)
    return [str(one) for one in error.value.mistakes]


@pytest.mark.parametrize(
    ("said", "path", "value"),
    [
        ("seed=9", ("seed",), 9),
        (" duration = 20m ", ("duration",), "20m"),
        ("actors.pupils.count=7", ("actors", "pupils", "count"), 7),
        ("actors.pupils.country={NO: 50%, SE: 50%}", ("actors", "pupils", "country"), {"NO": "50%", "SE": "50%"}),
        ("actors.host.country=NO", ("actors", "host", "country"), "NO"),
        ("actors.late={count: 2}", ("actors", "late"), {"count": 2}),
        ("timeline.leak.at=5m", ("timeline", 0, "at"), "5m"),
        ("timeline.1.at=5m", ("timeline", 1, "at"), "5m"),
        ("timeline.stop.do.1=unlock", ("timeline", 1, "do"), ["suspend", "unlock"]),
        ("timeline.2={at: 3m, who: host, do: lock}", ("timeline", 2, "at"), "3m"),
        ("expect.0.within=2s", ("expect", 0, "within"), "2s"),
        (
            "expect.stops.eventually=suspended where by == 'host'",
            ("expect", 0, "eventually"),
            "suspended where by == 'host'",
        ),
        ("policies.host.rules.panic.once=true", ("policies", "host", "rules", 0, "once"), True),
        ("policies.host.rules.0.once=true", ("policies", "host", "rules", 0, "once"), True),
    ],
)
def test_a_part_of_the_file_is_another(said: str, path: tuple[str | int, ...], value: Any) -> None:
    assert part(changed(said), *path) == value


@pytest.mark.parametrize(
    ("said", "path", "value"),
    [
        ("meeting.removal.match=[ticket]", ("meeting",), {"removal": {"match": ["ticket"]}}),
        ("thresholds.removed_ratio=>= 0.9", ("thresholds",), {"removed_ratio": ">= 0.9"}),
        ("thresholds.wall.suspend_effective_p99=< 250ms", ("thresholds",), {"wall.suspend_effective_p99": "< 250ms"}),
        ('geo.networks."203.0.113.0/24".country=NL', ("geo", "networks"), {"203.0.113.0/24": {"country": "NL"}}),
        ("faults.0={at: 1m, for: 2s, on: pupils, net: {drop: 5%}}", ("faults", 0, "on"), ["pupils"]),
        ("actors.pupils.arrive.over=2m", ("actors", "pupils", "arrive"), {"over": "2m"}),
    ],
)
def test_a_part_that_the_file_left_out_is_made(said: str, path: tuple[str | int, ...], value: Any) -> None:
    assert part(changed(said), *path) == value


def test_names_with_points_in_them_are_found() -> None:
    scenario = changed(
        "thresholds.removed_ratio=>= 0.9",
        'geo.networks."192.0.2.0/24"={country: NL}',
    )
    assert part(scenario, "geo", "networks") == {"192.0.2.0/24": {"country": "NL"}}
    again = read(scenario.to_yaml(), changes=["geo.networks.192.0.2.0/24.country=DE"])
    assert part(again, "geo", "networks") == {"192.0.2.0/24": {"country": "DE"}}


@pytest.mark.parametrize(
    ("change", "path", "left"),
    [
        ("policies.host=", ("policies",), {}),
        ("timeline.leak=", ("timeline", 0, "id"), "stop"),
        ("timeline.0=", ("timeline", 0, "id"), "stop"),
        ("actors.pupils.behavior=", ("actors", "pupils"), {"count": 5, "country": "NO"}),
    ],
)
def test_nothing_behind_the_sign_takes_a_part_out(change: str, path: tuple[str | int, ...], left: Any) -> None:
    assert part(changed(change), *path) == left


def test_changes_are_made_in_their_order() -> None:
    assert changed("seed=2", "seed=3").seed == 3
    assert part(changed("timeline.leak=", "timeline.0.at=4m"), "timeline", 0, "id") == "stop"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("meting.locked=true", "unknown word 'meting' (did you mean 'meeting'?)"),
        ("meeting.removl.match=[ticket]", "unknown word 'removl' (did you mean 'removal'?)"),
        ("actors.pupils.countt=4", "unknown word 'countt' (did you mean 'count'?)"),
        (
            "actors.pupil.count=4",
            "there is no actor 'pupil' in the file (did you mean 'pupils'?); a new one is set as a whole",
        ),
        (
            "policies.hots.reaction.median=1s",
            "there is no policy 'hots' in the file (did you mean 'host'?); a new one is set as a whole",
        ),
        ("actors.pupils.count=many", "this should be a whole number, not 'many'"),
        ("timeline.leek.at=5m", "there is no 'leek' in timeline (did you mean 'leak'?); say an id or a number"),
        ("timeline.3.at=5m", "there is no '3' in timeline; it has 2, counted from 0"),
        ("timeline.leak.on=started", "say only one of at or on"),
        ("timeline.leak.at=50m", "50m never comes: the scenario is over after 10m"),
        ("expect.stops.eventually=", "say eventually, never or always"),
        ("actors.host.country.NO=40%", "actors.host.country is 'US' and has no parts: set it as a whole"),
        ("actors.pupls=", "there is no 'pupls' to take out (did you mean 'pupils'?)"),
        ("expect.stops.eventually=suspendet", "there is no fact 'suspendet' (did you mean 'suspended'?)"),
    ],
)
def test_a_mistake_is_said_with_the_change_that_made_it(change: str, said: str) -> None:
    assert mistakes(change) == [f"--set {change}: error: {said}"]


@pytest.mark.parametrize("change", ["", "seed", "=3", "a..b=3", ".a=3", '"a=3'])
def test_what_is_no_assignment_is_said(change: str) -> None:
    [said] = mistakes(change)
    assert "say a part of the scenario and its value; one is written" in said


@pytest.mark.parametrize("value", ["[", "&a 1", "{a: 1, a: 2}", "[" * 40 + "]" * 40, "!!python/name:os.system"])
def test_a_value_that_is_not_of_the_language_is_said(value: str) -> None:
    [said] = mistakes(f"seed={value}")
    assert said.startswith(f"--set seed={value}: error: ")


def test_a_path_has_an_end() -> None:
    assert "deeper" in mistakes(".".join(["a"] * 5_000) + "=1")[0]


@pytest.mark.parametrize(
    ("changes", "place", "line"),
    [
        ((), ("expect", 0), 16),
        (("expect.0={id: other, never: locked}",), ("expect", 0), 16),
        (("expect.0={id: other, never: locked}",), ("expect", 0, "never"), 16),
        (("timeline.leak=",), ("timeline", 0), 14),
        (("thresholds.removed_ratio=>= 0.9",), ("thresholds", "removed_ratio"), 1),
    ],
)
def test_a_report_shows_what_was_changed_where_it_would_stand(
    changes: tuple[str, ...], place: tuple[str | int, ...], line: int
) -> None:
    document = Document(FILE, "a.yaml")
    change(document, changes)
    assert Source("a.yaml", document).position(place)[0] == line


def test_errors_of_the_file_keep_their_places() -> None:
    with pytest.raises(ScenarioInvalid) as error:
        read(FILE.replace("role: host", "role: hots"), "a.yaml", changes=["actors.pupils.count=x"])
    assert [one.line for one in error.value.mistakes] == [0, 5]
    assert str(error.value.mistakes[1]).startswith("a.yaml:5:16: error: ")


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("a=1", ["a=1"]),
        ("a.b=1; c=[2, 3]", ["a.b=1", "c=[2, 3]"]),
        ("a=one; two", ["a=one; two"]),
        ('geo.networks."203.0.113.0/24"={};a=1;', ['geo.networks."203.0.113.0/24"={}', "a=1"]),
        ("policies.host=;timeline.0=", ["policies.host=", "timeline.0="]),
    ],
)
def test_several_changes_in_one_text(text: str, changes: list[str]) -> None:
    assert several(text) == changes
