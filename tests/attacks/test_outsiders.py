"""Attacks from outside, on the wire: what strangers, other websites and wrong tokens can read or do."""

from __future__ import annotations

import asyncio
import socket

import httpx2
import pytest

from tests.attacks.stage import OPEN, knock, nobody, together, turned_away
from tests.wire import Client, Frame, Meeting, Server, running

pytestmark = pytest.mark.anyio


# What outsiders can read.


async def test_outsiders_read_the_same_of_every_meeting(server: Server) -> None:
    """Over HTTP an existing and an invented meeting have the same answer, and no open page names one.

    attack A05
    """
    meeting = await server.meeting()
    invented = nobody(server).id
    async with server.http("host_of_another") as client:
        for method, path in (("GET", ""), ("GET", "/events"), ("GET", "/participants"), ("PATCH", ""), ("DELETE", "")):
            here = await client.request(method, f"/meetings/{meeting.id}{path}")
            nowhere = await client.request(method, f"/meetings/{invented}{path}")
            assert (here.status_code, here.json()) == (nowhere.status_code, nowhere.json())
            assert here.status_code == 401
    async with httpx2.AsyncClient(base_url=server.url, verify=False) as client:
        pages = [await client.get(f"/j/{one}") for one in (meeting.id, invented)]
        assert pages[0].text == pages[1].text
        for path in ("/health", "/metrics", "/openapi.json", "/asyncapi.json"):
            text = (await client.get(path)).text
            assert meeting.id not in text
            assert "Class 6" not in text


async def test_whoever_is_turned_away_learns_nothing_of_the_meeting(server: Server) -> None:
    """A refusal names neither topic nor host, neither time nor number of people.

    attack A05
    """
    meeting = await server.meeting(**OPEN, region={"mode": "approve", "countries": ["DE"]})
    async with together(meeting, "Olga", country="DE") as (host, olga):
        await host.ask("lock")
        heard: list[Frame] = []
        for fields in ({"passcode": "wrong"}, knock(meeting, country="BR"), knock(meeting, country="DE")):
            async with meeting.connect() as client:
                await client.send("join", **{"name": "Mia", **fields})
                await client.receive()
                heard += client.frames
        assert [frame["error"]["code"] for frame in heard] == ["wrong_passcode", "region_blocked", "locked"]
        for secret in ("Class 6", "Host", "Olga", olga.id, host.id, meeting.made["passcode"]):
            assert secret not in str(heard)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "HTTP://localhost.evil.example"]
)
async def test_a_page_of_another_origin_can_use_neither_http_nor_the_socket(server: Server, origin: str) -> None:
    """A website that somebody visits cannot talk to the server on their machine.

    attack A05
    """
    meeting = await server.meeting()
    async with server.http(meeting.made["host_token"]) as client:
        response = await client.get(f"/meetings/{meeting.id}", headers={"Origin": origin})
        assert (response.status_code, response.json()["code"]) == (403, "not_permitted")
        assert "access-control-allow-origin" not in response.headers
        preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        assert (await client.options("/meetings", headers=preflight)).status_code == 403
    assert await upgrade(meeting, Origin=origin) == 403
    assert await upgrade(meeting, Origin=server.url) == 101


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:{port}"]
)
async def test_a_name_that_is_not_the_servers_own_opens_nothing(server: Server, host: str) -> None:
    """A website that points its own name at this machine (DNS rebinding) is refused by that name.

    attack A05
    """
    meeting = await server.meeting()
    named = host.format(port=server.url.rpartition(":")[2])
    async with server.http(meeting.made["host_token"]) as client:
        response = await client.get(f"/meetings/{meeting.id}", headers={"Host": named})
        assert (response.status_code, response.json()["code"]) == (403, "not_permitted")
    assert await upgrade(meeting, Host=named) == 403
    own = f"localhost:{server.url.rpartition(':')[2]}"
    assert await upgrade(meeting, Host=own) == 101


