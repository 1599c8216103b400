"""The journal as the invariants read it: who stood how, and what held, as of every seq. Nothing of ``state`` is asked.

A client may hear of seq 40 when the journal is at 55, so that the present alone could not judge what it hears.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from meetingsim.scenarios.invariants.standings import ACTIVITIES, HOSTS, LEVELS, STREAMS, Person, Regime, level
from meetingsim.scenarios.trace import Fact, Trace
from meetingsim.state.plain import plain
from meetingsim.state.settings import Settings

_MOST: Final = len(LEVELS) - 1
_GONE: Final[Mapping[str, Any]] = {
    "room": None,
    "grants": frozenset(),
    "chat_grant": 0,
    "asked": False,
}
"""What ends with a place inside; bars of one's own outlive it."""
_SETTINGS: Final = ("allow", "waiting_room", "region", "removal")


class Entry:
    """A way in that somebody took: ``kind`` is the event's word."""

    __slots__ = ("kind", "person", "seq")

    def __init__(self, kind: str, seq: int, person: Person) -> None:
        self.kind = kind
        self.seq = seq
        self.person = person


class Ledger:
    """Everybody and everything as of each seq that was taken."""

    def __init__(self, trace: Trace) -> None:
        self.refs = trace.people
        self.members = trace.members
        self.people: dict[str, Person] = {}
        self.latest: dict[str, Entry] = {}
        """The way in that each of the cast took last."""
        self.messages: dict[str, Fact] = {}
        self.times: dict[int, int] = {}
        """When each event happened, in ms."""
        self.seq = 0
        self.ended: Fact | None = None
        self.suspended_by: Fact | None = None
        self.locked_by: Fact | None = None
        self.now = _first(trace.settings)
        self._regimes = [self.now]
        self._since = [0]

    def regime(self, seq: int) -> Regime:
        """What held as of a seq."""
        now = self.now
        return now if seq >= now.since else self._regimes[bisect_right(self._since, seq) - 1]

    def person(self, participant: str) -> Person:
        """Somebody, known or not."""
        found = self.people.get(participant)
        if found is None:
            found = self.people[participant] = Person(participant)
            member = self.members.get(self.refs.get(participant, ""))
            found.owner = member is not None and member.role == "host"
        return found

    def inside(self) -> list[Person]:
        """Everybody inside now."""
        return [one for one in self.people.values() if one.now.inside]

    def take(self, fact: Fact) -> None:
        """Reads an event."""
        self.seq = fact.seq or self.seq
        self.times[self.seq] = fact.at
        if fold := _FOLDS.get(fact.fact):
            fold(self, fact, self.seq)

    def about(self, fact: Fact) -> Person:
        """Whom an event is about."""
        return self.person(str(fact.fields.get("participant")))

    def enters(self, fact: Fact, person: Person) -> None:
        """Notes a way in, for whoever of the cast it is."""
        ref = self.refs.get(person.id)
        if ref is not None:
            self.latest[ref] = Entry(fact.fact, self.seq, person)

    def holds(self, **changes: Any) -> None:
        """From now on this holds for the meeting."""
        self.now = replace(self.now, since=self.seq, **changes)
        self._regimes.append(self.now)
        self._since.append(self.seq)


def _first(settings: Mapping[str, Any]) -> Regime:
    whole: dict[str, Any] = plain(Settings())
    parts = {name: {**whole[name], **(settings.get(name) or {})} for name in _SETTINGS}
    return Regime(0, "scheduled", False, frozenset(), (), **parts)


def _comes(ledger: Ledger, fact: Fact, seq: int) -> None:
    person, row = ledger.about(fact), fact.fields.get("person") or {}
    place = {"joined_waiting_room": "waiting", "arrived_early": "early"}.get(fact.fact, "inside")
    because = fact.fields.get("because") or {}
    if because.get("rule") == "host":
        person.owner = True
    role = row.get("role")  # of those who wait it is not told
    person.earlier_role = role if role not in HOSTS else None
    person.name = row.get("name") or fact.fields.get("name") or person.name
    person.why = row.get("why")
    person.entered = seq if place == "inside" else person.entered
    _comes_from(person, because)
    person.lost_at = person.lost_at if row.get("place") == "reconnecting" else None
    person.stands(seq, place=place, role=role, **_GONE)
    ledger.enters(fact, person)


