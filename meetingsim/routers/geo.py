"""Which country an address is in, and which addresses a simulated country has."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel

from meetingsim.geo.addresses import AddressInvalid
from meetingsim.geo.plan import plan_of
from meetingsim.routers.schema import COUNTRY, answers
from meetingsim.routers.spaces import Spaces
from meetingsim.routers.world import Json, bearer
from meetingsim.state.control import Refuse

_ADDRESS = {"anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}


class LocatedAnswer(BaseModel):
    """Where an address is; country and continent null where that is unknown."""

    address: str
    country: str | None
    continent: str | None
    source: str
    database: str | None
    built: str | None
    attribution: str | None


class PlanAnswer(BaseModel):
    """The addresses of a simulated country."""

    country: str
    name: str
    ipv4: str
    ipv6: str


def router(spaces: Spaces) -> APIRouter:
    """The routes below ``/geo``."""
    routes = APIRouter(prefix="/geo", tags=["geo"])

    @routes.get("/plan/{country}", responses=answers(200, PlanAnswer, 422))
    async def plan(country: Annotated[str, Path(json_schema_extra=COUNTRY)]) -> Json:
        """The block of addresses that stands for a country: whoever comes from there in a simulation has one of it."""
        try:
            return dict(plan_of(country))
        except ValueError as error:
            raise Refuse("malformed", str(error)) from None

    @routes.get("/{address}", responses=answers(200, LocatedAnswer, 422))
    async def locate(address: Annotated[str, Path(json_schema_extra=_ADDRESS)], request: Request) -> Json:
        """Which country an address is in, and how that is known."""
        world = spaces.of(bearer(request.headers))
        try:
            located = world.origins.countries.locate(address)
        except AddressInvalid as error:
            raise Refuse("malformed", str(error)) from None
        return {
            "address": located.address,
            "country": located.country,
            "continent": located.continent,
            "source": located.source,
            "database": located.database,
            "built": located.built,
            "attribution": world.origins.countries.attribution,
        }

    return routes