async def test_the_public_name_and_an_allowed_origin_are_let_through() -> None:
    """What ``public_url`` and ``allow_origin`` name works, and nothing that only looks like it.

    attack A05
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"public_url": "https://meet.example", "allow_origin": ["https://app.example"]}
    with running(limits="off", port=port, **settings) as server:
        server.url = f"http://127.0.0.1:{port}"
        meeting = await server.meeting()
        assert meeting.made["socket_url"].startswith("wss://meet.example/")
        meeting.made["socket_url"] = f"ws://127.0.0.1:{port}/api/v1/meetings/{meeting.id}/socket"
        assert await upgrade(meeting, Host="meet.example", Origin="https://meet.example") == 101
        assert await upgrade(meeting, Host="meet.example", Origin="https://app.example") == 101
        assert await upgrade(meeting, Host="meet.example", Origin="http://app.example") == 403
        assert await upgrade(meeting, Host="app.example", Origin="https://app.example") == 403
        assert await upgrade(meeting, Host="meet.example.evil.example") == 403


async def upgrade(meeting: Meeting, **headers: str) -> int:
    """The status that a handshake with these headers is answered with."""
    url = httpx2.URL("http" + meeting.made["socket_url"].removeprefix("ws"))
    reader, writer = await asyncio.open_connection(url.host, url.port)
    said = {
        "Host": f"{url.host}:{url.port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version": "13",
        **headers,
    }
    lines = [f"GET {url.path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items()), "", ""]
    writer.write("\r\n".join(lines).encode())
    status = (await reader.readline()).split()[1]
    writer.transport.abort()
    return int(status)


# Tokens.


async def test_a_token_opens_its_own_meeting_alone(server: Server) -> None:
    """The token of another meeting, a cut one, another scheme or another place for it are refused, and nothing happens.

    attack A11
    """
    meeting, other = await server.meeting(), await server.meeting()
    token = meeting.made["host_token"]
    wrong = [other.made["host_token"], token[:-1], token + "0", token.upper(), "none", "undefined", "null"]
    headers = [{"Authorization": f"Bearer {one}"} for one in wrong]
    headers += [{"Authorization": value} for value in (token, f"Basic {token}", "Bearer", f"Bearer: {token}")]
    headers += [{"X-Host-Token": token}, {"Cookie": f"token={token}"}]
    async with server.http() as client:
        for one in headers:
            response = await client.post(f"/meetings/{meeting.id}/controls/end", json={}, headers=one)
            assert (response.status_code, response.json()["code"]) == (401, "unauthorised"), one
            assert response.headers["www-authenticate"] == "Bearer"
        response = await client.get(f"/meetings/{meeting.id}", params={"token": token, "access_token": token})
        assert response.status_code == 401
        assert token not in response.text
    assert (await meeting.get(""))["status"] == "scheduled"


async def test_the_host_token_of_another_meeting_is_refused_at_the_door(server: Server) -> None:
    """It gives neither the host's seat nor any other, and leaves a row without the name that was said.

    attack A11
    """
    meeting, other = await server.meeting(**OPEN), await server.meeting(**OPEN)
    await meeting.control("start")
    token = other.made["host_token"]
    assert await turned_away(meeting, name="Eve", host_token=token) == ("unauthorised", 4503)
    (row,) = await meeting.journal("entry_refused")
    assert (row["code"], "name" in row, row["because"]["rule"]) == ("unauthorised", False, "unauthorised")
    assert token not in str(row)
    assert (await meeting.get(""))["inside"] == 0


async def test_a_host_token_makes_no_admin(server: Server) -> None:
    """It reads neither another meeting nor the desk, and neither deletes nor lists what is not its own.

    attack A11
    """
    meeting, other = await server.meeting(), await server.meeting()
    async with server.http(meeting.made["host_token"]) as client:
        assert (await client.get("/reports")).status_code == 401
        assert (await client.get(f"/meetings/{other.id}")).status_code == 401
        deleted = await client.delete(f"/meetings/{meeting.id}")
        assert (deleted.status_code, deleted.json()["code"]) == (403, "not_permitted")
        listed = (await client.get("/meetings")).json()["meetings"]
        assert [one["id"] for one in listed] == [meeting.id]


async def test_secrets_are_told_once_and_to_their_owner_alone(server: Server) -> None:
    """No reading of the meeting, and no frame of anybody else, holds the host token or a session.

    attack A11
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia") as (host, mia):
        read = str([await meeting.get(path) for path in ("", "/participants", "/events")] + await meeting.journal())
        for secret in (meeting.made["host_token"], server.admin_token, host.session, mia.session):
            assert secret not in read
        others: list[tuple[Client, str]] = [(host, mia.session), (mia, host.session), (mia, meeting.made["passcode"])]
        for person, secret in others:
            assert secret not in str(person.frames)
