"""Making and revoking cohosts; revoking gives back exactly the earlier rights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from meetingsim.state.control import Command, Context, Control, Decision, Fact, Refuse, because
from meetingsim.state.guards import require_outranked, require_owner, require_present
from meetingsim.state.meeting import Meeting, Role
from meetingsim.state.roles import ROLE_CHANGED, RoleChanged, stopped_by


@dataclass(frozen=True, slots=True)
class MakeCohost(Command):
    """Give somebody inside the rights of a cohost."""

    type: ClassVar[str] = "make_cohost"
    participant: str


@dataclass(frozen=True, slots=True)
class RevokeCohost(Command):
    """Give a cohost back exactly the role they had before."""

    type: ClassVar[str] = "revoke_cohost"
    participant: str


def decide_make_cohost(meeting: Meeting, command: MakeCohost, context: Context) -> Decision:
    by = require_owner(meeting, context)
    person = require_present(meeting, command.participant)
    if person.role is Role.COHOST:
        return Decision()
    require_outranked(meeting, context, person)
    return Decision((Fact(RoleChanged(person.id, Role.COHOST, by), because("make_cohost", context)),))


def decide_revoke_cohost(meeting: Meeting, command: RevokeCohost, context: Context) -> Decision:
    by = require_owner(meeting, context)
    person = require_present(meeting, command.participant)
    if person.role is Role.HOST or person.keys.host:
        raise Refuse("protected", "The host stays the host, and the meeting's owner at least a cohost.")
    if person.role is not Role.COHOST:
        return Decision()
    event = RoleChanged(person.id, person.earlier_role, by, stopped_by(meeting, person, person.earlier_role))
    return Decision((Fact(event, because("revoke_cohost", context)),))


CONTROLS = (
    Control(
        MakeCohost,
        decide_make_cohost,
        who="host",
        summary="Make somebody a cohost.",
        http=True,
        events=(ROLE_CHANGED,),
    ),
    Control(
        RevokeCohost,
        decide_revoke_cohost,
        who="host",
        summary="Give a cohost the earlier role back.",
        http=True,
    ),
)
