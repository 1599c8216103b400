"""Whatever the body of a request is: a problem document, and nothing happened."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.wire import Server

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"not json", 422, "malformed"),
        (b"[]", 422, "malformed"),
        (b"null", 422, "malformed"),
        (b'"end"', 422, "malformed"),
        (b"{}", 422, "malformed"),
        (b'{"participant":5}', 422, "malformed"),
        (b'{"participant":"x","colour":"red"}', 422, "malformed"),
        (rb'{"participant":"\ud800"}', 422, "malformed"),
        (b'{"participant":"\xff"}', 422, "malformed"),
        (b'{"participant":' + b"[" * 30_000, 422, "malformed"),
        (b'{"participant":' + b"[" * 300 + b"]" * 300 + b"}", 422, "malformed"),
        (b'{"participant":"' + b"x" * 70_000 + b'"}', 413, "too_large"),
        (b"x" * 10_000_000, 413, "too_large"),
        (b'{"participant":"nobody"}', 404, "no_such_participant"),
    ],
    ids=lambda value: repr(value[:30]) if isinstance(value, bytes) else None,
)
async def test_a_body_that_is_none_gets_a_problem(server: Server, body: bytes, status: int, code: str) -> None:
    meeting = await server.meeting()
    last = (await meeting.journal())[-1]["seq"]
    async with server.http(meeting.made["host_token"]) as client:
        path = f"/meetings/{meeting.id}/controls/remove"
        response = await client.post(path, content=body, headers={"Content-Type": "application/json"})
        assert response.headers["content-type"] == "application/problem+json"
        problem = response.json()
        assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
        assert {"type", "title", "detail"} <= problem.keys()
    assert (await meeting.journal())[-1]["seq"] == last


async def test_a_body_that_says_nothing_of_its_size_is_refused_before_it_is_held(server: Server) -> None:
    meeting = await server.meeting()

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1_000):
            yield b"x" * 10_000

    async with server.http(meeting.made["host_token"]) as client:
        path, headers = f"/meetings/{meeting.id}/controls/remove", {"Content-Type": "application/json"}
        response = await client.post(path, content=endless(), headers=headers)
        assert (response.status_code, response.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
async def test_a_body_of_another_type_is_refused(server: Server, kind: str) -> None:
    meeting = await server.meeting()
    async with server.http(meeting.made["host_token"]) as client:
        headers = {"Content-Type": kind}
        response = await client.post(f"/meetings/{meeting.id}/controls/end", content=b"{}", headers=headers)
        assert (response.status_code, response.json()["code"]) == (422, "malformed")
    assert (await meeting.get(""))["status"] == "scheduled"


async def test_a_whole_number_may_be_written_with_a_point(server: Server) -> None:
    headers = {"Content-Type": "application/json"}
    async with server.http() as http:
        made = await http.post(
            "/meetings", content=b'{"topic": "Class", "settings": {"capacity": 30.0}}', headers=headers
        )
        assert made.json()["settings"]["capacity"] == 30
        for wrong in (b"30.5", b'"30"', b"true", b"1e400"):
            body = b'{"topic": "Class", "settings": {"capacity": %s}}' % wrong
            assert (await http.post("/meetings", content=body, headers=headers)).json()["code"] == "malformed"
