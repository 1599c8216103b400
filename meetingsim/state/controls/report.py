"""Reporting people to Trust & Safety: a row for the desk, and nothing in the meeting that anybody could notice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from meetingsim.state.control import Command, Context, Control, Decision, Refuse
from meetingsim.state.evidence import file_report, filed
from meetingsim.state.guards import asking_person, require_host, require_inside
from meetingsim.state.meeting import Meeting

REPORTABLE_MS = 30 * 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Report(Command):
    """Report people who are or were here, about one of the issues."""

    type: ClassVar[str] = "report"
    participants: tuple[str, ...]
    issue: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class ReportAfterwards(Command):
    """Report people of a meeting that is over, or that one was removed from; up to 30 days after its end."""

    type: ClassVar[str] = "report_afterwards"
    participants: tuple[str, ...]
    issue: str
    text: str | None = None


def decide_report(meeting: Meeting, command: Report, context: Context) -> Decision:
    if context.asker.kind == "person":
        reporter = require_inside(meeting, context)
        if not reporter.is_host and not meeting.settings.reports.participants_may_report:
            raise Refuse("not_permitted", "The host takes no reports from participants in this meeting.")
    else:
        require_host(meeting, context)
    filing = file_report(
        meeting,
        context,
        source="participant",
        subjects=command.participants,
        issue=command.issue,
        text=command.text,
    )
    return filed(filing, Decision())


def decide_report_afterwards(meeting: Meeting, command: ReportAfterwards, context: Context) -> Decision:
    if context.asker.kind == "person" and asking_person(meeting, context) is None:
        raise Refuse("not_permitted", "Only people who were in this meeting may report about it.")
    if meeting.ended_at is not None and context.now - meeting.ended_at > REPORTABLE_MS:
        raise Refuse("not_permitted", "A meeting can be reported for 30 days after its end.")
    filing = file_report(
        meeting,
        context,
        source="after_meeting",
        subjects=command.participants,
        issue=command.issue,
        text=command.text,
    )
    return filed(filing, Decision())


CONTROLS = (
    Control(
        Report,
        decide_report,
        who="anyone inside, about anyone",
        summary="Report people to Trust & Safety; the meeting notices nothing.",
        http=True,
    ),
    Control(
        ReportAfterwards,
        decide_report_afterwards,
        who="whoever was in the meeting, removed people too",
        summary="Report people after the meeting, or from outside it.",
        socket=False,
    ),
)
