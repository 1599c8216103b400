"""The same for code without an event loop: the names of ``meetingsim.testing``, without ``await``.

    with Simulation() as simulation:
        meeting = simulation.create_meeting()
        teacher, mia = meeting.host("Teacher"), meeting.guest("Mia")
        teacher.admit(mia.participant)
        simulation.advance("5m")

Time passes only in ``advance`` and in waits. ``aio`` is the asynchronous face of each, for what is to happen at once.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from copy import deepcopy
from typing import Any, Final, Literal, Self, TypeVar, Unpack, overload

from meetingsim import testing as asynchronous
from meetingsim.clients.errors import Closed
from meetingsim.clients.frames import E, Frame, Page, Reply
from meetingsim.clients.inbox import AnyFrame, Kind, Where
from meetingsim.clients.pending import Condition
from meetingsim.clients.sync.socket_commands import SocketCommands
from meetingsim.scenarios.verdicts import Judgement
from meetingsim.state.control import Command, Event
from meetingsim.state.meeting import View
from meetingsim.testing.meeting import Coming, Group, Role
from meetingsim.testing.simulation import Time

T = TypeVar("T")


class Simulation:
    """Meetings that share a clock; see ``meetingsim.testing.Simulation``."""

    def __init__(self, seed: int = 1, name: str = "simulation") -> None:
        """``seed`` decides all ids, secrets and draws; ``name`` is what reports call it."""
        self.aio: Final = asynchronous.Simulation(seed, name)

    @property
    def seed(self) -> int:
        """What decides all ids, secrets and draws."""
        return self.aio.seed

    @property
    def now(self) -> float:
        """Seconds since it began."""
        return self.aio.now

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs it in the simulation's loop to its end, and gives or raises what it does."""
        return self.aio.run(work)

    def create_meeting(
        self,
        topic: str | None = None,
        *,
        kind: Literal["meeting", "webinar"] | None = None,
        settings: Mapping[str, Any] | None = None,
        behaviors: Mapping[str, Any] | None = None,
        networks: Mapping[str, Any] | None = None,
    ) -> Meeting:
        """Makes a meeting, in a server of its own. ``settings`` is any part of the settings document.

        ``behaviors`` and ``networks`` are what a scenario says under ``behaviors`` and ``geo.networks``.

        Raises:
            ValueError: something that there is not, as a scenario's file would be told.
            TargetFailed: settings that the server does not take.
        """
        made = self.aio.create_meeting(topic, kind=kind, settings=settings, behaviors=behaviors, networks=networks)
        return Meeting(self, self.run(made))

    def advance(self, by: Time) -> None:
        """Lets time pass; whatever falls due in it happens."""
        self.run(self.aio.advance(by))

    def judged(self) -> list[Judgement]:
        """Ends every meeting's run and judges it by what holds in every run; nobody can act afterwards."""
        return self.run(self.aio.judged())

    def close(self) -> None:
        """Lets go of everything. A closed one is left as it is."""
        self.aio.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class Meeting:
    """A meeting with a server of its own; see ``meetingsim.testing.Meeting``."""

    def __init__(self, simulation: Simulation, aio: asynchronous.Meeting) -> None:
        """See ``Simulation.create_meeting``."""
        self.simulation: Final = simulation
        self.aio: Final = aio

    def __repr__(self) -> str:
        return repr(self.aio)

    @property
    def id(self) -> str:
        """Eleven digits."""
        return self.aio.id

    @property
    def passcode(self) -> str | None:
        """As it was when the meeting was made."""
        return self.aio.passcode

    @property
    def people(self) -> dict[str, Person]:
        """Everybody by their reference: ``host``, ``mia``, ``students[3]``."""
        return {ref: Person(self.simulation, aio) for ref, aio in self.aio.people.items()}

    def host(self, name: str = "Host") -> Person:
        """The holder of the host token, joined: the first time it starts the meeting. The same person every time."""
        return self._person(self._run(self.aio.host(name)))

    def guest(self, name: str, **how: Unpack[Coming]) -> Person:
        """Somebody who joins: early, waiting or inside, as the meeting has it.

        Raises:
            RefusedError: the subclass for the code, when the door says no.
        """
        return self._person(self._run(self.aio.guest(name, **how)))

    def person(self, name: str, **how: Unpack[Coming]) -> Person:
        """Somebody who has not joined yet."""
        return self._person(self.aio.person(name, **how))

    def cast(self, group: str, count: int = 1, **said: Unpack[Group]) -> list[Person]:
        """A group as an actor of a scenario: each with a name, a personal link and an address. Nobody has joined yet.

        Whoever has a behaviour acts by themselves, as time passes, once they are in. Raises pydantic's ValidationError.
        """
        return [self._person(one) for one in self.aio.cast(group, count, **said)]

    def create_ticket(self, name: str, *, role: Role = "participant") -> str:
        """A personal link's ticket: ``guest(…, ticket=…)`` shows it."""
        return self._run(self.aio.create_ticket(name, role=role))

    def events(self, after: int = 0, types: Sequence[str] = ()) -> Page:
        """The journal after a seq as the admin reads it, each event with its ``because``; ``types`` keeps these alone."""
        return self.aio.events(after, types)

    def reports(self) -> list[Mapping[str, Any]]:
        """What Trust & Safety has of it, with the evidence."""
        return self.aio.reports()

    @overload
    def received(self, kind: type[E], where: Where[E] = None) -> dict[str, list[Frame[E]]]: ...
    @overload
    def received(self, kind: str | None = None, where: Any = None) -> dict[str, list[AnyFrame]]: ...
    def received(self, kind: Kind = None, where: Callable[[Any], bool] | None = None) -> dict[str, Any]:
        """The frames that match, of everybody who was sent one, by reference."""
        return self.aio.received(kind, where)

    def crash(self, downtime: float = 0.0) -> None:
        """The server dies at once and is there again after so many seconds. Whoever was in may ``reconnect``."""
        self._run(self.aio.crash(downtime))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.simulation.run(work)

    def _person(self, aio: asynchronous.Person) -> Person:
        return Person(self.simulation, aio)


