"""Two people with wscat and nothing else: a whole meeting by frames typed at a terminal."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.wire import PATIENCE, Frame, Meeting, Server

HERE = Path(__file__).parent
WSCAT = HERE / "node_modules" / "wscat" / "bin" / "wscat"
NODE = shutil.which("node")
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not (NODE and WSCAT.exists()), reason="npm ci --prefix tests/foreign brings wscat"),
]
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Typist:
    """Somebody at a terminal with wscat."""

    def __init__(self, process: Process, screen: asyncio.StreamReader) -> None:
        self._process, self._screen = process, screen
        self.frames: list[Frame] = []

    async def types(self, line: str | Frame) -> None:
        """Types a line and sends it."""
        assert self._process.stdin is not None
        self._process.stdin.write((line if isinstance(line, str) else json.dumps(line)).encode() + b"\n")
        await self._process.stdin.drain()

    async def reads(self, wanted: Callable[[Frame], bool]) -> Frame:
        """The next frame like that which wscat shows."""
        while True:
            if found := re.search(r"< (\{.*\})", await self.line()):
                self.frames.append(json.loads(found[1]))
                if wanted(self.frames[-1]):
                    return self.frames[-1]

    async def event(self, kind: str) -> Frame:
        """The next frame of this type."""
        return await self.reads(lambda frame: frame["type"] == kind)

    async def asks(self, kind: str, **fields: Any) -> Frame:
        """Types a command and reads on to its reply."""
        await self.types({"type": kind, "ref": kind, **fields})
        return await self.reads(lambda frame: frame["type"] == "reply" and frame["ref"] == kind)

    async def closed(self) -> int:
        """The code that wscat says the connection was closed with."""
        while not (found := re.search(r"Disconnected \(code: (\d+)", await self.line())):
            pass
        return int(found[1])

    async def line(self) -> str:
        """The next line of the screen."""
        async with asyncio.timeout(PATIENCE):
            raw = await self._screen.readline()
        assert raw, f"wscat ended; it had shown {self.frames[-5:]}"
        return _ESCAPES.sub("", raw.decode()).strip()


@asynccontextmanager
async def wscat(meeting: Meeting) -> AsyncIterator[Typist]:
    """A terminal with wscat connected to the meeting; without a terminal it shows no close codes."""
    screen, terminal = os.openpty()
    command = [str(NODE), str(WSCAT), "--no-color", "-s", "meetingsim.v1", "-c", meeting.made["socket_url"]]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=terminal, stderr=terminal)
    os.close(terminal)
    reader = asyncio.StreamReader(limit=2**20)
    with os.fdopen(screen, "rb", 0) as file:
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), file
        )
        somebody = Typist(process, reader)
        try:
            while "Connected" not in await somebody.line():
                pass
            yield somebody
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
            transport.close()


async def test_a_whole_meeting_is_typed(server: Server) -> None:
    meeting = await server.meeting(waiting_room={"title": "Please wait"})
    async with wscat(meeting) as host, wscat(meeting) as mia:
        await host.asks("join", name="Prof. Ito", host_token=meeting.made["host_token"])
        await mia.types({"type": "join", "ref": "1", "name": "Mia", "passcode": meeting.made["passcode"]})
        waiting = await mia.event("view")
        assert waiting["view"]["me"]["place"] == "waiting"
        assert waiting["view"]["meeting"]["waiting_room"]["title"] == "Please wait"
        knocked = await host.event("joined_waiting_room")
        somebody = knocked["participant"]
        await host.asks("waiting_room_chat", text="One moment, please", to=somebody)
        assert (await mia.event("waiting_room_message"))["text"] == "One moment, please"
        assert (await host.asks("admit", participant=somebody))["ok"]
        inside = await mia.event("view")
        assert inside["view"]["me"]["place"] == "inside"
        assert [one["name"] for one in inside["view"]["participants"]] == ["Prof. Ito", "Mia"]
        assert (await mia.asks("set_audio", on=True))["ok"]
        await mia.types("this is no frame")
        assert (await mia.event("reply"))["error"]["code"] == "malformed"
        assert (await host.asks("suspend"))["ok"]
        assert (await mia.event("suspended"))["stopped"]
        assert (await mia.asks("chat", text="offensive-text-3"))["error"]["code"] == "suspended"
        assert (await host.asks("allow", activity="chat", allowed=True))["ok"]
        assert (await mia.asks("chat", text="sorry"))["ok"]
        assert (await host.event("message"))["text"] == "sorry"
        said = {"issue": "meeting_disruption"}
        assert (await host.asks("remove", participant=somebody, report=said))["report"]
        assert await mia.closed() == 4500
        async with wscat(meeting) as again:
            device = next(frame["device"] for frame in mia.frames if "device" in frame)
            wish = {"name": "Somebody else", "passcode": meeting.made["passcode"], "device": device}
            assert (await again.asks("join", **wish))["error"]["code"] == "removed"
            assert await again.closed() == 4503
        assert (await host.asks("end"))["ok"]
        assert await host.closed() == 4502
