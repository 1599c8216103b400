"""Writes docs/reference/ out of the tables that the server itself reads: ``python -m scripts.reference``."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, get_args, get_type_hints

from pydantic.fields import FieldInfo

from meetingsim.app import API, SOCKET, make_app
from meetingsim.cli import COMMANDS
from meetingsim.cli import commands as cli
from meetingsim.cli.host import GRAMMARS
from meetingsim.geo.countries import NAMES as COUNTRIES
from meetingsim.opening import close_world, make_world
from meetingsim.settings import ServerSettings
from meetingsim.state.codes import CLOSES, ISSUES, REFUSALS
from meetingsim.state.control import Control, Door, EventRow
from meetingsim.state.controls import CONTROLS, EVENTS, TABLE
from meetingsim.state.meeting import Place, Role, Why
from meetingsim.state.places import MOVES
from meetingsim.state.plain import plain, wire_name
from meetingsim.state.settings import Activity, ChatLevel, Settings
from scripts import meanings
from scripts.written import write

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
_NO_FLAG = frozenset({"admin_token", "trusted_proxies"})
"""Settings for the environment alone: a secret on a command line is everybody's."""
_MADE = "<!-- Made by `make docs` out of the code's own tables; changes by hand are lost. -->\n"


def pages() -> dict[str, str]:
    """Every page of the reference by its file name."""
    return {
        "commands.md": _page("Commands", _commands()),
        "events.md": _page("Events", _events()),
        "refusals.md": _page("Refusals", _refusals()),
        "close-codes.md": _page("Close codes", _closes()),
        "words.md": _page("Words", _words()),
        "rules.md": _page("Rules of because", _rules()),
        "settings.md": _page("Settings", _settings()),
        "places.md": _page("Places", _places()),
        "http.md": _page("HTTP", _http()),
        "command-line.md": _page("Command line", _command_line()),
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
    page = next(page for page, names in meanings.HOW_TO.items() if control.name in names)
    yield f"For: {control.who}. By: {' and '.join(doors)}. Shown in [{_title(page)}](../how-to/{page}).\n"
    yield from _fields(control.command)


def _title(page: str) -> str:
    return (FOLDER.parent / "how-to" / page).read_text().partition("\n")[0].removeprefix("# ")


def _events() -> Iterator[str]:
    yield "What happened. Every event has `type`, `seq` (its place in the journal) and `at`; in `GET …/events` also `because`.\n"
    for name in sorted(EVENTS):
        yield from _event(EVENTS[name])


def _event(row: EventRow) -> Iterator[str]:
    yield f"## `{row.event.type}`\n"
    yield f"{_prose(row.event)}\n"
    yield from _fields(row.event)


def _refusals() -> Iterator[str]:
    yield "Every refusal has a `code`, a `detail` for people, and says whether it is `temporary`. On the socket it is the"
    yield "`error` of a reply, over HTTP a problem document (RFC 9457). The numbers are [close codes](close-codes.md).\n"
    for code in REFUSALS.values():
        close = f"the socket closes with {code.close}" if code.close else "the socket stays open"
        yield f"## `{code.name}`\n"
        yield f"{code.meaning} HTTP {code.status}; at the door {close}.{' Temporary.' if code.temporary else ''}\n"


def _closes() -> Iterator[str]:
    yield "How the server closes a socket. 4000 to 4499: another try may help. From 4500 on: it does not.\n"
    for number, meaning in CLOSES.items():
        codes = [f"[`{code.name}`](refusals.md#{code.name})" for code in REFUSALS.values() if code.close == number]
        after = f" At the door after {', '.join(codes)}." if codes else ""
        yield f"## {number}\n\n{meaning.capitalize()}. {meanings.CLOSES[number]}{after}\n"


def _words() -> Iterator[str]:
    """Each of these takes its words from the code and their meaning from ``meanings``; a KeyError says that one has none."""
    yield "The words that fields may have, and what each means.\n"
    yield from _list_of("Activities", [*Activity], meanings.ACTIVITIES)
    yield from _list_of("Chat levels", [*ChatLevel], meanings.CHAT_LEVELS)
    yield from _list_of("Roles", [*Role], meanings.ROLES)
    yield from _list_of("Places", [*Place], meanings.PLACES)
    yield from _list_of("Why somebody waits", [*Why], meanings.WHYS)
    yield from _list_of("Issues of a report", ISSUES, meanings.ISSUES)
    yield from _list_of("Doors", get_args(Door), meanings.DOORS)


def _list_of(title: str, words: Any, said: Mapping[str, str]) -> Iterator[str]:
    yield f"## {title}\n"
    for word in words:
        yield f"### `{word}`\n\n{said[str(word)]}\n"


def _rules() -> Iterator[str]:
    yield "What `because.rule` says of an event in the journal. A refused entry has its [code](refusals.md) there."
    yield "How to read the rest of it: [Events, and because](../how-to/events.md#because).\n"
    for rule, meaning in meanings.RULES.items():
        known = CONTROLS.get(rule)
        link = f" See [`{rule}`](commands.md#{rule})." if known and (known.socket or known.http) else ""
        yield f"## `{rule}`\n\n{meaning}{link}\n"


def _settings() -> Iterator[str]:
    yield "## A meeting's settings\n"
    yield "With `POST /api/v1/meetings` as `settings`, later with `PATCH`; each change goes through the control it belongs to."
    yield '`waiting_room.enabled` is written `{"waiting_room": {"enabled": true}}`. See [Settings](../how-to/settings.md).\n'
    yield from _meeting_settings(Settings, "")
    yield "## The server's settings\n"
    yield "Flags of `meetingsim serve`, or `MEETINGSIM_…` in the environment.\n"
    for name, info in ServerSettings.model_fields.items():
        flag = "" if name in _NO_FLAG else f"Flag `--{name.replace('_', '-')}`, environment "
        yield f"### `{name}`\n\n{info.description} {flag or 'Environment '}`MEETINGSIM_{name.upper()}`.{_more(name, info)}\n"


def _more(name: str, info: FieldInfo) -> str:
    """What a setting of the server is unless somebody says otherwise, what else it may be, and the page that uses it."""
    default = info.get_default(call_default_factory=True)
    words = [word for word in get_args(info.annotation) if isinstance(word, str)]
    values = f" Values: {', '.join(f'`{word}`' for word in words)}." if words else ""
    page = meanings.SERVER_SETTINGS.get(name)
    link = f" See [{_title(page)}](../how-to/{page})." if page else ""
    shown = default if isinstance(default, str) else json.dumps(default)
    return f"{values}{'' if default in (None, []) else f' Default: `{shown}`.'}{link}"


def _meeting_settings(kind: Any, prefix: str) -> Iterator[str]:
    hints = get_type_hints(kind)
    for field in fields(kind):
        hint, name = hints[field.name], f"{prefix}{field.name}"
        if is_dataclass(hint):
            yield from _meeting_settings(hint, f"{name}.")
            continue
        default = field.default if field.default is not MISSING else field.default_factory()  # type: ignore[misc]  # one of both is there
        shown = "six digits, made for each meeting" if name == "passcode" else f"`{json.dumps(plain(default))}`"
        yield f"### `{name}`\n\n{meanings.SETTINGS[name]}\n"
        yield f"Values: {_type(hint, table=False)}. Default: {shown}.\n"


def _places() -> Iterator[str]:
    yield "Where a person is, and every way to move. Dropping and coming back (`reconnecting`, `reconnected`) keep the seat.\n"
    yield "```mermaid\nstateDiagram-v2"
    for move in MOVES:
        yield f"    {move.source or '[*]'} --> {move.target}: {move.event}"
    yield "```\n"
    yield "| from | event | to | meaning |\n|---|---|---|---|"
    for move in MOVES:
        yield f"| {move.source or 'nowhere'} | `{move.event}` | {move.target} | {move.meaning} |"


@cache
def openapi() -> dict[str, Any]:
    """The OpenAPI document, as a server of this version gives it."""

    async def made() -> dict[str, Any]:
        world = await make_world(ServerSettings(host="127.0.0.1", port=0, data=None, geoip_db=None))
        try:
            return make_app(world).openapi()
        finally:
            await close_world(world)

    return asyncio.run(made())


def _http() -> Iterator[str]:
    yield "Every call. `Authorization: Bearer TOKEN`; bodies and answers are JSON. A running server has all of it with schemas at"
    yield "`/docs` and `/openapi.json`, and the socket's frames at `/asyncapi.json`.\n"
    yield f"## `WebSocket {SOCKET}`\n"
    yield "One text frame, one JSON object; subprotocol `meetingsim.v1`, or none. The first frame is `join` or `resume`:"
    yield "[Join, resume, leave](../how-to/join-resume-leave.md).\n"
    for path, methods in openapi()["paths"].items():
        for method, call in methods.items():
            yield from _call(f"{method.upper()} {path}", call)


def _call(name: str, call: Mapping[str, Any]) -> Iterator[str]:
    yield f"## `{name}`\n"
    if "controls" in call["tags"]:
        word = name.rpartition("/")[2]
        yield f"{call['summary']} The body has the fields of [`{word}`](commands.md#{word}).\n"
        return
    yield f"{' '.join(call['description'].replace('``', '`').split())}{_shown_in(name)}\n"
    asked = call.get("parameters", [])
    query = [(one["name"], one["schema"], one.get("required")) for one in asked if one["in"] == "query"]
    body = call.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    rows = [("query", *one) for one in query] + [("body", *one) for one in _properties(body or {})]
    if rows:
        yield "| in | field | type | |\n|---|---|---|---|"
        for where, field, schema, needed in rows:
            yield f"| {where} | `{field}` | {_json_type(schema)} | {'' if needed else 'optional'} |"
        yield ""
    yield f"Answers: {', '.join(sorted(call['responses']))}.\n"


def _shown_in(name: str) -> str:
    path = name.partition(" ")[2].removeprefix(API)
    begins = [start for start in meanings.CALLS if path == start or path.startswith(f"{start}/")]
    page = meanings.CALLS[max(begins, key=len)] if begins else None
    return f" Shown in [{_title(page)}](../how-to/{page})." if page else ""


def _properties(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    schema = _resolved(schema)
    for name, part in schema.get("properties", {}).items():
        yield name, part, name in schema.get("required", ())


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    found: Mapping[str, Any] = openapi()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _json_type(schema: Mapping[str, Any]) -> str:
    if _is_frame(schema):
        return "a [command](commands.md) as a frame"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_json_type(one) for one in schema["anyOf"]))
    if schema.get("enum") == sorted(COUNTRIES):
        return "a [country](../topics/countries.md#country-codes-and-groups)"
    if schema.get("enum") == [*ISSUES]:
        return "an [issue](words.md#issues-of-a-report)"
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{one}`" for one in schema.get("enum", [schema.get("const")]))
    if "$ref" in schema:
        inner = _resolved(schema)
        if inner.get("title") == "SettingsChange":
            return "any part of the [settings](settings.md)"
        return f"`{_shape(inner)}`" if "enum" not in inner else _json_type(inner)
    if schema.get("type") == "array":
        return f"list of {_json_type(schema.get('items', {}))}"
    return f"`{schema.get('type', 'anything')}`"


def _is_frame(schema: Mapping[str, Any]) -> bool:
    """Whether these are commands with their name as ``type``."""
    kinds = [_resolved(one).get("properties", {}).get("type", {}) for one in schema.get("anyOf", ())]
    return bool(kinds) and all("const" in kind for kind in kinds)


def _shape(schema: Mapping[str, Any]) -> str:
    """An object by the names of its fields."""
    return "{" + ", ".join(f"{name}{'' if needed else '?'}" for name, _, needed in _properties(schema)) + "}"


def _command_line() -> Iterator[str]:
    yield "Data on stdout, everything else on stderr; `--json` wherever there is data. Nothing is asked without a terminal.\n"
    for name, line in COMMANDS.items():
        yield f"## `meetingsim {name}`\n"
        yield from _host() if name == "host" else _options(name, line)
    yield "## Exit codes\n\n| code | meaning |\n|---|---|"
    for code, meaning in meanings.EXIT_CODES.items():
        yield f"| {code} | {meaning} |"


def _options(name: str, line: str) -> Iterator[str]:
    yield f"{' '.join((inspect.getdoc(cli.FUNCTIONS[name]) or line).split())}\n"
    yield "| | |\n|---|---|"
    for option in cli.parser(name).params:
        if option.name != "help":
            said = (
                option.opts[0] if option.param_type_name == "option" else (option.metavar or str(option.name).upper())
            )
            yield f"| `{said}` | {option.help} |"
    yield ""


def _host() -> Iterator[str]:
    yield "`meetingsim host MEETING COMMAND …`, by the meeting's id or a link to it; `--url`, `--token` and `--json` anywhere."
    yield "Where a PARTICIPANT is asked for, an id or a name. `people` says who is there; the others are the controls:\n"
    yield "```text"
    for grammar in GRAMMARS.values():
        yield grammar.usage
    yield "```\n"


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


