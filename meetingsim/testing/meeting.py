"""A meeting that a test makes up as it goes: people by name or by the dozen, the journal, what everybody received."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypedDict, Unpack, overload

from meetingsim.chance import Chance
from meetingsim.clients.frames import E, Frame, Page
from meetingsim.clients.inbox import AnyFrame, Kind, Where
from meetingsim.scenarios.cast import Actor
from meetingsim.scenarios.invariants import check_invariants
from meetingsim.scenarios.play.bot import Bot
from meetingsim.scenarios.play.casting import cast_of, name_of, references
from meetingsim.scenarios.play.client import Client
from meetingsim.scenarios.play.doing import crash
from meetingsim.scenarios.play.setting import clear_stage, compare, set_stage
from meetingsim.scenarios.play.stage import Stage
from meetingsim.scenarios.play.way import PROFILES, Net
from meetingsim.scenarios.quantities import Duration
from meetingsim.scenarios.scenario import Scenario, plain
from meetingsim.scenarios.trace import Member, Trace
from meetingsim.scenarios.verdicts import Judgement
from meetingsim.targets.inprocess import InProcess
from meetingsim.testing.person import Credentials, Person

if TYPE_CHECKING:
    from meetingsim.testing.simulation import Simulation

Role = Literal["participant", "cohost", "panelist", "attendee"]


class Coming(TypedDict, total=False):
    """How somebody comes. They show the meeting's passcode, unless another credential is given; whoever is more than a
    participant shows a personal link that says so.
    """

    role: Role
    country: str
    address: str
    device: str
    passcode: str
    ticket: str


class Group(TypedDict, total=False):
    """What a scenario says of an actor."""

    role: Role
    country: str | Mapping[str, str]
    behavior: str
    net: str | Mapping[str, Any]
    device: Literal["each", "shared", "none"]
    ticket: Literal["each", "none"]
    passphrase: str


_HOST: Final = "host"
_NO_NAME: Final = re.compile(r"[^a-z0-9]+")


class Meeting:
    """A meeting with a server of its own. Whoever comes stays until the end, unless the test lets them go."""

    def __init__(self, simulation: Simulation, stage: Stage) -> None:
        """See ``Simulation.create_meeting``."""
        self.simulation = simulation
        self.people: dict[str, Person] = {}
        """Everybody by their reference: ``host``, ``mia``, ``students[3]``."""
        self._stage = stage
        self._judgement: Judgement | None = None

    @classmethod
    async def made(cls, simulation: Simulation, name: str, said: Mapping[str, Any]) -> Self:
        """A meeting of which ``said`` says what a scenario would. Raises TargetFailed, and pydantic's ValidationError."""
        scenario = Scenario(name=name, duration=Duration(1000), actors={_HOST: Actor(role="host")}, **said)
        stage = await set_stage(scenario, InProcess(simulation.clock), simulation.seed, {})
        return cls(simulation, stage)

    def __repr__(self) -> str:
        return f"Meeting({self.id!r} with {', '.join(self.people) or 'nobody'})"

    @property
    def id(self) -> str:
        """Eleven digits."""
        return self._stage.opened.meeting

    @property
    def passcode(self) -> str | None:
        """As it was when the meeting was made."""
        return self._stage.opened.passcode

    @property
    def scenario(self) -> Scenario:
        """What a file would say of it so far: settings and cast."""
        return self._stage.scenario

    @property
    def trace(self) -> Trace:
        """All that has happened, as a scenario's run has it."""
        return self._stage.trace

    # People

    async def host(self, name: str = "Host") -> Person:
        """The holder of the host token, joined: the first time it starts the meeting. The same person every time."""
        person = self.people.get(_HOST) or self._enter(Member(_HOST, _HOST, 0, "host", None, None, name))
        await person.join(name)
        return person

    async def guest(self, name: str, **how: Unpack[Coming]) -> Person:
        """Somebody who joins: early, waiting or inside, as the meeting has it.

        Raises:
            RefusedError: the subclass for the code, when the door says no.
        """
        person = self.person(name, **how)
        await person.join()
        return person

    def person(self, name: str, **how: Unpack[Coming]) -> Person:
        """Somebody who has not joined yet."""
        ref = self._free_ref(name)
        shown = Credentials(how.get("passcode"), how.get("ticket"), how.get("address"))
        device = how.get("device", f"device of {ref}")
        return self._enter(
            Member(ref, ref, 0, how.get("role", "participant"), how.get("country"), None, name, device=device), shown
        )

    def cast(self, group: str, count: int = 1, **said: Unpack[Group]) -> list[Person]:
        """A group as an actor of a scenario: each with a name, a personal link and an address. Nobody has joined yet.

        Whoever has a behaviour acts by themselves, as time passes, once they are in. Raises pydantic's ValidationError.
        """
        stage = self._stage
        actors = {**plain(stage.scenario.actors), group: {"count": count, **said}}
        stage.scenario = Scenario.model_validate({**plain(stage.scenario), "actors": actors})
        stage.refs[group] = references(group, stage.scenario.actors[group])
        found = [one for one in cast_of(stage.scenario, stage.trace.seed).values() if one.group == group]
        stage.names |= {one.ref: one.name for one in found}
        return [self._enter(self._named(one)) for one in found]

    def _named(self, member: Member) -> Member:
        """With the name that they take: whoever borrows one borrows it from somebody of this meeting."""
        stage = self._stage
        style = stage.behaviors.whole(member.behavior).name
        chance = Chance.of(stage.trace.seed, member.ref, "name")
        return replace(member, name=name_of(style, stage.names, stage.refs, member.ref, chance).name)

    def _enter(self, member: Member, shown: Credentials | None = None) -> Person:
        stage, ref, group = self._stage, member.ref, member.group
        if group not in stage.scenario.actors:
            actors = {**stage.scenario.actors, group: Actor(role=member.role, country=member.country)}
            stage.scenario = stage.scenario.model_copy(update={"actors": actors})
        stage.refs.setdefault(group, [ref])
        stage.names.setdefault(ref, member.name)
        stage.trace.members[ref] = member
        said = stage.scenario.actors[group].net
        net = Net(PROFILES[said] if isinstance(said, str) else said, stage.chance(ref, "network"))
        client = stage.clients[ref] = Client(stage, member, net)
        client.comes_back = client.insists = member.behavior is not None
        if member.behavior is not None:
            client.programs.append(Bot(stage, client, stage.behaviors.whole(member.behavior)))
        person = self.people[ref] = Person(self.simulation, stage, client, shown)
        return person

    def _free_ref(self, name: str) -> str:
        plain_word = _NO_NAME.sub("-", name.lower()).strip("-")[:40]
        base = plain_word if plain_word[:1].isalpha() else "guest"
        taken = {_HOST, *self._stage.scenario.actors}
        numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
        return next(ref for ref in (base, *numbered) if ref not in taken)

    async def create_ticket(self, name: str, *, role: Role = "participant") -> str:
        """A personal link's ticket: ``guest(…, ticket=…)`` shows it."""
        self.simulation.require_own_loop()
        ticket = await self._stage.target.ticket(name, role)
        assert ticket is not None, "a server that is up refuses none of these roles"
        return ticket

    # What happened

    def events(self, after: int = 0, types: Sequence[str] = ()) -> Page:
        """The journal after a seq as the admin reads it, each event with its ``because``; ``types`` keeps these alone."""
        found: list[AnyFrame] = [
            Frame({"type": fact.fact, "seq": fact.seq, **fact.fields})
            for fact in self.trace.facts
            if fact.is_event and fact.seq is not None and fact.seq > after and (not types or fact.fact in types)
        ]
        return Page(tuple(found), next=found[-1]["seq"] if found else after)

    def reports(self) -> list[Mapping[str, Any]]:
        """What Trust & Safety has of it, with the evidence."""
        return [fact.fields for fact in self.trace.facts if fact.fact == "report_filed"]

    @overload
    def received(self, kind: type[E], where: Where[E] = None) -> dict[str, list[Frame[E]]]: ...
    @overload
    def received(self, kind: str | None = None, where: Any = None) -> dict[str, list[AnyFrame]]: ...
    def received(self, kind: Kind = None, where: Callable[[Any], bool] | None = None) -> dict[str, list[Any]]:
        """The frames that match, of everybody who was sent one, by reference."""
        found = {ref: person.frames(kind, where) for ref, person in self.people.items()}
        return {ref: frames for ref, frames in found.items() if frames}

    async def crash(self, downtime: float = 0.0) -> None:
        """The server dies at once and is there again after so many seconds. Whoever was in may ``reconnect``."""
        self.simulation.require_own_loop()
        self._compare()
        await crash(self._stage, {"downtime": Duration(round(downtime * 1000))})
        await self.simulation.settle()

    # The end

    def require_whole(self) -> None:
        """Raises RuntimeError where the harness itself failed: what came of it could not be trusted."""
        if self.trace.broke is not None:
            raise RuntimeError(f"the simulation broke: {self.trace.broke}") from self.trace.failure

    async def judged(self) -> Judgement:
        """Ends the run, and judges it by the invariants; the first time it is asked."""
        if self._judgement is None:
            stage = self._stage
            if stage.trace.broke is None:
                await stage.target.settled()
                self._compare()
            stage.recorder.say("run_over", {})
            stage.trace.duration = max(1, stage.recorder.at)
            await clear_stage(stage)
            self._judgement = Judgement(stage.trace, check_invariants(stage.trace))
        return self._judgement

    async def close(self) -> None:
        """Ends the run, unless that is done."""
        if self._judgement is None:
            await clear_stage(self._stage)

    def _compare(self) -> None:
        """Holds everybody's mirror against the server's view of them, before their lines are gone."""
        for client in self._stage.clients.values():
            if client.at_rest:
                compare(self._stage, client)
