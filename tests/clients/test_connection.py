"""The socket's side of the SDK, against a server that follows a script."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed as SocketClosed
from websockets.exceptions import ConnectionClosedError
from websockets.http11 import Request, Response

from meetingsim.clients import (
    Closed,
    Connection,
    ConnectionClosed,
    LinkInvalid,
    LockedError,
    NotPermittedError,
    Reply,
    Unreachable,
    UpgradeRefused,
    WaitTimeout,
    connect,
)
from meetingsim.clients.words import Admit, Allow, Media
from meetingsim.state.settings import Activity

from .conftest import VIEW, Peer, Scripted

pytestmark = pytest.mark.anyio
SOON = 0.05


async def listen(peer: Peer) -> None:
    """A server that says nothing until the client goes."""
    await peer.socket.wait_closed()


# Commands and replies.


async def test_a_typed_command_becomes_its_frame(scripted: Scripted) -> None:
    asked = []

    async def script(peer: Peer) -> None:
        for _ in range(3):
            asked.append(await peer.ok())

    async with scripted(script) as url, connect(url) as conn:
        await conn.send(Allow(Activity.AUDIO, False, stop=True))
        await conn.allow("chat", "hosts", participant="p2")
        await conn.set_region_rule("deny", countries=["KP", "EU"])
    assert asked == [
        {"type": "allow", "ref": "1", "activity": "audio", "allowed": False, "stop": True},
        {"type": "allow", "ref": "2", "activity": "chat", "allowed": "hosts", "participant": "p2", "stop": False},
        {
            "type": "set_region_rule",
            "ref": "3",
            "mode": "deny",
            "countries": ["KP", "EU"],
            "unknown": "deny",
            "anonymous": "allow",
            "present": "keep",
        },
    ]


async def test_replies_find_their_commands_in_any_order(scripted: Scripted) -> None:
    async def script(peer: Peer) -> None:
        refs = {}
        for _ in range(2):
            frame = await peer.read()
            refs[frame["participant"]] = frame["ref"]
        await peer.send({"type": "reply", "ref": refs["p2"], "ok": True, "seq": 2})
        await peer.send({"type": "reply", "ref": refs["p1"], "ok": True, "seq": 1})

    async with scripted(script) as url, connect(url) as conn:
        first, second = await asyncio.gather(conn.admit("p1"), conn.admit("p2"))
    assert (first.seq, second.seq) == (1, 2)


async def test_a_refusal_is_raised_unless_it_was_asked_for(scripted: Scripted) -> None:
    async def script(peer: Peer) -> None:
        for _ in range(2):
            asked = await peer.read()
            error = {"code": "locked", "detail": "The meeting is locked.", "temporary": True, "door": "socket"}
            await peer.send({"type": "reply", "ref": asked["ref"], "ok": False, "error": error})

    async with scripted(script) as url, connect(url) as conn:
        with pytest.raises(LockedError, match="The meeting is locked") as raised:
            await conn.join("Mia", passcode="1")
        assert raised.value.temporary
        assert raised.value.because == {"door": "socket"}
        reply = await conn.ask("join", name="Mia", check=False)
    assert isinstance(reply, Reply)
    assert not reply.ok


async def test_a_reply_that_was_waited_for_is_taken_and_others_are_not(scripted: Scripted) -> None:
    async def script(peer: Peer) -> None:
        asked = await peer.read()
        await peer.send({"type": "reply", "ref": None, "ok": False, "error": {"code": "malformed"}})
        await peer.send({"type": "reply", "ref": asked["ref"], "ok": True})

    async with scripted(script) as url, connect(url) as conn:
        await conn.lock()
        assert [frame["ref"] for frame in conn.frames("reply", untaken=True)] == [None]
        assert [frame["ref"] for frame in conn.frames("reply")] == [None, "1"]


async def test_media_waits_for_no_reply_and_its_refusal_is_a_frame(scripted: Scripted) -> None:
    async def script(peer: Peer) -> None:
        for _ in range(2):
            asked = await peer.read()
        await peer.send({"type": "reply", "ref": asked["ref"], "ok": False, "error": {"code": "suspended"}})

    async with scripted(script) as url, connect(url) as conn:
        await conn.media("video", 1)
        ref = await conn.tell(Media("video", 2))
        refused = await conn.wait_for("reply", lambda reply: reply["ref"] == ref)
    assert refused["error"]["code"] == "suspended"


async def test_anything_can_be_sent(scripted: Scripted) -> None:
    heard: list[str | bytes] = []

    async def script(peer: Peer) -> None:
        for _ in range(3):
            heard.append(await peer.socket.recv())

    async with scripted(script) as url, connect(url) as conn:
        await conn.send_raw("nonsense")
        await conn.send_raw(b"\x00\x01")
        reply = asyncio.create_task(conn.ask("allow", activity="bogus", allowed="perhaps"))
        with pytest.raises(ConnectionClosed):
            await reply
    assert heard[:2] == ["nonsense", b"\x00\x01"]
    assert json.loads(heard[2]) == {"type": "allow", "ref": "1", "activity": "bogus", "allowed": "perhaps"}


async def test_no_reply_in_time_prints_what_was_sent_without_secrets(scripted: Scripted) -> None:
    async with scripted(listen) as url, connect(url, timeout=SOON) as conn:
        with pytest.raises(WaitTimeout, match=r"no reply to 'join' within 0\.05 s") as raised:
            await conn.join("Mia", passcode="hush-hush", host_token="hush-hush", ticket="hush-hush")
    assert "-> join" in str(raised.value)
    assert "hush-hush" not in str(raised.value)


async def test_a_late_reply_is_an_ordinary_frame(scripted: Scripted) -> None:
    go_on = asyncio.Event()

    async def script(peer: Peer) -> None:
        asked = await peer.read()
        await go_on.wait()
        await peer.send({"type": "reply", "ref": asked["ref"], "ok": True})

    async with scripted(script) as url, connect(url) as conn:
        with pytest.raises(WaitTimeout):
            await conn.send(Admit("p1"), timeout=SOON)
        go_on.set()
        assert (await conn.wait_for("reply"))["ref"] == "1"


# Joining, the picture.


async def test_a_join_takes_its_own_view_and_no_later_one(scripted: Scripted) -> None:
    async def script(peer: Peer) -> None:
        await peer.let_in()
        await peer.send(VIEW | {"seq": 5})
        await peer.ok()

    async with scripted(script) as url, connect(url) as conn:
        reply = await conn.join("Mia", passcode="1")
        assert reply.seq == 3
        assert (conn.participant, conn.place) == ("p1", "inside")
        await conn.lock()
        assert (await conn.wait_for("view")).seq == 5
        assert [view.seq for view in conn.frames("view")] == [3, 5]


async def test_before_any_view_there_is_no_place(scripted: Scripted) -> None:
    async with scripted(listen) as url, connect(url) as conn:
        assert (conn.view, conn.place) == ({}, None)
        with pytest.raises(KeyError):
            _ = conn.participant


async def test_the_picture_is_folded_before_a_frame_is_handed_out(scripted: Scripted) -> None:
    async def script(peer: Peer) -> None:
        await peer.let_in()
        await peer.send({"type": "locked", "seq": 4, "at": "…", "by": "p9"})

    locked = []
    async with (
        scripted(script) as url,
        connect(url, on_frame=lambda frame: locked.append((frame.type, conn.view["meeting"]["locked"]))) as conn,
    ):
        await conn.join("Mia")
        await conn.wait_for("locked")
        assert conn.view["meeting"]["locked"] is True
    assert locked == [("view", False), ("reply", False), ("locked", True)]


async def test_frames_and_picture_share_nothing(scripted: Scripted) -> None:
    async def script(peer: Peer) -> None:
        await peer.let_in()
        await peer.send({"type": "locked", "seq": 4, "at": "…", "by": "p9"})

    async with scripted(script) as url, connect(url) as conn:
        await conn.join("Mia")
        await conn.seen(lambda view: view["meeting"]["locked"])
        assert conn.frames("view")[0]["view"]["meeting"]["locked"] is False


async def test_seen_says_what_came_instead(scripted: Scripted) -> None:
    async def script(peer: Peer) -> None:
        await peer.let_in()
        await listen(peer)

    async with scripted(script) as url, connect(url) as conn:
        await conn.join("Mia")
        assert await conn.placed("inside") is conn.view
        with pytest.raises(WaitTimeout, match="<- view #3"):
            await conn.placed("waiting", timeout=SOON)


async def test_seen_ends_with_the_connection(scripted: Scripted) -> None:
    async def script(peer: Peer) -> None:
        await peer.let_in()
        await peer.heard()
        await peer.socket.close(4500, "removed")

    async with scripted(script) as url, connect(url) as conn:
        await conn.join("Mia")
        waiting = asyncio.create_task(conn.placed("waiting"))
        await conn.send_raw("go on")
        with pytest.raises(ConnectionClosed, match="removed"):
            await waiting
        with pytest.raises(ConnectionClosed, match="removed"):
            await conn.placed("waiting")


async def test_a_condition_that_fails_reaches_whoever_wrote_it(scripted: Scripted) -> None:
    async def script(peer: Peer) -> None:
        await peer.heard()
        await peer.send(VIEW)
        await listen(peer)

    async with scripted(script) as url, connect(url) as conn:
        waiting = asyncio.create_task(conn.seen(lambda view: view["nothing"]))
        await conn.send_raw("go on")
        with pytest.raises(KeyError, match="nothing"):
            await waiting
        assert conn.place == "inside"


async def test_caught_up_changes_nothing(scripted: Scripted) -> None:
    asked = []

    async def script(peer: Peer) -> None:
        await peer.let_in(view=VIEW["view"] | {"participants": [{"id": "p1", "name": "Mia", "hand": True}]})
        await peer.send({"type": "left", "seq": 4, "at": "…", "participant": "p2"})
        asked.append(await peer.ok())

    async with scripted(script) as url, connect(url) as conn:
        await conn.join("Mia")
        await conn.caught_up()
        assert [frame.seq for frame in conn.frames("left")] == [4]
    assert asked == [{"type": "raise_hand", "ref": "2", "up": True}]


async def test_what_is_no_json_object_is_kept_as_unreadable(scripted: Scripted) -> None:
    async def script(peer: Peer) -> None:
        await peer.send("nonsense", "[1]", {"type": "left", "seq": 1, "participant": "p"})
        await peer.socket.send(b"\xff")

    async with scripted(script) as url, connect(url) as conn:
        texts = [(await conn.wait_for("unreadable"))["text"] for _ in range(3)]
        assert texts == ["'nonsense'", "'[1]'", "b'\\xff'"]
        assert (await conn.wait_for("left")).seq == 1


async def test_following_takes_what_came_and_what_comes_until_the_end(scripted: Scripted) -> None:
    async def script(peer: Peer) -> None:
        await peer.let_in()
        await peer.send(*({"type": "left", "seq": n, "participant": "p"} for n in (4, 5, 6)))
        await peer.ok()
        await peer.send({"type": "left", "seq": 7, "participant": "p"}, {"type": "locked", "seq": 8, "by": "p9"})
        await peer.socket.close(4502)

    async with scripted(script) as url, connect(url) as conn:
        await conn.join("Mia")
        assert (await conn.wait_for("left")).seq == 4
        await conn.lock()
        assert [frame.seq async for frame in conn.follow("left", lambda frame: frame.seq != 6)] == [5, 7]
        assert [frame.seq async for frame in conn.follow()] == [6, 8]


# Ends.


@pytest.mark.parametrize(
    ("code", "meaning"), [(4500, "removed"), (4001, "too slow"), (4999, "because"), (1011, "the server broke")]
)
async def test_how_it_ended_and_what_that_means(scripted: Scripted, code: int, meaning: str) -> None:
    async def script(peer: Peer) -> None:
        await peer.send({"type": "left", "seq": 1})
        await peer.socket.close(code, "because")

    async with scripted(script) as url, connect(url) as conn:
        closed = await conn.closed()
        assert closed == Closed(code, "because")
        assert closed.meaning == meaning
        assert conn.frames("left")
        with pytest.raises(ConnectionClosed, match=f"{code} \\({meaning}\\) while sending"):
            await conn.lock()


async def test_a_command_whose_reply_cannot_come(scripted: Scripted) -> None:
    async def script(peer: Peer) -> None:
        await peer.read()
        await peer.socket.close(4500, "removed")

    async with scripted(script) as url, connect(url) as conn:
        with pytest.raises(ConnectionClosed, match=r"4500 \(removed\) while waiting for the reply to 'lock'"):
            await conn.lock()


async def test_closed_gives_up_on_an_open_socket(scripted: Scripted) -> None:
    async with scripted(listen) as url, connect(url) as conn:
        with pytest.raises(WaitTimeout, match="still open"):
            await conn.closed(timeout=SOON)


async def test_leaving_the_context_closes_politely_and_sends_no_leave(scripted: Scripted) -> None:
    ends: list[Closed] = []
    heard: list[str | bytes] = []

    async def script(peer: Peer) -> None:
        with pytest.raises(SocketClosed) as raised:
            heard.append(await peer.socket.recv())
        assert raised.value.rcvd is not None
        ends.append(Closed(raised.value.rcvd.code))

    async with scripted(script) as url, connect(url):
        pass
    assert (ends, heard) == ([Closed(1000)], [])


async def test_a_drop_is_no_close_frame(scripted: Scripted) -> None:
    async def script(peer: Peer) -> None:
        with pytest.raises(ConnectionClosedError) as raised:
            await peer.socket.recv()
        assert raised.value.rcvd is None

    async with scripted(script) as url, connect(url) as conn:
        await conn.drop()
        assert await conn.closed() == Closed(1006)


async def test_leave_returns_once_the_socket_is_closed(scripted: Scripted) -> None:
    async def script(peer: Peer) -> None:
        await peer.ok(seq=9)
        await peer.socket.close(1000, "left")

    async with scripted(script) as url, connect(url) as conn:
        assert (await conn.leave()).seq == 9
        assert conn.inbox.closed == Closed(1000, "left")
        assert conn.inbox.closed.meaning == "left"


async def test_reconnect_resumes_with_what_was_last_seen(scripted: Scripted) -> None:
    resumed = []

    async def first(peer: Peer) -> None:
        await peer.let_in()
        await peer.send({"type": "locked", "seq": 7, "at": "…", "by": "p9"})
        await listen(peer)

    async def second(peer: Peer) -> None:
        asked = await peer.read()
        resumed.append(asked)
        await peer.send({"type": "unlocked", "seq": 9, "at": "…", "by": "p9"})
        await peer.send({"type": "reply", "ref": asked["ref"], "ok": True, "seq": 10})
        await peer.heard()
        await peer.send({"type": "left", "seq": 11, "at": "…", "participant": "p9"})

    async with scripted(first, second) as url, connect(url) as conn:
        await conn.join("Mia")
        await conn.wait_for("locked")
        reply = await conn.reconnect(country="BR")
        assert reply.seq == 10
        assert conn.view["meeting"]["locked"] is False
        assert (await conn.wait_for("unlocked")).seq == 9
        waiting = asyncio.create_task(conn.wait_for("left"))
        await conn.send_raw("go on")
        assert (await waiting).seq == 11
        assert conn.mirror.faults == []
    assert resumed == [
        {"type": "resume", "ref": "2", "session": "session-secret", "epoch": "e1", "after": 7, "country": "BR"}
    ]


async def test_a_fresh_view_on_resume_is_taken_like_that_of_a_join(scripted: Scripted) -> None:
    async def first(peer: Peer) -> None:
        await peer.let_in()
        await listen(peer)

    async with scripted(first, Peer.let_in) as url, connect(url) as conn:
        await conn.join("Mia")
        await conn.reconnect()
        assert conn.frames("view", untaken=True) == []


async def test_without_a_session_there_is_nothing_to_resume(scripted: Scripted) -> None:
    async with scripted(listen) as url, connect(url) as conn:
        with pytest.raises(RuntimeError, match="nothing to resume"):
            await conn.reconnect()


async def test_a_client_that_hangs_takes_nothing_until_it_goes_on(scripted: Scripted) -> None:
    async def script(peer: Peer) -> None:
        await peer.heard()
        await peer.send(*({"type": "left", "seq": n, "participant": "p"} for n in range(100)))
        await peer.socket.close(4001)

    async with scripted(script) as url, connect(url) as conn:
        conn.stop_reading()
        await conn.send_raw("go on")
        with pytest.raises(WaitTimeout):
            await conn.wait_for("left", lambda frame: frame.seq == 50, timeout=SOON)
        conn.go_on_reading()
        assert (await conn.closed()).meaning == "too slow"
        assert len(conn.frames("left")) == 100


# Opening.


async def test_what_the_upgrade_carries(scripted: Scripted) -> None:
    requests: list[Headers] = []

    async def script(peer: Peer) -> None:
        assert peer.request is not None
        requests.append(peer.request.headers)

    async with scripted(script, script) as url:
        async with connect(url, token="hush", headers={"Origin": "https://evil.example"}) as conn:
            await conn.closed()
        async with connect(url, subprotocol=None) as conn:
            await conn.closed()
    first, second = requests
    assert first["Authorization"] == "Bearer hush"
    assert first["Origin"] == "https://evil.example"
    assert first["Sec-WebSocket-Protocol"] == "meetingsim.v1"
    assert "Sec-WebSocket-Extensions" not in first
    assert "Authorization" not in second
    assert "Sec-WebSocket-Protocol" not in second


async def test_a_refused_upgrade_is_a_refusal_where_it_says_so(scripted: Scripted) -> None:
    def answer(_: ServerConnection, request: Request) -> Response:
        if "problem" in request.path:
            body = {"status": 403, "code": "not_permitted", "detail": "Not from there."}
            return Response(HTTPStatus.FORBIDDEN, "Forbidden", Headers(), json.dumps(body).encode())
        return Response(HTTPStatus.BAD_GATEWAY, "Bad Gateway", Headers(), b"<h1>oh")

    async with scripted(answer=answer) as url:
        with pytest.raises(NotPermittedError, match="Not from there") as raised:
            await connect(url + "/problem").open()
        assert raised.value.status == 403
        with pytest.raises(UpgradeRefused, match="502 <h1>oh"):
            await connect(url).open()


async def test_nobody_there(unused_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"ws://127.0.0.1:{unused_port}/"
    with pytest.raises(Unreachable, match=url):
        await connect(url).open()


async def test_no_proxy_of_the_environment_is_used(
    scripted: Scripted, unused_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "ws_proxy", "all_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_port}")

    async with scripted(Peer.ok) as url, connect(url) as conn:
        assert (await conn.lock()).ok


async def test_somebody_there_who_speaks_something_else() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unreachable):
            await connect(f"ws://127.0.0.1:{port}/").open()


async def test_no_address_of_a_socket() -> None:
    with pytest.raises(LinkInvalid):
        await connect("http://127.0.0.1:1/").open()


async def test_a_connection_is_opened_once(scripted: Scripted) -> None:
    async with scripted(listen) as url, connect(url) as conn:
        with pytest.raises(RuntimeError, match="reconnect"):
            await conn.open()


async def test_nothing_can_be_sent_before_it_is_open() -> None:
    conn = Connection("ws://127.0.0.1:1/")
    with pytest.raises(RuntimeError, match="not open"):
        await conn.lock()
    await conn.close()
    await conn.drop()


async def test_what_a_listener_raises_is_not_swallowed(scripted: Scripted) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    async def script(peer: Peer) -> None:
        await peer.send({"type": "left", "seq": 1})
        await listen(peer)

    async with scripted(script) as url:
        conn = await connect(url, on_frame=broken).open()
        with pytest.raises(ZeroDivisionError):
            await conn.wait_closed()
        with pytest.raises(ZeroDivisionError):
            await conn.close()
