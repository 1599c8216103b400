"""The scenarios of these tests, and a small one to spoil."""

from __future__ import annotations

import os
from pathlib import Path

from meetingsim.geo.countries import GROUPS, NAMES
from meetingsim.scenarios import Scenario, ScenarioInvalid, read

HERE = Path(__file__).parent
GOOD = sorted(HERE.glob("*.scenario.yaml"))
_MORE = os.environ.get("MEETINGSIM_TEST_SCENARIOS")
MORE = sorted(Path(_MORE).glob("*.scenario.yaml")) if _MORE else []
"""Scenarios of one's own that must be right too: those of the folder that the variable names."""

SMALL = """\
meetingsim: 1
name: small
duration: 10m
actors:
  host: {role: host, country: US}
  pupils: {count: 5, country: NO, behavior: calm}
behaviors:
  calm: {extends: silent}
timeline:
  - {at: 1m, who: host, do: suspend}
expect:
  - {id: stops, eventually: suspended, within: 5s}
"""


def read_here(text: str) -> Scenario:
    """Reads a text with the countries that the command line knows."""
    return read(text, "a.yaml", countries=NAMES, groups=GROUPS)


def mistakes(text: str) -> list[str]:
    """Every error as ``line:column: message``; none where it is right."""
    try:
        read_here(text)
    except ScenarioInvalid as error:
        return [f"{one.line}:{one.column}: {one.message}" for one in error.mistakes]
    return []


def place(text: str, mark: str, *, after: str = "") -> str:
    """``line:column`` of the first such characters, or the first after some others."""
    at = text.index(mark, text.index(after))
    return f"{text.count(chr(10), 0, at) + 1}:{at - text.rfind(chr(10), 0, at)}"


def spoil(old: str, new: str) -> str:
    """The small scenario with one thing replaced."""
    assert SMALL.count(old) == 1
    return SMALL.replace(old, new)
