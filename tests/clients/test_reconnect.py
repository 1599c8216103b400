"""Coming back by itself, against a server that follows a script: when, how often, and with what."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Awaitable, Callable
from hashlib import sha1
from random import Random
from typing import Any

import pytest

from meetingsim.clients import (
    CameBack,
    Closed,
    ConnectionClosed,
    Reconnect,
    ResumeLostError,
    connect,
)
from meetingsim.clients.reconnect import Comeback

from .conftest import VIEW, Naps, Peer, Scripted, seqs

pytestmark = pytest.mark.anyio


async def gone(peer: Peer) -> None:
    """Lets in, and waits until the client is gone."""
    await peer.let_in()
    await peer.socket.wait_closed()


async def resumed(peer: Peer) -> None:
    """Answers a resume with nothing missed, and waits until the client is gone."""
    await peer.ok()
    await peer.socket.wait_closed()


def closing(code: int) -> Callable[[Peer], Awaitable[None]]:
    """Lets in, and closes with a code."""

    async def script(peer: Peer) -> None:
        await peer.let_in()
        await peer.socket.close(code)

    return script


# The waits.


def test_waits_are_drawn_from_the_seed_alone() -> None:
    policy = Reconnect(attempts=5, base=0.5, cap=3.0, seed=7)
    chance = Random(7)
    comeback = Comeback(policy)
    assert list(comeback.waits()) == [chance.uniform(0, top) for top in (0.5, 1.0, 2.0, 3.0, 3.0)]
    assert list(comeback.waits()) == [chance.uniform(0, top) for top in (0.5, 1.0, 2.0, 3.0, 3.0)]
    assert list(Comeback(Reconnect(seed=8)).waits()) != list(Comeback(Reconnect(seed=7)).waits())


def test_very_many_tries_wait_no_longer_than_the_cap() -> None:
    waits = list(Comeback(Reconnect(attempts=3_000, cap=2.0, seed=1)).waits())
    assert len(waits) == 3_000
    assert max(waits) <= 2.0


# Which ends are worth coming back from.


@pytest.mark.parametrize("code", [4000, 4001, 4002, 4004, 1001, 1011, 1012, 1013])
async def test_a_temporary_end_is_resumed(scripted: Scripted, code: int) -> None:
    asked: list[Any] = []

    async def second(peer: Peer) -> None:
        asked.append(await peer.ok())
        await peer.socket.wait_closed()

    naps = Naps()
    async with scripted(closing(code), second) as url, connect(url, reconnect=Reconnect(sleep=naps)) as conn:
        await conn.join("Mia")
        note = await conn.wait_for(CameBack)
    assert note.event == CameBack("resumed", code, 1, 3)
    assert [(one["type"], one["session"], one["epoch"], one["after"]) for one in asked] == [
        ("resume", "session-secret", "e1", 3)
    ]
    assert len(naps.waits) == 1


@pytest.mark.parametrize("code", [1000, 4003, 4500, 4501, 4502, 4503, 4504])
async def test_a_final_end_is_the_end(scripted: Scripted, code: int) -> None:
    naps = Naps()
    async with scripted(closing(code)) as url, connect(url, reconnect=Reconnect(sleep=naps)) as conn:
        await conn.join("Mia")
        assert (await conn.closed()).code == code
    assert naps.waits == []


@pytest.mark.parametrize(
    ("code", "temporary"),
    [(1000, False), (1006, True), (4000, True), (4001, True), (4002, True), (4003, False), (4004, True)]
    + [(code, False) for code in (1002, 1009, 4500, 4501, 4502, 4503, 4504, 4999)],
)
def test_a_close_code_says_whether_coming_back_may_help(code: int, temporary: bool) -> None:
    assert Closed(code).temporary is temporary


async def test_without_a_policy_the_first_end_is_the_last(scripted: Scripted) -> None:
    async with scripted(closing(4000)) as url, connect(url) as conn:
        await conn.join("Mia")
        assert (await conn.closed()).code == 4000


async def test_who_was_never_let_in_has_nothing_to_come_back_to(scripted: Scripted) -> None:
    async def turn_away(peer: Peer) -> None:
        asked = await peer.read()
        await peer.send({"type": "reply", "ref": asked["ref"], "ok": False, "error": {"code": "locked"}})
        await peer.socket.close(4004)

    naps = Naps()
    async with scripted(turn_away) as url, connect(url, reconnect=Reconnect(sleep=naps)) as conn:
        assert not (await conn.ask("join", name="Mia", check=False)).ok
        assert (await conn.closed()).code == 4004
    assert naps.waits == []


async def test_it_gives_up_after_the_last_try_and_says_so(unused_port: int, scripted: Scripted) -> None:
    async def nobody_is_there() -> None:
        conn.socket_url = f"ws://127.0.0.1:{unused_port}/"

    naps = Naps(nobody_is_there)
    policy = Reconnect(attempts=3, seed=1, sleep=naps)
    async with scripted(closing(4000)) as url, connect(url, reconnect=policy) as conn:
        await conn.join("Mia")
        with pytest.raises(ConnectionClosed, match="shutting down") as raised:
            await conn.wait_for("never")
        assert raised.value.refusal is None
        with pytest.raises(ConnectionClosed):
            await conn.lock()
    assert naps.waits == list(Comeback(policy).waits())


async def test_a_network_that_falls_silent_is_noticed_by_pings() -> None:
    tries = 0

    async def silent_at_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal tries
        tries += 1
        request = await reader.readuntil(b"\r\n\r\n")
        key = next(line[19:] for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key: "))
        accept = b64encode(sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        for frame in (VIEW, {"type": "reply", "ref": str(tries), "ok": True}):
            text = json.dumps(frame).encode()
            writer.write(b"\x81\x7e" + len(text).to_bytes(2, "big") + text)
        if tries > 1:
            writer.write(b"\x88\x02" + (4500).to_bytes(2, "big"))
        else:
            await reader.read()  # and never an answer to a ping
        writer.close()

    server = await asyncio.start_server(silent_at_first, "127.0.0.1", 0)
    async with server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        policy = Reconnect(sleep=Naps(), ping_every=0.1)
        async with connect(url, subprotocol=None, reconnect=policy) as conn:
            await conn.join("Mia")
            note = await conn.wait_for(CameBack)
            assert (await conn.closed()).code == 4500
    assert (note.event.how, note.event.code) == ("fresh_view", 1006)


async def test_who_comes_back_by_hand_is_left_alone_when_it_fails(scripted: Scripted) -> None:
    async def lost(peer: Peer) -> None:
        said = await peer.read()
        await peer.send({"type": "reply", "ref": said["ref"], "ok": False, "error": {"code": "resume_lost"}})
        await peer.socket.close(4002)

    naps = Naps()
    async with scripted(gone, lost) as url, connect(url, reconnect=Reconnect(sleep=naps)) as conn:
        await conn.join("Mia")
        with pytest.raises(ResumeLostError):
            await conn.reconnect()
        assert (await conn.closed()).code == 4002
        assert conn.frames(CameBack) == []


async def test_a_final_code_in_the_middle_of_a_try_ends_it(scripted: Scripted) -> None:
    async def cut_off(peer: Peer) -> None:
        await peer.read()
        await peer.socket.close(4500)

    naps = Naps()
    async with scripted(gone, cut_off) as url, connect(url, reconnect=Reconnect(sleep=naps)) as conn:
        await conn.join("Mia")
        await conn.drop()
        assert (await conn.closed()).code == 4500
    assert len(naps.waits) == 1


async def test_close_ends_the_tries(scripted: Scripted) -> None:
    never = asyncio.Event()
    napping = asyncio.Event()

    async def sleep(_: float) -> None:
        napping.set()
        await never.wait()

    async with scripted(closing(4000)) as url, connect(url, reconnect=Reconnect(sleep=sleep)) as conn:
        await conn.join("Mia")
        await napping.wait()
        await conn.close()
        assert conn.inbox.closed == Closed(4000)


async def test_what_a_listener_raises_ends_it(scripted: Scripted) -> None:
    def broken(frame: Any) -> None:
        if frame.type == "left":
            raise ZeroDivisionError

    async def second(peer: Peer) -> None:
        await peer.heard()
        await peer.send({"type": "left", "seq": 4, "at": "…", "participant": "p2"})
        await peer.socket.wait_closed()

    policy = Reconnect(sleep=Naps())
    async with scripted(closing(4000), second) as url:
        conn = await connect(url, reconnect=policy, on_frame=broken).open()
        await conn.join("Mia")
        with pytest.raises(ZeroDivisionError):
            await conn.wait_closed()


# What others do meanwhile.


async def test_a_command_in_the_gap_waits_and_one_on_its_way_fails(scripted: Scripted) -> None:
    async def first(peer: Peer) -> None:
        await peer.let_in()
        await peer.heard()
        await peer.socket.close(4000)

    async def second(peer: Peer) -> None:
        await peer.ok()
        assert (await peer.ok())["type"] == "unlock"
        await peer.socket.wait_closed()

    meanwhile: list[asyncio.Task[Any]] = []
    asked = asyncio.Event()

    async def in_the_gap() -> None:
        asked.set()
        meanwhile.append(asyncio.create_task(conn.unlock()))
        meanwhile.append(asyncio.create_task(conn.wait_for(CameBack)))

    policy = Reconnect(sleep=Naps(in_the_gap))
    async with scripted(first, second) as url, connect(url, reconnect=policy) as conn:
        await conn.join("Mia")
        with pytest.raises(ConnectionClosed, match=r"4000 .* reply to 'lock'"):
            await conn.lock()
        await asked.wait()
        unlocked, note = await asyncio.gather(*meanwhile)
        assert unlocked.ok
        assert note.event.how == "resumed"


async def test_a_try_that_breaks_off_is_followed_by_the_next_and_repeats_nothing(scripted: Scripted) -> None:
    asked: list[Any] = []

    async def second(peer: Peer) -> None:
        asked.append(await peer.read())
        await peer.send({"type": "locked", "seq": 4, "at": "…", "by": "p9"})
        await peer.socket.close(1011)

    async def third(peer: Peer) -> None:
        asked.append(await peer.read())
        await peer.send({"type": "unlocked", "seq": 5, "at": "…", "by": "p9"})
        await peer.send({"type": "reply", "ref": asked[-1]["ref"], "ok": True})
        await peer.socket.wait_closed()

    policy = Reconnect(sleep=Naps())
    async with scripted(gone, second, third) as url, connect(url, reconnect=policy) as conn:
        await conn.join("Mia")
        await conn.drop()
        await conn.wait_for("unlocked")
        assert seqs(conn) == [4, 5]
        assert [note.event.attempts for note in conn.frames(CameBack)] == [1, 2]
        assert conn.mirror.faults == []
    assert [one["after"] for one in asked] == [3, 4]


async def test_by_hand_it_works_as_ever(scripted: Scripted) -> None:
    naps = Naps()
    async with scripted(gone, resumed) as url, connect(url, reconnect=Reconnect(sleep=naps)) as conn:
        await conn.join("Mia")
        assert (await conn.reconnect()).ok
        assert conn.frames(CameBack) == []
    assert naps.waits == []


async def test_the_device_that_the_server_made_up_is_shown_again(scripted: Scripted) -> None:
    asked: list[Any] = []

    async def first(peer: Peer) -> None:
        said = await peer.read()
        await peer.send(VIEW, {"type": "reply", "ref": said["ref"], "ok": True, "device": "made-up-1"})
        await peer.socket.close(4004)

    async def second(peer: Peer) -> None:
        said = await peer.read()
        await peer.send({"type": "reply", "ref": said["ref"], "ok": False, "error": {"code": "resume_lost"}})
        await peer.socket.close(4002)

    async def third(peer: Peer) -> None:
        asked.append(await peer.let_in())
        await peer.socket.wait_closed()

    policy = Reconnect(sleep=Naps())
    async with scripted(first, second, third) as url, connect(url, reconnect=policy) as conn:
        await conn.join("Mia", passcode="482")
        assert (await conn.wait_for(CameBack)).event.how == "joined_again"
        await conn.wait_for("view")
    assert {name: asked[0][name] for name in ("type", "name", "passcode", "device")} == {
        "type": "join",
        "name": "Mia",
        "passcode": "482",
        "device": "made-up-1",
    }
