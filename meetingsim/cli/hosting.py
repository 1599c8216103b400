"""What ``meetingsim host`` asks of a server, and how it says the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from meetingsim.cli.console import OK, harmless, note, out, out_json
from meetingsim.cli.grammar import Grammar
from meetingsim.cli.wording import Names, sentence
from meetingsim.clients import Invitation, MeetingHandle, Server

_NAMING: Final = ("joined", "joined_waiting_room", "arrived_early", "renamed")


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which meeting, by whom, and how the answer is wanted."""

    invited: Invitation
    token: str | None
    as_json: bool


async def control(asked: Asked, grammar: Grammar, fields: Mapping[str, Any]) -> int:
    """One control, with names for ids, and what it led to."""
    async with Server(asked.invited.url, asked.token) as server:
        meeting = server.meeting(asked.invited)
        names = await names_of(meeting)
        wanted = [one for one in grammar.named(fields) if names.needs_id(one)]
        present = await people_in(meeting) if wanted else []
        done = await meeting.control(
            grammar.control.name, **grammar.with_ids(fields, lambda one: names.id_of(one, present))
        )
    if asked.as_json:
        out_json({"seq": done.seq, "events": done.events, **done.answer})
        return OK
    for event in done.events:
        out(sentence(event, names))
    for name, value in done.answer.items():
        out(harmless(f"{name} {value}"))
    if not done.events and not done.answer:
        note("nothing changed: it was so already")
    return OK


async def people(asked: Asked) -> int:
    """Who is inside, then who waits, in order."""
    async with Server(asked.invited.url, asked.token) as server:
        rows = await people_in(server.meeting(asked.invited))
    for row in rows:
        out_json(row) if asked.as_json else out(row_of(row))
    if not rows:
        note("nobody is there")
    return OK


def row_of(row: Mapping[str, Any]) -> str:
    """Somebody inside or waiting as one harmless line."""
    what = f"waits ({row['why']})" if "why" in row else str(row.get("role"))
    on = [name for name in ("audio", "video", "share", "recording", "hand") if row.get(name) is True]
    parts = [str(row.get("id")), f"{row.get('country') or '--':<2}", f"{what:<24}", str(row.get("name")), *on]
    return harmless("  ".join(parts))


async def people_in(meeting: MeetingHandle) -> list[Mapping[str, Any]]:
    """Everybody inside, then everybody who waits."""
    return [*await meeting.participants(), *await meeting.waiting_room()]


async def names_of(meeting: MeetingHandle) -> Names:
    """Everybody who ever came, by the journal: a control may be about somebody who is gone."""
    names, after = Names(), 0
    while True:
        page = await meeting.events(after, _NAMING, limit=1_000)
        for event in page.events:
            names.learn(event)
        if not page.events:
            return names
        after = page.next
