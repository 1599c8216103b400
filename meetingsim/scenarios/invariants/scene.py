"""What the judges of a run share: its trace, the ledger, every connection, and where each puts what it found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from meetingsim.scenarios.invariants.ledger import Ledger
from meetingsim.scenarios.invariants.standings import NOWHERE, Person, Standing
from meetingsim.scenarios.trace import Fact, Trace
from meetingsim.scenarios.verdicts import Check, Verdict

Frame = Mapping[str, Any]
OnFact = Callable[[Fact], None]
OnFrame = Callable[[Fact, Frame, "Line"], None]
UNKNOWN: Final = "unknown"
"""Stands for every type of frame that the contract does not have."""
_AT_ONCE_MS: Final = 2_000
_MOST_WITNESSES: Final = 6


class Finding:
    """One invariant as it is being judged: how much was looked at, and the first thing that breaks it."""

    __slots__ = ("_said", "_times", "name", "tested", "witnesses")

    def __init__(self, name: str) -> None:
        self.name = name
        self.tested = 0
        self.witnesses: list[int] = []
        self._said = ""
        self._times = 0

    def fail(self, said: str, *witnesses: Fact | None) -> None:
        """It does not hold: one sentence for a person, and the facts that show it, the worst first."""
        self._times += 1
        if not self._said:
            self._said = said
        if len(self.witnesses) < _MOST_WITNESSES:
            self.witnesses += [one.n for one in witnesses if one is not None and one.n not in self.witnesses]

    @property
    def clean(self) -> bool:
        """Whether nothing was found so far."""
        return not self._times

    def check(self) -> Check:
        """What it came to."""
        if not self._times:
            return Check("invariant", self.name, Verdict.PASS, tested=self.tested)
        again = f" It happened {self._times} times." if self._times > 1 else ""
        witnesses = tuple(self.witnesses[:_MOST_WITNESSES])
        return Check("invariant", self.name, Verdict.FAIL, self._said + again, witnesses, tested=self.tested)


@dataclass(slots=True)
class Line:
    """One connection: whom it speaks for, and how far what it heard has come."""

    number: int
    ref: str | None
    person: Person | None = None
    standing: Standing = NOWHERE
    """How that person stood as of the last frame."""
    seq: int = 0
    """The last seq that was heard, of a view or an event."""
    ended: Fact | None = None
    """The frame by which they heard that the meeting is over."""
    closed: bool = False

    def advance(self, seq: int) -> Standing:
        """How the person of this line stood as of a seq that was heard later than the last."""
        if self.person is not None:
            self.standing = self.person.at(seq)
        return self.standing

    def speaks_for(self, person: Person, seq: int) -> None:
        """From this seq on the line is that person's."""
        self.person = person
        self.standing = person.at(seq)


@dataclass(frozen=True, slots=True)
class Interests:
    """What a judge wants to see. ``before`` an event is taken into the ledger, ``after`` it; other facts come ``before``.

    ``every`` is asked of every event, first of all.
    """

    every: OnFact | None = None
    before: Mapping[str, OnFact] = field(default_factory=dict)
    after: Mapping[str, OnFact] = field(default_factory=dict)
    frames: Mapping[str, OnFrame] = field(default_factory=dict)
    end: Callable[[], None] | None = None


class Judge(Protocol):
    """Looks at a run from one side, and puts what it finds into the scene."""

    def interests(self) -> Interests:
        """What it wants to see."""


class Scene:
    """Handed to every judge; a judge changes nothing here but findings."""

    def __init__(self, trace: Trace, names: tuple[str, ...]) -> None:
        self.trace = trace
        self.ledger = Ledger(trace)
        self.lines: dict[int, Line] = {}
        self.found = {name: Finding(name) for name in names}
        self.cannot: dict[str, str] = {}
        """What could not be judged after all, and why."""

    def line(self, fact: Fact) -> Line:
        """The connection of a fact."""
        number = fact.fields.get("line", 0)
        line = self.lines.get(number)
        if line is None:
            line = self.lines[number] = Line(number, fact.actor)
        return line

    def who(self, participant: Any) -> str:
        """Somebody as a report names them: who of the cast, else the id."""
        return self.trace.people.get(str(participant), str(participant))

    def left_open(self) -> list[Line]:
        """The lines that were never closed; none where it cannot be told."""
        if self.trace.broke or self.foreign:
            return []
        return [line for line in self.lines.values() if not line.closed]

    def long_ago(self, fact: Fact) -> bool:
        """Whether so much of the run came after a fact that whatever it causes at once has happened."""
        return fact.at + _AT_ONCE_MS < self.trace.facts[-1].at

    @property
    def foreign(self) -> bool:
        """Whether it is somebody else's product, which need not tell all that this one does."""
        return self.trace.target == "adapter"

    def seat_of(self, ref: str | None) -> str | None:
        """Whose seat somebody of the cast takes: whoever shows the host token is one person."""
        return "the host" if self.member_role(ref) == "host" else ref

    def member_role(self, ref: str | None) -> str | None:
        """The role that the scenario gives somebody of the cast."""
        member = self.trace.members.get(ref or "")
        return member.role if member else None


def moment(at: int) -> str:
    """A time of the run as ``mm:ss.mmm``."""
    return f"{at // 60_000:02d}:{at // 1000 % 60:02d}.{at % 1000:03d}"
