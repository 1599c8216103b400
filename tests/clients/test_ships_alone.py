"""The SDK works where nothing of the server is installed."""

from __future__ import annotations

import subprocess
import sys

ALONE = """
import sys
from importlib.abc import MetaPathFinder

FOREIGN = {"pydantic", "fastapi", "starlette", "uvicorn", "orjson", "geoip2", "typer", "rich", "structlog", "uvloop"}

class Absent(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in FOREIGN:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
import meetingsim.clients, meetingsim.clients.sync, meetingsim.clients.words
rooms = {name.split(".")[1] for name in sys.modules if name.startswith("meetingsim.")}
print(sorted(rooms))
"""


def test_the_sdk_reaches_only_the_state_and_needs_no_part_of_the_server() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    assert done.stdout == "['clients', 'state']\n"
