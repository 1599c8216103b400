"""What every script here that writes files ends with: the files that are out of date, written or only named."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path


def write(says: str, files: Mapping[Path, Callable[[], str]]) -> int:
    """Writes what changed; with ``--check`` on the command line nothing, and gives 1 where something is out of date."""
    parser = argparse.ArgumentParser(description=says)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is out of date")
    check = parser.parse_args().check
    stale = []
    for path, make in files.items():
        text = make()
        if not path.exists() or path.read_text("utf-8") != text:
            stale.append(path.name)
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")
    if stale:
        sys.stderr.write(f"{'out of date' if check else 'written'}: {', '.join(stale)}\n")
    return 1 if stale and check else 0
