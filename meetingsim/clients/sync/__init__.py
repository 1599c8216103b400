"""The SDK for code without an event loop: the same names and types as ``meetingsim.clients``, without ``await``.

    with Server() as server:
        meeting = server.create_meeting("Algebra")
        with host(meeting) as teacher, guest(meeting, "Mia") as mia:
            knock = teacher.wait_for(JoinedWaitingRoom)
            teacher.admit(knock.event.participant)
            mia.placed("inside")

Errors, frames and answers are those of ``meetingsim.clients``. One background thread, shared by all that is open, keeps
reading while the caller does something else.
"""

from __future__ import annotations

from meetingsim.clients.sync.accounts import AccountHandle
from meetingsim.clients.sync.connection import Connection, connect
from meetingsim.clients.sync.meetings import MeetingHandle
from meetingsim.clients.sync.people import guest, host
from meetingsim.clients.sync.server import Server, SpaceHandle

__all__ = ["AccountHandle", "Connection", "MeetingHandle", "Server", "SpaceHandle", "connect", "guest", "host"]
