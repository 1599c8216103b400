"""The SDK: make meetings, host them, join them, and wait for what happens.

    async with Server() as server:
        meeting = await server.create_meeting("Algebra")
        async with host(meeting) as teacher, guest(meeting, "Mia") as mia:
            knock = await teacher.wait_for(JoinedWaitingRoom)
            await teacher.admit(knock.event.participant)
            await mia.placed("inside")
            await teacher.suspend()
            with pytest.raises(SuspendedError):
                await mia.set_audio(True)

The same without an event loop is ``meetingsim.clients.sync``. A connection that is to survive a lost network takes a
``Reconnect``. Typed commands and events are those of the meeting itself (``meetingsim.state``); they are re-exported in
``meetingsim.clients.words``.
"""

from __future__ import annotations

from meetingsim.clients.accounts import AccountHandle
from meetingsim.clients.answers import Explanation, HeldPerson, Recorded, Recording, Ticket, User
from meetingsim.clients.connection import Connection, connect
from meetingsim.clients.errors import (
    Closed,
    ConnectionClosed,
    LinkInvalid,
    MeetingsimError,
    NotSilent,
    RefusedError,
    Unreachable,
    UpgradeRefused,
    WaitTimeout,
)
from meetingsim.clients.frames import CameBack, Done, Frame, Page, Reply
from meetingsim.clients.inbox import Inbox
from meetingsim.clients.links import DEFAULT_URL, Invitation, invitation
from meetingsim.clients.meetings import MeetingHandle
from meetingsim.clients.mirror import Mirror
from meetingsim.clients.people import guest, host
from meetingsim.clients.reconnect import Reconnect
from meetingsim.clients.redaction import harmless, redacted
from meetingsim.clients.refusals import (
    AlreadyDecidedError,
    ConflictError,
    DeniedError,
    EndedError,
    FullError,
    InvalidRuleError,
    LockedError,
    MalformedError,
    NameRefusedError,
    NameRequiredError,
    NoSuchMeetingError,
    NoSuchParticipantError,
    NotHostError,
    NotInsideError,
    NotPermittedError,
    NotStartedError,
    NotWaitingError,
    ProtectedError,
    RateLimitedError,
    RegionBlockedError,
    RemovedError,
    ResumeLostError,
    SuspendedError,
    TicketInvalidError,
    TicketUsedError,
    TooLargeError,
    UnauthorisedError,
    UnavailableError,
    WrongPasscodeError,
)
from meetingsim.clients.server import Server, SpaceHandle
from meetingsim.clients.situations import PersonThere

__all__ = [
    "DEFAULT_URL",
    "AccountHandle",
    "CameBack",
    "Closed",
    "Connection",
    "ConnectionClosed",
    "Done",
    "Explanation",
    "Frame",
    "HeldPerson",
    "Inbox",
    "Invitation",
    "LinkInvalid",
    "MeetingHandle",
    "MeetingsimError",
    "Mirror",
    "NotSilent",
    "Page",
    "PersonThere",
    "Reconnect",
    "Recorded",
    "Recording",
    "RefusedError",
    "Reply",
    "Server",
    "SpaceHandle",
    "Ticket",
    "Unreachable",
    "UpgradeRefused",
    "User",
    "WaitTimeout",
    "connect",
    "guest",
    "harmless",
    "host",
    "invitation",
    "redacted",
    "AlreadyDecidedError",
    "ConflictError",
    "DeniedError",
    "EndedError",
    "FullError",
    "InvalidRuleError",
    "LockedError",
    "MalformedError",
    "NameRefusedError",
    "NameRequiredError",
    "NoSuchMeetingError",
    "NoSuchParticipantError",
    "NotHostError",
    "NotInsideError",
    "NotPermittedError",
    "NotStartedError",
    "NotWaitingError",
    "ProtectedError",
    "RateLimitedError",
    "RegionBlockedError",
    "RemovedError",
    "ResumeLostError",
    "SuspendedError",
    "TicketInvalidError",
    "TicketUsedError",
    "TooLargeError",
    "UnauthorisedError",
    "UnavailableError",
    "WrongPasscodeError",
]
