"""Many orders of the same acts, and what must hold of any of them.

The acts of one actor keep their order; those of different actors come in any. Every order is played twice: as one batch, and
with the mailbox cut one by one or at random. How it is cut must change nothing.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from meetingsim.journal.protocol import Row
from meetingsim.live.asks import Outcome
from meetingsim.live.replay import replay
from meetingsim.live.rows import recorded_from
from meetingsim.live.seat import RETRY_MS
from meetingsim.state.codes import REFUSALS
from meetingsim.state.control import Command, Stamp
from meetingsim.state.controls import EVENTS
from meetingsim.state.controls.presence import Drop
from meetingsim.state.engine import evolve
from meetingsim.state.meeting import Meeting, Place
from meetingsim.state.view import view_of
from tests.races.seats import Act, Acts, Peer, Stage

ORDERS = 50
GONE = frozenset({Place.LEFT, Place.REMOVED})


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
    for number, turns in enumerate(await _plans(prepared, acts, count)):
        journals = []
        for cut in ("all at once", f"at random {number}" if number % 2 else "one by one"):
            played = await _play(await prepared.again(), acts, turns, cut)
            await must_hold(played, refusals)
            journals.append([(row.seq, row.type, row.data) for row in played.rows])
            yield played
            await played.stage.seat.stop(4000)
        assert journals[0] == journals[1], f"how the mailbox is cut matters: {played}"
    await prepared.seat.stop(4000)


async def storms(
    prepare: Prepare, acts: Callable[[Stage], Acts], *, refusals: set[str], count: int = ORDERS
) -> AsyncIterator[Played]:
    """The same on a journal of which two writes in five fail, one of those after all was stored."""
    prepared = await prepare()
    for number, turns in enumerate(await _plans(prepared, acts, count)):
        stage = await prepared.again()
        stage.journal.chance = random.Random(number)
        played = await _play(stage, acts, turns, f"at random {number}, in a storm")
        stage.journal.chance = None
        await stage.clock.advance(RETRY_MS)
        await stage.settled(None)
        played.rows = await stage.journal.read(stage.meeting.id, played.start.seq)
        await must_hold(played, refusals)
        yield played
        await stage.seat.stop(4000)
    await prepared.seat.stop(4000)


async def _plans(prepared: Stage, acts: Callable[[Stage], Acts], count: int) -> list[list[int]]:
    twin = await prepared.again()
    plans = list(_orders(acts(twin), count))
    await twin.seat.stop(4000)
    return plans


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
    for participant, connection in stage.seat.publisher.connections.items():
        assert meeting.people[participant].where not in GONE, played
        assert stage.seat._owners[participant] is connection, f"who is told is not who is heard\n{played}"


def _removed_hears_nothing(peer: Peer, played: Played) -> None:
    for seq in played.seqs("removed", participant=peer.id):
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
