"""Plays a scenario against a target from its first arrival to its end, and gives the trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from meetingsim.scenarios.play.bot import Bot
from meetingsim.scenarios.play.casting import arrivals, cast_of, plain_name, references
from meetingsim.scenarios.play.client import Client
from meetingsim.scenarios.play.doing import Doer
from meetingsim.scenarios.play.host import Host, oracle_in
from meetingsim.scenarios.play.recorder import See
from meetingsim.scenarios.play.setting import clear_stage, compare, set_stage
from meetingsim.scenarios.play.stage import Stage
from meetingsim.scenarios.play.timeline import Learnt, Timeline, break_line, on_fact
from meetingsim.scenarios.play.way import PROFILES, Net
from meetingsim.scenarios.scenario import Scenario
from meetingsim.scenarios.target import Target, TargetFailed
from meetingsim.scenarios.trace import Trace
from meetingsim.state.meeting import Role

Progress = Callable[[int, int], None]
COMPARISONS = 12
"""How often in a run mirrors are compared with the server's views."""
_MOST_COMPARED = 12
"""Of a crowd so many beside the hosts are compared: a picture costs its whole past when it is first looked at."""
_BREAKS_EVERY_MS = 240_000
_PROGRESS_STEPS = 100


async def perform(
    scenario: Scenario,
    target: Target,
    seed: int,
    *,
    learnt: Learnt | None = None,
    progress: Progress | None = None,
    see: See | None = None,
    learning: dict[int, list[int]] | None = None,
) -> Trace:
    """Plays it; a target that fails on the way leaves a trace with ``broke``. Raises TargetFailed where it cannot begin.

    ``see`` is shown every fact as it is written. ``learning`` is filled with what a second run can be aimed by: pass
    it on as ``learnt``.
    """
    stage = await set_stage(scenario, target, seed, cast_of(scenario, seed), see)
    try:
        run = Run(stage, learnt)
        await run.play(progress)
        if learning is not None:
            learning.update(run.timeline.came_up)
    except TargetFailed as error:
        stage.fail(error)
    finally:
        await clear_stage(stage)
    return stage.trace


class Run:
    """One performance: everybody at their places, and the clock running."""

    def __init__(self, stage: Stage, learnt: Learnt | None) -> None:
        self._stage = stage
        self._refs()
        self._doers = {ref: self._enter(ref) for ref in stage.trace.members}
        self._compared = stage.chance("compare").shuffled([*stage.clients.values()])
        self._programs()
        self.timeline = Timeline(stage, self._doers, learnt)
        self._arrive()

    def _refs(self) -> None:
        stage = self._stage
        stage.refs = {name: references(name, actor) for name, actor in stage.scenario.actors.items()}
        stage.names = {ref: plain_name(number) for number, ref in enumerate(stage.trace.members)}

    def _enter(self, ref: str) -> Doer:
        stage = self._stage
        member = stage.trace.members[ref]
        said = stage.scenario.actors[member.group].net
        base = PROFILES[said] if isinstance(said, str) else said
        client = Client(stage, member, Net(base, stage.chance(ref, "network")))
        stage.clients[ref] = client
        if base is not None and base.drop:
            self._break_now_and_then(client)
        return Doer(stage, client)

    def _break_now_and_then(self, client: Client) -> None:
        """A network that drops: the line breaks every few minutes."""
        chance = self._stage.chance(client.ref, "breaks")

        def again() -> None:
            break_line(self._stage, client, chance.between(2_000, 8_000))
            self._stage.after(chance.between(_BREAKS_EVERY_MS // 2, _BREAKS_EVERY_MS * 2), again)

        self._stage.after(chance.between(0, _BREAKS_EVERY_MS * 2), again)

    def _programs(self) -> None:
        stage = self._stage
        for client in stage.clients.values():
            behavior = client.member.behavior
            if behavior is not None:
                client.programs.append(Bot(stage, client, stage.behaviors.whole(behavior)))
            policy = stage.scenario.policies.get(client.member.group)
            if policy is not None:
                client.programs.append(Host(stage, client, policy))
        for policy in stage.scenario.policies.values():
            for rule in policy.rules:
                if oracle := oracle_in(rule):
                    stage.trace.oracles[rule.id] = oracle

    def _arrive(self) -> None:
        for group, actor in self._stage.scenario.actors.items():
            host = actor.role is Role.HOST
            times = arrivals(actor, self._stage.trace.seed, group, first=host)
            on = actor.arrive.on if actor.arrive else None
            if on is None:
                for ref, when in zip(self._stage.refs[group], times, strict=True):
                    self._stage.at(when, lambda ref=ref: self._come(ref))  # type: ignore[misc]
            else:
                self._arrive_on(on, dict(zip(self._stage.refs[group], times, strict=True)))

    def _arrive_on(self, on: str, times: Mapping[str, int]) -> None:
        come = [False]

        def came_up(_: Any) -> None:
            if not come[0]:
                come[0] = True
                for ref, late in times.items():
                    self._stage.after(late, lambda ref=ref: self._come(ref))  # type: ignore[misc]

        on_fact(self._stage, on, came_up)

    def _come(self, ref: str) -> None:
        async def come() -> None:
            doer = self._doers[ref]
            doer.knock(await doer.first_attempt())

        self._stage.spawn(come())

    # The run itself

    async def play(self, progress: Progress | None) -> None:
        """Lets the time of the scenario pass."""
        stage, duration = self._stage, self._stage.scenario.duration.ms
        for number in range(1, COMPARISONS):
            stage.at(duration * number // COMPARISONS, self._compare)
        if progress is not None:
            for step in range(_PROGRESS_STEPS):
                at = duration * step // _PROGRESS_STEPS
                stage.at(at, lambda at=at: progress(at, duration))  # type: ignore[misc]
        stage.at(duration, stage.over.set)
        await stage.over.wait()
        if stage.trace.broke is None:
            await stage.target.settled()
            self._compare()
        stage.recorder.say("run_over", {})

    def _compare(self) -> None:
        """Holds the mirrors of people at rest against the server's views; of a crowd some, the same while they are there."""
        if "view" not in self._stage.target.can:
            return
        others = _MOST_COMPARED
        for client in self._compared:
            is_host = client.member.role in {"host", "cohost"}
            if (is_host or others) and client.at_rest:
                others -= not is_host
                compare(self._stage, client)
