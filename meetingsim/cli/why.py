"""``meetingsim why``: how somebody came to be where they are, as sentences with their reasons."""

from __future__ import annotations

from typing import Final

from meetingsim.cli import hosting, remote
from meetingsim.cli.console import OK, Stop, harmless, out, out_json
from meetingsim.cli.wording import Names, line
from meetingsim.clients import Invitation, Server
from meetingsim.clients.answers import ParticipantRow

_PLACES: Final = {
    "early": "came before the start, and waits for it",
    "waiting": "waits",
    "inside": "is inside",
    "reconnecting": "lost the connection, and has their seat kept",
    "removed": "was removed",
    "left": "is gone",
}


def run(meeting: str, person: str, url: str | None, token: str | None, *, as_json: bool) -> int:
    """Prints where somebody is, and the decisions that brought them there; gives 1 where nobody is called so."""
    shown = remote.token_from(token)
    invited = remote.invited(meeting, url)
    return remote.run(_why(invited, person, shown, as_json=as_json), url=invited.url, token=shown)


async def _why(invited: Invitation, person: str, token: str | None, *, as_json: bool) -> int:
    async with Server(invited.url, token) as server:
        meeting = server.meeting(invited)
        names = await hosting.names_of(meeting)
        try:
            participant = names.id_of(person, await hosting.people_in(meeting))
        except Stop as stop:
            hint = f"; who was refused at the door is in meetingsim events {meeting.id} --type entry_refused"
            raise Stop(stop.line + (hint if "nobody" in stop.line else ""), stop.code) from None
        told = await meeting.explain(participant)
    if as_json:
        out_json({"person": told.person, "chain": told.chain})
        return OK
    out(_now(told.person, names))
    for event in told.chain:
        out(line(event, names))
    return OK


def _now(person: ParticipantRow, names: Names) -> str:
    place = _PLACES.get(person["place"], person["place"])
    country = f", from {person['country']}" if person.get("country") else ""
    return harmless(f"{names.of(person['id'])} [{person['id']}] {place} ({person['role']}{country})")
