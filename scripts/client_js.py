"""Writes the client for JavaScript, ``client.js`` and its types: hand-written parts, and what follows from the tables.

``python -m scripts.client_js`` writes them anew, ``--check`` only says whether they are up to date.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, Field, fields
from inspect import cleandoc
from pathlib import Path
from typing import Any

from meetingsim.routers.asyncapi import asyncapi_document
from meetingsim.state.codes import CLOSES, REFUSALS
from meetingsim.state.control import Control
from meetingsim.state.controls import EVENTS, TABLE
from meetingsim.state.meeting import HOSTS, MESSAGES_KEPT
from meetingsim.state.rights import SWITCHED
from meetingsim.state.settings import ChatLevel
from meetingsim.state.streams import FIELD_OF
from scripts.sdk_methods import UNANSWERED
from scripts.written import write

ROOT = Path(__file__).parent.parent
PARTS = ROOT / "scripts" / "javascript"
STATIC = ROOT / "meetingsim" / "routers" / "static"
NO_EVENTS = ("view", "reply", "media", "unreadable", "came_back")
_COMMANDS = [control for control in TABLE if control.socket]
_HEADER = """/*
 * The client of meetingsim for JavaScript: one module, no dependency, for browsers and for node 20 and later.
 * Times are in milliseconds. Made by `python -m scripts.client_js`; changes by hand are lost.
 */
