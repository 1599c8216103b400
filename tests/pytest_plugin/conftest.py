"""Suites of users, run by pytest within pytest; whatever the plugin imports is imported once, and not for each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from meetingsim.pytest_plugin import runs
from meetingsim.scenarios.target import TargetFailed

LESSON = """\
meetingsim: 1
name: lesson
seed: 4
duration: 20s
meeting:
  waiting_room: {enabled: false}
  passcode: open-sesame-17
actors:
  teacher: {role: host}
  mia: {arrive: {at: 2s}}
timeline:
  - {at: 5s, who: mia, do: {chat: {text: the code is open-sesame-17}}}
expect:
"""
"""A scenario without expectations yet, for ``+``."""
COMES = "  - {id: mia-comes, eventually: joined where actor.group == 'mia', within: 10s}\n"
SILENT = "  - {id: nobody-writes, never: message}\n"
VACUOUS = "  - {id: out-is-out, each: removed, never: joined where person == each.person}\n"
UNDECIDED = "  - {id: some-day, after: message, eventually: removed, within: 1h}\n"


@pytest.fixture
def nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """No run can begin."""

    def refuses(*_: Any) -> Any:
        raise TargetFailed("Nobody is there.")

    monkeypatch.setattr(runs, "play", refuses)


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """An empty suite that is as strict as this one, with no plugin but the one under test and those it has to do with."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("CI", raising=False)
    plugins = "-p meetingsim -p anyio -p xdist -p no:cacheprovider"
    pytester.makeini(f"[pytest]\naddopts = {plugins} --strict-markers --strict-config -ra\nfilterwarnings = error\n")
    return pytester


@pytest.fixture
def lesson(suite: pytest.Pytester) -> Callable[..., None]:
    """Writes ``lesson.scenario.yaml`` with these expectations, and what comes after them."""

    def write(*parts: str, name: str = "lesson") -> None:
        (suite.path / f"{name}.scenario.yaml").write_text(
            LESSON.replace("name: lesson", f"name: {name}") + "".join(parts)
        )

    return write


@pytest.fixture
def plays(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, int]]:
    """How often each scenario was played, by name and seed."""
    counted: Counter[tuple[str, int]] = Counter()
    play = runs.play

    def counting(scenario: Any, seed: int, *where: Any) -> Any:
        counted[scenario.name, seed] += 1
        return play(scenario, seed, *where)

    monkeypatch.setattr(runs, "play", counting)
    return counted
