"""The table of moves: every row happens in a meeting, and nothing else can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import Phase, given, settings

from meetingsim.state.control import Stamp
from meetingsim.state.controls import BY_EVENT, EVENTS
from meetingsim.state.controls.admit import Admit
from meetingsim.state.controls.deny import Deny
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.controls.remove import Remove
from meetingsim.state.controls.start_end import End, Start
from meetingsim.state.engine import evolve
from meetingsim.state.meeting import Keys, Person, Place, Role
from meetingsim.state.places import MOVES, ImpossibleMove, Move, move
from meetingsim.state.settings import WaitingRoom
from tests.driver import Sim
from tests.meetings import Plan, meetings, play
from tests.state.room import OPEN, scheduled, started
from tests.state.samples import sample

WAY = Callable[[], Sim]
TICKET = {"ticket": "t-1"}


def early() -> Sim:
    sim = scheduled(waiting_room=OPEN)
    sim.enter("Mia", **TICKET)
    return sim


def waits(before_host: bool = False) -> Sim:
    sim = scheduled(waiting_room=WaitingRoom()) if before_host else started(waiting_room=WaitingRoom())
    sim.enter("Mia", **TICKET)
    return sim


def inside() -> Sim:
    sim = started()
    sim.enter("Mia", **TICKET)
    return sim


def mia(sim: Sim) -> str:
    return next(iter(sim.meeting.people))


def then(build: Callable[[], Sim], *does: Callable[[Sim], object]) -> WAY:
    """A meeting, and what happens in it."""

    def way() -> Sim:
        sim = build()
        for do in does:
            do(sim)
        return sim

    return way


def leave(sim: Sim) -> None:
    sim.tell(mia(sim), Leave())


def again(sim: Sim) -> None:
    sim.enter("Mia", **TICKET)


def start(sim: Sim) -> None:
    sim.http(Start())


def end(sim: Sim) -> None:
    sim.http(End())


def remove(sim: Sim) -> None:
    sim.http(Remove(mia(sim)))


E, W, I, L, R = Place.EARLY, Place.WAITING, Place.INSIDE, Place.LEFT, Place.REMOVED  # noqa: E741 - as the table has them
WAYS: dict[tuple[Place | None, str, Place], WAY] = {
    (None, "arrived_early", E): early,
    (None, "joined_waiting_room", W): waits,
    (None, "joined", I): inside,
    (L, "arrived_early", E): then(early, leave, again),
    (L, "joined_waiting_room", W): then(waits, leave, again),
    (L, "joined", I): then(inside, leave, again),
    (L, "removed", R): then(inside, leave, remove),
    (E, "joined_waiting_room", W): then(lambda: waits(before_host=True), start),
    (E, "joined", I): then(early, start),
    (E, "left", L): then(early, leave),
    (E, "removed", R): then(early, remove),
    (E, "ended", L): then(early, end),
    (W, "admitted", I): then(waits, lambda sim: sim.http(Admit(mia(sim)))),
    (W, "denied", L): then(waits, lambda sim: sim.http(Deny(mia(sim)))),
    (W, "left", L): then(waits, leave),
    (W, "removed", R): then(waits, remove),
    (W, "ended", L): then(waits, end),
    (I, "put_in_waiting_room", W): then(inside, lambda sim: sim.http(PutInWaitingRoom(mia(sim)))),
    (I, "left", L): then(inside, leave),
    (I, "removed", R): then(inside, remove),
    (I, "ended", L): then(inside, end),
}


def key(row: Move) -> tuple[Place | None, str, Place]:
    return row.source, row.event, row.target


@pytest.mark.parametrize("row", MOVES, ids=lambda row: f"{row.source}-{row.event}-{row.target}")
def test_every_row_happens_in_some_meeting(row: Move) -> None:
    sim = WAYS[key(row)]()
    assert key(row) in sim.moves
    assert sim.person(mia(sim)).place is row.target
    assert row.meaning


def test_the_table_is_the_one_of_this_test() -> None:
    assert [key(row) for row in MOVES] == list(WAYS)


@given(meetings())
@settings(max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_no_meeting_goes_another_way(plan: Plan) -> None:
    assert play(plan).moves <= {key(row) for row in MOVES}


MOVING = sorted({row.event for row in MOVES})
SEATS: tuple[Place | None, ...] = (None, *(place for place in Place if place is not Place.RECONNECTING))
POSSIBLE = {key(row)[:2] for row in MOVES}
IMPOSSIBLE = [one for one in product(SEATS, [*MOVING, "message"]) if one not in POSSIBLE]
# The end concerns those alone who are here; and nobody can do what only a person can.
EVOLVED = [(seat, event) for seat, event in IMPOSSIBLE if seat and event not in {"ended", "message"}]


def somebody(seat: Place | None) -> Person:
    """Somebody with this seat; nobody yet where there is none."""
    person = Person("p1", "Mia", Role.PARTICIPANT, seat or Place.LEFT, Keys())
    return person if seat is None else replace(person, placed=3, since=1)


@pytest.mark.parametrize(("seat", "event"), IMPOSSIBLE, ids=str)
@pytest.mark.parametrize("absent", [False, True])
def test_any_other_way_is_refused(seat: Place | None, event: str, absent: bool) -> None:
    person = somebody(seat)
    if absent and seat:
        person = replace(person, place=Place.RECONNECTING, seat=seat)
    with pytest.raises(ImpossibleMove, match=f"no way from {seat or 'nowhere'} by {event}"):
        move(person, event, Stamp(9, 9))


@pytest.mark.parametrize(("seat", "event"), EVOLVED, ids=str)
def test_an_impossible_event_raises_and_leaves_the_meeting_as_it_was(seat: Place, event: str) -> None:
    meeting = replace(started().meeting, people={"p1": somebody(seat)})
    before = repr(meeting)
    with pytest.raises(ImpossibleMove):
        evolve(meeting, sample(EVENTS[event].event), Stamp(9, 9))
    assert repr(meeting) == before


@pytest.mark.parametrize("seat", [Place.EARLY, Place.WAITING, Place.INSIDE])
def test_dropping_and_coming_back_keep_the_seat(seat: Place) -> None:
    sim = {Place.EARLY: early, Place.WAITING: waits, Place.INSIDE: inside}[seat]()
    before = sim.person(mia(sim))
    sim.drop(mia(sim))
    away = sim.person(mia(sim))
    assert (away.place, away.seat, away.where, away.since) == (Place.RECONNECTING, seat, seat, before.since)
    sim.resume(sim.sessions[mia(sim)])
    back = sim.person(mia(sim))
    assert replace(back, changed=before.changed) == before


@pytest.mark.parametrize("row", [row for row in MOVES if row.source], ids=lambda row: f"{row.source}-{row.event}")
def test_whoever_is_reconnecting_stays_so_unless_they_are_gone(row: Move) -> None:
    assert row.source is not None
    person = replace(somebody(row.source), place=Place.RECONNECTING, seat=row.source, gone_at=99)
    moved = move(person, row.event, Stamp(9, 9))
    assert moved.where is row.target
    gone = row.target in {Place.LEFT, Place.REMOVED}
    assert (moved.place, moved.gone_at) == ((row.target, None) if gone else (Place.RECONNECTING, 99))
    assert (moved.since, moved.changed, moved.placed) == (9, 9, 9)


def test_every_event_of_the_table_is_an_event() -> None:
    assert set(MOVING) <= {row.event.type for row in BY_EVENT.values()}
