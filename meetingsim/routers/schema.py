"""OpenAPI out of the same types that validate: request bodies, answers and the one error shape."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from meetingsim.state.codes import REFUSALS

TAKING = (413, 422, 503)
"""How a body may be refused, and what is stored because of it."""
_SHARED: dict[str, Any] = {}
"""Schemas that bodies and answers share, by name."""


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
    _SHARED.update(schema.pop("$defs", {}))
    return schema


def takes(kind: Any) -> dict[str, Any]:
    """The request body of a route, for ``openapi_extra``; one of which nothing is required may be left out."""
    schema = schema_of(kind)
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
