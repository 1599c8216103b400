"""The HTTP side: making meetings, hosting them without a socket, reading their journal."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final, Literal, Self, cast
from urllib.parse import quote

import httpx2

from meetingsim.clients.accounts import AccountHandle
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
from meetingsim.clients.errors import MeetingsimError, RefusedError, Unreachable
from meetingsim.clients.frames import Done, Frame, Page, wire
from meetingsim.clients.http_controls import HttpControls
from meetingsim.clients.inbox import AnyFrame
from meetingsim.clients.links import DEFAULT_URL, Invitation, server_url
from meetingsim.clients.refusals import refusal_of
from meetingsim.state.meeting import Kind as MeetingKind

LONGEST_WAIT: Final = 10.0
"""Seconds for which one request for events may wait for the next one."""


class Server:
    """A meetingsim server over HTTP. Use it as a context manager; it holds a pool of connections.

    No proxy and no ``.netrc`` is used: the server is this machine's or one's own.
    """

    def __init__(self, url: str = DEFAULT_URL, token: str | None = None, *, timeout: float = TIMEOUT) -> None:
        """``token``: the admin's for the whole server; on loopback a meeting can be made without one."""
        self.url = server_url(url)
        self.token = token
        self.timeout = timeout
        # Reading the certificates takes longer than a hundred requests, and plain HTTP needs none.
        secure = self.url.startswith("https:")
        self._client = httpx2.AsyncClient(
            base_url=f"{self.url}/api/v1/", timeout=timeout, trust_env=False, verify=secure
        )

    @classmethod
    def from_environment(cls) -> Self:
        """The server that ``MEETINGSIM_URL`` and ``MEETINGSIM_ADMIN_TOKEN`` (else ``MEETINGSIM_TOKEN``) name."""
        token = os.environ.get("MEETINGSIM_ADMIN_TOKEN") or os.environ.get("MEETINGSIM_TOKEN")
        return cls(os.environ.get("MEETINGSIM_URL") or DEFAULT_URL, token or None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Gives the connections back."""
        await self._client.aclose()

    async def create_meeting(
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
        body = wire({"topic": topic, "kind": kind, "id": id, "passcode": passcode})
        if settings is not None:
            body["settings"] = dict(settings)
        return MeetingHandle(self, await self.request("POST", "meetings", json=body, token=token))

    def meeting(
        self, meeting: str | Invitation, token: str | None = None, *, passcode: str | None = None
    ) -> MeetingHandle:
        """A handle for a meeting that exists, without asking the server. ``token``: its host token; else the server's
        token is used.
        """
        invited = meeting if isinstance(meeting, Invitation) else Invitation(self.url, meeting, passcode)
        document = {
            "id": invited.meeting,
            "passcode": passcode or invited.passcode,
            "host_token": token,
            "socket_url": invited.socket_url,
        }
        return MeetingHandle(self, document)

    async def meetings(self) -> list[MeetingDocument]:
        """The meetings that the token opens, in order of creation."""
        found: list[MeetingDocument] = (await self.request("GET", "meetings"))["meetings"]
        return found

    async def create_account(
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
        body = wire({"name": name, "owner": owner, "admins": admins, "domains": domains, "defaults": defaults})
        said = await self.request("POST", "accounts", json=body | wire({"region": region}))
        return AccountHandle(self, said["account"], said["token"])

    def account(self, account: str, token: str | None = None) -> AccountHandle:
        """A handle for an account that exists, without asking the server."""
        return AccountHandle(self, account, token)

    async def reports(self, after: int = 0, limit: int | None = None, *, meeting: str | None = None) -> Reports:
        """Reports after a position, of one meeting or of all, for the admin."""
        params = wire({"after": after, "limit": limit, "meeting": meeting})
        return cast("Reports", await self.request("GET", "reports", params=params))

    async def create_report(
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
        body = wire({"meeting": meeting, "participants": participants, "issue": issue, "text": text})
        return str((await self.request("POST", "reports", json=body, token=token))["report"])

    async def geo(self, address: str) -> LocatedAddress:
        """Where the server locates an address."""
        return cast("LocatedAddress", await self.request("GET", f"geo/{quote(address, safe='')}"))

    async def plan(self, country: str) -> CountryPlan:
        """The addresses of which people who say this ``country`` get one. A code of ISO 3166-1 alpha-2."""
        return cast("CountryPlan", await self.request("GET", f"geo/plan/{quote(country, safe='')}"))

    async def health(self) -> Health:
        """What the server says of itself; open to everybody."""
        return cast("Health", await self.request("GET", f"{self.url}/health"))

    async def request(
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
        bearer = token or self.token
        try:
            response = await self._client.request(
                method,
                path,
                json=json,
                params=params,
                headers={"Authorization": f"Bearer {bearer}"} if bearer else None,
                timeout=self.timeout if timeout is None else timeout,
            )
        except httpx2.TransportError as error:
            raise Unreachable(self.url, str(error) or type(error).__name__) from None
        if not response.is_success:
            raise _refusal(response)
        said = _json(response) if response.content else {}
        if said is None:
            raise MeetingsimError(f"{self.url} does not answer like a meetingsim server: {method} {path} gave no JSON")
        return said


class MeetingHandle(HttpControls):
    """A meeting over HTTP: its controls as methods, by the host token if there is one, else by the server's token."""

    def __init__(self, server: Server, document: Mapping[str, Any]) -> None:
        """``document`` is what making the meeting answered, or as much of it as is known; it has an ``id``."""
        self.server = server
        self.document = dict(document)

    def __repr__(self) -> str:
        return f"MeetingHandle({self.id!r} at {self.server.url!r})"

    @property
    def id(self) -> str:
        """Eleven digits, unless the admin chose another number."""
        return str(self.document["id"])

    @property
    def passcode(self) -> str | None:
        """As it was when the meeting was made; a later change is not noticed."""
        return self.document.get("passcode")

    @property
    def host_token(self) -> str | None:
        """Ownership of the meeting. Keep it out of links and logs."""
        return self.document.get("host_token")

    @property
    def socket_url(self) -> str:
        """Where people connect; it carries no secret."""
        return str(self.document.get("socket_url") or Invitation(self.server.url, self.id).socket_url)

    @property
    def join_url(self) -> str | None:
        """The link for guests; None on a handle that did not make the meeting."""
        return self.document.get("join_url")

    async def get(self) -> MeetingDocument:
        """The meeting as the token may see it."""
        return cast("MeetingDocument", await self._call("GET", ""))

    async def patch(self, *, topic: str | None = None, **settings: Any) -> MeetingDocument:
        """Merges into the settings: ``patch(waiting_room={"enabled": False}, capacity=20)``. None is sent as null.

        Each change goes through the control it belongs to; one refusal refuses all of them.
        """
        body: dict[str, Any] = {} if topic is None else {"topic": topic}
        return cast(
            "MeetingDocument", await self._call("PATCH", "", json=body | ({"settings": settings} if settings else {}))
        )

    async def delete(self) -> None:
        """Deletes the meeting, with the server's token; reports and their evidence stay."""
        await self.server.request("DELETE", f"meetings/{quote(self.id, safe='')}")

    async def control(self, name: str, /, **fields: Any) -> Done:
        """A control by its word, with any fields: for what no method would send."""
        said = await self._call("POST", f"/controls/{quote(name, safe='')}", json=wire(fields))
        events: tuple[AnyFrame, ...] = tuple(Frame(event) for event in said.pop("events", ()))
        return Done(said.pop("seq", None), events, said)

    async def create_ticket(
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
        body = wire({"name": name, "email": email, "role": role, "single_use": single_use})
        simulated = wire({"country": country, "device": device})
        how = {"token": self.server.token} if simulated else {}
        said = await self._call("POST", "/tickets", json=body | simulated, **how)
        return Ticket(said["ticket"], said["join_url"])

    async def participants(self) -> list[ParticipantRow]:
        """Everybody inside, for host and admin."""
        found: list[ParticipantRow] = (await self._call("GET", "/participants"))["participants"]
        return found

    async def waiting_room(self) -> list[WaitingRow]:
        """Everybody who waits, in order, for host and admin."""
        found: list[WaitingRow] = (await self._call("GET", "/waiting-room"))["waiting"]
        return found

    async def events(
        self, after: int = 0, types: Sequence[str] = (), *, limit: int | None = None, wait: float | None = None
    ) -> Page:
        """The journal after a seq, each event with its ``because``; ``types`` keeps these types alone.

        ``wait`` is in seconds: answers as soon as there is an event, else with none when they are over.
        """
        params = wire({"after": after, "type": ",".join(types) or None, "limit": limit})
        if wait is not None:
            params["wait"] = f"{round(wait * 1000)}ms"
        said = await self._call("GET", "/events", params=params, timeout=self.server.timeout + (wait or 0))
        return Page(tuple(Frame(event) for event in said["events"]), int(said["next"]))

    async def follow(self, after: int = 0, types: Sequence[str] = ()) -> AsyncIterator[AnyFrame]:
        """Every event after a seq, those to come too, without an end: leave the loop when you have seen enough."""
        while True:
            page = await self.events(after, types, wait=LONGEST_WAIT)
            for event in page.events:
                yield event
            after = page.next

    async def _call(self, method: str, path: str, *, token: str | None = None, **how: Any) -> dict[str, Any]:
        return await self.server.request(
            method, f"meetings/{quote(self.id, safe='')}{path}", token=token or self.host_token, **how
        )


def _refusal(response: httpx2.Response) -> RefusedError:
    said = _json(response) or {}
    said.setdefault("detail", said.get("title") or response.reason_phrase)
    return refusal_of({"code": "unknown", **said}, status=response.status_code)


def _json(response: httpx2.Response) -> dict[str, Any] | None:
    try:
        said = response.json()
    except ValueError:
        return None
    return said if isinstance(said, dict) else None
