"""Node beside the tests: the module under test run as it is served, one line in and one line out."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scripts.client_js import STATIC

HERE = Path(__file__).parent
NODE = shutil.which("node")
CLIENT = STATIC / "client.js"
needs_node = pytest.mark.skipif(NODE is None, reason="there is no node on this machine")


@cache
def websocket_flags() -> tuple[str, ...]:
    """What makes this node have a WebSocket: before 22 it has to be asked for, and warns of it."""
    assert NODE
    known = subprocess.run([NODE, "-p", "typeof WebSocket"], capture_output=True, text=True, check=True).stdout.strip()
    return () if known == "function" else ("--no-warnings", "--experimental-websocket")


class Node:
    """A program that answers every line with one line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, question: Any) -> Any:
        """One question as JSON, one answer. What node complains of is on stderr."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"node ended with {self._process.wait()}"
        return json.loads(answer)


@contextmanager
def node(script: str, module: Path = CLIENT) -> Iterator[Node]:
    """Runs a script of this folder with the module it is to import."""
    assert NODE
    command = [NODE, str(HERE / script), module.as_uri()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Node(process)
        finally:
            assert process.stdin
            process.stdin.close()
