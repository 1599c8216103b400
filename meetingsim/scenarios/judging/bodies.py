"""What an expectation asks for in each of its windows: that a fact comes up or does not, or that a condition holds."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

from meetingsim.scenarios.evaluation import Value, reference
from meetingsim.scenarios.expressions import Expression
from meetingsim.scenarios.judging.meaning import PEOPLE, Around, Meaning
from meetingsim.scenarios.judging.saying import moment, told, why_of
from meetingsim.scenarios.judging.sight import Window
from meetingsim.scenarios.judging.stage import Stage, Stir
from meetingsim.scenarios.judging.uses import all_of, conjuncts, uses_of
from meetingsim.scenarios.trace import Fact
from meetingsim.scenarios.verdicts import Verdict
from meetingsim.scenarios.vocabulary import EVERYWHERE

Mode = Literal["eventually", "never", "always"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: ``text`` is the expression, in a ``mode``, within a time."""

    mode: Mode
    expression: Expression
    within_ms: int | None
    around: Around

    @property
    def hit(self) -> Verdict:
        """What it means for a window that it comes up."""
        return Verdict.PASS if self.mode == "eventually" else Verdict.FAIL

    @property
    def missed(self) -> Verdict:
        """What it means that it never does."""
        return Verdict.FAIL if self.mode == "eventually" else Verdict.PASS


class Body(ABC):
    """The windows of an expectation that are open, and what they are judged by."""

    def __init__(self, stage: Stage, asked: Asked) -> None:
        self.stage = stage
        self.asked = asked
        self.sight = stage.sight
        self.open_windows = 0

    @abstractmethod
    def open(self, window: Window) -> None:
        """A window is open from now on."""

    def close(self, window: Window) -> None:
        """The window ends before the run does."""
        if window.verdict is None:
            self.settle(window, self.asked.missed, None, f"until {moment(self.sight.now)}")

    def settle(self, window: Window, verdict: Verdict, witness: Fact | None, said: str) -> None:
        """The verdict on a window; it is judged no further."""
        window.verdict, window.witness, window.said = verdict, witness, said
        self.open_windows -= 1

    def expired(self, window: Window) -> bool:
        """Whether the time within which something must come up is over; then it is settled."""
        within = self.asked.within_ms
        if within is None or self.sight.now - window.at <= within:
            return False
        self.settle(window, Verdict.FAIL, None, f"until {moment(window.at + within)}")
        return True

    def finish(self, window: Window, *, cut: bool) -> None:
        """The run is over; ``cut`` says that it ended before its time."""
        if window.verdict is not None:
            return
        within, end = self.asked.within_ms, self.stage.end
        if cut or (self.asked.mode == "eventually" and within is not None and window.at + within > end):
            self.settle(window, Verdict.UNDECIDED, None, f"the run ended at {moment(end)}")
        else:
            until = end if within is None else window.at + within
            self.settle(window, self.asked.missed, None, f"until {moment(until)}")


def _windows_names(around: Around) -> frozenset[str]:
    """The names that differ from window to window."""
    own = {"each", "scope"}
    if around.each == "client" and around.fact != "received" and not around.frame:
        own.add("client")
    return frozenset(own)


