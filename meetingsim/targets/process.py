"""A meetingsim server in a process of its own, on a folder that outlives it: it can die at once and come again."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from meetingsim.chance import Chance
from meetingsim.clients.redaction import harmless
from meetingsim.scenarios.target import TargetFailed

STARTS_WITHIN: Final = 30.0
STOPS_WITHIN: Final = 5.0
_ONCE_TOLD: Final = (
    "import sys, meetingsim.cli, meetingsim.cli.serve, meetingsim.serving\n"
    "sys.exit(meetingsim.cli.main(sys.argv[1:]) if sys.stdin.readline() else 1)"
)
"""``meetingsim`` that reads its own code, and begins when it is sent a line: of a downtime that much is not to be seen."""


class ServerProcess:
    """``meetingsim serve`` with an admin token of its own; the port is chosen by its first start.

    Without ``flags`` it has a data folder, and with it after a second start what it had before.
    """

    def __init__(self, folder: Path, flags: Sequence[str] | None = None) -> None:
        self.token = Chance().token("admin")
        self.url = ""
        self._folder = folder
        self._flags = ("--data", str(folder / "data")) if flags is None else flags
        self._running: asyncio.subprocess.Process | None = None
        self._prepared: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Starts it, a second time on the port and with the data of the first. Raises TargetFailed."""
        await self.prepare()
        self._running, self._prepared = self._prepared, None
        assert self._running is not None
        assert self._running.stdin is not None
        assert self._running.stdout is not None
        with suppress(ConnectionError):
            self._running.stdin.write(b"start\n")
            await self._running.stdin.drain()
        self._running.stdin.close()
        try:
            line = await asyncio.wait_for(self._running.stdout.readline(), STARTS_WITHIN)
        except TimeoutError:
            line = b""
        if not line:
            raise TargetFailed(f"The server did not start: {self._last_words()}")
        self.url = json.loads(line)["url"]

    async def prepare(self) -> None:
        """Makes the next start quick: all that takes no port and no data is done before it."""
        if self._prepared is not None:
            return
        port = self.url.rpartition(":")[2] or "0"
        flags = ["--json", "--port", port, *self._flags]
        env = {name: value for name, value in os.environ.items() if not name.startswith("MEETINGSIM_")}
        with self._errors.open("ab") as errors:
            self._prepared = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", _ONCE_TOLD, "serve", *flags),
                env={**env, "MEETINGSIM_ADMIN_TOKEN": self.token},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                start_new_session=True,  # what is typed at the terminal is for us alone
            )

    async def kill(self) -> None:
        """No warning, no last word."""
        assert self._running is not None
        with suppress(ProcessLookupError):
            self._running.kill()
        await self._running.wait()

    async def stop(self) -> None:
        """Asks it to end, and does not ask twice."""
        if self._prepared is not None and self._prepared.stdin is not None:
            self._prepared.stdin.close()
            await self._prepared.wait()
            self._prepared = None
        if self._running is None or self._running.returncode is not None:
            return
        self._running.terminate()
        try:
            await asyncio.wait_for(self._running.wait(), STOPS_WITHIN)
        except TimeoutError:
            await self.kill()

    @property
    def _errors(self) -> Path:
        return self._folder / "stderr"

    def _last_words(self) -> str:
        lines = self._errors.read_text(errors="replace").strip().splitlines()
        return harmless(lines[-1]) if lines else f"it said nothing within {STARTS_WITHIN:g} s."


@asynccontextmanager
async def server_process(flags: Sequence[str] | None = None) -> AsyncIterator[ServerProcess]:
    """A running server, and nothing of it left afterwards. Raises TargetFailed."""
    with TemporaryDirectory(prefix="meetingsim-") as folder:
        process = ServerProcess(Path(folder), flags)
        try:
            await process.start()
            yield process
        finally:
            await process.stop()