def _comes_from(person: Person, because: Mapping[str, Any]) -> None:
    if "country" in because:
        person.origin = because


def _admitted(ledger: Ledger, fact: Fact, seq: int) -> None:
    person, row = ledger.about(fact), fact.fields.get("person") or {}
    person.why, person.entered = None, seq
    role = row.get("role", person.now.role)
    if role not in HOSTS:
        person.earlier_role = role
    person.stands(seq, place="inside", role=role)


def _gone(ledger: Ledger, fact: Fact, seq: int) -> None:
    person = ledger.about(fact)
    removed = fact.fact == "removed"
    if removed:
        person.removed_at = seq
    person.why, person.lost_at = None, None
    person.still(seq)
    person.stands(seq, place="removed" if removed else "left", **_GONE)


def _put_back(ledger: Ledger, fact: Fact, seq: int) -> None:
    person = ledger.about(fact)
    person.why = fact.fields.get("why", "put_back")
    person.still(seq)
    role = person.now.role
    person.stands(seq, place="waiting", role=person.earlier_role if role in HOSTS else role, **_GONE)


def _reconnecting(ledger: Ledger, fact: Fact, seq: int) -> None:
    ledger.about(fact).lost_at = fact.at


def _back(ledger: Ledger, fact: Fact, seq: int) -> None:
    person = ledger.about(fact)
    person.lost_at = None
    _comes_from(person, fact.fields.get("because") or {})
    ledger.enters(fact, person)


def _renamed(ledger: Ledger, fact: Fact, seq: int) -> None:
    ledger.about(fact).name = str(fact.fields.get("name"))


def _role_changed(ledger: Ledger, fact: Fact, seq: int) -> None:
    person, role = ledger.about(fact), fact.fields.get("role")
    if person.now.role not in HOSTS:
        person.earlier_role = person.now.role
    _stop(ledger, fact.fields.get("stopped"), seq)
    person.stands(seq, role=role)


def _stop(ledger: Ledger, stopped: Iterable[Mapping[str, Any]] | None, seq: int) -> None:
    for stop in stopped or ():
        for activity in stop.get("activities") or ():
            if activity in STREAMS:
                ledger.person(stop["participant"]).turn(activity, seq, on=False)


def _switch(stream: str, on: bool | None = None) -> Callable[[Ledger, Fact, int], None]:
    def fold(ledger: Ledger, fact: Fact, seq: int) -> None:
        person = ledger.about(fact)
        now_on = bool(fact.fields.get("on")) if on is None else on
        person.turn(stream, seq, on=now_on)
        if stream == "audio" and now_on and person.now.asked:
            person.stands(seq, asked=False)

    return fold


def _hand(ledger: Ledger, fact: Fact, seq: int) -> None:
    ledger.about(fact).hand = bool(fact.fields.get("up"))


def _room_changed(ledger: Ledger, fact: Fact, seq: int) -> None:
    _moves(ledger.about(fact), fact.fields.get("room"), seq)


def _moves(person: Person, room: str | None, seq: int) -> None:
    person.turn("share", seq, on=False)
    person.stands(seq, room=room)


def _rooms_opened(ledger: Ledger, fact: Fact, seq: int) -> None:
    ledger.holds(rooms=(*ledger.now.rooms, *fact.fields.get("rooms", ())))


def _rooms_closed(ledger: Ledger, fact: Fact, seq: int) -> None:
    for person in ledger.inside():
        if person.now.room is not None:
            _moves(person, None, seq)
    ledger.holds(rooms=())


def _suspended(ledger: Ledger, fact: Fact, seq: int) -> None:
    """Everything of everybody stops, whether or not the event says so, and every exemption ends."""
    ledger.suspended_by = ledger.locked_by = fact
    for person in ledger.people.values():
        for stream in STREAMS:
            person.turn(stream, seq, on=False)
        now = person.now
        if now.grants or now.chat_grant or now.asked or now.room is not None:
            person.stands(seq, **_GONE)
    bars = frozenset(fact.fields.get("activities") or ACTIVITIES)
    ledger.holds(suspended=bars, locked=True, rooms=())


def _locked(ledger: Ledger, fact: Fact, seq: int) -> None:
    ledger.locked_by = fact
    ledger.holds(locked=True)


