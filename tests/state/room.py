"""Meetings under way, for the tests of single rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from meetingsim.state.control import Asker, Command, Ticket, User
from meetingsim.state.controls.admit import AdmitAll
from meetingsim.state.controls.change_settings import ChangeSettings
from meetingsim.state.controls.cohost import MakeCohost
from meetingsim.state.controls.create import Create
from meetingsim.state.controls.join import Join
from meetingsim.state.controls.start_end import Start
from meetingsim.state.engine import NOTHING
from meetingsim.state.identity import digest
from meetingsim.state.meeting import Kind, Origin, Person
from meetingsim.state.settings import RegionRule, Settings, WaitingRoom
from tests.driver import ADMIN, HOST_TOKEN, PASSCODE, Outcome, Sim

OPEN = WaitingRoom(enabled=False)
MADE: list[Sim] = []
"""The meetings of the running test, for the fixture that looks at them when it is over."""


@dataclass(frozen=True, slots=True)
class Room:
    """A host, a cohost and two participants, all inside."""

    sim: Sim
    host: str
    cohost: str
    mia: str
    noah: str

    def says(self, participant: str, command: Command) -> Outcome:
        """One of them asks."""
        return self.sim.tell(participant, command)

    def person(self, participant: str) -> Person:
        """One of them as the meeting knows them."""
        return self.sim.person(participant)


def scheduled(**settings: Any) -> Sim:
    """A meeting that nobody came to yet; the waiting room is off unless the settings say otherwise."""
    document: dict[str, Any] = {"passcode": PASSCODE, "waiting_room": OPEN} | settings
    MADE.append(Sim(Settings(**document)))
    return MADE[-1]


def started(**settings: Any) -> Sim:
    """The same, opened over HTTP, with nobody inside."""
    sim = scheduled(**settings)
    sim.http(Start())
    return sim


def room(**settings: Any) -> Room:
    """Four people inside a meeting with these settings."""
    sim = scheduled(**settings)
    host = sim.enter("Prof. Ito", host=True, country="DE")
    cohost, mia, noah = (sim.enter(name, device=f"d-{name}", country="BR") for name in ("Dora", "Mia", "Noah"))
    sim.tell(host, AdmitAll())
    sim.tell(host, MakeCohost(cohost))
    return Room(sim, host, cohost, mia, noah)


def change(sim: Sim, **settings: Any) -> Outcome:
    """The host changes settings that have no control of their own, over HTTP."""
    return sim.http(ChangeSettings(replace(sim.meeting.settings, **settings), sim.meeting.topic))


def owned(
    kind: Kind = "meeting",
    account: str | None = None,
    domains: tuple[str, ...] = (),
    region: RegionRule | None = None,
    **settings: Any,
) -> Sim:
    """A started meeting of this kind that may belong to an account; nobody is inside."""
    sim = scheduled(**settings)
    sim.meeting = NOTHING
    sim.rows.clear()
    create = Create("70112233445", "History", kind, sim.settings, digest(HOST_TOKEN), "a-key", "an-epoch")
    sim.run(replace(create, account=account, account_domains=domains, account_region=region), ADMIN, "http")
    sim.http(Start())
    return sim


def knock(
    sim: Sim,
    name: str = "Mia",
    *,
    user: User | None = None,
    ticket: Ticket | None = None,
    device: str | None = None,
    passcode: str | None = None,
    country: str | None = None,
) -> Outcome:
    """Somebody at the door with what was found to be good; without a passcode unless they say one."""
    said = Join(name, passcode, ticket and ticket.ticket, user and user.user, device=device)
    origin = Origin(country=country, source="plan" if country else "none")
    session = f"session-of-{name}-{len(sim.log)}"
    return sim.run(said, Asker("newcomer"), origin=origin, session=session, user=user, ticket=ticket)


def came_in(sim: Sim, name: str, **shown: Any) -> Person:
    """Somebody whom the door must not refuse."""
    outcome = knock(sim, name, **shown)
    assert outcome.participant is not None, f"{name}: {outcome.code}"
    return sim.person(outcome.participant)
