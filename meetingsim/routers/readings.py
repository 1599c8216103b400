"""Who reads what of the journal: the admin all of it, a host what hosts are told, without addresses."""

from __future__ import annotations

from typing import Any

from meetingsim.live.seat import Seat
from meetingsim.state.control import Asker, Recorded
from meetingsim.state.engine import hosts_hear
from meetingsim.state.plain import frame_of

_FOR_ADMIN_ALONE = frozenset({"address"})


class Reader:
    """Somebody who reads a meeting's journal over HTTP."""

    __slots__ = ("admin", "host")

    def __init__(self, seat: Seat, asker: Asker) -> None:
        self.admin = asker.kind == "admin"
        self.host = next((p.id for p in seat.meeting.people.values() if p.keys.host), None)


def read_row(row: Recorded, reader: Reader) -> dict[str, Any] | None:
    """An event with its ``because`` as this reader may see it; None where they may not."""
    if not (reader.admin or hosts_hear(row.audience, reader.host)):
        return None
    because = dict(row.because) if row.because is not None else None
    if because is not None and not reader.admin:
        because = {name: value for name, value in because.items() if name not in _FOR_ADMIN_ALONE}
    return {**frame_of(row.event, row.seq, row.at), "because": because}
