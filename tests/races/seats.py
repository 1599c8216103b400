"""A meeting in one process for races: a real seat with a mailbox, and people on connections that fold."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from meetingsim.chance import Chance
from meetingsim.journal.memory import MemoryJournal
from meetingsim.journal.protocol import JournalUnavailable, ReportRow, Row
from meetingsim.live.asks import Ask, Outcome
from meetingsim.live.connections import Connection
from meetingsim.live.outbox import Frame, Outbox
from meetingsim.live.seat import Seat
from meetingsim.live.seats import Seats
from meetingsim.state.control import Asker, Command, Ticket
from meetingsim.state.controls import EVENTS
from meetingsim.state.controls.admit import Admit
from meetingsim.state.controls.join import Join
from meetingsim.state.controls.presence import Drop, Resume
from meetingsim.state.engine import show
from meetingsim.state.identity import digest
from meetingsim.state.meeting import Meeting, Origin, Person, Place
from meetingsim.state.settings import Settings, WaitingRoom
from tests.hand_clock import HandClock

OPEN = WaitingRoom(enabled=False)
PASSCODE = "914772"


class Peer:
    """The other end of a connection: keeps what came, and folds it as a client does."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.connection = Connection(Outbox(self))
        self.frames: list[dict[str, Any]] = []
        self.picture: dict[str, Any] = {}
        self.close_code: int | None = None
        self.after_close: list[dict[str, Any]] = []

    @property
    def id(self) -> str:
        """Who this connection speaks for, or spoke for."""
        return str(self.connection.participant)

    def twin(self) -> Peer:
        """Another connection that has heard the same."""
        other = Peer(self.name)
        other.connection.participant, other.connection.session = self.connection.participant, self.connection.session
        other.frames, other.close_code = list(self.frames), self.close_code
        other.picture = json.loads(json.dumps(self.picture))
        return other

    def send(self, *frames: Frame) -> int:
        """Frames come in."""
        for frame in frames:
            told = json.loads(frame.payload)
            if self.close_code is not None:
                self.after_close.append(told)
                continue
            self.frames.append(told)
            if told["type"] == "view":
                self.picture = json.loads(json.dumps(told["view"]))
            elif told["type"] in EVENTS:
                show(self.picture, json.loads(frame.payload))
        return 0

    def drop(self) -> None:
        """Nothing waits here: what was sent is there."""

    def close(self, code: int, reason: str, patience: float) -> None:
        """The end."""
        self.close_code = code

    def types(self) -> list[str]:
        """What came, by name."""
        return [frame["type"] for frame in self.frames]


@dataclass(frozen=True, slots=True)
class Act:
    """Something that somebody does: by the name of their connection, or ``http`` for the host token over HTTP."""

    who: str
    command: Command
    ticket: Ticket | None = None
    country: str | None = None

    def __str__(self) -> str:
        return f"{self.who}: {self.command}"


Acts = Sequence[Sequence[Act]]


class Counting(MemoryJournal):
    """In memory, and counts what it is given at once; with ``chance`` some of it is not stored, or is and says it was not."""

    def __init__(self) -> None:
        super().__init__()
        self.appended: list[int] = []
        self.chance: random.Random | None = None
        self.failed = 0

    async def append(
        self, meeting: str, expected_seq: int, rows: Sequence[Row], reports: Sequence[ReportRow] = ()
    ) -> None:
        luck = self.chance.random() if self.chance else 1.0
        if luck >= 0.2:
            await super().append(meeting, expected_seq, rows, reports)
        if luck < 0.4:
            self.failed += 1
            raise JournalUnavailable("the disk is full")
        self.appended.append(len(rows))


