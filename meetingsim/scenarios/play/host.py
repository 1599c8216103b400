"""A scripted host: rules judged on what this host sees, carried out after the time a person takes to react."""

from __future__ import annotations

import ast
import asyncio
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from meetingsim.scenarios.cast import Policy, Rule
from meetingsim.scenarios.evaluation import CannotTell, evaluate
from meetingsim.scenarios.expressions import Expression, parse
from meetingsim.scenarios.play.client import Client, Moment
from meetingsim.scenarios.play.doing import Doer
from meetingsim.scenarios.play.names import Seen, actor_of, translated
from meetingsim.scenarios.trace import Fact, behind
from meetingsim.scenarios.vocabulary import HARNESS
from meetingsim.state.controls import EVENTS

if TYPE_CHECKING:
    from meetingsim.scenarios.play.stage import Stage

_GLANCE_MS = 200
"""A host looks at the list of people this often at the most."""
_LONGEST_MS = 60_000
_TALK = frozenset({"message", "waiting_room_message", "media", "reacted", "reply", "annotated", "entry_refused"})
"""Frames that change nothing about who is where and what is on."""
_STREAMS = frozenset({"audio", "video", "share", "recording", "hand"})
_OF_STREAMS = frozenset(
    {"audio_changed", "video_changed", "share_started", "share_stopped", "recording_started", "recording_stopped"}
    | {"hand_changed", "profile_picture_changed"}
)
"""Frames that change only what is on: conditions that ask for none of it need no second look."""
_NO_HOST_KNOWS = frozenset({"group", "index", "behavior", "attempt"})
_OWN_FACTS = frozenset({"rule_fired"})


def oracle_in(rule: Rule) -> str | None:
    """What a rule uses that no host knows; None where it keeps to what is seen."""
    expression = parse(rule.when)
    if expression.fact in HARNESS and expression.fact not in _OWN_FACTS:
        return str(expression.fact)
    for node in ast.walk(expression.predicate) if expression.predicate is not None else ():
        if isinstance(node, ast.Attribute) and node.attr in _NO_HOST_KNOWS:
            return node.attr
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "rate":
            fact = node.args[0]
            if isinstance(fact, ast.Name) and fact.id in HARNESS:
                return fact.id
    return "group" if any(step.word != "pick" and "group" in step.value.said() for step in rule.do) else None


@dataclass(slots=True)
class _Watched:
    """A rule, and how far it has come."""

    rule: Rule
    when: Expression
    rated: bool = False
    held: bool = False
    fired: bool = False
    since: int | None = None
    waiting: deque[tuple[int, Mapping[str, Any] | None]] = field(default_factory=deque)
    about: set[str] = field(default_factory=set)
    """Whom a limited rule is still to act on: nobody is done twice for having come up twice."""
    working: bool = False


