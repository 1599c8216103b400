"""One walk over a run: every fact goes to the judges who asked for its kind, and what clients heard to the hearing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Final

from meetingsim.scenarios.invariants.doors import Doors
from meetingsim.scenarios.invariants.endings import Endings, Journal, Mirrors
from meetingsim.scenarios.invariants.firsthand import Firsthand
from meetingsim.scenarios.invariants.hearing import Hearing
from meetingsim.scenarios.invariants.owners import Owners
from meetingsim.scenarios.invariants.readings import Readings
from meetingsim.scenarios.invariants.removal import Removals
from meetingsim.scenarios.invariants.replies import Replies
from meetingsim.scenarios.invariants.reports import Reports
from meetingsim.scenarios.invariants.rights import Rights
from meetingsim.scenarios.invariants.roles import Roles
from meetingsim.scenarios.invariants.scene import UNKNOWN, Interests, Judge, OnFact, OnFrame, Scene
from meetingsim.scenarios.invariants.suspension import Suspension
from meetingsim.scenarios.invariants.waiting import Waiting
from meetingsim.scenarios.trace import Fact, Trace
from meetingsim.state.controls import EVENTS

_FIRSTHAND: Final[tuple[Callable[[Scene], Judge], ...]] = (Reports, Owners, Replies, Mirrors)
"""Those who have something to say where no journal is shown."""
_JUDGES: Final[tuple[Callable[[Scene], Judge], ...]] = (
    Suspension,
    Removals,
    Waiting,
    Doors,
    Reports,
    Roles,
    Rights,
    Readings,
    Owners,
    Journal,
    Replies,
    Endings,
    Mirrors,
)


class Walk:
    """The judges of one run."""

    def __init__(self, trace: Trace, names: tuple[str, ...]) -> None:
        self.scene = Scene(trace, names)
        self._before: defaultdict[str, list[OnFact]] = defaultdict(list)
        self._after: defaultdict[str, list[OnFact]] = defaultdict(list)
        self._frames: defaultdict[str, list[OnFrame]] = defaultdict(list)
        self._every: list[OnFact] = []
        self._ends: list[Callable[[], None]] = []
        self._hearing = Hearing(self.scene)
        self._barred: frozenset[int] | set[int] = frozenset()
        self._event, self._media = self._hearing.event, self._hearing.media
        if "server" in trace.views:
            # A picture is first taken in by the line, then judged.
            self._asks(self._hearing.interests())
            self._call(_JUDGES)
        else:
            firsthand = Firsthand(self.scene)
            self._event, self._media = firsthand.event, firsthand.media
            self._asks(firsthand.interests())
            self._call(_FIRSTHAND)

    def _call(self, judges: tuple[Callable[[Scene], Judge], ...]) -> None:
        for make in judges:
            judge = make(self.scene)
            self._asks(judge.interests())
            if isinstance(judge, Suspension):
                self._barred = judge.barred

    def _asks(self, interests: Interests) -> None:
        _add(self._before, interests.before)
        _add(self._after, interests.after)
        _add(self._frames, interests.frames)
        self._every += [interests.every] if interests.every else []
        self._ends += [interests.end] if interests.end else []

    def go(self) -> None:
        """From the first fact to the last."""
        event, media, lines = self._event, self._media, self.scene.lines
        for fact in self.scene.trace.facts:
            if fact.fact != "received":
                self._takes(fact)
                continue
            fields = fact.fields
            frame = fields["frame"]
            line = lines.get(fields.get("line", 0)) or self.scene.line(fact)
            kind = frame.get("type")
            if kind == "media":
                media(fact, frame, line)
            elif kind in EVENTS:
                event(fact, frame, line)
            else:
                for judge in self._frames.get(kind) or self._frames[UNKNOWN]:
                    judge(fact, frame, line)
        for end in self._ends:
            end()

    def _takes(self, fact: Fact) -> None:
        kind = fact.fact
        if kind not in EVENTS:
            for judge in self._before.get(kind, ()):
                judge(fact)
            return
        for judge in (*self._every, *self._before.get(kind, ())):
            judge(fact)
        told = self._hearing.happened(fact)
        if fact.seq in self._barred:
            told.barred, told.swift = True, False
        self.scene.ledger.take(fact)
        for judge in self._after.get(kind, ()):
            judge(fact)


def _add(table: defaultdict[str, list[Any]], more: Mapping[str, Any]) -> None:
    for kind, judge in more.items():
        table[kind].append(judge)
