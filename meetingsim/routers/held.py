"""People whom the server itself holds: through the same door, by the same rules, with nobody behind them but a tester."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from starlette.types import Scope

from meetingsim.clock import Timer
from meetingsim.live.asks import Outcome
from meetingsim.live.connections import Connection
from meetingsim.live.outbox import Outbox
from meetingsim.live.recording import RecordedSink
from meetingsim.live.seat import Seat
from meetingsim.routers.shapes import Behaviour, NewPeople
from meetingsim.routers.visit import Visit
from meetingsim.routers.wire import read_command
from meetingsim.routers.world import Json, World
from meetingsim.state.codes import REFUSALS
from meetingsim.state.control import Command, Refuse
from meetingsim.state.controls.join import Join
from meetingsim.state.controls.presence import Resume
from meetingsim.state.meeting import Place

_CREDENTIALS = {"passcode", "ticket", "user_token", "host_token"}
_TALKER_MS, _RAIDER_MS = 4_000, 500
_OPENING: dict[Behaviour, tuple[Json, ...]] = {
    "silent": (),
    "talker": ({"type": "set_audio", "on": True}, {"type": "set_video", "on": True}),
    "raider": (
        {"type": "set_audio", "on": True},
        {"type": "set_video", "on": True},
        {"type": "start_share"},
        {"type": "annotate"},
    ),
}
"""What they do as soon as they are inside."""


Action = Command | Json | Literal["drop"]
"""A command, the fields of a resume, or the line cut."""


def action_of(frame: Json) -> Action:
    """What a held person is asked to do, as a frame; ``drop`` cuts their line, ``resume`` brings them back.

    Raises ``malformed``.
    """
    name = frame.get("type")
    if name == "drop":
        if len(frame) > 1:
            raise Refuse("malformed", "drop: It has no fields.")
        return "drop"
    if name == "resume":
        return {key: value for key, value in frame.items() if key != "type"}
    if name == "join":
        raise Refuse("malformed", "type: They have joined already.")
    return read_command(frame)[0]


def require_origin(world: World, asked: NewPeople) -> None:
    """The country or address that they come from is one. Raises ``malformed``."""
    world.origins.simulated(asked, {"type": "http", "headers": []}, admin=True)


class Held:
    """Somebody held by the server, from the first knock on; commands are decided as those of a socket."""

    def __init__(self, world: World, meeting: str, scope: Scope, behaviour: Behaviour = "silent") -> None:
        self._world = world
        self._meeting = meeting
        self._scope = scope
        self._behaviour: Behaviour = behaviour
        self._said = 0
        self._timer: Timer | None = None
        self._begun = False
        self._visit, self._connection = self._arrive()

    @property
    def participant(self) -> str | None:
        """Who they are in the meeting, once let in."""
        return self._connection.participant

    @property
    def connected(self) -> bool:
        """Whether their connection is open."""
        return not self._connection.closed

    def place(self) -> str | None:
        """Where they are now, as a word of the contract."""
        seat, participant = self._visit.seat, self.participant
        person = seat.meeting.people.get(participant) if seat and participant else None
        return person.place.value if person else None

    async def join(self, said: Json) -> Outcome:
        """Knocks. A refusal is an outcome, too."""
        command, _ = read_command({"type": "join", **said})
        assert isinstance(command, Join)
        outcome = await self._visit.knock(command)
        if outcome.refusal is None:
            self._act()
        return outcome

    async def does(self, action: Action) -> Json:
        """Does something; the answer is the reply's. Raises Refuse."""
        if action == "drop":
            self._visit.over()
            await self._seat().settled()
            return {}
        if isinstance(action, dict):
            return await self._resume(action)
        ask = self._visit.ask(action) if self.connected else None
        if ask is None:
            raise Refuse("not_inside", "That person is not connected any more; resume brings them back.")
        return _answer(await self._seat().ask(ask))

    async def _resume(self, fields: Json) -> Json:
        seat, known = self._seat(), self._connection
        said = {"session": known.session, "epoch": seat.meeting.epoch, "after": seat.meeting.seq, **fields}
        command, _ = read_command({"type": "resume", **said})
        assert isinstance(command, Resume)
        visit, connection = self._arrive()
        outcome = await visit.knock(command)
        if outcome.refusal is None:
            self._visit, self._connection = visit, connection
            self._act()
        else:
            connection.close(4002)
        return _answer(outcome)

    def _arrive(self) -> tuple[Visit, Connection]:
        sink = RecordedSink(self._world.recordings.of(self._meeting))
        connection = sink.connection = Connection(Outbox(sink), "people")
        visit = Visit(self._world, self._meeting, self._scope, connection, admin=True)
        sink.on_close = visit.over
        return visit, connection

    def _seat(self) -> Seat:
        assert self._visit.seat is not None, "nobody is held who was not let in"
        return self._visit.seat

    def _act(self) -> None:
        """Looks whether they are inside, does what they do there, and comes back to it."""
        if self._timer:
            self._timer.cancel()  # whoever resumes at once still has the one from before
        if not self.connected or self._behaviour == "silent":
            return
        if self.place() == Place.INSIDE.value:
            for frame in self._turn():
                self._submit(read_command(frame)[0])
        now = self._world.clock.now()
        self._timer = self._world.clock.call_at(now + (_RAIDER_MS if self._raids else _TALKER_MS), self._act)

    @property
    def _raids(self) -> bool:
        return self._behaviour == "raider"

    def _turn(self) -> Iterator[Json]:
        if not self._begun:
            self._begun = True
            yield from _OPENING[self._behaviour]
        self._said += 1
        yield {"type": "chat", "text": f"offensive-text-{self._said}" if self._raids else f"Line {self._said}"}
        if self._raids and self._said % 10 == 0:
            yield {"type": "rename", "name": f"offensive-name-{self._said}"}

    def _submit(self, command: Command) -> None:
        """Refusals are what a raider meets; nobody waits for them."""
        try:
            ask = self._visit.ask(command)
        except Refuse:
            return
        if ask is not None:
            self._seat().submit(ask)


