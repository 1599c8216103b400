"""A listener that keeps what it is told, in order, and a scenario whose cast nobody plays."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from meetingsim.scenarios.scenario import Scenario
from meetingsim.scenarios.target import Frame, Opened, Target, Whence

PATIENCE = 10.0
"""Seconds after which what should be told is missed; waited for only when a test fails."""


def scenario(**said: Any) -> Scenario:
    """A scenario with this meeting, and with whatever else is said."""
    parts = {"name": "lesson", "duration": "10s", "actors": {"teacher": {"role": "host"}}, **said}
    return Scenario.model_validate(parts)


@dataclass
class Told:
    """Everything in the order in which it was told: ``("came", line, frame)``, ``("happened", event)``, …"""

    all: list[tuple[Any, ...]] = field(default_factory=list)
    failed: list[BaseException] = field(default_factory=list)

    def came(self, line: int, payload: bytes) -> None:
        self.all.append(("came", line, json.loads(payload)))

    def closed(self, line: int, code: int, reason: str) -> None:
        self.all.append(("closed", line, code))

    def happened(self, event: Frame) -> None:
        self.all.append(("happened", event))

    def filed(self, report: Frame) -> None:
        self.all.append(("filed", report))

    def fail(self, error: BaseException) -> None:
        self.failed.append(error)

    def frames(self, line: int) -> list[dict[str, Any]]:
        """What came over a line."""
        return [told[2] for told in self.all if told[0] == "came" and told[1] == line]

    def events(self) -> list[Any]:
        """The journal."""
        return [told[1] for told in self.all if told[0] == "happened"]

    def reports(self) -> list[Any]:
        """The desk."""
        return [told[1] for told in self.all if told[0] == "filed"]

    def end(self, line: int) -> int | None:
        """The code that a line was closed with."""
        return next((told[2] for told in self.all if told[:2] == ("closed", line)), None)

    async def until(self, look: Callable[[], Any]) -> Any:
        """What ``look`` finds, as soon as it finds something."""
        async with asyncio.timeout(PATIENCE):
            while not (found := look()):
                if self.failed:
                    raise self.failed[0]
                await asyncio.sleep(0.005)
        return found

    async def frame(self, line: int, kind: str, **fields: Any) -> dict[str, Any]:
        """The first frame of this kind, with these fields, on a line."""

        def look() -> dict[str, Any]:
            fitting = (one for one in self.frames(line) if one.get("type") == kind and fields.items() <= one.items())
            return next(fitting, {})

        return await self.until(look)

    async def ended(self, line: int) -> int:
        """The code that a line is closed with."""
        return await self.until(lambda: self.end(line) or 0)


@dataclass
class Stage:
    """A target with its meeting open."""

    target: Target
    told: Told
    opened: Opened
    _refs: int = 0

    def dial(self, line: int, actor: str = "teacher", whence: Whence | None = None) -> None:
        """Opens a line."""
        self.target.dial(line, actor, whence or Whence())

    async def ask(self, line: int, command: str, **fields: Any) -> dict[str, Any]:
        """Sends a command and gives its reply."""
        self._refs += 1
        ref = str(self._refs)
        self.target.send(line, {"type": command, "ref": ref, **fields})
        return await self.told.frame(line, "reply", ref=ref)

    async def join(self, line: int, name: str, whence: Whence | None = None, **fields: Any) -> dict[str, Any]:
        """Dials and joins, with the passcode; gives the reply."""
        self.dial(line, name.lower(), whence)
        credential = {} if "host_token" in fields else {"passcode": self.opened.passcode}
        return await self.ask(line, "join", name=name, **credential, **fields)

    async def host(self, line: int = 0) -> dict[str, Any]:
        """The host joins."""
        return await self.join(line, "Teacher", host_token=self.opened.host_token)


async def stage(target: Target, played: Scenario) -> Stage:
    """Opens the scenario's meeting."""
    told = Told()
    return Stage(target, told, await target.open(played, 7, {}, told))
