"""``meetingsim serve``: the server, until it is told to stop."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

import structlog
import uvicorn
from pydantic import ValidationError

from meetingsim.app import CannotStart, close_world
from meetingsim.geo.database import GeoDatabaseError
from meetingsim.journal.protocol import JournalUnavailable
from meetingsim.routers.world import World
from meetingsim.serving import PortTaken, listen, open_world, server_of, until_started
from meetingsim.settings import ServerSettings


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
    except (JournalUnavailable, PortTaken) as error:
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


async def _serve(settings: ServerSettings, as_json: bool) -> None:
    listening = listen(settings)
    world = await open_world(settings, listening)
    server = server_of(world)
    announce = asyncio.create_task(_announce(server, world, as_json))
    try:
        await server.serve(sockets=[listening])
    finally:
        announce.cancel()
        if not world.seats.closed:
            await close_world(world)


async def _announce(server: uvicorn.Server, world: World, as_json: bool) -> None:
    await until_started(server)
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
