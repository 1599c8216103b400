"""Between frozen values and plain JSON values: what the journal stores, and what the wire carries of it."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache, lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from meetingsim.state.control import Event

_JSON = frozenset({str, int, float, bool, type(None)})


@lru_cache(maxsize=4_096)
def instant(at: int) -> str:
    """Milliseconds since the Unix epoch as the wire writes a time: ``2026-01-01T10:00:00.000Z``."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % 1000:03d}Z"


def wire_name(name: str) -> str:
    """A field's word on the wire: Python's keywords carry an underscore here that the wire does not have."""
    return name.removesuffix("_")


def plain(value: Any) -> Any:
    """The value as JSON knows it. Fields that are None are left out of dataclasses; sets are sorted."""
    kind: Any = type(value)
    if kind in _JSON:
        return value
    if (names := _names(kind)) is not None:
        return {wire: plain(part) for name, wire in names if (part := getattr(value, name)) is not None}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(plain(item) for item in value)
    return [plain(item) for item in value]


@cache
def _names(kind: Any) -> tuple[tuple[str, str], ...] | None:
    """The fields of a dataclass and what they are called on the wire; None of any other type."""
    return tuple((f.name, wire_name(f.name)) for f in fields(kind)) if is_dataclass(kind) else None


@cache
def _shape(kind: type) -> tuple[tuple[str, str, Any], ...]:
    hints = get_type_hints(kind)
    return tuple((f.name, wire_name(f.name), hints[f.name]) for f in fields(kind))


def build(kind: Any, value: Any) -> Any:
    """The opposite of ``plain`` for a declared type; what is absent gets the field's default or None."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        present = [option for option in arguments if option is not type(None)]
        return None if value is None else build(present[0], value) if len(present) == 1 else value
    if origin in {tuple, frozenset}:
        return origin(build(arguments[0], item) for item in value)
    if isinstance(kind, type) and is_dataclass(kind):
        known = {name: build(hint, value[wire]) for name, wire, hint in _shape(kind) if wire in value}
        missing = {f.name: None for f in fields(kind) if f.name not in known and f.init and not _has_default(f)}
        return kind(**known, **missing)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return value


def _has_default(field: Any) -> bool:
    from dataclasses import MISSING

    return field.default is not MISSING or field.default_factory is not MISSING


@cache
def _told(kind: Any) -> tuple[tuple[str, str, bool], ...]:
    return tuple(
        (f.name, wire_name(f.name), bool(f.metadata.get("nullable")))
        for f in fields(kind)
        if not f.metadata.get("recorded")
    )


def told(event: Event) -> dict[str, Any]:
    """The part of an event that people are told; what is None is left out, unless null says something."""
    kind: Any = type(event)
    values = ((wire, nullable, getattr(event, name)) for name, wire, nullable in _told(kind))
    return {wire: plain(value) for wire, nullable, value in values if nullable or value is not None}


def frame_of(event: Event, seq: int, at: int) -> dict[str, Any]:
    """An event's frame: the same for everybody who is told."""
    return {"type": event.type, "seq": seq, "at": instant(at), **told(event)}
