"""OpenAPI out of the same types that validate: request bodies, answers and the one error shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from meetingsim.geo.countries import GROUPS, NAMES
from meetingsim.state.codes import ISSUES, REFUSALS
from meetingsim.state.controls.breakout_rooms import MOST_ROOMS
from meetingsim.state.settings import NAME_LENGTH, TEXT_LENGTH

TAKING = (413, 422, 503)
"""How a body may be refused, and what is stored because of it."""
_SHARED: dict[str, Any] = {}
"""Schemas that bodies and answers share, by name."""
_VISIBLE = r"\S"
COUNTRY: dict[str, Any] = {"$ref": "#/components/schemas/Country"}
_SHARED.update(
    Country={"type": "string", "enum": sorted(NAMES), "title": "Country"},
    CountryOrGroup={"type": "string", "enum": sorted([*NAMES, *GROUPS]), "title": "CountryOrGroup"},
)
_KNOWN: dict[str, dict[str, Any]] = {
    "countries": {"items": {"$ref": "#/components/schemas/CountryOrGroup"}},
    "country": COUNTRY,
    "address": {"anyOf": [{"type": "string", "format": "ipv4"}, {"type": "string", "format": "ipv6"}]},
    "issue": {"enum": list(ISSUES)},
    "Report.participants": {"minItems": 1},
    "OpenBreakoutRooms.rooms": {"minItems": 1, "maxItems": MOST_ROOMS},
    "Rename.name": {"minLength": 1, "maxLength": NAME_LENGTH, "pattern": _VISIBLE},
    "RoomPlan.name": {"minLength": 1, "maxLength": NAME_LENGTH, "pattern": _VISIBLE},
    "NewTicket.name": {"minLength": 1, "maxLength": NAME_LENGTH, "pattern": _VISIBLE},
    "WaitingRoomChat.text": {"minLength": 1, "maxLength": TEXT_LENGTH, "pattern": _VISIBLE},
}
"""What a decision refuses with a code of its own, so that no validator says it: the document says it nevertheless."""
_SOME_COUNTRY: list[dict[str, Any]] = [
    {"properties": {"mode": {"enum": ["off", "deny"]}}},
    {"properties": {"countries": {"minItems": 1}}, "required": ["countries"]},
]
_ONE_ORIGIN: list[dict[str, Any]] = [{"properties": {name: {"type": "null"}}} for name in ("country", "address")]
_EITHER: dict[str, list[dict[str, Any]]] = {
    "SetRegionRule": _SOME_COUNTRY,
    "RegionRuleChange": _SOME_COUNTRY,
    "NewPeople": _ONE_ORIGIN,
    "Situated": _ONE_ORIGIN,
    "Allow": [{"properties": {"activity": {"const": "chat"}}}, {"properties": {"allowed": {"type": "boolean"}}}],
}
"""The same for fields that depend on each other."""


class Problem(BaseModel):
    """A refusal (RFC 9457). ``temporary`` says whether trying again later may help."""

    model_config = ConfigDict(extra="allow")
    type: str
    title: str
    status: int
    detail: str
    code: str = Field(examples=sorted(REFUSALS))
    temporary: bool


def schema_of(kind: Any) -> dict[str, Any]:
    """A type's schema for the document; what it refers to goes to the shared part."""
    adapter = kind if isinstance(kind, TypeAdapter) else TypeAdapter(kind)
    schema: dict[str, Any] = adapter.json_schema(ref_template="#/components/schemas/{model}", mode="validation")
    shared = schema.pop("$defs", {})
    for one in (schema, *shared.values()):
        _narrow(one)
    _SHARED.update(shared)
    return schema


def _narrow(schema: dict[str, Any]) -> None:
    title = schema.get("title")
    if title in _EITHER:
        schema["anyOf"] = _EITHER[title]
    for name, part in schema.get("properties", {}).items():
        known = _KNOWN.get(f"{title}.{name}", _KNOWN.get(name))
        if known is None:
            continue
        kinds = [one for one in part.get("anyOf", [part]) if one.get("type") != "null"]
        for kind in kinds:
            if "$ref" in known:
                kind.clear()
            kind.update(known)


def tagged(controls: Mapping[str, Any], *more: dict[str, Any]) -> dict[str, Any]:
    """The schema of one of these commands as a frame, ``{"type": …}`` beside its fields; ``more`` are other frames."""
    found = []
    for name, adapter in controls.items():
        schema = schema_of(adapter)
        schema["properties"] = {"type": {"const": name}, **schema["properties"]}
        schema["required"] = ["type", *schema.get("required", ())]
        _SHARED[f"{schema['title']}Frame"] = schema
        found.append({"$ref": f"#/components/schemas/{schema['title']}Frame"})
    return {"anyOf": [*found, *more]}


def takes(kind: Any, *, also: tuple[str, ...] = (), items: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The request body of a route, for ``openapi_extra``; one of which nothing is required may be left out.

    ``also`` names fields that this route requires beside those the type does; ``items`` has what lists of free objects hold,
    by ``Type.field``.
    """
    schema = schema_of(kind)
    for place, held in (items or {}).items():
        title, _, name = place.partition(".")
        holder = schema if title == schema.get("title") else _SHARED[title]
        holder["properties"][name]["items"] = held
    for name in also:
        schema["required"] = [*schema.get("required", ()), name]
        part = schema["properties"][name]
        schema["properties"][name] = next(one for one in part["anyOf"] if one.get("type") != "null")
    body = {"required": bool(schema.get("required")), "content": {"application/json": {"schema": schema}}}
    return {"requestBody": body}


def answers(status: int, kind: Any, *refusals: int) -> dict[int | str, dict[str, Any]]:
    """The answers of a route: one good one, and problems with these status codes; 403 of a foreign host everywhere."""
    found: dict[int | str, dict[str, Any]] = {status: {"description": "Done."}}
    if kind is not None:
        found[status]["content"] = {"application/json": {"schema": schema_of(kind)}}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for code in sorted({*refusals, 403}):
        names = ", ".join(sorted(one.name for one in REFUSALS.values() if one.status == code))
        found[code] = {"description": f"Refused: {names}.", "content": problem}
    return found


def install(app: FastAPI) -> None:
    """Makes the app's document carry the shared schemas and the bearer scheme."""
    _SHARED.update({"Problem": TypeAdapter(Problem).json_schema(ref_template="#/components/schemas/{model}")})

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
                tags=app.openapi_tags,
            )
            components = made.setdefault("components", {})
            components["schemas"] = {**components.get("schemas", {}), **_SHARED}
            components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            made["security"] = [{"token": []}, {}]
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # the way FastAPI's documentation names for it
