"""Every frame that people of a meeting were sent, kept for whoever tests what they saw."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from meetingsim.clients.redaction import redacted
from meetingsim.clock import Clock
from meetingsim.live.connections import Connection
from meetingsim.live.outbox import Frame, FrameSink
from meetingsim.state.plain import instant

MOST_FRAMES = 50_000
"""How many frames of one meeting are kept; then the oldest go."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A frame, or the close, in its place among all that went out in the meeting."""

    n: int
    at: int
    connection: Connection
    payload: bytes | None
    close: tuple[int, str] | None = None


class Recording:
    """What went out in one meeting."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sent: deque[Sent] = deque(maxlen=MOST_FRAMES)
        self._count = 0

    def add(self, connection: Connection, payload: bytes | None, close: tuple[int, str] | None = None) -> None:
        """One more."""
        self._count += 1
        self._sent.append(Sent(self._count, self._clock.now(), connection, payload, close))

    def frames(self, participant: str, after: int, limit: int) -> list[dict[str, Any]]:
        """What this person was sent over all their connections, in order, each with its number; no secret is in it."""
        return [_shown(sent) for _, sent in zip(range(limit), self._of(participant, after), strict=False)]

    def _of(self, participant: str, after: int) -> Iterator[Sent]:
        return (one for one in self._sent if one.n > after and one.connection.participant == participant)


class Recordings:
    """Recordings by meeting."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._recordings: dict[str, Recording] = {}

    def of(self, meeting: str) -> Recording:
        """The one of this meeting, begun where there is none."""
        return self._recordings.setdefault(meeting, Recording(self._clock))

    def forget(self, meeting: str) -> None:
        """Drops what was kept of a meeting."""
        self._recordings.pop(meeting, None)


class RecordedSink(FrameSink):
    """Keeps what goes out, and hands it on where somebody is there to take it; nobody is behind a person the server holds."""

    connection: Connection
    on_close: Callable[[], object] | None = None

    def __init__(self, recording: Recording, to: FrameSink | None = None) -> None:
        self._recording = recording
        self._to = to

    def send(self, *frames: Frame) -> int:
        for frame in frames:
            self._recording.add(self.connection, frame.payload)
        return self._to.send(*frames) if self._to else 0

    def drop(self) -> None:
        if self._to:
            self._to.drop()

    def close(self, code: int, reason: str, patience: float) -> asyncio.Task[None] | None:
        self._recording.add(self.connection, None, (code, reason))
        if self.on_close:
            asyncio.get_running_loop().call_soon(self.on_close)
        return self._to.close(code, reason, patience) if self._to else None


def _shown(sent: Sent) -> dict[str, Any]:
    shown: dict[str, Any] = {"n": sent.n, "at": instant(sent.at)}
    if sent.payload is not None:
        return {**shown, "frame": redacted(orjson.loads(sent.payload))}
    code, reason = sent.close or (1006, "")
    return {**shown, "close": {"code": code, "reason": reason}}
