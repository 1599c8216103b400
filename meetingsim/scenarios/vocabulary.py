"""Every fact and every name that an expression may use, and what kind of value each is; made out of the event table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from meetingsim.state.codes import REFUSALS
from meetingsim.state.controls import EVENTS, TABLE
from meetingsim.state.meeting import Place, Role
from meetingsim.state.settings import Activity

Kind = str
"""``any`` has any fields; an object of OBJECTS or ``fact:NAME`` has those; the others are values, some of a list of words."""

COMMANDS: Final[dict[str, Any]] = {control.name: control.command for control in TABLE if control.socket or control.http}
"""What a step can send, by name."""

WORDS: Final[dict[Kind, tuple[str, ...]]] = {
    "role": tuple(one.value for one in Role),
    "place": tuple(one.value for one in Place),
    "activity": tuple(one.value for one in Activity),
    "code": tuple(REFUSALS),
    "command": tuple(COMMANDS),
    "frame_type": ("view", "reply", "media", *EVENTS),
    "via": ("vpn", "ipv6-mapped"),
    "source_of_report": ("remove", "suspend", "participant", "after_meeting"),
    "status": ("scheduled", "started", "ended"),
}
"""Kinds whose values are known: a text compared with one of them must be one of these."""

_BY_NAME: Final[dict[str, Kind]] = {
    "activity": "activity",
    "activities": "activity",
    "code": "code",
    "command": "command",
    "role": "role",
    "participant": "somebody",
    "from": "somebody",
    "to": "somebody",
    "by": "somebody",
    "subjects": "somebody",
    "reporter": "somebody",
    "like": "somebody",
    "country": "country",
}


def _kind(name: str) -> Kind:
    return _BY_NAME.get(name, "any")


_COMMON: Final[dict[str, Kind]] = {"seq": "any", "at": "any", "type": "any", "because": "any"}
_PERSON: Final[dict[str, Kind]] = {"actor": "actor", "person": "actor", "attempt": "attempt"}
_SENT: Final[dict[str, Kind]] = {
    **{field.name: _kind(field.name) for command in COMMANDS.values() for field in fields(command)},
    **{"command": "command", "activity": "activity", "n": "any", "ref": "any"},
}
_SECRET: Final = frozenset({"origin", "entrant", "session", "host_token", "id_key", "settings", "account"})

HARNESS: Final[dict[str, dict[str, Kind]]] = {
    "sent": _SENT,
    "accepted": _SENT,
    "refused": {**_SENT, "code": "code", "detail": "any", "temporary": "any"},
    "received": {"frame": "frame", "client": "actor"},
    "connected": {},
    "disconnected": {"code": "any"},
    "rule_fired": {"rule": "rule"},
    "mail_sent": {"to": "any", "kind": "any", "subject": "any"},
    "link_posted": {"site": "any"},
    "server_stopped": {},
    "server_started": {"downtime": "any"},
    "report_filed": {
        "report": "any",
        "subjects": "somebody",
        "source": "source_of_report",
        "issue": "any",
        "text": "any",
        "reporter": "somebody",
    },
}
"""The facts that no journal has: those of the clients, the cast and the world around."""


def _of_event(name: str) -> dict[str, Kind]:
    event: Any = EVENTS[name].event
    found = {field.name.rstrip("_") for field in fields(event)} - _SECRET
    return {one: _kind(one) for one in sorted(found)}


FACTS: Final[dict[str, dict[str, Kind]]] = {
    name: {**_COMMON, **own, **_PERSON} for name, own in {**{one: _of_event(one) for one in EVENTS}, **HARNESS}.items()
}
"""Every fact with its fields. ``actor`` and ``person`` are the cast member behind it, the same through all their joins."""

_ACTOR: Final[dict[str, Kind]] = {
    "actor": "any",
    "group": "group",
    "index": "any",
    "name": "any",
    "role": "role",
    "place": "place",
    "room": "any",
    "country": "country",
    "behavior": "any",
    "connected": "any",
    "audio": "any",
    "video": "any",
    "share": "any",
    "recording": "any",
    "hand": "any",
    "passphrase": "any",
    "attempt": "attempt",
}
_VIEW: Final[dict[str, Kind]] = dict.fromkeys(
    ("meeting", "participants", "waiting", "messages", "waiting_messages"), "any"
)
_ME: Final[dict[str, Kind]] = {
    **dict.fromkeys(("id", "name", "room", "position", "allowed", "bars", "grants", "chat_bar"), "any"),
    "role": "role",
    "place": "place",
}
_FRAME: Final[dict[str, Kind]] = {
    **{one: kind for name in EVENTS for one, kind in _of_event(name).items()},
    **dict.fromkeys(("seq", "at", "epoch", "ref", "ok", "error", "kind", "n"), "any"),
    "type": "frame_type",
    "view": "view",
    "sender": "actor",
    "activity": "activity",
}
_MEETING: Final[dict[str, Kind]] = {
    **dict.fromkeys(("id", "topic", "kind", "locked", "rooms", "waiting_room", "allow", "settings"), "any"),
    "status": "status",
    "suspended": "activity",
}
_ATTEMPT: Final[dict[str, Kind]] = {
    **dict.fromkeys(("name", "header", "with", "device", "passcode", "ticket", "address", "n"), "any"),
    "via": "via",
    "country": "country",
}

OBJECTS: Final[dict[Kind, Mapping[str, Kind]]] = {
    "actor": _ACTOR,
    "frame": _FRAME,
    "view": {**_VIEW, "me": "me"},
    "me": _ME,
    "meeting": _MEETING,
    "attempt": _ATTEMPT,
    "scope": {"seq": "any", "at": "any"},
    **{f"fact:{name}": own for name, own in FACTS.items()},
}
"""What has fields, and of what kind they are."""

EVERYWHERE: Final[dict[str, Kind]] = {"meeting": "meeting", "suspended": "activity", "waiting_count": "any"}
"""Names that every expression has. ``suspended`` are the activities that a suspend still bars."""

NOT_PEOPLE: Final = ("everyone", "hosts", "host", "admin", "clock")
"""What may stand where somebody is named, beside the cast."""

CAUSED_BY: Final[dict[str, frozenset[str]]] = {
    fact: frozenset(verbs.split())
    for fact, verbs in {
        "link_posted": "post_link",
        "server_stopped": "server",
        "server_started": "server",
        "suspended": "suspend",
        "locked": "lock",
        "unlocked": "unlock",
        "denied": "deny",
        "removed": "remove set_region_rule",
        "return_allowed": "let_return",
        "put_in_waiting_room": "put_in_waiting_room set_region_rule",
        "region_rule_set": "set_region_rule",
        "waiting_room_set": "set_waiting_room",
        "allowed": "allow",
        "disallowed": "allow",
        "asked_to_unmute": "ask_to_unmute",
        "breakout_rooms_opened": "open_breakout_rooms",
        "breakout_rooms_closed": "close_breakout_rooms suspend",
        "ended": "end",
    }.items()
}
"""Facts that cannot come up unless somebody of the scenario does one of these; the others may come up by themselves."""
