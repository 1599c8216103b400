"""A scripted server for what the SDK must cope with, and a real one for what it is for."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from meetingsim.clients import Connection, Server
from meetingsim.routers.world import World
from meetingsim.serving import serving
from meetingsim.settings import ServerSettings


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Peer:
    """The server's end of one socket, for a script."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket
        self.request = socket.request

    async def read(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await self.socket.recv())
        return frame

    async def heard(self) -> None:
        """Waits for a frame, whatever is in it."""
        await self.socket.recv()

    async def send(self, *frames: dict[str, Any] | str) -> None:
        for frame in frames:
            await self.socket.send(frame if isinstance(frame, str) else json.dumps(frame))

    async def let_in(self, **view: Any) -> dict[str, Any]:
        """Answers a join as a server does: the view, then the reply."""
        asked = await self.read()
        await self.send(VIEW | view, {"type": "reply", "ref": asked["ref"], "ok": True, "seq": 3})
        return asked

    async def ok(self, **more: Any) -> dict[str, Any]:
        asked = await self.read()
        await self.send({"type": "reply", "ref": asked["ref"], "ok": True, **more})
        return asked


VIEW: dict[str, Any] = {
    "type": "view",
    "seq": 3,
    "epoch": "e1",
    "session": "session-secret",
    "view": {
        "me": {"id": "p1", "name": "Mia", "role": "participant", "place": "inside"},
        "meeting": {"id": "1", "locked": False},
        "participants": [{"id": "p1", "name": "Mia", "hand": False}],
        "waiting": [],
        "messages": [],
        "waiting_messages": [],
    },
}


class Naps:
    """Stands for sleeping: notes how long, and does what a test wants to happen in between."""

    def __init__(self, *between: Callable[[], Awaitable[object]]) -> None:
        self.waits: list[float] = []
        self._between = list(between)

    async def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)
        if self._between:
            await self._between.pop(0)()


def seqs(conn: Connection) -> list[int]:
    """The places of all events in the inbox."""
    return [frame.seq for frame in conn.frames() if frame.seq is not None and frame.type not in {"view", "reply"}]


Script = Callable[[Peer], Awaitable[None]]
Scripted = Callable[..., AbstractAsyncContextManager[str]]


@pytest.fixture
def scripted() -> Scripted:
    """``async with scripted(script) as url``: one script for each socket, in the order in which they come.

    A script that fails makes the test fail; ``answer`` may refuse the upgrade.
    """

    @asynccontextmanager
    async def run(
        *scripts: Script, answer: Callable[[ServerConnection, Request], Response | None] | None = None
    ) -> AsyncIterator[str]:
        left = list(scripts)
        failed: list[BaseException] = []

        async def play(socket: ServerConnection) -> None:
            try:
                await left.pop(0)(Peer(socket))
            except BaseException as error:
                failed.append(error)
                raise

        def choose(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
            return offered[0] if offered else None

        async with serve(play, "127.0.0.1", 0, select_subprotocol=choose, process_request=answer) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            yield f"ws://127.0.0.1:{port}/api/v1/meetings/1/socket"
        assert failed == []
        assert left == []

    return run


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A whole server on a free loopback port, in the test's own loop."""
    async with serving(ServerSettings(port=0)) as made:
        yield made


@pytest.fixture
async def sdk(world: World) -> AsyncIterator[Server]:
    async with Server(world.base_url, world.admin_token) as connected:
        yield connected


@pytest.fixture
def unused_port() -> int:
    """A loopback port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
