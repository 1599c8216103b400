"""Whoever was removed stays out, by everything that the meeting recognises them by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from meetingsim.scenarios.invariants.ledger import Entry
from meetingsim.scenarios.invariants.scene import Frame, Interests, Line, Scene, moment
from meetingsim.scenarios.invariants.standings import Person
from meetingsim.scenarios.trace import Fact

NAMES: Final = ("removed.no-return",)
FRESH: Final = frozenset({"joined", "joined_waiting_room", "arrived_early"})
"""Ways in as a newcomer; the others take a seat that was kept."""
_KEYS: Final = ("ticket", "device", "address", "name")
_WRONGLY_CLOSED: Final = frozenset({4004, 4501, 4502, 4503})


@dataclass(slots=True)
class _Shown:
    """By what somebody can be known: what they showed, as far as the trace has it."""

    name: str
    address: str | None
    device: str | None = None
    ticket: str | None = None

    def key(self, name: str) -> str | None:
        """What a key of ``removal.match`` compares."""
        if name == "name":
            return " ".join(self.name.split()).casefold()
        return {"address": self.address, "device": self.device, "ticket": self.ticket}.get(name)


@dataclass(slots=True)
class _Removal:
    fact: Fact
    person: Person


class Removals:
    """Keeps what every removed person had shown, and compares it with everybody who comes or is let in."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._found = scene.found["removed.no-return"]
        self._after = scene.found["removed.no-frame-after"]
        self._attempts: dict[str, Mapping[str, Any]] = {}
        self._removals: dict[str, _Removal] = {}
        self._known_by: dict[tuple[str, str], dict[str, _Removal]] = {}
        self._had_line: dict[str, bool] = {}
        self._removed_by: dict[str, Fact] = {}
        self._put_back: dict[tuple[str, str], Fact] = {}

    def interests(self) -> Interests:
        """Removals, and all ways in: of a join the reply says which attempt it was."""
        return Interests(
            before={
                "removed": self._removed,
                "return_allowed": self._lifted,
                "accepted": self._accepted,
                "refused": self._refused,
                "put_in_waiting_room": self._was_put_back,
                "admitted": self._admitted,
                "disconnected": self._closed,
                **dict.fromkeys(FRESH, self._was_early),
            },
            frames={"view": self._view, "reply": self._reply},
            end=self._left_open,
            after={**dict.fromkeys(FRESH, self._came), "reconnected": self._back, "connection_replaced": self._back},
        )

    def _removed(self, fact: Fact) -> None:
        """A removal by the region rule ends with the rule, and one that lets return keeps nobody out."""
        person, because = self._scene.ledger.about(fact), fact.fields.get("because") or {}
        self._found.tested += 1
        self._removed_by[person.id] = fact
        self._had_line[person.id] = person.now.place in {"early", "waiting", "inside"} and person.lost_at is None
        if because.get("rule") == "set_region_rule" or because.get("may_return") or fact.fields.get("may_return"):
            return
        removal = self._removals[person.id] = _Removal(fact, person)
        shown = self._shown(person, person.name)
        for key in _KEYS:
            if (value := shown.key(key)) is not None:
                self._known_by.setdefault((key, value), {})[person.id] = removal

    def _lifted(self, fact: Fact) -> None:
        participant = str(fact.fields.get("participant"))
        self._removals.pop(participant, None)
        for removals in self._known_by.values():
            removals.pop(participant, None)

    def _shown(self, person: Person, name: str, attempt: Mapping[str, Any] | None = None) -> _Shown:
        attempt = self._attempts.get(person.id, {}) if attempt is None else attempt
        return _Shown(name, person.origin.get("address"), attempt.get("device"), attempt.get("ticket"))

    # Ways in

    def _was_early(self, fact: Fact) -> None:
        """Whoever came early is judged again when the meeting starts, by what they had shown then."""
        person = self._scene.ledger.about(fact)
        if person.now.place == "early" and person.id in self._attempts and not person.owner:
            self._judge_newcomer(fact, Entry(fact.fact, fact.seq or 0, person), self._attempts[person.id])

    def _came(self, fact: Fact) -> None:
        """By name and address, which the journal itself has."""
        person = self._scene.ledger.about(fact)
        if person.owner:
            return
        if person.id in self._removals:
            self._found.fail(f"{self._scene.who(person.id)}, who was removed, was there at {moment(fact.at)}.", fact)
        self._judge(fact, person, self._shown(person, person.name, {}), "came in", fact.seq or 0)

    def _back(self, fact: Fact) -> None:
        person, rule = self._scene.ledger.about(fact), (fact.fields.get("because") or {}).get("rule")
        if person.removed_at is not None:
            who = self._scene.who(person.id)
            said = f"{who} was back on their seat at {moment(fact.at)}, though removed at seq {person.removed_at}."
            self._found.fail(said, fact, self._fact_of(person))
        elif not person.owner and rule == "resume":
            self._judge(fact, person, self._shown(person, person.name), "came back", fact.seq or 0)

    def _accepted(self, fact: Fact) -> None:
        attempt, entry = fact.fields.get("attempt"), self._scene.ledger.latest.get(fact.actor or "")
        if attempt is None or entry is None or fact.seq is None or entry.seq > fact.seq:
            return
        if fact.fields.get("command") == "join" and entry.kind in FRESH:
            self._attempts[entry.person.id] = attempt
            if not entry.person.owner:
                self._judge_newcomer(fact, entry, attempt)
        elif fact.fields.get("command") == "join" and not entry.person.owner:
            shown = self._shown(entry.person, str(attempt.get("name", "")), attempt)
            self._judge(fact, entry.person, shown, "took their seat", entry.seq)

    def _admitted(self, fact: Fact) -> None:
        person = self._scene.ledger.about(fact)
        if person.owner:
            return
        if (key := self._own_key(person)) is not None:
            self._put_back.pop(key, None)
        self._judge(fact, person, self._shown(person, person.name), "was let in", fact.seq or 0)
        rule = (fact.fields.get("because") or {}).get("rule")
        if rule == "set_waiting_room" and person.why in {"unidentified", "put_back"}:
            why = "put back to wait" if person.why == "put_back" else "unidentified"
            said = f"{self._scene.who(person.id)}, who was {why}, got in at {moment(fact.at)} without a host's look."
            self._found.fail(said, fact)

    def _was_put_back(self, fact: Fact) -> None:
        """Until a host lets them in again, leaving and joining is no way round it."""
        person = self._scene.ledger.about(fact)
        key = self._own_key(person)
        if key is not None and fact.fields.get("why", "put_back") == "put_back":
            self._put_back[key] = fact

    def _own_key(self, person: Person) -> tuple[str, str] | None:
        """Their ticket; without one their device, where nobody else has it."""
        shown, members = self._shown(person, person.name), self._scene.trace.members.values()
        if shown.ticket is not None:
            return "ticket", shown.ticket
        shared = sum(1 for one in members if one.device == shown.device) > 1
        return ("device", shown.device) if shown.device is not None and not shared else None

    # What keeps out

    def _judge(self, fact: Fact, person: Person, shown: _Shown, did: str, seq: int) -> None:
        """By the rule and the removals as of the seq at which they came: a reply may be read later than that."""
        self._found.tested += 1
        for key in self._scene.ledger.regime(seq).removal.get("match") or ():
            value = shown.key(key)
            holding = self._known_by.get((key, value)) if value is not None else None
            for removal in (holding or {}).values():
                if removal.person is person or (removal.fact.seq or 0) > seq:
                    continue
                who, removed = self._scene.who(person.id), self._scene.who(removal.person.id)
                said = f"{who} {did} at {moment(fact.at)} with the {key} of {removed}, removed at {moment(removal.fact.at)}."
                self._found.fail(said, fact, removal.fact)
                return

    def _judge_newcomer(self, fact: Fact, entry: Entry, attempt: Mapping[str, Any]) -> None:
        person, kind, seq = entry.person, entry.kind, entry.seq
        shown = self._shown(person, person.name, attempt)
        self._judge(fact, person, shown, "came in" if kind == "joined" else "came to the door", seq)
        back = self._put_back.get(self._own_key(person) or ("", "")) if kind == "joined" else None
        if back is not None:
            who = self._scene.who(person.id)
            said = f"{who}, put back to wait at {moment(back.at)}, joined at {moment(fact.at)} and was inside."
            self._found.fail(said, fact, back)
        rule = self._scene.ledger.regime(seq).removal
        before = [one for one in self._removals.values() if (one.fact.seq or 0) < seq]
        if not before or any(shown.key(key) is not None for key in rule.get("match") or ()):
            return
        unmatched = rule.get("unmatched")
        never_waits = attempt.get("ticket") is not None and person.now.role in {"cohost", "panelist"}
        if unmatched == "refuse" or (unmatched == "wait" and kind == "joined" and not never_waits):
            last = before[-1]
            who, wanted = self._scene.who(person.id), "be refused" if unmatched == "refuse" else "wait"
            said = f"{who} came in at {moment(fact.at)} with nothing to be known by: they had to {wanted}."
            self._found.fail(said, fact, last.fact)

    def _left_open(self) -> None:
        """The line of whoever was removed is closed at once."""
        for line in self._scene.left_open():
            removal = self._removed_by.get(line.person.id) if line.person else None
            if (
                removal is not None
                and self._had_line.get(str(removal.fields.get("participant")))
                and self._scene.long_ago(removal)
            ):
                said = f"The line of {line.ref}, removed at {moment(removal.at)}, was never closed."
                self._after.fail(said, removal)

    def _refused(self, fact: Fact) -> None:
        """A session that a removal made void is answered as just that."""
        entry = self._scene.ledger.latest.get(fact.actor or "")
        lost = fact.fields.get("command") == "resume" and fact.fields.get("code") == "resume_lost"
        if lost and entry is not None and entry.person.now.place == "removed" and self._had_line.get(entry.person.id):
            said = f"{fact.actor}, who was removed, was told at {moment(fact.at)} that the session is lost, and to join again."
            self._found.fail(said, fact, self._fact_of(entry.person))

    def _fact_of(self, person: Person) -> Fact | None:
        return self._removed_by.get(person.id)

    # What still comes on their line

    def _view(self, fact: Fact, frame: Frame, line: Line) -> None:
        self._nothing_after(fact, frame, line, "a picture")

    def _reply(self, fact: Fact, frame: Frame, line: Line) -> None:
        self._nothing_after(fact, frame, line, "an answer")

    def _nothing_after(self, fact: Fact, frame: Frame, line: Line, what: str) -> None:
        """What was caused after the removal cannot have been under way before it."""
        person, seq = line.person, frame.get("seq")
        if person is None or person.removed_at is None or seq is None or seq < person.removed_at:
            return
        said = (
            f"{line.ref} received {what} of seq {seq} at {moment(fact.at)}, though removed at seq {person.removed_at}."
        )
        self._after.fail(said, fact, self._fact_of(person))

    def _closed(self, fact: Fact) -> None:
        """The line of somebody who is removed is closed as just that."""
        line, code = self._scene.lines.get(fact.fields.get("line", 0)), fact.fields.get("code")
        person = line.person if line else None
        if person is None or person.removed_at is None or not self._had_line.get(person.id):
            return
        self._after.tested += 1
        if code in _WRONGLY_CLOSED:
            who = self._scene.who(person.id)
            said = (
                f"The line of {who}, removed at seq {person.removed_at}, was closed with {code} at {moment(fact.at)}."
            )
            self._after.fail(said, fact, self._fact_of(person))
