"""Plays a scenario to its end against one of the targets and judges it; what ``run``, ``explore`` and the tests call."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Literal

from meetingsim.chance import Chance
from meetingsim.scenarios.judge import judge
from meetingsim.scenarios.play.recorder import See
from meetingsim.scenarios.play.runner import perform
from meetingsim.scenarios.play.timeline import aimed
from meetingsim.scenarios.play.virtual_time import VirtualClock, run_virtual
from meetingsim.scenarios.scenario import Scenario
from meetingsim.scenarios.target import Target
from meetingsim.scenarios.trace import Trace
from meetingsim.scenarios.verdicts import Judgement
from meetingsim.targets.adapter import AdapterTarget
from meetingsim.targets.inprocess import InProcess
from meetingsim.targets.lacking import without_what_means_nothing
from meetingsim.targets.server import ServerTarget
from meetingsim.targets.stepped import SteppedLoop

Progress = Callable[[int, int], None]
"""Told now and then: the ms of the run that are over, of how many."""
Learnt = dict[int, list[int]]


@dataclass(frozen=True, slots=True)
class Where:
    """What to play against: in process unless a server's ``url`` or an adapter's ``command`` is given.

    ``clock`` real without a url starts a server. ``token`` is the admin token of the server at ``url``.
    """

    clock: Literal["virtual", "real"] = "virtual"
    url: str | None = None
    token: str | None = None
    command: str | None = None


@dataclass(frozen=True, slots=True)
class Watching:
    """Who looks on."""

    progress: Progress | None = None
    see: See | None = None


def play(
    scenario: Scenario,
    seed: int | None = None,
    where: Where | None = None,
    progress: Progress | None = None,
    see: See | None = None,
) -> Judgement:
    """Plays and judges; the scenario's own seed unless one is given. Raises TargetFailed where it cannot begin.

    ``see`` is shown every fact as it is written. Runs an event loop of its own: not to be called from within one.
    """
    seed = scenario.seed if seed is None else seed
    where = where or Where()
    with without_collections():
        learnt = _learn(scenario, seed)
        if where == Where():
            return judge(scenario, _in_process(scenario, seed, Watching(progress, see), learnt))
    judgement = judge(scenario, _outside(scenario, seed, Watching(progress, see), learnt, where))
    return without_what_means_nothing(judgement, scenario)


def _learn(scenario: Scenario, seed: int) -> Learnt | None:
    """Plays once without what is aimed, to know what to aim at; None where nothing is."""
    if not aimed(scenario.timeline):
        return None
    found: Learnt = {}
    _in_process(scenario, seed, Watching(), learning=found)
    return found


def _in_process(
    scenario: Scenario,
    seed: int,
    watching: Watching,
    learnt: Learnt | None = None,
    learning: Learnt | None = None,
) -> Trace:
    async def work(clock: VirtualClock) -> Trace:
        return await perform(
            scenario,
            InProcess(clock),
            seed,
            learnt=learnt,
            progress=watching.progress,
            see=watching.see,
            learning=learning,
        )

    return run_virtual(work, Chance.of(seed, "ties"))


def _outside(scenario: Scenario, seed: int, watching: Watching, learnt: Learnt | None, where: Where) -> Trace:
    """What is aimed goes by the times of a run in process: to play twice would take twice the time."""

    async def work() -> Trace:
        async with _target(where) as target:
            return await perform(scenario, target, seed, learnt=learnt, progress=watching.progress, see=watching.see)

    with asyncio.Runner(loop_factory=SteppedLoop if where.command is not None else None) as runner:
        return runner.run(work())


@asynccontextmanager
async def _target(where: Where) -> AsyncIterator[Target]:
    if where.command is not None:
        async with AdapterTarget.starting(where.command) as adapter:
            yield adapter
    elif where.url is None:
        async with ServerTarget.starting() as started:
            yield started
    else:
        server = ServerTarget(where.url, where.token)
        try:
            yield server
        finally:
            await server.close()


@contextmanager
def without_collections() -> Iterator[None]:
    """A trace is many small objects that all stay: looking for garbage among them costs a third of a run.

    May stand around more than a run: what is garbage is then cleared away after that.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
