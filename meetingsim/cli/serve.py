"""``meetingsim serve``: the server, until it is told to stop."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from typing import Any

import structlog
import uvicorn
from meetingsim.app import CannotStart, close_world, make_app, make_world
from meetingsim.geo.database import GeoDatabaseError
from meetingsim.journal.protocol import JournalUnavailable
from meetingsim.routers.protocol import MeetingProtocol
from meetingsim.routers.world import World
from meetingsim.settings import ServerSettings
from pydantic import ValidationError

BACKLOG = 4_096


def run(flags: dict[str, Any], *, as_json: bool) -> int:
    """Runs a server with these settings; gives the exit code. Everything but the one JSON line goes to stderr."""
    _log_to_stderr()
    try:
        settings = ServerSettings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        return _say(_explain(error), 2)
    try:
        uvloop_run(_serve(settings, as_json))
    except (CannotStart, GeoDatabaseError) as error:
        return _say(str(error), 2)
    except (JournalUnavailable, _PortTaken) as error:
        return _say(str(error), 5)
    except KeyboardInterrupt:
        return 130
    return 0


def uvloop_run(main: Any) -> None:
    """Runs on uvloop where there is one, else on asyncio's own loop."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


class _PortTaken(Exception):
    """Somebody else listens there."""


async def _serve(settings: ServerSettings, as_json: bool) -> None:
    listening = _listen(settings)
    world = await make_world(settings)
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    world.base_url = settings.public_url or f"http://{shown}:{port}"
    server = uvicorn.Server(_config(world))
    server.config.load()
    try:
        announce = asyncio.create_task(_announce(server, world, as_json))
        await server.serve(sockets=[listening])
        announce.cancel()
    finally:
        if not server.started:
            await close_world(world)


def _config(world: World) -> uvicorn.Config:
    return uvicorn.Config(
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


def _listen(settings: ServerSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host.strip("[]"), settings.port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        hint = "choose another one with --port, or --port 0 for a free one"
        raise _PortTaken(f"Cannot listen on {settings.host}:{settings.port} ({error.strerror}): {hint}.") from None
    return listening


async def _announce(server: uvicorn.Server, world: World, as_json: bool) -> None:
    while not server.started:
        await asyncio.sleep(0.005)
    if as_json:
        line = {"url": world.base_url, "admin_token": world.admin_token, "pid": os.getpid()}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    keeps = f"kept in {world.settings.data}" if world.journal.durable else "in memory: all is gone when it stops"
    lines = [
        f"meetingsim listens on {world.base_url}  ({keeps})",
        f"  docs         {world.base_url}/docs",
        f"  admin token  {world.admin_token}" if not world.settings.admin_token else "  admin token  as given",
        f"  countries    {world.origins.countries.attribution or ''}".rstrip(),
    ]
    sys.stderr.write("\n".join(lines) + "\n")


def _log_to_stderr() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _explain(error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0]).replace("_", "-") if first["loc"] else "settings"
    return f"--{name}: {first['msg']}. See meetingsim serve --help."


def _say(line: str, code: int) -> int:
    sys.stderr.write(f"error: {line}\n")
    return code
