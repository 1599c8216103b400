"""The run as it passes before the judge: fact by fact the picture is folded, counts are kept, and who waits for it is told."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from meetingsim.scenarios.evaluation import CannotTell, Value
from meetingsim.scenarios.folds import FOLDS
from meetingsim.scenarios.judging.counting import Recent, Tally
from meetingsim.scenarios.judging.order import REPLIES, in_order, who_was_refused
from meetingsim.scenarios.judging.sight import Sight
from meetingsim.scenarios.picture import Picture
from meetingsim.scenarios.trace import Fact, Trace

Handler = Callable[[Fact], None]
Look = Callable[["Stir"], None]


class Stir:
    """What may have changed since conditions were last looked at: rows of these members, the meeting, counts of late."""

    __slots__ = ("meeting", "rates", "rows")

    def __init__(self, rows: Collection[str] = (), *, meeting: bool = False, rates: bool = False) -> None:
        self.rows = rows
        self.meeting = meeting
        self.rates = rates


@dataclass(slots=True)
class _Plan:
    """What is to be done about the facts of a kind. ``quick``: there are handlers at the most, and many facts."""

    folds: bool
    ahead: list[Handler]
    recents: list[Recent]
    handlers: list[Handler]
    quick: bool


class History:
    """The last values that something had in the frames of each client."""

    def __init__(self, value: Value, sight: Sight) -> None:
        self._value = value
        self._sight = sight
        self._seen: defaultdict[str | None, tuple[list[int], list[Any]]] = defaultdict(lambda: ([], []))

    def note(self, fact: Fact) -> None:
        """Keeps what it is in a frame that was received, if it is there."""
        self._sight.at(fact)
        try:
            value = self._value(self._sight, None)
        except CannotTell:
            return  # who asks for it then is told that it cannot be told of the frame at hand
        if value is not None:
            positions, values = self._seen[fact.actor]
            positions.append(self._sight.position)
            values.append(value)

    def before(self, sight: Sight, scene: Any) -> Any:
        """What it last was before the window, at the client in sight."""
        if sight.window is None:
            return None
        positions, values = self._seen[sight.fact.actor]
        at = bisect_left(positions, sight.window.position)
        return values[at - 1] if at else None


class Stage:
    """A trace on its way past the judge. Whoever wants to hear of facts says so before ``run``.

    ``end`` is when the run was over, ``seq`` the last one there was, ``latest`` the fact that passed last, None where it was
    the time that did.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.people: Mapping[str, str] = trace.people
        self.picture = Picture(trace)
        self.sight = Sight(self.picture)
        self.seq = 0
        self.end = max((fact.at for fact in trace.facts[-1:]), default=0)
        self._ahead: defaultdict[str, list[Handler]] = defaultdict(list)
        self._handlers: defaultdict[str, list[Handler]] = defaultdict(list)
        self._recents: defaultdict[str, list[Recent]] = defaultdict(list)
        self._histories: list[History] = []
        self._tallies: list[Tally] = []
        self._looks: list[Look] = []
        self._alarms: list[tuple[int, int, Callable[[], None] | None]] = []
        self._set = 0
        self._awake = 0
        self.restless = False
        self.latest: Fact | None = None

    @cached_property
    def refused(self) -> Mapping[int, str]:
        """Whose each refused entry was."""
        return who_was_refused(self.trace)

    @cached_property
    def came(self) -> frozenset[str]:
        """Members who ever were connected."""
        return frozenset(
            fact.actor for fact in self.trace.facts if fact.fact in {"connected", "received"} and fact.actor
        )

    def on(self, kind: str, handler: Handler) -> None:
        """Hears of every fact of a kind, once it is in the picture; in the order in which they asked."""
        self._handlers[kind].append(handler)

    def ahead(self, kind: str, handler: Handler) -> None:
        """Hears of every fact of a kind before it is in the picture."""
        self._ahead[kind].append(handler)

    def looks(self, look: Look) -> None:
        """Is told after every fact that may change what a condition is worth, and wherever ``restless`` was set."""
        self._looks.append(look)

    def alarm(self, at: int, ring: Callable[[], None] | None = None) -> None:
        """Rings before the first fact at that time or later; conditions are looked at again."""
        self._set += 1
        heapq.heappush(self._alarms, (at, self._set, ring))
        self._awake = min(self._awake, at)

    def tally(self, holds: Value) -> Tally:
        """A count of members that is kept from now on."""
        self._tallies.append(Tally(holds, self.sight, self.picture.cast))
        return self._tallies[-1]

    def recent(self, kind: str, within_ms: int, holds: Value | None) -> Recent:
        """A count of facts that is kept from now on."""
        self._recents[kind].append(Recent(within_ms, holds, self.sight))
        return self._recents[kind][-1]

    def history(self, value: Value) -> History:
        """The values of something in the frames of clients, from now on."""
        self._histories.append(History(value, self.sight))
        return self._histories[-1]

    def run(self) -> None:
        """Lets the whole trace pass."""
        received = {"received"} if self._histories else set()
        plans = {kind: self._plan(kind) for kind in {*FOLDS, *self._ahead, *self._handlers, *self._recents, *received}}
        sight = self.sight
        self._look(Stir())
        for position, fact in enumerate(in_order(self.trace, plans)):
            sight.position = position
            # A reply that was moved to its event is not yet there by the clock.
            if fact.at >= self._awake and not (fact.seq is not None and fact.fact in REPLIES):
                self._pass_time(fact.at)
            plan = plans[fact.fact]
            if plan.quick:
                self.latest = fact
                for handle in plan.handlers:
                    handle(fact)
            else:
                self._fact(fact, plan)
            if self.restless:
                self._look(Stir())
        self._pass_time(self.end)
        sight.position += 1

    def _plan(self, kind: str) -> _Plan:
        recents, handlers = self._recents.get(kind, []), self._handlers.get(kind, [])
        if kind == "received":
            handlers = [*(history.note for history in self._histories), *handlers]
        ahead = self._ahead.get(kind, [])
        return _Plan(kind in FOLDS, ahead, recents, handlers, kind == "received" and not ahead and not recents)

    def _fact(self, fact: Fact, plan: _Plan) -> None:
        sight, picture = self.sight, self.picture
        for handle in plan.ahead:
            handle(fact)
        stirred = plan.folds and picture.apply(fact)
        sight.at(fact)
        self.latest = fact
        if stirred and picture.touched:
            for tally in self._tallies:
                tally.look(picture.touched)
        for recent in plan.recents:
            self.alarm(recent.happened(fact))
        if fact.seq is not None and fact.seq > self.seq and fact.fact not in REPLIES:
            self.seq = fact.seq
        for handle in plan.handlers:
            handle(fact)
        if stirred:
            self._look(Stir(picture.touched, meeting=picture.changed, rates=bool(plan.recents)))
        elif plan.recents:
            self._look(Stir(rates=True))

    def _look(self, stir: Stir) -> None:
        self.restless = False
        for look in self._looks:
            look(stir)

    def _pass_time(self, to: int) -> None:
        while self._alarms and self._alarms[0][0] <= to:
            at, _, ring = heapq.heappop(self._alarms)
            self.sight.now = max(at, self.sight.now)
            self.latest = None
            if ring is not None:
                ring()
            self._look(Stir(rates=True))
        self.sight.now = max(to, self.sight.now)
        self._awake = min(to + 1, self._alarms[0][0]) if self._alarms else to + 1
