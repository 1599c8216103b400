"""Every refusal and every close code, in one table that the server, the SDK and the reference read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Code:
    """A refusal: its HTTP status, what the socket does with it at the door, and whether trying again may help.

    ``close`` is None where the socket stays open at the door, or where the code never occurs there.
    """

    name: str
    status: int
    close: int | None
    temporary: bool
    meaning: str


REFUSALS: Final[dict[str, Code]] = {
    code.name: code
    for code in (
        Code("malformed", 422, None, False, "The frame or body does not have the shape its schema asks for."),
        Code("too_large", 413, 4504, False, "A frame is over 64 KiB, or a text over 4,096 characters."),
        Code("rate_limited", 429, 4004, True, "Too many tries or commands in a short time."),
        Code("unauthorised", 401, 4503, False, "The token is missing or not one that this server gave out."),
        Code("not_permitted", 403, 4503, False, "This person may not do that here and now."),
        Code("not_host", 403, 4503, False, "The control belongs to the host, or to host and cohosts."),
        Code("protected", 403, 4503, False, "The person has an equal or higher rank."),
        Code("suspended", 403, 4503, False, "Participant activities are suspended."),
        Code("no_such_meeting", 404, 4503, False, "There is no meeting with this id."),
        Code("no_such_participant", 404, 4503, False, "Nobody with this id ever came to this meeting."),
        Code("ended", 409, 4503, False, "The meeting has ended."),
        Code("removed", 403, 4503, False, "The person was removed from this meeting and may not return."),
        Code("denied", 403, 4503, False, "The hosts denied this person as often as the meeting allows asking."),
        Code("ticket_used", 403, 4503, False, "The single-use ticket was used by another device."),
        Code("ticket_invalid", 403, 4503, False, "The ticket is not one that opens this meeting now."),
        Code("region_blocked", 403, 4501, False, "The region rule does not let this person in."),
        Code("not_started", 409, 4004, True, "The meeting has not started yet."),
        Code("locked", 409, 4004, True, "The meeting is locked."),
        Code("full", 409, 4004, True, "The meeting or its waiting room has no seat left."),
        Code("wrong_passcode", 403, None, False, "The passcode is wrong, or no credential was shown."),
        Code("name_required", 422, None, False, "Nothing is left of the name once it is cleaned."),
        Code("name_refused", 422, None, False, "The name is over 64 characters."),
        Code("not_waiting", 409, None, False, "The person is not waiting."),
        Code("not_inside", 409, None, False, "The person is not inside the meeting."),
        Code("already_decided", 409, None, False, "A host has already decided otherwise about this person."),
        Code("invalid_rule", 422, None, False, "The region rule names an unknown country or approves none."),
        Code("conflict", 409, None, False, "The state changed meanwhile, or something else stands in the way."),
        Code("resume_lost", 409, 4002, True, "The session is unknown or over: join again."),
        Code("unavailable", 503, 4004, True, "The server cannot do this now."),
    )
}

CLOSES: Final[dict[int, str]] = {
    1000: "left",
    4000: "shutting down",
    4001: "too slow",
    4002: "resume lost",
    4003: "replaced by a newer connection of the same person",
    4004: "refused for now",
    4500: "removed",
    4501: "region blocked",
    4502: "meeting ended",
    4503: "refused",
    4504: "protocol abuse",
}

ISSUES: Final[tuple[str, ...]] = (
    "abuse",
    "hateful_conduct",
    "glorification_of_violence",
    "illegal_goods",
    "sensitive_content",
    "child_safety",
    "self_harm",
    "violent_extremism",
    "private_information",
    "spam",
    "intellectual_property",
    "impersonation",
    "meeting_disruption",
    "other",
)
