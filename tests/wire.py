"""A real server on a free port, and raw clients that see every frame: what the tests on the wire are made of.

The clients know nothing of the SDK, so that a mistake in it cannot hide one in the server.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import websockets
from websockets.asyncio.client import ClientConnection

from meetingsim.clock import Clock
from meetingsim.routers.world import World
from meetingsim.serving import serving
from meetingsim.settings import ServerSettings

Frame = dict[str, Any]
Headers = Mapping[str, str] | Sequence[tuple[str, str]]
PATIENCE = 10.0
"""Seconds after which a frame that should come is missed; generous, because it is waited for only when a test fails."""


@dataclass
class Server:
    """A running server, seen from outside."""

    url: str
    admin_token: str
    world: World

    def http(self, token: str | None = None) -> httpx2.AsyncClient:
        """An HTTP client below /api/v1."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        # Plain HTTP on loopback: reading the certificates would take a hundred times as long as the request.
        return httpx2.AsyncClient(base_url=self.url + "/api/v1", headers=headers, verify=False, trust_env=False)

    async def account(self, **fields: Any) -> Account:
        """A new account."""
        async with self.http(self.admin_token) as client:
            response = await client.post("/accounts", json={"name": "School", "owner": "head@school.example", **fields})
        assert response.status_code == 201, response.text
        return Account(self, response.json())

    async def meeting(self, **settings: Any) -> Meeting:
        """A new meeting with these settings."""
        async with self.http() as client:
            response = await client.post("/meetings", json={"topic": "Class 6", "settings": settings})
        assert response.status_code == 201, response.text
        return Meeting(self, response.json())


@dataclass
class Account:
    """An account as the test sees it."""

    server: Server
    made: dict[str, Any]

    async def user(self, name: str, email: str) -> str:
        """A new user's token."""
        async with self.server.http(self.made["token"]) as client:
            path = f"/accounts/{self.made['account']}/users"
            response = await client.post(path, json={"name": name, "email": email})
        assert response.status_code == 201, response.text
        return str(response.json()["user_token"])

    async def meeting(self, token: str | None = None, **settings: Any) -> Meeting:
        """A new meeting that belongs to the account, by its token or a user's."""
        async with self.server.http(token or self.made["token"]) as client:
            response = await client.post("/meetings", json={"topic": "Class 6", "settings": settings})
        assert response.status_code == 201, response.text
        return Meeting(self.server, response.json())


@dataclass
class Meeting:
    """A meeting as the test sees it, with the host token it was made with."""

    server: Server
    made: dict[str, Any]

    @property
    def id(self) -> str:
        """The meeting's id."""
        return str(self.made["id"])

    @asynccontextmanager
    async def connect(self, *, headers: Headers | None = None) -> AsyncIterator[Client]:
        """A raw socket that has said nothing yet."""
        async with websockets.connect(
            self.made["socket_url"],
            compression=None,
            max_size=None,
            max_queue=None,  # with a bound, who was not read for a while would not see the server close
            additional_headers=headers or {},
        ) as socket:
            yield Client(socket)

    @asynccontextmanager
    async def guest(self, name: str = "Mia", **fields: Any) -> AsyncIterator[Client]:
        """Somebody who joined with the passcode, wherever that led."""
        async with self.connect() as client:
            join = {"name": name, "passcode": self.made["passcode"], "device": f"device of {name}", **fields}
            await client.ask("join", **join)
            yield client

    @asynccontextmanager
    async def host(self, name: str = "Host", **fields: Any) -> AsyncIterator[Client]:
        """The joined host."""
        async with self.connect() as client:
            await client.ask("join", name=name, host_token=self.made["host_token"], **fields)
            yield client

    async def ticket(self, name: str = "Mia", *, token: str | None = None, **fields: Any) -> str:
        """A personal ticket, by default made with the host token."""
        async with self.server.http(token or self.made["host_token"]) as client:
            response = await client.post(f"/meetings/{self.id}/tickets", json={"name": name, **fields})
        assert response.status_code == 201, response.text
        return str(response.json()["ticket"])

    async def control(self, name: str, /, *, token: str | None = None, **fields: Any) -> httpx2.Response:
        """A control over HTTP, by default with the host token."""
        async with self.server.http(token or self.made["host_token"]) as client:
            return await client.post(f"/meetings/{self.id}/controls/{name}", json=fields)

    async def get(self, path: str, *, token: str | None = None, **query: Any) -> Any:
        """Something below the meeting, by default with the host token."""
        async with self.server.http(token or self.made["host_token"]) as client:
            response = await client.get(f"/meetings/{self.id}{path}", params=query)
        assert response.status_code == 200, response.text
        return response.json()

    async def journal(self, *types: str, token: str | None = None) -> list[Frame]:
        """The events of these types (or all), as the admin reads them."""
        query = {"type": ",".join(types)} if types else {}
        page = await self.get("/events", token=token or self.server.admin_token, limit=1000, **query)
        return list(page["events"])


