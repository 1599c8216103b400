"""The how-to pages are run as they stand: every command, every frame, every shown output."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, blocks
from tests.docs.play import Play
from tests.wire import Server, running

pytestmark = pytest.mark.anyio
SETUP = DOCS / "how-to" / "README.md"
PAGES = sorted((DOCS / "how-to").glob("*.md"))
FOREIGN = frozenset({"write-a-client.md", "from-javascript.md"})
"""Each run by a test of its own."""
BY_HAND = frozenset({"time.md"})
"""Start from a server whose clock is moved by hand."""


@pytest.fixture(scope="module")
def shared() -> Iterator[Server]:
    """One server for all pages; each makes a meeting of its own."""
    with running(limits="off") as one:
        yield one


@pytest.fixture(scope="module")
def by_hand() -> Iterator[Server]:
    """One whose time stands still."""
    with running(limits="off", clock="manual") as one:
        yield one


@pytest.mark.parametrize("page", [page for page in PAGES if page.name not in FOREIGN], ids=lambda page: page.stem)
async def test_what_the_page_shows_is_what_happens(page: Path, request: pytest.FixtureRequest) -> None:
    server: Server = request.getfixturevalue("by_hand" if page.name in BY_HAND else "shared")
    async with Play(server.url, {"admin_token": server.admin_token}) as play:
        await play.page(SETUP)
        if page != SETUP:
            await play.settle()
            await play.page(page)
    assert not play.wrong, "".join(play.wrong)


@pytest.mark.parametrize("page", [DOCS / "tutorial.md", *PAGES], ids=lambda page: page.stem)
def test_no_block_of_a_page_is_overlooked(page: Path) -> None:
    """A fence that is indented or never closed would be shown and not run."""
    text = page.read_text()
    assert blocks(text)
    assert text.count("```") == 2 * len(blocks(text))
