"""Where ids, passcodes, tokens and other chance come from: the system, or a seed that makes them reproducible."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")
_Z95 = 1.6448536269514722
"""The standard normal distribution is below this in 95 of 100 cases."""


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

    @classmethod
    def of(cls, *parts: object) -> Chance:
        """A stream of its own for these words: the same words, the same draws, whatever is drawn elsewhere."""
        said = "\x1f".join(str(part) for part in parts).encode()
        return cls(int.from_bytes(sha256(said).digest()[:16]))

    def between(self, least: int, most: int) -> int:
        """A whole number from least to most, both included."""
        return least if most <= least else least + int(self._random.random() * (most - least + 1))

    def fraction(self) -> float:
        """From 0 up to but not including 1."""
        return self._random.random()

    def happens(self, permille: int) -> bool:
        """True in so many of a thousand cases."""
        return self._random.randrange(1000) < permille

    def weighted(self, weights: Mapping[T, int]) -> T:
        """One of these, by weight."""
        at = self._random.randrange(sum(weights.values()))
        for one, weight in weights.items():
            at -= weight
            if at < 0:
                return one
        raise AssertionError("the draw is below the sum")

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The same in another order."""
        return self._random.sample(items, len(items))

    def around(self, median: float, p95: float) -> float:
        """Drawn log-normally: half of the draws are below the median, 95% below p95, as people's reactions are."""
        spread = math.log(p95 / median) / _Z95 if p95 > median > 0 else 0.0
        return median * math.exp(spread * self._random.gauss(0.0, 1.0))