def _allowed(ledger: Ledger, fact: Fact, seq: int) -> None:
    activity, said = str(fact.fields.get("activity")), fact.fields.get("level")
    if fact.fields.get("participant") is None:
        allow = {**ledger.now.allow, activity: (said or LEVELS[_MOST]) if activity == "chat" else True}
        ledger.holds(suspended=ledger.now.suspended - {activity}, allow=allow)
        return
    person = ledger.about(fact)
    now = person.now
    if activity == "chat":
        person.stands(seq, bars=now.bars - {activity}, chat_bar=level(said), chat_grant=level(said))
    else:
        person.stands(seq, bars=now.bars - {activity}, grants=now.grants | {activity})


def _disallowed(ledger: Ledger, fact: Fact, seq: int) -> None:
    activity = str(fact.fields.get("activity"))
    _stop(ledger, fact.fields.get("stopped"), seq)
    if fact.fields.get("participant") is not None:
        _bar(ledger.about(fact), activity, seq)
        return
    for person in ledger.people.values():
        _ungrant(person, activity, seq)
    ledger.holds(allow={**ledger.now.allow, activity: LEVELS[0] if activity == "chat" else False})


def _bar(person: Person, activity: str, seq: int) -> None:
    now = person.now
    if activity == "chat":
        person.stands(seq, bars=now.bars | {activity}, chat_bar=0, chat_grant=0)
    else:
        asked = now.asked and activity != "audio"
        person.stands(seq, bars=now.bars | {activity}, grants=now.grants - {activity}, asked=asked)


def _ungrant(person: Person, activity: str, seq: int) -> None:
    now = person.now
    if activity == "chat":
        if now.chat_grant:
            person.stands(seq, chat_grant=0)
    elif activity in now.grants or (activity == "audio" and now.asked):
        person.stands(seq, grants=now.grants - {activity}, asked=now.asked and activity != "audio")


def _asked(ledger: Ledger, fact: Fact, seq: int) -> None:
    ledger.about(fact).stands(seq, asked=True)


def _settings_changed(ledger: Ledger, fact: Fact, seq: int) -> None:
    said = fact.fields.get("settings") or {}
    ledger.holds(**{name: said[name] for name in _SETTINGS if name in said})


def _waiting_room_set(ledger: Ledger, fact: Fact, seq: int) -> None:
    said = {name: fact.fields[name] for name in ("enabled", "who") if name in fact.fields}
    ledger.holds(waiting_room={**ledger.now.waiting_room, **said})


def _ended(ledger: Ledger, fact: Fact, seq: int) -> None:
    """Places stay as they were: of the end itself those are told who were inside."""
    ledger.ended = ledger.ended or fact
    for person in ledger.people.values():
        person.still(seq)
    ledger.holds(status="ended")


def _said(ledger: Ledger, fact: Fact, seq: int) -> None:
    ledger.messages[str(fact.fields.get("message"))] = fact


_FOLDS: Final[Mapping[str, Callable[[Ledger, Fact, int], None]]] = {
    "arrived_early": _comes,
    "joined": _comes,
    "joined_waiting_room": _comes,
    "admitted": _admitted,
    "denied": _gone,
    "left": _gone,
    "removed": _gone,
    "put_in_waiting_room": _put_back,
    "reconnecting": _reconnecting,
    "reconnected": _back,
    "connection_replaced": _back,
    "renamed": _renamed,
    "role_changed": _role_changed,
    "audio_changed": _switch("audio"),
    "video_changed": _switch("video"),
    "share_started": _switch("share", on=True),
    "share_stopped": _switch("share", on=False),
    "recording_started": _switch("record", on=True),
    "recording_stopped": _switch("record", on=False),
    "hand_changed": _hand,
    "breakout_rooms_opened": _rooms_opened,
    "breakout_rooms_closed": _rooms_closed,
    "room_changed": _room_changed,
    "suspended": _suspended,
    "allowed": _allowed,
    "disallowed": _disallowed,
    "asked_to_unmute": _asked,
    "locked": _locked,
    "unlocked": lambda ledger, fact, seq: ledger.holds(locked=False),
    "settings_changed": _settings_changed,
    "region_rule_set": lambda ledger, fact, seq: ledger.holds(region=fact.fields.get("rule") or {}),
    "waiting_room_set": _waiting_room_set,
    "started": lambda ledger, fact, seq: ledger.holds(status="started"),
    "ended": _ended,
    "message": _said,
    "waiting_room_message": _said,
}
