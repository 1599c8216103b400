"""How thoroughly hypothesis looks: ``quick`` on a developer's machine, ``ci`` the same everywhere, ``deep`` for a night.

Chosen by ``--hypothesis-profile``, else ``ci`` where the environment says CI, else ``quick``.
"""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.wire import Server, running

pytest_plugins = ["pytester"]

# A generated meeting is large on purpose, and no test of this project may fail for being slow.
_COMMON = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)

settings.register_profile("quick", _COMMON, max_examples=100)
settings.register_profile("ci", _COMMON, max_examples=100, derandomize=True, database=None, print_blob=True)
settings.register_profile("deep", _COMMON, max_examples=5_000, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "quick")


@pytest.fixture
def anyio_backend() -> str:
    """Tests on the wire run on asyncio, as the server does."""
    return "asyncio"


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server a worker, its limits off; each test makes meetings of its own."""
    with running(limits="off") as one:
        yield one
