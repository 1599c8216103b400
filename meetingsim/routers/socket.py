"""The socket: frames in, one command each; what goes out comes from the seat through the connection's outbox."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from meetingsim.journal.protocol import JournalUnavailable
from meetingsim.live.asks import SPENT, Ask, Outcome
from meetingsim.live.budgets import GUESSED, Guesser
from meetingsim.live.connections import Connection
from meetingsim.live.frames import refusal_frame
from meetingsim.live.outbox import Outbox
from meetingsim.live.seat import Seat
from meetingsim.live.tickets import Checked
from meetingsim.routers.protocol import sink_of
from meetingsim.routers.wire import is_control, parse, read_command
from meetingsim.routers.world import World, bearer
from meetingsim.state.control import Asker, Command, Refusal, Refuse
from meetingsim.state.controls.join import Join
from meetingsim.state.controls.media import Media
from meetingsim.state.controls.presence import Resume
from meetingsim.state.identity import clean_name, digest
from meetingsim.state.meeting import Origin

SUBPROTOCOL = "meetingsim.v1"
FIRST_FRAME_MS = 60_000
"""How long a connection may take until a join or resume lets it in."""
QUIET_DOOR_SECONDS = 0.25
"""With a quiet door every refusal before the credential is answered this long after the frame came."""
MOST_WAITING = 256
"""Frames of one connection that may wait to be decided before its socket is read no further."""
ABUSE, NO_JOIN = 4504, 4004
_KNOCKS = ("join", "resume")
_QUIET = Refusal("wrong_passcode", "That meeting or its passcode is wrong.")
_QUIET_RESUME = Refusal("resume_lost", "This session is unknown or over: join again.")
_BEFORE_CREDENTIAL = GUESSED | {"no_such_meeting", "ended"}
_BEFORE_SESSION = frozenset({"no_such_meeting", "ended", "resume_lost"})


class MeetingSocket:
    """The ASGI endpoint of every meeting's socket; a raw one, because a join must be cheap."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        offered = SUBPROTOCOL in (scope.get("subprotocols") or ())
        await websocket.accept(subprotocol=SUBPROTOCOL if offered else None)
        visit = Visit(self._world, websocket, scope["path_params"]["meeting"])
        try:
            await visit.serve()
        except WebSocketDisconnect:
            pass
        finally:
            visit.over()


class Visit:
    """One connection from the upgrade to the end."""

    def __init__(self, world: World, websocket: WebSocket, meeting: str) -> None:
        self._world = world
        self._websocket = websocket
        self._meeting = meeting
        self._connection = Connection(Outbox(sink_of(websocket), on_overflow=None))
        self._seat: Seat | None = None
        self._submitted = 0
        self._admin = world.is_admin(bearer(websocket.headers))

    async def serve(self) -> None:
        """Reads frames until the socket ends; the first one that lets in must come in time."""
        clock = self._world.clock
        # What was asked is never given up: a knock cut off after it was decided would leave a ghost inside.
        timer = clock.call_at(clock.now() + FIRST_FRAME_MS, self._too_late)
        try:
            while self._seat is None:
                await self._at_door(await self._receive())
        finally:
            timer.cancel()
        while True:
            await self._inside(await self._receive())

    def over(self) -> None:
        """The socket is closed, by whichever side."""
        if self._seat is not None:
            self._seat.dropped(self._connection)
        self._connection.close(1000)

    def _too_late(self) -> None:
        self._connection.close(NO_JOIN)

    async def _receive(self) -> str | bytes:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect" or self._connection.closed:
            raise WebSocketDisconnect(message.get("code", 1006))
        text: str | None = message.get("text")
        return text if text is not None else message["bytes"]

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
            elif self._seat is None and tried:
                self._count_try("malformed")
            return None

    def _refuse(self, ref: str | None, refusal: Refusal) -> None:
        because = {"rule": refusal.code, "door": "socket", **refusal.because}
        self._connection.send(refusal_frame(ref, replace(refusal, because=because)))

    # At the door: one frame after another, each awaited.

    async def _at_door(self, raw: str | bytes) -> None:
        read = self._read(raw)
        if read is None:
            return
        command, ref = read
        if not isinstance(command, Join | Resume):
            self._turn_away(ref, Refusal("not_inside", "Join or resume first."))
            return
        asked_at = asyncio.get_running_loop().time()
        try:
            seat, outcome = await self._knock(command, ref)
        except Refuse as refuse:
            seat, outcome = None, Outcome(refuse.refusal)
        except JournalUnavailable as error:
            seat, outcome = None, Outcome(Refusal("unavailable", str(error)))
        if outcome.refusal is None:
            self._seat = seat
        elif said := self._quietly(command, seat, outcome.refusal):
            await asyncio.sleep(max(0.0, asked_at + QUIET_DOOR_SECONDS - asyncio.get_running_loop().time()))
            self._turn_away(ref, said)
        elif not self._connection.closed:
            self._turn_away(ref, outcome.refusal)

    def _quietly(self, command: Join | Resume, seat: Seat | None, refusal: Refusal) -> Refusal | None:
        """What a quiet door says in place of a refusal that would tell a stranger what exists; None where it need not."""
        if not self._world.settings.quiet_door:
            return None
        if isinstance(command, Join):
            return _QUIET if refusal.code in _BEFORE_CREDENTIAL else None
        stranger = seat is None or not seat.knows(command.session)
        return _QUIET_RESUME if stranger and refusal.code in _BEFORE_SESSION else None

    async def _knock(self, command: Join | Resume, ref: str | None) -> tuple[Seat, Outcome]:
        checked = self._checked(command)
        if checked.device is not None and isinstance(command, Join):
            command = replace(command, device=checked.device)
        simulated = self._world.origins.simulated(command, self._websocket.scope, admin=self._admin)
        if checked.ticket and checked.country:
            simulated = self._world.origins.of_country(checked.country, checked.ticket.ticket)
        origin = simulated or self._world.origins.peer(self._websocket.scope)
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
        ask = self._ask(command, ref, origin, guesser)
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

    def _ask(self, command: Join | Resume, ref: str | None, origin: Origin, guesser: Guesser | None) -> Ask:
        session = self._world.chance.token("session")
        return Ask(
            command,
            Asker("newcomer"),
            "resume" if isinstance(command, Resume) else "socket",
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

    # Let in: every frame goes to the mailbox, and the reader reads on; after so many it waits until they are decided.

    async def _inside(self, raw: str | bytes) -> None:
        assert self._seat is not None
        read = self._read(raw)
        if read is None:
            return
        command, ref = read
        participant = self._connection.participant
        if participant is None:
            return
        if isinstance(command, Join | Resume):
            self._refuse(ref, Refusal("conflict", "This connection has joined already."))
        elif not self._affordable(participant, command):
            self._refuse(ref, Refusal("rate_limited", "Too many commands in a short time."))
        else:
            asker = Asker("person", participant)
            nonce = self._world.chance.nonce()
            ask = Ask(command, asker, "socket", nonce=nonce, connection=self._connection, ref=ref)
            self._submitted += 1
            if self._submitted % MOST_WAITING:
                self._seat.submit(ask)
            else:
                await self._seat.ask(ask)

    def _affordable(self, participant: str, command: Command) -> bool:
        if self._world.settings.limits == "off" or self._seat is None:
            return True
        person = self._seat.meeting.people.get(participant)
        control = person is not None and person.is_host and is_control(command.type)
        budget = self._seat.budget(participant)
        return budget.take(self._world.clock.now(), control=control, media=isinstance(command, Media))
