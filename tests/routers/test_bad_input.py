"""Whatever a client sends: a typed answer, the socket alive where the contract says so, and nobody else disturbed."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import websockets
from websockets.frames import Opcode

from meetingsim.routers.wire import SOCKET_COMMANDS
from meetingsim.state.codes import REFUSALS
from meetingsim.state.controls import CONTROLS
from tests.attacks.stage import OPEN, knock, together, types
from tests.routers.dial import Raw
from tests.wire import Client, Frame, Meeting, Server

pytestmark = pytest.mark.anyio

NOT_JSON = {
    "words": "hello",
    "nothing": "",
    "half": '{"type":"chat","text":"x"',
    "single quotes": "{'type':'chat','text':'x'}",
    "two objects": '{"type":"chat","text":"x"}{"type":"chat","text":"y"}',
    "NaN": '{"type":"media","kind":"audio","n":NaN}',
    "a comment": '{"type":"chat","text":"x"} // hello',
    "a byte order mark": '\ufeff{"type":"chat","text":"x"}',
    "a lone surrogate in a text": r'{"type":"chat","text":"\ud800"}',
    "a lone surrogate in a ref": r'{"type":"chat","text":"x","ref":"\udfff"}',
    "a lone surrogate in a key": r'{"type":"chat","text":"x","\ud800":1}',
    "nested without end": "[" * 60_000,
}
NO_OBJECT = {
    "null": "null",
    "number": "1",
    "text": '"chat"',
    "list": "[]",
    "list of objects": '[{"type":"chat"}]',
    "true": "true",
}
DEEP = {f"{depth} deep": {"type": "chat", "text": "x", "more": depth} for depth in (100, 250, 300, 1_000)}
WRONG: dict[str, dict[str, Any]] = {
    "no type": {"text": "x"},
    "unknown type": {"type": "explode"},
    "type with capitals": {"type": "Chat", "text": "x"},
    "type null": {"type": None},
    "type number": {"type": 1},
    "type list": {"type": ["chat"], "text": "x"},
    "type object": {"type": {"chat": 1}, "text": "x"},
    "an event": {"type": "message", "text": "x"},
    "a reply": {"type": "reply", "ref": "x", "ok": True},
    "missing field": {"type": "chat"},
    "another missing field": {"type": "remove"},
    "unknown field": {"type": "chat", "text": "x", "colour": "red"},
    "the sender": {"type": "chat", "text": "x", "from": "somebody"},
    "the meeting": {"type": "chat", "text": "x", "meeting": "12345678901"},
    "the seq": {"type": "chat", "text": "x", "seq": 1},
    "unknown inner field": {"type": "suspend", "report": {"issue": "spam", "participants": [], "colour": "red"}},
    "number for text": {"type": "chat", "text": 5},
    "null for text": {"type": "chat", "text": None},
    "list for text": {"type": "chat", "text": ["x"]},
    "text for bool": {"type": "set_audio", "on": "true"},
    "number for bool": {"type": "set_audio", "on": 1},
    "null for bool": {"type": "raise_hand", "up": None},
    "text for number": {"type": "media", "kind": "audio", "n": "1"},
    "fraction for number": {"type": "media", "kind": "audio", "n": 1.5},
    "huge number": {"type": "media", "kind": "audio", "n": 10**30},
    "unknown choice": {"type": "media", "kind": "smell", "n": 1},
    "unknown activity": {"type": "allow", "activity": "fly", "allowed": True},
    "object for id": {"type": "remove", "participant": {"id": "x"}},
    "text for list": {"type": "report", "participants": "x", "issue": "spam"},
    "ref number": {"type": "chat", "text": "x", "ref": 5},
    "ref object": {"type": "chat", "text": "x", "ref": {}},
}
SERVER_ONLY = sorted(CONTROLS.keys() - SOCKET_COMMANDS.keys())


@asynccontextmanager
async def undisturbed(meeting: Meeting) -> AsyncIterator[Client]:
    """Somebody who misbehaves inside, in a meeting where nobody else may notice anything of it."""
    async with together(meeting, "Mia", "Control") as (host, mia, control):
        last = (await meeting.journal())[-1]["seq"]
        before = len(host.frames), len(control.frames)
        yield mia
        await host.settle()
        await control.settle()
        assert types(host.frames[before[0] :]) == ["reply"]
        assert types(control.frames[before[1] :]) == ["reply"]
        assert (await meeting.journal())[-1]["seq"] == last


async def answered(client: Client, raw: str | bytes) -> dict[str, Any]:
    """The refusal of a frame, of the shape that every refusal has."""
    await client.socket.send(raw)
    frame = await client.receive()
    assert frame.keys() == {"type", "ref", "ok", "error"}
    assert (frame["type"], frame["ok"]) == ("reply", False)
    error: dict[str, Any] = frame["error"]
    assert {"code", "detail", "temporary", "rule", "door"} <= error.keys()
    assert error["code"] in REFUSALS
    assert error["detail"]
    return {"ref": frame["ref"], **error}


def written(frame: Frame) -> str:
    """A frame as text; a number for ``more`` is how deep it is nested."""
    depth = frame.get("more", 0)
    text = json.dumps(frame)
    return text.replace(f'"more": {depth}', f'"more": {"[" * depth}{"]" * depth}') if depth else text


# Inside.


@pytest.mark.parametrize("raw", [*NOT_JSON.values(), *NO_OBJECT.values()], ids=[*NOT_JSON, *NO_OBJECT])
async def test_what_is_no_json_object_is_malformed(server: Server, raw: str) -> None:
    meeting = await server.meeting(**OPEN)
    async with undisturbed(meeting) as mia:
        error = await answered(mia, raw)
        assert (error["code"], error["ref"], error["temporary"]) == ("malformed", None, False)
        await mia.settle()


@pytest.mark.parametrize("frame", [*WRONG.values(), *DEEP.values()], ids=[*WRONG, *DEEP])
async def test_what_is_no_command_is_malformed_and_keeps_its_ref(server: Server, frame: Frame) -> None:
    meeting = await server.meeting(**OPEN)
    async with undisturbed(meeting) as mia:
        error = await answered(mia, written({"ref": "mine", **frame}))
        ref = frame.get("ref", "mine")
        assert (error["code"], error["ref"]) == ("malformed", ref if isinstance(ref, str) else None)
        await mia.settle()


@pytest.mark.parametrize("name", SERVER_ONLY)
async def test_what_only_the_server_says_is_no_command(server: Server, name: str) -> None:
    meeting = await server.meeting(**OPEN)
    async with undisturbed(meeting) as mia:
        assert (await answered(mia, json.dumps({"type": name})))["code"] == "malformed"
        await mia.settle()


@pytest.mark.parametrize("raw", [b"", b"\x00\xff", b'{"type":"chat","text":"x"}', b"\x00" * 65_536])
async def test_a_binary_frame_is_malformed(server: Server, raw: bytes) -> None:
    meeting = await server.meeting(**OPEN)
    async with undisturbed(meeting) as mia:
        error = await answered(mia, raw)
        assert (error["code"], error["ref"]) == ("malformed", None)
        await mia.settle()


async def test_a_second_join_or_resume_is_a_conflict_and_changes_nothing(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with undisturbed(meeting) as mia:
        for fields in (knock(meeting), {"name": "Host", "host_token": meeting.made["host_token"]}):
            assert await mia.refused("join", **fields) == "conflict"
        assert await mia.refused("resume", session=mia.session, epoch=mia.epoch, after=0) == "conflict"
        await mia.settle()
        assert mia.view["me"]["role"] == "participant"


async def test_a_command_about_another_meeting_finds_nobody(server: Server) -> None:
    meeting, other = await server.meeting(**OPEN), await server.meeting(**OPEN)
    async with (
        together(other, "Noa") as (other_host, noa),
        together(meeting, "Mia", "Control") as (host, mia, control),
    ):
        before = [len(person.frames) for person in (other_host, noa, control)]
        for command in ("remove", "mute", "admit", "deny", "put_in_waiting_room", "make_cohost", "stop_share"):
            assert await host.refused(command, participant=noa.id) == "no_such_participant", command
        assert await host.refused("rename", participant=noa.id, name="x") == "no_such_participant"
        assert await mia.refused("chat", text="hello", to=noa.id) == "no_such_participant"
        assert await mia.refused("report", participants=[noa.id], issue="spam") == "no_such_participant"
        for person, start in zip((other_host, noa, control), before, strict=True):
            await person.settle()
            assert types(person.frames[start:]) == ["reply"]


async def test_a_session_or_a_token_of_another_meeting_is_refused_at_the_door(server: Server) -> None:
    meeting, other = await server.meeting(**OPEN), await server.meeting(**OPEN)
    async with together(other, "Noa") as (_, noa), together(meeting, "Mia"):
        async with meeting.connect() as client:
            again = {"session": noa.session, "epoch": noa.epoch, "after": 0}
            assert await client.refused("resume", **again) == "resume_lost"
            assert await client.closed() == (4002, [])
        async with meeting.connect() as client:
            token = other.made["host_token"]
            assert await client.refused("join", name="Eve", host_token=token) == "unauthorised"
            assert await client.closed() == (4503, [])
        await noa.settle()
        assert noa.place == "inside"


@pytest.mark.parametrize(
    ("command", "fields", "code"),
    [
        ("chat", {"text": "x" * 4_097}, "too_large"),
        ("chat", {"text": ""}, "malformed"),
        ("chat", {"text": " \n\t"}, "malformed"),
        ("waiting_room_chat", {"text": "x" * 4_097}, "too_large"),
        ("rename", {"name": "\u200b\u0000\u2028"}, "name_required"),
        ("rename", {"name": "x" * 65}, "name_refused"),
        ("react", {"kind": ""}, "malformed"),
        ("set_region_rule", {"mode": "approve", "countries": ["XX"]}, "invalid_rule"),
        ("set_region_rule", {"mode": "approve", "countries": []}, "invalid_rule"),
        ("chat", {"text": "x", "to": ""}, "no_such_participant"),
        ("remove", {"participant": ""}, "no_such_participant"),
        ("stop_share", {"participant": "p0"}, "no_such_participant"),
    ],
    ids=str,
)
async def test_a_value_that_is_too_much_or_too_little_is_refused_by_name(
    server: Server, command: str, fields: dict[str, Any], code: str
) -> None:
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Control") as (host, control):
        before = len(control.frames)
        assert await host.refused(command, **fields) == code
        await host.settle()
        await control.settle()
        assert types(control.frames[before:]) == ["reply"]


async def test_the_longest_text_and_the_largest_frame_pass(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Control") as (host, control):
        await host.ask("chat", text="\N{WATER WAVE}" * 4_096)
        assert len((await control.event("message"))["text"]) == 4_096
        frame = json.dumps({"type": "chat", "text": "padded", "ref": ""})
        await host.socket.send(frame.replace('""', '"' + "r" * (65_536 - len(frame)) + '"'))
        await control.event("message", text="padded")


async def test_a_frame_of_ten_megabytes_ends_its_own_socket_alone(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Control") as (host, mia, control):
        with contextlib.suppress(websockets.ConnectionClosed):
            await mia.socket.send(json.dumps({"type": "chat", "text": "x" * 10_000_000}))
        code, rest = await mia.closed()
        assert code == 4504
        assert [(frame["type"], frame["ref"], frame["error"]["code"]) for frame in rest] == [
            ("reply", None, "too_large")
        ]
        await host.event("reconnecting", participant=mia.id)
        await host.ask("chat", text="everybody else is fine")
        await control.event("message")
        async with meeting.connect() as back:
            await back.ask("resume", session=mia.session, epoch=mia.epoch, after=1)


async def test_bytes_that_are_no_text_end_their_own_socket_alone(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Control") as (host, control), bare(meeting) as raw:
        await raw.frame(Opcode.TEXT, b'{"type":"chat","text":"\xed\xa0\x80"}')
        assert await raw.close_code() == 1007
        await host.ask("chat", text="everybody else is fine")
        await control.event("message")


@asynccontextmanager
async def bare(meeting: Meeting) -> AsyncIterator[Raw]:
    """A socket of bare bytes that has said nothing yet."""
    url = httpx2.URL("http" + meeting.made["socket_url"].removeprefix("ws"))
    lines = [
        f"GET {url.path} HTTP/1.1",
        f"Host: {url.host}:{url.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version: 13",
        "",
        "",
    ]
    with socket.socket() as sock:
        sock.setblocking(False)
        raw = Raw(sock)
        await raw.loop.sock_connect(sock, (url.host, url.port))
        await raw.push("\r\n".join(lines).encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += await raw.take(1)
        yield raw


async def test_fifty_unreadable_frames_end_the_socket_inside_and_at_the_door(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Control") as (host, mia, control), meeting.connect() as stranger:
        for client in (mia, stranger):
            with contextlib.suppress(websockets.ConnectionClosed):
                for _ in range(50):
                    await client.socket.send("nonsense")
            code, rest = await client.closed()
            assert code == 4504
            assert [frame["error"]["code"] for frame in rest] == ["malformed"] * 50
        await host.ask("chat", text="everybody else is fine")
        await control.event("message")


# At the door.


@pytest.mark.parametrize(
    "raw", [*NOT_JSON.values(), *NO_OBJECT.values(), b"binary"], ids=[*NOT_JSON, *NO_OBJECT, "binary"]
)
async def test_an_unreadable_first_frame_leaves_another_try(server: Server, raw: str | bytes) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host(), meeting.connect() as client:
        error = await answered(client, raw)
        assert (error["code"], error["ref"]) == ("malformed", None)
        await client.ask("join", **knock(meeting))
        assert client.place == "inside"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": None},
        {"name": 5},
        {"passcode": 123456},
        {"device": ["x"]},
        {"device": ""},
        {"device": "x" * 129},
        {"country": "XX"},
        {"country": "br"},
        {"address": "nowhere"},
        {"address": "192.0.2.1:80"},
        {"country": "BR", "address": "192.0.2.1"},
        {"colour": "red"},
    ],
    ids=str,
)
async def test_a_malformed_join_leaves_another_try(server: Server, wrong: dict[str, Any]) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host(), meeting.connect() as client:
        assert await client.refused("join", **{**knock(meeting), **wrong}) == "malformed"
        await client.ask("join", **knock(meeting))
        assert client.place == "inside"


async def test_a_join_without_a_name_is_malformed_and_leaves_another_try(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host(), meeting.connect() as client:
        assert await client.refused("join", passcode=meeting.made["passcode"]) == "malformed"
        await client.ask("join", **knock(meeting))


async def test_a_frame_before_the_join_is_refused_and_does_nothing(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.connect() as client:
        last = (await meeting.journal())[-1]["seq"]
        for command, fields in (("chat", {"text": "hello"}), ("end", {}), ("leave", {}), ("suspend", {})):
            assert await client.refused(command, **fields) == "not_inside"
        await host.settle()
        assert (await meeting.journal())[-1]["seq"] == last
        await client.ask("join", **knock(meeting))
        assert client.place == "inside"


async def test_five_frames_before_the_join_are_enough(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.connect() as client:
        for _ in range(5):
            assert await client.refused("chat", text="hello") == "not_inside"
        assert await client.closed() == (4503, [])


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"session": "x", "epoch": "x"},
        {"session": 5, "epoch": "x", "after": 0},
        {"session": "x", "epoch": "x", "after": "0"},
        {"session": "x", "epoch": "x", "after": 0, "name": "Mia"},
    ],
    ids=str,
)
async def test_a_malformed_resume_leaves_another_try(server: Server, fields: dict[str, Any]) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host(), meeting.connect() as client:
        assert await client.refused("resume", **fields) == "malformed"
        await client.ask("join", **knock(meeting))


async def test_a_resume_from_the_future_or_before_the_beginning_gets_a_fresh_view(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia") as (_, mia):
        for after in (-1, 10**9, 2**62):
            async with meeting.connect() as back:
                await back.ask("resume", session=mia.session, epoch=mia.epoch, after=after)
                assert back.place == "inside"
