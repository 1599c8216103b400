"""How much one may do in a time: token buckets and counters over a window, all on the clock that is handed in."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass

GUESSED = frozenset({"wrong_passcode", "ticket_invalid", "unauthorised"})
"""The refusals that say that a credential was wrong."""
COMMANDS = (20.0, 40.0)
"""Commands a second of one person, and how many may come at once."""
HOST_CONTROLS = (100.0, 200.0)
"""The same for the controls of a host, which a flood of their own frames must not stop."""
MEDIA = (50.0, 100.0)
GUESSES = 10
GUESS_WINDOW_MS = 60_000
MALFORMED = 50
MALFORMED_WINDOW_MS = 10_000
_REMEMBERED = 10_000
"""How many meeting-and-address pairs are watched for guessing at the most; the one seen longest ago is forgotten."""


@dataclass(slots=True)
class Bucket:
    """Fills at ``rate`` a second up to ``size``; a taking that finds it empty fails."""

    rate: float
    size: float
    level: float = -1.0
    at: int = 0

    def take(self, now: int) -> bool:
        """Takes one; False where there is none."""
        if self.level < 0:
            self.level, self.at = self.size, now
        self.level = min(self.size, self.level + (now - self.at) / 1000 * self.rate)
        self.at = now
        if self.level < 1:
            return False
        self.level -= 1
        return True


class Window:
    """Counts what happened within the last so many ms."""

    __slots__ = ("_length", "_most", "_times")

    def __init__(self, most: int, length: int) -> None:
        self._most = most
        self._length = length
        self._times: deque[int] = deque()

    def full(self, now: int) -> bool:
        """Whether there were as many as may be."""
        while self._times and now - self._times[0] >= self._length:
            self._times.popleft()
        return len(self._times) >= self._most

    def count(self, now: int) -> bool:
        """Counts one; True where that makes it full."""
        self.full(now)
        self._times.append(now)
        return len(self._times) >= self._most


class Budget:
    """What one person may send: commands, host controls and media apart."""

    __slots__ = ("_commands", "_controls", "_media")

    def __init__(self) -> None:
        self._commands = Bucket(*COMMANDS)
        self._controls = Bucket(*HOST_CONTROLS)
        self._media = Bucket(*MEDIA)

    def take(self, now: int, *, control: bool, media: bool) -> bool:
        """Whether there is something left of the budget that this command belongs to."""
        bucket = self._media if media else self._controls if control else self._commands
        return bucket.take(now)


class Guesses:
    """Wrong credentials by meeting and effective address: who guesses too much is refused there alone."""

    def __init__(self) -> None:
        self._windows: OrderedDict[tuple[str, str], Window] = OrderedDict()

    def too_many(self, meeting: str, address: str, now: int) -> bool:
        """Whether this address has guessed too often at this meeting."""
        window = self._windows.get((meeting, address))
        return window is not None and window.full(now)

    def count(self, meeting: str, address: str, now: int) -> None:
        """One more wrong credential."""
        key = (meeting, address)
        window = self._windows.setdefault(key, Window(GUESSES, GUESS_WINDOW_MS))
        self._windows.move_to_end(key)
        window.count(now)
        if len(self._windows) > _REMEMBERED:
            self._windows.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Guesser:
    """One address at one meeting's door. Asked and told within one decision, so that guesses side by side are all counted."""

    guesses: Guesses
    meeting: str
    address: str
    counted: frozenset[str] = GUESSED

    def spent(self, now: int) -> bool:
        """Whether there were too many wrong credentials from there."""
        return self.guesses.too_many(self.meeting, self.address, now)

    def refused(self, code: str, now: int) -> None:
        """Counts a refusal that came of a wrong credential, and no other."""
        if code in self.counted:
            self.guesses.count(self.meeting, self.address, now)
