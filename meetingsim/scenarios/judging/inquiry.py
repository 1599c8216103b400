"""One expectation of a scenario while a run passes: when its windows open and end, and what comes of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from meetingsim.scenarios.evaluation import CannotTell, Value
from meetingsim.scenarios.expressions import Expression, parse
from meetingsim.scenarios.judging.bodies import Asked, Body, ConditionBody, FactBody, Mode
from meetingsim.scenarios.judging.meaning import PEOPLE, Around, Meaning
from meetingsim.scenarios.judging.needs import oracles_in
from meetingsim.scenarios.judging.saying import moment, told
from meetingsim.scenarios.judging.sight import Span, Window
from meetingsim.scenarios.judging.stage import Stage
from meetingsim.scenarios.judging.uses import uses_of
from meetingsim.scenarios.picture import Kept
from meetingsim.scenarios.plan import Expectation
from meetingsim.scenarios.trace import Fact
from meetingsim.scenarios.verdicts import Check, Place, Verdict
from meetingsim.state.controls import EVENTS

_PEOPLE = re.compile(r"([^\[]+)(?:\[(\d+)(?::(\d+))?\])?")


class Inquiry:
    """An expectation. It asks the stage for the facts that it needs, and gives its Check when the run has passed."""

    def __init__(self, stage: Stage, expectation: Expectation, place: Place) -> None:
        self.expectation = expectation
        self.place = place
        self._stage = stage
        self._spans: list[Span] = []
        self._windows: list[Window] = []
        self._fault: tuple[str, Fact | None] | None = None
        self._kept: tuple[Kept, int] | None = None
        self._stopped: tuple[Kept, int] | None = None
        self._refs = _members(stage, expectation.each)
        self._body = self._body_of(expectation)
        self._uses = uses_of(self._body.asked.expression.predicate)
        # Spans that overlap end together: without a name that tells them apart, one of them is as good as all.
        self._apart = bool(self._uses.names & {"scope"}) or self._uses.looks_back
        self._listen()

    # What is asked

    def _body_of(self, expectation: Expectation) -> Body:
        mode: Mode = "eventually" if expectation.eventually else "never" if expectation.never else "always"
        expression = _condition(parse(str(getattr(expectation, mode))), always=mode == "always")
        each = self._each_kind()
        within = expectation.within.ms if expectation.within else None
        if expression.fact is None:
            fact = each if each not in {None, *PEOPLE} else None
            return ConditionBody(self._stage, Asked(mode, expression, within, Around(fact, each=each)))
        frame = expectation.view == "client" and expression.fact in EVENTS
        return FactBody(self._stage, Asked(mode, expression, within, Around(expression.fact, frame, each)))

    def _each_kind(self) -> str | None:
        each = self.expectation.each
        if each is None:
            return None
        if each == "client":
            return "client"
        return "member" if self._refs is not None else parse(each).fact

    def _listen(self) -> None:
        expectation, stage, body = self.expectation, self._stage, self._body
        scope = expectation.scope
        if scope is not None and scope.until:
            self._on(scope.until, self._end_spans)
        if scope is not None and scope.after:
            self._on(scope.after, self._begin_span)
        if isinstance(body, FactBody):
            fact = "received" if body.asked.around.frame else str(body.asked.around.fact)
            stage.on(fact, self._guarded(body.judge))
        elif isinstance(body, ConditionBody):
            stage.looks(self._guarded(body.look))
        # What opens these windows is over when they open; a scope includes its start.
        if expectation.after:
            self._on(expectation.after, self._begin_span)
        if expectation.each and self._refs is None:
            self._on(expectation.each, self._open_for_fact())
        if scope is not None and scope.between is not None:
            first, last = scope.between
            stage.alarm(first.ms, lambda: self._begin_span(None))
            stage.alarm(last.ms, lambda: self._end_spans(None))
        elif expectation.after is None and (scope is None or scope.after is None):
            self._start_with(Span())

    def _on(self, text: str, then: Callable[[Fact], None]) -> None:
        expression = parse(text)
        kind = str(expression.fact)
        matches = self._matcher(expression)
        sight = self._stage.sight

        def handle(fact: Fact) -> None:
            sight.at(fact)
            sight.window = None
            if matches is None or matches(sight, None):
                then(fact)

        if self._uses.looks_back and then != self._end_spans:
            self._stage.ahead(kind, self._keep)
            if kind == "server_started":
                self._stage.ahead("server_stopped", self._keep_at_stop)
        self._stage.on(kind, self._guarded(handle))

    def _matcher(self, expression: Expression) -> Value | None:
        if expression.predicate is None:
            return None
        return Meaning(self._stage, Around(expression.fact)).value(expression.predicate)

    def _guarded(self, function: Callable[[Any], None]) -> Callable[[Any], None]:
        """What cannot be told is told of the expectation, and ends it."""

        def guarded(said: Any) -> None:
            if self._fault is None:
                try:
                    function(said)
                except CannotTell as fault:
                    self._fault = str(fault), self._stage.latest
                    self._stage.sight.again(self._stage.picture)

        return guarded

    # Windows

    def _keep(self, fact: Fact) -> None:
        self._kept = self._stage.picture.kept(), self._stage.sight.position

    def _keep_at_stop(self, fact: Fact) -> None:
        self._stopped = self._stage.picture.kept(), self._stage.sight.position

    def _before(self, fact: Fact | None) -> tuple[Kept | None, int]:
        """The picture before a window that this fact opens, and how many facts were then over."""
        if not self._uses.looks_back:
            return None, self._stage.sight.position
        if fact is None:
            return self._stage.picture.kept(), self._stage.sight.position
        kept = (self._stopped if fact.fact == "server_started" else None) or self._kept
        assert kept is not None
        return kept

    def _begin_span(self, fact: Fact | None) -> None:
        kept, position = self._before(fact)
        now = fact.at if fact is not None else self._stage.sight.now
        seq = fact.seq if fact is not None and fact.seq is not None else self._stage.seq
        self._start_with(Span(now, position, seq, fact, kept))

    def _start_with(self, span: Span) -> None:
        self._spans.append(span)
        if self.expectation.each is None:
            self._open(span, Window(span, span.names, span.at, span.position, kept=span.kept))
        for ref in self._refs or ():
            self._open(span, Window(span, span.names, span.at, span.position, kept=span.kept, ref=ref))

    def _open_for_fact(self) -> Callable[[Fact], None]:
        around = Around(parse(str(self.expectation.each)).fact)
        keep = Meaning(self._stage, around).kept_names(self._uses)

        def open_for(fact: Fact) -> None:
            each = keep(self._stage.sight)
            kept, position = self._before(fact)
            for span in self._spans if self._apart else self._spans[:1]:
                self._open(span, Window(span, span.names, fact.at, position, fact, kept, each=each))

        return open_for

    def _open(self, span: Span, window: Window) -> None:
        span.windows.append(window)
        self._windows.append(window)
        self._body.open(window)

    def _end_spans(self, fact: Fact | None) -> None:
        ended, self._spans = self._spans, []
        for span in ended:
            for window in span.windows:
                self._body.close(window)

    # The verdict

    def check(self) -> Check:
        """The verdict, once the run has passed."""
        for window in self._windows:
            self._body.finish(window, cut=self._stage.trace.broke is not None)
        if self._fault is not None:
            said, fact = self._fault
            return self._check(Verdict.FAIL, f"cannot be judged: {said}", (fact,))
        if not self._windows:
            return self._check(Verdict.VACUOUS, "nothing opened a window")
        return self._judged()

    def _judged(self) -> Check:
        failed = [window for window in self._windows if window.verdict is Verdict.FAIL]
        undecided = [window for window in self._windows if window.verdict is Verdict.UNDECIDED]
        passed = len(self._windows) - len(failed) - len(undecided)
        needed = self.expectation.at_least
        if needed is not None and passed + len(failed):
            share = f"{passed} of {passed + len(failed)} windows hold, {needed} must"
            if passed * 1000 >= needed.permille * (passed + len(failed)):
                return self._check(Verdict.PASS, share)
            return self._check(Verdict.FAIL, f"{share}: {self._told(failed[0])}", _witnesses(failed[0]))
        if failed:
            more = f" ({len(failed)} of {len(self._windows)} windows)" if len(self._windows) > 1 else ""
            return self._check(Verdict.FAIL, self._told(failed[0]) + more, _witnesses(failed[0]))
        if undecided:
            said = f"{self._told(undecided[0])} ({len(undecided)} of {len(self._windows)} windows)"
            return self._check(Verdict.UNDECIDED, said, _witnesses(undecided[0]))
        return self._check(Verdict.PASS, f"in {passed} window{'' if passed == 1 else 's'}")

    def _told(self, window: Window) -> str:
        asked = self._body.asked
        text = asked.expression.text.strip()
        happened = {"eventually": f"never {text}", "never": f"{window.said}: {text}", "always": f"not {text}"}[
            asked.mode
        ]
        if asked.mode != "never":
            happened = f"{happened}: {window.said}" if asked.mode == "always" else f"{happened}, {window.said}"
        return happened + self._since(window)

    def _since(self, window: Window) -> str:
        who = f" for {window.ref}" if window.ref else ""
        if window.opener is not None:
            return f"{who}, after {told(window.opener, self._stage.people)}"
        return f"{who}, from {moment(window.at)} on" if window.at else who

    def _check(self, verdict: Verdict, said: str, witnesses: tuple[Fact | None, ...] = ()) -> Check:
        return Check(
            "expectation",
            self.expectation.id,
            verdict,
            said,
            tuple(dict.fromkeys(fact.n for fact in witnesses if fact is not None)),
            self.place,
            len(self._windows),
            oracles_in(self.expectation, self._stage.trace.oracles),
            bool(self.expectation.allow_vacuous),
        )


def _witnesses(window: Window) -> tuple[Fact | None, ...]:
    return window.witness, window.fact, window.span.fact


def _members(stage: Stage, each: str | None) -> list[str] | None:
    """The members whom ``each`` names; None where it names no people."""
    members = stage.trace.members
    if each == "client":
        return [ref for ref in members if ref in stage.came]
    found = _PEOPLE.fullmatch(each or "")
    if not found or found[1] not in {member.group for member in members.values()}:
        return None
    first, last = int(found[2] or 0), found[3] or (found[2] and int(found[2]) + 1)
    group = [member for member in members.values() if member.group == found[1]]
    return [one.ref for one in group if first <= one.index and (last is None or one.index < int(last))]


def _condition(expression: Expression, *, always: bool) -> Expression:
    """A single word is read as a fact; where there can be none, it is a name."""
    return parse(f"({expression.text.strip()})") if always and expression.fact is not None else expression
