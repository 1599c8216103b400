"""The README's examples are run, as they stand, against a real server."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.wire import Server

pytestmark = pytest.mark.anyio
README = (Path(__file__).parents[2] / "README.md").read_text()


def example(name: str) -> str:
    """The code block after ``<!-- run: NAME -->``."""
    found = re.search(rf"<!-- run: {name} -->\n```\w+\n(.*?)```", README, re.DOTALL)
    assert found, f"README.md has no example {name!r}"
    return found[1]


async def test_the_conversation_by_curl(server: Server) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", example("shell")],
        capture_output=True,
        text=True,
        env={**os.environ, "MEETINGSIM_URL": server.url},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    started, waiting, suspended, journal = split_json(done.stdout)
    assert [event["type"] for event in started["events"]] == ["started"]
    assert waiting == {"waiting": []}
    assert [event["type"] for event in suspended["events"]] == ["suspended"]
    assert {event["type"] for event in journal["events"]} >= {"started", "suspended"}
    assert journal["events"][-1]["because"]["rule"] == "suspend"


async def test_the_frames_by_any_websocket_client(server: Server) -> None:
    meeting = await server.meeting()
    frames = [json.loads(line) for line in example("socket").splitlines()]
    frames[0]["passcode"] = meeting.made["passcode"]
    async with meeting.host(), meeting.connect() as client:
        for frame in frames:
            await client.socket.send(json.dumps(frame))
            assert (await client.reply(frame["ref"]))["ok"]
        assert client.place == "waiting"


async def test_the_conversation_in_python(server: Server) -> None:
    names: dict[str, Any] = {}
    exec(compile(example("python"), "README.md", "exec"), names)
    await names["main"](server.url)


def test_it_shows_the_two_commands() -> None:
    assert "make demo" in README
    assert "make test" in README


def split_json(text: str) -> list[Any]:
    """JSON values written one after another."""
    decoder, values, at = json.JSONDecoder(), [], 0
    while at < len(text.rstrip()):
        value, end = decoder.raw_decode(text, at)
        values.append(value)
        at = end + len(text[end:]) - len(text[end:].lstrip())
    return values
