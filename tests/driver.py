"""A meeting under test: commands go in, and everyone connected has the picture folded from what they were sent.

It does what the live shell does, without sockets, storage or time of its own: ``engine`` decides, ``delivery`` says who gets
what, and each frame passes through JSON on its way. Nothing here knows the rules of a meeting.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from meetingsim.state.control import (
    Asker,
    AskerKind,
    Command,
    Context,
    Decision,
    Door,
    Event,
    Fact,
    Filing,
    Recorded,
    Refused,
    Signal,
    Stamp,
    Ticket,
    User,
)
from meetingsim.state.controls.create import Create
from meetingsim.state.controls.join import Join
from meetingsim.state.controls.presence import Drop, Restarted, Resume, TimePassed
from meetingsim.state.delivery import Delivery, deliveries
from meetingsim.state.engine import (
    NOTHING,
    audience,
    decide,
    decide_each,
    event_data,
    event_from,
    evolve,
    hears,
    next_deadline,
    show,
)
from meetingsim.state.entry_events import EntryRefused
from meetingsim.state.identity import digest
from meetingsim.state.meeting import Meeting, Origin, Person, Place, Role, View
from meetingsim.state.plain import frame_of
from meetingsim.state.settings import Settings
from meetingsim.state.view import view_of

NOON = 1_767_268_800_000
PASSCODE = "914772"
HOST_TOKEN = "host-token-of-the-meeting"
HTTP_HOST, ADMIN, CLOCK = Asker("host"), Asker("admin"), Asker("clock")

Move = tuple[Place | None, str, Place]


def as_json(value: Any) -> str:
    """One text for what is the same JSON; the order of keys says nothing, the order of lists does."""
    return json.dumps(value, sort_keys=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one command led to."""

    command: Command | Sequence[Command]
    asker: Asker
    code: str | None
    detail: str
    because: Mapping[str, Any]
    rows: tuple[Recorded, ...]
    deliveries: tuple[Delivery, ...]
    answer: Mapping[str, Any]
    filings: tuple[Filing, ...]
    signals: tuple[Signal, ...]
    participant: str | None
    tally: bool

    @property
    def events(self) -> list[Any]:
        """What happened."""
        return [row.event for row in self.rows]

    @property
    def reason(self) -> Mapping[str, Any]:
        """Why the first of it happened."""
        return self.rows[0].because or {}

    def reasons(self, kind: str) -> list[Mapping[str, Any]]:
        """Why the events of that type happened."""
        return [row.because or {} for row in self.rows if row.event.type == kind]

    @property
    def types(self) -> list[str]:
        """The same by name."""
        return [row.event.type for row in self.rows]

    def __str__(self) -> str:
        return f"{self.asker.participant or self.asker.kind}: {self.command} -> {self.code or ', '.join(self.types) or 'ok'}"


