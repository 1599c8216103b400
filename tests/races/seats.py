"""Races in one process: a real seat with a mailbox, people on connections that fold, and many orders of the same acts.

The acts of one actor keep their order; those of different actors come in any. Every order is played twice: as one batch, and
with the mailbox cut one by one or at random. How it is cut must change nothing.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from meetingsim.chance import Chance
from meetingsim.journal.memory import MemoryJournal
from meetingsim.journal.protocol import ReportRow, Row
from meetingsim.live.asks import Ask, Outcome
from meetingsim.live.connections import Connection
from meetingsim.live.outbox import Frame, Outbox
from meetingsim.live.replay import replay
from meetingsim.live.rows import recorded_from
from meetingsim.live.seat import Seat
from meetingsim.live.seats import Seats
from meetingsim.state.codes import REFUSALS
from meetingsim.state.control import Asker, Command, Stamp, Ticket
from meetingsim.state.controls import EVENTS
from meetingsim.state.controls.admit import Admit
from meetingsim.state.controls.join import Join
from meetingsim.state.controls.presence import Drop, Resume
from meetingsim.state.engine import evolve, show
from meetingsim.state.identity import digest
from meetingsim.state.meeting import Meeting, Origin, Person, Place
from meetingsim.state.settings import Settings, WaitingRoom
from meetingsim.state.view import view_of
from tests.hand_clock import HandClock

ORDERS = 50
OPEN = WaitingRoom(enabled=False)
PASSCODE = "914772"
GONE = frozenset({Place.LEFT, Place.REMOVED})


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
    """In memory, and counts what it is given at once."""

    def __init__(self) -> None:
        super().__init__()
        self.appended: list[int] = []

    async def append(
        self, meeting: str, expected_seq: int, rows: Sequence[Row], reports: Sequence[ReportRow] = ()
    ) -> None:
        await super().append(meeting, expected_seq, rows, reports)
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


@dataclass
class Played:
    """One order, and what came of each act in it."""

    stage: Stage
    order: Sequence[Act]
    outcomes: list[Outcome | None]
    start: Meeting
    rows: list[Row]
    cut: str

    def __repr__(self) -> str:
        told = (o.refusal.code if o and o.refusal else "ok" if o else "-" for o in self.outcomes)
        return f"<{self.cut}>\n" + "\n".join(f"{act} -> {code}" for act, code in zip(self.order, told, strict=True))

    def code(self, who: str, kind: type[Command]) -> str:
        """What came of somebody's command of that kind: ``ok`` or a code."""
        (found,) = self.codes(who, kind)
        return found

    def codes(self, who: str | None, kind: type[Command]) -> list[str]:
        """The same for each of them, in the order in which they were decided."""
        return [
            outcome.refusal.code if outcome and outcome.refusal else "ok"
            for act, outcome in zip(self.order, self.outcomes, strict=True)
            if (who is None or act.who == who) and isinstance(act.command, kind)
        ]

    def first(self, *kinds: type[Command]) -> type[Command]:
        """Which of these kinds came first."""
        return next(type(act.command) for act in self.order if isinstance(act.command, kinds))

    def seqs(self, kind: str, **fields: Any) -> list[int]:
        """Where events of that type with these fields stand."""
        return [row.seq for row in self.rows if row.type == kind and fields.items() <= row.data.items()]


Prepare = Callable[[], Awaitable[Stage]]


def _orders(acts: Acts, count: int) -> Iterator[list[int]]:
    """So many different orders in which actors may come, each named by its place."""
    draw, found = random.Random(len(acts)), set[tuple[int, ...]]()
    turns = [actor for actor, own in enumerate(acts) for _ in own]
    for _ in range(count * 40):
        draw.shuffle(turns)
        if tuple(turns) not in found:
            found.add(tuple(turns))
            yield list(turns)
        if len(found) == count:
            return
    raise AssertionError(f"there are only {len(found)} orders: give the bystanders more to do")


