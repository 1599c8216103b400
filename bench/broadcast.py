"""The server of the ``websockets`` library, with its own ``broadcast``."""

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

from bench.payload import TEXT
from bench.ready import say_ready


async def main() -> None:
    everybody: set[ServerConnection] = set()

    async def handle(connection: ServerConnection) -> None:
        everybody.add(connection)
        try:
            async for order in connection:
                for _ in range(int(order)):
                    broadcast(everybody, TEXT)
        finally:
            everybody.discard(connection)

    async with serve(handle, "127.0.0.1", 0, compression=None, ping_interval=None, backlog=4096) as server:
        say_ready(next(iter(server.sockets)).getsockname()[1])
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
