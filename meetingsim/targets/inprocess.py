"""This very version, in the runner's own loop: the real door, seats, journal and views, and no socket between.

send ──> Visit (reads, judges at the door) ──> Seat ──> Publisher ──> Outbox ──> _Ear ──> Listener.came
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import TypeAdapter
from starlette.types import Scope

from meetingsim.clock import Clock
from meetingsim.geo.plan import CAPACITY, address_of
from meetingsim.live.asks import Step
from meetingsim.live.budgets import Guesses
from meetingsim.live.connections import Connection
from meetingsim.live.networks import Decided
from meetingsim.live.outbox import Frame as Encoded
from meetingsim.live.outbox import FrameSink, Outbox
from meetingsim.live.rows import recorded_from
from meetingsim.live.seat import Seat
from meetingsim.live.seats import Seats
from meetingsim.opening import close_world, make_world
from meetingsim.routers.acts import new_ticket, report_afterwards, settings_of
from meetingsim.routers.readings import Reader, read_row
from meetingsim.routers.shapes import NewMeeting
from meetingsim.routers.visit import Visit
from meetingsim.routers.wire import SOCKET_COMMANDS, read_as
from meetingsim.routers.world import World
from meetingsim.scenarios.scenario import Scenario, plain
from meetingsim.scenarios.target import Frame, Listener, Opened, TargetFailed, Whence
from meetingsim.scenarios.trace import Member, View
from meetingsim.settings import ServerSettings
from meetingsim.state.control import Asker, Decision, Recorded, Refuse
from meetingsim.state.controls.report import ReportAfterwards
from meetingsim.state.meeting import Role
from meetingsim.state.view import settings_row, view_of

LOST = 1006
_NEW = TypeAdapter(NewMeeting)
_HARNESS = frozenset({"dial", "cut", "deaf", "ticket", "origin", "crash", "report_afterwards", "view"})


class InProcess:
    """A server without sockets. Its clock is handed in; with a virtual one a run is the same every time."""

    name = "in process"
    can = frozenset(SOCKET_COMMANDS) | _HARNESS
    views: frozenset[View] = frozenset({"server", "client"})

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._world: World
        self._meeting = ""
        self._told = 0
        self._filed = 0
        self._reading: deque[asyncio.Task[None]] = deque(maxlen=8)  # so that none is collected while it runs
        self._lines: dict[int, _Line] = {}
        self._listener: Listener
        self._up = False

    async def open(self, scenario: Scenario, seed: int, members: Mapping[str, Member], listener: Listener) -> Opened:
        """Makes the meeting. Raises TargetFailed for settings that the server does not take."""
        self._listener = listener
        self._world = await make_world(_settings(seed), self.clock)
        try:
            await self._know_networks(scenario)
            made = await self._make(scenario)
        except Refuse as refuse:
            await self.close()
            raise TargetFailed(f"the meeting cannot be made: {refuse.refusal.detail}") from None
        self._up = True
        meeting = made.seat.meeting
        self._meeting = meeting.id
        self._watch(made.seat)
        await self._catch_up()
        return Opened(meeting.id, meeting.settings.passcode, made.host_token, settings_row(meeting.settings))

    async def _know_networks(self, scenario: Scenario) -> None:
        if scenario.geo is None:
            return
        decided = {network: Decided(said.country, said.anonymous) for network, said in scenario.geo.networks.items()}
        readers = self._world.origins.countries.with_overrides({one: said.country for one, said in decided.items()})
        await self._world.networks.decide(decided)
        self._world.origins.countries = readers

    async def _make(self, scenario: Scenario) -> Any:
        said = plain(scenario.meeting) if scenario.meeting else {}
        beside = {name: said.pop(name) for name in ("topic", "kind") if name in said}
        asked = read_as(_NEW, {"topic": scenario.name, **beside, "settings": said})
        settings = settings_of(self._world, asked, None)
        return await self._world.seats.create(asked.topic, asked.kind, settings, by=Asker("admin"))

    def _watch(self, seat: Seat) -> None:
        reader = Reader(seat, Asker("admin"))

        def witness(step: Step) -> None:
            for row in step.rows:
                self._tell(row, reader)
            if isinstance(step.decision, Decision) and step.decision.filings:
                self._reading.append(asyncio.get_running_loop().create_task(self._read_desk()))

        seat.witness = witness

    async def _read_desk(self) -> None:
        """What the desk has that was not told yet: only what is stored counts."""
        for place, row in await self._world.journal.reports(self._filed, limit=1_000):
            self._filed = place
            self._listener.filed(row.document)

    def _tell(self, row: Recorded, reader: Reader) -> None:
        event = read_row(row, reader)
        if event is not None:
            self._told = row.seq
            self._listener.happened(event)

    async def _catch_up(self) -> None:
        """What was stored and not told: the first event, and what a crash cut off."""
        seat = await self._world.seats.find(self._meeting)
        reader = Reader(seat, Asker("admin"))
        for row in await self._world.journal.read(self._meeting, self._told):
            self._tell(recorded_from(row), reader)

    def dial(self, line: int, actor: str, whence: Whence) -> None:
        """Opens a line; where the server is down it is closed at once."""
        if not self._up:
            asyncio.get_running_loop().call_soon(self._listener.closed, line, LOST, "nobody answers")
            return
        self._lines[line] = _Line(self._world, self._meeting, line, whence, self._listener)

    def send(self, line: int, frame: Frame) -> None:
        """Hands a frame in."""
        if found := self._lines.get(line):
            found.send(orjson.dumps(frame).decode())

    def cut(self, line: int) -> None:
        """The server notices at once that the line is gone."""
        if found := self._lines.pop(line, None):
            found.cut()

    def deaf(self, line: int, deaf: bool) -> None:
        """What is sent to a deaf line waits in its outbox, as far as that goes."""
        if found := self._lines.get(line):
            found.ear.listen(not deaf)

    async def ticket(self, name: str, role: str) -> str | None:
        """A personal link's ticket, for these words alone."""
        if not self._up or role not in {one.value for one in Role} - {"host"}:
            return None
        return self._world.tickets.sign(self._meeting, new_ticket(self._world, Role(role)))

    def address(self, country: str, number: int) -> str | None:
        """An address of the simulated plan."""
        return address_of(country, number % CAPACITY)

    async def report(self, token: str, participants: list[str], issue: str, text: str) -> str | None:
        """By the same rules as ``POST /reports``."""
        if not self._up:
            return "unavailable"
        seat = await self._world.seats.find(self._meeting)
        command = ReportAfterwards(tuple(participants), issue, text)
        try:
            outcome = await report_afterwards(self._world, seat, token, command)
        except Refuse as refuse:
            return refuse.refusal.code
        return outcome.refusal.code if outcome.refusal else None

    async def crash(self) -> None:
        """Every task of the meeting ends where it stands; the journal keeps what it has."""
        self._up = False
        self._world.seats.crash()
        lines, self._lines = self._lines, {}
        for number in sorted(lines):
            lines[number].die()
            self._listener.closed(number, LOST, "the server is gone")

    async def restart(self) -> None:
        """New seats over the same journal."""
        world = self._world
        world.seats = Seats(world.journal, self.clock, world.chance)
        world.guesses = Guesses()
        await world.seats.open()
        seat = await world.seats.find(self._meeting)
        await self._catch_up()
        self._watch(seat)
        self._up = True

    def view(self, line: int) -> Frame | None:
        """The server's picture of whoever this line speaks for, as it would go over the wire."""
        found = self._lines.get(line)
        seat = found.visit.seat if found else None
        participant = found.connection.participant if found else None
        if not self._up or seat is None or participant is None or found is None or found.connection.closed:
            return None
        return view_of(seat.meeting, participant)

    async def settled(self) -> None:
        """Returns once the meeting has decided all that was handed in."""
        if self._up:
            await (await self._world.seats.find(self._meeting)).settled()
            await self._read_desk()

    async def close(self) -> None:
        """Ends the world, and with it every line."""
        for line in self._lines.values():
            line.die()
        self._lines.clear()
        if self._up:
            self._world.seats.crash()
        await close_world(self._world)


