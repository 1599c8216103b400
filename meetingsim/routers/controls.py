"""The host's controls over HTTP: one route each, made from the control table."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, TypeAdapter

from meetingsim.live.seat import Seat
from meetingsim.routers.acts import apply
from meetingsim.routers.readings import Reader, read_row
from meetingsim.routers.schema import TAKING, answers, takes
from meetingsim.routers.spaces import Spaces
from meetingsim.routers.wire import HTTP_CONTROLS, read_as, settle
from meetingsim.routers.world import Json, World, bearer, done, require_meeting
from meetingsim.state.control import Asker, Command, Control, Refuse


class ControlAnswer(BaseModel):
    """The events that the control caused, none where its effect was there already; and the journal's seq after it."""

    seq: int
    events: list[dict[str, Any]]


def router(spaces: Spaces) -> APIRouter:
    """The routes below ``/meetings/{meeting}/controls``."""
    routes = APIRouter(prefix="/meetings/{meeting}/controls", tags=["controls"])
    for control in HTTP_CONTROLS.values():
        _add(routes, spaces, control)
    return routes


def _add(routes: APIRouter, spaces: Spaces, control: Control) -> None:
    adapter: TypeAdapter[Command] = TypeAdapter(control.command)

    async def handle(meeting: str, request: Request) -> Json:
        world, seat, asker = await require_meeting(spaces, meeting, bearer(request.headers))
        command = settle(read_as(adapter, await request.body() or b"{}"))
        if not _within_budget(world, seat, asker):
            raise Refuse("rate_limited", "Too many controls in a short time.")
        outcome = done(await apply(world, seat, asker, command))
        reader = Reader(seat, asker)
        events = [read_row(row, reader) for row in outcome.rows]
        return {"seq": outcome.seq, "events": [event for event in events if event], **outcome.answer}

    routes.add_api_route(
        f"/{control.name}",
        handle,
        methods=["POST"],
        name=control.name,
        summary=control.summary,
        description=f"{control.command.__doc__}\n\nFor: {control.who}.",
        operation_id=f"control_{control.name}",
        openapi_extra=takes(adapter, also=control.over_http),
        responses=answers(200, ControlAnswer, 401, 404, 409, 429, *TAKING),
    )


def _within_budget(world: World, seat: Seat, asker: Asker) -> bool:
    if world.settings.limits == "off" or asker.kind == "admin":
        return True
    return seat.budget("host").take(world.clock.now(), control=True, media=False)
