"""How somebody came to be where they are: the events about them that rest on a decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meetingsim.live.rows import recorded_from
from meetingsim.live.seat import Seat
from meetingsim.routers.readings import Reader, read_row
from meetingsim.routers.world import Json, World
from meetingsim.state.meeting import Person
from meetingsim.state.view import participant_row

TOLD = frozenset(
    {
        *(
            "arrived_early",
            "joined_waiting_room",
            "joined",
            "origin_known",
            "admitted",
            "denied",
            "put_in_waiting_room",
        ),
        *(
            "removed",
            "return_allowed",
            "left",
            "reconnecting",
            "reconnected",
            "role_changed",
            "renamed",
            "name_flagged",
        ),
        *("entry_refused", "ticket_flagged", "connection_replaced"),
    }
)
"""Events about one person that say where and as whom they are, with a reason or without."""
FOR_ALL = frozenset({"suspended", "started", "ended"})
"""Events that decide about everybody who is there."""


async def chain(world: World, seat: Seat, reader: Reader, person: Person) -> Json:
    """The person now, and their chain of decisions in order. Raises JournalUnavailable."""
    rows = await world.journal.read(seat.meeting.id)
    read = [read_row(recorded_from(row), reader) for row in rows]
    found: list[Mapping[str, Any]] = []
    here = False
    for event in read:
        if event is None:
            continue
        own = _about(event, person.id)
        if (own and (event["type"] in TOLD or event["because"])) or (here and event["type"] in FOR_ALL):
            found.append(event)
        here = here or own
    return {"person": participant_row(person, for_host=True), "chain": found}


def _about(event: Mapping[str, Any], participant: str) -> bool:
    return event.get("participant") == participant
