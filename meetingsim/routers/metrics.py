"""Health and metrics: what an operator watches. No ids stand in labels."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from pydantic import BaseModel

from meetingsim import __version__
from meetingsim.routers.schema import answers
from meetingsim.routers.spaces import Spaces
from meetingsim.routers.world import Json
from meetingsim.state.meeting import Place


class HealthAnswer(BaseModel):
    """The server is up; which country data it uses, and whether it keeps anything."""

    status: str
    version: str
    durable: bool
    meetings: int
    geo: dict[str, str | None]


class _Meetings(Collector):
    """Counts at the moment of asking, so that nothing has to be kept in step."""

    def __init__(self, spaces: Spaces) -> None:
        self._spaces = spaces

    def collect(self) -> Iterator[Metric]:
        seats = [seat for world in self._spaces.all() for seat in world.seats.running()]
        meetings = GaugeMetricFamily("meetingsim_meetings", "Meetings by status.", labels=["status"])
        for status in ("scheduled", "started", "ended"):
            meetings.add_metric([status], sum(seat.meeting.status == status for seat in seats))
        yield meetings
        people = GaugeMetricFamily("meetingsim_people", "People by place.", labels=["place"])
        places = [person.place for seat in seats for person in seat.meeting.people.values()]
        for place in Place:
            people.add_metric([place.value], places.count(place))
        yield people
        connections = sum(len(seat.publisher.connections) for seat in seats)
        yield GaugeMetricFamily("meetingsim_connections", "Open sockets of people.", value=connections)
        events = sum(seat.meeting.seq for seat in seats)
        yield GaugeMetricFamily("meetingsim_events", "Events in the journals of the meetings here.", value=events)


def router(spaces: Spaces) -> APIRouter:
    """The routes ``/health`` and ``/metrics``, and the page behind a join link."""
    routes = APIRouter(tags=["server"])
    registry = CollectorRegistry()
    registry.register(_Meetings(spaces))

    @routes.get("/health", responses=answers(200, HealthAnswer))
    async def health() -> Json:
        """Whether the server is up, and what it runs on."""
        world = spaces.main
        countries = world.origins.countries
        return {
            "status": "ok",
            "version": __version__,
            "durable": world.journal.durable,
            "meetings": sum(len(one.seats.running()) for one in spaces.all()),
            "geo": {
                "database": countries.database,
                "built": countries.built,
                "attribution": countries.attribution,
            },
        }

    @routes.get("/metrics", response_class=Response, responses=_METRICS)
    async def metrics() -> Response:
        """Prometheus text."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    @routes.get("/j/{meeting}", response_class=Response, include_in_schema=False)
    async def join_page(meeting: str) -> Response:
        """The same words for every meeting, whether it exists or not."""
        return Response(_JOIN_PAGE, media_type="text/html; charset=utf-8")

    return routes


_METRICS = answers(200, None)
_METRICS[200]["content"] = {"text/plain": {"schema": {"type": "string"}}}
_JOIN_PAGE = """<!doctype html><meta charset="utf-8"><title>meetingsim</title>
<style>body{font:1rem/1.5 system-ui;max-width:36rem;margin:4rem auto;padding:0 1rem}</style>
<h1>A simulated meeting</h1>
<p>Join it from a terminal with the whole link, or connect any WebSocket client:</p>
<pre>meetingsim join LINK</pre>
<p>The protocol is described in <a href="/asyncapi.json">asyncapi.json</a>, the HTTP interface in <a href="/docs">docs</a>.</p>
"""
