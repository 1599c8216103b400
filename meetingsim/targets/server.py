"""A running meetingsim server as a target: real sockets at the machine's clock, in a space of the run's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final, cast

import orjson
from websockets.asyncio.client import ClientConnection

from meetingsim.clients import LinkInvalid, MeetingsimError, RefusedError, Server, SpaceHandle, Unreachable
from meetingsim.clients.meetings import MeetingHandle
from meetingsim.clients.refusals import UnauthorisedError
from meetingsim.clients.sockets import open_socket
from meetingsim.clock import Clock, SystemClock
from meetingsim.geo.countries import UnknownCountry
from meetingsim.geo.plan import CAPACITY, address_of
from meetingsim.scenarios.scenario import Scenario
from meetingsim.scenarios.target import Frame, Listener, Opened, TargetFailed, Whence
from meetingsim.scenarios.trace import Member, View
from meetingsim.scenarios.vocabulary import COMMANDS
from meetingsim.targets.holding import Holding, read
from meetingsim.targets.opening import Failure, meeting_of
from meetingsim.targets.process import ServerProcess, server_process
from meetingsim.targets.reading import Reading
from meetingsim.targets.wire import LOST, SocketLine

SUBPROTOCOL: Final = "meetingsim.v1"
DIAL_WITHIN: Final = 10.0
_QUIET: Final = 0.15
"""Seconds in which nothing came, after which nothing more is awaited."""
_PATIENCE: Final = 5.0
"""Seconds after which what is still not quiet is taken as settled."""
_DYING: Final = 1.0
"""Seconds after which a line that did not notice that the server is dead is ended for it."""
_KNOCKS: Final = frozenset({"join", "resume"})
_CAN: Final = frozenset({*COMMANDS, "dial", "cut", "deaf", "ticket", "origin", "report_afterwards"})


@dataclass(slots=True)
class _Line:
    """A line, where it comes from, and the refs of what it has sent and not been answered."""

    whence: Whence
    socket: SocketLine
    unanswered: set[str] = field(default_factory=set)


class ServerTarget:
    """The server at ``url`` with its admin token, or, by ``starting()``, one of the run's own that can crash.

    The journal is read as the admin and comes first: a frame waits until its event was told.
    """

    name = "server"
    views: frozenset[View] = frozenset({"server", "client"})

    def __init__(self, url: str, token: str | None, process: ServerProcess | None = None) -> None:
        self.can: frozenset[str] = _CAN | {"crash"} if process else _CAN
        self.clock: Clock = SystemClock()
        self._url = url
        self._token = token
        self._process = process
        self._failure = Failure()
        self._lines: dict[int, _Line] = {}
        self._server: Server | None = None
        self._space: SpaceHandle | None = None
        self._reading: Reading | None = None
        self._meeting: MeetingHandle
        self._holding: Holding

    @classmethod
    @asynccontextmanager
    async def starting(cls) -> AsyncIterator[ServerTarget]:
        """A server in another process for as long as the block runs. Raises TargetFailed."""
        async with server_process() as process:
            target = cls(process.url, process.token, process)
            try:
                yield target
            finally:
                await target.close()

    # The meeting.

    async def open(self, scenario: Scenario, seed: int, members: Mapping[str, Member], listener: Listener) -> Opened:
        try:
            self._server = Server(self._url, self._token)
            await _require_meetingsim(self._server)
            self._space = await self._server.create_space(seed=seed)
            await _decide_networks(self._space, scenario)
            made = self._meeting = await self._space.create_meeting(**meeting_of(scenario))
        except MeetingsimError as error:
            raise TargetFailed(self._explain(error)) from None
        self._failure.tell = listener.fail
        self._holding = Holding(listener, self._failure.note)
        self._reading = Reading(self._space, made.id, self._holding, listener, self._failure)
        return Opened(made.id, made.passcode, made.host_token, made.document["settings"])

    async def close(self) -> None:
        """Lets go of everything; the space is deleted, if somebody is there to do it. Again it does nothing."""
        server, self._server = self._server, None
        if server is None:
            return
        for line in self._lines.values():
            line.socket.cut()
        self._lines.clear()
        async with server:
            if self._reading is not None:
                await self._reading.close()
            if self._space is not None:
                with suppress(MeetingsimError):
                    await self._space.close()

    def _explain(self, error: MeetingsimError) -> str:
        if isinstance(error, Unreachable):
            return f"Nobody answers at {self._url} ({error.fault}): start a server with meetingsim serve."
        if isinstance(error, UnauthorisedError):
            return f"The server at {self._url} does not take this admin token: meetingsim serve shows it at its start."
        if isinstance(error, RefusedError) and error.code != "unknown":
            return f"The server at {self._url} makes no meeting for this scenario: {error}"
        return (
            f"{error}." if isinstance(error, LinkInvalid) else f"There is no meetingsim server at {self._url}: {error}"
        )

    # Lines.

    def dial(self, line: int, actor: str, whence: Whence) -> None:
        headers = {"Authorization": f"Bearer {self._meeting.server.token}"}
        if whence.header is not None:
            headers.update([whence.header])

        async def dial() -> ClientConnection:
            url = self._meeting.socket_url
            return await open_socket(url, headers=headers, subprotocol=SUBPROTOCOL, timeout=DIAL_WITHIN)

        def closed(code: int, reason: str) -> None:
            del self._lines[line]
            self._holding.closed_there(line, code, reason)

        socket = SocketLine(dial, lambda payload: self._came(line, payload), closed)
        socket.task.add_done_callback(self._failure.watch)
        self._lines[line] = _Line(whence, socket)

    def send(self, line: int, frame: Frame) -> None:
        if (to := self._lines.get(line)) is None:
            return
        if frame["type"] in _KNOCKS:
            frame = {**_origin(to.whence), **frame}
        if frame["type"] != "media" and isinstance(ref := frame.get("ref"), str):
            to.unanswered.add(ref)
        to.socket.send(orjson.dumps(frame).decode())

    def cut(self, line: int) -> None:
        if gone := self._lines.pop(line, None):
            gone.socket.cut()
        self._holding.forget(line)

    def deaf(self, line: int, deaf: bool) -> None:
        if to := self._lines.get(line):
            to.socket.deaf(deaf)

    def _came(self, line: int, payload: bytes) -> None:
        frame = read(payload)
        if frame.get("type") == "reply":
            self._lines[line].unanswered.discard(str(frame.get("ref")))
            if "report" in frame:
                self._news()
        self._holding.came(line, payload, frame)

    def _news(self) -> None:
        """There may be a new report on the desk."""
        if self._reading is not None:
            self._reading.news.set()

    # Beside the lines.

    async def ticket(self, name: str, role: str) -> str | None:
        self._failure.check()
        try:
            return (await self._meeting.create_ticket(name, role=cast("Any", role))).ticket
        except RefusedError:
            return None
        except MeetingsimError as error:
            raise TargetFailed(self._explain(error)) from None

    def address(self, country: str, number: int) -> str | None:
        try:
            return address_of(country, number % CAPACITY)
        except UnknownCountry:
            return None

    async def report(self, token: str, participants: list[str], issue: str, text: str) -> str | None:
        self._failure.check()
        try:
            await self._meeting.server.create_report(
                self._meeting.id, participants, issue, text=text or None, token=token
            )
        except RefusedError as error:
            return error.code
        except MeetingsimError as error:
            raise TargetFailed(self._explain(error)) from None
        self._news()
        return None

    async def crash(self) -> None:
        assert self._process is not None, "crash is in can only where there is one"
        assert self._reading is not None
        self._reading.down()
        self._holding.lose()
        await self._process.kill()
        await self._process.prepare()
        reading = [line.socket.task for line in self._lines.values() if line.socket.hearing]
        if reading:
            await asyncio.wait(reading, timeout=_DYING)
        for number in sorted(self._lines):
            # Who does not read does not see it, either.
            self.cut(number)
            self._holding.closed(number, LOST, "")

    async def restart(self) -> None:
        assert self._process is not None
        assert self._reading is not None
        await self._process.start()
        self._holding.losing = False
        self._reading.up()

    def view(self, line: int) -> Frame | None:
        """Nothing: over HTTP there is no asking for somebody else's view."""
        return None

    async def settled(self) -> None:
        """Waits until every command has its reply, every frame its event, and nothing more comes; a few seconds at most."""
        self._news()
        now = asyncio.get_running_loop().time
        until = now() + _PATIENCE
        while now() < until and not self._quiet(now()):
            await asyncio.sleep(_QUIET / 3)
        self._failure.check()

    def _quiet(self, now: float) -> bool:
        asked = any(line.unanswered for line in self._lines.values())
        return not asked and self._holding.empty and now - self._holding.moved_at >= _QUIET


def _origin(whence: Whence) -> dict[str, str]:
    """Where a join or resume says that its sender comes from."""
    if whence.address is not None:
        return {"address": whence.address}
    return {} if whence.country is None else {"country": whence.country}


async def _require_meetingsim(server: Server) -> None:
    health = await server.request("GET", f"{server.url}/health")
    if "geo" not in health:
        raise MeetingsimError("its /health is another one's")


async def _decide_networks(space: Server, scenario: Scenario) -> None:
    known = scenario.geo.networks if scenario.geo is not None else {}
    if known:
        anonymous = {network: said.anonymous for network, said in known.items() if said.anonymous}
        await space.set_networks({network: said.country for network, said in known.items()}, anonymous=anonymous)
