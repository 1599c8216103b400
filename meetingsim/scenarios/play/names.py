"""What expressions mean while a run goes on: the fields of a fact, and people as somebody in the meeting sees them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from meetingsim.scenarios.trace import Member, behind
from meetingsim.scenarios.vocabulary import FACTS

if TYPE_CHECKING:
    from meetingsim.scenarios.play.client import Client
    from meetingsim.scenarios.play.stage import Stage

_STREAMS = ("audio", "video", "share", "recording", "hand", "room", "name")
_SHOWN = (*_STREAMS, "role", "country")


def translated(stage: Stage, kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a fact with participants' ids as references to the cast."""
    people, kinds = stage.trace.people, FACTS.get(kind, {})
    return {
        name: _ref(people, value) if kinds.get(name) == "somebody" else value
        for name, value in fields.items()
        if name != "type"
    }


def _ref(people: Mapping[str, str], value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_ref(people, one) for one in value]
    return people.get(value, value) if isinstance(value, str) else value


def actor_of(stage: Stage, fields: Mapping[str, Any]) -> str | None:
    """Who of the cast is behind an event."""
    participant = behind(fields)
    return stage.trace.people.get(participant) if participant else None


def member_row(member: Member) -> dict[str, Any]:
    """What is known of somebody whatever happens in the meeting."""
    return {
        "actor": member.ref,
        "group": member.group,
        "index": member.index,
        "role": member.role,
        "name": member.name,
        "country": member.country,
        "behavior": member.behavior,
        "passphrase": member.passphrase,
    }


def own_row(stage: Stage, client: Client) -> dict[str, Any]:
    """Somebody as they know themselves."""
    row = client.known.copy()
    rows = client.mirror.view.get("participants", ()) if client.place == "inside" else ()
    mine: Mapping[str, Any] = next((one for one in rows if one["id"] == client.participant), {})
    row |= {name: mine[name] for name in _STREAMS if name in mine}
    attempt = client.attempt
    return row | {
        "place": client.place,
        "connected": client.connected,
        "attempt": attempt.shown(0, stage.salt) if attempt else None,
    }


class Seen:
    """The cast as one picture of a host has it, each row made when it is asked for."""

    def __init__(self, stage: Stage, host: Client) -> None:
        view = host.mirror.view
        self._stage = stage
        self._inside = {row["id"]: row for row in view.get("participants", ())}
        self._waiting = {row["id"]: row for row in view.get("waiting", ())}
        self._rows: dict[str, dict[str, Any]] = {}

    def row(self, ref: str | None) -> Mapping[str, Any] | None:
        """Somebody: where they are, and what they have on."""
        if ref is None or ref not in self._stage.clients:
            return None
        if ref not in self._rows:
            self._rows[ref] = self._made(self._stage.clients[ref])
        return self._rows[ref]

    def everybody(self) -> list[Mapping[str, Any]]:
        """All of the cast, those who are not there too."""
        return [row for ref in self._stage.clients if (row := self.row(ref)) is not None]

    def _made(self, client: Client) -> dict[str, Any]:
        participant = client.participant or ""
        row = client.known.copy()
        found = self._inside.get(participant) or self._waiting.get(participant)
        if found is None:
            return row | {"place": None, "connected": False}
        for name in _SHOWN:
            if name in found:
                row[name] = found[name]
        row["place"] = place = found.get("place")
        row["connected"] = place in {"inside", "waiting"}
        return row
