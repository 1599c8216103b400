"""What each connected person gets of one command: its events, a fresh view, the closing of their socket, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from meetingsim.state.control import Recorded
from meetingsim.state.controls.start_end import Ended
from meetingsim.state.controls.waiting_room_chat import WaitingRoomMessage
from meetingsim.state.engine import hears
from meetingsim.state.meeting import Meeting, Person, Place

_GONE = frozenset({Place.REMOVED, Place.LEFT})


@dataclass(frozen=True, slots=True)
class Delivery:
    """The same for each of ``participants``, in this order: ``events``, a fresh ``view`` as of the last of them, ``close``.

    ``position`` asks for a fresh view too, but one that may wait: only the place in the queue changed.
    """

    participants: tuple[str, ...]
    events: tuple[Recorded, ...] = ()
    view: bool = False
    position: bool = False
    close: int | None = None


def deliveries(
    before: Meeting, after: Meeting, rows: Sequence[Recorded], viewers: Iterable[str], *, entered: str | None = None
) -> Iterator[Delivery]:
    """What the viewers get of the events that led from one meeting to the other; ``entered`` gets a view whatever happened.

    Whoever stayed in their seat and hears what everybody inside does is in one delivery, made in one pass: nearly everybody.
    """
    if not rows:
        if entered is not None:
            yield Delivery((entered,), view=True)
        return
    by_room = _by_room(rows, before, after)
    told_inside = tuple(row for row in rows if row.audience.inside)
    told_all = not by_room and len(told_inside) == len(rows)
    moved_up = frozenset() if before.queue is after.queue else _moved_up(before, after)
    same_signs = before.settings is after.settings and (before.status, before.topic) == (after.status, after.topic)
    named = frozenset().union(*(row.audience.only for row in rows))
    if same_signs and entered is None and not told_inside and before.people is after.people:
        # What changes nobody, and is for hosts, as refused entries are: of a crowd hardly anybody hears it.
        viewers = [viewer for viewer in viewers if viewer in named or after.people[viewer].is_host]
    crowd: list[str] = []
    for viewer in viewers:
        now, was = after.people[viewer], before.people.get(viewer)
        if same_signs and viewer not in named and viewer != entered and _unmoved_outside(was, now):
            if viewer in moved_up:
                yield Delivery((viewer,), position=True)
            continue
        stayed = was is now or (was is not None and was.placed == now.placed and now.place is Place.INSIDE)
        as_all = told_all or not (by_room or now.is_host or viewer in named)
        if as_all and stayed and now.place is Place.INSIDE and viewer != entered:
            crowd.append(viewer)
        elif delivery := _one(before, after, rows, was, now, entered):
            yield delivery
        elif viewer in moved_up:
            yield Delivery((viewer,), position=True)
    if crowd and told_inside:
        yield Delivery(tuple(crowd), told_inside)


def all_inside_hear(rows: Sequence[Recorded], meeting: Meeting) -> bool:
    """Whether there are events and each is told to everybody inside."""
    return bool(rows) and not _by_room(rows, meeting) and all(row.audience.inside for row in rows)


def _by_room(rows: Sequence[Recorded], *meetings: Meeting) -> bool:
    """Whether something is told to one room alone; while none is open, that is everybody inside."""
    return any(meeting.rooms for meeting in meetings) and any(row.audience.in_one_room for row in rows)


def _unmoved_outside(was: Person | None, now: Person) -> bool:
    """Whether somebody waits as before: of what is not about them nothing is told outside, and a waiting room may be full."""
    return now is was and now.place is Place.WAITING


def _one(
    before: Meeting, after: Meeting, rows: Sequence[Recorded], was: Person | None, now: Person, entered: str | None
) -> Delivery | None:
    if now.place in _GONE:
        return _gone(rows, was, now)
    if was is None or now.id == entered or was.placed != now.placed:
        return Delivery((now.id,), view=True)
    if now.where is Place.INSIDE:
        heard = tuple(row for row in rows if hears(row.audience, now))
    elif _sign(before, was) != _sign(after, now):
        return Delivery((now.id,), view=True)
    else:
        heard = tuple(row for row in rows if isinstance(row.event, WaitingRoomMessage) and now.id in row.audience.only)
    return Delivery((now.id,), heard) if heard else None


def _gone(rows: Sequence[Recorded], was: Person | None, now: Person) -> Delivery | None:
    """The end of a meeting is told to those inside before their socket closes; nobody else who is gone hears anything."""
    if was is None or was.place in _GONE:
        return None
    if over := next((row for row in rows if isinstance(row.event, Ended)), None):
        return Delivery((now.id,), (over,) if was.where is Place.INSIDE else (), close=Ended.close)
    own = (row.event for row in rows if getattr(row.event, "participant", None) == now.id)
    return Delivery((now.id,), close=next(event.close for event in own if hasattr(event, "close")))


def _sign(meeting: Meeting, person: Person) -> tuple[object, ...]:
    """Everything in an outsider's picture but the thread and the position."""
    room = meeting.settings.waiting_room
    topic = meeting.topic if room.show_topic else None
    return person.name, meeting.status, room.title, room.description, topic


def _moved_up(before: Meeting, after: Meeting) -> frozenset[str]:
    earlier = {one: place for place, one in enumerate(before.queue)}
    return frozenset(one for place, one in enumerate(after.queue) if earlier.get(one, place) != place)
