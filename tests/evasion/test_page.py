"""The page about coming back is what was played, and marks every way in."""

from __future__ import annotations

from scripts.evasion import PAGE, page, shown
from tests.evasion.expected import expected
from tests.evasion.tricks import GROUPS, SETTINGS


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "docs/topics/evasion.md is out of date: run make docs"


def test_every_cell_stands_on_the_page_and_every_way_in_is_marked() -> None:
    text, cells = PAGE.read_text(), expected()
    lines = [line.split(" | ") for line in text.splitlines() if line.startswith("| *")]
    assert len(lines) == 2 * sum(map(len, GROUPS.values()))
    marks = sum(cell.startswith("**IN**") for line in lines for cell in line)
    assert marks == sum(cell.outcome == "in" for cell in cells.values())
    for setting in SETTINGS:
        assert f" {setting} |" in text


def test_the_page_tells_one_outcome_from_another() -> None:
    told = {shown(cell) for cell in expected().values()}
    assert {"**IN** open", "waits", "goes on waiting", "✗ account", "✗ session", "✗ `ticket_invalid`"} <= told
