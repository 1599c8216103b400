"""The run that the page about reports shows is played: what it printed, and the figures, are those.

The digest among them was written down on some other machine. Whoever changes what a run is writes down the new figures.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.docs.pages import DOCS, Block, blocks

PAGE = DOCS / "topics" / "what-a-run-leaves.md"


def shown(language: str) -> Block:
    return next(block for block in blocks(PAGE.read_text()) if block.language == language)


def within(part: Any, whole: Any) -> bool:
    """Whether the whole has what is shown of it: fields and elements may be left out."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and within(part[key], whole[key]) for key in part)
    if isinstance(part, list):
        return isinstance(whole, list) and all(any(within(one, other) for other in whole) for one in part)
    return type(part) is type(whole) and bool(part == whole)


def test_the_run_of_the_page(tmp_path: Path) -> None:
    command, *lines = shown("console").text.splitlines()
    prompt, name, *words = shlex.split(command)
    assert (prompt, name) == ("$", "meetingsim")
    ran = subprocess.run(
        [sys.executable, "-m", "meetingsim", *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1, ran.stderr
    assert ran.stdout.splitlines()[: len(lines)] == lines
    figures = json.loads((tmp_path / "meetingsim-out" / "link-leak-raid-42" / "summary.json").read_text())
    assert within(json.loads(shown("json").text), figures)


def test_what_is_shown_must_be_there() -> None:
    assert within({"a": [{"b": 1}]}, {"a": [{"c": 0}, {"b": 1, "c": 2}], "d": None})
    for part in ({"a": [{"b": 2}]}, {"e": None}, {"a": {}}, {"d": 0}):
        assert not within(part, {"a": [{"b": 1}], "d": None})
