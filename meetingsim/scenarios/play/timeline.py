"""The moments of a scenario, and its faults: at their times, on a fact, or aimed around the time at which one will be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from meetingsim.scenarios.evaluation import CannotTell, evaluate
from meetingsim.scenarios.expressions import parse
from meetingsim.scenarios.plan import Fault, Moment
from meetingsim.scenarios.play.casting import members_of
from meetingsim.scenarios.play.client import Client
from meetingsim.scenarios.play.doing import Doer, crash
from meetingsim.scenarios.play.names import own_row, translated
from meetingsim.scenarios.trace import Fact, behind

if TYPE_CHECKING:
    from meetingsim.scenarios.play.stage import Stage

Learnt = Mapping[int, Sequence[int]]
"""For moments that are aimed, by their number: when their fact came up in the run before, in ms."""


def aimed(moments: Sequence[Moment]) -> list[int]:
    """The moments that need to know beforehand when their fact will be."""
    return [number for number, moment in enumerate(moments) if moment.on is not None and moment.spread is not None]


class Timeline:
    """Sets every moment and fault of a scenario going. ``came_up`` is what another run can be aimed by."""

    def __init__(self, stage: Stage, doers: Mapping[str, Doer], learnt: Learnt | None) -> None:
        self.came_up: dict[int, list[int]] = {}
        self._stage = stage
        self._doers = doers
        timed: dict[int, dict[int, Moment]] = {}
        for number, moment in enumerate(stage.scenario.timeline):
            if moment.at is not None and moment.spread is None:
                timed.setdefault(moment.at.ms, {})[number] = moment
            else:
                self._set(number, moment, learnt)
        for when, moments in timed.items():
            for together in self._by_person(moments):
                stage.at(when, lambda together=together: self._go_together(together))  # type: ignore[misc]
        for number, fault in enumerate(stage.scenario.faults):
            stage.at(fault.at.ms, lambda number=number, fault=fault: self._fault(number, fault))  # type: ignore[misc]

    def _set(self, number: int, moment: Moment, learnt: Learnt | None) -> None:
        if moment.at is not None:
            self._around(number, moment, moment.at.ms)
        elif moment.spread is None:
            on_fact(self._stage, str(moment.on), lambda fact: self._go(number, moment, fact))
        elif learnt is not None:
            for when in learnt.get(number, ()):
                self._around(number, moment, when)
        else:
            times = self.came_up[number] = []
            on_fact(self._stage, str(moment.on), lambda fact: times.append(fact.at))

    def _by_person(self, moments: Mapping[int, Moment]) -> list[list[Moment]]:
        """What people do at one time: who does several of it does them in the order of the file; else the chance decides."""
        found: list[tuple[set[str], list[int]]] = []
        for number, moment in moments.items():
            who = set(self._who(moment))
            shared = [one for one in found if one[0] & who]
            found = [one for one in found if one not in shared]
            found.append(
                (who.union(*(refs for refs, _ in shared)), [*(one for _, done in shared for one in done), number])
            )
        return [[moments[number] for number in sorted(numbers)] for _, numbers in found]

    def _go_together(self, moments: Sequence[Moment]) -> None:
        for moment in moments:
            self._stage.spawn(self._do(moment, None))

    def _around(self, number: int, moment: Moment, when: int) -> None:
        """Everybody at a time of their own around that one."""
        stage = self._stage
        assert moment.spread is not None
        earliest, latest = moment.spread
        for ref in self._who(moment) or [next(iter(self._doers))]:
            chance = stage.chance(ref, "aim", number, when)
            at = max(0, when + chance.between(earliest.ms, latest.ms))
            stage.at(at, lambda ref=ref: stage.spawn(self._doers[ref].do(moment.do, None, _pace(moment))))  # type: ignore[misc]

    def _go(self, number: int, moment: Moment, fact: Fact | None) -> None:
        # In its own turn: a fact is still being told when it comes up.
        self._stage.after(0, lambda: self._stage.spawn(self._do(moment, fact)))

    async def _do(self, moment: Moment, fact: Fact | None) -> None:
        event = {**fact.fields, "seq": fact.seq} if fact else None
        pace_ms = _pace(moment)
        if moment.who is None:
            await self._doers[next(iter(self._doers))].do(moment.do, event, pace_ms)
            return
        for place, ref in enumerate(self._who(moment)):
            if place and pace_ms:
                await asyncio.sleep(pace_ms / 1000)
            await self._doers[ref].do(moment.do, event, pace_ms)

    def _who(self, moment: Moment) -> list[str]:
        return list(dict.fromkeys(ref for part in moment.who or () for ref in members_of(part, self._stage.refs)))

    # Faults

    def _fault(self, number: int, fault: Fault) -> None:
        if fault.server is not None:
            self._stage.spawn(crash(self._stage, fault.server.said()))
            return
        refs = dict.fromkeys(ref for part in fault.on or () for ref in members_of(part, self._stage.refs))
        for ref in refs:
            self._trouble(number, fault, self._stage.clients[ref])

    def _trouble(self, number: int, fault: Fault, client: Client) -> None:
        net, stage = fault.net, self._stage
        assert net is not None
        assert fault.for_ is not None
        length = fault.for_.ms
        chance = stage.chance(client.ref, "fault", number)
        client.net.begins(net)
        stage.after(length, lambda: client.net.ends(net))
        if net.half_open and chance.happens(net.half_open.permille):
            client.hold()
            stage.after(length, client.release)
        if net.slow_reader and chance.happens(net.slow_reader.permille):
            client.deaf(True)
            stage.after(length, lambda: client.deaf(False))
        if net.drop and chance.happens(net.drop.permille):
            stage.after(chance.between(0, length), lambda: break_line(stage, client, chance.between(1_000, 4_000)))


def _pace(moment: Moment) -> int:
    """Ms between its steps, and between those who do them."""
    return round(moment.pace.per.ms / moment.pace.count) if moment.pace else 0


def break_line(stage: Stage, client: Client, away_ms: int) -> None:
    """Somebody's line breaks, and they notice and come back after that time."""
    if client.connected:
        client.cut()
        if client.comes_back:
            client.come_back_in(away_ms)
        else:
            for program in client.programs:
                program.happens("disconnected")


def on_fact(stage: Stage, text: str, do: Callable[[Fact], None]) -> None:
    """Calls it for every fact that the text names. A newcomer's events wait until it is known who of the cast that is."""
    expression = parse(text)

    def judge(fact: Fact) -> None:
        try:
            if evaluate(expression, _names(stage, fact)):
                do(fact)
        except CannotTell:
            return

    def came(fact: Fact) -> None:
        participant = behind(fact.fields) if fact.is_event else None
        if participant is not None and participant not in stage.trace.people:
            stage.when_known(participant, lambda: judge(fact))
        else:
            judge(fact)

    stage.recorder.watch(str(expression.fact), came)


def _names(stage: Stage, fact: Fact) -> dict[str, Any]:
    fields = translated(stage, fact.fact, fact.fields)
    participant = behind(fact.fields) if fact.is_event else None
    ref = fact.actor or (stage.trace.people.get(participant) if participant else None)
    row = own_row(stage, stage.clients[ref]) if ref in stage.clients else None
    around = {"actor": row, "person": row, "attempt": row["attempt"] if row else None}
    return {**around, **fields, "event": fields, "type": fact.fact, "at": fact.at, "seq": fact.seq}
