"""The socket's document, read by AsyncAPI's own parser."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import httpx2
import pytest

from tests.wire import Server

HERE = Path(__file__).parent
NODE = shutil.which("node")
SCRIPT = """
const { Parser } = require("@asyncapi/parser");
let text = "";
process.stdin.on("data", (part) => (text += part)).on("end", async () => {
  const { document, diagnostics } = await new Parser().parse(text);
  const worst = diagnostics.filter((one) => one.severity <= 1).map((one) => `${one.path.join(".")}: ${one.message}`);
  const messages = document ? document.allMessages().all().map((one) => one.id()) : null;
  console.log(JSON.stringify({ worst, messages }));
});
"""


def parsed(text: str) -> dict[str, list[str]]:
    """Errors and warnings of the official parser, and the messages it found."""
    ran = subprocess.run(
        [str(NODE), "-e", SCRIPT], input=text, capture_output=True, text=True, cwd=HERE, timeout=60, check=True
    )
    return dict(json.loads(ran.stdout))


@pytest.mark.skipif(
    not (NODE and (HERE / "node_modules" / "@asyncapi").exists()),
    reason="npm ci --prefix tests/foreign brings the parser",
)
def test_the_official_parser_accepts_the_document(server: Server) -> None:
    text = httpx2.get(f"{server.url}/asyncapi.json", verify=False).text
    said = parsed(text)
    assert said["worst"] == []
    assert len(set(said["messages"])) > 60, "every command, event, and the frames around them"
    broken = json.loads(text)
    del broken["info"]
    assert parsed(json.dumps(broken))["worst"], "the parser does refuse"
