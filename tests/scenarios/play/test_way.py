"""What a network holds back arrives in the order in which it was sent, before what is sent later."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from meetingsim.chance import Chance
from meetingsim.clock import BEGINNING
from meetingsim.scenarios.cast import Network
from meetingsim.scenarios.play.virtual_time import VirtualClock, run_virtual
from meetingsim.scenarios.play.way import Net, Way
from meetingsim.scenarios.quantities import Spread


def arrived(doing: Callable[[Way], Awaitable[None]]) -> list[Any]:
    """What comes out at either end, on a way that takes 50 ms."""
    came: list[Any] = []

    async def work(clock: VirtualClock) -> None:
        net = Net(Network(latency=Spread.read("50ms")), Chance.of(1, "way"))
        await doing(Way(net, clock, came.append, came.append))
        await asyncio.sleep(0.2)

    run_virtual(work)
    return came


def test_what_was_held_back_comes_before_what_is_still_on_its_way() -> None:
    async def held_back_and_let_go(way: Way) -> None:
        way.hold()
        way.down("first")
        await asyncio.sleep(0.06)
        way.down("second")
        await asyncio.sleep(0.02)
        way.release()
        way.down("third")

    assert arrived(held_back_and_let_go) == ["first", "second", "third"]


def test_nothing_arrives_on_a_line_that_is_over() -> None:
    async def over_while_held_back(way: Way) -> None:
        way.hold()
        way.up("held back")
        await asyncio.sleep(0.06)
        way.up("on its way")
        way.over = True
        way.release()

    assert arrived(over_while_held_back) == []


def test_each_arrives_at_its_own_time_and_none_before_one_that_was_sent_earlier() -> None:
    async def work(clock: VirtualClock) -> list[tuple[int, int]]:
        came: list[tuple[int, int]] = []
        net = Net(Network(latency=Spread.read("50ms±40ms")), Chance.of(3, "way"))
        way = Way(net, clock, lambda number: came.append((number, clock.now() - BEGINNING)), came.append)
        for number in range(20):
            way.up(number)
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        assert way.empty
        return came

    chance, due = Chance.of(3, "way"), [0]
    for number in range(20):
        due.append(max(due[-1], number * 10 + chance.between(10, 90)))
    assert run_virtual(work) == list(enumerate(due[1:]))
    assert len(set(due)) < 20 < len(due)


def test_what_is_sent_while_something_arrives_waits_its_turn() -> None:
    async def work(clock: VirtualClock) -> list[str]:
        came: list[str] = []

        def arrive(what: str) -> None:
            came.append(f"{what} at {clock.now() - BEGINNING}")
            if what == "question":
                way.down("answer")

        net = Net(Network(latency=Spread.read("50ms")), Chance.of(1, "way"))
        way = Way(net, clock, came.append, arrive)
        way.down("question")
        way.down("remark")
        await asyncio.sleep(0.3)
        return came

    assert run_virtual(work) == ["question at 50", "remark at 50", "answer at 100"]
