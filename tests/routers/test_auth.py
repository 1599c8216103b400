"""Tokens: who may do what with which, and that a stranger learns nothing of what exists."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from meetingsim.opening import CannotStart
from meetingsim.settings import ServerSettings, is_loopback
from tests.wire import Meeting, Server, running

pytestmark = pytest.mark.anyio
MISSING = "99999999999"
ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("PATCH", "", {"topic": "Mine"}),
    ("DELETE", "", None),
    ("GET", "/participants", None),
    ("GET", "/waiting-room", None),
    ("GET", "/events", None),
    ("POST", "/controls/lock", {}),
    ("POST", "/controls/start", {}),
    ("POST", "/controls/remove", {"participant": "p1"}),
]


async def answer(server: Server, method: str, path: str, body: Any, headers: dict[str, str]) -> httpx2.Response:
    async with server.http() as client:
        return await client.request(method, path, json=body, headers=headers)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
async def test_a_stranger_hears_the_same_of_a_meeting_that_exists_and_one_that_does_not(
    server: Server, method: str, path: str, body: Any
) -> None:
    meeting, other = await server.meeting(), await server.meeting()
    strangers: list[dict[str, str]] = [
        {},
        bearer("guess"),
        bearer(other.made["host_token"]),
        bearer(str(meeting.made["passcode"])),
        {"Authorization": f"Basic {meeting.made['host_token']}"},
        {"Authorization": str(meeting.made["host_token"])},
        {"Authorization": "Bearer"},
        {"X-Token": str(meeting.made["host_token"])},
    ]
    for headers in strangers:
        exists = await answer(server, method, f"/meetings/{meeting.id}{path}", body, headers)
        missing = await answer(server, method, f"/meetings/{MISSING}{path}", body, headers)
        assert (exists.status_code, exists.json()["code"]) == (401, "unauthorised")
        assert exists.headers["www-authenticate"] == "Bearer"
        assert exists.content == missing.content
        assert [name for name in exists.headers if name != "date"] == [
            name for name in missing.headers if name != "date"
        ]
    async with server.http(server.admin_token) as client:
        assert (await client.get(f"/meetings/{meeting.id}")).json()["seq"] == 1


async def test_tokens_in_a_query_count_for_nothing(server: Server) -> None:
    meeting = await server.meeting()
    async with server.http() as client:
        for name in ("token", "access_token", "host_token", "admin_token"):
            response = await client.get(f"/meetings/{meeting.id}", params={name: server.admin_token})
            assert response.status_code == 401


async def test_the_scheme_is_read_without_regard_to_case(server: Server) -> None:
    meeting = await server.meeting()
    headers = {"Authorization": f"bEARER  {meeting.made['host_token']}"}
    assert (await answer(server, "GET", f"/meetings/{meeting.id}", None, headers)).status_code == 200


async def test_the_host_token_opens_one_meeting_and_the_admin_token_all(server: Server) -> None:
    meeting = await server.meeting()
    for method, path, body in ROUTES:
        response = await answer(server, method, f"/meetings/{MISSING}{path}", body, bearer(server.admin_token))
        assert (response.status_code, response.json()["code"]) == (404, "no_such_meeting")
    for method, path, body in ROUTES[3:8]:
        for token in (meeting.made["host_token"], server.admin_token):
            response = await answer(server, method, f"/meetings/{meeting.id}{path}", body, bearer(token))
            assert response.status_code == 200


async def test_a_participants_secrets_are_no_tokens(server: Server) -> None:
    meeting = await server.meeting(waiting_room={"enabled": False})
    async with meeting.host() as host:
        for secret in (host.session, host.epoch, host.id):
            response = await answer(server, "GET", f"/meetings/{meeting.id}", None, bearer(secret))
            assert response.status_code == 401


async def test_nothing_secret_is_in_what_the_host_reads(server: Server) -> None:
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Mia") as mia:
        read = [await meeting.get(path) for path in ("", "/participants", "/waiting-room", "/events")]
        journal = await meeting.journal()
        for secret in (meeting.made["host_token"], server.admin_token, host.session, mia.session, "device of Mia"):
            assert secret not in str(read)
            assert secret not in str(journal)


# Beyond this machine.


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "meet.example", ""])
def test_a_server_that_others_reach_does_not_start_without_a_token(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEETINGSIM_ADMIN_TOKEN", raising=False)
    with pytest.raises(CannotStart) as caught, running(host=host):
        pass
    assert "MEETINGSIM_ADMIN_TOKEN" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "here"),
    [
        *(("127.0.0.1", True), ("127.1.2.3", True), ("::1", True), ("[::1]", True), ("localhost", True)),
        *(("0.0.0.0", False), ("::", False), ("192.0.2.1", False), ("localhost.example", False)),
    ],
)
def test_what_is_this_machine(host: str, here: bool) -> None:
    assert is_loopback(host) is ServerSettings(host=host).loopback is here


async def test_the_token_of_the_environment_is_the_admins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEETINGSIM_ADMIN_TOKEN", "from-the-environment")
    with running(limits="off") as server:
        assert server.admin_token == "from-the-environment"
        assert (await answer(server, "GET", "/reports", None, bearer("from-the-environment"))).status_code == 200


async def test_origins_are_simulated_by_local_clients_or_with_the_admin_token() -> None:
    with running(host="0.0.0.0", admin_token="a-secret-of-my-own", limits="off") as far:
        near = Server(far.url.replace("0.0.0.0", "127.0.0.1"), far.admin_token, far.world)
        async with near.http(near.admin_token) as client:
            made = (await client.post("/meetings", json={"topic": "x"})).json()
        made["socket_url"] = made["socket_url"].replace("0.0.0.0", "127.0.0.1")
        meeting = Meeting(near, made)
        join = {"name": "Mia", "passcode": made["passcode"], "country": "BR"}
        async with meeting.connect() as mia:
            assert await mia.refused("join", **join) == "not_permitted"
            assert (await mia.closed())[0] == 4503
        async with meeting.connect(headers=bearer(near.admin_token)) as mia:
            assert (await mia.ask("join", **join))["ok"]
    with running(limits="off") as server:
        meeting = await server.meeting()
        async with meeting.connect(headers={"X-Forwarded-For": "198.51.100.1"}) as mia:
            assert await mia.refused("join", **{**join, "passcode": meeting.made["passcode"]}) == "not_permitted"
