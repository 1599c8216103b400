"""Finding, making, loading and forgetting the meetings that run here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from meetingsim.chance import Chance
from meetingsim.clock import Clock
from meetingsim.journal.protocol import Journal, JournalUnavailable, SeqConflict
from meetingsim.live.accounts import Account
from meetingsim.live.rows import row_of
from meetingsim.live.seat import Seat
from meetingsim.state.control import Asker, Context, Refuse
from meetingsim.state.controls.create import Create
from meetingsim.state.engine import NOTHING, decide, record
from meetingsim.state.identity import digest
from meetingsim.state.meeting import Kind, Meeting
from meetingsim.state.places import ImpossibleMove
from meetingsim.state.settings import Settings

ID_DIGITS = 11


@dataclass(frozen=True, slots=True)
class Made:
    """A new meeting with the one secret that is never told again."""

    seat: Seat
    host_token: str


class Seats:
    """Every meeting of a space by id; those of a durable journal are loaded before anybody may ask for them.

    ``taken`` says which ids other spaces have: a socket's path names the meeting and no space.
    """

    def __init__(
        self, journal: Journal, clock: Clock, chance: Chance, taken: Callable[[str], bool] = lambda _: False
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._chance = chance
        self._taken = taken
        self._seats: dict[str, Seat] = {}
        self.closed = False

    async def open(self) -> None:
        """Loads every meeting of the journal, so that seats kept before a restart run out in time. Raises JournalUnavailable."""
        for meeting in await self._journal.meetings():
            if meeting.startswith("@"):
                continue  # accounts and the like, which are no meetings
            try:
                seat = await Seat.load(meeting, self._journal, self._clock)
            except (KeyError, TypeError, ValueError, ImpossibleMove) as error:
                raise JournalUnavailable(
                    f"meeting {meeting} in the data folder cannot be read by this version"
                    f" ({type(error).__name__}: {error}); install the newer one, or choose another data folder"
                ) from error
            if seat is not None:
                self._seats[meeting] = seat

    async def find(self, meeting: str) -> Seat:
        """The meeting with this id. Raises ``no_such_meeting``, or ``unavailable`` where the server stops."""
        if seat := self._seats.get(meeting):
            return seat
        raise _stopping() if self.closed else _unknown()

    def has(self, meeting: str) -> bool:
        """Whether this meeting is one of these."""
        return meeting in self._seats

    def running(self) -> list[Seat]:
        """Every meeting, in order of creation."""
        return list(self._seats.values())

    async def create(
        self,
        topic: str,
        kind: Kind,
        settings: Settings,
        *,
        by: Asker,
        wanted_id: str | None = None,
        account: Account | None = None,
    ) -> Made:
        """Makes a meeting. Raises ``conflict`` where the wanted id is taken, JournalUnavailable where it can't be stored."""
        if self.closed:
            raise _stopping()
        host_token = self._chance.token("host")
        while True:
            meeting_id = wanted_id or self._chance.digits(ID_DIGITS, leading_zero=False)
            try:
                if self._taken(meeting_id):
                    raise SeqConflict(meeting_id)
                meeting = await self._store(meeting_id, topic, kind, settings, host_token, by, account)
                break
            except SeqConflict:
                if wanted_id:
                    raise Refuse("conflict", "There is a meeting with this id already.") from None
        seat = self._seats[meeting_id] = Seat(meeting, self._journal, self._clock)
        return Made(seat, host_token)

    async def _store(
        self,
        meeting_id: str,
        topic: str,
        kind: Kind,
        settings: Settings,
        host_token: str,
        by: Asker,
        account: Account | None,
    ) -> Meeting:
        command = Create(
            meeting_id, topic, kind, settings, digest(host_token), self._chance.token("ids"), self._chance.nonce()
        )
        if account is not None:
            command = replace(
                command, account=account.id, account_domains=account.domains, account_region=account.region
            )
        now = self._clock.now()
        decision = decide(NOTHING, command, Context(now, by, "http"))
        meeting, rows = record(NOTHING, decision.facts, now)
        await self._journal.append(meeting_id, 0, [row_of(row) for row in rows])
        return meeting

    async def delete(self, meeting: str) -> None:
        """Ends and forgets a meeting; its reports and their evidence stay.

        Raises ``no_such_meeting``, and JournalUnavailable where the journal keeps it: then it goes on, with everybody
        thrown out.
        """
        seat = await self.find(meeting)
        del self._seats[meeting]
        await seat.stop(4502)
        try:
            await self._journal.forget(meeting)
        except JournalUnavailable:
            again = self._seats[meeting] = Seat(seat.meeting, self._journal, self._clock)
            await again.restarted()
            raise

    def crash(self) -> None:
        """Forgets every meeting at once, as if the process had died; the journal has them all."""
        self.closed = True
        for seat in self._seats.values():
            seat.crash()
        self._seats.clear()

    async def close(self, code: int) -> None:
        """Stops every meeting's writer and closes every connection with this code."""
        self.closed = True
        await asyncio.gather(*(seat.stop(code) for seat in self._seats.values()))
        self._seats.clear()


def _unknown() -> Refuse:
    return Refuse("no_such_meeting", "There is no meeting with this id.")


def _stopping() -> Refuse:
    return Refuse("unavailable", "The server is stopping.")
