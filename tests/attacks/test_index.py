"""Every attack of the index has a test, or stands in the docs with the reason why not; and nobody cites what is not there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.attacks.index import ATTACKS, SECTIONS

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "topics" / "not-simulated.md"
_MARKER = re.compile(r"attack [A-J]\d\d(, attack [A-J]\d\d)*")
_NUMBER = re.compile(r"[A-J]\d\d")
_ROW = re.compile(r"^\| ([A-J]\d\d) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def cited() -> dict[str, list[str]]:
    """Every test of this folder, with the attacks that the last line of its docstring names."""
    found: dict[str, list[str]] = {}
    for path in sorted(HERE.glob("test_*.py")):
        if path.name == Path(__file__).name:
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                last = (ast.get_docstring(node) or "").rpartition("\n")[2]
                numbers = _NUMBER.findall(last) if _MARKER.fullmatch(last) else []
                found[f"{path.name}::{node.name}"] = numbers
    return found


def section() -> str:
    """The part of the page that is about attacks."""
    return PAGE.read_text().partition("\n## Attacks\n")[2].partition("\n## ")[0]


TESTED = {number for numbers in cited().values() for number in numbers}
LISTED = {number: (what, why) for number, what, why in _ROW.findall(section())}


@pytest.mark.parametrize("number", ATTACKS)
def test_every_attack_is_tried_or_listed_with_a_reason(number: str) -> None:
    assert number in TESTED or number in LISTED


@pytest.mark.parametrize("test", cited())
def test_every_test_cites_an_attack_of_the_index(test: str) -> None:
    numbers = cited()[test]
    assert numbers, "end the docstring with a line such as: attack B01"
    assert set(numbers) <= ATTACKS.keys()


def test_the_page_lists_no_attack_that_is_tried_or_unknown() -> None:
    assert LISTED.keys() <= ATTACKS.keys() - TESTED
    assert all(what.strip() and why.strip() for what, why in LISTED.values())


def test_every_attack_belongs_to_a_section() -> None:
    assert {number[0] for number in ATTACKS} == SECTIONS.keys()
    assert list(ATTACKS) == sorted(ATTACKS)
