"""Reports from outside a meeting: after its end, by the removed, by whichever token somebody has left."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hand_clock import HandClock
from tests.wire import Server, running

pytestmark = pytest.mark.anyio
OPEN: dict[str, Any] = {"waiting_room": {"enabled": False}}
DAY = 24 * 3600 * 1000


async def report(server: Server, token: str | None, **body: Any) -> Any:
    """POST /reports with that token."""
    async with server.http(token) as http:
        return await http.post("/reports", json={"issue": "abuse", **body})


async def test_the_removed_and_those_who_left_report_by_session_ticket_user_or_host_token(server: Server) -> None:
    school = await server.account()
    user = await school.user("Own", "own@school.example")
    meeting = await school.meeting(**OPEN)
    ticket = await meeting.ticket("Ann")
    async with (
        meeting.host() as host,
        meeting.guest("Mia") as mia,
        meeting.connect() as ann,
        meeting.connect() as own,
    ):
        await ann.ask("join", name="Ann", ticket=ticket)
        await own.ask("join", name="Own", user_token=user)
        await ann.ask("chat", text="synthetic insult")
        await mia.event("message")
        await host.ask("remove", participant=mia.id)
        await mia.closed()
        subject = ann.id
        assert (await report(server, mia.session, meeting=meeting.id, participants=[subject])).status_code == 201
        await host.ask("end")
    for token in (ticket, user, meeting.made["host_token"]):
        answer = await report(server, token, meeting=meeting.id, participants=[subject], text="later")
        assert answer.status_code == 201, answer.text
    async with server.http(server.admin_token) as http:
        await http.delete(f"/meetings/{meeting.id}")
        filed = (await http.get("/reports", params={"meeting": meeting.id})).json()["reports"]
    assert [one["source"] for one in filed] == ["after_meeting"] * 4
    assert [line["text"] for line in filed[0]["evidence"]["chat"]] == ["synthetic insult"]
    assert {row["name"] for row in filed[1]["evidence"]["roster"]} == {"Host", "Mia", "Ann", "Own"}


async def test_a_stranger_reports_nothing_and_learns_nothing(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.guest("Mia") as mia:
        answers = [
            await report(server, token, meeting=known, participants=[mia.id])
            for token in (None, "session_nonsense")
            for known in (meeting.id, "10000000000")
        ]
    assert {(answer.status_code, answer.json()["detail"]) for answer in answers} == {(401, answers[0].json()["detail"])}


async def test_thirty_days_after_the_end_it_is_too_late() -> None:
    clock = HandClock()
    with running(clock, limits="off") as server:
        meeting = await server.meeting(**OPEN)
        async with meeting.host() as host, meeting.guest("Mia") as mia:
            session, subject = mia.session, host.id
            await host.ask("end")
        await clock.advance(30 * DAY)
        assert (await report(server, session, meeting=meeting.id, participants=[subject])).status_code == 201
        await clock.advance(1)
        late = await report(server, session, meeting=meeting.id, participants=[subject])
        assert (late.status_code, late.json()["code"]) == (403, "not_permitted")
