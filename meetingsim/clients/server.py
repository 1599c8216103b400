"""The HTTP side: a server, its meetings and accounts, and what a tester needs of it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Self, cast
from urllib.parse import quote

import httpx2

from meetingsim.clients.accounts import AccountHandle
from meetingsim.clients.answers import ClockMoved, CountryPlan, Health, LocatedAddress, MeetingDocument, Reports
from meetingsim.clients.connection import TIMEOUT
from meetingsim.clients.errors import MeetingsimError, RefusedError, Unreachable
from meetingsim.clients.frames import wire
from meetingsim.clients.links import DEFAULT_URL, Invitation, server_url
from meetingsim.clients.meetings import MeetingHandle
from meetingsim.clients.refusals import UnauthorisedError, refusal_of
from meetingsim.clients.situations import PersonThere, controls_of
from meetingsim.state.control import Command
from meetingsim.state.meeting import Kind as MeetingKind


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
        body = wire({"topic": topic, "kind": kind, "id": id, "passcode": passcode})
        body |= {"people": [dict(one) for one in people]} if people else {}
        body |= {"controls": controls_of(controls)} if controls else {}
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

    async def set_networks(
        self, networks: Mapping[str, str | None], *, anonymous: Mapping[str, str] | None = None
    ) -> dict[str, str | None]:
        """Says of networks, in CIDR notation, which country they are in, in place of what was said before; None is no known
        country. It goes before every database, in the space of the token alone. ``anonymous`` says which of them are a
        ``vpn``, ``proxy``, ``tor`` or ``hosting``.
        """
        kinds = anonymous or {}
        rows = [wire({"network": one, "anonymous": kinds.get(one)}) | {"country": networks[one]} for one in networks]
        said = await self.request("PUT", "geo/networks", json={"networks": rows})
        return {one["network"]: one["country"] for one in said["networks"]}

    async def create_space(self, *, seed: int | None = None) -> SpaceHandle:
        """Makes a space, with the admin's token: ``async with await server.create_space() as space`` deletes it at the end.
        The same ``seed``, the same ids, passcodes and tokens in it.
        """
        said = await self.request("POST", "spaces", json=wire({"seed": seed}))
        return SpaceHandle(self, said["space"], said["token"])

    async def delete_space(self, space: str) -> None:
        """Ends and forgets a space with everything in it, with the admin's token."""
        await self.request("DELETE", f"spaces/{quote(space, safe='')}")

    async def reset(self) -> None:
        """Forgets everything in the space of the token, with the server's own token in all spaces. In memory only."""
        await self.request("POST", "reset")

    async def advance_clock(self, by: str | timedelta) -> ClockMoved:
        """Moves the clock of a server with ``--clock manual``: by ``500ms``, ``30s``, ``10m``, ``2h``, ``7d``, or a
        timedelta, at most ten years. What falls due happens in order, and is over when this answers.
        """
        said = by if isinstance(by, str) else f"{round(by / timedelta(milliseconds=1))}ms"
        return cast("ClockMoved", await self.request("POST", "clock", json={"advance": said}))

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


class SpaceHandle(Server):
    """A space of a server: meetings, accounts, reports and limits of its own, so that tests in parallel never meet.

    It is a server to whoever has it; its token is the admin's of this space alone. Deletes itself at the end of its context.
    """

    def __init__(self, server: Server, space: str, token: str) -> None:
        """Of a space that exists, without asking the server. It uses the connections of ``server``."""
        self.url, self.timeout, self._client = server.url, server.timeout, server._client
        self.token = token
        self.space = space
        self._deleted = False

    def __repr__(self) -> str:
        return f"SpaceHandle({self.space!r} at {self.url!r})"

    async def delete(self) -> None:
        """Ends and forgets the space with everything in it."""
        await self.delete_space(self.space)
        self._deleted = True

    async def close(self) -> None:
        """Deletes the space, if it is there still: a reset of the server takes all spaces with it."""
        if not self._deleted:
            with suppress(UnauthorisedError):
                await self.delete()


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