class Person(SocketCommands):
    """Somebody with a device of their own; see ``meetingsim.testing.Person``."""

    def __init__(self, simulation: Simulation, aio: asynchronous.Person) -> None:
        """See ``Meeting.person`` and ``Meeting.cast``."""
        self.aio: Final = aio
        self._run: Final = simulation.run

    def __repr__(self) -> str:
        return repr(self.aio)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Person) and other.aio is self.aio

    def __hash__(self) -> int:
        return hash(self.aio)

    @property
    def ref(self) -> str:
        """Who they are in the simulation: ``mia``, ``students[3]``."""
        return self.aio.ref

    @property
    def name(self) -> str:
        """The name with which they came, or would come."""
        return self.aio.name

    @property
    def view(self) -> View:
        """All that this person may know now. A copy."""
        return deepcopy(self.aio.view)

    @property
    def participant(self) -> str:
        """This person's id. Raises KeyError before there is a view."""
        return self.aio.participant

    @property
    def session(self) -> str | None:
        """What lets this person resume; a secret. None before there is a view."""
        return self.aio.session

    @property
    def place(self) -> str | None:
        """early, waiting or inside; None while they are away."""
        return self.aio.place

    def join(
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
        tokens = {"passcode": passcode, "ticket": ticket, "user_token": user_token, "host_token": host_token}
        return self._run(self.aio.join(name, device=device, country=country, address=address, **tokens))

    def reconnect(self, *, country: str | None = None, address: str | None = None) -> Reply:
        """Goes on with the same presence over a new line; cuts the old one if there is one.

        Raises:
            ResumeLostError: the session is over: join again.
            RuntimeError: there is no session yet to go on with.
        """
        return self._run(self.aio.reconnect(country=country, address=address))

    def drop(self) -> None:
        """Cuts the line without ``leave``, as a lost network does; the server notices at once."""
        self._run(self.aio.drop())

    def closed(self, *, timeout: float | None = None) -> Closed:
        """Waits until the line is closed, by whomever, and says how. A refusal at the door closes it, too.

        Raises:
            WaitTimeout: it was still open after ``timeout`` seconds.
        """
        return self._run(self.aio.closed(timeout=timeout))

    def send(self, command: Command, *, check: bool = True, timeout: float | None = None) -> Reply:
        """Sends a typed command and waits for its reply; with ``check=False`` a refusal is returned, not raised.

        Raises:
            RefusedError: the subclass for the code.
            ConnectionClosed: the line is closed, or closed before the reply came.
            WaitTimeout: no reply came in time. A ``media`` command is answered only when it is refused: ``tell`` it.
        """
        return self._run(self.aio.send(command, check=check, timeout=timeout))

    def ask(self, command: str, *, check: bool = True, timeout: float | None = None, **fields: Any) -> Reply:
        """The same by the command's word, with any fields: for what no typed command would carry."""
        return self._run(self.aio.ask(command, check=check, timeout=timeout, **fields))

    def tell(self, command: Command) -> str:
        """Sends a typed command and returns its ``ref`` at once; the reply becomes a frame of the inbox."""
        return self._run(self.aio.tell(command))

    def do(self, steps: Any) -> list[Reply]:
        """Does what a scenario's ``do`` would say, such as ``{"rejoin": {"with": "new-address"}}``; gives the replies.

        A refusal is among them and not raised. Raises pydantic's ValidationError for what is no step.
        """
        return self._run(self.aio.do(steps))

    @overload
    def wait_for(self, kind: type[E], where: Where[E] = None, *, timeout: float | None = None) -> Frame[E]: ...
    @overload
    def wait_for(
        self, kind: str | None = None, where: Where[Event] = None, *, timeout: float | None = None
    ) -> AnyFrame: ...
    def wait_for(
        self, kind: Kind = None, where: Callable[[Any], bool] | None = None, *, timeout: float | None = None
    ) -> Any:
        """Takes the first frame of this type (a word or an event's class) that was not taken yet; see ``Inbox.wait_for``."""
        return self._run(self.aio.wait_for(kind, where, timeout=timeout))

    @overload
    def frames(self, kind: type[E], where: Where[E] = None, *, untaken: bool = False) -> list[Frame[E]]: ...
    @overload
    def frames(
        self, kind: str | None = None, where: Where[Event] = None, *, untaken: bool = False
    ) -> list[AnyFrame]: ...
    def frames(self, kind: Kind = None, where: Callable[[Any], bool] | None = None, *, untaken: bool = False) -> Any:
        """What came so far, taken or not, over all their lines; see ``Inbox.frames``."""
        return self.aio.frames(kind, where, untaken=untaken)

    def silence(self, window: float, kind: Kind = None, where: Callable[[Any], bool] | None = None) -> None:
        """Returns after ``window`` seconds without a match, or raises NotSilent."""
        self._run(self.aio.silence(window, kind, where))

    def seen(self, condition: Condition, *, timeout: float | None = None) -> View:
        """Waits until the picture fulfils a condition, now or after any later frame, and gives the picture."""
        return deepcopy(self._run(self.aio.seen(condition, timeout=timeout)))

    def placed(self, place: str, *, timeout: float | None = None) -> View:
        """Waits until this person is early, waiting or inside."""
        return deepcopy(self._run(self.aio.placed(place, timeout=timeout)))

    def _ask(self, command: str, fields: dict[str, Any]) -> Reply:
        return self._run(self.aio._ask(command, fields))

    def _tell(self, command: str, fields: dict[str, Any]) -> str:
        return self._run(self.aio._tell(command, fields))
