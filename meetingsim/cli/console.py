"""What all commands share at the terminal: where lines go, colour, harmless text, one-line errors, exit codes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from typing import Any, Final, TextIO

OK, FAILED, USAGE, BROKEN, INTERRUPTED = 0, 1, 2, 5, 130
NO_COMMAND: Final = "see meetingsim --help"
_COLOURS: Final = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


class Stop(Exception):
    """Ends a command: one line for stderr that says what to do, and the exit code."""

    def __init__(self, line: str, code: int) -> None:
        super().__init__(line)
        self.line = line
        self.code = code


class Unread(Exception):
    """Whoever reads our output has seen enough. No OSError: typer would exit with a code of its own."""


def out(line: str) -> None:
    """A line of data."""
    _write(sys.stdout, line)


def note(line: str) -> None:
    """A line of progress, or anything else that is no data."""
    _write(sys.stderr, line)


def harmless(text: str) -> str:
    """The text with everything that a terminal could obey written out: whatever others chose goes through here."""
    if text.isascii() and text.isprintable():
        return text
    # The SDK costs half a second to load, and most lines have nothing in them.
    from meetingsim.clients.redaction import harmless as written_out

    return written_out(text)


def out_json(value: Any) -> None:
    """One value as one line of JSON; it is ASCII, so no terminal finds anything to obey in it."""
    out(json.dumps(value, separators=(",", ":")))


def complain(stop: Stop) -> int:
    """Says in one line why a command ended; gives its exit code."""
    line = harmless(" ".join(stop.line.split()))
    _write(sys.stderr, f"{styled('meetingsim:', 'red', sys.stderr)} {line}")
    return stop.code


def _write(stream: TextIO, line: str) -> None:
    try:
        stream.write(line + "\n")
        stream.flush()
    except BrokenPipeError:
        raise Unread from None


def styled(text: str, colour: str, stream: TextIO | None = None) -> str:
    """The text in a colour where the stream is a terminal that wants some (NO_COLOR, TERM=dumb)."""
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if wants_colour(stream or sys.stdout) else text


def wants_colour(stream: TextIO) -> bool:
    """Whether escapes may go to that stream; see no-color.org."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def at_terminal() -> bool:
    """Whether somebody can be asked: stdin and stdout both are a terminal."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def nearest(word: str, words: Iterable[str]) -> str:
    """`` (did you mean 'x'?)`` where one of the words is close, else nothing."""
    from difflib import get_close_matches

    close = get_close_matches(word, list(words), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def stop_writing() -> int:
    """Ends in peace after Unread: Python would complain once more when it flushes stdout at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OK
