"""What a connection waits for: replies by their ``ref``, and pictures by a condition."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from meetingsim.clients.errors import ConnectionClosed
from meetingsim.clients.frames import Reply
from meetingsim.state.meeting import View

Condition = Callable[[View], bool]
Ended = Callable[[str], ConnectionClosed]
"""Makes the exception that says how the connection ended, out of what that interrupted."""


@dataclass(slots=True, eq=False)
class Asked:
    """A command on its way, with what it said."""

    ref: str
    command: str
    fields: Mapping[str, Any]
    answer: asyncio.Future[Reply]


class Replies:
    """Commands that were sent and not answered yet."""

    __slots__ = ("_asked", "_refs")

    def __init__(self) -> None:
        self._refs = 0
        self._asked: dict[str, Asked] = {}

    def next_ref(self) -> str:
        """A ``ref`` that this connection has not used."""
        self._refs += 1
        return str(self._refs)

    def expect(self, command: str, fields: Mapping[str, Any]) -> Asked:
        """A command that is about to be sent. ``forget`` it, whatever becomes of it."""
        asked = Asked(self.next_ref(), command, fields, asyncio.get_running_loop().create_future())
        self._asked[asked.ref] = asked
        return asked

    def forget(self, asked: Asked) -> None:
        """Nobody waits for this reply any more."""
        del self._asked[asked.ref]
        if not asked.answer.cancel() and not asked.answer.cancelled():
            asked.answer.exception()  # where writing failed nobody else will ever look at it

    def to(self, reply: Reply) -> Asked | None:
        """Which command a reply answers; None for one that nobody waits for."""
        return self._asked.get(str(reply.get("ref")))

    def fail(self, ended: Ended) -> None:
        """No reply will come any more."""
        for asked in self._asked.values():
            if not asked.answer.done():
                asked.answer.set_exception(ended(f"waiting for the reply to {asked.command!r}"))


class Pictures:
    """Conditions that somebody waits for the picture to fulfil."""

    __slots__ = ("_waits",)

    def __init__(self) -> None:
        self._waits: list[tuple[Condition, asyncio.Future[None]]] = []

    async def wait(self, condition: Condition) -> None:
        """Returns once a picture fulfils it; raises what the condition raises."""
        entry = (condition, asyncio.get_running_loop().create_future())
        self._waits.append(entry)
        try:
            await entry[1]
        finally:
            self._waits.remove(entry)

    def look(self, view: View) -> None:
        """A picture that may fulfil some of them; an empty one fulfils none."""
        for condition, fulfilled in self._waits:
            try:
                if view and not fulfilled.done() and condition(view):
                    fulfilled.set_result(None)
            except Exception as error:
                fulfilled.set_exception(error)

    def fail(self, ended: Ended) -> None:
        """No picture will come any more."""
        for _, fulfilled in self._waits:
            if not fulfilled.done():
                fulfilled.set_exception(ended("waiting for the picture to change"))
