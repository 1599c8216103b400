"""The only wiring of HTTP and sockets: a world becomes one ASGI app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.routing import WebSocketRoute

from meetingsim import __version__
from meetingsim.clock import SystemClock
from meetingsim.opening import close_world
from meetingsim.routers import accounts as account_routes
from meetingsim.routers import (
    controls,
    desk,
    events,
    geo,
    invitations,
    javascript,
    meetings,
    metrics,
    people,
    problems,
    schema,
    testers,
)
from meetingsim.routers.asyncapi import asyncapi_document
from meetingsim.routers.guard import Guard
from meetingsim.routers.socket import MeetingSocket
from meetingsim.routers.world import World

API = "/api/v1"
SOCKET = API + "/meetings/{meeting}/socket"
_TAGS = [
    {"name": "meetings", "description": "Make, read, change and delete meetings."},
    {"name": "controls", "description": "What hosts and cohosts can do, one call each."},
    {"name": "events", "description": "What happened, and why."},
    {"name": "accounts", "description": "Who owns meetings, and the users they know."},
    {"name": "reports", "description": "What was reported to Trust & Safety."},
    {"name": "people", "description": "People whom the server itself holds, and what they saw."},
    {"name": "spaces", "description": "What testers need beside meetings: spaces, reset, the clock."},
    {"name": "geo", "description": "Countries of addresses, and addresses of simulated countries."},
    {"name": "server", "description": "Health and metrics."},
]


def make_app(world: World) -> FastAPI:
    """The ASGI app of a world."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await close_world(world)

    app = FastAPI(
        title="meetingsim",
        version=__version__,
        description="A local meeting platform that you may attack. Sockets are described in /asyncapi.json.",
        openapi_tags=_TAGS,
        lifespan=lifespan,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    api = APIRouter(prefix=API)
    for room in (meetings, controls, events, invitations, people, desk, account_routes, testers, geo):
        api.include_router(room.router(world.spaces))
    app.include_router(api)
    app.include_router(metrics.router(world.spaces))
    app.include_router(javascript.router())
    transport = SystemClock() if world.settings.clock == "manual" else world.clock
    app.router.routes.append(WebSocketRoute(SOCKET, MeetingSocket(world.spaces, transport)))

    @app.get("/asyncapi.json", tags=["server"], responses=schema.answers(200, dict[str, Any]))
    async def asyncapi() -> dict[str, object]:
        """The socket's protocol as an AsyncAPI 3 document."""
        return asyncapi_document(world.base_url)

    problems.install(app)
    schema.install(app)
    app.add_middleware(Guard, world=world)
    return app
