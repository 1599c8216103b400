"""Somebody in a simulated meeting: the commands of the contract as methods, and the same waits as on a connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, overload

from pydantic import TypeAdapter

from meetingsim.chance import Chance
from meetingsim.clients.connection import TIMEOUT
from meetingsim.clients.errors import Closed, WaitTimeout
from meetingsim.clients.frames import E, Frame, Reply, wire
from meetingsim.clients.inbox import AnyFrame, Inbox, Kind, Where
from meetingsim.clients.pending import Condition, Pictures
from meetingsim.clients.socket_commands import SocketCommands
from meetingsim.scenarios.play.attempt import Attempt
from meetingsim.scenarios.play.client import Client, Moment
from meetingsim.scenarios.play.doing import Doer
from meetingsim.scenarios.play.stage import Stage
from meetingsim.scenarios.steps import Do
from meetingsim.scenarios.trace import Fact
from meetingsim.state.codes import REFUSALS
from meetingsim.state.control import Command, Event
from meetingsim.state.meeting import View
from meetingsim.state.plain import plain

if TYPE_CHECKING:
    from meetingsim.testing.simulation import Simulation

_STEPS: Final = TypeAdapter(Do)
_ADDRESSES: Final = 200_000
_LOST: Final = 1006
_OURS: Final = frozenset({"n", "line", "command", "activity", "attempt", "duplicate"})
"""What the trace says of a frame beside its own fields."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody shows at the door beside their name, where that is said."""

    passcode: str | None = None
    ticket: str | None = None
    address: str | None = None


