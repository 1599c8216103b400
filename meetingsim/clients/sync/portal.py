"""The background thread with the event loop in which everything of the synchronous face happens.

There is one for all, and only while somebody holds it: the first that is opened starts it, the last that is closed ends it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from copy import deepcopy
from typing import Any, Final, TypeVar

T = TypeVar("T")
_END: Final = object()


class Portal:
    """Runs coroutines in its loop for callers in other threads. Ctrl-C in a caller cancels what it waits for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders = 0
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    def hold(self) -> None:
        """Starts the thread if nobody holds it yet. Every ``hold`` needs its ``release``."""
        with self._lock:
            if self._thread is None:
                ready = threading.Event()
                # A daemon: whoever forgets to close something must still be able to exit.
                self._thread = threading.Thread(target=self._serve, args=(ready,), name="meetingsim", daemon=True)
                self._thread.start()
                ready.wait()
            self._holders += 1

    def release(self) -> None:
        """Ends the thread if nobody else holds it."""
        with self._lock:
            self._holders -= 1
            if self._holders == 0 and self._thread and self._loop and self._stop:
                self._loop.call_soon_threadsafe(self._stop.set)
                self._thread.join()
                self._thread = self._loop = self._stop = None

    def _serve(self, ready: threading.Event) -> None:
        async def main() -> None:
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            ready.set()
            await self._stop.wait()

        asyncio.run(main())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What the coroutine returns or raises.

        Raises:
            RuntimeError: nothing is open, or the background thread itself asks, which would wait for itself.
        """
        if self._loop is None or self._here():
            work.close()
            raise RuntimeError(
                "this would wait for itself: call it from another thread than on_frame and where are called in"
                if self._loop
                else "this is not open: use it in a with statement"
            )
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def run_copied(self, work: Coroutine[Any, Any, T]) -> T:
        """The same with a copy of what is returned, made before the loop can change it."""

        async def copied() -> T:
            return deepcopy(await work)

        return self.run(copied())

    def read(self, look: Callable[[], T]) -> T:
        """What ``look`` returns, looked at between two steps of the loop."""
        if self._loop is None or self._here():
            return look()

        async def looked() -> T:
            return look()

        return self.run(looked())

    def copy(self, look: Callable[[], T]) -> T:
        """A copy of what ``look`` returns."""
        return self.read(lambda: deepcopy(look()))

    def iterate(self, items: AsyncIterator[T]) -> Iterator[T]:
        """The items one by one, each asked for when the caller wants it."""

        async def step() -> Any:
            return await anext(items, _END)

        while (item := self.run(step())) is not _END:
            yield item

    @contextmanager
    def within(self, manager: AbstractAsyncContextManager[T]) -> Iterator[T]:
        """The inside of an asynchronous context."""
        self.hold()
        try:
            value = self.run(manager.__aenter__())
            try:
                yield value
            except BaseException as error:
                if not self.run(manager.__aexit__(type(error), error, error.__traceback__)):
                    raise
            else:
                self.run(manager.__aexit__(None, None, None))
        finally:
            self.release()

    def _here(self) -> bool:
        return threading.current_thread() is self._thread


PORTAL: Final = Portal()
