"""``meetingsim events``: the journal for people, or as JSON lines for programs."""

from __future__ import annotations

from dataclasses import dataclass

from meetingsim.cli import remote
from meetingsim.cli.console import OK, USAGE, Stop, nearest, out, out_json
from meetingsim.cli.wording import Names, line
from meetingsim.clients import Invitation, MeetingHandle, Server
from meetingsim.clients.meetings import LONGEST_WAIT
from meetingsim.state.controls import EVENTS

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Reading:
    """What the command was asked for."""

    meeting: str
    follow: bool
    after: int
    types: list[str] | None
    url: str | None
    token: str | None
    as_json: bool

    def wanted(self) -> frozenset[str]:
        """The types to show; none is all. Raises Stop for a type that there is not."""
        types = [one.replace("-", "_") for part in self.types or () for one in part.split(",") if one]
        for one in types:
            if one not in EVENTS:
                raise Stop(f"there is no event {one!a}{nearest(one, EVENTS)}", USAGE)
        return frozenset(types)


def run(reading: Reading) -> int:
    """Prints the journal; with ``follow`` until the meeting ends."""
    token = remote.token_from(reading.token)
    invited = remote.invited(reading.meeting, reading.url)
    return remote.run(_read(invited, reading, reading.wanted(), token), url=invited.url, token=token)


async def _read(invited: Invitation, reading: Reading, wanted: frozenset[str], token: str | None) -> int:
    async with Server(invited.url, token) as server:
        await _print(server.meeting(invited), reading, wanted)
    return OK


async def _print(meeting: MeetingHandle, reading: Reading, wanted: frozenset[str]) -> None:
    names, after, wait = Names(), 0 if not reading.as_json else reading.after, None
    # People are known by what came earlier, and a meeting's end is seen whatever is shown: so everything is read.
    while True:
        page = await meeting.events(after, limit=_PAGE, wait=wait)
        for event in page.events:
            told = line(event, names)
            if (event.seq or 0) > reading.after and (not wanted or event.type in wanted):
                out_json(event) if reading.as_json else out(told)
        if any(event.type == "ended" for event in page.events):
            return
        if not page.events:
            if not reading.follow:
                return
            wait = LONGEST_WAIT
        after = page.next