_PLAIN = {str: "text", int: "number", bool: "true or false", type(None): "", Any: "anything"}


def _type(hint: Any, *, table: bool = True) -> str:
    """A type as the wire has it."""
    if hint in _PLAIN:
        return _PLAIN[hint]
    if isinstance(hint, type) and hasattr(hint, "__members__"):
        return ", ".join(f"`{member.value}`" for member in hint)
    if is_dataclass(hint):
        parts = get_type_hints(hint)
        return "`{" + ", ".join(wire_name(one.name) + _mark(one) for one in fields(hint) if one.name in parts) + "}`"
    inner = get_args(hint)
    if getattr(hint, "__origin__", None) is tuple:
        return f"list of {_type(inner[0])}"
    if getattr(hint, "__origin__", None) is dict:
        return "object"
    if inner and all(isinstance(one, str) for one in inner):
        return ", ".join(f"`{one}`" for one in inner)
    null = " or null" if type(None) in inner and not table else ""
    return " or ".join(filter(None, (_type(one) for one in inner))) + null


def _mark(field: Any) -> str:
    return "" if field.default is MISSING and field.default_factory is MISSING else "?"


def _prose(kind: Any) -> str:
    return " ".join((kind.__doc__ or "").replace("``", "`").split())


def main() -> int:
    """Writes what changed."""
    return write("Writes the reference.", {FOLDER / name: partial(str, text) for name, text in pages().items()})


if __name__ == "__main__":
    raise SystemExit(main())
