"""Hands the frames of a server on in the journal's order: none is told before the event whose seq it has.

frame of seq 7 --> journal is at 7 or beyond? -- yes --> told
                                              \\_ no --> held, with all that follows on its line, until the journal is there
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from meetingsim.scenarios.target import Listener

LATE: Final = 5.0
"""Seconds after which an event is missed whose frame is there already."""
SOON: Final = 0.1
"""Seconds in which an event is read that was stored before now."""
_REMEMBERED: Final = 256


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    """A frame, or with ``code`` the end of a line, and the seq that it must not come before."""

    seq: int
    payload: bytes = b""
    code: int | None = None
    reason: str = ""


class Holding:
    """What came over the lines and what came of the journal, told to one listener in an order that fits both."""

    def __init__(self, listener: Listener, fail: Callable[[str], None]) -> None:
        self.reached = 0
        """The seq that the journal was told up to."""
        self.moved_at = 0.0
        """When something was last told, by the loop's time."""
        self.losing = False
        """Set while the server is down: frames whose events were not read in time were lost on the wire with it."""
        self._listener = listener
        self._fail = fail
        self._held: dict[int, deque[_Told]] = {}
        self._same: dict[bytes, bytes] = {}

    @property
    def empty(self) -> bool:
        """Whether nothing is held back."""
        return not self._held

    def came(self, line: int, payload: bytes, frame: Mapping[str, Any]) -> None:
        """A frame, and what it says. Of equal ones the listener gets the same object."""
        if len(self._same) >= _REMEMBERED:
            self._same.clear()
        payload = self._same.setdefault(payload, payload)
        seq = frame.get("seq")
        self._put(line, _Told(seq if isinstance(seq, int) else 0, payload))

    def closed(self, line: int, code: int, reason: str) -> None:
        """A line is over, after all that is held back of it."""
        self._put(line, _Told(0, code=code, reason=reason))

    def closed_there(self, line: int, code: int, reason: str) -> None:
        """The other side ended a line. Why is stored, and perhaps not read yet: the next event goes first if it comes soon."""
        if self.losing:
            self.closed(line, code, reason)
            return
        told = _Told(self.reached + 1, code=code, reason=reason)
        self._held.setdefault(line, deque()).append(told)
        asyncio.get_running_loop().call_later(SOON, self._wait_no_more, line, told)

    def _wait_no_more(self, line: int, told: _Told) -> None:
        held = self._held.get(line)
        if held and held[-1] is told:
            held[-1] = replace(told, seq=0)
            self._release()

    def forget(self, line: int) -> None:
        """Nobody is at the end of this line any more."""
        self._held.pop(line, None)

    def happened(self, event: Mapping[str, Any]) -> None:
        """Tells an event, and after it the frames that waited for it."""
        self.reached = max(self.reached, event["seq"])
        self._moved()
        self._listener.happened(event)
        self._release()

    def lose(self) -> None:
        """The server is gone: no event comes for what is held, and the lines end now."""
        self.losing = True
        for line, held in list(self._held.items()):
            del self._held[line]
            for told in held:
                if told.code is not None:
                    self._tell(line, told)

    def _put(self, line: int, told: _Told) -> None:
        held = self._held.get(line)
        if held is None and told.seq <= self.reached:
            self._tell(line, told)
        elif not self.losing:
            self._held.setdefault(line, deque()).append(told)
            asyncio.get_running_loop().call_later(LATE, self._miss, line, told)

    def _release(self) -> None:
        for line in list(self._held):
            # Whoever is told may cut the line, which forgets what is held of it.
            while (held := self._held.get(line)) and held[0].seq <= self.reached:
                told = held.popleft()
                if not held:
                    del self._held[line]
                self._tell(line, told)

    def _tell(self, line: int, told: _Told) -> None:
        self._moved()
        if told.code is None:
            self._listener.came(line, told.payload)
        else:
            self._listener.closed(line, told.code, told.reason)

    def _moved(self) -> None:
        self.moved_at = asyncio.get_running_loop().time()

    def _miss(self, line: int, told: _Told) -> None:
        if told.seq > self.reached and told in self._held.get(line, ()):
            said = (
                f"A client was told of event {told.seq}, and {LATE:g} s later the journal still ends at {self.reached}."
            )
            self._fail(said)


def read(payload: bytes) -> Mapping[str, Any]:
    """What a frame says; nothing where it is no JSON object: whoever is told judges that."""
    try:
        said = orjson.loads(payload)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
