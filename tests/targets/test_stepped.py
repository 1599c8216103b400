"""A product that is told the time: it stands still while the product works, and hours pass at once while it does not."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from meetingsim.clock import SystemClock
from meetingsim.scenarios.play.virtual_time import VirtualClock
from meetingsim.scenarios.target import TargetFailed
from meetingsim.targets import stepped, talk
from meetingsim.targets.adapter import AdapterTarget
from meetingsim.targets.stepped import SteppedLoop
from tests.targets.listener import Stage, Told, scenario
from tests.targets.test_adapter import CAST, Folder

TOLD = """
import time
say(can=["join", "chat"], clock="told")
for said in lines():
    time.sleep(0.02)
    ok(said, device=str(said["now"]))
"""


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Runs it in a loop whose time may be stepped."""
    with asyncio.Runner(loop_factory=SteppedLoop) as runner:
        return runner.run(work)


async def opened(target: AdapterTarget) -> Stage:
    """The target with its meeting open."""
    told = Told()
    return Stage(target, told, await target.open(scenario(), 1, CAST, told))


def test_hours_pass_at_once_and_no_time_while_the_product_works(tmp_path: Path) -> None:
    async def work() -> list[int]:
        async with AdapterTarget.starting(Folder(tmp_path).command(TOLD)) as target:
            assert isinstance(target.clock, VirtualClock)
            lesson = await opened(target)
            began = target.clock.now()
            assert began % 1000 == 0
            lesson.dial(1)
            times = []
            for number in range(3):
                target.send(1, {"type": "join" if not number else "chat", "ref": str(number)})
                times.append(target.clock.now() - began)
                await asyncio.sleep(3600)
                times.append(int(lesson.told.frames(1)[-1]["device"]) - began)
            await target.settled()
            return times

    assert run(work()) == [0, 0, 3_600_000, 3_600_000, 7_200_000, 7_200_000]


def test_one_that_has_a_clock_of_its_own_is_played_at_the_machines(tmp_path: Path) -> None:
    async def work() -> None:
        async with AdapterTarget.starting(Folder(tmp_path).command(TOLD.replace("told", "own"))) as target:
            assert isinstance(target.clock, SystemClock)

    run(work())


def test_in_another_loop_nobody_is_told_the_time(tmp_path: Path) -> None:
    async def work() -> None:
        async with AdapterTarget.starting(Folder(tmp_path).command(TOLD)) as target:
            assert isinstance(target.clock, SystemClock)

    asyncio.run(work())


def test_a_product_that_answers_nothing_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stepped, "PATIENCE", 0.1)
    monkeypatch.setattr(talk, "ANSWERS_WITHIN", 0.3)

    async def work() -> None:
        body = 'say(can=["join"], clock="told")\nsys.stdin.read()'
        async with AdapterTarget.starting(Folder(tmp_path).command(body)) as target:
            lesson = await opened(target)
            lesson.dial(1)
            target.send(1, {"type": "join", "ref": "1"})
            await asyncio.sleep(3600)
            await target.settled()

    with pytest.raises(TargetFailed, match=r"did not answer within 0\.3 s"):
        run(work())


def test_a_product_that_ends_ends_the_waiting(tmp_path: Path) -> None:
    async def work() -> None:
        async with AdapterTarget.starting(
            Folder(tmp_path).command('say(can=["join"], clock="told")\ninput()')
        ) as target:
            lesson = await opened(target)
            lesson.dial(1)
            target.send(1, {"type": "join", "ref": "1"})
            await asyncio.sleep(5)
            await target.settled()

    with pytest.raises(TargetFailed, match="ended in the middle of the run"):
        run(work())


def test_time_goes_on_where_it_was() -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SteppedLoop)
        busy = False
        loop.step(lambda: busy)
        began = loop.time()
        assert began == int(began)
        await asyncio.sleep(100)
        assert loop.time() == began + 100
        loop.walk()
        loop.walk()
        assert began + 100 <= loop.time() < began + 101
        await asyncio.sleep(0.01)
        assert began + 100.01 <= loop.time() < began + 101

    run(work())


def test_what_comes_from_outside_comes_before_time_goes_on() -> None:
    async def work() -> list[object]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SteppedLoop)
        ours, theirs = socket.socketpair()
        seen: list[object] = []
        with ours, theirs:
            loop.add_reader(ours, lambda: seen.append(ours.recv(9)))
            loop.step(lambda: False)
            loop.call_later(1, seen.append, "later")
            theirs.send(b"now")
            await asyncio.sleep(2)
            loop.remove_reader(ours)
        return seen

    assert run(work()) == [b"now", "later"]
