"""``meetingsim exec``: a server for as long as another command runs."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from meetingsim.cli.console import Stop
from meetingsim.cli.serve import run_with
from meetingsim.serving import serving
from meetingsim.settings import ServerSettings

NOT_EXECUTABLE, NOT_FOUND, SIGNALLED = 126, 127, 128
"""What shells say of a command that they cannot run, and with a signal's number added of one that it ended."""

_HANDED_ON: Final = ("SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
_TYPED: Final = frozenset({"SIGINT", "SIGQUIT"})
"""Signals that a terminal sends to everybody in its foreground."""
_FOREIGN: Final = frozenset({"MEETINGSIM_TOKEN", "MEETINGSIM_HOST_TOKEN"})
"""Tokens of another server: with these in its environment the command would show them to ours."""


def run(flags: dict[str, Any], command: Sequence[str]) -> int:
    """Runs the command with a server of its own; gives the command's exit code. Raises Stop where it cannot be run."""
    _require_runnable(command[0])
    if not os.environ.get("MEETINGSIM_PORT"):
        flags = {"port": 0, **flags}
    return run_with(flags, lambda settings: _execute(settings, command))


def _require_runnable(name: str) -> None:
    """Raises Stop before anything is started for a command that is not there, or that nobody may run."""
    if shutil.which(name) is not None:
        return
    is_path = os.sep in name and os.path.lexists(name)
    if shutil.which(name, mode=os.F_OK) is None and not is_path:
        raise Stop(f"there is no command {name!a}: it is no file, nor found by PATH", NOT_FOUND)
    raise Stop(f"{name!a} cannot be run: it is not executable", NOT_EXECUTABLE)


async def _execute(settings: ServerSettings, command: Sequence[str]) -> int:
    async with serving(settings) as world:
        kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
        env = {**kept, "MEETINGSIM_URL": world.base_url, "MEETINGSIM_ADMIN_TOKEN": world.admin_token}
        with _signals() as signals:
            try:
                process = await asyncio.create_subprocess_exec(*command, env=env)
            except OSError as error:
                why = "its interpreter is not there" if isinstance(error, FileNotFoundError) else error.strerror
                raise Stop(f"{command[0]!a} cannot be run: {why}", NOT_EXECUTABLE) from None
            handing_on = asyncio.create_task(_hand_on(signals, process))
            code = await process.wait()
            handing_on.cancel()
    return code if code >= 0 else SIGNALLED - code


@contextmanager
def _signals() -> Iterator[asyncio.Queue[signal.Signals]]:
    """The signals that ask this process for something, instead of what they would do to it.

    One that is ignored stays so for the command, too: it was started in the background, or by nohup.
    """
    loop, came = asyncio.get_running_loop(), asyncio.Queue[signal.Signals]()
    wanted = [one for one in map(signal.Signals.__getitem__, _HANDED_ON) if signal.getsignal(one) != signal.SIG_IGN]
    for one in wanted:
        loop.add_signal_handler(one, came.put_nowait, one)
    try:
        yield came
    finally:
        for one in wanted:
            loop.remove_signal_handler(one)


async def _hand_on(signals: asyncio.Queue[signal.Signals], process: asyncio.subprocess.Process) -> None:
    """Sends the command what was sent to us, once: of what was typed it has one of its own from the terminal."""
    while True:
        number = await signals.get()
        if number.name in _TYPED and _in_foreground():
            continue
        with suppress(ProcessLookupError):
            process.send_signal(number)


def _in_foreground() -> bool:
    """Whether a terminal sends what is typed at it to us and to the command alike."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    finally:
        os.close(terminal)
