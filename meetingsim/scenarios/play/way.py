"""The way between a client and the target: what its network makes late, doubles, holds back or breaks, in order on each line."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from meetingsim.chance import Chance
from meetingsim.clock import Clock
from meetingsim.scenarios.cast import Network
from meetingsim.scenarios.quantities import Duration, Share, Spread

PROFILES: Final = {
    "steady": Network(latency=Spread(Duration(15), Duration(10))),
    "mobile": Network(latency=Spread(Duration(60), Duration(40)), jitter=Duration(30)),
    "flaky-mobile": Network(latency=Spread(Duration(120), Duration(100)), jitter=Duration(80), drop=Share(1000)),
}
"""Networks by name; a ``drop`` of one that lasts means that the line breaks every few minutes."""
_OVERTAKEN_MS = 60


class Net:
    """What is wrong with somebody's network now: what it always is, and the faults that last."""

    def __init__(self, base: Network | None, chance: Chance) -> None:
        self.quick = base is None
        """Whether frames are there at once: nothing is said of this network, and nothing is wrong with it."""
        self._all = [] if base is None else [base]
        self._faults: list[Network] = []
        self._chance = chance

    def begins(self, fault: Network) -> None:
        """From now on this is wrong with it, too."""
        self._faults.append(fault)
        self._all.append(fault)
        self.quick = False

    def ends(self, fault: Network) -> None:
        """This is no longer wrong."""
        self._faults.remove(fault)
        self._all.remove(fault)
        self.quick = not self._all

    def late(self) -> int:
        """How many ms the next frame takes."""
        ms, chance = 0, self._chance
        for one in self._all:
            if latency := one.latency:
                ms += chance.between(latency.base.ms - latency.by.ms, latency.base.ms + latency.by.ms)
            if one.jitter:
                ms += chance.between(0, one.jitter.ms)
            if one.reorder and chance.happens(one.reorder.permille):
                ms += chance.between(0, _OVERTAKEN_MS)
        return ms

    def doubles(self) -> bool:
        """Whether the next frame is sent twice."""
        return any(one.duplicate and self._chance.happens(one.duplicate.permille) for one in self._faults)


class Way:
    """One line's two directions. What is held back goes on in order, as a broken line's packets do when it is whole again."""

    def __init__(
        self, net: Net, clock: Clock, up: Callable[[Any], None], down: Callable[[Any], None], held: bool = False
    ) -> None:
        self.over = False
        self._net = net
        self._clock = clock
        self._ends = (up, down)
        self._under_way: tuple[deque[tuple[int, Any]], deque[tuple[int, Any]]] = (deque(), deque())
        self._arrives = (partial(self._arrive, 0), partial(self._arrive, 1))
        self._held: list[tuple[int, Any]] | None = [] if held else None

    @property
    def clear(self) -> bool:
        """Whether what goes down now is there at once: with nothing before it, over a network that nothing is wrong with."""
        return self._net.quick and not self._under_way[1] and self._held is None and not self.over

    @property
    def empty(self) -> bool:
        """Whether nothing is on its way."""
        return not (self._held or self._under_way[0] or self._under_way[1])

    def up(self, what: Any) -> None:
        """From the client to the target."""
        self._carry(0, what, self._net.late())

    def down(self, what: Any) -> None:
        """From the target to the client."""
        if self.clear:
            self._ends[1](what)
        else:
            self._carry(1, what, self._net.late())

    def hold(self) -> None:
        """From now on nothing arrives, on either side."""
        if self._held is None:
            self._held = []

    def release(self) -> None:
        """Everything held back arrives now, before what is still on its way."""
        held, self._held = self._held or [], None
        for direction, what in held:
            if not self.over:
                self._ends[direction](what)

    def _carry(self, direction: int, what: Any, late: int) -> None:
        if self.over:
            return
        under_way = self._under_way[direction]
        when = self._clock.now() + late
        under_way.append((when, what))
        if len(under_way) == 1:
            self._clock.call_at(when, self._arrives[direction])

    def _arrive(self, direction: int) -> None:
        """All that is due by now, in its order; whoever comes behind one that is late is late, too."""
        under_way, now = self._under_way[direction], self._clock.now()
        while under_way and under_way[0][0] <= now:
            what = under_way[0][1]
            if self.over:
                pass
            elif self._held is not None:
                self._held.append((direction, what))
            else:
                self._ends[direction](what)
            under_way.popleft()
        if under_way:
            self._clock.call_at(under_way[0][0], self._arrives[direction])
