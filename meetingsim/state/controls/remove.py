"""Removing somebody: at once from every stream, the session void, and no return by what removals are matched by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from meetingsim.state.control import (
    STRICT,
    Command,
    Context,
    Control,
    Decision,
    Fact,
    Filing,
    because,
    from_origin,
)
from meetingsim.state.evidence import file_report, filed
from meetingsim.state.guards import require_host, require_outranked, require_person
from meetingsim.state.meeting import Meeting, Place
from meetingsim.state.turning_out import REMOVED, Removed


@dataclass(frozen=True, slots=True)
class ReportWith:
    """A report that goes with a removal or a suspension."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    issue: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Remove(Command):
    """Remove somebody; ``may_return`` overrides the meeting's setting, ``report`` is filed in the same step."""

    type: ClassVar[str] = "remove"
    participant: str
    may_return: bool | None = None
    report: ReportWith | None = None


def decide_remove(meeting: Meeting, command: Remove, context: Context) -> Decision:
    by = require_host(meeting, context)
    person = require_person(meeting, command.participant)
    if person.place is Place.REMOVED:
        return filed(_filing(meeting, command, context), Decision())
    require_outranked(meeting, context, person)
    may_return = meeting.settings.removal.may_return if command.may_return is None else command.may_return
    reason = because("remove", context, may_return=may_return, **from_origin(person.origin))
    removal = Decision((Fact(Removed(person.id, by, may_return), reason),))
    return filed(_filing(meeting, command, context), removal)


def _filing(meeting: Meeting, command: Remove, context: Context) -> Filing | None:
    if command.report is None:
        return None
    return file_report(
        meeting,
        context,
        source="remove",
        subjects=(command.participant,),
        issue=command.report.issue,
        text=command.report.text,
    )


CONTROLS = (
    Control(
        Remove,
        decide_remove,
        who="host, cohost",
        summary="Remove somebody, with a report if wanted.",
        http=True,
        events=(REMOVED,),
    ),
)
