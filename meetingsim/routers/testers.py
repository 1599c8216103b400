"""What testers need beside meetings: spaces that never meet, an empty server again, a clock that they move, networks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, TypeAdapter

from meetingsim.clock import ManualClock
from meetingsim.geo.anonymous import Kind
from meetingsim.geo.countries import UnknownCountry
from meetingsim.live.networks import Decided
from meetingsim.routers.schema import TAKING, answers, takes
from meetingsim.routers.shapes import STRICT
from meetingsim.routers.spaces import Spaces
from meetingsim.routers.wire import read_as
from meetingsim.routers.world import Json, bearer, require_admin, stranger
from meetingsim.state.control import Refuse
from meetingsim.state.plain import instant

_DURATION = r"([0-9]{1,9})(ms|s|m|h|d)"
_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_CIDR_4 = rf"^({_OCTET}\.){{3}}{_OCTET}(/(3[0-2]|[12]?[0-9]))?$"
_CIDR_6 = "^([0-9a-f]{1,4}:){1,7}:(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?$"
"""As the document shows networks; every other way to write one is taken, too."""
_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
MOST_MS = 3_660 * _MS["d"]
"""How far one call moves the clock: ten years."""


class NewSpace(BaseModel):
    """A space to be made. The same ``seed``, the same ids, passcodes and tokens in it."""

    model_config = STRICT
    seed: Annotated[int, Field(ge=0, le=2**53)] | None = None


class SpaceAnswer(BaseModel):
    """The space's id, and its token, told this once: the admin token of that space alone."""

    space: str
    token: str


class Advance(BaseModel):
    """How far to move the clock: ``500ms``, ``30s``, ``10m``, ``2h``, ``7d``."""

    model_config = STRICT
    advance: Annotated[str, Field(pattern=f"^{_DURATION}$")]


class ClockAnswer(BaseModel):
    """What time it is now, and how many things fell due on the way."""

    now: str
    fired: int


class Network(BaseModel):
    """A network in CIDR notation and the country its addresses are in, null for none; ``anonymous`` makes it an anonymiser's."""

    model_config = STRICT
    network: Annotated[
        str, Field(max_length=64, json_schema_extra={"anyOf": [{"pattern": _CIDR_4}, {"pattern": _CIDR_6}]})
    ]
    country: str | None
    anonymous: Kind | None = None


class Networks(BaseModel):
    """The networks whose country is decided here, before any database is asked."""

    model_config = STRICT
    networks: Annotated[list[Network], Field(max_length=500)]


class NetworkAnswer(BaseModel):
    """A network as it was understood."""

    network: str
    country: str | None
    anonymous: Kind | None


class NetworksAnswer(BaseModel):
    """The networks whose country is decided here."""

    networks: list[NetworkAnswer]


_SPACE, _ADVANCE, _NETWORKS = TypeAdapter(NewSpace), TypeAdapter(Advance), TypeAdapter(Networks)


def router(spaces: Spaces) -> APIRouter:
    """The routes ``/spaces``, ``/reset``, ``/clock`` and ``/geo/networks``."""
    routes = APIRouter(tags=["spaces"])

    @routes.post(
        "/spaces",
        status_code=201,
        openapi_extra=takes(NewSpace),
        responses=answers(201, SpaceAnswer, 401, 409, *TAKING),
    )
    async def create_space(request: Request) -> Json:
        """Make a space: meetings, accounts, reports and limits of its own. For the admin."""
        require_admin(spaces.main, bearer(request.headers))
        asked = read_as(_SPACE, await request.body() or b"{}")
        space, token = await spaces.create(asked.seed)
        return {"space": space, "token": token}

    @routes.delete("/spaces/{space}", status_code=204, responses=answers(204, None, 401, 422, 503))
    async def delete_space(space: str, request: Request) -> Response:
        """End and forget a space with everything in it. For the admin, or by the space's token."""
        token = bearer(request.headers)
        if not spaces.main.is_admin(token) and not spaces.owns(space, token):
            raise stranger()
        await spaces.delete(space)
        return Response(status_code=204)

    @routes.post("/reset", status_code=204, responses=answers(204, None, 401, 409, 413, 422, 503))
    async def reset(request: Request) -> Response:
        """Forget everything of a space; with the server's own token of all of them. In memory only."""
        token = bearer(request.headers)
        world = spaces.of(token)
        require_admin(world, token)
        await spaces.reset(world)
        return Response(status_code=204)

    @routes.post("/clock", openapi_extra=takes(Advance), responses=answers(200, ClockAnswer, 401, 409, *TAKING))
    async def move_clock(request: Request) -> Json:
        """Move the clock; what falls due happens in order, and is over when this answers. For the admin, --clock manual."""
        require_admin(spaces.main, bearer(request.headers))
        asked = read_as(_ADVANCE, await request.body() or b"null")
        clock = spaces.main.clock
        if not isinstance(clock, ManualClock):
            raise Refuse("conflict", "This server follows the machine's clock: start one with --clock manual.")
        fired = await clock.advance(_ms(asked.advance), spaces.settled)
        return {"now": instant(clock.now()), "fired": fired}

    @routes.get("/geo/networks", responses=answers(200, NetworksAnswer, 401))
    async def get_networks(request: Request) -> Json:
        """The networks whose country was said. For the admin."""
        token = bearer(request.headers)
        world = spaces.of(token)
        require_admin(world, token)
        return _shown(world.networks.now)

    @routes.put(
        "/geo/networks", openapi_extra=takes(Networks), responses=answers(200, NetworksAnswer, 401, 409, *TAKING)
    )
    async def put_networks(request: Request) -> Json:
        """Say of networks which country they are in, in place of what was said before. For the admin."""
        token = bearer(request.headers)
        world = spaces.of(token)
        require_admin(world, token)
        asked = read_as(_NETWORKS, await request.body() or b"null")
        networks = {_network(one.network): Decided(one.country, one.anonymous) for one in asked.networks}
        try:
            readers = world.origins.countries.with_overrides({one: said.country for one, said in networks.items()})
        except UnknownCountry as error:
            raise Refuse("invalid_rule", str(error)) from None
        await world.networks.decide(networks)
        world.origins.countries = readers
        return _shown(networks)

    return routes


def _ms(said: str) -> int:
    match = re.fullmatch(_DURATION, said)
    assert match is not None, "the shape was checked"
    ms = int(match[1]) * _MS[match[2]]
    if ms > MOST_MS:
        raise Refuse("malformed", "advance: At most 3660d at once.")
    return ms


def _shown(networks: Mapping[str, Decided]) -> Json:
    rows = ((network, decided.country, decided.anonymous) for network, decided in networks.items())
    return {"networks": [{"network": one, "country": country, "anonymous": kind} for one, country, kind in rows]}


def _network(said: str) -> str:
    try:
        return str(ip_network(said, strict=False))
    except ValueError as error:
        raise Refuse("malformed", f"networks: {error}.") from None
