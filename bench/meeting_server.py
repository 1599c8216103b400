"""The real server as ``meetingsim serve --limits off`` runs it, but without pings: the receivers answer none."""

import asyncio
import json
import os

from meetingsim.serving import listen, open_world, server_of, until_started
from meetingsim.settings import ServerSettings


async def main() -> None:
    settings = ServerSettings(port=0, limits="off")
    with listen(settings) as listening:
        world = await open_world(settings, listening)
        server = server_of(world)
        server.config.ws_ping_interval = None
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        await until_started(server)
        print(json.dumps({"url": world.base_url, "admin_token": world.admin_token, "pid": os.getpid()}), flush=True)
        await serving


if __name__ == "__main__":
    try:
        import uvloop
    except ImportError:
        asyncio.run(main())
    else:
        uvloop.run(main())
