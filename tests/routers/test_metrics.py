"""Health and metrics: open to all, and without anything that names somebody."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from meetingsim import __version__
from tests.live.storms import come_true
from tests.wire import Server, running

pytestmark = pytest.mark.anyio


async def page(server: Server, path: str) -> httpx2.Response:
    async with httpx2.AsyncClient(verify=False, trust_env=False) as client:
        response = await client.get(server.url + path)
    assert response.status_code == 200
    return response


async def metrics(server: Server) -> dict[str, float]:
    lines = (await page(server, "/metrics")).text.splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


async def test_health(server: Server) -> None:
    health: dict[str, Any] = (await page(server, "/health")).json()
    assert (health["status"], health["version"], health["durable"]) == ("ok", __version__, False)
    assert set(health["geo"]) == {"database", "built", "attribution"}
    before = health["meetings"]
    await server.meeting()
    assert (await page(server, "/health")).json()["meetings"] == before + 1


async def test_metrics_count_what_is_there() -> None:
    with running(limits="off") as server:
        meeting, shut = await server.meeting(), await server.meeting()
        async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben"), shut.guest("Eve"):
            await host.ask("admit", participant=mia.id)
            await mia.placed("inside")
            found = await metrics(server)
            assert all(name.startswith("meetingsim_") for name in found)
            assert found['meetingsim_meetings{status="started"}'] == 1
            assert found['meetingsim_meetings{status="scheduled"}'] == 1
            assert found['meetingsim_people{place="inside"}'] == 2
            assert found['meetingsim_people{place="waiting"}'] == 1
            assert found['meetingsim_people{place="early"}'] == 1
            assert found["meetingsim_connections"] == 4
            events = len(await meeting.journal()) + len(await shut.journal())
            assert found["meetingsim_events"] == events
            text = (await page(server, "/metrics")).text
            for secret in (meeting.id, "Mia", mia.id, host.session):
                assert secret not in text
            await mia.socket.close()
            (seat, _) = server.world.seats.running()
            await come_true(lambda: mia.id not in seat.publisher.connections)
            await host.event("reconnecting", participant=mia.id)
            found = await metrics(server)
            assert (found["meetingsim_connections"], found['meetingsim_people{place="reconnecting"}']) == (3, 1)


async def test_metrics_are_prometheus_text(server: Server) -> None:
    response = await page(server, "/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    assert "# TYPE meetingsim_meetings gauge" in response.text


async def test_the_page_behind_a_join_link_says_the_same_of_every_meeting(server: Server) -> None:
    meeting = await server.meeting()
    one, other = await page(server, f"/j/{meeting.id}"), await page(server, "/j/99999999999")
    assert one.text == other.text
    assert one.headers["content-type"].startswith("text/html")
