"""A real server in a process of its own, for as long as a block runs, and a space of it for each test."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from meetingsim.clients import Server as AsyncServer
from meetingsim.clients.sync import Server, SpaceHandle
from meetingsim.targets.process import ServerProcess, server_process


class ServerSpace:
    """A space of a running server: whatever is made in it is gone afterwards, and nobody else meets it.

    ``sync`` is the SDK's server for code without an event loop, open; ``token`` the admin token of this space alone.
    ``admin`` is the whole server, for what all spaces share, such as the clock.
    """

    def __init__(self, admin: Server, space: SpaceHandle) -> None:
        """See ``space``."""
        self.admin = admin
        self.sync = space
        self.url = space.url
        self.token = str(space.token)

    def __repr__(self) -> str:
        return f"ServerSpace(at {self.url!r})"

    @property
    def aio(self) -> AsyncServer:
        """The SDK's asynchronous server, a new one each time: ``async with meetingsim_server.aio as server``."""
        return AsyncServer(self.url, self.token)


@contextmanager
def running(flags: Sequence[str] = ()) -> Iterator[ServerProcess]:
    """A server in memory, started with these flags of ``meetingsim serve``. Raises TargetFailed."""
    # Without a factory the loop would become everybody's.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        server = server_process(flags)
        process = runner.run(server.__aenter__())
        try:
            yield process
        finally:
            runner.run(server.__aexit__(None, None, None))


@contextmanager
def space(process: ServerProcess) -> Iterator[ServerSpace]:
    """A new space of a running server, deleted in the end."""
    with Server(process.url, process.token) as server, server.create_space() as made:
        yield ServerSpace(server, made)
