"""What docs/topics/what-a-run-leaves.md says is in the files, is, and nothing else is."""

from __future__ import annotations

import json
import re
from pathlib import Path

from meetingsim.scenarios.report import write_run
from tests.docs.pages import DOCS
from tests.scenarios.report.samples import raid, scenario

PAGE = (DOCS / "topics" / "what-a-run-leaves.md").read_text()


def words(table: str) -> set[str]:
    """The words in the first column of a table, which is found by its head."""
    rows = PAGE.partition(f"| {table} |")[2].partition("\n\n")[0].splitlines()[2:]
    return {word for row in rows for word in re.findall(r"`([\w.]+)`", row.split("|")[1])}


def test_the_page_names_every_file_and_every_field(tmp_path: Path) -> None:
    folder = write_run(scenario(), raid(), tmp_path)
    assert words("file") == {path.name for path in folder.iterdir()}
    assert words("field") == set(json.loads((folder / "summary.json").read_text()))
    assert words("in the header") == set(json.loads((folder / "trace.jsonl").read_text().splitlines()[0]))
