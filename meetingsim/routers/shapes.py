"""The bodies that HTTP takes beside the controls: what a request may say, as types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from meetingsim.routers.wire import spell_out
from meetingsim.state.control import Refuse
from meetingsim.state.meeting import Kind
from meetingsim.state.plain import build
from meetingsim.state.settings import DEVICE_LENGTH, LARGEST_CAPACITY, PASSCODE_LENGTH, RegionRule, Settings
from meetingsim.state.view import settings_row

STRICT = ConfigDict(extra="forbid", strict=True)
Topic = Annotated[str, Field(min_length=1, max_length=200)]
Behaviour = Literal["silent", "talker", "raider"]
MOST_AT_ONCE = 500
"""How many people one call may hold."""
Email = Annotated[str, Field(max_length=254, pattern=r"^[^@\x00-\x20\x7f-\xa0]+@[^@\x00-\x20\x7f-\xa0]+$")]
"""Something before one @ and something after it, without blanks and control characters; more no pattern can know."""
_BOUNDS: dict[str, Any] = {
    "capacity": Field(ge=1, le=LARGEST_CAPACITY),
    "denials": Field(ge=1, le=1_000),
    "title": Field(max_length=200),
    "description": Field(max_length=2_000),
    "passcode": Field(min_length=1, max_length=PASSCODE_LENGTH),
    "countries": Field(max_length=400),
    "match": Field(max_length=5),
}


@cache
def partial(kind: type) -> type[BaseModel]:
    """The same shape with nothing required, so that a request says only what it changes."""
    hints = get_type_hints(kind)
    parts: dict[str, Any] = {}
    for field in fields(kind):
        hint = hints[field.name]
        if is_dataclass(hint) and isinstance(hint, type):
            hint = partial(hint)
        if field.name in _BOUNDS:
            hint = Annotated[hint, _BOUNDS[field.name]]
        parts[field.name] = (hint, Field(default=None, validate_default=False, json_schema_extra=_without_default))
    return create_model(f"{kind.__name__}Change", __config__=STRICT, __doc__=kind.__doc__, **parts)


def _without_default(schema: dict[str, Any]) -> None:
    """What is not said stays as it is: null is no default, and mostly not even allowed."""
    schema.pop("default", None)


SettingsChange: Any = partial(Settings)
RegionChange: Any = partial(RegionRule)


class NewPeople(BaseModel):
    """People to be held. They show the meeting's passcode unless another credential is given.

    With ``count`` there are several, numbered in name and device.
    """

    model_config = STRICT
    name: Annotated[str, Field(max_length=256)]
    country: str | None = None
    address: str | None = None
    device: Annotated[str, Field(min_length=1, max_length=DEVICE_LENGTH - 8)] | None = None
    ticket: str | None = None
    count: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] = 1
    passcode: str | None = None
    user_token: str | None = None
    host_token: str | None = None
    behaviour: Behaviour = "silent"


class Situated(NewPeople):
    """The same, with the place where they are to be, and what they then do, as the frames they would send."""

    place: Literal["inside", "waiting"] | None = None
    commands: Annotated[list[dict[str, Any]], Field(max_length=100)] = []


class NewMeeting(BaseModel):
    """A meeting to be made. ``id`` and ``passcode`` may be chosen by the admin alone.

    With ``people`` it is started and they come, then ``controls`` are applied in order, each ``{"type": …}`` with its
    fields: a whole situation in one call. People are for the admin alone.
    """

    model_config = STRICT
    topic: Topic
    kind: Kind = "meeting"
    settings: SettingsChange | None = None
    id: Annotated[str, Field(pattern=r"^[0-9]{9,13}$")] | None = None
    passcode: Annotated[str, Field(min_length=1, max_length=PASSCODE_LENGTH)] | None = None
    people: Annotated[list[Situated], Field(max_length=50)] = []
    controls: Annotated[list[dict[str, Any]], Field(max_length=100)] = []


class MeetingChange(BaseModel):
    """What is to be changed about a meeting."""

    model_config = STRICT
    topic: Topic | None = None
    settings: SettingsChange | None = None


def changes(part: BaseModel | None) -> dict[str, Any]:
    """What a request said of the settings, and nothing else. Raises ``invalid_rule`` for unknown countries."""
    said: dict[str, Any] = part.model_dump(mode="json", exclude_unset=True) if part else {}
    region = said.get("region")
    if region and region.get("countries") is not None:
        region["countries"] = list(spell_out(tuple(region["countries"])))
    return said


def merged(settings: Settings, said: Mapping[str, Any]) -> Settings:
    """The settings with a change merged in. Raises ``invalid_rule``."""
    result: Settings = build(Settings, _merge(settings_row(settings), said))
    if result.region.mode == "approve" and not result.region.countries:
        raise Refuse("invalid_rule", "Approve at least one country.")
    return result


def region_of(part: BaseModel | None) -> RegionRule | None:
    """An account's own rule, or none. Raises ``invalid_rule``."""
    if part is None:
        return None
    said = part.model_dump(mode="json", exclude_unset=True)
    said["countries"] = list(spell_out(tuple(said.get("countries") or ())))
    return merged(Settings(), {"region": said}).region


def _merge(old: dict[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        name: _merge(old[name], value) if isinstance(value, Mapping) and isinstance(old.get(name), dict) else value
        for name, value in new.items()
    }
    return {**old, **both}