class Refused(AssertionError):
    """A command that the test expected to be accepted was refused."""


@dataclass
class Client:
    """A raw client that keeps every frame it received, in order."""

    socket: ClientConnection
    frames: list[Frame] = field(default_factory=list)
    view: dict[str, Any] = field(default_factory=dict)
    session: str = ""
    epoch: str = ""
    _refs: int = 0

    @property
    def id(self) -> str:
        """This person's id, from the last view."""
        return str(self.view["me"]["id"])

    @property
    def place(self) -> str:
        """Where this person is, from the last view."""
        return str(self.view["me"]["place"])

    async def send(self, command: str, **fields: Any) -> str:
        """Sends a command without waiting; gives the ref of the reply to come."""
        self._refs += 1
        ref = f"r{self._refs}"
        await self.socket.send(json.dumps({"type": command, "ref": ref, **fields}))
        return ref

    async def reply(self, ref: str) -> Frame:
        """The reply with that ref; everything before it is kept."""
        return await self.until(lambda frame: frame["type"] == "reply" and frame["ref"] == ref)

    async def ask(self, command: str, **fields: Any) -> Frame:
        """Sends and waits for the reply. Raises Refused where the server says no."""
        reply = await self.reply(await self.send(command, **fields))
        if not reply["ok"]:
            raise Refused(reply["error"])
        return reply

    async def refused(self, command: str, **fields: Any) -> str:
        """Sends and gives the code of the refusal that must come."""
        reply = await self.reply(await self.send(command, **fields))
        assert not reply["ok"], f"{command} was accepted"
        return str(reply["error"]["code"])

    async def receive(self) -> Frame:
        """The next frame."""
        frame: Frame = json.loads(await asyncio.wait_for(self.socket.recv(), PATIENCE))
        self.frames.append(frame)
        if frame["type"] == "view":
            self.view, self.session, self.epoch = frame["view"], frame["session"], frame["epoch"]
        return frame

    async def until(self, wanted: Callable[[Frame], bool]) -> Frame:
        """Receives until a frame is the wanted one; the last frames are told where none is."""
        try:
            while not wanted(frame := await self.receive()):
                pass
        except TimeoutError:
            raise AssertionError(f"it never came; the last frames: {self.frames[-10:]}") from None
        return frame

    async def event(self, type: str, **fields: Any) -> Frame:
        """Receives until an event of that type with these fields comes."""
        return await self.until(
            lambda frame: frame["type"] == type and all(frame.get(name) == value for name, value in fields.items())
        )

    async def placed(self, place: str) -> None:
        """Receives until a view says that this person is there."""
        while self.place != place:
            await self.until(lambda frame: frame["type"] == "view")

    async def settle(self) -> list[Frame]:
        """Everything the server had for this client up to now: a refused command is the mark. Gives the frames before it."""
        start = len(self.frames)
        await self.reply(await self.send("chat", text="settled?", to="nobody-with-this-id"))
        return self.frames[start:-1]

    async def closed(self) -> tuple[int, list[Frame]]:
        """Receives to the end; the close code, and the frames before it."""
        start = len(self.frames)
        try:
            while True:
                await self.receive()
        except websockets.ConnectionClosed as end:
            return (end.rcvd.code if end.rcvd else 1006), self.frames[start:]


@contextmanager
def running(clock_of_test: Clock | None = None, /, **settings: Any) -> Iterator[Server]:
    """A server in a thread of its own, with its own event loop; by the machine's clock unless a test brings one."""
    ready: threading.Event = threading.Event()
    found: list[Server | BaseException] = []
    stop: list[Callable[[], None]] = []

    async def main() -> None:
        done = asyncio.Event()
        loop = asyncio.get_running_loop()
        stop.append(lambda: loop.call_soon_threadsafe(done.set))
        async with serving(ServerSettings(**{"port": 0, **settings}), clock_of_test) as world:
            found.append(Server(world.base_url, world.admin_token, world))
            ready.set()
            await done.wait()

    def run() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:
            found.append(error)
            ready.set()

    thread = threading.Thread(target=run, name="server under test")
    thread.start()
    ready.wait()
    if isinstance(found[0], BaseException):
        thread.join()
        raise found[0]
    try:
        yield found[0]
    finally:
        stop[0]()
        thread.join()
