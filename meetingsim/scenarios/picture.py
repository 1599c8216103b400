"""The cast and the meeting at a moment of a run, folded from the facts alone: a second opinion beside ``state``.

Nothing of the server's own folds is used: a server that changes what it does not tell, or tells what it does not change,
must differ from this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from meetingsim.scenarios.folds import FOLDS, STILL, plain_role
from meetingsim.scenarios.trace import Fact, Member, Trace
from meetingsim.state.plain import plain
from meetingsim.state.settings import Settings

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture as it was."""

    cast: Mapping[str, Row]
    meeting: Row
    waiting_count: int

    @property
    def suspended(self) -> list[str]:
        """The activities that a suspend then barred."""
        bars: list[str] = self.meeting["suspended"]
        return bars


class Picture:
    """Who of the cast is where, with what on, and what the meeting allows, after the facts that were applied.

    ``cast`` has a row for each member, always the same dict. A row follows the latest participant that a member is; a
    ``reconnecting`` one keeps in ``seat`` what they were. ``strangers`` are participants whom the trace says to be
    nobody. ``touched`` are the members, and ``changed`` whether the meeting, changed by the last fact; ``version`` grows
    with every change. ``unread`` are facts that made no sense, by ``n``: a target may say anything.
    """

    def __init__(self, trace: Trace) -> None:
        self._people = trace.people
        self.cast: dict[str, Row] = {ref: _row_of(member) for ref, member in trace.members.items()}
        self.strangers: dict[str, Row] = {}
        self.meeting: Row = _meeting_of(trace)
        self.touched: list[str] = []
        self.changed = False
        self.version = 0
        self.unread: list[int] = []
        self._now: dict[str, str] = {}  # the participant that a member is now
        self._former: dict[str, Row] = {}  # rows of participants that a member was
        self._lines: dict[str, set[Any]] = {}
        self._waiting, self._counted = 0, 0
        self._kept: Kept | None = None
        self._kept_at = 0

    @property
    def suspended(self) -> list[str]:
        """The activities that a suspend still bars."""
        bars: list[str] = self.meeting["suspended"]
        return bars

    @property
    def waiting_count(self) -> int:
        """How many wait, those who are reconnecting meanwhile too."""
        if self._counted != self.version:
            rows = (*self.cast.values(), *self._former.values(), *self.strangers.values())
            self._waiting = sum(1 for row in rows if row["seat"] == "waiting")
            self._counted = self.version
        return self._waiting

    def apply(self, fact: Fact) -> bool:
        """Folds a fact; whether it changed anything."""
        self.touched = []
        self.changed = False
        fold = FOLDS.get(fact.fact)
        if fold is None:
            return False
        try:
            fold(self, fact)
        except (KeyError, TypeError, ValueError, AttributeError):
            self.unread.append(fact.n)
        if not (self.touched or self.changed):
            return False
        self.version += 1
        return True

    def kept(self) -> Kept:
        """The picture as it is now, for later; the same one until something changes."""
        if self._kept is None or self._kept_at != self.version:
            rows = {ref: dict(row) for ref, row in self.cast.items()}
            self._kept = Kept(rows, dict(self.meeting), self.waiting_count)
            self._kept_at = self.version
        return self._kept

    def row(self, participant: str) -> Row:
        """The row of a participant, whoever it is; one of the cast who is somebody else now has a row of then."""
        ref = self._people.get(participant)
        if ref in self.cast and self._now.setdefault(ref, participant) == participant:
            self.touched.append(ref)
            return self.cast[ref]
        self.changed = True  # of these the waiting count is all that can be asked for
        if ref not in self.cast:
            return self.strangers.get(participant) or self.strangers.setdefault(participant, _stranger())
        return self._former.setdefault(participant, {**self.cast[ref], **_NOWHERE})

    def become(self, participant: str) -> Row:
        """The row of a participant who comes: from now on the member's row is theirs."""
        ref = self._people.get(participant)
        if ref in self.cast and (was := self._now.get(ref)) not in {None, participant}:
            row = self.cast[ref]
            self._former[str(was)] = dict(row)
            own = self._former.pop(participant, _NOWHERE)
            row.update({name: value for name, value in own.items() if name not in _OF_MEMBER})
            self._now[ref] = participant
        return self.row(participant)

    def everybody(self) -> list[Row]:
        """Every row there is; counts as a change of them all."""
        self.touched = list(self.cast)
        return [*self.cast.values(), *self._former.values(), *self.strangers.values()]

    def set(self, **changes: Any) -> None:
        """Changes the meeting; what was in it is replaced, never changed in place."""
        self.meeting.update(changes)
        self.changed = True

    def set_settings(self, **changes: Any) -> None:
        """Changes the settings, and what the meeting's row shows of them."""
        settings = {**self.meeting["settings"], **changes}
        self.set(settings=settings, waiting_room=settings.get("waiting_room", {}), allow=settings.get("allow", {}))

    def connect(self, ref: str, line: Any, *, on: bool) -> None:
        """Notes a connection of a member; they are connected while they have one."""
        if (row := self.cast.get(ref)) is None:
            return
        lines = self._lines.setdefault(ref, set())
        (lines.add if on else lines.discard)(line)
        if row["connected"] is not bool(lines):
            row["connected"] = bool(lines)
            self.touched.append(ref)


_OF_MEMBER: Final = frozenset(
    ("actor", "group", "index", "behavior", "passphrase", "entry_role", "connected", "attempt")
)
"""Fields that a member keeps through all their joins."""
_NOWHERE: Final[Mapping[str, Any]] = {"place": None, "seat": None, "profile_picture": False, **STILL}


def _row_of(member: Member) -> Row:
    return {
        "actor": member.ref,
        "group": member.group,
        "index": member.index,
        "name": member.name,
        "role": member.role,
        "country": member.country,
        "behavior": member.behavior,
        "passphrase": member.passphrase,
        "connected": False,
        "attempt": None,
        "entry_role": member.role,
        "earlier_role": plain_role(member.role),
        **_NOWHERE,
    }


def _stranger() -> Row:
    return _row_of(Member("", "", 0, "participant", None, None, "")) | {"actor": None, "group": None, "index": None}


def _meeting_of(trace: Trace) -> Row:
    settings: Row = {**plain(Settings()), **trace.settings}
    for part in ("waiting_room", "allow"):
        settings[part] = {**plain(Settings())[part], **settings[part]}
    return {
        "id": None,
        "topic": None,
        "kind": None,
        "status": "scheduled",
        "locked": False,
        "suspended": [],
        "rooms": [],
        "waiting_room": settings["waiting_room"],
        "allow": settings["allow"],
        "settings": settings,
    }
