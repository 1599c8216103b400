"""Reports for the admin: in order of filing, page by page, each with the evidence that the server took."""

from __future__ import annotations

from typing import Any

import pytest

from tests.wire import Meeting, Server, running

pytestmark = pytest.mark.anyio
OPEN: dict[str, Any] = {"waiting_room": {"enabled": False}}


async def reports(server: Server, **query: Any) -> dict[str, Any]:
    async with server.http(server.admin_token) as client:
        response = await client.get("/reports", params=query)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def report(meeting: Meeting, participant: str, text: str) -> str:
    answer = await meeting.control("report", participants=[participant], issue="spam", text=text)
    return str(answer.json()["report"])


async def test_pages_in_order_of_filing_over_all_meetings() -> None:
    with running(limits="off") as server:
        assert (await reports(server))["reports"] == []
        one, other = await server.meeting(**OPEN), await server.meeting(**OPEN)
        async with one.host(), one.guest("Mia") as mia, other.host(), other.guest("Ben") as ben:
            filed = []
            for n in range(3):
                filed.append(await report(one, mia.id, f"{n}"))
                filed.append(await report(other, ben.id, f"{n}"))
        assert len(set(filed)) == 6
        found, after = [], 0
        while (page := await reports(server, after=after, limit=4))["reports"]:
            found += [row["report"] for row in page["reports"]]
            after = page["next"]
        assert found == filed
        assert page["next"] == after
        of_one = (await reports(server, meeting=one.id))["reports"]
        assert [(row["meeting"], row["text"]) for row in of_one] == [(one.id, "0"), (one.id, "1"), (one.id, "2")]


async def test_a_row_of_each_source_with_its_evidence(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia", address="192.0.2.9") as mia, meeting.guest("Ben") as ben:
        await mia.ask("chat", text="buy this")
        await ben.ask("report", participants=[mia.id], issue="spam")
        await host.ask("suspend", report={"issue": "meeting_disruption", "participants": [mia.id]})
        await host.ask("remove", participant=mia.id, report={"issue": "abuse", "text": "again and again"})
        seq = (await meeting.get(""))["seq"]
    rows = (await reports(server, meeting=meeting.id))["reports"]
    assert [(row["source"], row["issue"], row["reporter"]["id"]) for row in rows] == [
        ("participant", "spam", ben.id),
        ("suspend", "meeting_disruption", host.id),
        ("remove", "abuse", host.id),
    ]
    for row in rows:
        assert set(row) >= {"report", "issue", "text", "subjects", "reporter", "source", "evidence"}
        assert row["subjects"] == [mia.id]
        evidence = row["evidence"]
        assert evidence["seq"] < seq
        assert {one["name"] for one in evidence["roster"]} == {"Host", "Mia", "Ben"}
        assert [line["text"] for line in evidence["chat"]] == ["buy this"]
        assert evidence["origins"][mia.id]["address"] == "192.0.2.9"
        assert evidence["controls"]["status"] == "started"
    assert [row["evidence"]["controls"]["suspended"] != [] for row in rows] == [False, False, True]


async def test_reports_are_for_the_admin_alone(server: Server) -> None:
    meeting = await server.meeting()
    for token in (None, "guess", meeting.made["host_token"]):
        async with server.http(token) as client:
            response = await client.get("/reports")
        assert (response.status_code, response.json()["code"]) == (401, "unauthorised")


@pytest.mark.parametrize("query", [{"after": -1}, {"limit": 0}, {"limit": 1001}, {"after": "x"}])
async def test_what_is_no_question(server: Server, query: Any) -> None:
    async with server.http(server.admin_token) as client:
        response = await client.get("/reports", params=query)
    assert (response.status_code, response.json()["code"]) == (422, "malformed")
