"""Every behaviour of the index has a test, or stands in the docs with the reason why not; and nobody cites what is not there."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from meetingsim.cli import COMMANDS
from meetingsim.state.controls import CONTROLS, EVENTS
from tests.behaviours.index import BEHAVIOURS, SECTIONS
from tests.wire import Server

HERE = Path(__file__).parent
TOPICS = HERE.parents[1] / "docs" / "topics"
_MARKER = re.compile(r"behaviours? ((?:[A-H]\d+)(?:, [A-H]\d+)*)")
_ROW = re.compile(r"^\| ([A-H]\d+) \|", re.MULTILINE)


@dataclass(frozen=True)
class Cited:
    """A test and the behaviours that the last line of its docstring names."""

    file: str
    test: str
    numbers: tuple[str, ...]


def cited() -> list[Cited]:
    """Every test of this folder that goes by a behaviour."""
    found: list[Cited] = []
    for path in sorted(HERE.glob("test_?_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                last = (ast.get_docstring(node) or "").rpartition("\n")[2]
                marker = _MARKER.fullmatch(last)
                found.append(Cited(path.name, node.name, tuple(marker[1].split(", ")) if marker else ()))
    return found


def section(document: str, heading: str) -> str:
    """The text below a heading of the second level, up to the next one; empty where there is none."""
    text = (TOPICS / document).read_text()
    _, found, rest = text.partition(f"\n## {heading}\n")
    return rest.partition("\n## ")[0] if found else ""


def rows(text: str) -> list[str]:
    """The behaviours that have a row in a table."""
    return _ROW.findall(text)


NOT_SIMULATED = section("not-simulated.md", "Behaviours")
NOT_YET = section("not-simulated.md", "Not yet")
DEVIATIONS = section("deviations.md", "Behaviours")
TESTED = {number for one in cited() for number in one.numbers}


@pytest.mark.parametrize("number", BEHAVIOURS)
def test_every_behaviour_is_tested_or_listed_with_its_reason(number: str) -> None:
    assert number in {*TESTED, *rows(NOT_SIMULATED), *rows(NOT_YET), *rows(DEVIATIONS)}


def test_every_test_of_a_section_cites_what_it_proves_and_no_name_is_a_number() -> None:
    tests = cited()
    assert [one for one in tests if not one.numbers] == []
    assert [one for one in tests if re.search(r"\d", one.test)] == []
    wrong = [one for one in tests if one.numbers[0][0].lower() != one.file.split("_")[1]]
    assert wrong == []


@pytest.mark.parametrize("where", ["tests", "deviations", "not simulated"])
def test_nothing_is_cited_that_the_index_does_not_have(where: str) -> None:
    named = {
        "tests": sorted(TESTED),
        "deviations": rows(DEVIATIONS),
        "not simulated": rows(NOT_SIMULATED),
    }[where]
    assert named
    assert set(named) <= set(BEHAVIOURS)
    assert len(named) == len(set(named)), "a behaviour has two rows in one table"


def test_what_is_not_simulated_or_not_yet_there_has_one_place_in_the_docs() -> None:
    assert not set(rows(NOT_SIMULATED)) & set(rows(NOT_YET))


def test_every_deviation_is_shown_by_tests_of_its_behaviour() -> None:
    """A deviation without a test would be a promise that nobody checks."""
    by_name = {one.test: one.numbers for one in cited()}
    for row in (line for line in DEVIATIONS.splitlines() if _ROW.match(line)):
        number, shown_by = row.split("|")[1].strip(), re.findall(r"`(test_\w+)`", row)
        assert shown_by, f"{number}: no test is named"
        for test in shown_by:
            assert number in by_name.get(test, ()), f"{number}: {test}"


def test_every_test_that_the_docs_name_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", DEVIATIONS + NOT_SIMULATED + NOT_YET))
    assert named
    assert named <= {one.test for one in cited()}


def test_every_number_belongs_to_a_section() -> None:
    assert {number[0] for number in BEHAVIOURS} == set(SECTIONS)


@pytest.mark.anyio
async def test_what_is_said_to_come_is_not_there_yet(server: Server) -> None:
    """So that nobody forgets to take it off the list."""
    said = set(re.findall(r"`([^`]+)`", NOT_YET))
    assert "A desk for Trust & Safety" in NOT_YET
    first = " ".join(line.split("|")[1] for line in NOT_YET.splitlines() if line.startswith("|"))
    assert set(re.findall(r"`([^`]+)`", first)) & {f"meetingsim {name}" for name in COMMANDS} == set()
    assert said & {*CONTROLS, *EVENTS} == set()
    async with server.http() as http:
        paths = (await http.get(f"{server.url}/openapi.json")).json()["paths"]
    routes = {f"{method.upper()} {path.removeprefix('/api/v1')}" for path in paths for method in paths[path]}
    assert "POST /meetings" in routes
    assert said & routes == set()
