"""Writes docs/reference/ out of the tables that the server itself reads: ``python -m scripts.reference``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

from meetingsim.settings import ServerSettings
from meetingsim.state.codes import CLOSES, ISSUES, REFUSALS
from meetingsim.state.control import Control, EventRow
from meetingsim.state.controls import EVENTS, TABLE
from meetingsim.state.places import MOVES
from meetingsim.state.plain import plain, wire_name
from meetingsim.state.settings import Settings

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
_NO_FLAG = frozenset({"admin_token", "trusted_proxies"})
"""Settings for the environment alone: a secret on a command line is everybody's."""
_MADE = "<!-- Made by `make docs` out of the code's own tables; changes by hand are lost. -->\n"


def pages() -> dict[str, str]:
    """Every page of the reference by its file name."""
    return {
        "commands.md": _page("Commands", _commands()),
        "events.md": _page("Events", _events()),
        "refusals.md": _page("Refusals and close codes", _refusals()),
        "settings.md": _page("Settings", _settings()),
        "places.md": _page("Places", _places()),
    }


def _page(title: str, lines: Iterator[str]) -> str:
    return f"# {title}\n\n{_MADE}\n" + "\n".join(lines).rstrip() + "\n"


def _commands() -> Iterator[str]:
    yield "What a person, or a token over HTTP, can ask for. On the socket a command is a frame `{type, ref?, …fields}`;"
    yield "over HTTP it is `POST /api/v1/meetings/{id}/controls/NAME` with the fields as the body.\n"
    for control in sorted(TABLE, key=lambda one: one.name):
        if control.socket or control.http:
            yield from _command(control)


def _command(control: Control) -> Iterator[str]:
    doors = [door for door, there in (("socket", control.socket), ("HTTP", control.http)) if there]
    yield f"## `{control.name}`\n"
    yield f"{_prose(control.command)}\n"
    yield f"For: {control.who}. By: {' and '.join(doors)}.\n"
    yield from _fields(control.command)


def _events() -> Iterator[str]:
    yield "What happened. Every event has `type`, `seq` (its place in the journal) and `at`; in `GET …/events` also `because`.\n"
    for name in sorted(EVENTS):
        yield from _event(EVENTS[name])


def _event(row: EventRow) -> Iterator[str]:
    yield f"## `{row.event.type}`\n"
    yield f"{_prose(row.event)}\n"
    yield from _fields(row.event)


def _refusals() -> Iterator[str]:
    yield "Every refusal has a `code`, a `detail` for people, and says whether it is `temporary`.\n"
    for code in REFUSALS.values():
        close = f"the socket closes with {code.close}" if code.close else "the socket stays open"
        yield f"## `{code.name}`\n"
        yield f"{code.meaning} HTTP {code.status}; at the door {close}.{' Temporary.' if code.temporary else ''}\n"
    yield "# Close codes\n"
    for number, meaning in CLOSES.items():
        yield f"## {number}\n\n{meaning.capitalize()}.\n"
    yield "# Issues of a report\n"
    yield ", ".join(f"`{issue}`" for issue in ISSUES) + "."


def _settings() -> Iterator[str]:
    yield "## A meeting's settings\n"
    yield "With `POST /api/v1/meetings` as `settings`, later with `PATCH`; each change goes through the control it belongs to.\n"
    yield "| setting | values | default |\n|---|---|---|"
    yield from _setting_rows(Settings, "")
    yield "\n## The server's settings\n"
    yield "Flags of `meetingsim serve`, or `MEETINGSIM_…` in the environment.\n"
    for name, info in ServerSettings.model_fields.items():
        flag = "" if name in _NO_FLAG else f"Flag `--{name.replace('_', '-')}`, environment "
        yield f"### `{name}`\n\n{info.description} {flag or 'Environment '}`MEETINGSIM_{name.upper()}`.\n"


def _setting_rows(kind: Any, prefix: str) -> Iterator[str]:
    hints = get_type_hints(kind)
    for field in fields(kind):
        hint = hints[field.name]
        if is_dataclass(hint):
            yield from _setting_rows(hint, f"{prefix}{field.name}.")
        else:
            default = field.default if field.default is not MISSING else field.default_factory()  # type: ignore[misc]  # one of both is there
            shown = "made unless given" if field.name == "passcode" else f"`{_json(plain(default))}`"
            yield f"| `{prefix}{field.name}` | {_type(hint)} | {shown} |"


def _places() -> Iterator[str]:
    yield "Where a person is, and every way to move. Dropping and coming back (`reconnecting`, `reconnected`) keep the seat.\n"
    yield "```mermaid\nstateDiagram-v2"
    for move in MOVES:
        yield f"    {move.source or '[*]'} --> {move.target}: {move.event}"
    yield "```\n"
    yield "| from | event | to | meaning |\n|---|---|---|---|"
    for move in MOVES:
        yield f"| {move.source or 'nowhere'} | `{move.event}` | {move.target} | {move.meaning} |"


def _fields(kind: Any) -> Iterator[str]:
    hints = get_type_hints(kind)
    told = [field for field in fields(kind) if not field.metadata.get("recorded")]
    if not told:
        return
    yield "| field | type | |\n|---|---|---|"
    for field in told:
        needed = field.default is MISSING and field.default_factory is MISSING
        yield f"| `{wire_name(field.name)}` | {_type(hints[field.name])} | {'' if needed else 'optional'} |"
    yield ""


def _type(hint: Any) -> str:
    text = getattr(hint, "__name__", None) if not getattr(hint, "__args__", None) else None
    if isinstance(hint, type) and hasattr(hint, "__members__"):
        return ", ".join(f"`{member.value}`" for member in hint)
    said = text or str(hint).replace("typing.", "").replace("meetingsim.state.settings.", "")
    return f"`{said}`".replace("|", "\\|")


def _json(value: Any) -> str:
    return json.dumps(value)


def _prose(kind: Any) -> str:
    return " ".join((kind.__doc__ or "").replace("``", "`").split())


def main() -> int:
    """Writes what changed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        page = FOLDER / name
        if not page.exists() or page.read_text() != text:
            page.write_text(text)
            sys.stdout.write(f"written: docs/reference/{name}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
