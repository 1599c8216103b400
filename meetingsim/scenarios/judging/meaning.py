"""What the names of the language mean to the judge: expressions become functions of what is in sight."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from meetingsim.scenarios.evaluation import CannotTell, Compiler, Value, rated
from meetingsim.scenarios.judging.sight import Sight
from meetingsim.scenarios.judging.stage import Stage
from meetingsim.scenarios.judging.uses import Uses, uses_of
from meetingsim.scenarios.naming import names_of
from meetingsim.scenarios.picture import Row
from meetingsim.scenarios.trace import activity_of_command, activity_of_frame, behind
from meetingsim.scenarios.vocabulary import OBJECTS
from meetingsim.state.controls import EVENTS

PEOPLE: Final = frozenset({"member", "client"})
_COMMANDS: Final = frozenset({"sent", "accepted", "refused"})


@dataclass(frozen=True, slots=True)
class Around:
    """What an expression stands in. ``fact`` is whose fields are names, ``frame`` that they are those of its frame.

    ``each`` is ``member``, ``client``, a fact, or None.
    """

    fact: str | None = None
    frame: bool = False
    each: str | None = None


class Meaning(Compiler):
    """Makes an expression of the language a function of the Sight; the scene of the function is not used."""

    def __init__(self, stage: Stage, around: Around, outer: Meaning | None = None) -> None:
        self._stage = stage
        self._around = around
        self._outer = outer
        self._counting = False
        self._kinds = names_of(around.fact) if around.fact else {}

    def name(self, node: ast.Name) -> Value:
        name = node.id
        if self._counting and name in {"actor", "person"}:
            return lambda sight, scene: sight.person
        if name in self._kinds or (name == "client" and self._around.frame):
            return self.of_fact(name)
        if self._outer is not None and self._outer.knows(name):
            return self._of_outer(name)
        return _EVERYWHERE[name] if name in _EVERYWHERE else self._of_window(name)

    def knows(self, name: str) -> bool:
        """Whether the fact that this stands in brings the name."""
        return name in self._kinds

    def attribute(self, node: ast.Attribute) -> Value:
        owner = self._through_event(node.value)
        if isinstance(owner, ast.Name):
            if owner.id == "event" and owner.id in self._kinds:
                return self.of_fact(node.attr)
            if owner.id == "frame" and owner.id in self._kinds:
                return self._of_frame(node.attr)
        return super().attribute(node)

    def _through_event(self, node: ast.expr) -> ast.expr:
        """``event.frame`` is ``frame``."""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "event":
            return ast.Name(node.attr)
        return node

    # A fact

    def of_fact(self, name: str) -> Value:
        """A name that the fact brings."""
        own = self._OF_FACT.get(name)
        if own is not None:
            return own(self)
        if name == "activity" and self._around.fact in _COMMANDS:
            return _activity
        people = self._stage.people
        if self._kinds.get(name) == "somebody":
            return lambda sight, scene: translated(people, sight.fields.get(name))
        return lambda sight, scene: sight.fields.get(name)

    def _actor(self) -> Value:
        """The row of whoever is behind the fact."""
        people, refused = self._stage.people, self._stage.refused
        if self._around.fact == "entry_refused":
            return lambda sight, scene: sight.picture.cast.get(refused.get(id(sight.fact)) or sight.fact.actor or "")
        if self._around.fact not in EVENTS:
            return lambda sight, scene: sight.picture.cast.get(sight.fact.actor)

        def actor(sight: Sight, scene: Any) -> Row | None:
            ref = people.get(behind(sight.fields) or "") or sight.fact.actor
            return sight.picture.cast.get(ref) if ref else None

        return actor

    def _attempt(self) -> Value:
        actor = self._actor()

        def attempt(sight: Sight, scene: Any) -> Any:
            if (said := sight.fields.get("attempt")) is not None:
                return said
            row = actor(sight, scene)
            return row["attempt"] if row else None

        return attempt

    def _client(self) -> Value:
        return lambda sight, scene: sight.picture.cast.get(sight.fact.actor)

    def _event(self) -> Value:
        """The fact itself, with all that it brings."""
        parts = {name: self.of_fact(name) for name in self._kinds if name != "event"}
        return lambda sight, scene: {name: part(sight, scene) for name, part in parts.items()}

    def _kind(self) -> Value:
        kind = self._around.fact
        return lambda sight, scene: kind

    def _seq(self) -> Value:
        if self._around.frame:
            return lambda sight, scene: sight.fields.get("seq")
        return lambda sight, scene: sight.fact.seq

    _OF_FACT: Final[Mapping[str, Callable[[Meaning], Value]]] = {
        "actor": _actor,
        "person": _actor,
        "attempt": _attempt,
        "client": _client,
        "event": _event,
        "type": _kind,
        "seq": _seq,
        "at": lambda self: lambda sight, scene: sight.fact.at,
    }

    def _of_frame(self, field: str) -> Value:
        people = self._stage.people
        if field == "sender":
            return lambda sight, scene: sight.picture.cast.get(people.get(behind(sight.fields["frame"]) or ""))
        if field == "activity":
            return lambda sight, scene: activity_of_frame(sight.fields["frame"])
        if OBJECTS["frame"].get(field) == "somebody":
            return lambda sight, scene: translated(people, sight.fields["frame"].get(field))
        return lambda sight, scene: sight.fields["frame"].get(field)

    # A window

    def _of_window(self, name: str) -> Value:
        if name == "scope":
            return lambda sight, scene: _window(sight, name).scope
        if (name == "each" and self._around.each in PEOPLE) or (name == "client" and self._around.each == "client"):
            return lambda sight, scene: sight.picture.cast.get(_window(sight, name).ref)
        if name == "each":
            return lambda sight, scene: _window(sight, name).each
        return lambda sight, scene: None

    def kept_names(self, uses: Uses) -> Callable[[Sight], dict[str, Any]]:
        """Keeps of the fact in sight what an expression will ask of ``each``; rows as they are at this moment."""
        wanted = sorted(self._kinds if uses.whole_each else uses.each)
        parts = [(name, self.of_fact(name)) for name in wanted]
        framed = "frame" in wanted

        def keep(sight: Sight) -> dict[str, Any]:
            kept = {name: _copied(part(sight, None)) for name, part in parts}
            if framed:
                own = {field: self._of_frame(field) for field in ("sender", "activity", *sight.fields["frame"])}
                kept["frame"] = {field: _copied(part(sight, None)) for field, part in own.items()}
            return kept

        return keep

    # Functions

    def count(self, node: ast.Call) -> Value:
        outside, self._counting = self._counting, True
        holds = self.value(node.args[0])
        self._counting = outside
        live = self._stage.picture

        def count(sight: Sight, scene: Any) -> int:
            outer, found = sight.person, 0
            for row in sight.picture.cast.values():
                sight.person = row
                found += bool(holds(sight, scene))
            sight.person = outer
            return found

        uses = uses_of(node.args[0])
        if uses.names - {"actor", "person"} or uses.rates or uses.looks_back or uses.counts:
            return count
        tally = self._stage.tally(holds)
        return lambda sight, scene: tally.total if sight.picture is live else count(sight, scene)

    def rate(self, node: ast.Call) -> Value:
        fact, within_ms = rated(node)
        if len(node.args) == 2:
            counted = self._stage.recent(fact, within_ms, None)
            return lambda sight, scene: len(counted.facts())
        uses = uses_of(node.args[1])
        inner = Meaning(self._stage, replace(self._around, fact=fact, frame=False), outer=self)
        holds = inner.value(node.args[1])
        if not uses.looks_back and not uses.rates and uses.names <= {*names_of(fact), *_EVERYWHERE}:
            counted = self._stage.recent(fact, within_ms, holds)
            return lambda sight, scene: len(counted.facts())
        every = self._stage.recent(fact, within_ms, None)

        def rate(sight: Sight, scene: Any) -> int:
            outer, before, found = sight.outer, (sight.fact, sight.fields), 0
            sight.outer = before
            for _, one in every.facts():
                sight.at(one)
                found += bool(holds(sight, scene))
            (sight.fact, sight.fields), sight.outer = before, outer
            return found

        return rate

    def _of_outer(self, name: str) -> Value:
        assert self._outer is not None
        found = self._outer.of_fact(name)

        def outer(sight: Sight, scene: Any) -> Any:
            inner = sight.fact, sight.fields
            sight.fact, sight.fields = sight.outer
            value = found(sight, scene)
            sight.fact, sight.fields = inner
            return value

        return outer

    def before(self, node: ast.Call) -> Value:
        value = self.value(node.args[0])
        if self._around.fact == "received" and "frame" in uses_of(node.args[0]).names:
            return self._stage.history(value).before

        def before(sight: Sight, scene: Any) -> Any:
            if sight.window is None or sight.window.kept is None:
                return None
            now, sight.picture = sight.picture, sight.window.kept
            found = value(sight, scene)
            sight.picture = now
            return found

        return before


_EVERYWHERE: Final[Mapping[str, Value]] = {
    "meeting": lambda sight, scene: sight.picture.meeting,
    "suspended": lambda sight, scene: sight.picture.suspended,
    "waiting_count": lambda sight, scene: sight.picture.waiting_count,
}


def _window(sight: Sight, name: str) -> Any:
    """The window in sight. What opens or ends windows is in none."""
    if sight.window is None:
        raise CannotTell(f"there is no {name!r} where windows open and end")
    return sight.window


def _activity(sight: Sight, scene: Any) -> Any:
    fields = sight.fields
    return fields["activity"] if "activity" in fields else activity_of_command(fields["command"], fields)


def translated(people: Mapping[str, str], said: Any) -> Any:
    """Participants' ids as the members that they are; whoever is nobody of the cast stays as it is."""
    if isinstance(said, Mapping):
        said = said.get("id")  # the reporter, as the desk has them
    if isinstance(said, str):
        return people.get(said, said)
    if isinstance(said, list | tuple):
        return [people.get(one, one) if isinstance(one, str) else one for one in said]
    return said


def _copied(value: Any) -> Any:
    return dict(value) if isinstance(value, dict) and "actor" in value else value
