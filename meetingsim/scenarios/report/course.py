"""The course of a run: where everybody was from when to when, when the meeting was suspended or locked, the server down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from meetingsim.scenarios.picture import Picture
from meetingsim.scenarios.trace import Fact, Trace

PLACES: Final = ("early", "waiting", "inside")


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in which something about somebody, or about the meeting (``of`` is its word), was so.

    ``what`` is for people one of PLACES, the time of a reconnect included; for ``suspended`` the activities that were
    still barred, for ``server`` ``down``, for ``locked``, ``waiting_room`` and ``running`` True.
    """

    of: str
    what: Any
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Course:
    """The spells of people, and those of the meeting, each in the order in which they began."""

    people: list[Spell]
    meeting: list[Spell]


@dataclass(slots=True)
class Figures:
    """What became of a group. ``refused`` counts refusals by their code; the others count people, each once."""

    people: int = 0
    inside: int = 0
    waiting: int = 0
    removed: int = 0
    denied: int = 0
    refused: dict[str, int] = field(default_factory=dict)


def course_of(trace: Trace) -> Course:
    """Follows the trace once: by the journal, or where there is none by what each client was shown."""
    people, meeting = _Spells(), _Spells()
    picture = Picture(trace)
    journal = "server" in trace.views
    if journal:
        _note_meeting(meeting, picture, 0)
    for fact in trace.facts:
        if fact.fact in _SERVER:
            meeting.note("server", _SERVER[fact.fact], fact.at)
        elif not journal:
            _note_client(people, fact)
        elif picture.apply(fact):
            for ref in picture.touched:
                people.note(ref, picture.cast[ref]["seat"], fact.at)
            if picture.changed:
                _note_meeting(meeting, picture, fact.at)
    return Course(people.closed(trace.duration), meeting.closed(trace.duration))


_SERVER: Final[Mapping[str, str | None]] = {"server_stopped": "down", "server_started": None}


class _Spells:
    def __init__(self) -> None:
        self._found: list[Spell] = []
        self._open: dict[str, tuple[Any, int]] = {}

    def note(self, of: str, what: Any, at: int) -> None:
        """From now on it is so; None: nothing is."""
        before, since = self._open.get(of, (None, at))
        if before == what:
            return
        if before is not None:
            self._found.append(Spell(of, before, since, at))
        self._open[of] = (what, at)

    def closed(self, at: int) -> list[Spell]:
        for of in list(self._open):
            self.note(of, None, at)
        return sorted(self._found, key=lambda spell: spell.since)


def _note_meeting(meeting: _Spells, picture: Picture, at: int) -> None:
    now = picture.meeting
    meeting.note("running", now["status"] == "started" or None, at)
    meeting.note("suspended", now["suspended"] or None, at)
    meeting.note("locked", now["locked"] or None, at)
    meeting.note("waiting_room", now["waiting_room"].get("enabled") or None, at)


def _note_client(people: _Spells, fact: Fact) -> None:
    if fact.actor is None:
        return
    if fact.fact == "disconnected":
        people.note(fact.actor, None, fact.at)
    elif fact.fact == "received" and (place := _shown_place(fact.fields["frame"])) is not None:
        people.note(fact.actor, place, fact.at)


def _shown_place(frame: Mapping[str, Any]) -> str | None:
    view = frame.get("view")
    me = view.get("me") if isinstance(view, Mapping) else None
    place = me.get("place") if isinstance(me, Mapping) else None
    return place if place in PLACES else None


def figures(trace: Trace, people: Iterable[Spell]) -> dict[str, Figures]:
    """What became of each group, by its name, in the order of the cast."""
    groups: dict[str, Figures] = {}
    for member in trace.members.values():
        groups.setdefault(member.group, Figures()).people += 1
    ever = {(str(spell.what), spell.of) for spell in people}
    for fact in trace.facts:
        if fact.actor is None or fact.actor not in trace.members:
            continue
        if fact.fact == "refused":
            refused, code = groups[trace.members[fact.actor].group].refused, str(fact.fields.get("code"))
            refused[code] = refused.get(code, 0) + 1
        elif fact.fact in _COUNTED:
            ever.add((fact.fact, fact.actor))
    for what, ref in ever:
        if what in _COUNTED and ref in trace.members:
            group = groups[trace.members[ref].group]
            setattr(group, what, getattr(group, what) + 1)
    return groups


_COUNTED: Final = frozenset({"inside", "waiting", "removed", "denied"})
