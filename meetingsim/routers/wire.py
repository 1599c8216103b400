"""Validation, once, at the edge: the dataclasses of ``state`` read from JSON by pydantic, strictly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from meetingsim.geo.countries import UnknownCountry, expand
from meetingsim.state.control import Command, Refuse
from meetingsim.state.controls import CONTROLS, TABLE
from meetingsim.state.controls.set_region_rule import SetRegionRule

T = TypeVar("T")

SOCKET_COMMANDS = {control.name: TypeAdapter(control.command) for control in TABLE if control.socket}
HTTP_CONTROLS = {control.name: control for control in TABLE if control.http}
HTTP_ADAPTERS: dict[str, TypeAdapter[Command]] = {
    name: TypeAdapter(control.command) for name, control in HTTP_CONTROLS.items()
}
LARGEST_BODY = 64 * 1024


def parse(raw: bytes | str) -> Any:
    """JSON out of bytes. Raises ``malformed``."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Refuse("malformed", f"That is not JSON: {error.msg}.") from None


def read_object(raw: bytes | str) -> dict[str, Any]:
    """A JSON object out of bytes. Raises ``malformed``."""
    value = parse(raw)
    if not isinstance(value, dict):
        raise Refuse("malformed", "Send one JSON object.")
    return value


def read_as(adapter: TypeAdapter[T], value: Mapping[str, Any] | bytes) -> T:
    """A typed value out of JSON. Raises ``malformed`` with the place of everything that is wrong."""
    raw = value if isinstance(value, bytes) else _written(value)
    try:
        return adapter.validate_json(raw)
    except ValidationError as error:
        if not any(one["type"] == "int_type" for one in error.errors(include_url=False, include_context=False)):
            raise Refuse("malformed", explain(error)) from None
    try:
        return adapter.validate_json(orjson.dumps(_whole(parse(raw))))
    except ValidationError as error:
        raise Refuse("malformed", explain(error)) from None


def _whole(value: Any) -> Any:
    """The same with 12.0 as 12: JSON has one kind of number, and JSON Schema calls both an integer."""
    if isinstance(value, dict):
        return {name: _whole(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def _written(value: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        # It reads four times as deep as it writes.
        raise Refuse("malformed", "That is nested too deep.") from None


def read_command(frame: dict[str, Any]) -> tuple[Command, str | None]:
    """A client's frame as a command, and its ref. Raises ``malformed``; the caller keeps a readable ref."""
    fields = dict(frame)
    kind, ref = fields.pop("type", None), fields.pop("ref", None)
    if not (ref is None or isinstance(ref, str)):
        raise Refuse("malformed", "ref: Input should be a valid string.")
    if not isinstance(kind, str) or kind not in SOCKET_COMMANDS:
        raise Refuse("malformed", f"type: Say one of {', '.join(sorted(SOCKET_COMMANDS))}.")
    adapter: TypeAdapter[Command] = SOCKET_COMMANDS[kind]
    return settle(read_as(adapter, fields)), ref


def control_of(name: str, fields: dict[str, Any]) -> Command:
    """A control of hosts out of its fields. Raises ``malformed``."""
    return settle(read_as(HTTP_ADAPTERS[name], fields))


def settle(command: Command) -> Command:
    """Spells the country groups of a command out. Raises ``invalid_rule`` for a country nobody knows."""
    if isinstance(command, SetRegionRule):
        return replace(command, countries=spell_out(command.countries))
    return command


def spell_out(countries: tuple[str, ...]) -> tuple[str, ...]:
    """Countries and groups as countries alone, sorted. Raises ``invalid_rule``."""
    try:
        return tuple(sorted(expand(countries)))
    except UnknownCountry as error:
        raise Refuse("invalid_rule", str(error)) from None


def explain(error: ValidationError) -> str:
    """What is wrong with an input, and where, in one line."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    parts = [f"{'.'.join(str(step) for step in one['loc']) or 'body'}: {one['msg']}" for one in found[:5]]
    more = f" (and {len(found) - 5} more)" if len(found) > 5 else ""
    return "; ".join(parts) + more + "."


def is_control(name: str) -> bool:
    """Whether a command is a control of hosts, which has a budget of its own."""
    return CONTROLS[name].http
