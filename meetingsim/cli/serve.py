"""``meetingsim serve``: the server, until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import structlog
from pydantic import ValidationError

from meetingsim.cli.console import BROKEN, INTERRUPTED, OK, USAGE, Stop, Unread, complain, note, out_json, stop_writing
from meetingsim.geo.database import GeoDatabaseError
from meetingsim.journal.protocol import JournalUnavailable
from meetingsim.opening import CannotStart, close_world
from meetingsim.routers.world import World
from meetingsim.serving import PortTaken, Server, listen, open_world, server_of, until_started
from meetingsim.settings import ServerSettings


def run(flags: dict[str, Any], *, as_json: bool) -> int:
    """Runs a server with these settings; gives the exit code. Everything but the one JSON line goes to stderr."""
    return run_with(flags, lambda settings: _serve(settings, as_json))


def run_with(flags: dict[str, Any], main: Callable[[ServerSettings], Coroutine[Any, Any, int]]) -> int:
    """Runs what needs a server; one line on stderr says why none can be started. The log goes to stderr."""
    _log_to_stderr()
    try:
        settings = ServerSettings(**flags)
    except ValidationError as error:
        return complain(Stop(_explain(error), USAGE))
    try:
        return uvloop_run(main(settings))
    except (CannotStart, GeoDatabaseError) as error:
        return complain(Stop(str(error), USAGE))
    except (JournalUnavailable, PortTaken) as error:
        return complain(Stop(str(error), BROKEN))


def uvloop_run(main: Coroutine[Any, Any, int]) -> int:
    """Runs on uvloop where there is one, else on asyncio's own loop."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(main)
    code: int = uvloop.run(main)
    return code


async def _serve(settings: ServerSettings, as_json: bool) -> int:
    """Serves until a signal: Ctrl-C is an interruption, SIGTERM the way to ask a server to stop."""
    with listen(settings) as listening:
        world = await open_world(settings, listening)
        server = server_of(world)
        announce = asyncio.create_task(_announce(server, world, as_json))
        try:
            await server.serve(sockets=[listening])
        finally:
            announce.cancel()
            await close_world(world)
    return INTERRUPTED if server.stopped_by == signal.SIGINT else OK


async def _announce(server: Server, world: World, as_json: bool) -> None:
    await until_started(server)
    if as_json:
        try:
            out_json({"url": world.base_url, "admin_token": world.admin_token, "pid": os.getpid()})
        except (OSError, Unread):
            stop_writing()  # whoever started this is gone; the server is there for others, too
    keeps = f"kept in {world.settings.data}" if world.journal.durable else "in memory: all is gone when it stops"
    token = "as given" if world.settings.admin_token else "on stdout" if as_json else world.admin_token
    lines = [
        f"meetingsim listens on {world.base_url}  ({keeps})",
        f"  docs         {world.base_url}/docs",
        f"  admin token  {token}",
        f"  countries    {world.origins.countries.attribution or ''}".rstrip(),
    ]
    with suppress(OSError, Unread):
        note("\n".join(lines))


class _Stderr:
    """The log's lines, to the stderr of now. One that nobody reads any more costs the line, never the meeting."""

    def msg(self, line: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = msg


def _log_to_stderr() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=lambda *_: _Stderr(),
    )


def _explain(error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0]).replace("_", "-") if first["loc"] else "settings"
    return f"--{name}: {first['msg'].removeprefix('Value error, ')}; see meetingsim serve --help"
