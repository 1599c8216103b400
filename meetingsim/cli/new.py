"""``meetingsim new``: a scenario to begin with, that checks and runs green as it is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from meetingsim.cli.console import OK, USAGE, Stop, nearest, out
from meetingsim.scenarios import library

_STARTER = Path(__file__).parent / "starter.scenario.yaml"
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,63}", re.ASCII)
_DEFAULT = "my-scenario"


def run(word: str | None, shipped: str | None) -> int:
    """Writes the file, unless there is one of that name; says what to type next."""
    path = _path(word or shipped or _DEFAULT)
    name = path.name.removesuffix(library.ENDING).removesuffix(".yaml")
    if not _NAME.fullmatch(name):
        raise Stop(f"{name!a} is no name for a scenario: letters, digits, '-', '_' and '.', at most 64", USAGE)
    # A number or a truth is no text to YAML, unless it stands between quotes.
    quoted = name if name[0].isalpha() and name not in {"true", "false", "null"} else f'"{name}"'
    text = re.sub(r"(?m)^name: .*$", f"name: {quoted}", _text_of(shipped), count=1)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Stop(f"{path} is there already, and is left as it is: say another name", USAGE) from None
    except OSError as error:
        raise Stop(f"{path} cannot be written: {error.strerror}", USAGE) from None
    out(f"wrote {path}")
    out(f"next: meetingsim run {shlex.quote(str(path))}")
    return OK


def _path(word: str) -> Path:
    return Path(word if word.endswith((".yaml", ".yml")) else f"{word}{library.ENDING}")


def _text_of(shipped: str | None) -> str:
    if shipped is None:
        return _STARTER.read_text("utf-8")
    if shipped not in library.names():
        close = nearest(shipped, library.names())
        raise Stop(f"there is no scenario {shipped!a}{close}; meetingsim list names what is shipped", USAGE)
    return library.file_of(shipped).read_text("utf-8")
