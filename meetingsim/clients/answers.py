"""What the server answers over HTTP, as types: dictionaries as they came, and what carries a secret as values that hide it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NotRequired, TypedDict


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
