"""The connection of the JavaScript client, by node's own test runner and against a real server."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.javascript.node import CLIENT, HERE, NODE, needs_node, websocket_flags
from tests.wire import Server, running

SUITE = HERE / "connection.test.mjs"
NAMES = re.findall(r'^test\("([^"]+)"', SUITE.read_text("utf-8"), re.M)
pytestmark = needs_node


@pytest.fixture(scope="module")
def manual() -> Iterator[Server]:
    """A server whose time stands still until a test moves it."""
    with running(limits="off", clock="manual") as one:
        yield one


def test_it_passes(manual: Server) -> None:
    assert NODE
    known = {"MEETINGSIM_URL": manual.url, "MEETINGSIM_ADMIN_TOKEN": manual.admin_token, "CLIENT": CLIENT.as_uri()}
    command = [NODE, *websocket_flags(), "--test", "--test-reporter=tap", str(SUITE)]
    environment = {**os.environ, **known}
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.findall(r"^\s*ok \d+ - (.+)$", done.stdout, re.M)
    assert [name for name in passed if name in NAMES] == NAMES
