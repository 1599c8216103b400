"""A simulation of its own for each test, in which every rule must have been kept in the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from meetingsim.scenarios.verdicts import Verdict
from meetingsim.testing.sync import Meeting, Simulation

OPEN = {"waiting_room": {"enabled": False}}
"""Settings of a meeting that whoever shows the passcode may enter."""


@pytest.fixture
def simulation() -> Iterator[Simulation]:
    """A new one, whose meetings must have kept every rule in the end."""
    with Simulation() as made:
        yield made
        for judgement in made.judged():
            assert not judgement.of(Verdict.FAIL)


@pytest.fixture
def meeting(simulation: Simulation) -> Meeting:
    """One without a waiting room, with its host."""
    made = simulation.create_meeting("Algebra", settings=OPEN)
    made.host("Teacher")
    return made