@dataclass
class Stage:
    """A seat with people; the same ids and sessions every time, so that two plays can be compared."""

    seat: Seat
    host_token: str
    journal: Counting
    clock: HandClock
    peers: dict[str, Peer] = field(default_factory=dict)

    @classmethod
    async def of(cls, **settings: Any) -> Stage:
        """A new meeting with nobody in it."""
        journal, clock = Counting(), HandClock()
        document = Settings(**{"passcode": PASSCODE, "waiting_room": OPEN, **settings})
        made = await Seats(journal, clock, Chance(7)).create("Class 6", "meeting", document, by=Asker("admin"))
        stage = cls(made.seat, made.host_token, journal, clock)
        await stage.does(Act("Host", Join("Host", host_token=made.host_token)))
        return stage

    @property
    def meeting(self) -> Meeting:
        """As it is stored."""
        return self.seat.meeting

    def peer(self, name: str) -> Peer:
        """A connection by its name; a new one where there is none."""
        return self.peers.setdefault(name, Peer(name))

    def person(self, name: str) -> Person:
        """The person for whom that connection spoke."""
        return self.meeting.people[self.peer(name).id]

    def submit(self, act: Act) -> asyncio.Future[Outcome] | None:
        """Into the mailbox, as the door or the socket does it; without a future for a connection that ends."""
        if isinstance(act.command, Drop):
            self.seat.dropped(self.peer(act.who).connection)
            return None
        ask = self._asked(act)
        ask.done = asyncio.get_running_loop().create_future()
        self.seat.submit(ask)
        return ask.done

    def _asked(self, act: Act) -> Ask:
        if act.who == "http":
            return Ask(act.command, Asker("host"), "http")
        peer = self.peer(act.who)
        session = f"session of {act.who}"
        knock = isinstance(act.command, Join | Resume)
        return Ask(
            act.command,
            Asker("newcomer") if knock else Asker("person", peer.connection.participant),
            "resume" if isinstance(act.command, Resume) else "socket",
            nonce=digest(str(act))[:16],
            session=session,
            digest=digest(session),
            origin=Origin(country=act.country, source="plan" if act.country else "none"),
            ticket=act.ticket,
            connection=peer.connection,
            ref=str(act),
        )

    async def does(self, *acts: Act) -> list[Outcome]:
        """One after another, none of which may be refused."""
        done = []
        for act in acts:
            outcome = await self.settled(self.submit(act))
            assert outcome is None or outcome.refusal is None, f"{act}: {outcome}"
            done += [outcome] if outcome else []
        return done

    async def enters(self, *names: str, **fields: Any) -> None:
        """People come in, and are admitted where they wait."""
        for name in names:
            await self.does(joins(name, **fields))
            if self.person(name).place is Place.WAITING:
                await self.does(Act("Host", Admit(self.peer(name).id)))

    async def again(self) -> Stage:
        """The same meeting with the same people on connections of their own, as if it had been prepared once more."""
        journal, clock = Counting(), HandClock()
        await journal.append(self.meeting.id, 0, await self.journal.read(self.meeting.id))
        twin = Stage(Seat(self.meeting, journal, clock), self.host_token, journal, clock)
        connected = self.seat.publisher.connections
        for name, peer in self.peers.items():
            other = twin.peers[name] = peer.twin()
            if connected.get(peer.id) is peer.connection:
                twin.seat._owners[peer.id] = other.connection
                twin.seat.publisher.attach(peer.id, other.connection)
        return twin

    async def settled(self, outcome: asyncio.Future[Outcome] | None) -> Outcome | None:
        """What came of it, once everything in the mailbox is decided and told."""
        mark = Ask(lambda meeting: (), Asker("host"), "http", done=asyncio.get_running_loop().create_future())
        self.seat.submit(mark)
        assert mark.done is not None
        await mark.done
        return await outcome if outcome is not None else None


def joins(name: str, *, country: str | None = None, ticket: Ticket | None = None, **fields: Any) -> Act:
    """Somebody comes with the passcode and a device of their own."""
    said = {"passcode": PASSCODE, "device": f"device of {name}", "ticket": ticket.ticket if ticket else None}
    return Act(name, Join(name, **{**said, **fields}), ticket, country)


def resumes(stage: Stage, who: str, *, on: str) -> Act:
    """The session of one connection is resumed on another, from the last that came, with the picture of then."""
    peer = stage.peer(who)
    stage.peer(on).picture = json.loads(json.dumps(peer.picture))
    after = max((frame.get("seq") or 0 for frame in peer.frames), default=0)
    return Act(on, Resume(peer.connection.session, stage.meeting.epoch, after))