@dataclass(slots=True)
class Sim:
    """The driver. ``pictures`` are those of everyone connected; ``inbox`` is all that anybody was ever sent, in order.

    ``watch`` is called after every command.
    """

    settings: Settings = field(default_factory=lambda: Settings(passcode=PASSCODE))
    topic: str = "History"
    meeting: Meeting = NOTHING
    now: int = NOON
    rows: list[Recorded] = field(default_factory=list)
    pictures: dict[str, View] = field(default_factory=dict)
    inbox: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    moves: set[Move] = field(default_factory=set)
    log: list[Outcome] = field(default_factory=list)
    watch: Callable[[Sim], None] | None = None
    unknown_knocks: int = 0
    _kept: dict[str, tuple[View, int]] = field(default_factory=dict)
    _made: int = 0

    def __post_init__(self) -> None:
        secret = digest(HOST_TOKEN)
        self.run(
            Create("70112233445", self.topic, "meeting", self.settings, secret, "a-key", "an-epoch"), ADMIN, "http"
        )

    # -- asking ------------------------------------------------------------------------------------------------------

    def tell(self, participant: str, command: Command) -> Outcome:
        """Somebody asks on their own connection."""
        return self.run(command, Asker("person", participant))

    def http(self, *commands: Command, kind: AskerKind = "host") -> Outcome:
        """A token asks; several commands are one request."""
        return self.run(commands[0] if len(commands) == 1 else commands, Asker(kind), "http")

    def join(
        self,
        name: str = "Mia",
        *,
        host: bool = False,
        passcode: str | None = PASSCODE,
        host_token: str | None = None,
        user: str | None = None,
        ticket: str | None = None,
        role: Role = Role.PARTICIPANT,
        device: str | None = None,
        origin: Origin | None = None,
        country: str | None = None,
        door: Door = "socket",
        **said: str,
    ) -> Outcome:
        """Somebody is at the door. ``user`` and ``ticket`` were found to be good; ``said`` is what was shown besides."""
        command = Join(
            name,
            passcode,
            said.get("ticket_text", ticket),
            said.get("user_token", user),
            HOST_TOKEN if host else host_token,
            device,
        )
        self._made += 1
        session = f"session-{self._made}"
        return self.run(
            command,
            Asker("newcomer"),
            door,
            origin=origin or Origin(country=country, source="plan" if country else "none"),
            session=session,
            user=User(user, "a-1") if user else None,
            ticket=Ticket(ticket, role) if ticket else None,
        )

    def enter(self, name: str = "Mia", **how: Any) -> str:
        """Somebody joins who must not be refused; answers with the participant."""
        outcome = self.join(name, **how)
        assert outcome.code is None, f"{name}: {outcome.code}"
        assert outcome.participant is not None
        return outcome.participant

    def resume(self, session: str, *, origin: Origin | None = None) -> Outcome:
        """A connection goes on with a session; without ``origin`` from where its owner came.

        Somebody still connected goes on from what they have.
        """
        kept = digest(session)
        owner = next((one for one in self.meeting.people.values() if one.session == kept), None)
        if owner and owner.id in self.pictures:
            self._kept[owner.id] = (json.loads(json.dumps(self.pictures[owner.id])), self.meeting.seq)
        came = origin or (owner.origin if owner else Origin())
        after = self._kept[owner.id][1] if owner and owner.id in self._kept else self.meeting.seq
        command = Resume(session, self.meeting.epoch, after)
        return self.run(command, Asker("newcomer"), "resume", origin=came, session=digest(session))

    def drop(self, participant: str) -> Outcome:
        """A connection ends without ``leave``."""
        self._keep(participant)
        return self.run(Drop(), Asker("person", participant))

    def pass_time(self, ms: int) -> Outcome | None:
        """The clock goes on; what is due happens."""
        self.now += ms
        due = next_deadline(self.meeting)
        if (due is not None and due <= self.now) or self.unknown_knocks:
            return self.run(TimePassed(), CLOCK, "resume")
        return None

    def restart(self) -> Outcome:
        """The server stops; what it knows afterwards is what it wrote."""
        for participant in list(self.pictures):
            self._keep(participant)
        self.meeting = self.replayed()
        return self.run(Restarted(), CLOCK, "resume")

    # -- what the shell does -----------------------------------------------------------------------------------------

    def run(
        self,
        command: Command | Sequence[Command],
        asker: Asker,
        door: Door = "socket",
        *,
        origin: Origin | None = None,
        session: str = "",
        user: User | None = None,
        ticket: Ticket | None = None,
    ) -> Outcome:
        """One command through the engine, and everybody told of it."""
        self._made += 1
        kept = digest(session) if session and door != "resume" else session
        context = Context(
            self.now,
            asker,
            door,
            origin or Origin(),
            digest(f"nonce-{self._made}")[:32],
            kept,
            self.unknown_knocks,
            user,
            ticket,
        )
        if isinstance(command, Command):
            decision = decide(self.meeting, command, context)
        else:
            decision = decide_each(self.meeting, command, context)
        before, rows = self.meeting, self._record(decision.facts)
        self._count(decision)
        accepted = decision if isinstance(decision, Decision) else Decision()
        if accepted.participant and session and door != "resume":
            self.sessions[accepted.participant] = session
        told = self._tell(before, rows, accepted.participant, command)
        refusal = decision.refusal if isinstance(decision, Refused) else None
        outcome = Outcome(
            command,
            asker,
            refusal.code if refusal else None,
            refusal.detail if refusal else "",
            refusal.because if refusal else {},
            tuple(rows),
            told,
            accepted.answer,
            accepted.filings,
            accepted.signals,
            accepted.participant,
            isinstance(decision, Refused) and decision.tally,
        )
        self.log.append(outcome)
        if self.watch is not None:
            self.watch(self)
        return outcome

    def _record(self, facts: Sequence[Fact]) -> list[Recorded]:
        """As ``engine.record``, and notes every move."""
        rows: list[Recorded] = []
        for fact in facts:
            before, seq = self.meeting, self.meeting.seq + 1
            after = evolve(before, fact.event, Stamp(seq, self.now))
            rows.append(Recorded(seq, self.now, fact.event, fact.because, audience(before, after, fact.event)))
            self.moves.update(_moves(before, after, fact.event))
            self.meeting = after
        self.rows += rows
        return rows

    def _count(self, decision: Decision | Refused) -> None:
        self.unknown_knocks += isinstance(decision, Refused) and decision.tally
        if any(isinstance(fact.event, EntryRefused) and fact.event.name is None for fact in decision.facts):
            self.unknown_knocks = 0

    def _tell(
        self, before: Meeting, rows: Sequence[Recorded], entered: str | None, command: Any
    ) -> tuple[Delivery, ...]:
        viewers = dict.fromkeys([*self.pictures, *([entered] if entered else [])])
        if entered:
            self.inbox.setdefault(entered, []).append({"type": "connected"})
        told = []
        for delivery in deliveries(before, self.meeting, rows, list(viewers), entered=entered):
            resumed = isinstance(command, Resume) and delivery.participants == (entered,)
            missed = self._caught_up(before, rows, delivery.participants[0], command.after) if resumed else None
            told.append(missed or delivery)
            for participant in told[-1].participants:
                self._send(participant, told[-1])
        return tuple(told)

    def _caught_up(self, before: Meeting, rows: Sequence[Recorded], participant: str, after: int) -> Delivery | None:
        """What a resumed connection missed, or None where only a fresh view will do."""
        person = self.meeting.people[participant]
        if participant not in self._kept or person.where is not Place.INSIDE or person.placed > after:
            return None
        self.pictures[participant] = json.loads(json.dumps(self._kept[participant][0]))
        missed = [row for row in self.rows if after < row.seq <= before.seq]
        return Delivery((participant,), tuple(row for row in (*missed, *rows) if hears(row.audience, person)))

    def _send(self, one: str, delivery: Delivery) -> None:
        inbox = self.inbox.setdefault(one, [])
        for row in delivery.events:
            text = json.dumps(frame_of(row.event, row.seq, row.at))
            inbox.append(json.loads(text))
            if one in self.pictures:
                show(self.pictures[one], json.loads(text))
        if delivery.view or delivery.position:
            text = json.dumps(view_of(self.meeting, one))
            self.pictures[one] = json.loads(text)
            inbox.append({"type": "view", "seq": self.meeting.seq, "view": json.loads(text)})
        if delivery.close is not None:
            inbox.append({"type": "close", "code": delivery.close})
            del self.pictures[one]

    def _keep(self, participant: str) -> None:
        if participant in self.pictures:
            self._kept[participant] = (self.pictures.pop(participant), self.meeting.seq)

    def written(self) -> list[Event]:
        """The events as the journal has them, read back."""
        return [event_from(row.event.type, json.loads(json.dumps(event_data(row.event)))) for row in self.rows]

    def replayed(self, events: Sequence[Event] | None = None) -> Meeting:
        """The meeting as its journal tells it."""
        meeting = NOTHING
        for row, event in zip(self.rows, events or self.written(), strict=True):
            meeting = evolve(meeting, event, Stamp(row.seq, row.at))
        return meeting

    # -- looking -----------------------------------------------------------------------------------------------------

    def person(self, participant: str) -> Person:
        """Somebody as the meeting knows them."""
        return self.meeting.people[participant]

    def where(self, place: Place) -> list[str]:
        """Who is there, connected or not."""
        return [one.id for one in self.meeting.people.values() if one.where is place]

    def story(self) -> str:
        """What was asked and what came of it, for a failure's message."""
        return "\n".join(str(outcome) for outcome in self.log)


def _moves(before: Meeting, after: Meeting, event: Event) -> Iterator[Move]:
    """Whose place in which seat this event changed."""
    for one, now in after.people.items():
        was = before.people.get(one)
        source = was.where if was else None
        if source is not now.where:
            yield source, event.type, now.where
