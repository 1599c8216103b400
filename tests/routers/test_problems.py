"""Every error is one shape, RFC 9457, the framework's own and the server's failures too."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from meetingsim.routers import meetings
from meetingsim.routers.problems import problem
from meetingsim.state.codes import REFUSALS
from tests.live.storms import here
from tests.wire import Server

pytestmark = pytest.mark.anyio
MEMBERS = {"type", "title", "status", "detail", "code", "temporary"}


def checked(response: httpx2.Response) -> tuple[int, str]:
    """Status and code of a problem, whose shape is right."""
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert set(body) >= MEMBERS
    assert (body["status"], body["type"]) == (response.status_code, "about:blank")
    assert body["title"]
    assert body["detail"].strip()
    assert "\n" not in body["detail"]
    assert (body["rule"], body["door"]) == (body["code"], "http")
    return response.status_code, body["code"]


async def asked(server: Server, method: str, path: str, **options: Any) -> httpx2.Response:
    async with httpx2.AsyncClient(base_url=server.url, verify=False, trust_env=False) as client:
        return await client.request(method, path, **options)


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_every_refusal_has_its_status(code: str) -> None:
    response = problem(code, "Why.")
    assert response.status_code == REFUSALS[code].status
    assert response.media_type == "application/problem+json"
    assert response.headers.get("www-authenticate") == ("Bearer" if response.status_code == 401 else None)


async def test_a_path_that_is_none(server: Server) -> None:
    for path in ("/", "/nowhere", "/api/v1", "/api/v1/meetings/1/nowhere", "/api/v2/meetings"):
        assert checked(await asked(server, "GET", path))[0] == 404


async def test_a_method_that_is_none(server: Server) -> None:
    response = await asked(server, "PUT", "/api/v1/meetings", json={})
    assert checked(response)[0] == 405
    assert set(response.headers["allow"].split(", ")) <= {"GET", "POST"}


@pytest.mark.parametrize("body", ["", "{", '{"topic": }', '"x"', "[]", "null", '{"topic": "\ud800"}', "[" * 100_000])
async def test_a_body_that_is_no_object(server: Server, body: str) -> None:
    content = body.encode("utf-8", "surrogatepass")
    headers = {"content-type": "application/json", "authorization": f"Bearer {server.admin_token}"}
    made = (await asked(server, "POST", "/api/v1/meetings", json={"topic": "x"})).json()
    for method, path in (("POST", ""), ("PATCH", f"/{made['id']}"), ("POST", f"/{made['id']}/controls/admit")):
        response = await asked(server, method, f"/api/v1/meetings{path}", content=content, headers=headers)
        assert checked(response) in {(422, "malformed"), (413, "too_large")}


async def test_what_is_wrong_and_where(server: Server) -> None:
    body = {"topic": 1, "settings": {"waiting_room": {"capacity": "many"}}}
    response = await asked(server, "POST", "/api/v1/meetings", json=body)
    assert checked(response) == (422, "malformed")
    detail = response.json()["detail"]
    assert "topic" in detail
    assert "settings.waiting_room.capacity" in detail
    response = await asked(server, "GET", "/api/v1/reports?limit=none", headers={"host": server.url[7:]})
    assert checked(response) == (422, "malformed")
    assert "limit" in response.json()["detail"]


async def test_a_refusal_of_a_control(server: Server) -> None:
    made = (await asked(server, "POST", "/api/v1/meetings", json={"topic": "x"})).json()
    headers = {"authorization": f"Bearer {made['host_token']}"}
    path = f"/api/v1/meetings/{made['id']}/controls/admit"
    response = await asked(server, "POST", path, json={"participant": "p1"}, headers=headers)
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert (body["status"], body["code"], body["temporary"]) == (404, "no_such_participant", False)
    assert (body["rule"], body["door"]) == ("admit", "http")


async def test_a_failure_of_the_server_tells_nothing_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("meetingsim.routers.problems.log.error", lambda *_, **__: None)
    async with here() as server:
        monkeypatch.setattr(meetings, "describe", broken)
        response = await asked(server, "POST", "/api/v1/meetings", json={"topic": "x"})
        assert checked(response) == (500, "unavailable")
        assert "secret" not in response.text
        assert (await asked(server, "GET", "/health")).status_code == 200


async def test_a_wrong_method_is_answered_with_every_right_one(server: Server) -> None:
    answer = await asked(server, "PUT", "/api/v1/meetings/00000000000")
    assert checked(answer) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "DELETE, GET, PATCH"
    assert (await asked(server, "PUT", "/api/v1/reports")).headers["allow"] == "GET, POST"
