"""Telling: who is connected to a meeting, and what goes out to each after something was stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from meetingsim.clock import Clock
from meetingsim.live.connections import Connection
from meetingsim.live.frames import Rows, event_frame, refusal_frame, reply_frame, signal_frame, view_frame
from meetingsim.live.outbox import LIMIT, Frame
from meetingsim.state.control import Recorded, Signal
from meetingsim.state.controls.media import Media
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.start_end import End
from meetingsim.state.delivery import Delivery, all_inside_hear, deliveries
from meetingsim.state.engine import hears
from meetingsim.state.meeting import Meeting, Person, Place

if TYPE_CHECKING:
    from meetingsim.live.asks import Outcome
    from meetingsim.live.seat import Seat

POSITION_EVERY_MS = 1_000
"""A change of the place in the queue alone is told at most this often."""
LARGEST_CATCH_UP = LIMIT // 2
"""Bytes of missed events that a resumed connection is told one by one."""
LEFT, FOR_NOW, REMOVED, ENDED = 1000, 4004, 4500, 4502
GONE = frozenset({Place.LEFT, Place.REMOVED})


class Publisher:
    """The connections of one meeting. Called by its seat alone, after what is told was stored."""

    def __init__(self, seat: Seat, clock: Clock) -> None:
        self.connections: dict[str, Connection] = {}
        self._seat = seat
        self._clock = clock
        self._rows = Rows()
        self._seated: Mapping[str, Person] | None = None
        self._sends: list[Callable[..., None]] = []

    def attach(self, participant: str, connection: Connection) -> None:
        """From now on this connection speaks for that person; an older one is closed."""
        older = self.connections.get(participant)
        if older is not None and older is not connection:
            older.close(4003)
        self.connections[participant] = connection
        self._seated = None
        connection.attached = True

    def publish(
        self,
        before: Meeting,
        after: Meeting,
        rows: Sequence[Recorded],
        *,
        entered: str | None = None,
        missed: Sequence[Recorded] | None = None,
        asking: Connection | None = None,
    ) -> None:
        """Tells everybody what one command led to. ``missed`` goes to whoever resumed, in place of a fresh view.

        ``asking`` has a reply to come: where the command ends that connection too, ``reply`` closes it.
        """
        frames: dict[int, Frame] = {}
        if self._same_room(before, after, rows, entered):
            told = [event_frame(row) for row in rows]
            for send in self._sends:
                send(*told)
            return
        self._seated = None
        for delivery in deliveries(before, after, rows, tuple(self.connections), entered=entered):
            self._note_seated(delivery, after, rows)
            if entered and missed is not None and delivery.participants == (entered,):
                self._catch_up(entered, after, missed, rows)
            else:
                self._deliver(delivery, after, frames, asking)

    def _same_room(self, before: Meeting, after: Meeting, rows: Sequence[Recorded], entered: str | None) -> bool:
        """Whether nobody changed since the last time that everybody connected was told the same, and all hear this, too."""
        unchanged = entered is None and before.people is after.people is self._seated
        return unchanged and all_inside_hear(rows, after)

    def _note_seated(self, delivery: Delivery, after: Meeting, rows: Sequence[Recorded]) -> None:
        """Where everybody connected is inside and hears the same, the next such event needs no look at each of them."""
        plain = delivery.events == tuple(rows) and not (delivery.view or delivery.position or delivery.close)
        if plain and len(delivery.participants) == len(self.connections) and all_inside_hear(rows, after):
            self._seated = after.people
            self._sends = [connection.send for connection in self.connections.values()]

    def _deliver(self, delivery: Delivery, after: Meeting, frames: dict[int, Frame], asking: Connection | None) -> None:
        if delivery.events:
            told = [self._frame(row, frames) for row in delivery.events]
            for participant in delivery.participants:
                # Whoever got it before them may have closed their connection, an older one of their own.
                if connection := self.connections.get(participant):
                    connection.send(*told)
        if not (delivery.view or delivery.position or delivery.close):
            return
        for participant in delivery.participants:
            connection = self.connections.get(participant)
            if connection is None:
                continue
            if delivery.view:
                connection.send(view_frame(after, participant, connection.session, self._rows))
            if delivery.position:
                self._tell_position(participant, connection, after)
            if delivery.close is not None:
                self._detach(participant, connection, delivery.close, asking)

    def _detach(self, participant: str, connection: Connection, close: int, asking: Connection | None = None) -> None:
        """Whoever asked for it is closed after the reply, everybody else now; for the removed nothing that waits goes out."""
        del self.connections[participant]
        self._seated = None
        self._seat.detached(participant, connection)
        if connection is not asking:
            connection.close(close, drop=close == REMOVED)

    def _frame(self, row: Recorded, frames: dict[int, Frame]) -> Frame:
        if row.seq not in frames:
            frames[row.seq] = event_frame(row)
        return frames[row.seq]

    def _catch_up(self, participant: str, after: Meeting, missed: Sequence[Recorded], rows: Sequence[Recorded]) -> None:
        """What was missed, event by event; a fresh view where that alone would fill half of an outbox."""
        person = after.people[participant]
        connection = self.connections[participant]
        frames = [event_frame(row) for row in (*missed, *rows) if hears(row.audience, person)]
        if sum(len(frame.wire) for frame in frames) > LARGEST_CATCH_UP:
            connection.send(view_frame(after, participant, connection.session, self._rows))
        elif frames:
            connection.send(*frames)

    def _tell_position(self, participant: str, connection: Connection, meeting: Meeting) -> None:
        now = self._clock.now()
        if now - connection.position_at >= POSITION_EVERY_MS:
            connection.position_at = now
            connection.send(view_frame(meeting, participant, connection.session, self._rows))
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

    def route(self, signal: Signal, meeting: Meeting) -> None:
        """Media to the others of its audience, in the meeting as it was when it was sent."""
        frame = signal_frame(signal)
        for participant, connection in self.connections.items():
            person = meeting.people.get(participant)
            if person is not None and participant != signal.sender and hears(signal.audience, person):
                connection.send(frame)

    def reply(self, connection: Connection, command: Any, ref: str | None, outcome: Outcome) -> None:
        """Answers a command after its events; whoever leaves, or ends the meeting, is closed after the answer."""
        if outcome.refusal is not None:
            connection.send(refusal_frame(ref, outcome.refusal))
        elif not isinstance(command, Media):
            connection.send(reply_frame(ref, outcome.at, dict(outcome.answer)))
            if isinstance(command, Leave | End):
                connection.close(LEFT if isinstance(command, Leave) else ENDED)

    def refresh_all(self) -> None:
        """After the meeting was read again: everybody gets a fresh view of what is stored, or has no place in it any more."""
        meeting = self._seat.meeting
        for participant, connection in tuple(self.connections.items()):
            person = meeting.people.get(participant)
            if person is not None and person.where not in GONE:
                connection.send(view_frame(meeting, participant, connection.session, self._rows))
            elif person is not None and person.where is Place.REMOVED:
                self._detach(participant, connection, REMOVED)
            else:
                self._detach(participant, connection, ENDED if meeting.status == "ended" else FOR_NOW)

    def send_away(self) -> None:
        """Everybody has to come back, for what they were told may not be all; they resume, or get a fresh view."""
        for connection in self.connections.values():
            connection.close(FOR_NOW)

    def drop(self, participant: str, connection: Connection) -> bool:
        """Forgets a connection that ended; False where it spoke for nobody any more."""
        if self.connections.get(participant) is not connection:
            return False
        del self.connections[participant]
        self._seated = None
        return True

    def close_all(self, code: int) -> None:
        """Closes every connection."""
        for connection in self.connections.values():
            connection.close(code)
        self.connections.clear()
        self._seated = None
