"""What waits for a seat: commands in the order in which they were handed in, taken out in batches."""

from __future__ import annotations

import asyncio
from collections import deque

from meetingsim.live.asks import Ask


class Mailbox:
    """One taker, any number of givers; nobody waits to give."""

    __slots__ = ("_arrival", "_closed", "_waiting")

    def __init__(self) -> None:
        self._waiting: deque[Ask] = deque()
        self._arrival: asyncio.Future[None] | None = None
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, ask: Ask) -> None:
        """Hands a command in."""
        self._waiting.append(ask)
        self._wake()

    def close(self) -> None:
        """Nothing comes after what is there."""
        self._closed = True
        self._wake()

    async def take(self, most: int) -> list[Ask]:
        """Waits until something is there and takes it, at most so many; nothing once it is closed and empty."""
        waiting = self._waiting
        while not waiting and not self._closed:
            self._arrival = asyncio.get_running_loop().create_future()
            await self._arrival
        return [waiting.popleft() for _ in range(min(most, len(waiting)))]

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)
