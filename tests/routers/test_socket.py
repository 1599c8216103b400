"""The socket: the upgrade, the first frame, what is answered and how, what each role sees, and how it ends."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
import websockets
from websockets import Subprotocol

from meetingsim.live.budgets import MALFORMED, MALFORMED_WINDOW_MS
from meetingsim.routers.socket import FIRST_FRAME_MS
from meetingsim.state.codes import CLOSES
from tests.hand_clock import HandClock
from tests.live.storms import here
from tests.wire import Client, Server, running

pytestmark = pytest.mark.anyio
OPEN: dict[str, Any] = {"waiting_room": {"enabled": False}}


async def told(client: Client, text: str | bytes) -> dict[str, Any]:
    """Sends a frame as it stands, and gives the reply to it."""
    await client.socket.send(text)
    return await client.until(lambda frame: frame["type"] == "reply")


# The upgrade.


@pytest.mark.parametrize(
    ("offered", "taken"),
    [
        (None, None),
        (["meetingsim.v1"], "meetingsim.v1"),
        (["chat", "meetingsim.v1"], "meetingsim.v1"),
        (["chat"], None),
    ],
)
async def test_the_subprotocol_is_taken_where_it_is_offered(
    server: Server, offered: list[str] | None, taken: str | None
) -> None:
    meeting = await server.meeting()
    names = [Subprotocol(name) for name in offered] if offered else None
    async with websockets.connect(meeting.made["socket_url"], subprotocols=names) as one:
        assert one.subprotocol == taken
        assert (await Client(one).ask("join", name="Mia", passcode=meeting.made["passcode"]))["ok"]


@pytest.mark.parametrize("id", ["99999999999", "nobody", "%F0%9F%91%8B"])
async def test_the_upgrade_succeeds_for_any_id_and_the_join_does_not(server: Server, id: str) -> None:
    meeting = await server.meeting()
    async with websockets.connect(meeting.made["socket_url"].replace(meeting.id, id)) as one:
        client = Client(one)
        assert await client.refused("join", name="Mia", passcode="123456") == "no_such_meeting"
        assert await client.closed() == (4503, [])


async def test_what_is_no_path_of_a_meeting_is_not_upgraded(server: Server) -> None:
    meeting = await server.meeting()
    with pytest.raises(websockets.InvalidStatus) as caught:
        await websockets.connect(meeting.made["socket_url"] + "/x")
    assert caught.value.response.status_code in {403, 404}


async def test_deflate_is_not_negotiated(server: Server) -> None:
    meeting = await server.meeting()
    async with websockets.connect(meeting.made["socket_url"], compression="deflate") as one:
        assert "Sec-WebSocket-Extensions" not in one.response.headers


# The first frame.


async def test_whoever_says_nothing_is_sent_away_after_a_minute() -> None:
    clock = HandClock()
    async with here(clock=clock) as server:
        meeting = await server.meeting()
        async with meeting.connect() as silent, meeting.connect() as wrong, meeting.guest("Mia") as mia:
            await clock.advance(FIRST_FRAME_MS - 1)
            assert await wrong.refused("join", name="Ben", passcode="wrong") == "wrong_passcode"
            await clock.advance(1)
            assert await silent.closed() == (4004, [])
            assert await wrong.closed() == (4004, [])
            assert await mia.refused("chat", text="still here") == "not_inside"


async def test_before_a_join_nothing_else_is_heard(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.connect() as eve:
        assert await eve.refused("chat", text="hello") == "not_inside"
        assert await eve.refused("leave") == "not_inside"
        assert await eve.refused("end") == "not_inside"
        await eve.ask("join", name="Eve", passcode=meeting.made["passcode"])
        assert eve.place == "early"


async def test_a_second_join_on_one_connection_is_a_conflict(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host:
        assert await host.refused("join", name="Me", passcode=meeting.made["passcode"]) == "conflict"
        assert await host.refused("resume", session=host.session, epoch=host.epoch, after=0) == "conflict"
        assert (await host.ask("lock"))["ok"]


async def test_a_device_is_made_up_where_none_is_shown_and_told_to_its_owner(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.connect() as mia, meeting.guest("Ben", device="mine") as ben:
        reply = await mia.ask("join", name="Mia", passcode=meeting.made["passcode"])
        assert reply["device"]
        assert "device" not in ben.frames[-1]
        await host.event("joined", participant=mia.id)
        assert reply["device"] not in json.dumps(host.frames)


# Replies.


async def test_a_reply_says_ref_ok_and_the_seq_of_what_it_caused(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host(device="mine") as host:
        view, reply = host.frames
        assert view["type"] == "view"
        assert reply == {"type": "reply", "ref": "r1", "ok": True, "seq": view["seq"]}
        locked = await host.ask("lock")
        assert locked == {"type": "reply", "ref": "r2", "ok": True, "seq": host.frames[-2]["seq"]}
        assert await host.ask("lock") == {"type": "reply", "ref": "r3", "ok": True}
        refused = await host.reply(await host.send("mute", participant="p1"))
        assert set(refused) == {"type", "ref", "ok", "error"}
        assert set(refused["error"]) >= {"code", "detail", "temporary", "rule", "door"}
        assert refused["error"]["temporary"] is False


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ('{"type": "lock"}', None),
        ('{"type": "lock", "ref": null}', None),
        ('{"type": "lock", "ref": ""}', ""),
        ('{"type": "lock", "ref": "\\u00e9\\ud83d\\udc4b"}', "é👋"),
    ],
)
async def test_a_ref_comes_back_as_it_was(server: Server, text: str, ref: str | None) -> None:
    meeting = await server.meeting()
    async with meeting.host() as host:
        reply = await told(host, text)
        assert (reply["ok"], reply["ref"]) == (True, ref)


@pytest.mark.parametrize(
    ("frame", "ref"),
    [
        ("", None),
        ("hello", None),
        ("[]", None),
        ("null", None),
        ('{"type": "lock"', None),
        ("{}", None),
        ('{"ref": "1"}', "1"),
        ('{"type": "teleport", "ref": "1"}', "1"),
        ('{"type": ["lock"], "ref": "1"}', "1"),
        ('{"type": "drop", "ref": "1"}', "1"),
        ('{"type": "time_passed", "ref": "1"}', "1"),
        ('{"type": "create", "ref": "1"}', "1"),
        ('{"type": "lock", "ref": 1}', None),
        ('{"type": "lock", "ref": "1", "colour": "red"}', "1"),
        ('{"type": "chat", "ref": "1"}', "1"),
        ('{"type": "chat", "ref": "1", "text": 7}', "1"),
        ('{"type": "set_audio", "ref": "1", "on": 1}', "1"),
        ('{"type": "chat", "ref": "1", "text": "\\ud800"}', None),
        (b'{"type": "lock", "ref": "1"}', None),
        ("[" * 5_000, None),
        ('{"type": "media", "ref": "1", "kind": "audio", "n": 99999999999999999999999}', "1"),
    ],
)
async def test_what_cannot_be_read_is_answered_and_the_socket_stays(
    server: Server, frame: str | bytes, ref: str | None
) -> None:
    meeting = await server.meeting()
    async with meeting.host() as host:
        reply = await told(host, frame)
        assert (reply["ok"], reply["error"]["code"], reply["ref"]) == (False, "malformed", ref)
        assert (await host.ask("lock"))["ok"]


async def test_media_is_answered_only_where_it_is_refused(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia:
        refused = await mia.reply(await mia.send("media", kind="audio", n=1))
        assert refused["error"]["code"] == "not_permitted"
        await mia.ask("set_audio", on=True)
        start = len(mia.frames)
        await mia.send("media", kind="audio", n=2)
        await mia.settle()
        assert [frame["type"] for frame in mia.frames[start:]] == ["reply"]
        heard = await host.until(lambda frame: frame["type"] == "media")
        assert heard == {"type": "media", "from": mia.id, "kind": "audio", "n": 2}


async def test_a_text_that_is_too_long_is_refused_and_one_that_is_not_is_whole(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host:
        assert await host.refused("chat", text="👋" * 4097) == "too_large"
        assert (await host.ask("chat", text="👋" * 4096))["ok"]
        assert host.frames[-2]["text"] == "👋" * 4096


# What each role sees.


async def test_somebody_waiting_sees_their_own_part_alone(server: Server) -> None:
    meeting = await server.meeting(waiting_room={"title": "Hello", "description": "Soon", "show_topic": True})
    async with meeting.host(), meeting.guest("Ben"), meeting.guest("Mia") as mia:
        view = mia.frames[0]
        assert set(view) == {"type", "seq", "epoch", "session", "view"}
        assert set(view["view"]) == {"me", "meeting", "waiting_messages"}
        assert view["view"]["meeting"] == {
            "id": meeting.id,
            "status": "started",
            "waiting_room": {"title": "Hello", "description": "Soon", "topic": "Class 6"},
        }
        me = view["view"]["me"]
        assert (me["name"], me["role"], me["place"], me["position"]) == ("Mia", "participant", "waiting", 2)
        assert me["allowed"]["audio"] is False
        assert "Ben" not in json.dumps(mia.frames)


async def test_a_participant_sees_everybody_and_nothing_of_the_hosts(server: Server) -> None:
    meeting = await server.meeting(region={"mode": "deny", "countries": ["BR"], "unknown": "allow"})
    async with meeting.host(country="DE") as host, meeting.guest("Mia", country="FR") as mia, meeting.guest("Ben"):
        await host.ask("admit", participant=mia.id)
        await mia.placed("inside")
        assert set(mia.view) == {"me", "meeting", "participants", "waiting", "messages", "waiting_messages"}
        assert [row["name"] for row in mia.view["participants"]] == ["Host", "Mia"]
        assert all("country" not in row for row in mia.view["participants"])
        assert (mia.view["waiting"], mia.view["waiting_messages"]) == ([], [])
        assert "settings" not in mia.view["meeting"]
        assert set(mia.view["meeting"]) >= {
            "id",
            "topic",
            "kind",
            "status",
            "locked",
            "suspended",
            "waiting_room",
            "allow",
        }
        row = mia.view["participants"][1]
        assert set(row) >= {"id", "name", "role", "place", "audio", "video", "share", "recording", "hand"}
        text = json.dumps(mia.view)
        for secret in (meeting.made["passcode"], "BR", "127.0.0.1", "device of"):
            assert secret not in text


async def test_hosts_see_countries_the_queue_and_the_settings(server: Server) -> None:
    meeting = await server.meeting()
    async with meeting.host(country="DE") as host, meeting.guest("Mia", country="FR") as mia:
        await host.ask("admit", participant=mia.id)
        async with meeting.guest("Ben", country="BR") as ben:
            await ben.ask("waiting_room_chat", text="please")
            await host.ask("make_cohost", participant=mia.id)
            await mia.until(lambda frame: frame["type"] == "view" and frame["view"]["me"]["role"] == "cohost")
            async with meeting.host(country="DE") as again:
                for view in (mia.view, again.view):
                    people = [(row["name"], row["role"], row["country"]) for row in view["participants"]]
                    assert people == [("Host", "host", "DE"), ("Mia", "cohost", "FR")]
                    waiting = [(row["name"], row["country"], row["why"]) for row in view["waiting"]]
                    assert waiting == [("Ben", "BR", "waiting_room")]
                    assert [line["text"] for line in view["waiting_messages"]] == ["please"]
                    assert view["meeting"]["settings"]["passcode"] == meeting.made["passcode"]
                    assert "127.0.0.1" not in json.dumps(view)


async def test_a_session_is_told_to_its_owner_alone(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia:
        await host.settle()
        assert mia.session
        assert mia.session != host.session
        assert mia.session not in json.dumps(host.frames)
        assert mia.epoch == host.epoch


# The end.


async def test_after_leave_the_socket_closes_with_1000_after_the_reply(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host(), meeting.guest("Mia") as mia:
        ref = await mia.send("leave")
        code, frames = await mia.closed()
        assert code == 1000
        assert [(frame["type"], frame.get("ref")) for frame in frames if frame["type"] == "reply"] == [("reply", ref)]


async def test_the_removed_get_nothing_more(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia:
        await host.ask("remove", participant=mia.id)
        code, frames = await mia.closed()
        assert (code, [frame["type"] for frame in frames]) == (4500, [])
        assert mia.socket.close_reason == CLOSES[4500]


async def test_the_end_of_the_meeting_is_told_to_those_inside_and_closes_for_all(server: Server) -> None:
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Ben") as ben, meeting.guest("Mia") as mia:
        await host.ask("admit", participant=ben.id)
        await ben.placed("inside")
        await host.settle()
        ref = await host.send("end")
        code, frames = await host.closed()
        assert (code, [frame["type"] for frame in frames]) == (4502, ["ended", "reply"])
        assert frames[1] == {"type": "reply", "ref": ref, "ok": True, "seq": frames[0]["seq"]}
        code, frames = await ben.closed()
        assert (code, frames[-1]["type"]) == (4502, "ended")
        code, frames = await mia.closed()
        assert (code, {frame["type"] for frame in frames} - {"view"}) == (4502, set())
        async with meeting.connect() as late:
            assert await late.refused("join", name="Ben", passcode=meeting.made["passcode"]) == "ended"
            assert (await late.closed())[0] == 4503


async def test_fifty_malformed_frames_in_ten_seconds_are_abuse() -> None:
    clock = HandClock()
    async with here(clock=clock) as server:
        meeting = await server.meeting(**OPEN)
        async with meeting.host() as host, meeting.guest("Mia") as mia:
            for _ in range(MALFORMED - 1):
                assert (await told(mia, "x"))["error"]["code"] == "malformed"
            await clock.advance(MALFORMED_WINDOW_MS)
            for _ in range(MALFORMED - 1):
                assert (await told(mia, "x"))["error"]["code"] == "malformed"
            assert (await told(mia, "x"))["error"]["code"] == "malformed"
            assert (await mia.closed())[0] == 4504
            # It is a drop like any other.
            await host.event("reconnecting", participant=mia.id)


@pytest.mark.parametrize("size", [64 * 1024, 64 * 1024 + 1, 300_000])
async def test_a_frame_has_a_size(server: Server, size: int) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia:
        head = '{"type": "raise_hand", "up": true, "ref": "'
        frame = head + "x" * (size - len(head) - 2) + '"}'
        assert len(frame) == size
        reply = await told(mia, frame)
        if size > 64 * 1024:
            assert (reply["error"]["code"], reply["ref"]) == ("too_large", None)
            assert (await mia.closed())[0] == 4504
            await host.event("reconnecting", participant=mia.id)
        else:
            assert reply["ok"]


async def test_a_server_that_stops_closes_everybody_with_4000() -> None:
    with ExitStack() as stack:
        server = stack.enter_context(running(limits="off"))
        meeting = await server.meeting()
        async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.connect() as door:
            stopping = asyncio.create_task(asyncio.to_thread(stack.close))
            for client in (host, mia, door):
                code, frames = await client.closed()
                assert (code, [frame["type"] for frame in frames if frame["type"] == "reply"]) == (4000, [])
            await stopping


async def test_somebody_who_does_not_read_is_dropped_and_nobody_waits_for_them(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    text, sent = "👋" * 4096, 0
    address = urlsplit(server.url)
    with socket.socket() as small:
        small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        small.setblocking(False)
        await asyncio.get_running_loop().sock_connect(small, (address.hostname, address.port))
        async with (
            meeting.host() as host,
            meeting.guest("Ben") as ben,
            websockets.connect(meeting.made["socket_url"], sock=small, compression=None) as connection,
        ):
            mia = Client(connection)
            await mia.ask("join", name="Mia", passcode=meeting.made["passcode"])
            connection.transport.pause_reading()
            while not any(frame["type"] == "reconnecting" for frame in host.frames):
                assert sent < 2_000, "nobody was ever dropped"
                refs = [await host.send("chat", text=text) for _ in range(20)]
                await host.reply(refs[-1])
                sent += 20
            await ben.settle()
            assert [frame["text"] for frame in ben.frames if frame["type"] == "message"] == [text] * sent
            assert [frame["participant"] for frame in ben.frames if frame["type"] == "reconnecting"] == [mia.id]
