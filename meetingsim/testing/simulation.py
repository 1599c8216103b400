"""A loop of its own whose time is only counted, the meetings in it, and what is held against them in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from datetime import timedelta
from typing import Any, Final, Literal, Self, TypeVar

from meetingsim.chance import Chance
from meetingsim.scenarios.play.virtual_time import VirtualClock, VirtualLoop
from meetingsim.scenarios.quantities import Duration
from meetingsim.scenarios.verdicts import Judgement
from meetingsim.testing.meeting import Meeting

T = TypeVar("T")
Time = float | str | timedelta
"""Seconds, a text such as ``12m30s``, or a timedelta."""
_MOMENT: Final = 1e-6
"""Seconds after which, in a loop that skips all waiting, everything has happened that needs no time."""


class Simulation:
    """Meetings that share a clock. ``seed`` decides all ids, secrets and draws; ``name`` is what reports call it.

    ``run`` is the only way into its loop from outside; everything else is awaited within.
    """

    def __init__(self, seed: int = 1, name: str = "simulation") -> None:
        self.seed = seed
        self.name = name
        self.meetings: list[Meeting] = []
        self.loop = VirtualLoop(Chance.of(seed, "ties"))
        self.clock = VirtualClock(self.loop)

    @property
    def now(self) -> float:
        """Seconds since it began."""
        return round(self.loop.time(), 3)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs it in the loop to its end, and gives or raises what it does. Not from within the loop."""
        if self.loop.is_running() or self.loop.is_closed():
            work.close()
            raise RuntimeError(
                "this simulation is closed"
                if self.loop.is_closed()
                else "this would wait for itself: within its loop a simulation is awaited (say .aio)"
            )
        return self.loop.run_until_complete(work)

    async def create_meeting(
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
        self.require_own_loop()
        beside = {name: said for name, said in (("topic", topic), ("kind", kind)) if said is not None}
        number = f"-{len(self.meetings) + 1}" if self.meetings else ""
        said = {"meeting": {**(settings or {}), **beside}, "behaviors": dict(behaviors or {})}
        said["geo"] = {"networks": dict(networks or {})}
        meeting = await Meeting.made(self, f"{self.name}{number}", said)
        self.meetings.append(meeting)
        return meeting

    async def advance(self, by: Time) -> None:
        """Lets time pass; whatever falls due in it happens."""
        self.require_own_loop()
        if isinstance(by, timedelta):
            by = by.total_seconds()
        await asyncio.sleep(Duration.read(by).ms / 1000 if isinstance(by, str) else by)
        await self.settle()

    async def settle(self) -> None:
        """Returns when everything has happened that needs no time. Every call of people does so by itself."""
        self.require_own_loop()
        await asyncio.sleep(_MOMENT)
        for meeting in self.meetings:
            meeting.require_whole()

    def require_own_loop(self) -> None:
        """Raises RuntimeError in any other loop: there nothing would ever happen."""
        if asyncio.get_running_loop() is not self.loop:
            raise RuntimeError("a simulation is awaited in its own loop alone: see Simulation.run")

    async def judged(self) -> list[Judgement]:
        """Ends every meeting's run and judges it by what holds in every run; nobody can act afterwards."""
        return [await meeting.judged() for meeting in self.meetings]

    def close(self) -> None:
        """Lets go of everything; not from within the loop. A closed one is left as it is."""
        if self.loop.is_closed():
            return
        self.run(self._end())
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.run(asyncio.sleep(0))
        self.loop.close()

    async def _end(self) -> None:
        for meeting in self.meetings:
            await meeting.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
