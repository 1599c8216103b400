"""A server in a process of its own, on a data folder, that may be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.wire import Meeting, Server

GONE = 60.0
"""Seconds after which a process that should have ended is killed; waited for only when a test fails."""


@dataclass
class Running:
    """A server process and what it said."""

    process: subprocess.Popen[str]
    said: dict[str, Any]

    @property
    def server(self) -> Server:
        """The same as a test of the wire sees it; there is no world to look into."""
        return Server(self.said["url"], self.said["admin_token"], None)  # type: ignore[arg-type]  # another process

    def find(self, made: dict[str, Any]) -> Meeting:
        """A meeting that was made by another run of the server."""
        socket_url = f"{self.said['url'].replace('http', 'ws', 1)}/api/v1/meetings/{made['id']}/socket"
        return Meeting(self.server, {**made, "socket_url": socket_url})

    def kill(self) -> None:
        """No warning, no last word."""
        self.process.kill()
        self.process.wait(GONE)


@contextmanager
def process(*flags: str, stderr: Path | None = None) -> Iterator[Running]:
    """``meetingsim serve --port 0 --json`` with these flags; what it says beside goes to a file."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("MEETINGSIM_")}
    command = [sys.executable, "-m", "meetingsim", "serve", "--port", "0", "--json", "--limits", "off", *flags]
    with Path(stderr or os.devnull).open("w") as errors:
        started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=env)
    assert started.stdout is not None
    try:
        yield Running(started, json.loads(started.stdout.readline()))
    finally:
        if started.poll() is None:
            started.send_signal(signal.SIGTERM)
            started.wait(GONE)
        started.stdout.close()
