"""Shapes made out of the dataclasses of the rules core: the fields of every command, and the settings of a meeting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import Field, StrictBool, StrictInt, create_model

from meetingsim.scenarios.shape import OneOrMany, Shape
from meetingsim.scenarios.words import Country, CountryOrGroup, Issue
from meetingsim.state.settings import LARGEST_CAPACITY, PASSCODE_LENGTH, TEXT_LENGTH

SHOWN: Mapping[str, Any] = {
    "country": Country,
    "countries": tuple[CountryOrGroup, ...],
    "issue": Issue,
    "capacity": Annotated[StrictInt, Field(ge=1, le=LARGEST_CAPACITY)],
    "denials": Annotated[StrictInt, Field(ge=1, le=1_000)],
    "title": Annotated[str, Field(max_length=200)],
    "description": Annotated[str, Field(max_length=2_000)],
    "passcode": Annotated[str, Field(min_length=1, max_length=PASSCODE_LENGTH)] | None,
    "text": Annotated[str, Field(min_length=1, max_length=TEXT_LENGTH)],
}
"""Fields that are narrower here than in the rules core, which leaves some of it to its edge."""


def shape_of(kind: Any, name: str, *, needed: bool, more: Mapping[str, Any] | None = None, base: Any = Shape) -> Any:
    """A shape with the fields of a dataclass; with ``needed`` False none has to be said. ``more`` replaces and adds."""
    hints = get_type_hints(kind)
    parts: dict[str, Any] = {}
    for field in fields(kind):
        hint = SHOWN[field.name] if field.name in SHOWN else _shown(hints[field.name], needed)
        optional = not needed or field.default is not MISSING or field.default_factory is not MISSING
        parts[field.name] = (hint | None if optional and needed else hint, None if optional else ...)
    parts |= more or {}
    return create_model(name, __base__=base, __doc__=(kind.__doc__ or name).split("\n")[0], **parts)


def _shown(hint: Any, needed: bool) -> Any:
    if is_dataclass(hint) and isinstance(hint, type):
        return shape_of(hint, hint.__name__, needed=needed)
    if hint is bool:
        return StrictBool
    if hint is int:
        return StrictInt
    origin, args = get_origin(hint), get_args(hint)
    if origin is tuple:
        many: Any = tuple  # made of what is only known now
        return Annotated[many[_shown(args[0], needed), ...], OneOrMany()]
    if origin in {Union, UnionType}:
        return Union[tuple(one if one is NoneType else _shown(one, needed) for one in args)]  # noqa: UP007  # made of a list
    return hint
