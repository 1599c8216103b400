"""Every way a person can move, in one table: evolve refuses any other, the docs draw it, the tests walk it.

(nowhere) -> early | waiting | inside -> reconnecting -> ... -> left | removed
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from meetingsim.state.control import Stamp
from meetingsim.state.meeting import Person, Place


@dataclass(frozen=True, slots=True)
class Move:
    """From a seat to a seat by an event; ``source`` None is somebody new."""

    source: Place | None
    event: str
    target: Place
    meaning: str


MOVES: tuple[Move, ...] = (
    Move(None, "arrived_early", Place.EARLY, "came before the start"),
    Move(None, "joined_waiting_room", Place.WAITING, "knocked"),
    Move(None, "joined", Place.INSIDE, "came in"),
    Move(Place.LEFT, "arrived_early", Place.EARLY, "came again before the start"),
    Move(Place.LEFT, "joined_waiting_room", Place.WAITING, "knocked again"),
    Move(Place.LEFT, "joined", Place.INSIDE, "came in again"),
    Move(Place.LEFT, "removed", Place.REMOVED, "was removed after leaving"),
    Move(Place.EARLY, "joined_waiting_room", Place.WAITING, "the meeting started and the waiting room is on"),
    Move(Place.EARLY, "joined", Place.INSIDE, "the meeting started"),
    Move(Place.EARLY, "left", Place.LEFT, "went away before the start, or was refused at the start"),
    Move(Place.EARLY, "removed", Place.REMOVED, "was removed before the start"),
    Move(Place.EARLY, "ended", Place.LEFT, "the meeting ended before it started"),
    Move(Place.WAITING, "admitted", Place.INSIDE, "was let in"),
    Move(Place.WAITING, "denied", Place.LEFT, "was turned away"),
    Move(Place.WAITING, "left", Place.LEFT, "gave up waiting"),
    Move(Place.WAITING, "removed", Place.REMOVED, "was removed while waiting"),
    Move(Place.WAITING, "ended", Place.LEFT, "the meeting ended"),
    Move(Place.INSIDE, "put_in_waiting_room", Place.WAITING, "was put back"),
    Move(Place.INSIDE, "left", Place.LEFT, "left"),
    Move(Place.INSIDE, "removed", Place.REMOVED, "was removed"),
    Move(Place.INSIDE, "ended", Place.LEFT, "the meeting ended"),
)
"""Moves between seats. Dropping and coming back (``reconnecting``, ``reconnected``) change the place, never the seat."""

_WAYS = {(move.source, move.event): move.target for move in MOVES}


class ImpossibleMove(Exception):
    """An event asked for a way that is not in MOVES; the meeting stays as it was."""


def move(person: Person, event: str, stamp: Stamp, **changes: Any) -> Person:
    """The person after the event. Whoever is reconnecting stays so, with the seat moved; streams end with the seat inside."""
    source = person.where if person.placed else None
    target = _WAYS.get((source, event))
    if target is None:
        raise ImpossibleMove(f"no way from {source or 'nowhere'} by {event}")
    absent = person.place is Place.RECONNECTING and target not in {Place.LEFT, Place.REMOVED}
    if source is Place.INSIDE:
        changes = STILL | changes
    if not absent:
        changes = {"gone_at": None} | changes
    return replace(
        person,
        place=Place.RECONNECTING if absent else target,
        seat=target if absent else None,
        since=stamp.at,
        changed=stamp.seq,
        placed=stamp.seq,
        **changes,
    )


STILL: dict[str, Any] = {
    "audio": False,
    "video": False,
    "share": False,
    "recording": False,
    "hand": False,
    "room": None,
    "grants": frozenset(),
    "chat_grant": None,
    "asked_to_unmute": False,
}
"""Every stream and passing right ended: what leaving a seat inside does."""
