"""Screen sharing: one at a time in a room; a host takes over, anybody else must wait for their turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from meetingsim.state.control import Command, Context, Control, Decision, Fact, Refuse
from meetingsim.state.guards import (
    require_allowed,
    require_host,
    require_inside,
    require_present,
    require_self_or_outranked,
)
from meetingsim.state.meeting import RANK, Meeting
from meetingsim.state.settings import Activity
from meetingsim.state.streams import ShareStarted, ShareStopped


@dataclass(frozen=True, slots=True)
class StartShare(Command):
    """Share one's screen."""

    type: ClassVar[str] = "start_share"


@dataclass(frozen=True, slots=True)
class StopShare(Command):
    """Stop one's own share, or as a host somebody else's."""

    type: ClassVar[str] = "stop_share"
    participant: str | None = None


def decide_start_share(meeting: Meeting, command: StartShare, context: Context) -> Decision:
    person = require_inside(meeting, context)
    if person.share:
        return Decision()
    require_allowed(meeting, person, Activity.SHARE)
    others = [one for one in meeting.inside() if one.share and one.room == person.room]
    if any(RANK[one.role] >= RANK[person.role] for one in others):
        raise Refuse("conflict", "Somebody else is sharing.")
    taken_over = (Fact(ShareStopped(one.id, person.id)) for one in others)
    return Decision((*taken_over, Fact(ShareStarted(person.id))))


def decide_stop_share(meeting: Meeting, command: StopShare, context: Context) -> Decision:
    asker = context.asker.participant
    if asker and command.participant in {None, asker}:
        person = require_inside(meeting, context)
        return Decision((Fact(ShareStopped(person.id)),)) if person.share else Decision()
    by = require_host(meeting, context)
    if command.participant is None:
        raise Refuse("malformed", "Say whose share to stop: participant.")
    target = require_present(meeting, command.participant)
    require_self_or_outranked(meeting, context, target)
    return Decision((Fact(ShareStopped(target.id, by)),)) if target.share else Decision()


CONTROLS = (
    Control(StartShare, decide_start_share, who="oneself, while allowed", summary="Share one's screen."),
    Control(
        StopShare,
        decide_stop_share,
        who="oneself; host, cohost",
        summary="Stop a share.",
        http=True,
        over_http=("participant",),
    ),
)
