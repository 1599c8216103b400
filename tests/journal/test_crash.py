"""A server that is killed: what was acknowledged is there afterwards, and no journal has a gap."""

import subprocess
import sys
from pathlib import Path

import pytest

from meetingsim.journal import SqliteJournal

from .samples import seqs

pytestmark = pytest.mark.anyio

# Every acknowledgement is a line of its own, written before the next append of that meeting is handed in.
APPENDER = """
import asyncio, sys
from pathlib import Path
from meetingsim.journal import SqliteJournal
from tests.journal.samples import report, rows

async def write(journal, meeting):
    last = len(await journal.read(meeting))
    while True:
        count = 1 + last % 3
        await journal.append(meeting, last, rows(last + 1, count), [report(f"{meeting} {last}", meeting)])
        last += count
        print(meeting, last, flush=True)

async def main():
    journal = SqliteJournal.open(Path(sys.argv[1]))
    print("key", await journal.keep("key", lambda: sys.argv[2]), flush=True)
    await asyncio.gather(*(write(journal, f"m{n}") for n in range(8)))

asyncio.run(main())
"""


def killed_after(path: Path, lines: int, key: str) -> list[tuple[str, str]]:
    """Let a process append until it has acknowledged so much, kill it, and return all that it said."""
    command = [sys.executable, "-c", APPENDER, str(path), key]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        said += process.stdout.readlines()
    assert process.returncode == -9
    # Only the very last line can be torn.
    return [(name, value) for name, value in (line.split() for line in said if line.endswith("\n"))]


async def test_what_was_acknowledged_outlives_a_kill(path: Path) -> None:
    acknowledged: dict[str, int] = {}
    for run, lines in enumerate((1, 40, 333)):
        for name, value in killed_after(path, lines, f"key {run}".replace(" ", "-")):
            if name == "key":
                assert value == "key-0"
            else:
                acknowledged[name] = int(value)

        journal = SqliteJournal.open(path)
        reports = [row for _, row in await journal.reports(limit=100_000)]
        for meeting in await journal.meetings():
            found = seqs(await journal.read(meeting))
            assert found == list(range(1, len(found) + 1))
            assert len(found) >= acknowledged.get(meeting, 0)
            filed = [row.report for row in reports if row.meeting == meeting]
            starts = [int(name.split()[1]) for name in filed]
            # A report and its rows were stored together: the batches they name tile the journal.
            assert [start + 1 + start % 3 for start in starts] == [*starts[1:], len(found)]
        assert set(acknowledged) <= set(await journal.meetings())
        await journal.close()
    assert len(acknowledged) == 8
