"""Where ids, passcodes, tokens and other chance come from: the system, or a seed that makes them reproducible."""

from __future__ import annotations

import random


class Chance:
    """Draws that nobody can guess; with a seed the same draws every time, for tests alone."""

    def __init__(self, seed: int | None = None) -> None:
        self._random: random.Random = random.SystemRandom() if seed is None else random.Random(seed)

    def digits(self, count: int, *, leading_zero: bool = True) -> str:
        """A text of digits; ``leading_zero`` False starts it with another one."""
        first = self._random.choice("0123456789" if leading_zero else "123456789")
        return first + "".join(self._random.choice("0123456789") for _ in range(count - 1))

    def token(self, kind: str) -> str:
        """A secret of 192 bits that says what it opens: ``host_…``, ``session_…``."""
        return f"{kind}_{self._random.getrandbits(192):048x}"

    def nonce(self) -> str:
        """64 bits, hex: enough to tell one thing from another."""
        return f"{self._random.getrandbits(64):016x}"

    def below(self, limit: int) -> int:
        """A whole number from 0 up to but not including the limit."""
        return self._random.randrange(limit)
