"""People in one line: a guest or the host, connected and joined for as long as the context lasts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TypeAlias

from meetingsim.clients.connection import Connection, connect
from meetingsim.clients.errors import ConnectionClosed, MeetingsimError
from meetingsim.clients.links import Invitation, invitation
from meetingsim.clients.meetings import MeetingHandle
from meetingsim.clients.reconnect import Reconnect

Meeting: TypeAlias = MeetingHandle | Invitation | str
"""A handle, an invitation, or any link that ``invitation`` reads."""


@asynccontextmanager
async def guest(  # noqa: PLR0913  # all that somebody may show at the door
    meeting: Meeting,
    name: str,
    *,
    country: str | None = None,
    address: str | None = None,
    device: str | None = None,
    passcode: str | None = None,
    ticket: str | None = None,
    user_token: str | None = None,
    reconnect: Reconnect | None = None,
) -> AsyncIterator[Connection]:
    """Somebody who joins: early, waiting or inside, as the meeting has it. Leaves at the end if the socket is still open.

    Without ``passcode``, ``ticket`` and ``user_token`` what the link itself carries is shown, a ticket or the passcode.
    Where ``country`` or ``address`` is given, the token of the handle's server goes into the upgrade, which makes them
    honoured anywhere.

    Raises:
        RefusedError: the subclass for the code, when the door says no.
    """
    fields = {"country": country, "address": address, "device": device, "ticket": ticket, "user_token": user_token}
    if passcode is not None:
        fields["passcode"] = passcode
    elif ticket is None and user_token is None:
        fields |= _carried(meeting)
    simulated = country is not None or address is not None
    token = meeting.server.token if simulated and isinstance(meeting, MeetingHandle) else None
    async with connect(_socket_url(meeting), token=token, reconnect=reconnect) as conn:
        await conn.join(name, **fields)
        yield conn
        await _leave(conn)


@asynccontextmanager
async def host(
    meeting: MeetingHandle, name: str = "Host", *, reconnect: Reconnect | None = None
) -> AsyncIterator[Connection]:
    """The holder of the host token: always gets in, and starts the meeting on first coming. Leaves at the end.

    Raises:
        MeetingsimError: the handle has no host token.
    """
    if meeting.host_token is None:
        raise MeetingsimError("this handle has no host token: make the meeting, or say server.meeting(id, token)")
    async with connect(meeting.socket_url, reconnect=reconnect) as conn:
        await conn.join(name, host_token=meeting.host_token)
        yield conn
        await _leave(conn)


def _carried(meeting: Meeting) -> dict[str, str | None]:
    invited = invitation(meeting) if isinstance(meeting, str) else meeting
    ticket = invited.ticket if isinstance(invited, Invitation) else None
    return {"passcode": invited.passcode} if ticket is None else {"ticket": ticket}


def _socket_url(meeting: Meeting) -> str:
    return invitation(meeting).socket_url if isinstance(meeting, str) else meeting.socket_url


async def _leave(conn: Connection) -> None:
    # The meeting may have ended, or end at this very moment, and its host may remove this person.
    with suppress(ConnectionClosed):
        await conn.ask("leave", check=False)
        await conn.closed()
