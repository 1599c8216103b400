"""People in the transcripts of a page: ``mia > {…}`` is what she sends, ``mia < {…}`` the next frame of that type she gets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import websockets

from tests.docs.likeness import Names
from tests.docs.shell import as_run
from tests.wire import Client, Frame

_LINE = re.compile(r"(?P<who>[a-z]+) (?P<way>[<>]) (?P<said>.*)", re.S)
_TYPE = re.compile(r'\{"type": "(\w+)"')


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a transcript."""

    who: str
    sends: bool
    said: str


def lines(transcript: str) -> Iterator[Line]:
    """The lines of a transcript; one that begins with a space goes on with the line before it."""
    for entry in re.split(r"\n(?!\s)", transcript.strip("\n")):
        found = _LINE.fullmatch(entry)
        assert found, f"a transcript's line is WHO > FRAME or WHO < FRAME, and not {entry!r}"
        yield Line(found["who"], found["way"] == ">", " ".join(found["said"].split()))


@dataclass
class Somebody:
    """One person's connection. ``shown`` is up to where the page has told it, ``own`` up to where they caused it themselves."""

    client: Client
    shown: int = 0
    own: int = 0
    reply: Frame | None = None
    reply_shown: bool = True

    async def send(self, text: str) -> None:
        """Sends a frame and reads up to its reply, so that what others do next comes after it; what came before it is past."""
        said = json.loads(text)
        if self.client.view:
            await self._mark()
        self.shown = len(self.client.frames)
        await self.client.socket.send(json.dumps(said))
        self.reply, self.reply_shown = None, True
        if said["type"] == "media":  # answered only when refused
            return
        try:
            self.reply = await self.client.until(
                lambda frame: frame["type"] == "reply" and frame["ref"] == said.get("ref")
            )
        except websockets.ConnectionClosed:
            return
        self.reply_shown = bool(self.reply["ok"])
        self.own = len(self.client.frames)

    async def next_of(self, type: str) -> Frame:
        """The reply to what they sent last; else the first frame of that type that was not shown yet."""
        if type == "reply" and self.reply is not None:
            self.reply_shown = True
            return self.reply
        while True:
            for at in range(self.shown, len(self.client.frames)):
                if self.client.frames[at]["type"] == type:
                    self.shown = at + 1
                    return self.client.frames[at]
            await self.client.receive()

    async def news(self) -> list[Frame]:
        """All that came since the page last told of it, and that they did not cause themselves."""
        start = max(self.shown, self.own)
        await self._mark()
        self.shown = len(self.client.frames)
        return [frame for frame in self.client.frames[start:] if frame.get("ref") != self._last_mark]

    async def _mark(self) -> None:
        """A refused command: once it is answered, everything is here that was sent before."""
        self._last_mark = await self.client.send("chat", text="mark", to="nobody-with-this-id")
        await self.client.reply(self._last_mark)

    _last_mark: str = ""


@dataclass
class People:
    """Everybody on a page by name; whoever speaks for the first time gets a connection."""

    names: Names
    stack: AsyncExitStack
    url: str
    present: dict[str, Somebody] = field(default_factory=dict)

    async def play(self, transcript: str) -> list[str]:
        """Plays a transcript; gives what did not go as it is shown."""
        wrong: list[str] = []
        for line in lines(transcript):
            if said := await (self._send(line) if line.sends else self._get(line)):
                wrong.append(f"{line.who} {'>' if line.sends else '<'} {line.said}\n      but: {said}")
        return wrong + [f"{who}: refused, and the page does not show it: {reply}" for who, reply in self._hidden()]

    async def settle(self) -> None:
        """Everybody has everything by now; from here on only what is new is shown."""
        for somebody in self.present.values():
            await somebody.news()

    async def _send(self, line: Line) -> str | None:
        """What others caused themselves is past once somebody speaks; what they were told by others is not."""
        somebody = self.present.get(line.who)
        if somebody is None or '"type": "join"' in line.said or '"type": "resume"' in line.said:
            somebody = await self._came(line.who, somebody)
        for other in self.present.values():
            other.shown = max(other.shown, other.own)
        wrong = "; ".join(str(reply) for _, reply in self._hidden())
        somebody.reply_shown = True
        await somebody.send(self.names.fill(line.said))
        if somebody.client.view:
            self.names.known[line.who] = somebody.client.id
        return f"before it somebody was refused: {wrong}" if wrong else None

    async def _came(self, who: str, before: Somebody | None) -> Somebody:
        """A connection of their own; whoever was not let in yet and may try again does so on the one they have."""
        if before and before.client.socket.close_code is None and not before.client.view:
            return before
        url = as_run(self.names.fill("<socket_url>"), self.url)
        socket = await self.stack.enter_async_context(websockets.connect(url, compression=None, max_queue=None))
        self.present[who] = Somebody(Client(socket))
        return self.present[who]

    async def _get(self, line: Line) -> str | None:
        somebody = self.present[line.who]
        if line.said == "nothing":
            missed = await somebody.news()
            return f"there was {missed}" if missed else None
        if line.said.startswith("closed "):
            code, _ = await somebody.client.closed()
            return None if line.said == f"closed {code}" else f"closed {code}"
        if line.said == "drops":
            somebody.client.socket.transport.abort()
            return None
        found = _TYPE.match(line.said)
        assert found, f"a frame begins with its type: {line.said}"
        try:
            frame = await somebody.next_of(found[1])
        except (TimeoutError, websockets.ConnectionClosed) as error:
            came = [json.dumps(one) for one in somebody.client.frames[somebody.shown :]]
            return f"it never came ({error!r}); there was: {came}"
        told = json.dumps(frame, ensure_ascii=False)
        return None if self.names.like(line.said, told) else self.names.told(told)

    def _hidden(self) -> list[tuple[str, Any]]:
        """Refusals that the page does not show."""
        return [(who, one.reply["error"]) for who, one in self.present.items() if one.reply and not one.reply_shown]
