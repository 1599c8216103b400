"""The cast and the meeting at a moment of a run, folded from the facts alone: a second opinion beside ``state``.

Nothing of the server's own folds is used: a server that changes what it does not tell, or tells what it does not change,
must differ from this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from meetingsim.scenarios.trace import Fact, Member, Trace
from meetingsim.state.plain import plain
from meetingsim.state.settings import Activity, Settings

Row = dict[str, Any]

_STILL: Final[Mapping[str, Any]] = {
    "audio": False,
    "video": False,
    "share": False,
    "recording": False,
    "hand": False,
    "room": None,
}
_STREAM: Final[Mapping[str, str]] = {"audio": "audio", "video": "video", "share": "share", "record": "recording"}
"""The field of a row that says that an activity runs."""
_HOSTS: Final = ("host", "cohost")
_HERE: Final = ("early", "waiting", "inside")


class Picture:
    """Who of the cast is where, with what on, and what the meeting allows, after the facts that were applied.

    ``cast`` has a row for each member, always the same dict. A row follows the latest participant that a member is; a
    ``reconnecting`` one keeps in ``seat`` what they were. ``strangers`` are participants whom the trace says to be
    nobody. ``touched`` are the members, and ``changed`` whether the meeting, changed by the last fact; ``version`` grows
    with every change.
    """

    def __init__(self, trace: Trace) -> None:
        self._people = trace.people
        self.cast: dict[str, Row] = {ref: _row_of(member) for ref, member in trace.members.items()}
        self.strangers: dict[str, Row] = {}
        self.meeting: Row = _meeting_of(trace)
        self.touched: list[str] = []
        self.changed = False
        self.version = 0
        self._now: dict[str, str] = {}  # the participant that a member is now
        self._former: dict[str, Row] = {}  # rows of participants that a member was
        self._lines: dict[str, set[Any]] = {}
        self._waiting, self._counted = 0, 0

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
        fold = _FOLDS.get(fact.fact)
        if fold is None:
            return False
        fold(self, fact)
        if not (self.touched or self.changed):
            return False
        self.version += 1
        return True

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


_OF_MEMBER: Final = frozenset(("actor", "group", "index", "behavior", "passphrase", "connected", "attempt"))
"""Fields that a member keeps through all their joins."""
_NOWHERE: Final[Mapping[str, Any]] = {"place": None, "seat": None, "profile_picture": False, **_STILL}


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
        "earlier_role": _plain_role(member.role),
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


def _plain_role(role: str) -> str:
    return "participant" if role in _HOSTS else role


def _enter(picture: Picture, fact: Fact) -> None:
    row, person = picture.become(fact.fields["participant"]), fact.fields.get("person") or {}
    seat = {"joined_waiting_room": "waiting", "arrived_early": "early"}.get(fact.fact, "inside")
    role = person.get("role")
    if role and role != row["role"]:
        row.update(role=role, earlier_role=_plain_role(role))
    name = person.get("name") or fact.fields.get("name") or row["name"]
    shows = bool(person.get("profile_picture", row["profile_picture"]))
    row.update(name=name, seat=seat, place=person.get("place", seat), profile_picture=shows)


def _admitted(picture: Picture, fact: Fact) -> None:
    row, person = picture.row(fact.fields["participant"]), fact.fields.get("person") or {}
    row.update(seat="inside", place=person.get("place", "inside"), role=person.get("role", row["role"]))


def _gone(picture: Picture, fact: Fact) -> None:
    place = "removed" if fact.fact == "removed" else "left"
    picture.row(fact.fields["participant"]).update(_STILL, place=place, seat=None)


def _put_back(picture: Picture, fact: Fact) -> None:
    row = picture.row(fact.fields["participant"])
    role = row["earlier_role"] if row["role"] in _HOSTS else row["role"]
    place = "reconnecting" if row["place"] == "reconnecting" else "waiting"
    row.update(_STILL, place=place, seat="waiting", role=role)


def _reconnecting(picture: Picture, fact: Fact) -> None:
    picture.row(fact.fields["participant"])["place"] = "reconnecting"


def _reconnected(picture: Picture, fact: Fact) -> None:
    row = picture.become(fact.fields["participant"])
    row["place"] = row["seat"]


def _origin_known(picture: Picture, fact: Fact) -> None:
    picture.row(fact.fields["participant"])["country"] = fact.fields.get("country")


def _renamed(picture: Picture, fact: Fact) -> None:
    picture.row(fact.fields["participant"])["name"] = fact.fields["name"]


def _role_changed(picture: Picture, fact: Fact) -> None:
    row = picture.row(fact.fields["participant"])
    earlier = row["earlier_role"] if row["role"] in _HOSTS else row["role"]
    row.update(role=fact.fields["role"], earlier_role=earlier)
    _stop(picture, fact.fields.get("stopped") or ())


def _switched(field: str, said: str | bool) -> Callable[[Picture, Fact], None]:
    """A field of a row follows what the event says under a name, or is this."""

    def fold(picture: Picture, fact: Fact) -> None:
        on = said if isinstance(said, bool) else bool(fact.fields.get(said))
        picture.row(fact.fields["participant"])[field] = on

    return fold


def _stop(picture: Picture, stopped: Any) -> None:
    for stop in stopped:
        off = {_STREAM[one]: False for one in stop["activities"] if one in _STREAM}
        picture.row(stop["participant"]).update(off)


def _room_changed(picture: Picture, fact: Fact) -> None:
    picture.row(fact.fields["participant"]).update(room=fact.fields.get("room"), share=False)


def _rooms_opened(picture: Picture, fact: Fact) -> None:
    picture.set(rooms=[*picture.meeting["rooms"], *fact.fields["rooms"]])


def _rooms_closed(picture: Picture, fact: Fact) -> None:
    for row in picture.everybody():
        if row["room"] is not None:
            row.update(room=None, share=False)
    picture.set(rooms=[])


def _suspended(picture: Picture, fact: Fact) -> None:
    """Only what the event says is stopped, is: that it is everything is for the expectations to find out."""
    bars = fact.fields.get("activities") or [one.value for one in Activity]
    stopped = fact.fields.get("stopped")
    if stopped is not None:
        _stop(picture, stopped)
    for row in picture.everybody():
        row["room"] = None
        if stopped is None:
            row.update(dict.fromkeys(_STREAM.values(), False))
    picture.set(suspended=sorted(bars), locked=True, rooms=[])


def _allowed(picture: Picture, fact: Fact) -> None:
    if fact.fields.get("participant") is not None:
        return
    activity, level = fact.fields["activity"], fact.fields.get("level")
    picture.set(suspended=[one for one in picture.suspended if one != activity])
    picture.set_settings(allow={**picture.meeting["allow"], activity: True if level is None else level})


def _disallowed(picture: Picture, fact: Fact) -> None:
    _stop(picture, fact.fields.get("stopped") or ())
    if fact.fields.get("participant") is None:
        activity = fact.fields["activity"]
        barred = "nobody" if activity == "chat" else False
        picture.set_settings(allow={**picture.meeting["allow"], activity: barred})


def _waiting_room_set(picture: Picture, fact: Fact) -> None:
    changes = {name: fact.fields[name] for name in ("enabled", "who") if name in fact.fields}
    picture.set_settings(waiting_room={**picture.meeting["waiting_room"], **changes})


def _meeting_changed(picture: Picture, fact: Fact) -> None:
    picture.set(topic=fact.fields["topic"])
    picture.set_settings(waiting_room={**picture.meeting["waiting_room"], **(fact.fields.get("waiting_room") or {})})


def _created(picture: Picture, fact: Fact) -> None:
    picture.set(topic=fact.fields.get("topic"), kind=fact.fields.get("kind"), id=fact.fields.get("id"))


def _ended(picture: Picture, fact: Fact) -> None:
    for row in picture.everybody():
        if row["seat"] in _HERE:
            row.update(_STILL, place="left", seat=None)
    picture.set(status="ended")


def _sent(picture: Picture, fact: Fact) -> None:
    attempt = fact.fields.get("attempt")
    if attempt is not None and fact.actor in picture.cast:
        picture.cast[fact.actor]["attempt"] = attempt
        picture.touched.append(fact.actor)


_FOLDS: Final[Mapping[str, Callable[[Picture, Fact], None]]] = {
    "created": _created,
    "started": lambda picture, fact: picture.set(status="started"),
    "ended": _ended,
    "meeting_changed": _meeting_changed,
    "settings_changed": lambda picture, fact: picture.set_settings(**fact.fields["settings"]),
    "waiting_room_set": _waiting_room_set,
    "region_rule_set": lambda picture, fact: picture.set_settings(region=fact.fields["rule"]),
    "locked": lambda picture, fact: picture.set(locked=True),
    "unlocked": lambda picture, fact: picture.set(locked=False),
    "suspended": _suspended,
    "allowed": _allowed,
    "disallowed": _disallowed,
    "arrived_early": _enter,
    "joined": _enter,
    "joined_waiting_room": _enter,
    "admitted": _admitted,
    "denied": _gone,
    "left": _gone,
    "removed": _gone,
    "put_in_waiting_room": _put_back,
    "reconnecting": _reconnecting,
    "reconnected": _reconnected,
    "origin_known": _origin_known,
    "renamed": _renamed,
    "role_changed": _role_changed,
    "audio_changed": _switched("audio", "on"),
    "video_changed": _switched("video", "on"),
    "share_started": _switched("share", True),
    "share_stopped": _switched("share", False),
    "recording_started": _switched("recording", True),
    "recording_stopped": _switched("recording", False),
    "hand_changed": _switched("hand", "up"),
    "profile_picture_changed": _switched("profile_picture", "on"),
    "breakout_rooms_opened": _rooms_opened,
    "breakout_rooms_closed": _rooms_closed,
    "room_changed": _room_changed,
    "sent": _sent,
    "connected": lambda picture, fact: picture.connect(str(fact.actor), fact.fields.get("line"), on=True),
    "disconnected": lambda picture, fact: picture.connect(str(fact.actor), fact.fields.get("line"), on=False),
}
"""What each fact changes. Those that are not here are news, and change nothing that an expression can ask for."""
