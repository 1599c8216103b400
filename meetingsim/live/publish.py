"""Telling: who is connected to a meeting, and what goes out to each after something was stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from meetingsim.clock import Clock
from meetingsim.live.connections import Connection
from meetingsim.live.frames import event_frame, refusal_frame, reply_frame, signal_frame, view_frame
from meetingsim.live.outbox import Frame
from meetingsim.state.control import Recorded, Signal
from meetingsim.state.controls.media import Media
from meetingsim.state.controls.presence import Leave
from meetingsim.state.delivery import Delivery, deliveries
from meetingsim.state.engine import hears
from meetingsim.state.meeting import Meeting

if TYPE_CHECKING:
    from meetingsim.live.seat import Outcome, Seat

POSITION_EVERY_MS = 1_000
"""A change of the place in the queue alone is told at most this often."""
LEFT, REMOVED = 1000, 4500


class Publisher:
    """The connections of one meeting. Called by its seat alone, after what is told was stored."""

    def __init__(self, seat: Seat, clock: Clock) -> None:
        self.connections: dict[str, Connection] = {}
        self._seat = seat
        self._clock = clock

    def attach(self, participant: str, connection: Connection) -> None:
        """From now on this connection speaks for that person; an older one is closed."""
        older = self.connections.get(participant)
        if older is not None and older is not connection:
            older.close(4003)
        self.connections[participant] = connection
        connection.attached = True

    def publish(
        self,
        before: Meeting,
        after: Meeting,
        rows: Sequence[Recorded],
        *,
        entered: str | None = None,
        missed: Sequence[Recorded] | None = None,
    ) -> None:
        """Tells everybody what one command led to. ``missed`` goes to whoever resumed, in place of a fresh view."""
        frames: dict[int, Frame] = {}
        for delivery in deliveries(before, after, rows, tuple(self.connections), entered=entered):
            if entered and missed is not None and delivery.participants == (entered,):
                self._catch_up(entered, after, [*missed, *rows])
            else:
                self._deliver(delivery, after, frames)

    def _deliver(self, delivery: Delivery, after: Meeting, frames: dict[int, Frame]) -> None:
        if delivery.events:
            told = [self._frame(row, frames) for row in delivery.events]
            for participant in delivery.participants:
                self.connections[participant].send(*told)
        if not (delivery.view or delivery.position or delivery.close):
            return
        for participant in delivery.participants:
            connection = self.connections[participant]
            if delivery.view:
                connection.send(view_frame(after, participant, connection.session))
            if delivery.position:
                self._tell_position(participant, connection, after)
            if delivery.close is not None:
                self._detach(participant, connection, delivery.close)

    def _detach(self, participant: str, connection: Connection, close: int) -> None:
        """Whoever leaves is closed after the reply, everybody else now; for the removed nothing that waits goes out."""
        del self.connections[participant]
        self._seat.detached(participant)
        if close != LEFT:
            connection.close(close, drop=close == REMOVED)

    def _frame(self, row: Recorded, frames: dict[int, Frame]) -> Frame:
        if row.seq not in frames:
            frames[row.seq] = event_frame(row)
        return frames[row.seq]

    def _catch_up(self, participant: str, after: Meeting, rows: Sequence[Recorded]) -> None:
        person = after.people[participant]
        connection = self.connections[participant]
        connection.send(*[event_frame(row) for row in rows if hears(row.audience, person)])

    def _tell_position(self, participant: str, connection: Connection, meeting: Meeting) -> None:
        now = self._clock.now()
        if now - connection.position_at >= POSITION_EVERY_MS:
            connection.position_at = now
            connection.send(view_frame(meeting, participant, connection.session))
        elif not connection.position_due:
            connection.position_due = True
            self._clock.call_at(
                connection.position_at + POSITION_EVERY_MS, lambda: self._position_due(participant, connection)
            )

    def _position_due(self, participant: str, connection: Connection) -> None:
        connection.position_due = False
        meeting = self._seat.meeting
        if self.connections.get(participant) is connection and participant in meeting.queue:
            self._tell_position(participant, connection, meeting)

    def route(self, signal: Signal) -> None:
        """Media to the others of its audience."""
        frame = signal_frame(signal)
        people = self._seat.meeting.people
        for participant, connection in self.connections.items():
            if participant != signal.sender and hears(signal.audience, people[participant]):
                connection.send(frame)

    def reply(self, connection: Connection, command: Any, ref: str | None, outcome: Outcome) -> None:
        """Answers a command after its events; whoever leaves is closed after the answer."""
        if outcome.refusal is not None:
            connection.send(refusal_frame(ref, outcome.refusal))
        elif not isinstance(command, Media):
            connection.send(reply_frame(ref, outcome.at, dict(outcome.answer)))
            if isinstance(command, Leave):
                connection.close(LEFT)

    def refresh_all(self) -> None:
        """After the meeting was read again: everybody gets a fresh view of what is stored."""
        meeting = self._seat.meeting
        for participant, connection in self.connections.items():
            if participant in meeting.people:
                connection.send(view_frame(meeting, participant, connection.session))

    def drop(self, participant: str, connection: Connection) -> bool:
        """Forgets a connection that ended; False where it spoke for nobody any more."""
        if self.connections.get(participant) is not connection:
            return False
        del self.connections[participant]
        return True

    def close_all(self, code: int) -> None:
        """Closes every connection."""
        for connection in self.connections.values():
            connection.close(code)
        self.connections.clear()
