"""An event's bytes: made once, the same for everybody who is told; and what the other frames carry."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest

from meetingsim.live import publish
from meetingsim.live.frames import refusal_frame, reply_frame
from meetingsim.state.codes import REFUSALS
from meetingsim.state.control import Refusal
from tests.live.storms import here
from tests.wire import PATIENCE, Client, Server

OPEN: dict[str, Any] = {"waiting_room": {"enabled": False}}


async def raw_until(client: Client, type: str) -> str:
    """The text of the next frame of that type, as it came."""
    while True:
        text = await asyncio.wait_for(client.socket.recv(), PATIENCE)
        assert isinstance(text, str)
        if json.loads(text)["type"] == type:
            return text


@pytest.mark.anyio
async def test_an_event_is_byte_for_byte_the_same_for_everybody(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        await mia.settle()
        await ben.settle()
        await host.settle()
        await host.send("chat", text="grüße 👋 \u2028 </script>")
        heard = {await raw_until(client, "message") for client in (host, mia, ben)}
        assert len(heard) == 1
        assert json.loads(heard.pop())["text"] == "grüße 👋 \u2028 </script>"


@pytest.mark.anyio
async def test_an_event_is_encoded_once_for_a_whole_room(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    event_frame = publish.event_frame
    monkeypatch.setattr(publish, "event_frame", lambda row: made.append(row.seq) or event_frame(row))
    async with here() as server:
        meeting = await server.meeting(**OPEN)
        async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
            await ben.settle()
            made.clear()
            seq = (await host.ask("lock"))["seq"]
            for client in (mia, ben):
                await client.event("locked")
            assert made == [seq]
            # Those who are told apart from the rest share their frames, too: here the hosts, of a private line.
            await host.ask("make_cohost", participant=mia.id)
            await mia.until(lambda frame: frame["type"] == "view" and frame["view"]["me"]["role"] == "cohost")
            made.clear()
            seq = (await ben.ask("chat", text="help", to="hosts"))["seq"]
            for client in (host, mia):
                await client.event("message")
            assert made == [seq]


@pytest.mark.anyio
async def test_every_event_has_its_place_and_time(server: Server) -> None:
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Mia") as mia:
        await host.ask("admit", participant=mia.id)
        await host.ask("lock")
        await host.settle()
        events = [frame for frame in host.frames if frame["type"] not in {"view", "reply"}]
        assert [frame["type"] for frame in events] == ["joined_waiting_room", "origin_known", "admitted", "locked"]
        for event in events:
            assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["at"])
        seqs = [frame["seq"] for frame in events]
        assert seqs == list(range(seqs[0], seqs[0] + 4))


def test_a_reply_has_a_seq_only_where_there_was_an_event() -> None:
    assert json.loads(reply_frame(None, None, {}).payload) == {"type": "reply", "ref": None, "ok": True}
    assert json.loads(reply_frame("1", 13, {"device": "d"}).payload) == {
        "type": "reply",
        "ref": "1",
        "ok": True,
        "seq": 13,
        "device": "d",
    }


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_a_refusal_says_whether_trying_again_may_help(code: str) -> None:
    frame = json.loads(refusal_frame("1", Refusal(code, "Why.", {"rule": code, "door": "socket"})).payload)
    assert frame == {
        "type": "reply",
        "ref": "1",
        "ok": False,
        "error": {
            "code": code,
            "detail": "Why.",
            "temporary": code in {"rate_limited", "not_started", "locked", "full", "resume_lost", "unavailable"},
            "rule": code,
            "door": "socket",
        },
    }
