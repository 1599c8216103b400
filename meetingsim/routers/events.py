"""The readable journal: pages, waiting for news, and a stream."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Annotated, Any

import orjson
import structlog
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from meetingsim.clock import Clock
from meetingsim.journal.protocol import JournalUnavailable
from meetingsim.live.rows import recorded_from
from meetingsim.live.seat import Seat
from meetingsim.routers.readings import Reader, read_row
from meetingsim.routers.schema import answers
from meetingsim.routers.spaces import Spaces
from meetingsim.routers.world import World, bearer, require_meeting
from meetingsim.state.control import Refuse
from meetingsim.state.controls import EVENTS

log = structlog.get_logger("meetingsim.http")
MOST = 1_000
LONGEST_WAIT_MS = 60_000
_KEEP_ALIVE_MS = 15_000
_PAGE = 500


class EventsAnswer(BaseModel):
    """Events in order, and the seq to ask on from."""

    events: list[dict[str, Any]]
    next: int


_ANSWERS = answers(200, EventsAnswer, 401, 404, 409, 422, 503)
_ANSWERS[200]["content"]["text/event-stream"] = {
    "schema": {"type": "string", "description": "One event each, its seq as id."}
}


class Page:
    """A question to the journal: which events, for whom."""

    def __init__(self, world: World, seat: Seat, reader: Reader, types: frozenset[str]) -> None:
        self._journal = world.journal
        self._seat = seat
        self._reader = reader
        self._types = types

    async def after(self, after: int, limit: int) -> tuple[list[dict[str, Any]], int]:
        """Up to ``limit`` events beyond that seq, and the seq up to which nothing was left out."""
        found: list[dict[str, Any]] = []
        while len(found) < limit:
            rows = await self._journal.read(self._seat.meeting.id, after, _PAGE)
            for row in rows:
                if len(found) == limit:
                    return found, after
                after = row.seq
                if self._types and row.type not in self._types:
                    continue
                event = read_row(recorded_from(row), self._reader)
                if event is not None:
                    found.append(event)
            if len(rows) < _PAGE:
                break
        return found, after


def router(spaces: Spaces) -> APIRouter:
    """The route ``/meetings/{meeting}/events``."""
    routes = APIRouter(prefix="/meetings/{meeting}", tags=["events"])

    @routes.get("/events", responses=_ANSWERS, response_model=None)
    async def events(
        meeting: str,
        request: Request,
        after: Annotated[int, Query(ge=0, le=2**53)] = 0,
        type: Annotated[str | None, Query(description="Event types, with commas.")] = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
        wait: Annotated[
            str | None,
            Query(
                description="How long to wait for the first event: 500ms, 10s, 1m.",
                json_schema_extra={"pattern": f"^{_DURATION}$"},
            ),
        ] = None,
    ) -> Response | dict[str, Any]:
        """What happened, in order, each with its ``because``; with ``Accept: text/event-stream`` as it happens."""
        world, seat, asker = await require_meeting(spaces, meeting, bearer(request.headers))
        streamed = "text/event-stream" in request.headers.get("accept", "")
        start = _last_event(request, after) if streamed else after
        # What is stored can be read a moment before the seat goes on from it.
        if start > seat.meeting.seq and not await world.journal.read(meeting, start - 1, 1):
            raise Refuse("conflict", f"after: this journal ends at {seat.meeting.seq}; start over from 0.")
        page = Page(world, seat, Reader(seat, asker), _types(type))
        if streamed:
            return StreamingResponse(
                _stream(world.clock, seat, page, start), media_type="text/event-stream", headers=_NO_CACHE
            )
        return await _wait_for(world.clock, seat, page, after, limit, _wait_ms(wait))

    return routes


_DURATION = r"([0-9]{1,6})(ms|s|m)?"
_NO_CACHE = {"Cache-Control": "no-store"}


async def _wait_for(clock: Clock, seat: Seat, page: Page, after: int, limit: int, ms: int) -> dict[str, Any]:
    until = clock.now() + ms
    while True:
        over = _over(seat)  # looked at before the page is read: what ended it must still be told
        found, after = await page.after(after, limit)
        if found or over or clock.now() >= until:
            return {"events": found, "next": after}
        await seat.news(after, until)


def _over(seat: Seat) -> bool:
    """Whether nothing more will come: the meeting ended or was deleted, or the server stops."""
    return seat.stopped or seat.meeting.status == "ended"


async def _stream(clock: Clock, seat: Seat, page: Page, after: int) -> AsyncIterator[bytes]:
    """Server-sent events: id is the seq, so that a browser goes on where it stopped; ends when the meeting does."""
    while True:
        over = _over(seat)
        try:
            found, after = await page.after(after, MOST)
        except JournalUnavailable as error:
            # The status line is out: all that is left is to end, and the reader comes back with its last id.
            log.error("stream ended", why=str(error))
            return
        for event in found:
            yield b"id: %d\nevent: %s\ndata: %s\n\n" % (event["seq"], event["type"].encode(), orjson.dumps(event))
        if over and not found:
            return
        if not found:
            yield b": waiting\n\n"
            await seat.news(after, clock.now() + _KEEP_ALIVE_MS)


def _last_event(request: Request, after: int) -> int:
    said = request.headers.get("last-event-id", "")
    return max(after, int(said)) if said.isascii() and said.isdigit() and len(said) < 16 else after


def _types(said: str | None) -> frozenset[str]:
    types = frozenset(part.strip() for part in (said or "").split(",") if part.strip())
    if unknown := sorted(types - EVENTS.keys()):
        raise Refuse("malformed", f"type: there is no event {unknown[0]!r}.")
    return types


def _wait_ms(said: str | None) -> int:
    if said is None:
        return 0
    match = re.fullmatch(_DURATION, said)
    if not match:
        raise Refuse("malformed", "wait: say how long, such as 500ms, 10s or 1m.")
    return min(int(match[1]) * {"ms": 1, "m": 60_000}.get(match[2] or "s", 1_000), LONGEST_WAIT_MS)
