"""Writes the trace while a run goes on, and tells whoever waits for a kind of fact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from meetingsim.clock import Clock
from meetingsim.scenarios.trace import Fact, Trace

Watcher = Callable[[Fact], None]
See = Callable[[Trace, Fact], None]
"""Shown every fact as it is written, with the trace so far."""


class Recorder:
    """Facts in order, each at its time. Watchers must act later, never within the call."""

    def __init__(self, trace: Trace, clock: Clock, see: See | None = None) -> None:
        self.trace = trace
        self._facts = trace.facts
        self._see = see
        self._now = clock.now
        self._began = clock.now()
        self._watchers: defaultdict[str, list[Watcher]] = defaultdict(list)

    @property
    def at(self) -> int:
        """Ms since the run began."""
        return self._now() - self._began

    def say(self, fact: str, fields: Mapping[str, Any], actor: str | None = None, seq: int | None = None) -> Fact:
        """One more fact."""
        facts = self._facts
        made = Fact(fact, self._now() - self._began, fields, actor, seq, len(facts))
        facts.append(made)
        if self._see is not None:
            self._see(self.trace, made)
        if watchers := self._watchers.get(fact):
            for watch in watchers:
                watch(made)
        return made

    def watch(self, fact: str, watcher: Watcher) -> None:
        """Calls the watcher for every later fact of this kind."""
        self._watchers[fact].append(watcher)
