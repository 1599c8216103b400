"""A command as a partner of JSON Lines: objects to its stdin, objects from its stdout, its stderr handed on with a prefix."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import orjson

from meetingsim.clients.redaction import harmless
from meetingsim.scenarios.target import TargetFailed

LONGEST_LINE: Final = 1 << 20
ENDS_WITHIN: Final = 2.0
"""Seconds that a command has to end once its stdin has, and again once it was asked to by a signal."""
_QUOTED: Final = 300


class Rubbish(Exception):
    """A line that breaks the protocol; str() says what is wrong with it, and fits between "The adapter wrote" and the line."""


class Pipe:
    """The running command. ``take`` is handed every line in order, ``fail`` one sentence when it goes wrong, once."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        take: Callable[[dict[str, Any]], None],
        fail: Callable[[str], None],
    ) -> None:
        self._process = process
        self._take = take
        self._fail = fail
        self._over = False
        self._readers = [asyncio.create_task(self._read()), asyncio.create_task(self._pass_on())]

    @classmethod
    async def start(cls, command: str, take: Callable[[dict[str, Any]], None], fail: Callable[[str], None]) -> Pipe:
        """Starts a command, written as in a shell, but without one. Raises TargetFailed where it cannot be started."""
        try:
            words = shlex.split(command)
        except ValueError as error:
            raise TargetFailed(f"{command!a} is no command: {error}.") from None
        if not words:
            raise TargetFailed("An empty text is no command: an adapter is started by one, such as 'node adapter.mjs'.")
        try:
            process = await asyncio.create_subprocess_exec(
                *words,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=LONGEST_LINE,
                start_new_session=True,  # so that what it starts itself can be ended with it
            )
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise TargetFailed(f"The adapter {words[0]!a} cannot be started: {why}.") from None
        return cls(process, take, fail)

    def write(self, said: Mapping[str, Any]) -> None:
        """Writes a line, and waits for nobody to read it."""
        if not self._over and self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(orjson.dumps(said) + b"\n")

    async def close(self) -> None:
        """Ends its stdin, and where that is not enough the command and all that it started."""
        self._over = True
        if self._process.stdin is not None:
            self._process.stdin.close()
        for ending in (None, signal.SIGTERM, signal.SIGKILL):
            if ending is not None:
                with suppress(ProcessLookupError):
                    os.killpg(self._process.pid, ending)
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._gone()), ENDS_WITHIN)
                break
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)

    async def _gone(self) -> None:
        """Whoever still holds its pipes is one that it started, and that must go, too."""
        await self._process.wait()
        await asyncio.wait(self._readers)

    async def _read(self) -> None:
        assert self._process.stdout is not None
        line = b""
        try:
            while line := await self._process.stdout.readline():
                self._take(_object(line))
        except Rubbish as rubbish:
            self._broke(f"The adapter wrote {rubbish}: {_quoted(line)}")
        except ValueError:
            self._broke(f"The adapter wrote a line of more than {LONGEST_LINE:,} bytes.")
        except Exception as error:
            self._broke(f"The adapter wrote what cannot be used ({error!r}): {_quoted(line)}")
        else:
            code = await self._process.wait()
            self._broke(f"The adapter ended in the middle of the run, with code {code}.")

    def _broke(self, said: str) -> None:
        if not self._over:
            self._over = True
            self._fail(said)

    async def _pass_on(self) -> None:
        """Its words for people, line by line; of one that never ends what came of it."""
        assert self._process.stderr is not None
        while True:
            try:
                line = await self._process.stderr.readline()
            except ValueError:
                continue
            if not line:
                return
            with suppress(OSError, ValueError):
                sys.stderr.write(f"adapter: {harmless(line.decode(errors='replace').rstrip())}\n")
                sys.stderr.flush()


def _object(line: bytes) -> dict[str, Any]:
    try:
        said = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise Rubbish("what is no JSON") from None
    if not isinstance(said, dict):
        raise Rubbish("what is no JSON object")
    return said


def _quoted(line: bytes) -> str:
    """A line as one harmless line, cut where it is long."""
    text = harmless(line.decode(errors="replace").strip())
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}… ({len(text) - _QUOTED} more)"
