"""What only the whole scenario shows: names that name nobody, cycles, moments that never come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from meetingsim.scenarios.cast import BUILT_IN
from meetingsim.scenarios.expressions import ExpressionInvalid, parse
from meetingsim.scenarios.naming import Around, Known, commands_of, faults_of
from meetingsim.scenarios.plan import Expectation
from meetingsim.scenarios.quantities import Duration
from meetingsim.scenarios.shape import KEY, Path, Shape, listed, nearest
from meetingsim.scenarios.steps import OneWord
from meetingsim.scenarios.vocabulary import CAUSED_BY, FACTS
from meetingsim.scenarios.words import Word
from meetingsim.state.meeting import Role

if TYPE_CHECKING:
    from meetingsim.scenarios.scenario import Scenario

Wrong = tuple[Path, str, int | None]


def faults_of_scenario(scenario: Scenario, known: Known | None = None) -> list[Wrong]:
    """Everything that is wrong with a scenario whose parts are right. ``known`` has names of parts that were left out."""
    known = known or known_of(scenario)
    return [
        *_cast(scenario, known),
        *_behaviors(scenario),
        *_texts(scenario, known),
        *_twice(scenario),
        *_too_late(scenario),
        *_unreachable(scenario, known),
    ]


def known_of(scenario: Scenario) -> Known:
    """The names that a scenario makes."""
    return Known(
        {name: actor.count for name, actor in scenario.actors.items()},
        frozenset(rule.id for policy in scenario.policies.values() for rule in policy.rules),
        frozenset(scenario.behaviors),
    )


def _cast(scenario: Scenario, known: Known) -> Iterator[Wrong]:
    if not known.cast:
        yield ("actors",), "nobody comes: name at least one actor", None
    hosts = [name for name, actor in scenario.actors.items() if actor.role is Role.HOST]
    for name in hosts[1:]:
        yield ("actors", name, "role"), f"{hosts[0]!r} is the host already: a meeting has one; make this a cohost", None
    for name in hosts:
        if scenario.actors[name].count > 1:
            yield ("actors", name, "count"), "a meeting has one host", None
    for name in scenario.policies:
        if name not in known.cast:
            yield ("policies", name, KEY), f"there is no actor {name!r}{nearest(name, known.cast)}", None


def _behaviors(scenario: Scenario) -> Iterator[Wrong]:
    for name in scenario.behaviors:
        way = [name]
        seen: set[str] = set()
        while way[-1] not in seen:
            seen.add(way[-1])
            step = scenario.behaviors.get(way[-1])
            if step is None or step.extends is None:
                break
            way.append(str(step.extends))
            if way[-1] == name:
                shown = way if len(way) < 10 else [*way[:4], "…", *way[-4:]]
                yield ("behaviors", name, "extends"), f"this goes in a circle: {' -> '.join(shown)}", None


def words_in(value: Any, path: Path = ()) -> Iterator[tuple[Path, Word]]:
    """Every text of a part that names something, with its place."""
    if isinstance(value, Word):
        yield path, value
    for step, inner in _inside(value):
        yield from words_in(inner, (*path, step))


def steps_in(value: Any) -> Iterator[str]:
    """The words of every step in a part, also of those that may be drawn."""
    if isinstance(value, OneWord):
        yield from value.value if value.word == "pick" else (value.word,)
    for _, inner in _inside(value):
        yield from steps_in(inner)


def _inside(value: Any) -> Iterable[tuple[str | int, Any]]:
    if isinstance(value, Shape):
        return value.said().items()
    if isinstance(value, Mapping):
        return ((str(name), inner) for name, inner in value.items())
    return enumerate(value) if isinstance(value, tuple | list) else ()


def _texts(scenario: Scenario, known: Known) -> Iterator[Wrong]:
    parts: list[tuple[Path, Any, Around]] = [
        (("actors",), scenario.actors, Around()),
        (("behaviors",), scenario.behaviors, Around()),
        (("faults",), scenario.faults, Around()),
    ]
    for name, policy in scenario.policies.items():
        for at, rule in enumerate(policy.rules):
            parts.append((("policies", name, "rules", at), rule, Around(fact=_fact(rule.when))))
    for at, moment in enumerate(scenario.timeline):
        parts.append((("timeline", at), moment, Around(fact=_fact(moment.on))))
    for at, expectation in enumerate(scenario.expect):
        parts.append((("expect", at), expectation, _around(expectation, known)))
    for path, part, around in parts:
        for below, word in words_in(part):
            for offset, said in _wrong_word(word, known, around, below):
                yield (*path, *below), said, offset


def _fact(text: str | None) -> str | None:
    """The fact of an expression, where it has one that there is."""
    try:
        fact = parse(text).fact if text else None
    except ExpressionInvalid:
        return None
    return fact if fact in FACTS else None


def _around(expectation: Expectation, known: Known) -> Around:
    each, fact = expectation.each, None
    if each == "client" or (each is not None and _group(each) in known.cast):
        kind: str | None = "actor"
    else:
        fact = _fact(each)
        kind = f"fact:{fact}" if fact else ("any" if each else None)
    scoped = expectation.scope is not None or expectation.after is not None
    return Around(kind, scoped, fact if expectation.always else None, each == "client")


def _group(text: str) -> str:
    return text.partition("[")[0]


def _wrong_word(word: Word, known: Known, around: Around, path: Path) -> Iterable[tuple[int, str]]:
    if word.what in {"fact", "condition", "either"}:
        # What opens a window is judged before there is an each, a scope or another fact.
        opens = path[-1] in {"after", "until", "on", "when"}
        return faults_of(word, known, Around() if opens else around, need=word.what)
    said: str | None = None
    if word.what == "each":
        if word == "client" or _group(word) in known.cast or " " in word or word in FACTS:
            return [] if word == "client" else _each(word, known)
        said = (
            f"each is a fact, a group or client; there is no {word!r}{nearest(word, [*known.cast, *FACTS, 'client'])}"
        )
    elif word.what == "behavior":
        names = [*known.behaviors, *BUILT_IN]
        said = None if word in names else f"there is no behavior {word!r}{nearest(word, names)}"
    elif word.startswith("event."):
        said = _event_field(word, around)
    elif word.what == "event":
        said = f"{str(word)!r} should be a field of the fact, such as event.message"
    elif word.what != "addressee" or word not in {"everyone", "hosts"}:
        said = known.wrong_reference(word)
    return [] if said is None else [(0, said)]


def _each(word: Word, known: Known) -> Iterable[tuple[int, str]]:
    if _group(word) in known.cast:
        said = known.wrong_reference(word)
        return [(0, said)] if said else []
    return faults_of(word, known, Around(), need="fact")


def _event_field(word: Word, around: Around) -> str | None:
    if word.what == "people":
        return f"{str(word)!r} cannot stand here: name an actor or a group"
    if around.fact is None:
        return f"{str(word)!r} needs a fact that this follows, and there is none here"
    name = word.removeprefix("event.")
    fields = FACTS[around.fact]
    return None if name in fields else f"{around.fact!r} has no {name!r}{nearest(name, fields)}"


def _twice(scenario: Scenario) -> Iterator[Wrong]:
    lists: list[tuple[Path, Iterable[Any]]] = [(("timeline",), scenario.timeline), (("expect",), scenario.expect)]
    lists += [(("policies", name, "rules"), policy.rules) for name, policy in scenario.policies.items()]
    for path, parts in lists:
        seen: set[str] = set()
        for at, part in enumerate(parts):
            if part.id in seen:
                yield (*path, at, "id"), f"the id {part.id!r} is taken", None
            if part.id:
                seen.add(part.id)


def _too_late(scenario: Scenario) -> Iterator[Wrong]:
    moments: list[tuple[Path, Duration | None]] = [
        *((("timeline", at, "at"), moment.at) for at, moment in enumerate(scenario.timeline)),
        *((("faults", at, "at"), fault.at) for at, fault in enumerate(scenario.faults)),
        *((("actors", name, "arrive", "at"), one.arrive.at) for name, one in scenario.actors.items() if one.arrive),
    ]
    for at, expectation in enumerate(scenario.expect):
        if expectation.scope is not None and expectation.scope.between is not None:
            moments.append((("expect", at, "scope", "between", 0), expectation.scope.between[0]))
    for path, moment in moments:
        if moment is not None and moment > scenario.duration:
            yield path, f"{moment} never comes: the scenario is over after {scenario.duration}", None


def _unreachable(scenario: Scenario, known: Known) -> Iterator[Wrong]:
    done = {*steps_in([scenario.behaviors, scenario.policies, scenario.timeline])}
    if any(fault.server is not None for fault in scenario.faults):
        done.add("server")
    waits: list[tuple[Path, str | None]] = [
        *((("timeline", at, "on"), moment.on) for at, moment in enumerate(scenario.timeline)),
        *((("actors", name, "arrive", "on"), one.arrive.on) for name, one in scenario.actors.items() if one.arrive),
    ]
    for path, text in waits:
        if text is None or (fact := _fact(text)) is None:
            continue
        if fact == "rule_fired" and not known.rules:
            yield path, "'rule_fired' never comes up: there is no policy", None
        causes = CAUSED_BY.get(fact) or frozenset(one for one in commands_of(text) if one in _HOSTS)
        if causes and not causes & done:
            yield path, f"{fact!r} never comes up: nobody does {listed(sorted(causes))}", None


_HOSTS = frozenset().union(*CAUSED_BY.values())
"""Steps that nobody does by themselves: a behaviour that is built in does none of them."""
