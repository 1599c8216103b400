"""Meetings under way, for the tests of single rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from meetingsim.state.control import Command
from meetingsim.state.controls.admit import AdmitAll
from meetingsim.state.controls.change_settings import ChangeSettings
from meetingsim.state.controls.cohost import MakeCohost
from meetingsim.state.controls.start_end import Start
from meetingsim.state.meeting import Person
from meetingsim.state.settings import Settings, WaitingRoom
from tests.driver import PASSCODE, Outcome, Sim

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
