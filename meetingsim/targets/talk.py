"""The talk with an adapter: commands with a number each, answers matched to them, facts in between.

started --first line--> talking --rubbish, silence, its end--> failed: every later call says why
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from meetingsim.clients.redaction import line_of
from meetingsim.scenarios.target import TargetFailed
from meetingsim.targets.opening import Failure
from meetingsim.targets.pipe import Pipe, Rubbish
from meetingsim.targets.saying import Hello, hello_of, require_answer

BEGINS_WITHIN: Final = 20.0
ANSWERS_WITHIN: Final = 10.0
"""Seconds that an adapter has for its first line, and for every answer."""
Answer = Mapping[str, Any]


class Talk:
    """One running adapter. ``happened`` is handed the facts; it and whoever takes an answer raise Rubbish for bad ones."""

    def __init__(self, command: str, happened: Callable[[dict[str, Any]], None]) -> None:
        self.failure = Failure()
        self.now: Callable[[], int] | None = None
        """What time every command says, in ms since the Unix epoch, to a product that is told the time."""
        self._command = command
        self._happened = happened
        self._pipe: Pipe | None = None
        self._hello: asyncio.Future[Hello]
        self._asked = 0
        self._open: dict[int, Callable[[Answer], None]] = {}
        self._awaited: set[asyncio.Future[Answer]] = set()

    @property
    def idle(self) -> bool:
        """Whether everything is answered."""
        return not self._open

    async def start(self) -> Hello:
        """Starts the adapter and reads its first line. Raises TargetFailed."""
        self._hello = asyncio.get_running_loop().create_future()
        self._pipe = await Pipe.start(self._command, self._take, self.fail)
        try:
            return await asyncio.wait_for(self._hello, BEGINS_WITHIN)
        except TimeoutError:
            raise TargetFailed(f"The adapter did not say within {BEGINS_WITHIN:g} s what it can.") from None

    async def close(self) -> None:
        """Ends the adapter."""
        if self._pipe is not None:
            await self._pipe.close()

    def ask(
        self, do: str, said: Mapping[str, Any], then: Callable[[Answer], None], within: float | None = None
    ) -> None:
        """Writes a command; its answer is handed to ``then``. Raises TargetFailed where the talk is over."""
        self.failure.check()
        assert self._pipe is not None
        self._asked += 1
        line = {"n": self._asked, "do": do, **said, **({"now": self.now()} if self.now else {})}
        self._open[self._asked] = then
        self._pipe.write(line)
        limit = within or ANSWERS_WITHIN
        asyncio.get_running_loop().call_later(limit, self._miss, self._asked, limit, line)

    async def call(self, do: str, said: Mapping[str, Any], within: float | None = None) -> Answer:
        """Writes a command and waits for its answer. Raises TargetFailed."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def take(said: Answer) -> None:
            if not answer.done():
                answer.set_result(said)

        self.ask(do, said, take, within)
        self._awaited.add(answer)
        try:
            return await answer
        finally:
            self._awaited.discard(answer)

    def fail(self, said: str) -> None:
        """The talk is over; whoever waits is told why."""
        self.failure.note(said)
        self._open.clear()
        waiting: list[asyncio.Future[Any]] = [self._hello, *self._awaited]
        for one in waiting:
            if not one.done():
                one.set_exception(TargetFailed(said))

    def _miss(self, n: int, limit: float, line: Mapping[str, Any]) -> None:
        if n in self._open:
            self.fail(f"The adapter did not answer within {limit:g} s: {line_of({'type': line['do'], **line})}")

    def _take(self, said: dict[str, Any]) -> None:
        if not self._hello.done():
            self._hello.set_result(hello_of(said))
        elif "fact" in said:
            self._happened(said)
        elif "n" in said:
            self._answered(said)
        else:
            raise Rubbish("what is neither an answer (n) nor a fact")

    def _answered(self, said: Answer) -> None:
        then = self._open.pop(said["n"], None) if isinstance(said["n"], int) else None
        if then is None:
            raise Rubbish("an answer to nothing that is open")
        require_answer(said)
        then(said)
