"""Counts that are kept up to date, so that asking for one costs nothing: of people, and of facts of late."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from meetingsim.scenarios.evaluation import CannotTell, Value
from meetingsim.scenarios.judging.sight import Sight
from meetingsim.scenarios.picture import Row
from meetingsim.scenarios.trace import Fact


class Tally:
    """How many of the cast something holds for that is asked of their rows alone."""

    def __init__(self, holds: Value, sight: Sight, cast: Mapping[str, Row]) -> None:
        self._holds = holds
        self._sight = sight
        self._cast = cast
        self._counted: set[str] = set()
        self._fault: CannotTell | None = None
        self.look(cast)

    def look(self, refs: Iterable[str]) -> None:
        """Looks again at these people."""
        sight, counted = self._sight, self._counted
        try:
            for ref in refs:
                sight.person = self._cast[ref]
                if self._holds(sight, None):
                    counted.add(ref)
                else:
                    counted.discard(ref)
        except CannotTell as fault:
            self._fault = fault

    @property
    def total(self) -> int:
        """How many they are. Raises CannotTell where that could not be told of somebody."""
        if self._fault is not None:
            raise self._fault
        return len(self._counted)


class Recent:
    """The facts of a kind in the last ``within_ms`` up to now, those alone for which ``holds`` did when they happened."""

    def __init__(self, within_ms: int, holds: Value | None, sight: Sight) -> None:
        self._within = within_ms
        self._holds = holds
        self._sight = sight
        self._facts: deque[tuple[int, Fact]] = deque()
        self._fault: CannotTell | None = None

    def happened(self, fact: Fact) -> int:
        """Notes one that the sight is at; gives the time at which it is none of late any more."""
        try:
            if self._holds is None or self._holds(self._sight, None):
                self._facts.append((self._sight.now, fact))
        except CannotTell as fault:
            self._fault = fault
        return self._sight.now + self._within

    def facts(self) -> deque[tuple[int, Fact]]:
        """Those of late, each with when it came up. Raises CannotTell where it could not be told of one."""
        if self._fault is not None:
            raise self._fault
        oldest = self._sight.now - self._within
        while self._facts and self._facts[0][0] <= oldest:
            self._facts.popleft()
        return self._facts
