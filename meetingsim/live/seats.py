"""Finding, making, loading and forgetting the meetings that run here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from meetingsim.chance import Chance
from meetingsim.clock import Clock
from meetingsim.journal.protocol import Journal, SeqConflict
from meetingsim.live.rows import row_of
from meetingsim.live.seat import Seat
from meetingsim.state.control import Asker, Context, Refuse
from meetingsim.state.controls.create import Create
from meetingsim.state.engine import NOTHING, decide, record
from meetingsim.state.identity import digest
from meetingsim.state.meeting import Kind, Meeting
from meetingsim.state.settings import Settings

ID_DIGITS = 11


@dataclass(frozen=True, slots=True)
class Made:
    """A new meeting with the one secret that is never told again."""

    seat: Seat
    host_token: str


class Seats:
    """Every meeting of this server by id. Meetings of a durable journal are loaded when somebody asks for them."""

    def __init__(self, journal: Journal, clock: Clock, chance: Chance) -> None:
        self._journal = journal
        self._clock = clock
        self._chance = chance
        self._seats: dict[str, Seat] = {}
        self._loading: dict[str, asyncio.Lock] = {}
        self.closed = False

    async def open(self) -> None:
        """Learns which meetings the journal has, and loads them, so that seats kept before a restart run out in time."""
        for meeting in await self._journal.meetings():
            await self.find(meeting)

    async def find(self, meeting: str) -> Seat:
        """The meeting with this id. Raises ``no_such_meeting``."""
        if seat := self._seats.get(meeting):
            return seat
        if not self._journal.durable:
            raise _unknown()
        async with self._loading.setdefault(meeting, asyncio.Lock()):
            if seat := self._seats.get(meeting):
                return seat
            loaded = await Seat.load(meeting, self._journal, self._clock)
            self._loading.pop(meeting, None)
            if loaded is None:
                raise _unknown()
            self._seats[meeting] = loaded
            return loaded

    def running(self) -> list[Seat]:
        """Every meeting, in order of creation."""
        return list(self._seats.values())

    async def create(
        self, topic: str, kind: Kind, settings: Settings, *, by: Asker, wanted_id: str | None = None
    ) -> Made:
        """Makes a meeting. Raises ``conflict`` where the wanted id is taken, JournalUnavailable where it can't be stored."""
        host_token = self._chance.token("host")
        while True:
            meeting_id = wanted_id or self._chance.digits(ID_DIGITS, leading_zero=False)
            try:
                meeting = await self._store(meeting_id, topic, kind, settings, host_token, by)
                break
            except SeqConflict:
                if wanted_id:
                    raise Refuse("conflict", "There is a meeting with this id already.") from None
        seat = self._seats[meeting_id] = Seat(meeting, self._journal, self._clock)
        return Made(seat, host_token)

    async def _store(
        self, meeting_id: str, topic: str, kind: Kind, settings: Settings, host_token: str, by: Asker
    ) -> Meeting:
        command = Create(
            meeting_id, topic, kind, settings, digest(host_token), self._chance.token("ids"), self._chance.nonce()
        )
        now = self._clock.now()
        decision = decide(NOTHING, command, Context(now, by, "http"))
        meeting, rows = record(NOTHING, decision.facts, now)
        await self._journal.append(meeting_id, 0, [row_of(row) for row in rows])
        return meeting

    async def delete(self, meeting: str) -> None:
        """Ends and forgets a meeting; its reports and their evidence stay."""
        seat = await self.find(meeting)
        del self._seats[meeting]
        await seat.stop(4502)
        await self._journal.forget(meeting)

    async def close(self, code: int) -> None:
        """Stops every meeting's writer and closes every connection with this code."""
        self.closed = True
        await asyncio.gather(*(seat.stop(code) for seat in self._seats.values()))
        self._seats.clear()


def _unknown() -> Refuse:
    return Refuse("no_such_meeting", "There is no meeting with this id.")
