"""What a network holds back arrives in the order in which it was sent, before what is sent later."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from meetingsim.chance import Chance
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
