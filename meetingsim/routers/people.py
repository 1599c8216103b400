"""People held by the server over HTTP: throwing them at a meeting, what they do, and every frame that they were sent."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, TypeAdapter

from meetingsim.routers.explain import chain
from meetingsim.routers.held import action_of, hold
from meetingsim.routers.readings import Reader
from meetingsim.routers.schema import TAKING, answers, takes
from meetingsim.routers.shapes import NewPeople
from meetingsim.routers.spaces import Spaces
from meetingsim.routers.wire import SOCKET_COMMANDS, read_as, read_object
from meetingsim.routers.world import Json, bearer, require_meeting
from meetingsim.state.control import Refuse
from meetingsim.state.guards import require_person

_COMMANDS = {name for name in SOCKET_COMMANDS if name != "join"} | {"drop"}


class HeldAnswer(BaseModel):
    """Somebody who knocked: who and where they are, or why they were refused."""

    participant: str | None
    place: str | None
    error: dict[str, Any] | None = None


class PeopleAnswer(BaseModel):
    """Everybody who knocked, in order."""

    people: list[HeldAnswer]


class CommandAnswer(BaseModel):
    """What the reply says: the seq of the last event that the command caused, where it caused one."""

    seq: int | None = None


class FramesAnswer(BaseModel):
    """What somebody was sent, and the number to ask on from."""

    frames: list[dict[str, Any]]
    next: int


class ExplainAnswer(BaseModel):
    """Somebody as they are now, and the events that brought them there, each with its ``because``."""

    person: dict[str, Any]
    chain: list[dict[str, Any]]


_NEW = TypeAdapter(NewPeople)


def router(spaces: Spaces) -> APIRouter:
    """The routes below ``/meetings/{meeting}/people``."""
    routes = APIRouter(prefix="/meetings/{meeting}/people", tags=["people"])

    @routes.post(
        "",
        status_code=201,
        openapi_extra=takes(NewPeople),
        responses=answers(201, PeopleAnswer, 401, 404, *TAKING),
    )
    async def hold_people(meeting: str, request: Request) -> Json:
        """Hold people: they knock at the same door as a socket, one after another. For the admin."""
        world, seat, _ = await require_meeting(spaces, meeting, bearer(request.headers), "admin")
        asked = read_as(_NEW, await request.body() or b"null")
        return {"people": await hold(world, seat, request.scope, asked)}

    @routes.post(
        "/{participant}/commands/{command}",
        responses=answers(200, CommandAnswer, 401, 404, 409, 429, *TAKING),
        openapi_extra={"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}},
    )
    async def command_person(meeting: str, participant: str, command: str, request: Request) -> Json:
        """Let somebody the server holds do something; the body has the command's fields. For the admin.

        ``drop`` cuts their line, ``resume`` brings them back.
        """
        world, _, _ = await require_meeting(spaces, meeting, bearer(request.headers), "admin")
        held = world.held.get(meeting, {}).get(participant)
        if held is None:
            raise Refuse("no_such_participant", "The server holds nobody with this id.")
        if command not in _COMMANDS:
            raise Refuse("malformed", f"command: Say one of {', '.join(sorted(_COMMANDS))}.")
        return await held.does(action_of({**read_object(await request.body() or b"{}"), "type": command}))

    @routes.get("/{participant}/frames", responses=answers(200, FramesAnswer, 401, 404, 422))
    async def frames(
        meeting: str,
        participant: str,
        request: Request,
        after: Annotated[int, Query(ge=0, le=2**53)] = 0,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
    ) -> Json:
        """Every frame that somebody was sent, secrets redacted: of people the server holds, with --record-frames of all.

        For the admin.
        """
        world, seat, _ = await require_meeting(spaces, meeting, bearer(request.headers), "admin")
        require_person(seat.meeting, participant)
        found = world.recordings.of(meeting).frames(participant, after, limit)
        return {"frames": found, "next": found[-1]["n"] if found else after}

    @routes.get("/{participant}/explain", responses=answers(200, ExplainAnswer, 401, 404, 422, 503))
    async def explain(meeting: str, participant: str, request: Request) -> Json:
        """How somebody came to be where they are: every decision about them, with its ``because``."""
        world, seat, asker = await require_meeting(spaces, meeting, bearer(request.headers))
        return await chain(world, seat, Reader(seat, asker), require_person(seat.meeting, participant))

    return routes
