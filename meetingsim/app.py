"""The only wiring: settings become a journal, seats and routers, and those become one ASGI app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.routing import WebSocketRoute

from meetingsim import __version__
from meetingsim.chance import Chance
from meetingsim.clock import Clock, SystemClock
from meetingsim.geo.anonymous import AnonymousReader
from meetingsim.geo.lookup import CountryReader
from meetingsim.journal.memory import MemoryJournal
from meetingsim.journal.protocol import Journal
from meetingsim.journal.sqlite import SqliteJournal
from meetingsim.live.accounts import Accounts
from meetingsim.live.seats import Seats
from meetingsim.live.tickets import Tickets
from meetingsim.routers import accounts as account_routes
from meetingsim.routers import controls, desk, events, geo, invitations, meetings, metrics, problems, schema
from meetingsim.routers.asyncapi import asyncapi_document
from meetingsim.routers.guard import Guard
from meetingsim.routers.origins import Origins
from meetingsim.routers.socket import MeetingSocket
from meetingsim.routers.world import World
from meetingsim.settings import ServerSettings

API = "/api/v1"
DATABASE = "meetingsim.db"
SHUTTING_DOWN = 4000
SOCKET = API + "/meetings/{meeting}/socket"
_TAGS = [
    {"name": "meetings", "description": "Make, read, change and delete meetings."},
    {"name": "controls", "description": "What hosts and cohosts can do, one call each."},
    {"name": "events", "description": "What happened, and why."},
    {"name": "accounts", "description": "Who owns meetings, and the users they know."},
    {"name": "reports", "description": "What was reported to Trust & Safety."},
    {"name": "geo", "description": "Countries of addresses, and addresses of simulated countries."},
    {"name": "server", "description": "Health and metrics."},
]


class CannotStart(Exception):
    """The settings do not make a server; str() is one line that says what to do."""


def require_protected(settings: ServerSettings) -> None:
    """Raises CannotStart for a server that strangers could reach and that has no secret of its own."""
    if not settings.loopback and settings.admin_token is None:
        raise CannotStart(
            f"Listening on {settings.host} reaches beyond this machine: set MEETINGSIM_ADMIN_TOKEN to a secret of your own,"
            " or listen on 127.0.0.1."
        )


async def make_world(settings: ServerSettings, clock: Clock | None = None) -> World:
    """Everything a server needs, opened. Raises CannotStart, GeoDatabaseError or JournalUnavailable, and leaves nothing open."""
    require_protected(settings)
    if settings.clock == "manual" and clock is None:
        raise CannotStart("A clock moved by hand is not in this version: leave --clock out, or say --clock real.")
    chance = Chance(settings.seed)
    clock = clock or SystemClock()
    async with AsyncExitStack() as opened:
        origins = _origins(settings, chance, opened)
        journal = _journal(settings.data)
        opened.push_async_callback(journal.close)
        if settings.admin_token is not None:
            admin_token = settings.admin_token.get_secret_value()
        else:
            admin_token = await journal.keep("admin_token", lambda: chance.token("admin"))
        accounts = Accounts(journal, clock, chance)
        await accounts.open()
        tickets = Tickets(await journal.keep("ticket_key", lambda: chance.token("tickets")), clock)
        seats = Seats(journal, clock, chance)
        opened.push_async_callback(seats.close, SHUTTING_DOWN)
        await seats.open()
        opened.pop_all()
    return World(settings, seats, journal, clock, chance, origins, accounts, tickets, admin_token)


def _origins(settings: ServerSettings, chance: Chance, opened: AsyncExitStack) -> Origins:
    countries = CountryReader(settings.geoip_db)
    opened.callback(countries.close)
    anonymous = AnonymousReader(settings.anonymous_db) if settings.anonymous_db else None
    if anonymous:
        opened.callback(anonymous.close)
    return Origins(settings, countries, anonymous, chance)


def _journal(data: Path | None) -> Journal:
    return MemoryJournal() if data is None else SqliteJournal.open(data / DATABASE)


async def close_world(world: World) -> None:
    """Closes every socket with 4000, and the journal after what was told is stored. Closing again does nothing."""
    await world.seats.close(SHUTTING_DOWN)
    await world.journal.close()
    world.origins.close()


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
    for room in (meetings, controls, events, invitations, desk, account_routes, geo):
        api.include_router(room.router(world))
    app.include_router(api)
    app.include_router(metrics.router(world))
    app.router.routes.append(WebSocketRoute(SOCKET, MeetingSocket(world)))

    @app.get("/asyncapi.json", tags=["server"], responses=schema.answers(200, dict[str, Any]))
    async def asyncapi() -> dict[str, object]:
        """The socket's protocol as an AsyncAPI 3 document."""
        return asyncapi_document(world.base_url)

    problems.install(app)
    schema.install(app)
    app.add_middleware(Guard, world=world)
    return app