def _settings(seed: int) -> ServerSettings:
    """A server's defaults, whatever the environment says: a run must not depend on where it is played."""
    fields = ServerSettings.model_fields
    defaults = {name: field.get_default(call_default_factory=True) for name, field in fields.items()}
    return ServerSettings(**{**defaults, "port": 0, "seed": seed})


class _Ear(FrameSink):
    """Where the server's frames for one line end: at the listener, at once, or in a buffer while it is deaf."""

    def __init__(self, line: int, listener: Listener) -> None:
        self.over = False
        self.on_close: Any = None
        self._line = line
        self._listener = listener
        self._came = listener.came
        self._waiting: deque[bytes] | None = None
        self._bytes = 0

    def listen(self, listening: bool) -> None:
        """Goes on after having been deaf, or becomes it."""
        waiting, self._waiting = self._waiting, None if listening else self._waiting or deque()
        if listening and waiting:
            self._bytes = 0
            for payload in waiting:
                self._listener.came(self._line, payload)

    def send(self, *frames: Encoded) -> int:
        if self.over:
            return 0
        for frame in frames:
            if self._waiting is None:
                self._came(self._line, frame.payload)
            else:
                self._waiting.append(frame.payload)
                self._bytes += len(frame.wire)
        return self._bytes

    def drop(self) -> None:
        if self._waiting:
            self._waiting.clear()
            self._bytes = 0

    def close(self, code: int, reason: str, patience: float) -> None:
        if not self.over:
            self.listen(True)
            self.over = True
            self._listener.closed(self._line, code, reason)
            asyncio.get_running_loop().call_soon(self.on_close)


