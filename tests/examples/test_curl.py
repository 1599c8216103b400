"""The suite of sh and curl passes against a server as it stands, and says where one does otherwise."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.wire import Server

SUITE = Path(__file__).parents[2] / "examples" / "curl" / "meeting.sh"
pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
CHECKS = SUITE.read_text().count("\nexpect ") + SUITE.read_text().count("\nnever ")


def run(server: Server, suite: Path = SUITE, **environment: str) -> subprocess.CompletedProcess[str]:
    """The suite by sh, whichever that is here."""
    known = {**os.environ, "MEETINGSIM_URL": server.url, "MEETINGSIM_ADMIN_TOKEN": server.admin_token, **environment}
    return subprocess.run(["sh", str(suite)], check=False, env=known, capture_output=True, text=True, timeout=120)


def test_the_suite_passes(server: Server) -> None:
    done = run(server)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    lines = done.stdout.splitlines()
    assert len(lines) == CHECKS > 20
    assert all(line.startswith("PASS  ") for line in lines), done.stdout


def test_what_is_not_as_it_should_be_is_said(server: Server, tmp_path: Path) -> None:
    suite = tmp_path / "meeting.sh"
    muted = SUITE.read_text().replace("control suspend\n", "control mute_all\n")
    suite.write_text(muted.replace('never "nothing else was told to her outside"', "never 'no view' '\"me\":'"))
    done = run(server, suite)
    said = [line.split(":")[0] for line in done.stdout.splitlines() if line.startswith("FAIL  ")]
    assert said == [
        "FAIL  no view",
        "FAIL  a suspend stops him",
        "FAIL  nobody writes now",
        "FAIL  nobody comes now",
        "FAIL  the lock is off",
        "FAIL  the journal says why each was refused",
    ], done.stdout
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "6 failed")


def test_without_the_admins_token_it_says_what_is_missing(server: Server) -> None:
    done = run(server, MEETINGSIM_ADMIN_TOKEN="")
    assert done.returncode != 0
    assert "MEETINGSIM_ADMIN_TOKEN" in done.stderr
