"""Every invariant has a heading on the page about them, and no other name has."""

from __future__ import annotations

import re
from pathlib import Path

from meetingsim.scenarios.invariants import INVARIANTS

_PAGE = Path(__file__).parents[3] / "docs" / "topics" / "invariants.md"


def test_every_invariant_has_its_heading() -> None:
    assert re.findall(r"^## (.+)$", _PAGE.read_text("utf-8"), re.MULTILINE) == list(INVARIANTS)