class _Line:
    """One connection: frames in order, the first ones at the door, each awaited there."""

    def __init__(self, world: World, meeting: str, number: int, whence: Whence, listener: Listener) -> None:
        self.ear = _Ear(number, listener)
        self.connection = Connection(Outbox(self.ear))
        self.visit = Visit(world, meeting, _scope(whence), self.connection, admin=False)
        self.ear.on_close = self._over
        self._frames: deque[str] = deque()
        self._door: asyncio.Task[None] | None = None
        self._gone = False

    def send(self, raw: str) -> None:
        """Hands a frame in; at the door one waits for the one before it."""
        if self._gone or self.ear.over:
            return
        if self._door is None and self.visit.seat is not None:
            self._inside(raw)
            return
        self._frames.append(raw)
        if self._door is None:
            self._door = asyncio.get_running_loop().create_task(self._knock())

    async def _knock(self) -> None:
        while self._frames and not self.connection.closed:
            raw = self._frames.popleft()
            if self.visit.seat is None:
                await self.visit.at_door(raw)
            else:
                self._inside(raw)
        self._door = None
        if self._gone:
            self.visit.over()

    def _inside(self, raw: str) -> None:
        ask = self.visit.read(raw)
        if ask is not None and self.visit.seat is not None:
            self.visit.seat.submit(ask)

    def cut(self) -> None:
        """Over from the client's side; what is being asked at the door is asked to its end first."""
        self.ear.over = True
        self._over()

    def _over(self) -> None:
        self._gone = True
        if self._door is None:
            self.visit.over()

    def die(self) -> None:
        """Over with the server."""
        self.ear.over = True
        self._gone = True
        if self._door:
            self._door.cancel()


def _scope(whence: Whence) -> Scope:
    """The upgrade as uvicorn would describe it: the peer is who the scenario says."""
    headers = [(b"host", b"127.0.0.1")]
    if whence.header:
        name, value = whence.header
        headers.append((name.lower().encode(), value.encode()))
    return {"type": "websocket", "client": (whence.address or "127.0.0.1", 0), "headers": headers}
