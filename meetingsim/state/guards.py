"""The questions every control asks first; each raises the refusal that the contract names."""

from __future__ import annotations

from meetingsim.state.control import Context, Refuse, asked_by
from meetingsim.state.meeting import RANK, Meeting, Person, Place, Role
from meetingsim.state.rights import may
from meetingsim.state.settings import TEXT_LENGTH, Activity

_OWNER_RANK = RANK[Role.HOST]


def require_open(meeting: Meeting) -> None:
    """Nothing happens in a meeting that has ended."""
    if meeting.status == "ended":
        raise Refuse("ended", "The meeting has ended.")


def asking_person(meeting: Meeting, context: Context) -> Person | None:
    """The participant who asks; None where a token or the clock does."""
    return meeting.people.get(context.asker.participant) if context.asker.participant else None


def require_inside(meeting: Meeting, context: Context) -> Person:
    """Somebody inside asks."""
    require_open(meeting)
    person = asking_person(meeting, context)
    if person is None or person.where is not Place.INSIDE:
        raise Refuse("not_inside", "Only people inside the meeting may do that.")
    return person


def rank_of(meeting: Meeting, context: Context) -> int:
    """How high the asker stands; the tokens stand where the host does, whatever role their holder has just now."""
    person = asking_person(meeting, context) if context.asker.kind == "person" else None
    return RANK[person.role] if person else _OWNER_RANK


def require_host(meeting: Meeting, context: Context) -> str:
    """A host or cohost asks, or a token that may; answers with the word for ``by``."""
    require_open(meeting)
    if context.asker.kind == "person":
        person = require_inside(meeting, context)
        if not person.is_host:
            raise Refuse("not_host", "Only the host or a cohost may do that.")
    return asked_by(context) or context.asker.kind


def require_owner(meeting: Meeting, context: Context) -> str:
    """The host asks, or a token that may; a cohost may not."""
    by = require_host(meeting, context)
    if rank_of(meeting, context) < _OWNER_RANK:
        raise Refuse("not_host", "Only the host may do that.")
    return by


def require_person(meeting: Meeting, participant: str) -> Person:
    """Somebody who came to this meeting, wherever they are now."""
    person = meeting.people.get(participant)
    if person is None:
        raise Refuse("no_such_participant", "Nobody with this id came to this meeting.")
    return person


def require_present(meeting: Meeting, participant: str) -> Person:
    """Somebody with a seat inside, connected or not."""
    person = require_person(meeting, participant)
    if person.where is not Place.INSIDE:
        raise Refuse("not_inside", "That person is not inside the meeting.")
    return person


def outranks(meeting: Meeting, context: Context, target: Person) -> bool:
    """Whether the asker stands above the person it concerns; nobody stands above the meeting's owner."""
    return not target.keys.host and RANK[target.role] < rank_of(meeting, context)


def require_outranked(meeting: Meeting, context: Context, target: Person) -> None:
    """The asker stands above the person it concerns."""
    if not outranks(meeting, context, target):
        raise Refuse("protected", "That person has an equal or higher rank.")


def require_self_or_outranked(meeting: Meeting, context: Context, target: Person) -> None:
    """The asker is the person it concerns, or stands above them."""
    if context.asker.participant != target.id:
        require_outranked(meeting, context, target)


def require_allowed(meeting: Meeting, person: Person, activity: Activity) -> None:
    """This person may start this activity now."""
    if not may(meeting, person, activity):
        raise not_allowed(meeting, activity)


def not_allowed(meeting: Meeting, activity: Activity) -> Refuse:
    """The refusal of a barred activity: ``suspended`` while it is suspended, else ``not_permitted``."""
    if activity in meeting.suspended:
        return Refuse("suspended", f"Participant activities are suspended: {activity.value}.")
    return Refuse("not_permitted", f"You may not use {activity.value} now.")


def require_text(text: str) -> str:
    """A line of text that says something and is not too long."""
    if len(text) > TEXT_LENGTH:
        raise Refuse("too_large", f"A text has at most {TEXT_LENGTH:,} characters.")
    if not text.strip():
        raise Refuse("malformed", "Say something: the text is empty.")
    return text
