"""The journals under test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from meetingsim.journal import Journal, MemoryJournal, SqliteJournal


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "meetingsim.db"


@pytest.fixture
async def sqlite(path: Path) -> AsyncIterator[SqliteJournal]:
    journal = SqliteJournal.open(path)
    yield journal
    await journal.close()


@pytest.fixture(params=["memory", "sqlite"])
async def journal(request: pytest.FixtureRequest, path: Path) -> AsyncIterator[Journal]:
    made: Journal = MemoryJournal() if request.param == "memory" else SqliteJournal.open(path)
    yield made
    await made.close()