class Host:
    """Somebody who follows rules. What they know is their own mirror, and what they were told."""

    def __init__(self, stage: Stage, client: Client, policy: Policy) -> None:
        self._stage = stage
        self._client = client
        self._policy = policy
        self._doer = Doer(stage, client)
        self._chance = stage.chance(client.ref, "reaction")
        self._rules = [_watched(rule) for rule in policy.rules]
        self._by_event: defaultdict[str, list[_Watched]] = defaultdict(list)
        self._conditions: list[_Watched] = []
        self._recent: dict[str, deque[tuple[int, Mapping[str, Any]]]] = {}
        self._noticed: set[str] = set()
        self._looking = False
        self._changed = True
        self._seen: Seen | None = None
        self._begin()
        self._asks_for_streams = any(_asks(watched.when, _STREAMS) for watched in self._conditions)

    def _begin(self) -> None:
        for watched in self._rules:
            fact = watched.when.fact
            if fact is None:
                self._conditions.append(watched)
            elif fact in EVENTS:
                self._by_event[fact].append(watched)
            else:
                self._stage.recorder.watch(fact, lambda fact, watched=watched: self._fact(watched, fact))  # type: ignore[misc]
            for counted in _rated(watched.when):
                self._recent.setdefault(counted, deque())
        for fact in self._recent:
            if fact in HARNESS:
                self._stage.recorder.watch(fact, self._count)

    # What comes up

    def happens(self, moment: Moment) -> None:
        """Rules go by what is seen, not by what happens to the host."""

    def got(self, frame: Mapping[str, Any]) -> None:
        """A frame reached the host."""
        kind = str(frame["type"])
        if kind == "view":
            for row in frame["view"].get("waiting", ()):
                if row["id"] not in self._noticed:
                    self._event("joined_waiting_room", {"participant": row["id"], "person": row})
        elif kind in EVENTS:
            self._event(kind, frame)
        if kind not in _TALK:
            self._seen = None
            if kind not in _OF_STREAMS or self._asks_for_streams:
                self._changed = True
                self._look_soon(_GLANCE_MS)

    def _event(self, kind: str, frame: Mapping[str, Any]) -> None:
        participant = behind(frame)
        if kind == "joined_waiting_room":
            self._noticed.add(str(participant))
        if participant is not None and participant not in self._stage.trace.people:
            # Hosts hear of a newcomer before it is known who of the cast that is.
            self._stage.when_known(participant, lambda: self._event(kind, frame))
            return
        if kind in self._recent and _asked_still(self._rules):
            self._remember(kind, {**translated(self._stage, kind, frame), "actor": self._row(frame)})
            self._look_at_rates()
        for watched in self._by_event.get(kind, ()):
            if self._holds(watched.when, self._names(kind, frame)):
                self._come_up(watched, frame)

    def _fact(self, watched: _Watched, fact: Fact) -> None:
        if self._holds(watched.when, self._names_of(fact)):
            self._come_up(watched, fact.fields)

    def _count(self, fact: Fact) -> None:
        if _asked_still(self._rules):
            self._remember(fact.fact, self._names_of(fact))
            self._look_at_rates()

    def _look_at_rates(self) -> None:
        if _asked_still(self._conditions):
            self._look_soon(0)

    def _remember(self, kind: str, names: Mapping[str, Any]) -> None:
        recent = self._recent[kind]
        now = self._stage.recorder.at
        recent.append((now, names))
        while recent and recent[0][0] < now - _LONGEST_MS:
            recent.popleft()

    # Names

    def _names(self, kind: str, frame: Mapping[str, Any]) -> dict[str, Any]:
        fields = translated(self._stage, kind, frame)
        row = self._row(frame)
        return {**self._around(), **fields, "event": fields, "actor": row, "person": row, "type": kind}

    def _names_of(self, fact: Fact) -> dict[str, Any]:
        fields = translated(self._stage, fact.fact, fact.fields)
        row = self._row_of(fact.actor)
        return {**self._around(), **fields, "event": fields, "actor": row, "person": row, "type": fact.fact}

    def _around(self) -> dict[str, Any]:
        view = self._client.mirror.view
        meeting = view.get("meeting", {})
        return {
            "meeting": meeting,
            "suspended": meeting.get("suspended", ()),
            "waiting_count": len(view.get("waiting", ())),
        }

    def _row(self, frame: Mapping[str, Any]) -> Mapping[str, Any] | None:
        return self._row_of(actor_of(self._stage, frame))

    def _row_of(self, ref: str | None) -> Mapping[str, Any] | None:
        return self._picture().row(ref)

    def _picture(self) -> Seen:
        if self._seen is None:
            self._seen = Seen(self._stage, self._client)
        return self._seen

    # The scene of an expression

    def cast(self) -> Iterable[Mapping[str, Any]]:
        """Everybody as this host sees them."""
        return self._picture().everybody()

    def facts(self, fact: str, within_ms: int | None) -> Iterable[Mapping[str, Any]]:
        """What this host remembers."""
        since = self._stage.recorder.at - (within_ms or _LONGEST_MS)
        return (names for at, names in self._recent.get(fact, ()) if at > since)

    def before(self, expression: ast.expr) -> Any:
        """Nothing opened a window for a host."""
        raise CannotTell("before means nothing in a rule")

    def _holds(self, expression: Expression, names: Mapping[str, Any]) -> bool:
        try:
            return evaluate(expression, names, self)
        except CannotTell:
            return False

    # Conditions

    def _look_soon(self, ms: int) -> None:
        if self._conditions and not self._looking:
            self._looking = True
            self._stage.after(ms, self._look)

    def _look(self) -> None:
        self._looking = False
        if not self._client.connected:
            return
        names = self._around()
        changed, self._changed = self._changed, False
        for watched in self._conditions:
            if watched.fired and watched.rule.once:
                continue
            if changed or watched.rated:
                watched.held = self._holds(watched.when, names)
            self._judge(watched, watched.held)

    def _judge(self, watched: _Watched, holds: bool) -> None:
        now = self._stage.recorder.at
        if not holds:
            watched.since, watched.fired = None, False
            return
        if watched.since is None:
            watched.since = now
        needed = watched.rule.for_.ms if watched.rule.for_ else 0
        if now - watched.since < needed:
            self._stage.after(watched.since + needed - now, lambda: self._look_soon(0))
        elif not watched.fired:
            watched.fired = True
            self._come_up(watched, None)
        if watched.rated:
            self._stage.after(1_000, lambda: self._look_soon(0))

    # Acting

    def _come_up(self, watched: _Watched, event: Mapping[str, Any] | None) -> None:
        rule = watched.rule
        if event is not None and rule.once:
            if watched.fired:
                return
            watched.fired = True
        reaction = self._policy.reaction
        late = round(self._chance.around(reaction.median.ms, reaction.p95.ms)) if reaction else 0
        if rule.limit is None:
            self._stage.after(late, lambda: self._act(watched, event))
            return
        about = str(actor_of(self._stage, event)) if event else ""
        if about not in watched.about:
            watched.about.add(about)
            watched.waiting.append((self._stage.recorder.at + late, event))
            if not watched.working:
                watched.working = True
                self._stage.spawn(self._work(watched, rule.limit.per.ms / rule.limit.count))

    async def _work(self, watched: _Watched, every_ms: float) -> None:
        """One after another, as fast as the limit allows; whoever is gone by their turn is passed over."""
        while watched.waiting:
            when, event = watched.waiting.popleft()
            watched.about.discard(str(actor_of(self._stage, event)) if event else "")
            await asyncio.sleep(max(0, when - self._stage.recorder.at) / 1000)
            if self._still_there(event):
                self._act(watched, event)
                await asyncio.sleep(every_ms / 1000)
        watched.working = False

    def _still_there(self, event: Mapping[str, Any] | None) -> bool:
        row = self._row(event) if event else None
        return row is None or row.get("place") is not None

    def _act(self, watched: _Watched, event: Mapping[str, Any] | None) -> None:
        if not self._client.connected:
            return
        self._stage.recorder.say("rule_fired", {"rule": watched.rule.id}, self._client.ref)
        pace = watched.rule.pace
        pace_ms = round(pace.per.ms / pace.count) if pace else 0
        self._stage.spawn(self._doer.do(watched.rule.do, event, pace_ms))


def _watched(rule: Rule) -> _Watched:
    when = parse(rule.when)
    return _Watched(rule, when, bool(_rated(when)))


def _asked_still(rules: Iterable[_Watched]) -> bool:
    """Whether one of the rules asks for a rate and may still fire."""
    return any(watched.rated and not (watched.fired and watched.rule.once) for watched in rules)


def _asks(expression: Expression, fields: frozenset[str]) -> bool:
    """Whether an expression has to do with one of these fields."""
    nodes = ast.walk(expression.predicate) if expression.predicate is not None else ()
    return any(isinstance(node, ast.Attribute) and node.attr in fields for node in nodes)


def _rated(expression: Expression) -> list[str]:
    """The facts whose rate an expression asks for."""
    if expression.predicate is None:
        return []
    return [
        node.args[0].id
        for node in ast.walk(expression.predicate)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "rate"
        and isinstance(node.args[0], ast.Name)
    ]
