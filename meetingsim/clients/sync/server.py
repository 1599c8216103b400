"""The HTTP side, for code without an event loop.

Generated out of ``meetingsim/clients/server.py`` by ``python -m scripts.sdk_methods``; changes by hand are lost.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, Self

from meetingsim.clients import server as aio
from meetingsim.clients.answers import (
    CountryPlan,
    Health,
    LocatedAddress,
    MeetingDocument,
    ParticipantRow,
    Reports,
    Ticket,
    WaitingRow,
)
from meetingsim.clients.connection import TIMEOUT
from meetingsim.clients.frames import Done, Page
from meetingsim.clients.inbox import AnyFrame
from meetingsim.clients.links import DEFAULT_URL, Invitation
from meetingsim.clients.sync.accounts import AccountHandle
from meetingsim.clients.sync.http_controls import HttpControls
from meetingsim.clients.sync.portal import PORTAL
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
    ) -> MeetingHandle:
        """Makes a meeting. ``settings`` is any part of the settings document; ``id`` and ``passcode`` are the admin's to
        choose. For a meeting without a passcode say ``settings={"passcode": None}``. What is made with the ``token`` of
        an account or of a user belongs to that account; without one the server's is used.
        """
        return MeetingHandle._around(
            self,
            PORTAL.run(
                self._inner.create_meeting(topic, kind=kind, settings=settings, id=id, passcode=passcode, token=token)
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

    def _meeting(self, inner: aio.MeetingHandle) -> MeetingHandle:
        return MeetingHandle._around(self, inner)


class MeetingHandle(HttpControls):
    """A meeting over HTTP: its controls as methods, by the host token if there is one, else by the server's token."""

    def __init__(self, server: Server, document: Mapping[str, Any]) -> None:
        """``document`` is what making the meeting answered, or as much of it as is known; it has an ``id``."""
        self.server = server
        self._inner = aio.MeetingHandle(server._inner, document)

    @classmethod
    def _around(cls, server: Server, inner: aio.MeetingHandle) -> Self:
        made = cls.__new__(cls)
        made.server, made._inner = server, inner
        return made

    def __repr__(self) -> str:
        return repr(self._inner)

    @property
    def document(self) -> dict[str, Any]:
        """As it is now; see the asynchronous class."""
        return self._inner.document

    @property
    def id(self) -> str:
        """Eleven digits, unless the admin chose another number."""
        return self._inner.id

    @property
    def passcode(self) -> str | None:
        """As it was when the meeting was made; a later change is not noticed."""
        return self._inner.passcode

    @property
    def host_token(self) -> str | None:
        """Ownership of the meeting. Keep it out of links and logs."""
        return self._inner.host_token

    @property
    def socket_url(self) -> str:
        """Where people connect; it carries no secret."""
        return self._inner.socket_url

    @property
    def join_url(self) -> str | None:
        """The link for guests; None on a handle that did not make the meeting."""
        return self._inner.join_url

    def get(self) -> MeetingDocument:
        """The meeting as the token may see it."""
        return PORTAL.run(self._inner.get())

    def patch(self, *, topic: str | None = None, **settings: Any) -> MeetingDocument:
        """Merges into the settings: ``patch(waiting_room={"enabled": False}, capacity=20)``. None is sent as null.

        Each change goes through the control it belongs to; one refusal refuses all of them.
        """
        return PORTAL.run(self._inner.patch(topic=topic, **settings))

    def delete(self) -> None:
        """Deletes the meeting, with the server's token; reports and their evidence stay."""
        PORTAL.run(self._inner.delete())

    def control(self, name: str, /, **fields: Any) -> Done:
        """A control by its word, with any fields: for what no method would send."""
        return PORTAL.run(self._inner.control(name, **fields))

    def create_ticket(
        self,
        name: str,
        *,
        email: str | None = None,
        role: Literal["participant", "cohost", "panelist", "attendee"] = "participant",
        single_use: bool = False,
        country: str | None = None,
        device: str | None = None,
    ) -> Ticket:
        """Makes a personal link, good for 30 days. One for a cohost or panelist never waits; panelists and attendees are a
        webinar's. A removed person's mail address gets no new one (RemovedError).

        ``country`` and ``device`` say where its bearer comes from and on what: they need the server's token, the admin's.
        """
        return PORTAL.run(
            self._inner.create_ticket(
                name, email=email, role=role, single_use=single_use, country=country, device=device
            )
        )

    def participants(self) -> list[ParticipantRow]:
        """Everybody inside, for host and admin."""
        return PORTAL.run(self._inner.participants())

    def waiting_room(self) -> list[WaitingRow]:
        """Everybody who waits, in order, for host and admin."""
        return PORTAL.run(self._inner.waiting_room())

    def events(
        self, after: int = 0, types: Sequence[str] = (), *, limit: int | None = None, wait: float | None = None
    ) -> Page:
        """The journal after a seq, each event with its ``because``; ``types`` keeps these types alone.

        ``wait`` is in seconds: answers as soon as there is an event, else with none when they are over.
        """
        return PORTAL.run(self._inner.events(after, types, limit=limit, wait=wait))

    def follow(self, after: int = 0, types: Sequence[str] = ()) -> Iterator[AnyFrame]:
        """Every event after a seq, those to come too, without an end: leave the loop when you have seen enough."""
        return PORTAL.iterate(self._inner.follow(after, types))
