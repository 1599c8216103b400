"""A world behind a real port: what ``serve``, ``demo`` and the tests run."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import FrameType

import uvicorn

from meetingsim.app import make_app
from meetingsim.clock import Clock
from meetingsim.opening import SHUTTING_DOWN, close_world, make_world, require_protected
from meetingsim.routers.protocol import MeetingProtocol
from meetingsim.routers.world import World
from meetingsim.settings import ServerSettings

BACKLOG = 4_096


class PortTaken(Exception):
    """Somebody else listens there, or nobody may; str() is one line that says what to do."""


class Server(uvicorn.Server):
    """uvicorn, with an end of its own; ``stopped_by`` is the first signal that asked for it."""

    def __init__(self, world: World, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopped_by: int | None = None
        self._world = world

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stops; a second signal waits for nobody. Unlike uvicorn's own it does not raise the signal again afterwards."""
        self.force_exit = self.should_exit
        self.should_exit = True
        self.stopped_by = self.stopped_by or sig

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends the meetings first: uvicorn waits for answers, and streams and long polls go on as long as a meeting does."""
        await self._world.spaces.stop(SHUTTING_DOWN)
        await super().shutdown(sockets)
        if self.force_exit:
            # uvicorn leaves the app's own end out in a hurry, and the loop then cancels it with a traceback.
            await self.lifespan.shutdown()


def listen(settings: ServerSettings) -> socket.socket:
    """The listening socket of a server. Raises PortTaken, and CannotStart for one that strangers could use."""
    require_protected(settings)
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # With the protocol named: asyncio turns Nagle off only for sockets that say they are TCP, and a reply after an
    # event would wait forty milliseconds for the acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host.strip("[]"), settings.port))
        listening.listen(BACKLOG)
    except (OSError, UnicodeError) as error:
        listening.close()
        why = (error.strerror if isinstance(error, OSError) else None) or "that is no address"
        hint = "choose another one with --port, --port 0 for a free one, or another address with --host"
        raise PortTaken(f"Cannot listen on {settings.host}:{settings.port} ({why}): {hint}.") from None
    return listening


async def open_world(settings: ServerSettings, listening: socket.socket, clock: Clock | None = None) -> World:
    """The world of a server that listens there, with the address that clients are told."""
    world = await make_world(settings, clock)
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    world.spaces.base_url = settings.public_url or f"http://{shown}:{port}"
    return world


def server_of(world: World) -> Server:
    """uvicorn as the contract needs it: its own trust in forwarding headers off, no deflate, our protocol."""
    return Server(
        world,
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
        ),
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
        await close_world(world)
