"""Meetings over HTTP: making, reading, changing, deleting them, and who is inside and waiting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, TypeAdapter

from meetingsim.live.accounts import Account
from meetingsim.routers.acts import apply, settings_of
from meetingsim.routers.schema import TAKING, answers, tagged, takes
from meetingsim.routers.shapes import MeetingChange, NewMeeting, changes, merged
from meetingsim.routers.situation import arrange, situation_of
from meetingsim.routers.spaces import Spaces
from meetingsim.routers.wire import HTTP_ADAPTERS, SOCKET_COMMANDS, read_as
from meetingsim.routers.world import Json, World, bearer, done, require_admin, require_meeting, stranger
from meetingsim.state.control import Asker, Command, Refuse
from meetingsim.state.meeting import Meeting
from meetingsim.state.patch import commands_for
from meetingsim.state.plain import instant
from meetingsim.state.view import participant_row, settings_row, waiting_row

_NEW = TypeAdapter(NewMeeting)
_CHANGE = TypeAdapter(MeetingChange)
_SITUATION = {
    "NewMeeting.controls": tagged(HTTP_ADAPTERS),
    "Situated.commands": tagged(
        {name: SOCKET_COMMANDS[name] for name in SOCKET_COMMANDS if name not in {"join", "resume"}},
        {
            "type": "object",
            "properties": {"type": {"const": "drop"}},
            "required": ["type"],
            "additionalProperties": False,
        },
    ),
}


class MeetingAnswer(BaseModel):
    """A meeting as host and admin see it; ``host_token`` is told once, by the call that made it."""

    id: str
    topic: str
    kind: str
    status: str
    passcode: str | None
    join_url: str
    socket_url: str
    settings: dict[str, Any]


class NewMeetingAnswer(MeetingAnswer):
    """The same, with the host token."""

    host_token: str


class MeetingsAnswer(BaseModel):
    """Every meeting the token opens."""

    meetings: list[MeetingAnswer]


class ParticipantsAnswer(BaseModel):
    """Who is inside, or reconnecting from inside."""

    participants: list[dict[str, Any]]


class WaitingAnswer(BaseModel):
    """Who waits, in order."""

    waiting: list[dict[str, Any]]


def describe(world: World, meeting: Meeting) -> Json:
    """A meeting as host and admin see it. The passcode is in the link's fragment, which no server ever sees."""
    passcode = meeting.settings.passcode
    base = world.base_url
    path = f"/api/v1/meetings/{meeting.id}/socket"
    return {
        "id": meeting.id,
        "topic": meeting.topic,
        "kind": meeting.kind,
        "status": meeting.status,
        "passcode": passcode,
        "join_url": f"{base}/j/{meeting.id}" + (f"#passcode={passcode}" if passcode else ""),
        "socket_url": "ws" + base.removeprefix("http") + path,
        "settings": settings_row(meeting.settings),
        "created_at": instant(meeting.created_at),
        "locked": meeting.locked,
        "suspended": sorted(meeting.suspended),
        "inside": meeting.count_inside(),
        "waiting": len(meeting.queue),
        "seq": meeting.seq,
        "epoch": meeting.epoch,
    }


