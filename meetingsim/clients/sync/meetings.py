"""A meeting over HTTP, for code without an event loop.

Generated out of ``meetingsim/clients/meetings.py`` by ``python -m scripts.sdk_methods``; changes by hand are lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack

from meetingsim.clients import meetings as aio
from meetingsim.clients.answers import (
    Explanation,
    HeldPerson,
    MeetingDocument,
    ParticipantRow,
    Recording,
    Ticket,
    WaitingRow,
)
from meetingsim.clients.frames import Done, Page, Reply
from meetingsim.clients.inbox import AnyFrame
from meetingsim.clients.situations import Behaviour, Credentials
from meetingsim.clients.sync.http_controls import HttpControls
from meetingsim.clients.sync.portal import PORTAL

if TYPE_CHECKING:
    from meetingsim.clients.sync.server import Server


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

    @property
    def people(self) -> list[HeldPerson]:
        """Those of the situation that it was made with, in order, as they were then."""
        return self._inner.people

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

    def hold(
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
        return PORTAL.run(
            self._inner.hold(
                name, count=count, behaviour=behaviour, country=country, address=address, device=device, **credentials
            )
        )

    def command(self, participant: str, command: str, /, **fields: Any) -> Reply:
        """Lets somebody the server holds do something, by the command's word, as on a socket; a refusal raises.

        ``drop`` cuts their line, ``resume`` brings them back; both need no fields.
        """
        return PORTAL.run(self._inner.command(participant, command, **fields))

    def frames(self, participant: str, after: int = 0, *, limit: int | None = None) -> Recording:
        """What somebody was sent over all their connections, secrets redacted, after a number, with the server's token.

        There are those of people the server holds; where it runs with ``--record-frames``, those of everybody.
        """
        return PORTAL.run(self._inner.frames(participant, after, limit=limit))

    def explain(self, participant: str) -> Explanation:
        """How somebody came to be where they are, for host and admin: every decision about them with its ``because``."""
        return PORTAL.run(self._inner.explain(participant))
