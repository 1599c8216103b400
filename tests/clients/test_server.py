"""The HTTP side: what is asked for, and what becomes of answers good and bad."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from meetingsim.clients import (
    Invitation,
    LinkInvalid,
    MeetingsimError,
    NoSuchMeetingError,
    RefusedError,
    Server,
    UnauthorisedError,
    Unreachable,
)

pytestmark = pytest.mark.anyio


@dataclass
class Stub:
    """A web server that gives one answer, and keeps what it was asked."""

    url: str = ""
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)


@asynccontextmanager
async def answering(body: str = "{}", *, status: str = "200 OK", kind: str = "application/json") -> AsyncIterator[Stub]:
    stub = Stub()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        sent = await reader.readexactly(int(headers.get("content-length", "0")))
        stub.requests.append((head[0].removesuffix(" HTTP/1.1"), headers, json.loads(sent) if sent else None))
        payload = body.encode()
        writer.write(
            f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(payload)}\r\n"
            "Connection: close\r\n\r\n".encode()
            + payload
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        stub.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield stub


async def test_a_meeting_is_asked_for_with_what_was_said_and_no_more() -> None:
    made = {"id": "123", "passcode": "9", "host_token": "h", "socket_url": "ws://s.example", "join_url": "http://j"}
    async with answering(json.dumps(made)) as stub, Server(stub.url, "admin") as server:
        meeting = await server.create_meeting("Algebra", settings={"passcode": None, "capacity": 2})
        await server.create_meeting("B", kind="webinar", id="7", passcode="x")
    (line, headers, body), (_, _, second) = stub.requests
    assert line == "POST /api/v1/meetings"
    assert headers["authorization"] == "Bearer admin"
    assert body == {"topic": "Algebra", "settings": {"passcode": None, "capacity": 2}}
    assert second == {"topic": "B", "kind": "webinar", "id": "7", "passcode": "x"}
    assert (meeting.id, meeting.passcode, meeting.host_token) == ("123", "9", "h")
    assert (meeting.socket_url, meeting.join_url) == ("ws://s.example", "http://j")
    assert "9" not in repr(meeting).replace(stub.url, "")


async def test_without_a_token_none_is_shown() -> None:
    async with answering('{"meetings": []}') as stub, Server(stub.url) as server:
        assert await server.meetings() == []
    assert "authorization" not in stub.requests[0][1]


async def test_the_host_token_goes_before_the_servers() -> None:
    body = '{"seq": 4, "events": [{"type": "locked", "seq": 4, "by": "host"}]}'
    async with answering(body) as stub, Server(stub.url, "admin") as server:
        done = await server.meeting("1/2#", "host-token").lock()
        await server.meeting("1").lock()
    assert [headers["authorization"] for _, headers, _ in stub.requests] == ["Bearer host-token", "Bearer admin"]
    assert stub.requests[0][0] == "POST /api/v1/meetings/1%2F2%23/controls/lock"
    assert (done.seq, [event.type for event in done.events], done.answer) == (4, ["locked"], {})


async def test_controls_send_their_fields_and_give_what_they_are_given() -> None:
    async with answering('{"seq": 2, "events": [], "report": "r1"}') as stub, Server(stub.url) as server:
        done = await server.meeting("1").remove("p3", report={"issue": "spam"})
        await server.meeting("1").rename("Mia", participant="p3")
        await server.meeting("1").control("allow", activity="bogus", extra=None)
    assert done.answer == {"report": "r1"}
    assert [body for _, _, body in stub.requests] == [
        {"participant": "p3", "report": {"issue": "spam"}},
        {"name": "Mia", "participant": "p3"},
        {"activity": "bogus"},
    ]


async def test_events_are_asked_for_in_the_servers_words() -> None:
    async with answering('{"events": [{"type": "left", "seq": 8}], "next": 9}') as stub, Server(stub.url) as server:
        page = await server.meeting("1").events(3, ("left", "joined"), limit=5, wait=0.5)
        await server.meeting("1").events()
    assert stub.requests[0][0] == "GET /api/v1/meetings/1/events?after=3&type=left%2Cjoined&limit=5&wait=500ms"
    assert stub.requests[1][0] == "GET /api/v1/meetings/1/events?after=0"
    assert ([event.seq for event in page.events], page.next) == ([8], 9)


async def test_patch_keeps_null_because_it_says_something() -> None:
    async with answering() as stub, Server(stub.url) as server:
        await server.meeting("1").patch(topic="New", passcode=None, waiting_room={"enabled": False})
        await server.meeting("1").patch(topic="New")
    assert [body for _, _, body in stub.requests] == [
        {"topic": "New", "settings": {"passcode": None, "waiting_room": {"enabled": False}}},
        {"topic": "New"},
    ]


async def test_other_calls() -> None:
    body = '{"participants": [{"id": "p1"}], "waiting": [{"id": "p2"}], "reports": [{"report": "r1"}]}'
    async with answering(body) as stub, Server(stub.url) as server:
        meeting = server.meeting("1")
        assert await meeting.participants() == [{"id": "p1"}]
        assert await meeting.waiting_room() == [{"id": "p2"}]
        assert (await server.reports(4, 5, meeting="1"))["reports"] == [{"report": "r1"}]
        await server.geo("2001:db8::1")
        await server.health()
    assert [line for line, _, _ in stub.requests] == [
        "GET /api/v1/meetings/1/participants",
        "GET /api/v1/meetings/1/waiting-room",
        "GET /api/v1/reports?after=4&limit=5&meeting=1",
        "GET /api/v1/geo/2001%3Adb8%3A%3A1",
        "GET /health",
    ]


async def test_an_answer_without_content_is_no_error() -> None:
    async with answering("", status="204 No Content") as stub, Server(stub.url, "admin") as server:
        await server.meeting("1", "host-token").delete()
    assert stub.requests[0][0] == "DELETE /api/v1/meetings/1"
    assert stub.requests[0][1]["authorization"] == "Bearer admin"


async def test_a_problem_becomes_the_exception_of_its_code() -> None:
    problem = {"type": "about:blank", "title": "Unauthorized", "status": 401, "code": "unauthorised", "detail": "No."}
    refusing = answering(json.dumps(problem), status="401 Unauthorized", kind="application/problem+json")
    async with refusing as stub, Server(stub.url) as server:
        with pytest.raises(UnauthorisedError, match="unauthorised: No") as raised:
            await server.meetings()
    assert raised.value.status == 401


async def test_an_error_that_is_no_problem_document_keeps_its_status() -> None:
    async with answering("<h1>oh</h1>", status="502 Bad Gateway", kind="text/html") as stub, Server(stub.url) as server:
        with pytest.raises(RefusedError, match="Bad Gateway") as raised:
            await server.meetings()
    assert (raised.value.code, raised.value.status) == ("unknown", 502)


async def test_an_answer_that_is_no_json_object_is_not_a_meetingsims() -> None:
    for body in ("<h1>Welcome</h1>", "[1]"):
        async with answering(body) as stub, Server(stub.url) as server:
            with pytest.raises(MeetingsimError, match="does not answer like a meetingsim server"):
                await server.meetings()


async def test_nobody_there(unused_port: int) -> None:
    async with Server(f"http://127.0.0.1:{unused_port}") as server:
        with pytest.raises(Unreachable, match=str(unused_port)):
            await server.meetings()


async def test_no_answer_in_time() -> None:
    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(hold, "127.0.0.1", 0)
    async with silent:
        url = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
        async with Server(url, timeout=0.05) as server:
            with pytest.raises(Unreachable):
                await server.meetings()


async def test_no_proxy_of_the_environment_is_used(unused_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_port}")
    async with answering('{"meetings": []}') as stub, Server(stub.url) as server:
        assert await server.meetings() == []


async def test_the_environment_says_where_and_who(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEETINGSIM_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("MEETINGSIM_TOKEN", "some")
    monkeypatch.setenv("MEETINGSIM_ADMIN_TOKEN", "admin")
    async with Server.from_environment() as server:
        assert (server.url, server.token) == ("http://127.0.0.1:9", "admin")
    monkeypatch.delenv("MEETINGSIM_ADMIN_TOKEN")
    monkeypatch.delenv("MEETINGSIM_URL")
    async with Server.from_environment() as server:
        assert (server.url, server.token) == ("http://127.0.0.1:8765", "some")


async def test_a_handle_for_an_invitation() -> None:
    async with Server("http://127.0.0.1:9") as server:
        meeting = server.meeting(Invitation("http://127.0.0.1:9", "123", "482"))
    assert (meeting.id, meeting.passcode, meeting.host_token, meeting.join_url) == ("123", "482", None, None)
    assert meeting.socket_url == "ws://127.0.0.1:9/api/v1/meetings/123/socket"


async def test_no_address_of_a_server() -> None:
    with pytest.raises(LinkInvalid):
        Server("127.0.0.1:8765")


async def test_a_meeting_that_is_not_there(sdk: Server) -> None:
    with pytest.raises(NoSuchMeetingError):
        await sdk.meeting("99999999999").get()