class FactBody(Body):
    """Windows that wait for a fact.

    What of the predicate is the same for all windows is asked once; and where it demands that something of the fact equals
    something of ``each``, only the windows are asked for which it does: there may be as many windows as facts.
    """

    def __init__(self, stage: Stage, asked: Asked) -> None:
        super().__init__(stage, asked)
        around = asked.around
        self.meaning = Meaning(stage, around)
        names = _windows_names(around)
        parts = conjuncts(asked.expression.predicate)
        own = [part for part in parts if _rests_on(part, names)]
        shared = all_of([part for part in parts if part not in own])
        rest = all_of(own)
        self._shared = None if shared is None else self.meaning.value(shared)
        self._own = None if rest is None else self.meaning.value(rest)
        uses = uses_of(shared)
        self._of_frame = around.fact == "received" and not uses.rates and uses.names <= {"frame", *EVERYWHERE}
        self._asked: Any = None
        self._asked_at = -1
        self._answer = False
        self._key = _key_of(own, self.meaning, around, names)
        self._by_client = around.each == "client" and (around.frame or around.fact == "received")
        self._kept: defaultdict[Hashable, list[Window]] = defaultdict(list)

    def open(self, window: Window) -> None:
        self.open_windows += 1
        self._kept[self._key_of_window(window)].append(window)

    def _key_of_window(self, window: Window) -> Hashable:
        if self._by_client:
            return window.ref
        if self._key is None:
            return None
        self.sight.window = window
        return _hashed(self._key.of_window(self.sight, None))

    def judge(self, fact: Fact) -> None:
        """A fact of the kind came up; of its frame, where it is one that brought the event."""
        if not self.open_windows:
            return
        sight, around = self.sight, self.asked.around
        if around.frame:
            frame = fact.fields["frame"]
            if frame.get("type") != around.fact:
                return
            sight.at(fact, frame)
        else:
            sight.at(fact)
        if self._shared is not None and not self._holds_for_all(fact):
            return
        for key in self._keys_of_fact(fact):
            for window in self._still_open(key):
                self._judge_in(window, fact)

    def _holds_for_all(self, fact: Fact) -> bool:
        """Whether what is the same for all windows holds. Many read one frame at once: it is asked once for them all."""
        assert self._shared is not None
        if not self._of_frame:
            return bool(self._shared(self.sight, None))
        version, frame = self.stage.picture.version, fact.fields["frame"]
        if self._asked is not frame or self._asked_at != version:
            self._answer = bool(self._shared(self.sight, None))
            self._asked, self._asked_at = frame, version
        return self._answer

    def _judge_in(self, window: Window, fact: Fact) -> None:
        within = self.asked.within_ms
        if window.verdict is not None or self.expired(window) or (within is not None and fact.at - window.at > within):
            return
        if fact.seq is not None and window.opener is not None and fact.seq < (window.opener.seq or 0):
            return
        self.sight.window = window
        if self._own is None or self._own(self.sight, None):
            self.settle(window, self.asked.hit, fact, told(fact, self.stage.people))

    def _still_open(self, key: Hashable) -> list[Window]:
        windows = self._kept.get(key)
        if not windows:
            return []
        if any(window.verdict is not None for window in windows):
            windows = self._kept[key] = [window for window in windows if window.verdict is None]
        return windows

    def _keys_of_fact(self, fact: Fact) -> Iterable[Hashable]:
        if self._by_client:
            return (fact.actor,)
        if self._key is None:
            return (None,)
        found = self._key.of_fact(self.sight, None)
        if not self._key.many:
            return (_hashed(found),)
        if isinstance(found, list | tuple):
            return dict.fromkeys(_hashed(one) for one in found)
        return list(self._kept)  # whatever it is, it is looked up as it is


@dataclass(frozen=True, slots=True)
class _Key:
    """What of a window must equal something of the fact, or with ``many`` be in it."""

    of_window: Value
    of_fact: Value
    many: bool


_UNHASHED: Final = ("unhashed",)


def _hashed(value: Any) -> Hashable:
    """Equal for whatever is the same in the language."""
    value = reference(value)
    return (value,) if value is None or isinstance(value, str | int | float) else _UNHASHED


def _rests_on(node: ast.expr, names: frozenset[str]) -> bool:
    uses = uses_of(node)
    return uses.looks_back or bool(uses.names & names)


def _key_of(parts: list[ast.expr], meaning: Meaning, around: Around, names: frozenset[str]) -> _Key | None:
    for part in parts:
        if not isinstance(part, ast.Compare) or len(part.ops) != 1:
            continue
        left, op, right = part.left, part.ops[0], part.comparators[0]
        if _is_of_window(left, around) and not _rests_on(right, names) and isinstance(op, ast.Eq | ast.Is | ast.In):
            return _Key(meaning.value(left), meaning.value(right), isinstance(op, ast.In))
        if _is_of_window(right, around) and not _rests_on(left, names) and isinstance(op, ast.Eq | ast.Is):
            return _Key(meaning.value(right), meaning.value(left), many=False)
    return None


