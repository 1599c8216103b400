"""Tickets over HTTP: personal links for one meeting, made by its host or the admin."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, TypeAdapter

from meetingsim.geo.countries import is_country
from meetingsim.routers.acts import new_ticket
from meetingsim.routers.schema import TAKING, answers, takes
from meetingsim.routers.shapes import STRICT, Email
from meetingsim.routers.spaces import Spaces
from meetingsim.routers.wire import read_as
from meetingsim.routers.world import Json, bearer, require_meeting
from meetingsim.state.control import Refuse
from meetingsim.state.identity import clean_name, removed_invitation
from meetingsim.state.meeting import Role
from meetingsim.state.settings import DEVICE_LENGTH


class NewTicket(BaseModel):
    """A personal link to be made. ``country`` and ``device`` are for the admin alone: they say where its bearer comes from."""

    model_config = STRICT
    name: Annotated[str, Field(min_length=1, max_length=256)]
    email: Email | None = None
    role: Literal["participant", "cohost", "panelist", "attendee"] = "participant"
    single_use: bool = False
    country: str | None = None
    device: Annotated[str, Field(min_length=1, max_length=DEVICE_LENGTH)] | None = None


class TicketAnswer(BaseModel):
    """The ticket, and a link that carries it in the fragment, which no server ever sees."""

    ticket: str
    join_url: str


_NEW = TypeAdapter(NewTicket)


def router(spaces: Spaces) -> APIRouter:
    """The route ``/meetings/{meeting}/tickets``."""
    routes = APIRouter(prefix="/meetings/{meeting}", tags=["meetings"])

    @routes.post(
        "/tickets",
        status_code=201,
        openapi_extra=takes(NewTicket),
        responses=answers(201, TicketAnswer, 401, 404, 409, *TAKING),
    )
    async def create_ticket(meeting: str, request: Request) -> Json:
        """Make a personal link. Whoever was removed gets no new one at the same mail address."""
        world, seat, asker = await require_meeting(spaces, meeting, bearer(request.headers))
        asked = read_as(_NEW, await request.body() or b"null")
        clean_name(asked.name)
        if seat.meeting.status == "ended":
            raise Refuse("ended", "The meeting has ended.")
        if asker.kind != "admin" and (asked.country is not None or asked.device is not None):
            raise Refuse("not_permitted", "Only the admin may say where the bearer of a ticket comes from.")
        if asked.country is not None and not is_country(asked.country):
            raise Refuse("malformed", f"country: {asked.country!r} is no country.")
        role = Role(asked.role)
        if role in {Role.PANELIST, Role.ATTENDEE} and seat.meeting.kind != "webinar":
            raise Refuse("conflict", f"role: there is no {role.value} in a meeting, only in a webinar.")
        invited = world.tickets.invited(meeting, asked.email) if asked.email else None
        if invited is not None and removed_invitation(seat.meeting, invited):
            raise Refuse("removed", "Whoever has this mail address was removed from the meeting.")
        ticket = new_ticket(world, role, single_use=asked.single_use, invited=invited)
        signed = world.tickets.sign(meeting, ticket, device=asked.device, country=asked.country)
        return {"ticket": signed, "join_url": f"{world.base_url}/j/{meeting}#ticket={signed}"}

    return routes
