"""A meeting over HTTP: hosting it without a socket, reading its journal, and people whom the server itself holds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, Unpack, cast
from urllib.parse import quote

from meetingsim.clients.answers import (
    Explanation,
    HeldPerson,
    MeetingDocument,
    ParticipantRow,
    Recorded,
    Recording,
    Ticket,
    WaitingRow,
)
from meetingsim.clients.frames import Done, Frame, Page, Reply, wire
from meetingsim.clients.http_controls import HttpControls
from meetingsim.clients.inbox import AnyFrame
from meetingsim.clients.links import Invitation
from meetingsim.clients.situations import Behaviour, Credentials

if TYPE_CHECKING:
    from meetingsim.clients.server import Server

LONGEST_WAIT: Final = 10.0
"""Seconds for which one request for events may wait for the next one."""


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

    @property
    def people(self) -> list[HeldPerson]:
        """Those of the situation that it was made with, in order, as they were then."""
        return [HeldPerson.of(one) for one in self.document.get("people", ())]

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

    async def hold(
        self,
        name: str,
        *,
        count: int = 1,
        behaviour: Behaviour = "silent",
        country: str | None = None,
        address: str | None = None,
        device: str | None = None,
        **credentials: Unpack[Credentials],
    ) -> list[HeldPerson]:
        """Lets people knock whom the server itself holds, with the server's token: the same door, rules and limits as a
        socket. They show the meeting's passcode unless another credential is given.

        With ``count`` there are several, numbered in name and device. ``behaviour``: silent does what ``command`` says;
        talker speaks and chats; raider starts everything it may, floods the chat and changes its name. Whoever is refused
        is an outcome, and raises nothing here.
        """
        body = wire({"name": name, "count": count, "behaviour": behaviour, "country": country, "address": address})
        said = await self._as_admin("POST", "", json=body | wire({"device": device, **credentials}))
        return [HeldPerson.of(one) for one in said["people"]]

    async def command(self, participant: str, command: str, /, **fields: Any) -> Reply:
        """Lets somebody the server holds do something, by the command's word, as on a socket; a refusal raises.

        ``drop`` cuts their line, ``resume`` brings them back; both need no fields.
        """
        path = f"/{quote(participant, safe='')}/commands/{quote(command, safe='')}"
        said = await self._as_admin("POST", path, json=wire(fields))
        return Reply({"type": "reply", "ok": True, **said})

    async def frames(self, participant: str, after: int = 0, *, limit: int | None = None) -> Recording:
        """What somebody was sent over all their connections, secrets redacted, after a number, with the server's token.

        There are those of people the server holds; where it runs with ``--record-frames``, those of everybody.
        """
        params = wire({"after": after, "limit": limit})
        said = await self._as_admin("GET", f"/{quote(participant, safe='')}/frames", params=params)
        return Recording(tuple(Recorded.of(one) for one in said["frames"]), int(said["next"]))

    async def explain(self, participant: str) -> Explanation:
        """How somebody came to be where they are, for host and admin: every decision about them with its ``because``."""
        said = await self._call("GET", f"/people/{quote(participant, safe='')}/explain")
        return Explanation(said["person"], tuple(Frame(event) for event in said["chain"]))

    async def _as_admin(self, method: str, path: str, **how: Any) -> dict[str, Any]:
        return await self._call(method, f"/people{path}", token=self.server.token, **how)

    async def _call(self, method: str, path: str, *, token: str | None = None, **how: Any) -> dict[str, Any]:
        return await self.server.request(
            method, f"meetings/{quote(self.id, safe='')}{path}", token=token or self.host_token, **how
        )
