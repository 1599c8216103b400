"""A meeting comes to be: the first row of every journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from meetingsim.state.change import NOBODY
from meetingsim.state.control import (
    Audience,
    Command,
    Context,
    Control,
    Decision,
    Event,
    EventRow,
    Fact,
    Stamp,
    because,
    recorded,
)
from meetingsim.state.entry_events import show_nothing
from meetingsim.state.meeting import Kind, Meeting
from meetingsim.state.settings import RegionRule, Settings


@dataclass(frozen=True, slots=True)
class Create(Command):
    """Make a meeting. The digests, the key and the epoch are chance, made outside."""

    type: ClassVar[str] = "create"
    id: str
    topic: str
    kind: Kind
    settings: Settings
    host_token: str
    id_key: str
    epoch: str
    account: str | None = None
    account_domains: tuple[str, ...] = ()
    account_region: RegionRule | None = None


@dataclass(frozen=True, slots=True)
class Created(Event):
    """The meeting exists."""

    type: ClassVar[str] = "created"
    topic: str
    kind: Kind
    id: str = recorded(default="")
    settings: Settings = recorded(default_factory=Settings)
    host_token: str = recorded(default="")
    id_key: str = recorded(default="")
    epoch: str = recorded(default="")
    account: str | None = recorded(default=None)
    account_domains: tuple[str, ...] = recorded(default=())
    account_region: RegionRule | None = recorded(default=None)


def decide_create(meeting: Meeting, command: Create, context: Context) -> Decision:
    event = Created(
        command.topic,
        command.kind,
        command.id,
        command.settings,
        command.host_token,
        command.id_key,
        command.epoch,
        command.account,
        command.account_domains,
        command.account_region,
    )
    return Decision((Fact(event, because("create", context)),))


def evolve_created(meeting: Meeting, event: Created, stamp: Stamp) -> Meeting:
    return Meeting(
        id=event.id,
        epoch=event.epoch,
        topic=event.topic,
        kind=event.kind,
        settings=event.settings,
        host_token=event.host_token,
        id_key=event.id_key,
        account=event.account,
        account_domains=event.account_domains,
        account_region=event.account_region,
        created_at=stamp.at,
    )


def hear_created(before: Meeting, after: Meeting, event: Created) -> Audience:
    return NOBODY


CONTROLS = (
    Control(
        Create,
        decide_create,
        who="whoever may make meetings",
        summary="Make a meeting.",
        socket=False,
        events=(EventRow(Created, evolve_created, hear_created, show_nothing, "The meeting exists."),),
    ),
)
