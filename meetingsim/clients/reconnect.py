"""Coming back by itself: how long a client waits between its tries, and when it gives up.

at work -- lost, or closed with a code that is temporary --> gone -- a try succeeds --> at work
                                                             └── a final refusal or code, or no try left --> closed
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from random import Random  # noqa: TID251  # no Chance of the server's: the SDK ships alone, and this draws no secrets

from meetingsim.clients.errors import (
    Closed,
    ConnectionClosed,
    RefusedError,
    Unreachable,
    UpgradeRefused,
    WaitTimeout,
)
from meetingsim.state.codes import REFUSALS

_NEVER_MORE = 2.0**60


@dataclass(frozen=True, slots=True)
class Reconnect:
    """How a connection comes back by itself after it was lost, and after a close code that is temporary.

    It resumes with session, epoch and the last seq, so that what was missed comes once and in order. Where the session is
    over it joins again with what it showed the first time, through every rule (``rejoin=False``: it gives up instead).
    A host's denial closes with a temporary code too, so that a denied client knocks again, until it is told not to.

    ``attempts`` is how many tries one gap gets. Before try n it waits any time between nothing and ``base`` times
    2 ** (n - 1) seconds, at most ``cap``, so that clients lost in one moment do not come back in one. A ``seed`` makes the
    times the same in each run; give every connection one of its own. The server keeps a seat for 30 seconds.
    ``sleep`` takes seconds: a test hands in one that only notes them. ``ping_every`` is how often, in seconds, the client
    asks whether the server is still there, and how long an answer may take: a network that falls silent ends nothing by
    itself. None asks never.
    """

    attempts: int = 8
    base: float = 0.25
    cap: float = 10.0
    seed: int | None = None
    rejoin: bool = True
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ping_every: float | None = 10.0


class Comeback:
    """The tries of one connection, over all its gaps: the draws go on from one to the next."""

    def __init__(self, policy: Reconnect) -> None:
        self.policy = policy
        self.tries = 0
        """How many the gap took so far."""
        self._chance = Random(policy.seed)

    def waits(self) -> Iterator[float]:
        """Seconds to wait before each try of a gap."""
        highest = 1.0
        for _ in range(self.policy.attempts):
            yield self._chance.uniform(0, min(self.policy.cap, self.policy.base * highest))
            highest = min(highest * 2, _NEVER_MORE)

    async def come_back(
        self, closed: Closed, attempt: Callable[[bool], Awaitable[None]], *, may_join: bool
    ) -> ConnectionClosed | None:
        """Tries until it is back (None), or gives up and says why. ``attempt(True)`` joins, ``attempt(False)`` resumes."""
        self.tries, anew = 0, False
        refusal: RefusedError | None = None
        for wait in self.waits():
            await self.policy.sleep(wait)
            self.tries += 1
            fault = await _fault_of(attempt(anew))
            if isinstance(fault, RefusedError) and fault.code == "resume_lost" and not anew:
                closed, refusal = _closed_by(fault, closed), fault
                if not (self.policy.rejoin and may_join):
                    break
                anew = True
                fault = await _fault_of(attempt(anew))
            if fault is None:
                return None
            refusal = fault if isinstance(fault, RefusedError) else None
            closed = _closed_by(fault, closed)
            if isinstance(fault, RefusedError) and not fault.temporary:
                break
            if isinstance(fault, ConnectionClosed) and not fault.closed.temporary:
                break
        return ConnectionClosed(closed, refusal=refusal)


Fault = RefusedError | ConnectionClosed | Unreachable | UpgradeRefused | WaitTimeout


async def _fault_of(attempt: Awaitable[None]) -> Fault | None:
    try:
        await attempt
    except (RefusedError, ConnectionClosed, Unreachable, UpgradeRefused, WaitTimeout) as fault:
        return fault
    return None


def _closed_by(fault: Fault, before: Closed) -> Closed:
    """How the connection stands after a failed try; a fault without a close code leaves it as it was."""
    if isinstance(fault, ConnectionClosed):
        return fault.closed
    known = REFUSALS.get(fault.code) if isinstance(fault, RefusedError) else None
    return Closed(known.close) if known and known.close else before
