"""What is looked at before any route: Host, Origin, content type and size, for HTTP and the socket alike."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
import websockets

from meetingsim.routers.wire import LARGEST_BODY
from tests.wire import PATIENCE, Client, Server, running

pytestmark = pytest.mark.anyio
APP = "https://app.example"
PUBLIC = "https://meet.example/sim"


@pytest.fixture(scope="module")
def published() -> Iterator[Server]:
    """A server with another origin and a public address, seen by the one that it listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with running(limits="off", port=port, allow_origin=[APP, "http://localhost:3000/"], public_url=PUBLIC) as one:
        yield Server(f"http://127.0.0.1:{port}", one.admin_token, one.world)


def local(server: Server) -> str:
    """host:port as the server itself listens."""
    return urlsplit(server.url).netloc


def plain(server: Server) -> httpx2.AsyncClient:
    """A client that is not below /api/v1."""
    return httpx2.AsyncClient(base_url=server.url, verify=False, trust_env=False)


async def raw(port: int, text: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
    """Sends bytes as they are, and reads one answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(text.replace("\n", "\r\n").encode("latin-1") + b"\r\n" + body)
        async with asyncio.timeout(PATIENCE):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            return int(head[0].split(" ")[1]), headers, await reader.readexactly(int(headers["content-length"]))
    finally:
        writer.close()


async def asked(server: Server, method: str = "GET", path: str = "/health", **headers: str) -> Any:
    """An answer to a request with exactly these headers beside Host."""
    said = {"Host": urlsplit(server.url).netloc, **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = "".join(f"{name}: {value}\n" for name, value in said.items())
    return await raw(int(urlsplit(server.url).port or 0), f"{method} {path} HTTP/1.1\n{lines}")


# Host.


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "LOCALHOST", "[::1]"])
async def test_the_servers_own_names(server: Server, host: str) -> None:
    status, _, _ = await asked(server, Host=f"{host}:{urlsplit(server.url).port}")
    assert status == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost", "localhost:1", "127.0.0.1.evil.example", "", "0.0.0.0"])
async def test_any_other_name_is_refused_whatever_is_asked(server: Server, host: str) -> None:
    for path in ("/health", "/api/v1/meetings", "/openapi.json", "/nowhere"):
        status, headers, body = await asked(server, path=path, Host=host)
        assert (status, headers["content-type"]) == (403, "application/problem+json")
        assert json.loads(body)["code"] == "not_permitted"


# Origin.


async def test_a_page_of_another_origin_may_not_ask(server: Server) -> None:
    own = f"http://127.0.0.1:{urlsplit(server.url).port}"
    for origin in (own, own.replace("127.0.0.1", "localhost")):
        status, headers, _ = await asked(server, Origin=origin)
        assert (status, headers["access-control-allow-origin"]) == (200, origin)
    for origin in ("https://evil.example", "null", own + "0", own.replace("http", "https"), APP):
        status, headers, body = await asked(server, Origin=origin)
        assert (status, json.loads(body)["code"]) == (403, "not_permitted")
        assert "access-control-allow-origin" not in headers


async def test_an_allowed_origin_reads_answers_and_refusals(published: Server) -> None:
    async with plain(published) as client:
        for origin in (APP, "http://localhost:3000", "HTTPS://app.example"):
            for path, status in (("/health", 200), ("/api/v1/meetings", 401), ("/nowhere", 404)):
                response = await client.get(path, headers={"Origin": origin})
                assert response.status_code == status
                assert response.headers["access-control-allow-origin"] == origin
                assert "origin" in response.headers["vary"].lower()
        headers = {"Origin": APP, "Content-Type": "application/json"}
        response = await client.post("/api/v1/meetings", content=b"x" * (LARGEST_BODY + 1), headers=headers)
        assert (response.status_code, response.headers["access-control-allow-origin"]) == (413, APP)


async def test_a_preflight(published: Server) -> None:
    ask = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    async with plain(published) as client:
        response = await client.request("OPTIONS", "/api/v1/meetings", headers={**ask, "Origin": APP})
        assert (response.status_code, response.content) == (204, b"")
        assert response.headers["access-control-allow-origin"] == APP
        assert {"POST", "PATCH", "DELETE"} <= set(response.headers["access-control-allow-methods"].split(", "))
        allowed = response.headers["access-control-allow-headers"].split(", ")
        assert {"authorization", "content-type", "last-event-id"} <= set(allowed)
        response = await client.request(
            "OPTIONS", "/api/v1/meetings", headers={**ask, "Origin": "https://evil.example"}
        )
        assert response.status_code == 403
        assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize(("name", "value"), [("Origin", "https://evil.example"), ("Host", "evil.example")])
async def test_a_refused_socket_gets_no_upgrade(server: Server, name: str, value: str) -> None:
    meeting = await server.meeting()
    port = urlsplit(server.url).port
    url, options = meeting.made["socket_url"], {}
    if name == "Origin":
        options = {"origin": value}
    else:
        url, options = url.replace(f"127.0.0.1:{port}", f"{value}:{port}"), {"host": "127.0.0.1", "port": port}
    with pytest.raises(websockets.InvalidStatus) as caught:
        await websockets.connect(url, **options)
    response = caught.value.response
    assert (response.status_code, response.headers["content-type"]) == (403, "application/problem+json")
    assert json.loads(response.body)["code"] == "not_permitted"


async def test_a_socket_of_an_allowed_origin(published: Server) -> None:
    async with plain(published) as client:
        made = (await client.post("/api/v1/meetings", json={"topic": "x"})).json()
    url = f"ws://{local(published)}/api/v1/meetings/{made['id']}/socket"
    async with websockets.connect(url, origin=websockets.Origin(APP)) as connection:
        mia = Client(connection)
        await mia.ask("join", name="Mia", passcode=made["passcode"])
        assert mia.place == "early"


# The public address.


async def test_a_public_url_is_what_clients_are_told_and_what_they_may_say(published: Server) -> None:
    async with plain(published) as client:
        made = (await client.post("/api/v1/meetings", json={"topic": "x"})).json()
        assert made["join_url"] == f"{PUBLIC}/j/{made['id']}#passcode={made['passcode']}"
        assert made["socket_url"] == f"wss://meet.example/sim/api/v1/meetings/{made['id']}/socket"
        for headers in ({"Host": "meet.example"}, {"Host": "meet.example", "Origin": "https://meet.example"}):
            assert (await client.get("/health", headers=headers)).status_code == 200
        for headers in ({"Host": "evil.meet.example"}, {"Origin": "http://meet.example"}):
            assert (await client.get("/health", headers=headers)).status_code == 403


# Bodies.


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_bodies_are_json(server: Server, kind: str | None) -> None:
    meeting = await server.meeting()
    headers = {"Content-Type": kind} if kind else {}
    async with server.http(meeting.made["host_token"]) as client:
        for method, path in (("POST", f"/meetings/{meeting.id}/controls/lock"), ("PATCH", f"/meetings/{meeting.id}")):
            response = await client.request(method, path, content=b"{}", headers=headers)
            assert (response.status_code, response.json()["code"]) == (422, "malformed")
        response = await client.post(
            f"/meetings/{meeting.id}/controls/lock",
            content=b"{}",
            headers={"Content-Type": "Application/JSON; charset=utf-8"},
        )
        assert response.status_code == 200


def padded(size: int) -> bytes:
    """A good body of that size."""
    return b'{"topic": "x"' + b" " * (size - len(b'{"topic": "x"}')) + b"}"


async def chunks(body: bytes) -> Any:
    for start in range(0, len(body), 8_192):
        yield body[start : start + 8_192]


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(("size", "status"), [(LARGEST_BODY, 201), (LARGEST_BODY + 1, 413), (10 * LARGEST_BODY, 413)])
async def test_a_body_has_a_size(server: Server, chunked: bool, size: int, status: int) -> None:
    body = padded(size)
    headers = {"Content-Type": "application/json"}
    async with server.http() as client:
        response = await client.post("/meetings", content=chunks(body) if chunked else body, headers=headers)
    assert response.status_code == status
    if status == 413:
        assert response.json()["code"] == "too_large"
        assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("said", ["99999999999999999999", str(LARGEST_BODY + 1)])
async def test_a_size_that_is_only_said_is_believed_before_a_byte_is_read(server: Server, said: str) -> None:
    headers = {"Content_Type": "application/json", "Content_Length": said}
    status, _, body = await asked(server, "POST", "/api/v1/meetings", **headers)
    assert (status, json.loads(body)["code"]) == (413, "too_large")


async def test_a_size_that_is_said_too_small_cuts_the_body(server: Server) -> None:
    body = padded(100)
    head = (
        f"POST /api/v1/meetings HTTP/1.1\nHost: {local(server)}\nContent-Type: application/json\nContent-Length: 20\n"
    )
    status, _, answer = await raw(int(urlsplit(server.url).port or 0), head, body)
    assert (status, json.loads(answer)["code"]) == (422, "malformed")


async def test_two_sizes_and_a_size_that_is_none_are_refused(server: Server) -> None:
    for sizes in ("Content-Length: 2\nContent-Length: 3\n", "Content-Length: -1\n", "Content-Length: \u00b2\n"):
        head = f"POST /api/v1/meetings HTTP/1.1\nHost: {local(server)}\nContent-Type: application/json\n{sizes}"
        reader, writer = await asyncio.open_connection("127.0.0.1", int(urlsplit(server.url).port or 0))
        writer.write(head.replace("\n", "\r\n").encode("latin-1") + b"\r\n{}")
        assert (await asyncio.wait_for(reader.readline(), PATIENCE)).startswith(b"HTTP/1.1 400 ")
        writer.close()
    assert (await asked(server))[0] == 200
