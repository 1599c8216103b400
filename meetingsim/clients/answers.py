"""What the server answers over HTTP, as types: dictionaries as they came, and what carries a secret as values that hide it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NotRequired, Self, TypedDict

from meetingsim.clients.errors import Closed, MeetingsimError, RefusedError
from meetingsim.clients.frames import Frame
from meetingsim.clients.refusals import refusal_of
from meetingsim.state.control import Event


class MeetingDocument(TypedDict):
    """A meeting as host and admin see it. ``status``: scheduled, started or ended."""

    id: str
    topic: str
    kind: str
    status: str
    passcode: str | None
    join_url: str
    socket_url: str
    settings: dict[str, Any]
    created_at: str
    locked: bool
    suspended: list[str]
    inside: int
    waiting: int
    seq: int
    epoch: str


class ParticipantRow(TypedDict):
    """Somebody inside. ``room`` is there for who is in a breakout room, ``address`` for the admin alone."""

    id: str
    name: str
    role: str
    place: str
    audio: bool
    video: bool
    share: bool
    recording: bool
    hand: bool
    profile_picture: bool
    country: str | None
    room: NotRequired[str]
    address: NotRequired[str | None]


class WaitingRow(TypedDict):
    """Somebody who waits. ``why``: waiting_room, put_back, region or unidentified; ``address`` is for the admin alone."""

    id: str
    name: str
    since: str
    why: str | None
    place: str
    country: str | None
    address: NotRequired[str | None]


class ReportDocument(TypedDict):
    """A report with the evidence that the server took. ``source``: remove, suspend, participant or after_meeting."""

    report: str
    meeting: str
    issue: str
    text: str | None
    subjects: list[str]
    reporter: dict[str, Any]
    source: str
    occurred_at: str
    evidence: dict[str, Any]


class Reports(TypedDict):
    """Reports in order of filing, and the position to ask on from."""

    reports: list[ReportDocument]
    next: int
    attribution: str | None


class LocatedAddress(TypedDict):
    """Where an address is, and how that is known. ``built`` is the day the database was made."""

    address: str
    country: str | None
    continent: str | None
    source: str
    database: str | None
    built: str | None
    attribution: str | None


class CountryPlan(TypedDict):
    """The blocks of addresses that stand for a country in a simulation."""

    country: str
    name: str
    ipv4: str
    ipv6: str


class Health(TypedDict):
    """What the server says of itself. ``durable``: whether it keeps anything over a restart."""

    status: str
    version: str
    durable: bool
    meetings: int
    geo: dict[str, str | None]


class ClockMoved(TypedDict):
    """What time it is for the server now, and how many things fell due on the way."""

    now: str
    fired: int


@dataclass(frozen=True, slots=True)
class HeldPerson:
    """Somebody whom the server holds: who and where they were when they had come, or why they were refused at the door."""

    participant: str | None
    place: str | None
    refusal: RefusedError | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """Reads an answer's row."""
        error = said.get("error")
        return cls(said["participant"], said["place"], refusal_of(error) if error else None)

    @property
    def id(self) -> str:
        """The participant's id. Raises the refusal of somebody who has none."""
        if self.participant is None:
            raise self.refusal or MeetingsimError("nobody came")
        return self.participant


@dataclass(frozen=True, slots=True)
class Recorded:
    """A frame that somebody was sent, or the close of their socket; ``n`` is its place among all of the meeting."""

    n: int
    at: str
    frame: Frame[Event] | None = None
    closed: Closed | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """Reads an answer's row."""
        close = said.get("close")
        frame = Frame[Event](said["frame"]) if "frame" in said else None
        return cls(said["n"], said["at"], frame, Closed(close["code"], close["reason"]) if close else None)


@dataclass(frozen=True, slots=True)
class Recording:
    """A stretch of what somebody was sent; go on after ``next``."""

    frames: tuple[Recorded, ...]
    next: int

    @property
    def types(self) -> list[str]:
        """The types of the frames in order; a close is none."""
        return [one.frame.type for one in self.frames if one.frame is not None]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Somebody as they are now, and the events that brought them there, each with its ``because`` where it has one."""

    person: ParticipantRow
    chain: tuple[Frame[Event], ...]


@dataclass(frozen=True, slots=True)
class Ticket:
    """A personal link. The ticket is told this once; in ``join_url`` it stands in the fragment, which no server ever sees."""

    ticket: str = field(repr=False)
    join_url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class User:
    """A user of an account; the token is told this once."""

    user: str
    user_token: str = field(repr=False)
