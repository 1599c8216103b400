"""What a host may set about a meeting, with the defaults; one dataclass for each part of the settings document."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


class Activity(StrEnum):
    """What a person may do in a meeting that the security menu can take away."""

    AUDIO = "audio"
    VIDEO = "video"
    CHAT = "chat"
    SHARE = "share"
    ANNOTATE = "annotate"
    RECORD = "record"
    RENAME = "rename"
    PROFILE_PICTURE = "profile_picture"


class ChatLevel(StrEnum):
    """How far a participant's chat reaches; each level includes the ones before it."""

    NOBODY = "nobody"
    HOSTS = "hosts"
    EVERYONE = "everyone"
    EVERYONE_AND_PRIVATE = "everyone_and_private"


CHAT_ORDER: dict[ChatLevel, int] = {level: place for place, level in enumerate(ChatLevel)}

Who = Literal["everyone", "not_in_account", "not_in_account_or_domains", "not_invited"]
WaitingRoomChat = Literal["two_way", "hosts_only", "off"]
RegionMode = Literal["off", "approve", "deny"]
Unknown = Literal["allow", "deny", "wait"]
Present = Literal["keep", "put_in_waiting_room", "remove"]
MatchKey = Literal["account", "ticket", "device", "address", "name"]
Unmatched = Literal["wait", "refuse", "admit"]

PASSCODE_LENGTH = 64
TEXT_LENGTH = 4096
NAME_LENGTH = 64
DEVICE_LENGTH = 128
LARGEST_CAPACITY = 100_000


@dataclass(frozen=True, slots=True)
class WaitingRoom:
    """Who waits, how many may, and what they read while they do."""

    enabled: bool = True
    who: Who = "everyone"
    chat: WaitingRoomChat = "two_way"
    capacity: int = 300
    denials: int = 2
    title: str = ""
    description: str = ""
    show_topic: bool = False


@dataclass(frozen=True, slots=True)
class RegionRule:
    """Which countries may enter. ``countries`` are ISO 3166-1 alpha-2 codes, groups already spelled out."""

    mode: RegionMode = "off"
    countries: tuple[str, ...] = ()
    unknown: Unknown = "deny"
    anonymous: Unknown = "allow"


@dataclass(frozen=True, slots=True)
class Allow:
    """What participants may do, meeting-wide; hosts and cohosts always may."""

    audio: bool = True
    video: bool = True
    share: bool = True
    annotate: bool = True
    rename: bool = True
    profile_picture: bool = True
    record: bool = False
    chat: ChatLevel = ChatLevel.EVERYONE_AND_PRIVATE


@dataclass(frozen=True, slots=True)
class Removal:
    """By what a removed person is recognised, and what becomes of those who show none of it."""

    match: tuple[MatchKey, ...] = ("account", "ticket", "device")
    may_return: bool = False
    unmatched: Unmatched = "wait"


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """Whether people inside may report others."""

    participants_may_report: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole settings document of a meeting; ``passcode`` None means that none is needed."""

    waiting_room: WaitingRoom = field(default_factory=WaitingRoom)
    region: RegionRule = field(default_factory=RegionRule)
    passcode: str | None = None
    join_before_host: bool = False
    capacity: int = 300
    allow: Allow = field(default_factory=Allow)
    removal: Removal = field(default_factory=Removal)
    reports: ReportSettings = field(default_factory=ReportSettings)
