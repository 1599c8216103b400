"""The suite for pytest passes as it stands, by itself and on two workers, and says what is wrong where something is."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from meetingsim.scenarios import read_file
from meetingsim.scenarios.invariants import INVARIANTS

SUITE = Path(__file__).parents[2] / "examples" / "pytest"
SCENARIOS = [read_file(file) for file in sorted(SUITE.glob("*.scenario.yaml"))]
CHECKS = sum(len(INVARIANTS) + len(scenario.expect) + len(scenario.thresholds) for scenario in SCENARIOS)
FUNCTIONS = 16
"""Test functions, each as often as it has seeds."""


OTHERS = [word for plugin in ("schemathesis", "hypothesispytest") for word in ("-p", f"no:{plugin}")]
"""Plugins that this project's own tests need: each process would take a second longer to start."""


def run(*arguments: str, suite: Path = SUITE) -> tuple[int, dict[str, int], str]:
    """pytest on a suite as its user would start it: the exit code, how many came out how, and what was said."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *OTHERS, *arguments, str(suite)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300, cwd=suite)
    last = done.stdout.strip().splitlines()[-1:]
    counted = re.findall(r"(\d+) (passed|failed|skipped|error)", "".join(last))
    return done.returncode, {word: int(number) for number, word in counted}, done.stdout + done.stderr


def test_the_suite_passes() -> None:
    code, counted, said = run("-W", "error")
    assert (code, counted) == (0, {"passed": CHECKS + FUNCTIONS}), said


def test_two_workers_share_nothing_and_a_raid_that_succeeds_is_said_with_its_witness(tmp_path: Path) -> None:
    suite = tmp_path / "suite"
    shutil.copytree(SUITE, suite, ignore=shutil.ignore_patterns("test_server.py", "__pycache__"))
    scenario = suite / "link-in-a-forum.scenario.yaml"
    scenario.write_text(scenario.read_text().replace("within: 2m}", "within: 21s}"))
    artifacts = ["--sim-artifacts", "out", "--sim-keep", "all"]
    code, counted, said = run("-n", "2", "--dist", "loadgroup", *artifacts, suite=suite)
    assert (code, counted) == (1, {"passed": CHECKS + FUNCTIONS - 2 - 1 - 3, "failed": 1 + 3}), said
    for line in (
        r"raid-is-stopped: never suspended, .+",
        r"  link-in-a-forum\.scenario\.yaml:22 \| - \{id: raid-is-stopped, after: link_posted, .+\}",
        r"  \[\d+\] 02:00\.000 link_posted .+",
        r"  report: out/link-in-a-forum-3/report\.html",
        r"  again: meetingsim run link-in-a-forum\.scenario\.yaml --seed 3",
        r"FAILED link-in-a-forum\.scenario\.yaml::expect:raid-is-stopped\S* - raid-is-.+",
    ):
        assert re.search(f"^{line}$", said, re.M), said
    runs = sorted(path.name for path in (suite / "out").iterdir() if (path / "report.html").is_file())
    by_file = [f"link-in-a-forum-{seed}" for seed in (20, 21, 22, 3)] + ["out-of-region-1"]
    assert [name for name in runs if not name.startswith("test_")] == by_file
    assert len(runs) == len(by_file) + 10, "and one of each simulation"
