"""A world behind a real port: what ``serve``, ``demo`` and the tests run."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from meetingsim.app import close_world, make_app, make_world
from meetingsim.clock import Clock
from meetingsim.routers.protocol import MeetingProtocol
from meetingsim.routers.world import World
from meetingsim.settings import ServerSettings

BACKLOG = 4_096


class PortTaken(Exception):
    """Somebody else listens there, or nobody may; str() is one line that says what to do."""


def listen(settings: ServerSettings) -> socket.socket:
    """The listening socket of a server. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host.strip("[]"), settings.port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        hint = "choose another one with --port, or --port 0 for a free one"
        raise PortTaken(f"Cannot listen on {settings.host}:{settings.port} ({error.strerror}): {hint}.") from None
    return listening


async def open_world(settings: ServerSettings, listening: socket.socket, clock: Clock | None = None) -> World:
    """The world of a server that listens there, with the address that clients are told."""
    world = await make_world(settings, clock)
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    world.base_url = settings.public_url or f"http://{shown}:{port}"
    return world


def server_of(world: World) -> uvicorn.Server:
    """uvicorn as the contract needs it: its own trust in forwarding headers off, no deflate, our protocol."""
    return uvicorn.Server(
        uvicorn.Config(
            make_app(world),
            ws=MeetingProtocol,
            ws_per_message_deflate=False,
            ws_ping_interval=20.0,
            ws_ping_timeout=20.0,
            proxy_headers=False,
            forwarded_allow_ips="",
            server_header=False,
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=5,
            backlog=BACKLOG,
        )
    )


async def until_started(server: uvicorn.Server) -> None:
    """Returns once connections are accepted."""
    while not server.started:
        await asyncio.sleep(0.005)


@asynccontextmanager
async def serving(settings: ServerSettings, clock: Clock | None = None) -> AsyncIterator[World]:
    """A server in this event loop for as long as the block runs; it takes no signals."""
    listening = listen(settings)
    try:
        world = await open_world(settings, listening, clock)
    except BaseException:
        listening.close()
        raise
    server = server_of(world)
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup(sockets=[listening])
    running = asyncio.create_task(server.main_loop())
    try:
        yield world
    finally:
        server.should_exit = True
        await running
        await server.shutdown(sockets=[listening])
        if not world.seats.closed:
            await close_world(world)
