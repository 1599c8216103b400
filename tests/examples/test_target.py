"""The product of examples/target has three bugs; the shipped scenarios find each of them, and nothing once it is mended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from meetingsim.scenarios.reading import read_file
from meetingsim.scenarios.verdicts import Verdict
from meetingsim.targets.playing import Where, play
from tests.javascript.node import needs_node

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "meetingsim" / "scenarios" / "library"
ADAPTER = f"node {ROOT / 'examples' / 'target' / 'adapter.mjs'}"
pytestmark = needs_node

BUGS = {
    "talkers": ("suspend-in-flight", {"suspended.none-accepted", "suspended.none-received"}),
    "devices": ("rejoin-tricks", {"removed.no-return"}),
    "lobby": ("waiting-room-without-chat", {"waiting.sees-nothing"}),
}
"""Each with a shipped scenario that finds it, and the invariants that say so."""


@pytest.mark.parametrize("bug", BUGS)
def test_each_bug_is_found_alone(monkeypatch: pytest.MonkeyPatch, bug: str) -> None:
    scenario, invariants = BUGS[bug]
    for fixed, found in ((",".join(one for one in BUGS if one != bug), invariants), ("1", set())):
        monkeypatch.setenv("FIXED", fixed)
        judgement = play(read_file(LIBRARY / f"{scenario}.scenario.yaml"), where=Where(clock="real", command=ADAPTER))
        assert judgement.trace.broke is None
        assert {check.id for check in judgement.of(Verdict.FAIL)} == found


def test_what_it_cannot_do_is_skipped_and_a_mended_one_is_green(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "meetingsim", "run", "breakout-escape", "passcode-guessing", "--target", ADAPTER]
    done = subprocess.run(
        [*command, "--report", str(tmp_path), "--json"],
        check=False,
        env={**os.environ, "FIXED": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    rooms, passcodes = (json.loads(line) for line in done.stdout.splitlines())
    verdicts = {check["id"]: check["verdict"] for check in rooms["checks"]}
    assert verdicts["those-named-move-at-once"] == "skipped"
    assert verdicts["report.durable-with-evidence"] == "skipped"
    assert verdicts["seq.grows"] == "pass"
    assert passcodes["lacking"]["passcodes"] == "there are no passcodes"


def test_the_page_names_the_bugs() -> None:
    page = (ROOT / "examples" / "target" / "README.md").read_text()
    for bug, (scenario, invariants) in BUGS.items():
        row = next(line for line in page.splitlines() if f"FIXED={bug}" in line)
        assert f"`{scenario}`" in row
        assert any(f"`{one}`" in row for one in invariants)
