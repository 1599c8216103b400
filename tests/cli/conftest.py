"""A server in a process of its own, and the command line run as people run it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest

from meetingsim.cli import main
from meetingsim.clients import MeetingHandle, Server

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds after which a command that should have ended is killed; long, because nothing waits for it that passes."""
MEETINGSIM = [sys.executable, "-m", "meetingsim"]


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def json(self) -> list[Any]:
        return [json.loads(line) for line in self.lines]


@dataclass(frozen=True)
class Service:
    """A server process, and the command line that knows where it is."""

    url: str
    admin_token: str

    @property
    def where(self) -> dict[str, str]:
        return {"MEETINGSIM_URL": self.url, "MEETINGSIM_TOKEN": self.admin_token}

    @property
    def env(self) -> dict[str, str]:
        return clean_env(**self.where)

    def run(self, *argv: str, stdin: str = "", **env: str) -> Ran:
        """Runs a command to its end, without a terminal."""
        return run(*argv, stdin=stdin, env={**self.env, **env})

    def start(self, *argv: str) -> subprocess.Popen[str]:
        """Starts a command with pipes on all sides."""
        return subprocess.Popen(
            [*MEETINGSIM, *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.env,
        )

    def meeting(self, **settings: Any) -> MeetingHandle:
        """A new meeting that has started, with these settings."""

        async def made(server: Server) -> MeetingHandle:
            meeting = await server.create_meeting("Algebra", settings=settings)
            await meeting.start()
            return meeting

        return self.call(made)

    def call(self, ask: Callable[[Server], Coroutine[Any, Any, T]]) -> T:
        """Asks the server something through the SDK."""

        async def main() -> T:
            async with Server(self.url, self.admin_token) as server:
                return await ask(server)

        return asyncio.run(main())

    def types(self, meeting: MeetingHandle) -> list[str]:
        """The types in a meeting's journal."""
        page = self.call(lambda server: server.meeting(meeting.id).events(limit=1000))
        return [event.type for event in page.events]


def clean_env(**env: str) -> dict[str, str]:
    """The environment without anything that speaks to meetingsim or to terminals, and with this."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MEETINGSIM_", "NO_COLOR"))}
    return {**kept, "PYTHONIOENCODING": "utf-8", **env}


def run(*argv: str, stdin: str = "", env: Mapping[str, str] | None = None) -> Ran:
    """Runs a command to its end, without a terminal."""
    done = subprocess.run(
        [*MEETINGSIM, *argv],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        env=dict(env if env is not None else clean_env()),
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@contextmanager
def served(*flags: str, env: Mapping[str, str] | None = None) -> Iterator[dict[str, Any]]:
    """``meetingsim serve --port 0 --json``, and the line it says."""
    process = subprocess.Popen(
        [*MEETINGSIM, "serve", "--port", "0", "--json", *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=dict(env if env is not None else clean_env()),
    )
    assert process.stdout is not None
    try:
        said = json.loads(process.stdout.readline())
        yield said
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
        process.stdout.close()


class Cli(Protocol):
    def __call__(self, *argv: str, **env: str) -> Ran: ...


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Runs a command in this process: the same as ``run``, without the second that a new Python takes."""

    def here(*argv: str, **env: str) -> Ran:
        for name in [*os.environ]:
            if name.startswith("MEETINGSIM_") and name not in env:
                monkeypatch.delenv(name)
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        code = main(argv)
        return Ran(code, *capsys.readouterr())

    return here


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    """One server a worker; each test makes meetings of its own."""
    with served("--limits", "off") as said:
        yield Service(said["url"], said["admin_token"])


@pytest.fixture
def no_database(tmp_path: Path) -> Path:
    """A file that is no country database."""
    path = tmp_path / "notes.mmdb"
    path.write_text("shopping: milk, eggs")
    return path
