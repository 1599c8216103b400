"""The examples of docs/how-to/from-javascript.md are run by node, one after the other, as they stand."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.docs.pages import DOCS, blocks
from tests.javascript.node import NODE, needs_node, websocket_flags
from tests.wire import Server

PAGE = blocks((DOCS / "how-to" / "from-javascript.md").read_text("utf-8"))
EXAMPLES = [block.text for block in PAGE if block.language == "js"]


def run(url: str, folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Does in an empty folder what the page says."""
    assert NODE
    fetch = next(block.text for block in PAGE if block.language == "sh")
    environment = {**os.environ, "MEETINGSIM_URL": url}
    subprocess.run(["bash", "-c", fetch], cwd=folder, env=environment, check=True)
    (folder / "page.mjs").write_text(script, "utf-8")
    command = [NODE, *websocket_flags(), "page.mjs"]
    return subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=60)


def test_no_block_is_left_out() -> None:
    assert [block.language for block in PAGE] == ["sh", *["js"] * len(EXAMPLES)]
    assert len(EXAMPLES) == 5


@needs_node
def test_the_examples_run(server: Server, tmp_path: Path) -> None:
    done = run(server.url, tmp_path, "\n".join(EXAMPLES))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_node
def test_an_example_that_is_wrong_is_noticed(server: Server, tmp_path: Path) -> None:
    done = run(server.url, tmp_path, "\n".join(EXAMPLES).replace('code: "suspended"', 'code: "locked"'))
    assert done.returncode == 1
    assert "AssertionError" in done.stderr
