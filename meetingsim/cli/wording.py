"""Says what happened in words: one line an event, with names for ids, harmless on a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from meetingsim.cli.console import FAILED, Stop, harmless

_SAID: Final = {
    "created": "the meeting {topic!r} was made",
    "started": "the meeting has begun (by {by})",
    "ended": "the meeting is over (by {by})",
    "joined": "{participant} came in [{id}]",
    "joined_waiting_room": "{participant} waits [{id}] ({why})",
    "arrived_early": "{participant} came before the start [{id}]",
    "origin_known": "{participant} comes from {country}",
    "entry_refused": "{name} was not let in: {code}",
    "admitted": "{participant} was admitted by {by}",
    "denied": "{participant} was denied by {by}",
    "left": "{participant} left",
    "reconnecting": "{participant} lost the connection",
    "reconnected": "{participant} is back",
    "connection_replaced": "{participant} came again on a newer connection",
    "put_in_waiting_room": "{participant} was put in the waiting room by {by} ({why})",
    "removed": "{participant} was removed by {by}",
    "return_allowed": "{participant} may come back (by {by})",
    "name_flagged": "{participant} has a name that looks like that of {like}",
    "ticket_flagged": "{participant} shows a ticket that belongs to another device",
    "renamed": "{was} is now called {name} (by {by})",
    "message": "{from} to {to}: {text}",
    "waiting_room_message": "waiting room, {from} to {to}: {text}",
    "suspended": "{by} suspended participant activities: {activities}; stopped: {stopped}",
    "allowed": "{by} allowed {activity}{level}{whom}",
    "disallowed": "{by} barred {activity}{whom}; stopped: {stopped}",
    "region_rule_set": "{by} set the region rule: {rule}",
    "waiting_room_set": "{by} turned the waiting room {enabled}, for {who}",
    "hand_changed": "{participant}: hand {up}",
    "share_started": "{participant} shares",
    "share_stopped": "{participant} stopped sharing",
    "recording_started": "{participant} records",
    "recording_stopped": "{participant} stopped recording",
    "asked_to_unmute": "{by} asked {participant} to unmute",
    "audio_changed": "{participant}: audio {on}",
    "video_changed": "{participant}: video {on}",
    "locked": "{by} locked the meeting",
    "unlocked": "{by} unlocked the meeting",
    "role_changed": "{participant} is now {role} (by {by})",
    "media": "{kind} from {from} ({n})",
}
"""Events that read better than as their fields; every other type is said as its fields."""

_PEOPLE: Final = frozenset({"participant", "by", "from", "to", "asked_by", "like"})
_SWITCHES: Final = frozenset({"on", "up", "enabled"})
_SEVERAL: Final = frozenset({"everyone", "hosts"})
_ID: Final = re.compile(r"p[0-9a-f]{16}")
_HEAD: Final = frozenset({"type", "seq", "at", "because"})
UNKNOWN: Final = "unknown"


class Names:
    """Who is behind an id, learned from the frames as they pass."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def learn(self, frame: Mapping[str, Any]) -> None:
        """Takes every name in a frame: a view's rows, the person of an event, a new name."""
        for row in _rows(frame):
            if isinstance(row.get("id"), str) and isinstance(row.get("name"), str):
                self._names[row["id"]] = row["name"]
        if frame.get("type") in {"renamed", "arrived_early"}:
            self._names[str(frame.get("participant"))] = str(frame.get("name"))
        if _ID.fullmatch(str(frame.get("from"))) and isinstance(frame.get("from_name"), str):
            self._names.setdefault(str(frame["from"]), frame["from_name"])  # all that somebody waiting knows of a host

    def of(self, participant: Any) -> str:
        """The name, or the id itself where no name was heard of, as for ``host``, ``admin`` and ``everyone``."""
        return self._names.get(str(participant), str(participant))

    def needs_id(self, who: str) -> bool:
        """Whether this is a name, and neither an id nor one of the words for several people."""
        return who not in self._names and who not in _SEVERAL and not _ID.fullmatch(who)

    def id_of(self, who: str, present: Iterable[Mapping[str, Any]]) -> str:
        """The id for a name or id; of several people of one name the one who is present. Raises Stop."""
        if not self.needs_id(who):
            return who
        here = [str(row["id"]) for row in present if str(row.get("name")).casefold() == who.casefold()]
        found = here or [one for one, called in self._names.items() if called.casefold() == who.casefold()]
        if len(found) == 1:
            return found[0]
        why = (
            f"several people are called {who!a}: say one of {', '.join(found)}"
            if found
            else f"nobody is called {who!a}"
        )
        raise Stop(why, FAILED)


def _rows(frame: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    view = frame.get("view") or {}
    yield from view.get("participants", ())
    yield from view.get("waiting", ())
    yield view.get("me") or {}
    person = frame.get("person")
    if isinstance(person, Mapping):
        yield person


def sentence(frame: Mapping[str, Any], names: Names) -> str:
    """An event as a sentence without its time. Learns the names in it; harmless whatever is in it."""
    kind = str(frame.get("type"))
    was = names.of(frame.get("participant"))
    names.learn(frame)
    said = _SAID.get(kind)
    if said is None:
        return harmless(f"{kind} {_fields(frame, names)}".rstrip())
    parts = {key: _spoken(key, value, names) for key, value in frame.items()}
    whom = f" for {names.of(frame['participant'])}" if "participant" in frame else ""
    level = f" ({frame['level']})" if "level" in frame else ""
    parts |= {"was": was, "whom": whom, "level": level, "id": str(frame.get("participant"))}
    if isinstance(frame.get("person"), Mapping):
        parts.setdefault("why", str(frame["person"].get("why", "")))
    return harmless(said.format_map(_Missing(parts)))


def line(frame: Mapping[str, Any], names: Names) -> str:
    """An event of the journal: seq, time of day, sentence, and the reason where there is one."""
    head = f"{frame.get('seq', ''):>5}  {str(frame.get('at', ''))[11:23]}  "
    said = sentence(frame, names)  # first: the reason is told with the names that it brings
    because = frame.get("because")
    reason = f"\n{'':>21}because {reason_of(because, names)}" if because else ""
    return harmless(head) + said + reason


def reason_of(because: Mapping[str, Any], names: Names) -> str:
    """Why, in one line: the rule, who asked by which door, and every input that there was."""
    rest = {key: value for key, value in because.items() if key != "rule" and value is not None}
    inputs = [f"{key.replace('_', ' ')} {_spoken(key, value, names)}" for key, value in rest.items()]
    return harmless("; ".join([f"rule {because.get('rule')}", *inputs]))


class _Missing(dict[str, str]):
    """A field that this event does not have is said as unknown, not as an error."""

    def __missing__(self, key: str) -> str:
        return "somebody without a credential" if key == "name" else UNKNOWN


def _fields(frame: Mapping[str, Any], names: Names) -> str:
    return " ".join(f"{key}={_spoken(key, value, names)}" for key, value in frame.items() if key not in _HEAD)


def _spoken(key: str, value: Any, names: Names) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        yes, no = ("on", "off") if key in _SWITCHES else ("yes", "no")
        return yes if value else no
    if key in _PEOPLE:
        return names.of(value)
    if key == "stopped":
        return (
            ", ".join(f"{names.of(one.get('participant'))} {_listed(one.get('activities', ()))}" for one in value)
            or "nothing"
        )
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_spoken(name, inner, names)}" for name, inner in value.items())
    if isinstance(value, list | tuple):
        return _listed(value)
    return str(value)


def _listed(values: Any) -> str:
    return ", ".join(str(one) for one in values) or "none"
