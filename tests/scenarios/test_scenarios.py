"""Right scenarios are read, written and read again; every command is a step; the schema agrees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from pydantic import ValidationError

from meetingsim.geo.countries import GROUPS, NAMES
from meetingsim.scenarios import Scenario, read, read_file
from meetingsim.scenarios.quantities import Duration, Offset, Rate, Spread
from meetingsim.scenarios.schema import schema
from meetingsim.scenarios.steps import ALONE, STEPS, Step
from meetingsim.state.controls import TABLE
from tests.scenarios.files import GOOD, MORE, SMALL, read_here

FILES = [*GOOD, *MORE]
SCHEMA = schema(NAMES, GROUPS)


def read_path(path: Path) -> Scenario:
    return read_file(path, countries=NAMES, groups=GROUPS)


def test_there_are_scenarios_to_read() -> None:
    assert [path.name.partition(".")[0] for path in GOOD] == ["border-suspend", "clinic-queue", "lecture-raid"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_is_written_is_read_as_the_same(path: Path) -> None:
    scenario = read_path(path)
    written = scenario.to_yaml()
    assert read(written) == scenario
    assert read(written).to_yaml() == written


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_schema_takes_what_the_reader_takes_as_it_is_and_as_it_is_written(path: Path) -> None:
    for text in (path.read_text(), read_path(path).to_yaml()):
        assert jsonschema_rs.is_valid(SCHEMA, _as_the_reader_sees_it(text))


def _as_the_reader_sees_it(text: str) -> Any:
    from meetingsim.scenarios.document import Document

    root = Document(text, "a.yaml").root
    assert root is not None
    return root.plain()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("behavior:", "behaviour:"),
        ("count: 5", "count: five"),
        ("country: NO", "country: no"),
        ("do: suspend", "do: suspnd"),
        ("do: suspend", "do: mute"),
        ("do: suspend", "do: {chat: {text: 5}}"),
        ("do: suspend", "do: {pick: {remove: 1}}"),
        ("meetingsim: 1\n", ""),
    ],
)
def test_an_editor_finds_mistakes_of_shape_by_the_schema(old: str, new: str) -> None:
    assert jsonschema_rs.is_valid(SCHEMA, _as_the_reader_sees_it(SMALL))
    assert not jsonschema_rs.is_valid(SCHEMA, _as_the_reader_sees_it(SMALL.replace(old, new)))


def test_the_parts_of_a_file_are_typed_values() -> None:
    border = read_path(GOOD[0])
    aimed, quick = border.timeline[1], border.timeline[4]
    assert aimed.spread == (Offset(-20), Offset(40))
    assert aimed.do[0].value == {
        "set_video": 1,
        "start_share": 1,
        "chat": 1,
        "annotate": 1,
        "start_recording": 1,
        "join_breakout_room": 1,
    }
    assert [step.word for step in quick.do] == ["suspend", "allow", "suspend"]
    assert quick.pace == Rate(1, Duration(5))
    assert border.behaviors["chatty"].loop is not None
    assert border.behaviors["chatty"].loop.every == Spread(Duration(3_000), Duration(2_000))
    assert border.meeting.region.countries == ("KP", "NO", "EU")


def test_every_command_is_a_step_and_so_is_what_only_a_scenario_can() -> None:
    commands = {control.name for control in TABLE if control.socket or control.http}
    own = {"rejoin", "roam", "disconnect", "attendance", "post_link", "server"}
    assert STEPS.keys() == commands | own
    assert Step.model_fields.keys() == commands | own | {"pick"}


@pytest.mark.parametrize("word", STEPS)
def test_a_step_stands_alone_or_says_what_it_needs(word: str) -> None:
    if word in ALONE:
        assert Step.model_validate(word).word == word
        return
    with pytest.raises(ValidationError, match=f"{word} cannot stand alone"):
        Step.model_validate(word)


def test_switches_and_texts_are_made_up_and_targets_are_not() -> None:
    assert {"set_video", "chat", "react", "raise_hand", "join_breakout_room", "rejoin", "suspend", "media"} <= {*ALONE}
    assert {"admit", "remove", "mute", "allow", "set_region_rule", "roam", "report"}.isdisjoint(ALONE)


def test_a_scenario_in_python_is_the_one_of_the_file() -> None:
    made = Scenario(
        name="small",
        duration="10m",
        actors={"host": {"role": "host", "country": "US"}, "pupils": {"count": 5, "country": "NO", "behavior": "calm"}},
        behaviors={"calm": {"extends": "silent"}},
        timeline=[{"at": "1m", "who": "host", "do": "suspend"}],
        expect=[{"id": "stops", "eventually": "suspended", "within": "5s"}],
    )
    assert made == read_here(SMALL)
    assert read_here(made.to_yaml()) == made


def test_python_hears_of_every_mistake_of_the_whole() -> None:
    with pytest.raises(ValidationError) as error:
        Scenario(
            name="bad",
            duration="1m",
            actors={"host": {"role": "host"}, "two": {"role": "host", "behavior": "clam"}},
        )
    assert [(one["loc"], one["msg"]) for one in error.value.errors()] == [
        (("actors", "two", "role"), "'host' is the host already: a meeting has one; make this a cohost"),
        (("actors", "two", "behavior"), "there is no behavior 'clam'"),
    ]


def test_texts_that_look_like_something_else_are_written_so_that_they_stay_texts() -> None:
    odd = [
        "yes",
        "on",
        "null",
        "1",
        "0.5",
        "a: b",
        "# x",
        "ä\u202e\x07",
        "line\nline",
        "'",
        '"',
        "- x",
        "{",
        " x ",
        "~",
    ]
    steps = [{"chat": {"text": text}} for text in odd]
    made = Scenario(
        name="odd",
        duration="1m",
        actors={"host": {"role": "host"}},
        timeline=[{"at": "0s", "who": "host", "do": steps}],
    )
    again = read_here(made.to_yaml())
    assert [step.value.text for step in again.timeline[0].do] == odd


def test_a_file_for_other_readers_of_yaml_says_the_same() -> None:
    """What we write has quotes where YAML 1.1 would take a text for something else."""
    written = read_here(SMALL).to_yaml()
    assert yaml.safe_load(written)["actors"]["pupils"]["country"] == "NO"
