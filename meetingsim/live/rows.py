"""Between the events of a meeting and the rows of its journal."""

from __future__ import annotations

from meetingsim.journal.protocol import Row
from meetingsim.state.control import Recorded
from meetingsim.state.engine import audience_data, audience_from, event_data, event_from


def row_of(recorded: Recorded) -> Row:
    """An event in its place, as the journal keeps it."""
    return Row(
        recorded.seq,
        recorded.at,
        recorded.event.type,
        recorded.event.version,
        event_data(recorded.event),
        dict(recorded.because) if recorded.because is not None else None,
        audience_data(recorded.audience),
    )


def recorded_from(row: Row) -> Recorded:
    """The opposite of ``row_of``."""
    return Recorded(row.seq, row.at, event_from(row.type, row.data), row.because, audience_from(row.audience))
