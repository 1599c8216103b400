"""What an expression is looked at with: the picture, a fact, a window; one value for a whole run, changed as it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from meetingsim.scenarios.picture import Kept, Picture, Row
from meetingsim.scenarios.trace import Fact
from meetingsim.scenarios.verdicts import Verdict

NO_FACT: Final = Fact("", 0, {})


@dataclass(slots=True, eq=False)
class Span:
    """A stretch of the run that a scope opened. ``fact`` None: it began with the run, or at a time.

    ``position`` counts the judged facts that were before it, ``kept`` is the picture before it where somebody asks.
    """

    at: int = 0
    position: int = 0
    seq: int = 0
    fact: Fact | None = None
    kept: Kept | None = None
    windows: list[Window] = field(default_factory=list)

    @property
    def names(self) -> dict[str, int]:
        """What ``scope`` is."""
        return {"seq": self.seq, "at": self.at}


@dataclass(slots=True, eq=False)
class Window:
    """Where an expectation is judged once. ``ref`` is the member or client that ``each`` stands for, ``each`` its fact's names.

    ``said`` and ``witness`` tell of what settled it.
    """

    span: Span
    scope: Mapping[str, int]
    at: int
    position: int
    fact: Fact | None = None
    kept: Kept | None = None
    ref: str | None = None
    each: Mapping[str, Any] | None = None
    verdict: Verdict | None = None
    witness: Fact | None = None
    said: str = ""

    @property
    def opener(self) -> Fact | None:
        """The fact that opened it, or its span."""
        return self.fact or self.span.fact


@dataclass(slots=True, eq=False)
class Sight:
    """Where the judge looks. ``fields`` are those of ``fact``, or of the frame that it brought; ``person`` is whom a count is at.

    ``now`` is in ms of the run; ``outer`` what was in sight around a ``rate`` that is being counted.
    """

    picture: Picture | Kept
    now: int = 0
    position: int = 0
    fact: Fact = NO_FACT
    fields: Mapping[str, Any] = field(default_factory=dict)
    window: Window | None = None
    person: Row | None = None
    outer: tuple[Fact, Mapping[str, Any]] = (NO_FACT, {})

    def at(self, fact: Fact, fields: Mapping[str, Any] | None = None) -> None:
        """Looks at a fact."""
        self.fact = fact
        self.fields = fact.fields if fields is None else fields

    def again(self, picture: Picture) -> None:
        """Looks at the present again, after an evaluation that was broken off somewhere else."""
        self.picture, self.person, self.window = picture, None, None
