"""A browser, the sample page on an origin of its own, and a server that allows that origin."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright, expect

from tests.wire import PATIENCE, Server, running

CHROMIUM = Path("/usr/bin/chromium")
EXAMPLE = Path(__file__).parents[2] / "examples" / "browser"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


expect.set_options(timeout=2_000 * PATIENCE)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Where the sample page is served: not from the server of the meetings."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(EXAMPLE))) as site:
        thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{site.server_port}"
        site.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def allowing(origin: str) -> Iterator[Server]:
    """A server that lets the sample page in."""
    with running(limits="off", allow_origin=[origin]) as one:
        yield one


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's chromium."""
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield found
        await found.close()