class Person(SocketCommands):
    """Somebody with a device of their own. Times are seconds of the simulation.

    A refusal raises a RefusedError. Frames are kept without secrets. What reached others is there when a call returns.
    """

    def __init__(self, simulation: Simulation, stage: Stage, client: Client, shown: Credentials | None) -> None:
        """See ``Meeting.person`` and ``Meeting.cast``. With nothing ``shown`` they come as the cast of a scenario does."""
        self.timeout = TIMEOUT
        self.inbox = Inbox(owner=client.member.name)
        self._simulation = simulation
        self._stage = stage
        self._client = client
        self._shown = shown
        self._doer = Doer(stage, client)
        self._pictures = Pictures()
        self._over = asyncio.Event()
        client.programs.append(self)
        stage.recorder.watch("disconnected", self._disconnected)

    def __repr__(self) -> str:
        return f"Person({self.ref!r}, {self.place or 'away'})"

    # The picture

    @property
    def ref(self) -> str:
        """Who they are in the simulation: ``mia``, ``students[3]``."""
        return self._client.ref

    @property
    def name(self) -> str:
        """The name with which they came, or would come."""
        return self._client.attempt.name if self._client.attempt else self._client.member.name

    @property
    def view(self) -> View:
        """All that this person may know now. Live: copy it to keep it."""
        return self._client.mirror.view

    @property
    def participant(self) -> str:
        """This person's id. Raises KeyError before there is a view."""
        return str(self.view["me"]["id"])

    @property
    def session(self) -> str | None:
        """What lets this person resume; a secret. None before there is a view."""
        return self._client.mirror.session

    @property
    def place(self) -> str | None:
        """early, waiting or inside; None while they are away."""
        return self._client.place

    # Coming and going

    async def join(
        self,
        name: str | None = None,
        *,
        passcode: str | None = None,
        ticket: str | None = None,
        user_token: str | None = None,
        host_token: str | None = None,
        device: str | None = None,
        country: str | None = None,
        address: str | None = None,
    ) -> Reply:
        """Knocks, on a new line. What is not said is as it was the last time.

        Raises:
            RefusedError: the subclass for the code, when the door says no.
            ValueError: there is no such country, or a ``user_token``: a simulation has no accounts.
        """
        if user_token is not None:
            raise ValueError("a simulation has no accounts: take a server")
        self._simulation.require_own_loop()
        last = self._client.attempt or await self._first_attempt()
        attempt = replace(
            last,
            name=last.name if name is None else name,
            device=last.device if device is None else device,
            host_token=last.host_token if host_token is None else host_token,
            **self._whence(country, address),
        )
        if passcode is not None or ticket is not None:
            attempt = replace(attempt, passcode=passcode, ticket=ticket)
        return await self._knocked(self._client.join(attempt))

    async def reconnect(self, *, country: str | None = None, address: str | None = None) -> Reply:
        """Goes on with the same presence over a new line; cuts the old one if there is one.

        Raises:
            ResumeLostError: the session is over: join again.
            RuntimeError: there is no session yet to go on with.
        """
        self._simulation.require_own_loop()
        self._client.cut()
        sent = self._client.resume(self._whence(country, address))
        if sent is None:
            raise RuntimeError(f"nothing to resume: {self.ref} never had a view with a session")
        return await self._knocked(sent)

    async def drop(self) -> None:
        """Cuts the line without ``leave``, as a lost network does; the server notices at once."""
        self._client.cut()
        await self._simulation.settle()

    async def closed(self, *, timeout: float | None = None) -> Closed:
        """Waits until the line is closed, by whomever, and says how. A refusal at the door closes it, too.

        Raises:
            WaitTimeout: it was still open after ``timeout`` seconds.
        """
        limit = self.timeout if timeout is None else timeout
        try:
            async with asyncio.timeout(limit):
                await self._over.wait()
        except TimeoutError:
            raise WaitTimeout(f"{self.ref} was still connected after {limit:g} s", self.inbox.trail()) from None
        assert self.inbox.closed is not None
        return self.inbox.closed

    async def _first_attempt(self) -> Attempt:
        member, shown = self._client.member, self._shown
        if shown is None or (member.role != "participant" and shown.passcode is None and shown.ticket is None):
            attempt = await self._doer.first_attempt()
        else:
            passcode = shown.passcode or (None if shown.ticket else self._stage.opened.passcode)
            attempt = Attempt(member.name, member.device, shown.ticket, passcode, country=member.country)
        address = shown.address if shown else None
        return replace(attempt, **self._whence(member.country, address))

    def _whence(self, country: str | None, address: str | None) -> dict[str, Any]:
        if address is None and country is not None:
            number = Chance.of(self.ref, "address", country).below(_ADDRESSES)
            address = self._stage.target.address(country, number)
        return {} if address is None else {"country": country, "address": address}

    async def _knocked(self, sent: Fact) -> Reply:
        before = self.inbox.closed or Closed(_LOST)
        self._reopened()
        reply = await self._reply(sent, None)
        if reply.ok:
            self.inbox.take_all("view")
        elif not self._client.connected:
            code = str((reply.get("error") or {}).get("code"))
            known = REFUSALS.get(code)
            self._ended(Closed(known.close or before.code) if known else before)
        return self._checked(reply, check=True)

    # Sending

    async def send(self, command: Command, *, check: bool = True, timeout: float | None = None) -> Reply:
        """Sends a typed command and waits for its reply; with ``check=False`` a refusal is returned, not raised.

        Raises:
            RefusedError: the subclass for the code.
            ConnectionClosed: the line is closed, or closed before the reply came.
            WaitTimeout: no reply came in time. A ``media`` command is answered only when it is refused: ``tell`` it.
        """
        return await self._exchange(command.type, plain(command), check, timeout)

    async def ask(self, command: str, *, check: bool = True, timeout: float | None = None, **fields: Any) -> Reply:
        """The same by the command's word, with any fields: for what no typed command would carry."""
        return await self._exchange(command, wire(fields), check, timeout)

    async def tell(self, command: Command) -> str:
        """Sends a typed command and returns its ``ref`` at once; the reply becomes a frame of the inbox."""
        return await self._tell(command.type, plain(command))

    async def do(self, steps: Any) -> list[Reply]:
        """Does what a scenario's ``do`` would say, such as ``{"rejoin": {"with": "new-address"}}``; gives the replies.

        A refusal is among them and not raised. Raises pydantic's ValidationError for what is no step.
        """
        self._simulation.require_own_loop()
        known = {reply.get("ref") for reply in self.inbox.frames("reply")}
        await self._doer.do(_STEPS.validate_python(steps))
        await self._simulation.settle()
        replies = self.inbox.frames("reply", lambda reply: reply.get("ref") not in known)
        return [reply for reply in replies if isinstance(reply, Reply)]

    async def _ask(self, command: str, fields: dict[str, Any]) -> Reply:
        return await self._exchange(command, wire(fields), True, None)

    async def _tell(self, command: str, fields: dict[str, Any]) -> str:
        sent = self._sent(command, wire(fields))
        await self._simulation.settle()
        return str(sent.fields["ref"])

    async def _exchange(self, command: str, fields: Mapping[str, Any], check: bool, timeout: float | None) -> Reply:
        return self._checked(await self._reply(self._sent(command, fields), timeout), check)

    def _sent(self, command: str, fields: Mapping[str, Any]) -> Fact:
        self._simulation.require_own_loop()
        sent = self._client.send(command, fields)
        if sent is not None:
            return sent
        if self.inbox.closed is None:
            raise RuntimeError(f"{self.ref} has not joined yet")
        raise self.inbox.ended(f"sending {command!r}")

    async def _reply(self, sent: Fact, timeout: float | None) -> Reply:
        limit = self.timeout if timeout is None else timeout
        ref, command = sent.fields["ref"], sent.fields["command"]
        self.inbox.note_sent(
            {"type": command} | {word: said for word, said in sent.fields.items() if word not in _OURS}
        )
        try:
            reply = await self.inbox.wait_for("reply", lambda frame: frame.get("ref") == ref, timeout=limit)
        except WaitTimeout:
            raise WaitTimeout(f"no reply to {command!r} within {limit:g} s", self.inbox.trail()) from None
        await self._simulation.settle()
        assert isinstance(reply, Reply)
        return reply

    def _checked(self, reply: Reply, check: bool) -> Reply:
        refusal = reply.refusal
        if check and refusal is not None:
            raise refusal
        return reply

    # Receiving

    @overload
    async def wait_for(self, kind: type[E], where: Where[E] = None, *, timeout: float | None = None) -> Frame[E]: ...
    @overload
    async def wait_for(
        self, kind: str | None = None, where: Where[Event] = None, *, timeout: float | None = None
    ) -> AnyFrame: ...
    async def wait_for(
        self, kind: Kind = None, where: Callable[[Any], bool] | None = None, *, timeout: float | None = None
    ) -> Any:
        """Takes the first frame of this type (a word or an event's class) that was not taken yet; see ``Inbox.wait_for``."""
        self._simulation.require_own_loop()
        return await self.inbox.wait_for(kind, where, timeout=self.timeout if timeout is None else timeout)

    @overload
    def frames(self, kind: type[E], where: Where[E] = None, *, untaken: bool = False) -> list[Frame[E]]: ...
    @overload
    def frames(
        self, kind: str | None = None, where: Where[Event] = None, *, untaken: bool = False
    ) -> list[AnyFrame]: ...
    def frames(self, kind: Kind = None, where: Callable[[Any], bool] | None = None, *, untaken: bool = False) -> Any:
        """What came so far, taken or not, over all their lines; see ``Inbox.frames``."""
        return self.inbox.frames(kind, where, untaken=untaken)

    async def silence(self, window: float, kind: Kind = None, where: Callable[[Any], bool] | None = None) -> None:
        """Returns after ``window`` seconds without a match, or raises NotSilent."""
        self._simulation.require_own_loop()
        await self.inbox.silence(window, kind, where)

    async def seen(self, condition: Condition, *, timeout: float | None = None) -> View:
        """Waits until the picture fulfils a condition, now or after any later frame, and gives the picture."""
        self._simulation.require_own_loop()
        if self.view and condition(self.view):
            return self.view
        if self.inbox.closed is not None:
            raise self.inbox.ended("waiting for the picture to change")
        limit = self.timeout if timeout is None else timeout
        try:
            async with asyncio.timeout(limit):
                await self._pictures.wait(condition)
        except TimeoutError:
            raise WaitTimeout(f"the picture was not as expected within {limit:g} s", self.inbox.trail()) from None
        return self.view

    async def placed(self, place: str, *, timeout: float | None = None) -> View:
        """Waits until this person is early, waiting or inside."""
        return await self.seen(lambda view: view["me"]["place"] == place, timeout=timeout)

    # The client tells

    def happens(self, moment: Moment) -> None:
        """What a behaviour may answer; whoever a test leads answers nothing by themselves."""

    def got(self, frame: Mapping[str, Any]) -> None:
        """A frame reached them, and is in their mirror already."""
        if self.inbox.closed is not None and self._client.connected:
            self._reopened()
        self.inbox.put(Reply(frame) if frame.get("type") == "reply" else Frame(frame))
        self._pictures.look(self.view)

    def _disconnected(self, fact: Fact) -> None:
        """Whoever comes on a new line loses the old one, and that is no end."""
        if fact.actor == self.ref and not self._client.has_line_beside(fact.fields["line"]):
            self._ended(Closed(int(fact.fields["code"])))

    def _ended(self, closed: Closed) -> None:
        self.inbox.note_lost(closed)
        self.inbox.close(closed)
        self._pictures.fail(self.inbox.ended)
        self._over.set()

    def _reopened(self) -> None:
        self.inbox.reopen()
        self._over.clear()
