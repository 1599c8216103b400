"""What a suspend stops, stays stopped, until each part of it is given back by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from meetingsim.scenarios.invariants.scene import Frame, Interests, Line, Scene, moment
from meetingsim.scenarios.invariants.standings import ACTIVITIES, LEVELS, STREAMS, Person, Regime, chat_reach, may_start
from meetingsim.scenarios.trace import ACTIVITY_OF_EVENT, Fact, behind

NAMES: Final = ("suspended.none-accepted", "suspended.resume-one-by-one")


def started_by(scene: Scene, fact: Fact) -> tuple[Person, str] | None:
    """Who starts which activity by an event; None where it shows no start, or somebody else's doing."""
    fields = fact.fields
    doer = behind(fields)
    if doer is None or fields.get("on") is False or fields.get("by") not in {None, doer}:
        return None
    return scene.ledger.person(doer), ACTIVITY_OF_EVENT[fact.fact]


def level_needed(scene: Scene, fact: Fact) -> int:
    """How far a line of chat reaches, as a place in LEVELS."""
    to = str(fact.fields.get("to"))
    if to in {"everyone", "hosts"}:
        return LEVELS.index(to)
    return LEVELS.index("hosts" if scene.ledger.person(to).now.host else "everyone_and_private")


def allowed(scene: Scene, fact: Fact, person: Person, activity: str, regime: Regime) -> bool:
    """Whether somebody may start what an event shows them start, under these rules."""
    if activity == "chat":
        return chat_reach(regime, person.now) >= level_needed(scene, fact)
    return may_start(regime, person.now, activity)


class Suspension:
    """Judges what is started, and what the pictures say is barred."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._accepted = scene.found["suspended.none-accepted"]
        self._one_by_one = scene.found["suspended.resume-one-by-one"]
        self._given_back: Fact | None = None
        self.barred: set[int] = set()
        """The events that show what was suspended."""

    def interests(self) -> Interests:
        """What starts, what is given back, and every picture."""
        starts = dict.fromkeys(ACTIVITY_OF_EVENT, self._starts)
        return Interests(
            before={**starts, "suspended": self._suspended, "allowed": self._allowed},
            frames={"view": self._view},
        )

    def _suspended(self, fact: Fact) -> None:
        self._given_back = None
        self._accepted.tested += 1
        when = moment(fact.at)
        if spared := sorted(ACTIVITIES - set(fact.fields.get("activities") or ())):
            self._accepted.fail(f"The suspend at {when} left out {', '.join(spared)}.", fact)
        said = {
            (one.get("participant"), activity)
            for one in fact.fields.get("stopped") or ()
            for activity in one.get("activities") or ()
        }
        for person in self._scene.ledger.inside():
            for stream in STREAMS:
                if person.runs(stream) and (person.id, stream) not in said:
                    who = self._scene.who(person.id)
                    self._accepted.fail(f"The suspend at {when} did not stop the {stream} of {who}.", fact)

    def _allowed(self, fact: Fact) -> None:
        if fact.fields.get("participant") is None and self._scene.ledger.now.suspended:
            self._given_back = fact

    def _starts(self, fact: Fact) -> None:
        regime = self._scene.ledger.now
        if not regime.suspended or (started := started_by(self._scene, fact)) is None:
            return
        person, activity = started
        self._accepted.tested += 1
        if activity not in regime.suspended or allowed(self._scene, fact, person, activity, regime):
            return
        self.barred.add(fact.seq or 0)
        who = self._scene.who(person.id)
        said = (
            f"{who} ({person.now.role or 'unknown'}) started {activity} at {moment(fact.at)}, while it was suspended."
        )
        self._accepted.fail(said, fact, self._scene.ledger.suspended_by)
        if self._given_back is not None:
            given = self._given_back.fields.get("activity")
            said = f"{who} started {activity} at {moment(fact.at)}, when only {given} had been given back."
            self._one_by_one.fail(said, fact, self._given_back)

    def _view(self, fact: Fact, frame: Frame, line: Line) -> None:
        view = frame.get("view", {})
        if "participants" not in view or line.person is None:
            return
        seq = frame.get("seq", 0)
        regime, standing = self._scene.ledger.regime(seq), line.person.at(seq)
        self._one_by_one.tested += 1
        self._says_what_holds(fact, view["meeting"], line, regime)
        if not regime.suspended or standing.host or not standing.inside:
            return
        me: Mapping[str, Any] = view["me"].get("allowed", {})
        for activity in sorted(regime.suspended):
            said = me.get(activity)
            if activity == "chat":
                wrong = said in LEVELS and LEVELS.index(said) > standing.chat_grant
            else:
                wrong = bool(said) and activity not in standing.grants
            if wrong:
                text = (
                    f"{line.ref} was told at {moment(fact.at)} that they may use {activity}, which is still suspended."
                )
                self._one_by_one.fail(text, fact, self._scene.ledger.suspended_by)

    def _says_what_holds(self, fact: Fact, meeting: Mapping[str, Any], line: Line, regime: Regime) -> None:
        barred, locked = sorted(meeting.get("suspended", ())), meeting.get("locked")
        if barred != sorted(regime.suspended):
            wanted = ", ".join(sorted(regime.suspended)) or "nothing"
            said = f"{line.ref} was told at {moment(fact.at)} that {', '.join(barred) or 'nothing'} is suspended: it is {wanted}."
            self._one_by_one.fail(said, fact, self._scene.ledger.suspended_by)
        if (rooms := meeting.get("rooms")) is not None and sorted(rooms) != sorted(regime.rooms):
            told = ", ".join(rooms) or "none"
            said = f"{line.ref} was told at {moment(fact.at)} of the rooms {told}, which are not those that are open."
            self._one_by_one.fail(said, fact, self._scene.ledger.suspended_by)
        if locked is not None and locked is not regime.locked:
            is_, told = ("locked", "open") if regime.locked else ("open", "locked")
            said = f"{line.ref} was told at {moment(fact.at)} that the meeting is {told}: it is {is_}."
            self._one_by_one.fail(said, fact, self._scene.ledger.suspended_by)
