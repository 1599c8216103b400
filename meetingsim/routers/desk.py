"""Reports for the admin: every row with its evidence, in order of filing."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from meetingsim.routers.schema import answers
from meetingsim.routers.world import Json, World, bearer, require_admin


class ReportsAnswer(BaseModel):
    """Reports in order of filing, and the position to ask on from."""

    reports: list[dict[str, Any]]
    next: int


def router(world: World) -> APIRouter:
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
        require_admin(world, bearer(request.headers))
        rows = await world.journal.reports(after, limit, meeting)
        return {
            "reports": [row.document for _, row in rows],
            "next": rows[-1][0] if rows else after,
            "attribution": world.origins.countries.attribution,
        }

    return routes
