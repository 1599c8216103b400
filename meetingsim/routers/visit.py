"""One connection's way through the door and on: frames in, one command each, whoever holds the other end."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from starlette.types import Scope

from meetingsim.journal.protocol import JournalUnavailable
from meetingsim.live.asks import SPENT, Ask, Outcome
from meetingsim.live.budgets import GUESSED, Guesser
from meetingsim.live.connections import Connection
from meetingsim.live.frames import refusal_frame
from meetingsim.live.seat import Seat
from meetingsim.live.tickets import Checked
from meetingsim.routers.wire import is_control, parse, read_command
from meetingsim.routers.world import World
from meetingsim.state.control import Asker, Command, Refusal, Refuse
from meetingsim.state.controls.join import Join
from meetingsim.state.controls.media import Media
from meetingsim.state.controls.presence import Resume
from meetingsim.state.identity import clean_name, digest
from meetingsim.state.meeting import Origin

QUIET_DOOR_SECONDS = 0.25
"""With a quiet door every refusal before the credential is answered this long after the frame came."""
MOST_WAITING = 256
"""Frames of one connection that may wait to be decided before its socket is read no further."""
ABUSE = 4504
_KNOCKS = ("join", "resume")
_QUIET = Refusal("wrong_passcode", "That meeting or its passcode is wrong.")
_QUIET_RESUME = Refusal("resume_lost", "This session is unknown or over: join again.")
_BEFORE_CREDENTIAL = GUESSED | {"no_such_meeting", "ended"}
_BEFORE_SESSION = frozenset({"no_such_meeting", "ended", "resume_lost"})


class Visit:
    """One connection from its first frame to its end. ``seat`` is the meeting it was let into."""

    def __init__(self, world: World, meeting: str, scope: Scope, connection: Connection, *, admin: bool) -> None:
        self.seat: Seat | None = None
        self._world = world
        self._meeting = meeting
        self._scope = scope
        self._connection = connection
        self._submitted = 0
        self._admin = admin

    def over(self) -> None:
        """The connection is closed, by whichever side."""
        if self.seat is not None:
            self.seat.dropped(self._connection)
        self._connection.close(1000)

    def _read(self, raw: str | bytes) -> tuple[Command, str | None] | None:
        """A frame as a command; answers what cannot be read, and ends a connection that sends too much of it."""
        ref: str | None = None
        tried = False
        try:
            if isinstance(raw, bytes):
                raise Refuse("malformed", "Send text frames.")
            frame = parse(raw)
            if not isinstance(frame, dict):
                raise Refuse("malformed", "Send one JSON object a frame.")
            if isinstance(frame.get("ref"), str):
                ref = frame["ref"]
            tried = frame.get("type") in _KNOCKS
            return read_command(frame)
        except Refuse as refuse:
            self._refuse(ref, refuse.refusal)
            if self._connection.malformed.count(self._world.clock.now()):
                self._connection.close(ABUSE)
            elif self.seat is None and tried:
                self._count_try("malformed")
            return None

    def _refuse(self, ref: str | None, refusal: Refusal) -> None:
        because = {"rule": refusal.code, "door": self._connection.door, **refusal.because}
        self._connection.send(refusal_frame(ref, replace(refusal, because=because)))

    async def at_door(self, raw: str | bytes) -> None:
        """A frame of somebody who is not let in yet; one after another, each awaited."""
        read = self._read(raw)
        if read is None:
            return
        command, ref = read
        if isinstance(command, Join | Resume):
            await self.knock(command, ref)
        else:
            self._turn_away(ref, Refusal("not_inside", "Join or resume first."))

    async def knock(self, command: Join | Resume, ref: str | None = None) -> Outcome:
        """Asks to be let in; a refusal is told to the connection, and counted."""
        asked_at = asyncio.get_running_loop().time()
        try:
            seat, outcome = await self._let_in(command, ref)
        except Refuse as refuse:
            seat, outcome = None, Outcome(refuse.refusal)
        except JournalUnavailable as error:
            seat, outcome = None, Outcome(Refusal("unavailable", str(error)))
        if outcome.refusal is None:
            self.seat = seat
        elif said := self._quietly(command, seat, outcome.refusal):
            await asyncio.sleep(max(0.0, asked_at + QUIET_DOOR_SECONDS - asyncio.get_running_loop().time()))
            self._turn_away(ref, said)
        elif not self._connection.closed:
            self._turn_away(ref, outcome.refusal)
        return outcome

    def _quietly(self, command: Join | Resume, seat: Seat | None, refusal: Refusal) -> Refusal | None:
        """What a quiet door says in place of a refusal that would tell a stranger what exists; None where it need not."""
        if not self._world.settings.quiet_door:
            return None
        if isinstance(command, Join):
            return _QUIET if refusal.code in _BEFORE_CREDENTIAL else None
        stranger = seat is None or not seat.knows(command.session)
        return _QUIET_RESUME if stranger and refusal.code in _BEFORE_SESSION else None

    async def _let_in(self, command: Join | Resume, ref: str | None) -> tuple[Seat, Outcome]:
        checked = self._checked(command)
        if checked.device is not None and isinstance(command, Join):
            command = replace(command, device=checked.device)
        simulated = self._world.origins.simulated(command, self._scope, admin=self._admin)
        if checked.ticket and checked.country:
            simulated = self._world.origins.of_country(checked.country, checked.ticket.ticket)
        origin = simulated or self._world.origins.peer(self._scope)
        guesser = self._guesser(command, origin.address or "")
        if isinstance(command, Join) and self._world.settings.quiet_door:
            clean_name(command.name)
        try:
            seat = await self._world.seats.find(self._meeting)
        except Refuse as refuse:
            now = self._world.clock.now()
            if guesser and guesser.spent(now):
                raise Refuse(SPENT.code, SPENT.detail) from None
            if guesser:
                guesser.refused(refuse.refusal.code, now)
            raise
        if isinstance(command, Resume) and simulated is None:
            origin = seat.simulated_origin(command.session) or origin
        ask = self._knocking(command, ref, origin, guesser)
        ask.ticket, ask.ticket_fault = checked.ticket, checked.fault
        if isinstance(command, Join):
            ask.user = self._world.accounts.user(command.user_token)
        return seat, await seat.ask(ask)

    def _checked(self, command: Join | Resume) -> Checked:
        """The ticket that was shown, if one was, by its signature, its meeting and its time."""
        if isinstance(command, Resume) or command.ticket is None:
            return Checked()
        return self._world.tickets.check(self._meeting, command.ticket)

    def _guesser(self, command: Join | Resume, address: str) -> Guesser | None:
        """Who may guess too much; a quiet door counts whatever it answers alike, or the count would tell.

        A session is no guess: nobody finds one, and whoever lost a connection must not wait for a neighbour who guesses.
        """
        settings = self._world.settings
        if settings.limits == "off" or isinstance(command, Resume):
            return None
        counted = _BEFORE_CREDENTIAL if settings.quiet_door else GUESSED | {"no_such_meeting"}
        return Guesser(self._world.guesses, self._meeting, address, counted)

    def _knocking(self, command: Join | Resume, ref: str | None, origin: Origin, guesser: Guesser | None) -> Ask:
        session = self._world.chance.token("session")
        return Ask(
            command,
            Asker("newcomer"),
            "resume" if isinstance(command, Resume) else self._connection.door,
            nonce=self._world.chance.nonce(),
            session=session,
            digest=digest(session),
            origin=origin,
            connection=self._connection,
            guesser=guesser,
            ref=ref,
        )

    def _turn_away(self, ref: str | None, refusal: Refusal) -> None:
        self._refuse(ref, refusal)
        self._count_try(refusal.code)

    def _count_try(self, code: str) -> None:
        close = self._connection.turned_away(code)
        if close is not None:
            self._connection.close(close)

    async def inside(self, raw: str | bytes) -> None:
        """A frame of somebody who was let in: it goes to the mailbox, and the reader reads on; after so many it waits."""
        ask = self.read(raw)
        if ask is None or self.seat is None:
            return
        self._submitted += 1
        if self._submitted % MOST_WAITING:
            self.seat.submit(ask)
        else:
            await self.seat.ask(ask)

    def read(self, raw: str | bytes) -> Ask | None:
        """A frame of somebody who was let in, ready for the mailbox; what is wrong with it is answered, and None."""
        read = self._read(raw)
        if read is None:
            return None
        command, ref = read
        try:
            return self.ask(command, ref)
        except Refuse as refuse:
            self._refuse(ref, refuse.refusal)
            return None

    def ask(self, command: Command, ref: str | None = None) -> Ask | None:
        """A command of whoever was let in, for the seat; None for one whose connection speaks for nobody any more.

        Raises Refuse for a second join and for too many commands.
        """
        participant = self._connection.participant
        if participant is None:
            return None
        if isinstance(command, Join | Resume):
            raise Refuse("conflict", "This connection has joined already.")
        if not self._affordable(participant, command):
            raise Refuse("rate_limited", "Too many commands in a short time.")
        asker, nonce = Asker("person", participant), self._world.chance.nonce()
        return Ask(command, asker, self._connection.door, nonce=nonce, connection=self._connection, ref=ref)

    def _affordable(self, participant: str, command: Command) -> bool:
        if self._world.settings.limits == "off" or self.seat is None:
            return True
        person = self.seat.meeting.people.get(participant)
        control = person is not None and person.is_host and is_control(command.type)
        budget = self.seat.budget(participant)
        return budget.take(self._world.clock.now(), control=control, media=isinstance(command, Media))
