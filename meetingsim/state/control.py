"""The words a control is made of: Command in, Decision or Refused out, and the four functions of every event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from meetingsim.state.meeting import Meeting, Origin, Role, View

Door = Literal["socket", "http", "people", "resume"]
AskerKind = Literal["person", "newcomer", "host", "admin", "clock"]


STRICT: dict[str, Any] = {"extra": "forbid", "strict": True}
"""How whoever validates outside input must read these shapes: no unknown field, no conversion."""


class Command:
    """What somebody asks for: an imperative, with the fields its frame carries."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    type: ClassVar[str]


class Event:
    """What happened: a past participle. Fields marked by ``recorded`` are kept in the journal and told to nobody."""

    __slots__ = ()
    type: ClassVar[str]
    version: ClassVar[int] = 1


def recorded(**kwargs: Any) -> Any:
    """A field of an event that replay needs and the wire must not carry."""
    return field(metadata={"recorded": True}, **kwargs)


def nullable(**kwargs: Any) -> Any:
    """A field of an event that is told even where it is None, because null says something."""
    return field(metadata={"nullable": True}, **kwargs)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: a person in the meeting, somebody at the door, a token over HTTP, or the clock."""

    kind: AskerKind
    participant: str | None = None


@dataclass(frozen=True, slots=True)
class User:
    """Whose user token was shown, once it was found to be good."""

    user: str
    account: str
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket says, once its signature, meeting and time were found to be good."""

    ticket: str
    role: Role = Role.PARTICIPANT
    single_use: bool = False
    invited: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a decision may need that is neither in the meeting nor in the command.

    ``now`` is in ms since the Unix epoch. ``nonce`` is fresh chance, hex, made outside; ``session`` is the digest of a session
    made outside. ``unknown_knocks`` counts the refusals without a credential that were not journaled yet.
    ``ticket_fault`` says why a ticket that was shown is none.
    """

    now: int
    asker: Asker
    door: Door
    origin: Origin = field(default_factory=Origin)
    nonce: str = ""
    session: str = ""
    unknown_knocks: int = 0
    user: User | None = None
    ticket: Ticket | None = None
    ticket_fault: str | None = None


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is told an event: everybody inside (of one room), hosts and cohosts inside, and people by id."""

    inside: bool = False
    hosts: bool = False
    room: str | None = None
    in_one_room: bool = False
    only: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Fact:
    """An event with the reason for it, before it has a place in the journal."""

    event: Event
    because: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event in its place: what the journal keeps."""

    seq: int
    at: int
    event: Event
    because: Mapping[str, Any] | None
    audience: Audience


@dataclass(frozen=True, slots=True)
class Signal:
    """Something routed but never journaled: synthetic media."""

    sender: str
    kind: str
    n: int
    audience: Audience


@dataclass(frozen=True, slots=True)
class Filing:
    """A report to be stored in the same transaction as the events beside it; ``pending`` where evidence is to be added."""

    report: str
    at: int
    document: Mapping[str, Any]
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What a command leads to. ``participant`` is whom the asking connection now is; ``answer`` joins the reply."""

    facts: tuple[Fact, ...] = ()
    signals: tuple[Signal, ...] = ()
    filings: tuple[Filing, ...] = ()
    answer: Mapping[str, Any] = field(default_factory=dict)
    participant: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: a code of codes.py, a sentence for people, and what it rests on."""

    code: str
    detail: str
    because: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal as a value; it may carry facts (a refused entry is a fact for the hosts).

    ``tally`` asks the caller to count a knock that showed no credential and was not journaled.
    """

    refusal: Refusal
    facts: tuple[Fact, ...] = ()
    tally: bool = False


class Refuse(Exception):
    """Raised by guards inside a decision; ``engine.decide`` turns it into a Refused value."""

    def __init__(
        self, code: str, detail: str, *, facts: tuple[Fact, ...] = (), tally: bool = False, **because: Any
    ) -> None:
        super().__init__(detail)
        self.refusal = Refusal(code, detail, because)
        self.facts = facts
        self.flags: tuple[Fact, ...] = ()
        self.tally = tally

    def refused(self, because: Mapping[str, Any] | None = None) -> Refused:
        """The same as a value; ``because`` takes the place of what it rests on."""
        told = self.refusal if because is None else Refusal(self.refusal.code, self.refusal.detail, because)
        return Refused(told, self.facts, self.tally)


@dataclass(frozen=True, slots=True)
class Stamp:
    """An event's place and time, handed to evolve."""

    seq: int
    at: int


Decide = Callable[[Meeting, Any, Context], Decision]
Evolve = Callable[[Meeting, Any, Stamp], Meeting]
Hear = Callable[[Meeting, Meeting, Any], Audience]
Show = Callable[[View, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class EventRow:
    """The functions of an event.

    ``evolve(meeting, event, stamp)`` makes the next meeting. ``audience(before, after, event)`` says who is told.
    ``show(view, frame)`` folds the frame into a viewer's picture, in place; it is never called for people who were given
    a fresh view instead.
    """

    event: type[Event]
    evolve: Evolve
    audience: Hear
    show: Show
    summary: str


@dataclass(frozen=True, slots=True)
class Control:
    """A row of the control table. ``http`` is the route it has under /controls; ``who`` is for the reference.

    ``over_http`` names what must be said there and may be left out by a person, who then means themselves.
    """

    command: type[Command]
    decide: Decide
    who: str
    summary: str
    socket: bool = True
    http: bool = False
    over_http: tuple[str, ...] = ()
    events: tuple[EventRow, ...] = ()

    @property
    def name(self) -> str:
        """The command's word on the wire."""
        return self.command.type


def because(rule: str, context: Context, **inputs: Any) -> dict[str, Any]:
    """The reason of a decision: the rule, the door, who asked, and what it was judged on."""
    return {"rule": rule, "door": context.door, "asked_by": asked_by(context), **inputs}


def asked_by(context: Context) -> str | None:
    """The word for the asker in ``by`` and ``asked_by``: a participant's id, host, admin or clock; None at the door."""
    if context.asker.participant:
        return context.asker.participant
    return None if context.asker.kind == "newcomer" else context.asker.kind


def from_origin(origin: Origin) -> dict[str, Any]:
    """What a decision about countries rests on. The address is there for the admin; hosts' readings leave it out."""
    found: dict[str, Any] = {
        "country": origin.country,
        "source": origin.source,
        "database": origin.database,
        "built": origin.built,
        "address": origin.address,
    }
    if origin.anonymous:
        found["anonymous"] = origin.anonymous
    return found | ({"simulated": True} if origin.simulated else {})
