"""Where somebody stood and what the meeting allowed, each from one seq of the journal to another, and what follows for rights."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

FOREVER: Final = 2**62
HOSTS: Final = frozenset({"host", "cohost"})
RANK: Final[Mapping[str | None, int]] = {"host": 3, "cohost": 2}
"""Everybody else stands below, at 1."""
ACTIVITIES: Final = frozenset({"audio", "video", "chat", "share", "annotate", "record", "rename", "profile_picture"})
LEVELS: Final = ("nobody", "hosts", "everyone", "everyone_and_private")
STREAMS: Final = ("audio", "video", "share", "record")
"""The activities that go on until they are stopped."""


@dataclass(slots=True, eq=False)
class Standing:
    """A stretch of somebody's time: where they were, as what, with which rights of their own.

    ``place`` is where they count as being: whoever is reconnecting keeps it. ``role`` None is not told of those who wait.
    """

    since: int
    place: str | None = None
    role: str | None = None
    room: str | None = None
    bars: frozenset[str] = frozenset()
    grants: frozenset[str] = frozenset()
    chat_bar: int = len(LEVELS) - 1
    chat_grant: int = 0
    asked: bool = False
    until: int = FOREVER
    inside: bool = field(init=False)
    host: bool = field(init=False)

    def __post_init__(self) -> None:
        self.inside = self.place == "inside"
        self.host = self.inside and self.role in HOSTS


NOWHERE: Final = Standing(0)


class Person:
    """Somebody who came, with everything they ever were in this meeting."""

    __slots__ = (
        "earlier_role",
        "entered",
        "flips",
        "hand",
        "id",
        "lost_at",
        "name",
        "now",
        "origin",
        "owner",
        "removed_at",
        "since",
        "standings",
        "why",
    )

    def __init__(self, participant: str) -> None:
        self.id = participant
        self.name = ""
        self.owner = False
        self.now = Standing(0)
        self.standings = [self.now]
        self.since = [0]
        self.flips: dict[str, list[int]] = {stream: [] for stream in STREAMS}
        """Where each stream went on, off, on, …"""
        self.hand = False
        self.origin: Mapping[str, Any] = {}
        self.why: str | None = None
        self.entered = 0
        self.earlier_role: str | None = None
        self.lost_at: int | None = None
        """When their connection was last lost (ms), until they are back."""
        self.removed_at: int | None = None

    def stands(self, seq: int, **changes: Any) -> None:
        """From this seq on they stand otherwise."""
        self.now.until = seq
        self.now = replace(self.now, since=seq, until=FOREVER, **changes)
        self.standings.append(self.now)
        self.since.append(seq)

    def at(self, seq: int) -> Standing:
        """How they stood as of a seq."""
        now = self.now
        return now if seq >= now.since else self.standings[bisect_right(self.since, seq) - 1]

    def runs(self, stream: str) -> bool:
        """Whether a stream of theirs is on now."""
        return bool(len(self.flips[stream]) & 1)

    def ran(self, stream: str, seq: int) -> bool:
        """Whether it was on as of a seq."""
        return bool(bisect_right(self.flips[stream], seq) & 1)

    def turn(self, stream: str, seq: int, *, on: bool) -> None:
        """A stream goes on or off."""
        if self.runs(stream) is not on:
            self.flips[stream].append(seq)

    def still(self, seq: int) -> None:
        """Everything of theirs stops."""
        self.hand = False
        for stream in STREAMS:
            self.turn(stream, seq, on=False)


@dataclass(frozen=True, slots=True)
class Regime:
    """What holds for the whole meeting, from a seq on."""

    since: int
    status: str
    locked: bool
    suspended: frozenset[str]
    rooms: tuple[str, ...]
    allow: Mapping[str, Any]
    waiting_room: Mapping[str, Any]
    region: Mapping[str, Any]
    removal: Mapping[str, Any]


def may_start(regime: Regime, standing: Standing, activity: str) -> bool:
    """Whether somebody may start an activity that is on or off."""
    if standing.host:
        return True
    if activity in standing.bars:
        return activity == "audio" and standing.asked
    if activity in standing.grants or (activity == "audio" and standing.asked):
        return True
    return standing.role != "attendee" and activity not in regime.suspended and bool(regime.allow.get(activity, True))


def chat_reach(regime: Regime, standing: Standing) -> int:
    """How far somebody's chat reaches, as a place in LEVELS."""
    if standing.host:
        return len(LEVELS) - 1
    wide = 0 if "chat" in regime.suspended else level(regime.allow.get("chat"))
    return max(min(wide, standing.chat_bar), standing.chat_grant)


def level(said: Any) -> int:
    """A level of chat as a number; what is no level reaches everybody."""
    return LEVELS.index(said) if said in LEVELS else len(LEVELS) - 1


def rank(role: str | None) -> int:
    """How high a role stands."""
    return RANK.get(role, 1)