def _is_of_window(node: ast.expr, around: Around) -> bool:
    """Whether it is the same as long as a window is open: whoever ``each`` is, or a field of a fact that is over."""
    if around.each in PEOPLE:
        return isinstance(node, ast.Name) and node.id == "each"
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id == "each"


class ConditionBody(Body):
    """Windows in which a condition is looked at, at their start and wherever it may have changed."""

    def __init__(self, stage: Stage, asked: Asked) -> None:
        super().__init__(stage, asked)
        around, node = asked.around, asked.expression.predicate
        self.meaning = Meaning(stage, around)
        assert node is not None
        self._value = self.meaning.value(node)
        self._why = why_of(self.meaning, node)
        uses = uses_of(node)
        rows = {"actor", "person", "client"} | ({"each"} if around.each in PEOPLE else set())
        self._of_row = bool(uses.names & rows)
        self._of_all = uses.counts or "waiting_count" in uses.names
        self._of_meeting = bool(uses.names & {"meeting", "suspended"})
        self._of_rates = bool(uses.rates)
        fixed = not (self._of_row or self._of_all or self._of_meeting or self._of_rates)
        self._once = fixed and asked.mode != "eventually"
        self._shared = not uses.looks_back and not uses.names - {"meeting", "suspended", "waiting_count"}
        self._refs = [self.meaning.value(ast.Name(name)) for name in sorted(uses.names & rows)]
        self._fresh: list[Window] = []
        self._kept: list[Window] = []
        self._by_ref: defaultdict[str, list[Window]] = defaultdict(list)

    def open(self, window: Window) -> None:
        self.open_windows += 1
        self._fresh.append(window)
        self.stage.restless = True

    def look(self, stir: Stir) -> None:
        """Looks at the windows whose condition may have changed."""
        if self._kept and self._may_have_changed_for_all(stir):
            self._kept = [window for window in self._kept if window.verdict is None]
            self._look_at(self._kept)
        elif self._of_row and self._kept:
            for ref in dict.fromkeys(stir.rows):
                if ref in self._by_ref:
                    self._by_ref[ref] = [window for window in self._by_ref[ref] if window.verdict is None]
                    self._look_at(self._by_ref[ref])
        if self._fresh:
            fresh, self._fresh = self._fresh, []
            self._look_at(fresh)
            self._keep(fresh)

    def _may_have_changed_for_all(self, stir: Stir) -> bool:
        if self._of_all and (stir.rows or stir.meeting):
            return True
        return (self._of_meeting and stir.meeting) or (self._of_rates and stir.rates)

    def _keep(self, windows: list[Window]) -> None:
        for window in windows:
            if window.verdict is not None:
                continue
            if self._once:
                self.settle(window, self.asked.missed, None, "")
                continue
            self._kept.append(window)
            if self._of_row:
                for ref in self._refs_of(window):
                    self._by_ref[ref].append(window)

    def _refs_of(self, window: Window) -> Iterable[str]:
        self._look_from(window)
        rows = [of(self.sight, None) for of in self._refs]
        return dict.fromkeys(row["actor"] for row in rows if row)

    def _look_from(self, window: Window) -> None:
        self.sight.window = window
        if window.fact is not None:
            self.sight.at(window.fact)

    def _look_at(self, windows: list[Window]) -> None:
        """Judges the windows by what the condition is now; once for all of them where it is the same for all."""
        wanted = self.asked.mode != "always"
        if self._shared and windows and bool(self._value(self.sight, None)) is not wanted:
            return
        for window in windows:
            if window.verdict is not None or self.expired(window):
                continue
            self._look_from(window)
            if bool(self._value(self.sight, None)) is wanted:
                why = f"{self._why(self.sight, None)} at {moment(self.sight.now)}"
                self.settle(window, self.asked.hit, self.stage.latest, why)
