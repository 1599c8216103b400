"""The socket's protocol as an AsyncAPI 3 document, out of the same types that read and write it."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any, get_type_hints
from urllib.parse import urlsplit

from pydantic import TypeAdapter, create_model

from meetingsim import __version__
from meetingsim.state.codes import CLOSES, REFUSALS
from meetingsim.state.control import Control, EventRow
from meetingsim.state.controls import EVENTS, TABLE
from meetingsim.state.plain import wire_name

_AT = {"type": "string", "format": "date-time", "description": "When, in UTC with milliseconds."}
_SEQ = {"type": "integer", "minimum": 1, "description": "The event's place in the meeting's journal."}
_REF = {"type": ["string", "null"], "description": "What the client wrote beside the command, or null."}


def asyncapi_document(base_url: str) -> dict[str, object]:
    """The whole document; only the server's address differs from one server to another."""
    parts = urlsplit(base_url)
    return {
        **_static(),
        "servers": {
            "here": {"host": parts.netloc or "127.0.0.1:8765", "protocol": "wss" if parts.scheme == "https" else "ws"}
        },
    }


@cache
def _static() -> dict[str, object]:
    shared: dict[str, Any] = {}
    commands = {control.name: _command(control, shared) for control in TABLE if control.socket}
    events = {name: _event(row, shared) for name, row in EVENTS.items() if name != "created"}
    messages = {
        **{f"command.{name}": message for name, message in commands.items()},
        **{f"event.{name}": message for name, message in events.items()},
        "view": _view(),
        "reply": _reply(),
        "media": _media(),
    }
    from_client = [f"command.{name}" for name in commands]
    to_client = [name for name in messages if name not in from_client]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "meetingsim socket",
            "version": __version__,
            "description": "Text frames of one JSON object each, subprotocol meetingsim.v1. Close codes: "
            + "; ".join(f"{code} {meaning}" for code, meaning in CLOSES.items()),
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "channels": {
            "meeting": {
                "address": "/api/v1/meetings/{meeting}/socket",
                "parameters": {"meeting": {"description": "The meeting's id."}},
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "command": _operation("receive", "What a client sends.", from_client),
            "told": _operation("send", "What the server sends.", to_client),
        },
        "components": {"messages": messages, "schemas": shared},
    }


def _operation(action: str, summary: str, names: list[str]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/meeting"},
        "summary": summary,
        "messages": [{"$ref": f"#/channels/meeting/messages/{name}"} for name in names],
    }


def _message(name: str, summary: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "title": name, "summary": summary, "payload": payload}


def _command(control: Control, shared: dict[str, Any]) -> dict[str, Any]:
    payload = _schema(TypeAdapter(control.command), shared)
    payload["properties"] = {"type": {"const": control.name}, "ref": _REF, **payload.get("properties", {})}
    payload["required"] = ["type", *payload.get("required", [])]
    return _message(control.name, f"{control.summary} For: {control.who}.", payload)


def _event(row: EventRow, shared: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(row.event)
    told: dict[str, Any] = {}
    for field in fields(row.event):  # type: ignore[arg-type]  # every event is a dataclass
        if field.metadata.get("recorded"):
            continue
        optional = type(None) in getattr(hints[field.name], "__args__", ())
        told[wire_name(field.name)] = (hints[field.name], None if optional else ...)
    model: Any = create_model(row.event.__name__, **told)
    payload = _schema(TypeAdapter(model), shared)
    payload["description"] = row.event.__doc__
    payload["properties"] = {
        "type": {"const": row.event.type},
        "seq": _SEQ,
        "at": _AT,
        **payload.get("properties", {}),
    }
    payload["required"] = ["type", "seq", "at", *payload.get("required", [])]
    return _message(row.event.type, row.summary, payload)


def _schema(adapter: TypeAdapter[Any], shared: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = adapter.json_schema(ref_template="#/components/schemas/{model}")
    shared.update(schema.pop("$defs", {}))
    return schema


def _view() -> dict[str, Any]:
    properties = {
        "type": {"const": "view"},
        "seq": _SEQ,
        "epoch": {"type": "string", "description": "Another one means another history."},
        "session": {"type": "string", "description": "Secret: lets its owner resume."},
        "view": {
            "type": "object",
            "description": "All that this person may know now; later events are folded into it.",
        },
    }
    payload = {"type": "object", "properties": properties, "required": list(properties)}
    return _message("view", "A fresh picture for whoever joins, or changes place, room or role.", payload)


def _reply() -> dict[str, Any]:
    error = {
        "type": "object",
        "properties": {
            "code": {"enum": sorted(REFUSALS)},
            "detail": {"type": "string"},
            "temporary": {"type": "boolean"},
        },
        "required": ["code", "detail", "temporary"],
    }
    payload = {
        "type": "object",
        "properties": {
            "type": {"const": "reply"},
            "ref": _REF,
            "ok": {"type": "boolean"},
            "seq": {
                **_SEQ,
                "description": "The seq of the last event the command caused; absent where it caused none.",
            },
            "error": error,
        },
        "required": ["type", "ref", "ok"],
    }
    return _message("reply", "The answer to one frame, after the events that it caused.", payload)


def _media() -> dict[str, Any]:
    payload = {
        "type": "object",
        "properties": {
            "type": {"const": "media"},
            "from": {"type": "string"},
            "kind": {"enum": ["audio", "video", "share"]},
            "n": {"type": "integer"},
        },
        "required": ["type", "from", "kind", "n"],
    }
    return _message("media", "Synthetic media of somebody in one's room: routed, never journaled, no seq.", payload)
