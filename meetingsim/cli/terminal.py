"""Typed lines and shown lines on one terminal: what comes in while somebody types does not tear their line apart."""

from __future__ import annotations

import asyncio
import sys
import threading
from contextlib import suppress
from getpass import getpass
from typing import Any

from meetingsim.cli.console import note, out, styled

PROMPT = "> "
_CLEAR_LINE = "\r\x1b[K"


class Screen:
    """Shows lines; where somebody is typing, around what they have typed so far."""

    def __init__(self, *, typing: bool) -> None:
        self.typing = typing
        self.prompting = False
        self._saved = _terminal_state() if typing else None

    def say(self, line: str) -> None:
        """A line of data, on stdout."""
        if not self.typing:
            out(line)
            return
        sys.stdout.write(f"{_CLEAR_LINE}{line}\n{self._typed()}")
        sys.stdout.flush()

    def note(self, line: str) -> None:
        """A line of anything else, on stderr."""
        if not self.typing:
            note(line)
            return
        sys.stderr.write(f"{_CLEAR_LINE}{styled(line, 'dim', sys.stderr)}\n{self._typed()}")
        sys.stderr.flush()

    def restore(self) -> None:
        """Gives the terminal back as it was; a reader that never returned may have left it without echo."""
        if self._saved is not None:
            import termios

            if self.prompting:
                sys.stdout.write("\n")
            with suppress(OSError, termios.error):
                termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._saved)

    def _typed(self) -> str:
        if not self.prompting:
            return ""
        with suppress(ImportError):
            import readline

            return PROMPT + readline.get_line_buffer()
        return PROMPT


class Lines:
    """Reads stdin in a thread of its own, because nothing can end a read that a terminal keeps waiting."""

    def __init__(self, screen: Screen) -> None:
        self.any = False
        self._screen = screen
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()

    def start(self) -> None:
        """Begins to read."""
        threading.Thread(target=self._read, daemon=True).start()

    async def next(self) -> str | None:
        """The next line; None at the end of the input."""
        return await self._queue.get()

    def _read(self) -> None:
        while True:
            line = self._ask() if self._screen.typing else sys.stdin.readline()
            self.any = self.any or bool(line)
            # The loop may be closed by now: then nobody reads on.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._queue.put_nowait, line or None)
            if not line:
                return

    def _ask(self) -> str:
        """A line with editing and history, ending in a line feed; empty at Ctrl-D."""
        with suppress(ImportError):
            import readline  # noqa: F401  # importing it gives input() its editing
        self._screen.prompting = True
        try:
            return input(PROMPT) + "\n"
        except EOFError:
            return ""
        finally:
            self._screen.prompting = False


async def secret(prompt: str) -> str | None:
    """Asks for something that is not shown; None where the answer is Ctrl-D.

    In a thread that dies with the process: one that asyncio waits for would outlive Ctrl-C until somebody presses Enter.
    """
    loop = asyncio.get_running_loop()
    said: asyncio.Future[str | None] = loop.create_future()

    def answer(word: str | None) -> None:
        if not said.done():
            said.set_result(word)

    def ask() -> None:
        try:
            word: str | None = getpass(prompt)
        except EOFError:
            word = None
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(answer, word)

    threading.Thread(target=ask, daemon=True).start()
    return await said


def _terminal_state() -> list[Any] | None:
    try:
        import termios

        return termios.tcgetattr(sys.stdin)
    except (ImportError, OSError):
        return None
