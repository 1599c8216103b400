"""One connection of a person: its outbox, its session, and what the door counts of it."""

from __future__ import annotations

from meetingsim.live.budgets import MALFORMED, MALFORMED_WINDOW_MS, Window
from meetingsim.live.outbox import Outbox
from meetingsim.state.codes import CLOSES, REFUSALS
from meetingsim.state.control import Door

DOOR_TRIES = 5
"""How many refusals that leave the socket open a connection gets before it is closed."""
FINAL = 4503


class Connection:
    """A socket, or whatever stands for one; ``participant`` is who it speaks for, once let in."""

    __slots__ = (
        "_outbox",
        "attached",
        "door",
        "malformed",
        "participant",
        "position_at",
        "position_due",
        "send",
        "session",
        "tries",
    )

    def __init__(self, outbox: Outbox, door: Door = "socket") -> None:
        self._outbox = outbox
        self.send = outbox.put
        """Puts at least one frame out, in order, as one write; never waits."""
        self.door: Door = door
        self.participant: str | None = None
        self.attached = False
        self.session = ""
        self.tries = 0
        self.malformed = Window(MALFORMED, MALFORMED_WINDOW_MS)
        self.position_at = 0
        self.position_due = False

    @property
    def closed(self) -> bool:
        """Whether nothing goes out here any more."""
        return self._outbox.closed

    def close(self, code: int, *, drop: bool = False) -> None:
        """Closes after what was sent before; ``drop`` forgets what did not go out yet."""
        self._outbox.close_soon(code, CLOSES[code], drop=drop)

    def turned_away(self, code: str) -> int | None:
        """Counts a refusal at the door; the code to close with, or None where there may be another try."""
        self.tries += 1
        close = REFUSALS[code].close
        return FINAL if close is None and self.tries >= DOOR_TRIES else close
