"""One person's picture of the meeting, kept current by the same folds that the server checks itself with."""

from __future__ import annotations

from typing import Any

from meetingsim.state.controls import EVENTS
from meetingsim.state.engine import show
from meetingsim.state.meeting import View

_NO_EVENTS = frozenset({"view", "reply", "media", "unreadable"})


class Mirror:
    """Folds ``view`` frames and events into ``view``.

    What does not fit is noted in ``faults`` and never raised: an event before any view, a ``seq`` that did not grow, an
    event that the picture cannot take. A mirror without faults that differs from the server's view is the server's fault.
    """

    __slots__ = ("epoch", "faults", "seq", "session", "view")

    def __init__(self) -> None:
        self.view: View = {}
        self.seq = 0
        self.epoch: str | None = None
        self.session: str | None = None
        self.faults: list[str] = []

    def fold(self, frame: dict[str, Any]) -> None:
        """Takes the next frame into the picture. The frame belongs to the mirror from here on: hand in a copy.

        Events of a type that this SDK does not know move ``seq`` and leave the picture as it is.
        """
        kind = frame.get("type")
        if kind == "view":
            self._replace(frame)
        elif kind not in _NO_EVENTS and isinstance(frame.get("seq"), int):
            self._fold_event(frame)

    def _replace(self, frame: dict[str, Any]) -> None:
        if frame.get("epoch") in {None, self.epoch} and frame.get("seq", 0) < self.seq:
            self.faults.append(f"a view of seq {frame.get('seq')} came after seq {self.seq}")
        self.view = frame.get("view", {})
        self.seq = frame.get("seq", self.seq)
        self.epoch = frame.get("epoch", self.epoch)
        self.session = frame.get("session", self.session)

    def _fold_event(self, frame: dict[str, Any]) -> None:
        kind, seq = frame["type"], frame["seq"]
        if seq > self.seq:
            self.seq = seq
        else:
            self.faults.append(f"{kind} of seq {seq} came after seq {self.seq}")
        if kind not in EVENTS:
            return
        if not self.view:
            self.faults.append(f"{kind} of seq {seq} came before any view")
            return
        try:
            show(self.view, frame)
        except Exception as error:
            self.faults.append(f"{kind} of seq {seq} does not fit the picture: {error!r}")
