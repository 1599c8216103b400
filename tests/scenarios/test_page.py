"""What the page about the language shows is true: its scenario is right, its error comes, its Python runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from meetingsim.scenarios import ScenarioInvalid, read_file
from meetingsim.scenarios.cast import BUILT_IN, Behavior, Network
from meetingsim.scenarios.expressions import FUNCTIONS
from meetingsim.scenarios.plan import MEASURES
from meetingsim.scenarios.steps import STEPS
from meetingsim.scenarios.vocabulary import COMMANDS, HARNESS
from tests.scenarios.files import mistakes

PAGE = (Path(__file__).parents[2] / "docs" / "topics" / "scenario-language.md").read_text()


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def test_the_scenario_of_the_page_is_right() -> None:
    assert mistakes(block("yaml")) == []


def test_the_error_of_the_page_is_the_one_that_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = block("console").split("\n", 1)[1].rstrip("\n")
    line = said.split("\n")[1].removeprefix("    ")
    monkeypatch.chdir(tmp_path)
    head = "meetingsim: 1\nname: raid\n\n\nduration: 30m\nactors:\n  host: {role: host}\ntimeline:\n"
    Path("raid.scenario.yaml").write_text(head + line + "\n")
    with pytest.raises(ScenarioInvalid) as error:
        read_file(Path("raid.scenario.yaml"))
    assert str(error.value) == said


def test_the_python_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(block("python"), "page", "exec"), {})
    assert [path.name for path in tmp_path.iterdir()] == ["quiet.scenario.yaml"]


@pytest.mark.parametrize(
    "words",
    [
        [*BUILT_IN],
        [*Behavior.model_fields],
        [*Network.model_fields],
        [*MEASURES],
        [*HARNESS],
        sorted(STEPS.keys() - COMMANDS.keys()),
    ],
    ids=["behaviours", "fields of a behaviour", "faults", "measures", "facts", "steps"],
)
def test_no_word_is_missing(words: list[str]) -> None:
    assert words
    assert [word for word in words if f"`{word}`" not in PAGE] == []


def test_no_function_is_missing() -> None:
    assert [name for name in FUNCTIONS if f"`{name}(" not in PAGE] == []
