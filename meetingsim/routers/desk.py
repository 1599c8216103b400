"""Reports for the admin: every row with its evidence, in order of filing."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field, TypeAdapter

from meetingsim.routers.acts import report_afterwards
from meetingsim.routers.schema import TAKING, answers, takes
from meetingsim.routers.shapes import STRICT
from meetingsim.routers.spaces import Spaces
from meetingsim.routers.wire import read_as
from meetingsim.routers.world import Json, bearer, done, require_admin, stranger
from meetingsim.state.control import Refuse
from meetingsim.state.controls.report import ReportAfterwards


class NewReport(BaseModel):
    """A report from outside the meeting, about people who were in it."""

    model_config = STRICT
    meeting: str
    participants: Annotated[list[str], Field(min_length=1, max_length=1_000)]
    issue: str
    text: str | None = None


class ReportAnswer(BaseModel):
    """The report's id, or ``pending`` where evidence is still to be added."""

    report: str


_NEW = TypeAdapter(NewReport)


class ReportsAnswer(BaseModel):
    """Reports in order of filing, and the position to ask on from."""

    reports: list[dict[str, Any]]
    next: int


def router(spaces: Spaces) -> APIRouter:
    """The routes below ``/reports``."""
    routes = APIRouter(prefix="/reports", tags=["reports"])

    @routes.get("", responses=answers(200, ReportsAnswer, 401, 422, 503))
    async def list_reports(
        request: Request,
        after: Annotated[int, Query(ge=0, le=2**53)] = 0,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
        meeting: str | None = None,
    ) -> Json:
        """Every report with the evidence that the server took. For the admin."""
        token = bearer(request.headers)
        world = spaces.of(token)
        require_admin(world, token)
        rows = await world.journal.reports(after, limit, meeting)
        return {
            "reports": [row.document for _, row in rows],
            "next": rows[-1][0] if rows else after,
            "attribution": world.origins.countries.attribution,
        }

    @routes.post(
        "", status_code=201, openapi_extra=takes(NewReport), responses=answers(201, ReportAnswer, 401, *TAKING)
    )
    async def create_report(request: Request) -> Json:
        """Report people of a meeting that is over, or that one was removed from; with a ticket, host, user or session token."""
        token = bearer(request.headers)
        if token is None:
            raise stranger()
        asked = read_as(_NEW, await request.body() or b"null")
        world = spaces.holding(asked.meeting, token)
        try:
            seat = await world.seats.find(asked.meeting)
        except Refuse:
            raise stranger() from None
        command = ReportAfterwards(tuple(asked.participants), asked.issue, asked.text)
        return dict(done(await report_afterwards(world, seat, token, command)).answer)

    return routes
