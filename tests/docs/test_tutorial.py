"""The tutorial is run as it stands: its own server, its four terminals, every shown line."""

from __future__ import annotations

import pytest

from tests.docs.pages import DOCS, ROOT
from tests.docs.play import Play
from tests.docs.shell import USUAL

pytestmark = pytest.mark.anyio


async def test_a_newcomer_sees_what_the_tutorial_shows() -> None:
    async with Play(USUAL, {}) as play:
        await play.page(DOCS / "tutorial.md")
    assert not play.wrong, "".join(play.wrong)


def test_make_serve_is_the_server_that_is_tested() -> None:
    assert "serve: .venv/.synced\n\t@$(RUN) meetingsim serve $(ARGS)\n" in (ROOT / "Makefile").read_text()
