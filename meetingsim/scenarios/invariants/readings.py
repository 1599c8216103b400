"""Nobody reads in a picture what is not theirs, and every picture is what the journal says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from meetingsim.scenarios.invariants.audience import room_of
from meetingsim.scenarios.invariants.rights import HIDDEN
from meetingsim.scenarios.invariants.scene import Frame, Interests, Line, Scene, moment
from meetingsim.scenarios.invariants.standings import Person, Standing
from meetingsim.scenarios.trace import Fact

NAMES: Final = ("roles.no-escalation", "mirror.equals-view")
_FIELDS: Final[Mapping[str, str]] = {"audio": "audio", "video": "video", "share": "share", "recording": "record"}


class Readings:
    """Judges every view on its own: for whom it is, and whether it is true."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._found = scene.found["roles.no-escalation"]
        self._true = scene.found["mirror.equals-view"]
        self._deleted: dict[str, int] = {}

    def interests(self) -> Interests:
        """Every picture."""
        return Interests(before={"message_deleted": self._deletes}, frames={"view": self._view})

    def _fail(self, fact: Fact, said: str, *more: Fact | None) -> None:
        self._found.fail(f"{said} at {moment(fact.at)}.", fact, *more)

    def _deletes(self, fact: Fact) -> None:
        self._deleted[str(fact.fields.get("message"))] = fact.seq or 0

    def _view(self, fact: Fact, frame: Frame, line: Line) -> None:
        view, person = frame.get("view", {}), line.person
        if person is None:
            return
        self._found.tested += 1
        standing, me = person.at(frame.get("seq", 0)), view.get("me", {})
        if standing.role is not None and me.get("role") != standing.role:
            self._fail(fact, f"{line.ref} was told to be {me.get('role')} and not {standing.role}")
        if standing.inside and me.get("room") != standing.room:
            self._fail(fact, f"{line.ref} was told to be in room {me.get('room')} and not {standing.room}")
        if not standing.host:
            self._without_hosts_part(fact, view, line)
        if standing.inside:
            self._messages(fact, frame, line, standing)
            self._people(fact, frame, line)

    def _without_hosts_part(self, fact: Fact, view: Frame, line: Line) -> None:
        shown = [f"{view['waiting'][0].get('name')} waiting"] if view.get("waiting") else []
        shown += ["the settings"] if "settings" in view.get("meeting", {}) else []
        for row in view.get("participants", ()):
            if not HIDDEN.isdisjoint(row):
                shown.append(f"where {row.get('name')} is from")
                break
        if shown:
            self._fail(fact, f"{line.ref}, no host, was shown {', '.join(shown)}")

    def _messages(self, fact: Fact, frame: Frame, line: Line, standing: Standing) -> None:
        """Lines of chat in a picture: said since one came in, to all in one's room, to oneself, or to hosts if one is one."""
        person, ledger, seq = line.person, self._scene.ledger, frame.get("seq", 0)
        assert person is not None
        for row in frame.get("view", {}).get("messages", ()):
            sender, to = row.get("from"), row.get("to")
            said = ledger.messages.get(str(row.get("message")))
            wrong = None
            if person.id not in {sender, to} and to != "everyone" and not (to == "hosts" and standing.host):
                wrong = f"said to {self._scene.who(to)}"
            elif said is not None and (said.seq or 0) <= _entered(person, standing):
                wrong = "from before they came in"
            elif (
                to == "everyone" and sender != person.id and said is not None and room_of(ledger, said) != standing.room
            ):
                wrong = "of another room"
            elif row.get("text") and self._deleted.get(str(row.get("message")), seq + 1) <= seq:
                wrong = "that was deleted"
            if wrong:
                self._fail(fact, f"The picture of {line.ref} has a line of {self._scene.who(sender)} {wrong}", said)
                return

    def _people(self, fact: Fact, frame: Frame, line: Line) -> None:
        """Everybody inside is in a picture, as they are, whether or not they are connected just then."""
        seq, ledger = frame.get("seq", 0), self._scene.ledger
        rows = {str(row.get("id")): row for row in frame.get("view", {}).get("participants", ())}
        for person in ledger.people.values():
            standing = person.at(seq)
            row = rows.pop(person.id, None)
            if standing.inside is not (row is not None):
                how = "lacks" if standing.inside else "still has"
                self._untrue(fact, f"The picture of {line.ref} {how} {self._scene.who(person.id)}")
                return
            if row is not None and (wrong := _differs(row, person, standing, seq)):
                self._untrue(fact, f"The picture of {line.ref} has {self._scene.who(person.id)} with another {wrong}")
                return
        if rows:
            self._untrue(fact, f"The picture of {line.ref} has {next(iter(rows))}, who never came,")

    def _untrue(self, fact: Fact, said: str) -> None:
        self._true.fail(f"{said} at {moment(fact.at)}.", fact)


def _entered(person: Person, standing: Standing) -> int:
    """Since when somebody was inside, as of that standing."""
    since = standing.since
    for one in reversed(person.standings):
        if one.since > standing.since:
            continue
        if not one.inside:
            break
        since = one.since
    return since


def _differs(row: Mapping[str, Any], person: Person, standing: Standing, seq: int) -> str | None:
    """In what a row is not as the journal says, of what it says at all."""
    if row.get("role", standing.role) != standing.role:
        return "role"
    if row.get("room") != standing.room:
        return "room"
    return next(
        (name for name, stream in _FIELDS.items() if name in row and row[name] is not person.ran(stream, seq)), None
    )
