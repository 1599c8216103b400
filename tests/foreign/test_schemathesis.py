"""Schemathesis drives the whole OpenAPI document against a running server, stateful, every check on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.wire import Server

HERE = Path(__file__).parent
CONFIG = HERE / "schemathesis.toml"


def driven(server: Server, phases: str, examples: int) -> str:
    """What schemathesis says at its end; it is a process of its own, as a stranger's would be."""
    command = [
        sys.executable,
        "-m",
        "schemathesis.cli",
        "--config-file",
        str(CONFIG),
        "run",
        f"{server.url}/openapi.json",
    ]
    flags = ["-H", f"Authorization: Bearer {server.admin_token}", "--phases", phases, "-n", str(examples)]
    ran = subprocess.run(
        [*command, *flags], capture_output=True, text=True, cwd=HERE.parents[1], timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stdout[-8_000:] + ran.stderr[-2_000:]
    return ran.stdout


@pytest.mark.parametrize(("phase", "examples"), [("coverage", 1), ("fuzzing", 5), ("stateful", 10)])
def test_no_request_of_a_stranger_is_answered_wrongly(server: Server, phase: str, examples: int) -> None:
    said = driven(server, phase, examples)
    assert "No issues found" in said
    tested = next(line for line in said.splitlines() if "Tested:" in line)
    selected = next(line for line in said.splitlines() if "Selected:" in line)
    assert selected.split()[-1].split("/")[0] == selected.split("/")[-1], "every operation of the document"
    assert int(tested.split()[-1]) > 0