def router(spaces: Spaces) -> APIRouter:
    """The routes below ``/meetings``."""
    routes = APIRouter(prefix="/meetings", tags=["meetings"])

    @routes.post(
        "",
        status_code=201,
        openapi_extra=takes(NewMeeting, items=_SITUATION),
        responses=answers(201, NewMeetingAnswer, 401, 404, 409, *TAKING),
    )
    async def create_meeting(request: Request) -> Json:
        """Make a meeting. On a loopback address nobody has to show a token for it."""
        return await _create(spaces.of(bearer(request.headers)), request)

    @routes.get("", responses=answers(200, MeetingsAnswer, 401))
    async def list_meetings(request: Request) -> Json:
        """Every meeting of its space that the token opens, in order of creation."""
        token = bearer(request.headers)
        world = spaces.of(token)
        seats = [seat for seat in world.seats.running() if world.asker(token, seat)]
        if not seats and not world.is_admin(token):
            raise stranger()
        return {"meetings": [describe(world, seat.meeting) for seat in seats]}

    @routes.get("/{meeting}", responses=answers(200, MeetingAnswer, 401, 404, 422))
    async def get_meeting(meeting: str, request: Request) -> Json:
        """A meeting as the asker may see it."""
        world, seat, _ = await require_meeting(spaces, meeting, bearer(request.headers))
        return describe(world, seat.meeting)

    @routes.patch(
        "/{meeting}", openapi_extra=takes(MeetingChange), responses=answers(200, MeetingAnswer, 401, 404, 409, *TAKING)
    )
    async def change_meeting(meeting: str, request: Request) -> Json:
        """Merge settings; each change goes through the control it belongs to. One refusal refuses all of them."""
        world, seat, asker = await require_meeting(spaces, meeting, bearer(request.headers))
        asked = read_as(_CHANGE, await request.body() or b"null")
        said = changes(asked.settings)
        merged(seat.meeting.settings, said)

        def commands(now: Meeting) -> Sequence[Command]:
            return commands_for(now, merged(now.settings, said), asked.topic)

        done(await apply(world, seat, asker, commands))
        return describe(world, seat.meeting)

    @routes.delete("/{meeting}", status_code=204, responses=answers(204, None, 401, 404, 422, 503))
    async def delete_meeting(meeting: str, request: Request) -> Response:
        """End and forget a meeting; its reports and their evidence stay. For the admin."""
        world, _, _ = await require_meeting(spaces, meeting, bearer(request.headers), "admin")
        await world.seats.delete(meeting)
        world.forget(meeting)
        return Response(status_code=204)

    @routes.get("/{meeting}/participants", responses=answers(200, ParticipantsAnswer, 401, 404, 422))
    async def participants(meeting: str, request: Request) -> Json:
        """Everybody inside or reconnecting from inside, in the order they entered."""
        _, seat, asker = await require_meeting(spaces, meeting, bearer(request.headers))
        return {
            "participants": [
                participant_row(person, for_host=True) | _address(asker, person.origin.address)
                for person in seat.meeting.inside()
            ]
        }

    @routes.get("/{meeting}/waiting-room", responses=answers(200, WaitingAnswer, 401, 404, 422))
    async def waiting_room(meeting: str, request: Request) -> Json:
        """Everybody who waits, in order."""
        _, seat, asker = await require_meeting(spaces, meeting, bearer(request.headers))
        people = [seat.meeting.people[one] for one in seat.meeting.queue]
        return {"waiting": [waiting_row(person) | _address(asker, person.origin.address) for person in people]}

    return routes


async def _create(world: World, request: Request) -> Json:
    token = bearer(request.headers)
    account = _account(world, token)
    if account is None and (token is not None or not world.settings.loopback):
        require_admin(world, token)
    asked = read_as(_NEW, await request.body() or b"null")
    admin = world.is_admin(token)
    if not admin and (asked.id is not None or asked.passcode is not None):
        raise Refuse("not_permitted", "Only the admin may choose a meeting's id and passcode.")
    if not admin and asked.people:
        raise Refuse("not_permitted", "Only the admin may hold people.")
    situation = situation_of(world, asked)
    made = await world.seats.create(
        asked.topic,
        asked.kind,
        settings_of(world, asked, account),
        by=Asker("admin" if admin else "newcomer"),
        wanted_id=asked.id,
        account=account,
    )
    seat = made.seat
    try:
        people = await arrange(world, seat, request.scope, Asker("admin" if admin else "host"), situation)
    except Refuse:
        await world.seats.delete(seat.meeting.id)
        world.forget(seat.meeting.id)
        raise
    more = {"people": people} if people else {}
    return {**describe(world, seat.meeting), "host_token": made.host_token, **more}


def _account(world: World, token: str | None) -> Account | None:
    """The account whose token, or one of whose users' tokens, was shown: the meeting will be its own."""
    if account := world.accounts.by_account_token(token):
        return account
    user = world.accounts.by_user_token(token)
    return world.accounts.account(user.account) if user else None


def _address(asker: Asker, address: str | None) -> Json:
    return {"address": address} if asker.kind == "admin" else {}
