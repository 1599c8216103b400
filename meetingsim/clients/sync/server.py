"""The HTTP side, for code without an event loop.

Generated out of ``meetingsim/clients/server.py`` by ``python -m scripts.sdk_methods``; changes by hand are lost.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Self

from meetingsim.clients import server as aio
from meetingsim.clients.answers import ClockMoved, CountryPlan, Health, LocatedAddress, MeetingDocument, Reports
from meetingsim.clients.connection import TIMEOUT
from meetingsim.clients.links import DEFAULT_URL, Invitation
from meetingsim.clients.meetings import MeetingHandle as AsyncMeetingHandle
from meetingsim.clients.situations import PersonThere
from meetingsim.clients.sync.accounts import AccountHandle
from meetingsim.clients.sync.meetings import MeetingHandle
from meetingsim.clients.sync.portal import PORTAL
from meetingsim.state.control import Command
from meetingsim.state.meeting import Kind as MeetingKind


class Server:
    """A meetingsim server over HTTP. Use it as a context manager, or ``open`` and ``close`` it.

    No proxy and no ``.netrc`` is used: the server is this machine's or one's own.
    """

    def __init__(self, url: str = DEFAULT_URL, token: str | None = None, *, timeout: float = TIMEOUT) -> None:
        """``token``: the admin's for the whole server; on loopback a meeting can be made without one."""
        self._inner = aio.Server(url, token, timeout=timeout)
        self._held = False

    @property
    def url(self) -> str:
        """As it is now; see the asynchronous class."""
        return self._inner.url

    @property
    def token(self) -> str | None:
        """As it is now; see the asynchronous class."""
        return self._inner.token

    @property
    def timeout(self) -> float:
        """As it is now; see the asynchronous class."""
        return self._inner.timeout

    @classmethod
    def from_environment(cls) -> Self:
        """The server that ``MEETINGSIM_URL`` and ``MEETINGSIM_ADMIN_TOKEN`` (else ``MEETINGSIM_TOKEN``) name."""
        token = os.environ.get("MEETINGSIM_ADMIN_TOKEN") or os.environ.get("MEETINGSIM_TOKEN")
        return cls(os.environ.get("MEETINGSIM_URL") or DEFAULT_URL, token or None)

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Gives the connections back."""
        if self._held:
            try:
                PORTAL.run(self._inner.close())
            finally:
                self._held = False
                PORTAL.release()

    def create_meeting(
        self,
        topic: str,
        *,
        kind: MeetingKind | None = None,
        settings: Mapping[str, Any] | None = None,
        id: str | None = None,
        passcode: str | None = None,
        token: str | None = None,
        people: Sequence[PersonThere] = (),
        controls: Sequence[Command | Mapping[str, Any]] = (),
    ) -> MeetingHandle:
        """Makes a meeting. ``settings`` is any part of the settings document; ``id`` and ``passcode`` are the admin's to
        choose. For a meeting without a passcode say ``settings={"passcode": None}``. What is made with the ``token`` of
        an account or of a user belongs to that account; without one the server's is used.

        With ``people``, the admin's to say, it is started, and they come and do what they are to do; then ``controls``
        are applied in order: a whole situation, or where one of these is refused no meeting at all. Who was refused at the
        door is in ``meeting.people``, as the others are.
        """
        return MeetingHandle._around(
            self,
            PORTAL.run(
                self._inner.create_meeting(
                    topic,
                    kind=kind,
                    settings=settings,
                    id=id,
                    passcode=passcode,
                    token=token,
                    people=people,
                    controls=controls,
                )
            ),
        )

    def meeting(
        self, meeting: str | Invitation, token: str | None = None, *, passcode: str | None = None
    ) -> MeetingHandle:
        """A handle for a meeting that exists, without asking the server. ``token``: its host token; else the server's
        token is used.
        """
        return MeetingHandle._around(self, self._inner.meeting(meeting, token, passcode=passcode))

    def meetings(self) -> list[MeetingDocument]:
        """The meetings that the token opens, in order of creation."""
        return PORTAL.run(self._inner.meetings())

    def create_account(
        self,
        name: str,
        owner: str,
        *,
        admins: Sequence[str] = (),
        domains: Sequence[str] = (),
        defaults: Mapping[str, Any] | None = None,
        region: Mapping[str, Any] | None = None,
    ) -> AccountHandle:
        """Makes an account, with the admin's token. ``owner`` and ``admins`` are mail addresses; ``defaults`` is any part
        of the settings document, for meetings of the account; ``region`` a region rule that entry must pass as well.
        """
        return AccountHandle._around(
            self,
            PORTAL.run(
                self._inner.create_account(
                    name, owner, admins=admins, domains=domains, defaults=defaults, region=region
                )
            ),
        )

    def account(self, account: str, token: str | None = None) -> AccountHandle:
        """A handle for an account that exists, without asking the server."""
        return AccountHandle._around(self, self._inner.account(account, token))

    def reports(self, after: int = 0, limit: int | None = None, *, meeting: str | None = None) -> Reports:
        """Reports after a position, of one meeting or of all, for the admin."""
        return PORTAL.run(self._inner.reports(after, limit, meeting=meeting))

    def create_report(
        self,
        meeting: str,
        participants: Sequence[str],
        issue: str,
        *,
        text: str | None = None,
        token: str | None = None,
    ) -> str:
        """Reports people from outside their meeting, until 30 days after its end; gives the report's id.

        ``token`` says who reports: somebody's ticket, user token or session (``conn.session``; a removed person's is good
        for this still), or the host token. Without one the server's is used. ``pending`` in place of an id: filed,
        and evidence is still to be added.
        """
        return PORTAL.run(self._inner.create_report(meeting, participants, issue, text=text, token=token))

    def geo(self, address: str) -> LocatedAddress:
        """Where the server locates an address."""
        return PORTAL.run(self._inner.geo(address))

    def plan(self, country: str) -> CountryPlan:
        """The addresses of which people who say this ``country`` get one. A code of ISO 3166-1 alpha-2."""
        return PORTAL.run(self._inner.plan(country))

    def set_networks(
        self, networks: Mapping[str, str | None], *, anonymous: Mapping[str, str] | None = None
    ) -> dict[str, str | None]:
        """Says of networks, in CIDR notation, which country they are in, in place of what was said before; None is no known
        country. It goes before every database, in the space of the token alone. ``anonymous`` says which of them are a
        ``vpn``, ``proxy``, ``tor`` or ``hosting``.
        """
        return PORTAL.run(self._inner.set_networks(networks, anonymous=anonymous))

    def create_space(self, *, seed: int | None = None) -> SpaceHandle:
        """Makes a space, with the admin's token: ``with server.create_space() as space`` deletes it at the end.
        The same ``seed``, the same ids, passcodes and tokens in it.
        """
        return SpaceHandle._around(self, PORTAL.run(self._inner.create_space(seed=seed)))

    def delete_space(self, space: str) -> None:
        """Ends and forgets a space with everything in it, with the admin's token."""
        PORTAL.run(self._inner.delete_space(space))

    def reset(self) -> None:
        """Forgets everything in the space of the token, with the server's own token in all spaces. In memory only."""
        PORTAL.run(self._inner.reset())

    def advance_clock(self, by: str | timedelta) -> ClockMoved:
        """Moves the clock of a server with ``--clock manual``: by ``500ms``, ``30s``, ``10m``, ``2h``, ``7d``, or a
        timedelta, at most ten years. What falls due happens in order, and is over when this answers.
        """
        return PORTAL.run(self._inner.advance_clock(by))

    def health(self) -> Health:
        """What the server says of itself; open to everybody."""
        return PORTAL.run(self._inner.health())

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        token: str | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Any call below ``/api/v1/``, for what has no method here. An answer without content gives an empty dict.

        Raises:
            RefusedError: the subclass for the code in the problem document.
            Unreachable: nobody answers, or not in ``timeout`` seconds.
        """
        return PORTAL.run(self._inner.request(method, path, json=json, params=params, token=token, timeout=timeout))

    def open(self) -> Self:
        """Makes it ready; nothing is asked of the server yet."""
        if not self._held:
            PORTAL.hold()
            self._held = True
        return self

    def _meeting(self, inner: AsyncMeetingHandle) -> MeetingHandle:
        return MeetingHandle._around(self, inner)


class SpaceHandle(Server):
    """A space of a server: meetings, accounts, reports and limits of its own, so that tests in parallel never meet.

    It is a server to whoever has it; its token is the admin's of this space alone. Deletes itself at the end of its context.
    """

    def __init__(self, server: Server, space: str, token: str) -> None:
        """Of a space that exists, without asking the server. It uses the connections of ``server``."""
        self.server = server
        self._inner = aio.SpaceHandle(server._inner, space, token)

    @classmethod
    def _around(cls, server: Server, inner: aio.SpaceHandle) -> Self:
        made = cls.__new__(cls)
        made.server, made._inner = server, inner
        return made

    def __repr__(self) -> str:
        return repr(self._inner)

    @property
    def space(self) -> str:
        """As it is now; see the asynchronous class."""
        return self._inner.space

    def delete(self) -> None:
        """Ends and forgets the space with everything in it."""
        PORTAL.run(self._inner.delete())

    def close(self) -> None:
        """Deletes the space, if it is there still: a reset of the server takes all spaces with it."""
        if self._held:
            try:
                PORTAL.run(self._inner.close())
            finally:
                self._held = False
                PORTAL.release()

    _inner: aio.SpaceHandle
    _held = False
