"""What the server itself saw when a report was filed; nothing in it comes from the reporter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from meetingsim.state.codes import ISSUES
from meetingsim.state.control import Context, Decision, Filing, Refuse, asked_by
from meetingsim.state.guards import asking_person, require_person
from meetingsim.state.identity import digest
from meetingsim.state.meeting import Meeting, Message, Person, Place
from meetingsim.state.plain import instant, plain
from meetingsim.state.settings import TEXT_LENGTH
from meetingsim.state.view import heard_line, message_row, participant_row, waiting_message_row

LINES_KEPT = 50
"""How many of the last chat lines a report keeps: those to everyone, and those between reporter and subjects."""
MOST_SUBJECTS = 1_000


def file_report(
    meeting: Meeting,
    context: Context,
    *,
    source: str,
    subjects: tuple[str, ...],
    issue: str,
    text: str | None,
) -> Filing:
    """A report with its evidence, to be stored with whatever was decided beside it."""
    if issue not in ISSUES:
        raise Refuse("malformed", f"An issue is one of: {', '.join(ISSUES)}.")
    if text is not None and len(text) > TEXT_LENGTH:
        raise Refuse("too_large", f"A text has at most {TEXT_LENGTH:,} characters.")
    if (not subjects and source != "suspend") or len(subjects) > MOST_SUBJECTS:
        raise Refuse("malformed", f"Name 1 to {MOST_SUBJECTS:,} participants.")
    named = tuple(dict.fromkeys(subjects))
    people = [require_person(meeting, one) for one in named]
    report = "r" + digest(f"{context.nonce}/{source}/{'/'.join(named)}")[:20]
    reporter = asking_person(meeting, context)
    document: dict[str, Any] = {
        "report": report,
        "issue": issue,
        "text": text,
        "subjects": [person.id for person in people],
        "reporter": _who(reporter) if reporter else {"id": asked_by(context), "role": "host"},
        "source": source,
        "meeting": meeting.id,
        "occurred_at": instant(context.now),
        "evidence": evidence_of(meeting, reporter, people),
    }
    return Filing(report, context.now, document, pending="missing" in document["evidence"])


def completed(meeting: Meeting, document: Mapping[str, Any]) -> dict[str, Any]:
    """A report whose evidence could not all be read, with what can be read now; the meeting is as it was when it was filed."""
    reporter = meeting.people.get(document["reporter"]["id"])
    subjects = [meeting.people[one] for one in document["subjects"]]
    return {**document, "evidence": evidence_of(meeting, reporter, subjects)}


def _who(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role.value,
        "place": person.place.value,
        "country": person.origin.country,
    }


def evidence_of(meeting: Meeting, reporter: Person | None, subjects: list[Person]) -> dict[str, Any]:
    """Roster, last chat lines, control state, who the subjects are and where they came from, and the journal's seq.

    A part that cannot be read is left out and named in ``missing``: a report is never lost to its evidence.
    """
    parts: dict[str, Callable[[], Any]] = {
        "roster": lambda: [participant_row(person, for_host=True) for person in _roster(meeting)],
        "waiting": lambda: [_who(meeting.people[one]) for one in meeting.queue],
        "chat": lambda: _lines(meeting, reporter, subjects),
        "waiting_room_chat": lambda: _threads(subjects),
        "controls": lambda: _controls(meeting),
        "subjects": lambda: [_who(person) for person in subjects],
        "origins": lambda: {one.id: plain(one.origin) | {"country": one.origin.country} for one in subjects},
    }
    evidence: dict[str, Any] = {"seq": meeting.seq}
    missing = []
    for name, read in parts.items():
        try:
            evidence[name] = read()
        except Exception:
            missing.append(name)
    return evidence | ({"missing": missing} if missing else {})


def _roster(meeting: Meeting) -> list[Person]:
    """Who is inside; once the meeting is over, everybody who ever was."""
    if meeting.status != "ended":
        return meeting.inside()
    return sorted((p for p in meeting.people.values() if p.entered), key=lambda person: person.entered)


def _controls(meeting: Meeting) -> dict[str, Any]:
    return {
        "status": meeting.status,
        "locked": meeting.locked,
        "suspended": plain(meeting.suspended),
        "waiting_room": meeting.settings.waiting_room.enabled,
        "allow": plain(meeting.settings.allow),
    }


def _lines(meeting: Meeting, reporter: Person | None, subjects: list[Person]) -> list[dict[str, Any]]:
    """The lines the reporter could read, by the subjects or to everyone: a bystander's private chat is not in it.

    Deleted lines say what they said: whoever deletes them must not choose what a report can show.
    """
    ids = {person.id for person in subjects}
    readable = [
        line
        for stream in meeting.messages.values()
        for line in stream
        if (line.to == "everyone" or line.from_ in ids or line.to in ids)
        and (_may_read(reporter, line) if reporter else line.to in {"everyone", "hosts"})
    ]
    return [message_row(line) | {"text": line.text} for line in sorted(readable, key=lambda one: one.seq)[-LINES_KEPT:]]


def _may_read(reporter: Person, line: Message) -> bool:
    until = reporter.placed if reporter.where is not Place.INSIDE else line.seq
    return 0 < reporter.entered < line.seq <= until and heard_line(line, reporter)


def _threads(subjects: list[Person]) -> list[dict[str, Any]]:
    said = [line for person in subjects for line in person.thread if line.from_ == person.id]
    return [waiting_message_row(line) for line in sorted(said, key=lambda one: one.seq)[-LINES_KEPT:]]


def filed(filing: Filing | None, decision: Decision) -> Decision:
    """The decision with a report beside it, if there is one; the reply names it."""
    if filing is None:
        return decision
    return Decision(
        decision.facts,
        decision.signals,
        (*decision.filings, filing),
        {**decision.answer, "report": "pending" if filing.pending else filing.report},
        decision.participant,
    )
