"""One exception for each refusal code.

Generated out of the table of refusal codes by ``python -m scripts.sdk_methods``; changes by hand are lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from meetingsim.clients.errors import RefusedError
from meetingsim.state.codes import REFUSALS


class MalformedError(RefusedError):
    """The frame or body does not have the shape its schema asks for."""


class TooLargeError(RefusedError):
    """A frame is over 64 KiB, or a text over 4,096 characters."""


class RateLimitedError(RefusedError):
    """Too many tries or commands in a short time."""


class UnauthorisedError(RefusedError):
    """The token is missing or not one that this server gave out."""


class NotPermittedError(RefusedError):
    """This person may not do that here and now."""


class NotHostError(RefusedError):
    """The control belongs to the host, or to host and cohosts."""


class ProtectedError(RefusedError):
    """The person has an equal or higher rank."""


class SuspendedError(RefusedError):
    """Participant activities are suspended."""


class NoSuchMeetingError(RefusedError):
    """There is no meeting with this id."""


class NoSuchParticipantError(RefusedError):
    """Nobody with this id ever came to this meeting."""


class EndedError(RefusedError):
    """The meeting has ended."""


class RemovedError(RefusedError):
    """The person was removed from this meeting and may not return."""


class DeniedError(RefusedError):
    """The hosts denied this person as often as the meeting allows asking."""


class TicketUsedError(RefusedError):
    """The single-use ticket was used by another device."""


class TicketInvalidError(RefusedError):
    """The ticket is not one that opens this meeting now."""


class RegionBlockedError(RefusedError):
    """The region rule does not let this person in."""


class NotStartedError(RefusedError):
    """The meeting has not started yet."""


class LockedError(RefusedError):
    """The meeting is locked."""


class FullError(RefusedError):
    """The meeting or its waiting room has no seat left."""


class WrongPasscodeError(RefusedError):
    """The passcode is wrong, or no credential was shown."""


class NameRequiredError(RefusedError):
    """Nothing is left of the name once it is cleaned."""


class NameRefusedError(RefusedError):
    """The name is over 64 characters."""


class NotWaitingError(RefusedError):
    """The person is not waiting."""


class NotInsideError(RefusedError):
    """The person is not inside the meeting."""


class AlreadyDecidedError(RefusedError):
    """A host has already decided otherwise about this person."""


class InvalidRuleError(RefusedError):
    """The region rule names an unknown country or approves none."""


class ConflictError(RefusedError):
    """The state changed meanwhile, or something else stands in the way."""


class ResumeLostError(RefusedError):
    """The session is unknown or over: join again."""


class UnavailableError(RefusedError):
    """The server cannot do this now."""


BY_CODE: Final[dict[str, type[RefusedError]]] = {
    "malformed": MalformedError,
    "too_large": TooLargeError,
    "rate_limited": RateLimitedError,
    "unauthorised": UnauthorisedError,
    "not_permitted": NotPermittedError,
    "not_host": NotHostError,
    "protected": ProtectedError,
    "suspended": SuspendedError,
    "no_such_meeting": NoSuchMeetingError,
    "no_such_participant": NoSuchParticipantError,
    "ended": EndedError,
    "removed": RemovedError,
    "denied": DeniedError,
    "ticket_used": TicketUsedError,
    "ticket_invalid": TicketInvalidError,
    "region_blocked": RegionBlockedError,
    "not_started": NotStartedError,
    "locked": LockedError,
    "full": FullError,
    "wrong_passcode": WrongPasscodeError,
    "name_required": NameRequiredError,
    "name_refused": NameRefusedError,
    "not_waiting": NotWaitingError,
    "not_inside": NotInsideError,
    "already_decided": AlreadyDecidedError,
    "invalid_rule": InvalidRuleError,
    "conflict": ConflictError,
    "resume_lost": ResumeLostError,
    "unavailable": UnavailableError,
}


def refusal_of(error: Mapping[str, Any], *, status: int = 0) -> RefusedError:
    """The exception for an error as the wire carries it; a code that this SDK does not know gives the base class."""
    code = str(error.get("code") or "unknown")
    known = REFUSALS.get(code)
    return BY_CODE.get(code, RefusedError)(
        code,
        str(error.get("detail") or error.get("title") or ""),
        status=status or error.get("status") or (known.status if known else 0),
        temporary=error.get("temporary", known.temporary if known else False),
        because={name: value for name, value in error.items() if name not in _NOT_WHY},
    )


_NOT_WHY: Final = frozenset({"type", "title", "status", "code", "detail", "temporary"})
