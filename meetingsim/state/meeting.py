"""The whole shape of a meeting on one page: frozen values, changed only by evolving an event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from meetingsim.state.settings import Activity, ChatLevel, RegionRule, Settings

Kind = Literal["meeting", "webinar"]
Status = Literal["scheduled", "started", "ended"]
View = dict[str, Any]
"""A viewer's picture, as plain JSON values: what the wire carries and what the mirror folds."""

GRACE_MS = 30_000
"""How long the seat of someone whose connection dropped is kept."""
MESSAGES_KEPT = 200


class Place(StrEnum):
    """Where a person is; the ways between places stand in places.py."""

    EARLY = "early"
    WAITING = "waiting"
    INSIDE = "inside"
    RECONNECTING = "reconnecting"
    REMOVED = "removed"
    LEFT = "left"


class Role(StrEnum):
    """What a person may do for the meeting; see RANK for who stands above whom."""

    HOST = "host"
    COHOST = "cohost"
    PANELIST = "panelist"
    PARTICIPANT = "participant"
    ATTENDEE = "attendee"


RANK: dict[Role, int] = {
    Role.HOST: 3,
    Role.COHOST: 2,
    Role.PANELIST: 1,
    Role.PARTICIPANT: 1,
    Role.ATTENDEE: 1,
}
HOSTS = frozenset({Role.HOST, Role.COHOST})


class Why(StrEnum):
    """Why somebody waits; turning the waiting room off lets in WAITING_ROOM alone."""

    WAITING_ROOM = "waiting_room"
    PUT_BACK = "put_back"
    REGION = "region"
    UNIDENTIFIED = "unidentified"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a person comes from and how that is known; ``address`` is for the admin alone.

    ``country`` None means unknown. ``anonymous`` names the kind of anonymiser (vpn, proxy, tor, hosting) or is None.
    ``simulated`` says that a tester chose it.
    """

    address: str | None = None
    country: str | None = None
    source: str = "none"
    database: str | None = None
    built: str | None = None
    anonymous: str | None = None
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Keys:
    """By what a person is recognised; what is absent matches nothing. ``host`` is: showed the host token.

    ``domain`` is that of the user's mail; ``invited`` a digest of the mail that a ticket was made for.
    """

    host: bool = False
    account: str | None = None
    user: str | None = None
    domain: str | None = None
    ticket: str | None = None
    invited: str | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A line of chat; ``room`` is where a line to everyone was said.

    What a ``deleted`` one said is kept for reports alone: deleting must not be a way to leave no evidence.
    """

    message: str
    from_: str
    to: str
    text: str
    seq: int
    at: int
    room: str | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """A line of waiting-room chat; who heard it is decided by whose thread holds it."""

    message: str
    from_: str
    from_name: str
    to: str
    text: str
    seq: int
    at: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who came to the meeting, kept after they are gone so that a removal and a denial can hold."""

    id: str
    name: str
    role: Role
    place: Place
    keys: Keys
    name_key: str = ""  # what look-alike names have in common
    origin: Origin = field(default_factory=Origin)
    seat: Place | None = None  # where a RECONNECTING person's seat is kept
    room: str | None = None
    earlier_role: Role = Role.PARTICIPANT  # what revoking a cohost gives back
    audio: bool = False
    video: bool = False
    share: bool = False
    recording: bool = False
    hand: bool = False
    profile_picture: bool = False
    bars: frozenset[Activity] = frozenset()
    chat_bar: ChatLevel | None = None  # chat reaches no further than this for this person
    grants: frozenset[Activity] = frozenset()
    chat_grant: ChatLevel | None = None  # chat reaches at least this far for this person
    asked_to_unmute: bool = False
    session: str = ""  # a digest; the session itself is told to its owner alone
    since: int = 0  # ms, when the present place began
    changed: int = 0  # seq of the last change of this entry, for if_seq
    room_since: int = 0  # seq of the last change of room: lines to everyone before it were said elsewhere
    placed: int = 0  # seq of the last change of place, room or role: what was heard before it is void
    entered: int = 0  # seq of the admission: chat since then is theirs
    queued: int = 0  # seq of the knock, for up_to
    why: Why | None = None
    made_up: bool = False  # the server chose the device: shows nothing that a removal could be matched by
    decision: Literal["admitted", "denied"] | None = None
    denials: int = 0
    may_return: bool = False
    put_back: bool = False  # a host sent them back to wait: until they are let in again, leaving is no way round it
    gone_at: int | None = None  # ms, when the grace of a RECONNECTING person is over
    thread: tuple[WaitingMessage, ...] = ()

    @property
    def where(self) -> Place:
        """The place that counts for controls: a reconnecting person is where their seat is."""
        return self.seat if self.place is Place.RECONNECTING and self.seat else self.place

    @property
    def is_host(self) -> bool:
        """Host or cohost."""
        return self.role in HOSTS


@dataclass(frozen=True, slots=True)
class Meeting:
    """Everything a meeting is. ``people`` and ``messages`` are never changed in place."""

    id: str
    epoch: str
    topic: str
    kind: Kind
    settings: Settings
    host_token: str  # a digest
    id_key: str  # makes ids that do not count out of the seq
    seq: int = 0
    account: str | None = None
    account_domains: tuple[str, ...] = ()
    account_region: RegionRule | None = None  # one must pass this one, too
    created_at: int = 0
    ended_at: int | None = None
    status: Status = "scheduled"
    locked: bool = False
    suspended: frozenset[Activity] = frozenset()
    chat_before: ChatLevel = ChatLevel.EVERYONE_AND_PRIVATE
    people: Mapping[str, Person] = field(default_factory=dict)
    queue: tuple[str, ...] = ()  # who waits, in order
    early: tuple[str, ...] = ()  # who came before the start, in order
    rooms: tuple[str, ...] = ()
    messages: Mapping[str, tuple[Message, ...]] = field(default_factory=dict)
    waiting_messages: tuple[WaitingMessage, ...] = ()
    last_unknown_knock: int | None = None  # ms, of the last entry_refused without a credential

    def inside(self) -> list[Person]:
        """Everybody who has a seat inside, in the order they entered."""
        return sorted((p for p in self.people.values() if p.where is Place.INSIDE), key=lambda person: person.entered)

    def count_inside(self) -> int:
        """How many seats are taken, the hosts' too."""
        return sum(p.where is Place.INSIDE for p in self.people.values())
