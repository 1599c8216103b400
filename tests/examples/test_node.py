"""The suite for node passes against a server as it stands, and fails against one that does otherwise."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.javascript.node import NODE, needs_node, websocket_flags
from tests.wire import Server

SUITE = Path(__file__).parents[2] / "examples" / "node" / "meeting.test.mjs"
pytestmark = needs_node


def run(url: str, suite: Path = SUITE) -> subprocess.CompletedProcess[str]:
    """The suite by node's own runner."""
    assert NODE
    command = [NODE, *websocket_flags(), "--test", "--test-reporter=spec", str(suite)]
    environment = {**os.environ, "MEETINGSIM_URL": url}
    return subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=120)


def test_the_suite_passes(server: Server) -> None:
    done = run(server.url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pass 6" in done.stdout
    assert "fail 0" in done.stdout


def test_what_is_not_as_it_should_be_is_said(server: Server, tmp_path: Path) -> None:
    suite = tmp_path / "meeting.test.mjs"
    suite.write_text(SUITE.read_text().replace('refused.code, "region_blocked"', 'refused.code, "locked"'))
    done = run(server.url, suite)
    assert done.returncode == 1
    assert "pass 5" in done.stdout
    assert "the region rule keeps a country out" in done.stdout.split("failing tests")[1]
