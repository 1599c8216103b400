"""People in one line, for code without an event loop: a guest or the host, joined for as long as the context lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

from meetingsim.clients import people as aio
from meetingsim.clients.links import Invitation
from meetingsim.clients.reconnect import Reconnect
from meetingsim.clients.sync.connection import Connection
from meetingsim.clients.sync.meetings import MeetingHandle
from meetingsim.clients.sync.portal import PORTAL

Meeting: TypeAlias = MeetingHandle | Invitation | str
"""A handle, an invitation, or any link that ``invitation`` reads."""


@contextmanager
def guest(  # noqa: PLR0913  # all that somebody may show at the door
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
) -> Iterator[Connection]:
    """Somebody who joins: early, waiting or inside, as the meeting has it. Leaves at the end if the socket is still open.

    Without ``passcode``, ``ticket`` and ``user_token`` what the link itself carries is shown, a ticket or the passcode.
    Where ``country`` or ``address`` is given, the token of the handle's server goes into the upgrade, which makes them
    honoured anywhere.

    Raises:
        RefusedError: the subclass for the code, when the door says no.
    """
    somebody = aio.guest(
        meeting._inner if isinstance(meeting, MeetingHandle) else meeting,
        name,
        country=country,
        address=address,
        device=device,
        passcode=passcode,
        ticket=ticket,
        user_token=user_token,
        reconnect=reconnect,
    )
    with PORTAL.within(somebody) as inner:
        yield Connection._around(inner)


@contextmanager
def host(meeting: MeetingHandle, name: str = "Host", *, reconnect: Reconnect | None = None) -> Iterator[Connection]:
    """The holder of the host token: always gets in, and starts the meeting on first coming. Leaves at the end.

    Raises:
        MeetingsimError: the handle has no host token.
    """
    with PORTAL.within(aio.host(meeting._inner, name, reconnect=reconnect)) as inner:
        yield Connection._around(inner)
