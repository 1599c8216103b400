"""Every meeting that a test of a single rule made must bear the signature when the test is over, too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.state.room import MADE
from tests.state.signature import check_whole


@pytest.fixture(autouse=True)
def signature() -> Iterator[None]:
    """Looks at the meetings of the test once, at its end: after every command the generated ones are looked at."""
    MADE.clear()
    yield
    for sim in MADE:
        check_whole(sim)
