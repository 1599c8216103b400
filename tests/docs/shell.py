"""A shell that lives as long as a page, and terminals in which a command goes on running while the page does."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from contextlib import suppress
from pathlib import Path

from tests.docs.likeness import Names

PATIENCE = 60.0
"""Seconds after which a line that should come is missed: starting a command takes long on a machine that has much to do."""
USUAL = "http://127.0.0.1:8765"
"""The address in the pages; the tests put the real one in its place."""


def as_shown(text: str, url: str) -> str:
    """The text with the usual address, by whatever scheme, in place of the real one."""
    return text.replace(url.removeprefix("http://"), USUAL.removeprefix("http://"))


def as_run(text: str, url: str) -> str:
    """The text with the real address in place of the usual one."""
    return text.replace(USUAL.removeprefix("http://"), url.removeprefix("http://"))


SERVE = "make serve"
"""What starts a server in the pages; the tests let it take a free port."""
_MARK = "@@ done @@"


def environment(url: str) -> dict[str, str]:
    """That of somebody who did what the pages say: ``meetingsim`` is on the path."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MEETINGSIM_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    return {**kept, "PATH": path, "MEETINGSIM_URL": url, "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"}


class Shell:
    """One bash: a variable of one block is there in the next."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._bash: Process | None = None

    async def run(self, script: str, variables: dict[str, str]) -> tuple[int, str]:
        """Runs a block; gives its last exit code and all it wrote."""
        bash = self._bash or await self._start()
        given = "".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items())
        await self._say(f'{given}{as_run(script, self._url)}\nprintf "\\n{_MARK} %s\\n" "$?"\n')
        assert bash.stdout is not None
        written: list[str] = []
        while True:
            line = (await asyncio.wait_for(bash.stdout.readline(), PATIENCE)).decode()
            assert line, "the shell ended: " + "".join(written)
            if line.startswith(_MARK):
                return int(line.removeprefix(_MARK)), as_shown("".join(written).strip(), self._url)
            written.append(line)

    async def variables(self, names: set[str]) -> dict[str, str]:
        """Those of these variables that the shell has."""
        ordered = sorted(names)
        if self._bash is None or not ordered:
            return {}
        _, said = await self.run("\n".join(f'echo "{name}=${{{name}-}}"' for name in ordered), {})
        pairs = (line.partition("=") for line in said.splitlines() if "=" in line)
        return {name: value for name, _, value in pairs if value}

    async def close(self) -> None:
        """Ends the shell."""
        if self._bash:
            await self._say("exit\n")
            await self._bash.wait()

    async def _start(self) -> Process:
        self._bash = await asyncio.create_subprocess_exec(
            "bash", stdin=PIPE, stdout=PIPE, stderr=STDOUT, env=environment(self._url), limit=2**22
        )
        return self._bash

    async def _say(self, text: str) -> None:
        assert self._bash is not None
        assert self._bash.stdin is not None
        self._bash.stdin.write(text.encode())
        await self._bash.stdin.drain()


class Terminal:
    """One terminal: ``$`` starts a command, ``>`` is typed into it, and the rest is what it shows, line by line."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._running: Process | None = None

    async def play(self, text: str, names: Names) -> list[str]:
        """Plays a block; gives what did not go as it is shown."""
        wrong: list[str] = []
        for line in text.splitlines():
            if line == f"$ {SERVE}":
                await self.start("meetingsim serve --port 0")
            elif line.startswith("$ "):
                await self.start(names.fill(line[2:]))
            elif line.startswith("> "):
                await self.type(names.fill(line[2:]))
            elif (said := await self.line()) is None or not names.like(line, as_shown(said, self.url)):
                wrong.append(f"{line}\n      but: {said if said is None else names.told(said)}")
        return wrong

    async def start(self, command: str) -> None:
        """Starts a command, once the one before it has ended."""
        await self.close()
        words = as_run(command, self.url)
        self._running = await asyncio.create_subprocess_exec(
            "bash", "-c", f"exec {words}", stdin=PIPE, stdout=PIPE, stderr=STDOUT, env=environment(self.url)
        )

    async def type(self, line: str) -> None:
        """Types a line into the running command."""
        assert self._running is not None
        assert self._running.stdin is not None
        with suppress(ConnectionError):  # it has ended: the line that it should have shown next says so
            self._running.stdin.write(f"{line}\n".encode())
            await self._running.stdin.drain()

    async def line(self) -> str | None:
        """The next line it shows; None once it has ended."""
        assert self._running is not None
        assert self._running.stdout is not None
        said = (await asyncio.wait_for(self._running.stdout.readline(), PATIENCE)).decode()
        if found := re.match(r"meetingsim listens on (\S+)", said):
            self.url = found[1]
        return said.rstrip() if said else None

    async def close(self) -> None:
        """Ends the command, if it has not ended by itself."""
        if self._running is None:
            return
        if self._running.returncode is None:
            self._running.terminate()
        await self._running.communicate()
        self._running = None
