"""Time that is only counted: in order, exact, without sleeping, and with an error where nobody would ever act again."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from itertools import permutations

import pytest

from meetingsim.chance import Chance
from meetingsim.clock import BEGINNING
from meetingsim.scenarios.play.virtual_time import NobodyActs, VirtualClock, run_virtual


def test_days_are_over_at_once_and_to_the_millisecond() -> None:
    async def work(clock: VirtualClock) -> list[int]:
        times = [clock.now()]
        for seconds in (0.001, 0.1, 7 * 86_400.0, 0.333):
            await asyncio.sleep(seconds)
            times.append(clock.now())
        return times

    week = 7 * 86_400_000
    assert [time - BEGINNING for time in run_virtual(work)] == [0, 1, 101, week + 101, week + 434]


def test_what_is_due_happens_in_the_order_of_its_time() -> None:
    async def work(clock: VirtualClock) -> list[str]:
        said: list[str] = []

        def say(word: str) -> Callable[[], None]:
            return lambda: said.append(f"{word} at {clock.now() - BEGINNING}")

        for word, when in (("third", 900), ("first", 1), ("second", 30), ("never", 500)):
            timer = clock.call_at(BEGINNING + when, say(word))
            if word == "never":
                timer.cancel()
        await asyncio.sleep(2)
        return said

    assert run_virtual(work) == ["first at 1", "second at 30", "third at 900"]


def test_what_is_due_at_one_time_happens_in_an_order_that_is_drawn() -> None:
    async def work(clock: VirtualClock) -> tuple[str, set[int]]:
        said: list[str] = []
        times: set[int] = set()

        def say(word: str) -> Callable[[], None]:
            return lambda: (said.append(word), times.add(clock.now() - BEGINNING))[0]

        for word in "abc":
            clock.call_at(BEGINNING + 5_000, say(word))
        await asyncio.sleep(4.999)
        assert not said
        clock.call_at(BEGINNING + 5_001, say("!"))
        await asyncio.sleep(1)
        return "".join(said), times

    orders = {seed: run_virtual(work, Chance.of(seed)) for seed in range(40)}
    assert {order for order, _ in orders.values()} == {f"{''.join(one)}!" for one in permutations("abc")}
    assert all(times == {5_000, 5_001} for _, times in orders.values())
    assert orders == {seed: run_virtual(work, Chance.of(seed)) for seed in range(40)}


def test_what_something_leads_to_at_once_comes_before_what_is_due_next() -> None:
    async def work(clock: VirtualClock) -> list[str]:
        said: list[str] = []
        begun = asyncio.Event()

        async def follow() -> None:
            await begun.wait()
            said.append(f"follows at {clock.now() - BEGINNING}")
            await asyncio.sleep(0.001)
            said.append(f"slept until {clock.now() - BEGINNING}")

        following = asyncio.create_task(follow())
        clock.call_at(BEGINNING + 5, begun.set)
        for when in (4, 6, 7):
            clock.call_at(BEGINNING + when, lambda when=when: said.append(f"due at {when}"))  # type: ignore[misc]
        await following
        await asyncio.sleep(0.003)
        return said

    assert run_virtual(work)[:2] == ["due at 4", "follows at 5"]
    for seed in range(20):
        said = run_virtual(work, Chance.of(seed))
        assert said[:2] == ["due at 4", "follows at 5"]
        assert sorted(said[2:4]) == ["due at 6", "slept until 6"]
        assert said[4:] == ["due at 7"]


def test_an_error_in_what_is_due_is_raised() -> None:
    async def work(clock: VirtualClock) -> None:
        clock.call_at(BEGINNING + 5, lambda: math.sqrt(-1))  # type: ignore[arg-type]
        await asyncio.sleep(1)

    with pytest.raises(ValueError, match="math domain"):
        run_virtual(work)


def test_waiting_for_nobody_is_an_error_and_no_endless_wait() -> None:
    async def work(clock: VirtualClock) -> None:
        await asyncio.Event().wait()

    with pytest.raises(NobodyActs):
        run_virtual(work)


def test_what_is_still_running_at_the_end_is_ended() -> None:
    ended: list[str] = []

    async def forever() -> None:
        try:
            await asyncio.sleep(10**6)
        finally:
            ended.append("ended")

    async def work(clock: VirtualClock) -> None:
        task = asyncio.create_task(forever())
        await asyncio.sleep(1)
        assert not task.done()

    run_virtual(work)
    assert ended == ["ended"]
