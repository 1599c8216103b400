"""Every example of docs/how-to/write-a-client.md is run, as it stands, against a real server."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from tests.wire import Server

pytestmark = pytest.mark.anyio
PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "write-a-client.md").read_text("utf-8")
EXAMPLES = re.findall(r"^## ([^\n]+)\n(?:(?!^## ).)*?^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_no_example_is_left_out() -> None:
    assert len(EXAMPLES) == PAGE.count("```python") == PAGE.count("\n## ") == 6


@pytest.mark.parametrize(("title", "code"), EXAMPLES, ids=[title for title, _ in EXAMPLES])
async def test_the_example_runs(server: Server, title: str, code: str) -> None:
    names: dict[str, Any] = {}
    exec(compile(code, title, "exec"), names)
    done = names["main"](server.url, server.admin_token)
    if inspect.isawaitable(done):
        await done
