"""Handing the meeting to another host; whoever was host becomes cohost, and the owner gets it back by joining again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from meetingsim.state.control import Command, Context, Control, Decision, Fact, because
from meetingsim.state.guards import require_outranked, require_owner, require_present
from meetingsim.state.meeting import Meeting, Place, Role
from meetingsim.state.roles import RoleChanged


@dataclass(frozen=True, slots=True)
class MakeHost(Command):
    """Make somebody inside the host. There is one host: the present one becomes cohost."""

    type: ClassVar[str] = "make_host"
    participant: str


def decide_make_host(meeting: Meeting, command: MakeHost, context: Context) -> Decision:
    by = require_owner(meeting, context)
    person = require_present(meeting, command.participant)
    if person.role is Role.HOST:
        return Decision()
    if not person.keys.host:
        require_outranked(meeting, context, person)
    hosts = [one for one in meeting.people.values() if one.role is Role.HOST and one.where is Place.INSIDE]
    reason = because("make_host", context)
    facts = [Fact(RoleChanged(person.id, Role.HOST, by), reason)]
    facts += [Fact(RoleChanged(one.id, Role.COHOST, by), reason) for one in hosts]
    return Decision(tuple(facts))


CONTROLS = (Control(MakeHost, decide_make_host, who="host", summary="Hand the meeting to another host.", http=True),)
