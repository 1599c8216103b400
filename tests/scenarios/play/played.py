"""Plays small scenarios in process, for tests of who plays them: what they give is the trace, not yet judged."""

from __future__ import annotations

from typing import Any

from meetingsim.chance import Chance
from meetingsim.scenarios import Scenario
from meetingsim.scenarios.play.runner import perform
from meetingsim.scenarios.play.virtual_time import VirtualClock, run_virtual
from meetingsim.scenarios.trace import Fact, Trace
from meetingsim.targets.inprocess import InProcess

OPEN: dict[str, Any] = {"waiting_room": {"enabled": False}}
HOST: dict[str, Any] = {"role": "host", "country": "US"}


def played(
    *, seed: int = 1, duration: str = "30s", meeting: dict[str, Any] | None = None, learnt: Any = None, **said: Any
) -> Trace:
    """Whatever is not said is a meeting with an open door."""
    scenario = Scenario.model_validate(
        {"name": "played", "duration": duration, "meeting": OPEN if meeting is None else meeting, **said}
    )

    async def work(clock: VirtualClock) -> Trace:
        return await perform(scenario, InProcess(clock), seed, learnt=learnt)

    trace = run_virtual(work, Chance.of(seed, "ties"))
    if trace.failure:
        raise trace.failure
    return trace


def facts(trace: Trace, kind: str, actor: str | None = None, **fields: Any) -> list[Fact]:
    """Those of a kind, of somebody where that is said, with these values."""
    return [
        fact
        for fact in trace.facts
        if fact.fact == kind
        and actor in {None, fact.actor}
        and all(fact.fields.get(name) == value for name, value in fields.items())
    ]


def knocks(trace: Trace, actor: str) -> list[dict[str, Any]]:
    """The ways in which somebody asked to be let in, in order."""
    return [fact.fields["attempt"] for fact in facts(trace, "sent", actor, command="join")]
