"""An event of any type, with the same text wherever a text may stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from meetingsim.state.control import Event


def sample(kind: type[Event], *, text: str, participant: str) -> Event:
    """An event whose every field is filled."""
    hints = get_type_hints(kind)
    every = {field.name: _value(hints[field.name], text) for field in fields(kind) if not field.metadata}  # type: ignore[arg-type]  # every event is a dataclass
    known = every | {name: participant for name in ("participant", "by") if name in every}
    if "stopped" in known:
        known["stopped"] = ({"participant": participant, "activities": [text]},)
    if "person" in known:
        known["person"] = {"id": participant, "name": text, "why": text}
    return kind(**known)


def _value(hint: Any, text: str) -> Any:
    options = [one for one in get_args(hint) if one is not NoneType] if get_origin(hint) is not Literal else []
    if get_origin(hint) is Literal:
        return get_args(hint)[0]
    if get_origin(hint) is tuple:
        return (_value(options[0], text),)
    if get_origin(hint) in {dict, Mapping}:
        return {"words": text}
    if options:
        return _value(options[0], text)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    if isinstance(hint, type) and is_dataclass(hint):
        return hint()
    return {str: text, bool: True, int: 7}[hint]