async def hold(world: World, seat: Seat, scope: Scope, asked: NewPeople) -> list[Json]:
    """Lets people knock one after another, and says what became of each: who and where they are, or why not."""
    require_origin(world, asked)
    return [await _knock(world, seat, scope, asked, number) for number in range(1, asked.count + 1)]


async def _knock(world: World, seat: Seat, scope: Scope, asked: NewPeople, number: int) -> Json:
    several = asked.count > 1
    said = asked.model_dump(include=_CREDENTIALS | {"name", "country", "address", "device"}, exclude_none=True)
    if several:
        said["name"] = f"{asked.name} {number}"
        said |= {"device": f"{asked.device}-{number}"} if asked.device else {}
    if not said.keys() & _CREDENTIALS and seat.meeting.settings.passcode:
        said["passcode"] = seat.meeting.settings.passcode
    held = Held(world, seat.meeting.id, scope, asked.behaviour)
    outcome = await held.join(said)
    if outcome.refusal is not None or held.participant is None:
        return {"participant": None, "place": None, "error": _error(outcome)}
    world.held.setdefault(seat.meeting.id, {})[held.participant] = held
    return {"participant": held.participant, "place": held.place()}


def _error(outcome: Outcome) -> Json:
    refusal = outcome.refusal
    code = refusal.code if refusal else "unavailable"
    return {
        "code": code,
        "detail": refusal.detail if refusal else "",
        "temporary": REFUSALS[code].temporary,
        **(dict(refusal.because) if refusal else {}),
    }


def _answer(outcome: Outcome) -> Json:
    if outcome.refusal is not None:
        raise Refuse(outcome.refusal.code, outcome.refusal.detail, **dict(outcome.refusal.because))
    return {**({} if outcome.at is None else {"seq": outcome.at}), **outcome.answer}
