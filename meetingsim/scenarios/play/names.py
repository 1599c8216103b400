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
    """What is known of somebody who is not seen."""
    return {
        "actor": member.ref,
        "group": member.group,
        "index": member.index,
        "role": member.role,
        "name": member.name,
        "country": member.country,
        "behavior": member.behavior,
        "passphrase": member.passphrase,
        "place": None,
        "connected": False,
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
        view, people, self._clients = host.mirror.view, stage.trace.people, stage.clients
        self._found: dict[str, Mapping[str, Any]] = {}
        for row in (*view.get("waiting", ()), *view.get("participants", ())):
            ref = people.get(row["id"])
            if ref is not None and self._clients[ref].participant == row["id"]:
                self._found[ref] = row
        self._rows: dict[str, Mapping[str, Any]] = {}

    def row(self, ref: str | None) -> Mapping[str, Any] | None:
        """Somebody: where they are, and what they have on."""
        if ref is None or ref not in self._clients:
            return None
        return self._made(ref) if ref in self._found else self._clients[ref].known

    def everybody(self) -> list[Mapping[str, Any]]:
        """All of the cast, those who are not there too."""
        found = self._found
        return [self._made(ref) if ref in found else client.known for ref, client in self._clients.items()]

    def _made(self, ref: str) -> Mapping[str, Any]:
        if ref not in self._rows:
            found = self._found[ref]
            shown = {name: found[name] for name in _SHOWN if name in found}
            place = found.get("place")
            connected = place in {"inside", "waiting"}
            self._rows[ref] = {**self._clients[ref].known, **shown, "place": place, "connected": connected}
        return self._rows[ref]
