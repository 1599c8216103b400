"""Somebody's picture of the meeting that is folded when somebody looks: of a crowd hardly anybody does."""

from __future__ import annotations

from typing import Any

import orjson

from meetingsim.clients.mirror import Mirror


class LateMirror:
    """A mirror, and the frames that came since it was last looked at.

    A frame is shared by all who got the same bytes: the mirror takes a copy, made from its ``payload``, or without one where
    it has nothing in it but plain values.
    """

    __slots__ = ("_frames", "_mirror")

    def __init__(self) -> None:
        self._mirror = Mirror()
        self._frames: list[tuple[dict[str, Any], bytes | None]] = []

    def take(self, frame: dict[str, Any], payload: bytes | None) -> None:
        """The next frame."""
        self._frames.append((frame, payload))

    def look(self) -> Mirror:
        """The mirror as of the last frame."""
        if self._frames:
            frames, self._frames = self._frames, []
            for frame, payload in frames:
                self._mirror.fold(frame.copy() if payload is None else orjson.loads(payload))
        return self._mirror