"""


def client_module() -> str:
    """The text of ``client.js``."""
    own = [_part(name) for name in ("errors.js", "folds.js", "server.js")]
    parts = [*own, _commands(), _part("connection.js"), _part("connect.js")]
    return "\n".join([_HEADER, _tables(), *parts])


def client_types() -> str:
    """The text of ``client.d.ts``."""
    return "\n".join([_HEADER, _codes(), _part("head.d.ts"), _frames(), _declared_commands(), _part("tail.d.ts")])


def _part(name: str) -> str:
    return (PARTS / name).read_text("utf-8")


def _tables() -> str:
    refusals = {name: {"status": code.status, "temporary": code.temporary} for name, code in REFUSALS.items()}
    constants: dict[str, Any] = {
        "REFUSALS": refusals,
        "CLOSES": {str(code): meaning for code, meaning in CLOSES.items()},
        "HOSTS": sorted(role.value for role in HOSTS),
        "SWITCHED": [activity.value for activity in SWITCHED],
        "CHAT_LEVELS": [level.value for level in ChatLevel],
        "FIELD_OF": {activity.value: field for activity, field in FIELD_OF.items()},
        "MESSAGES_KEPT": MESSAGES_KEPT,
        "NO_EVENTS": list(NO_EVENTS),
    }
    tables = "".join(f"const {name} = {_laid_out(value)};\n" for name, value in constants.items())
    events = _laid_out([name for name in EVENTS if name != "created"])
    return f"{tables}\n/** Every event's word. */\nexport const EVENTS = {events};\n"


def _laid_out(value: Any) -> str:
    """A table with one row a line; what fits into one line stays there."""
    text = json.dumps(value)
    if len(text) < 100:
        return text
    rows = value.items() if isinstance(value, dict) else ((None, one) for one in value)
    lines = (f"  {'' if key is None else json.dumps(key) + ': '}{json.dumps(one)},\n" for key, one in rows)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{''.join(lines)}{closing}"


def _commands() -> str:
    methods = "\n".join(_method(control) for control in _COMMANDS)
    return (
        "/**\n * Every command of the socket, as a method. What must be said comes first, the rest in an object.\n"
        " * A refusal throws a RefusedError.\n */\n"
        f"export class Commands {{\n{methods}}}\n"
    )


def _method(control: Control) -> str:
    required, optional = _fields(control)
    names = [field.name for field in required]
    said = ", ".join([*names, *(["...more"] if optional else [])])
    parameters = ", ".join([*names, *(["more = {}"] if optional else [])])
    how = "tell" if control.name in UNANSWERED else "ask"
    sent = f", {{ {said} }}" if said else ""
    body = f"return this.{how}({json.dumps(control.name)}{sent});"
    return f"{_comment(control)}  {control.name}({parameters}) {{\n    {body}\n  }}\n"


def _fields(control: Control) -> tuple[list[Field[Any]], list[Field[Any]]]:
    every = fields(control.command)  # type: ignore[arg-type]  # every command is a dataclass
    required = [field for field in every if field.default is MISSING and field.default_factory is MISSING]
    return required, [field for field in every if field not in required]


def _comment(control: Control) -> str:
    lines = [*cleandoc(control.command.__doc__ or control.summary).splitlines(), "", f"Who may: {control.who}."]
    text = "".join(f"   * {line}".rstrip() + "\n" for line in lines)
    return f"  /**\n{text}   */\n"


def _codes() -> str:
    codes = "".join(f"\n  | {json.dumps(code)}" for code in REFUSALS)
    return f"export type RefusalCode ={codes};\n"


def _declared_commands() -> str:
    methods = "\n".join(_declared(control) for control in _COMMANDS)
    return f"/** Every command of the socket. */\nexport class Commands {{\n{methods}}}\n"


def _declared(control: Control) -> str:
    required, optional = _fields(control)
    schema = _DOCUMENT["components"]["messages"][f"command.{control.name}"]["payload"]["properties"]
    parameters = [f"{field.name}: {_type(schema[field.name])}" for field in required]
    if optional:
        more = "; ".join(f"{field.name}?: {_type(schema[field.name])}" for field in optional)
        parameters.append(f"more?: {{ {more} }}")
    answer = "string" if control.name in UNANSWERED else "Promise<Reply>"
    return f"{_comment(control)}  {control.name}({', '.join(parameters)}): {answer};\n"


def _frames() -> str:
    rows, names = [], []
    for name in EVENTS:
        message = _DOCUMENT["components"]["messages"].get(f"event.{name}")
        if message is not None:
            names.append(name)
            rows.append(f"/** {message['summary']} */\nexport interface {_title(name)} {_object(message['payload'])}\n")
    shared = [
        f"export {f'interface {name} ' if schema['type'] == 'object' else f'type {name} = '}{_type(schema)}\n"
        for name, schema in sorted(_DOCUMENT["components"]["schemas"].items())
    ]
    pairs = "".join(f"  {name}: {_title(name)};\n" for name in names)
    own = "  view: ViewFrame;\n  reply: Reply;\n  media: MediaFrame;\n  came_back: CameBack;\n"
    frames = f"/** Every frame by its type. */\nexport interface Frames {{\n{own}{pairs}}}\n"
    known = "export const EVENTS: Exclude<keyof Frames, 'view' | 'reply' | 'media' | 'came_back'>[];\n"
    return "\n".join([*shared, *rows, frames, "export type AnyFrame = Frames[keyof Frames];\n" + known])


_DOCUMENT: dict[str, Any] = asyncapi_document("http://127.0.0.1:8765")


def _title(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_")) + "Frame"


def _type(schema: dict[str, Any]) -> str:
    """A JSON schema as a type."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(one) for one in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(_type(one) for one in schema["anyOf"])
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(_type({**schema, "type": one}) for one in kind)
    if kind == "array":
        return f"Array<{_type(schema.get('items', {}))}>"
    if kind == "object":
        return _object(schema) if schema.get("properties") else "Json"
    return {"string": "string", "integer": "number", "boolean": "boolean", "null": "null"}.get(str(kind), "any")


def _object(schema: dict[str, Any]) -> str:
    required = schema.get("required", [])
    lines = (
        f"  {name}{'' if name in required else '?'}: {_type(part)};\n" for name, part in schema["properties"].items()
    )
    return f"{{\n{''.join(lines)}}}"


FILES = {"client.js": client_module, "client.d.ts": client_types}


def main() -> int:
    """Writes what changed."""
    return write("Writes the client for JavaScript.", {STATIC / name: make for name, make in FILES.items()})


if __name__ == "__main__":
    raise SystemExit(main())