async def orders(
    prepare: Prepare, acts: Callable[[Stage], Acts], *, refusals: set[str], count: int = ORDERS
) -> AsyncIterator[Played]:
    """Plays the acts in so many orders, each cut two ways; everything that must hold of any race is looked at."""
    prepared = await prepare()
    assert await replay(prepared.meeting.id, prepared.journal) == prepared.meeting
    plans = list(_orders(acts(await prepared.again()), count))
    for number, turns in enumerate(plans):
        journals = []
        for cut in ("all at once", f"at random {number}" if number % 2 else "one by one"):
            played = await _play(await prepared.again(), acts, turns, cut)
            await must_hold(played, refusals)
            journals.append([(row.seq, row.type, row.data) for row in played.rows])
            yield played
            await played.stage.seat.stop(4000)
        assert journals[0] == journals[1], f"how the mailbox is cut matters: {played}"


async def _play(stage: Stage, acts: Callable[[Stage], Acts], turns: Sequence[int], cut: str) -> Played:
    waiting = [list(own) for own in acts(stage)]
    order = [waiting[actor].pop(0) for actor in turns]
    start, draw = stage.meeting, random.Random(cut)
    stage.journal.appended.clear()
    futures: list[asyncio.Future[Outcome] | None] = []
    for act in order:
        futures.append(stage.submit(act))
        if cut == "one by one" or (cut.startswith("at random") and draw.random() < 0.3):
            await stage.settled(None)
    await stage.settled(None)
    if cut == "all at once":
        assert len(stage.journal.appended) <= 1, "what came together was not one batch"
    outcomes = [await one if one is not None else None for one in futures]
    rows = await stage.journal.read(stage.meeting.id, start.seq)
    return Played(stage, order, outcomes, start, rows, cut)


async def must_hold(played: Played, refusals: set[str]) -> None:
    """One order and no half state, whatever raced."""
    stage = played.stage
    await stage.clock.advance(1_000)  # a place in the queue alone is told once a second
    meeting = stage.meeting
    replayed = played.start
    for row in map(recorded_from, played.rows):
        replayed = evolve(replayed, row.event, Stamp(row.seq, row.at))
    assert replayed == meeting, played
    codes = {outcome.refusal.code for outcome in played.outcomes if outcome and outcome.refusal}
    assert codes <= refusals | {"unavailable"}, played
    assert codes <= REFUSALS.keys()
    assert meeting.count_inside() <= meeting.settings.capacity, played
    assert [one for one, person in meeting.people.items() if person.where is Place.WAITING] == sorted(
        meeting.queue, key=list(meeting.people).index
    )
    attached = {id(connection) for connection in stage.seat.publisher.connections.values()}
    for peer in stage.peers.values():
        _peer_holds(peer, meeting, attached=id(peer.connection) in attached, story=repr(played))
        _removed_hears_nothing(peer, played)
        if id(peer.connection) in attached:
            asked = [str(act) for act in played.order if act.who == peer.name and not isinstance(act.command, Drop)]
            told = [frame["ref"] for frame in peer.frames if frame["type"] == "reply"]
            assert sorted(told[-len(asked) :] if asked else []) == sorted(asked), (
                f"{peer.name} was not answered\n{played}"
            )
    for participant in stage.seat.publisher.connections:
        assert meeting.people[participant].where not in GONE, played


def _removed_hears_nothing(peer: Peer, played: Played) -> None:
    for seq in played.seqs("removed", participant=peer.id):
        assert peer.close_code in {4500, 4003, None}, played
        assert not [frame for frame in peer.frames if (frame.get("seq") or 0) >= seq], f"{peer.name}\n{played}"


def _peer_holds(peer: Peer, meeting: Meeting, *, attached: bool, story: str) -> None:
    assert peer.after_close == [], story
    if attached:
        assert peer.close_code is None, story
        assert peer.picture == json.loads(json.dumps(view_of(meeting, peer.id))), f"{peer.name}\n{story}"
    seq = 0
    for frame in peer.frames:
        if frame["type"] == "view":
            assert frame["seq"] >= seq, f"{peer.name} is told what is older\n{story}"
            seq = frame["seq"]
        elif frame["type"] in EVENTS:
            assert frame["seq"] > seq, f"{peer.name} is told twice, or out of order\n{story}"
            seq = frame["seq"]
