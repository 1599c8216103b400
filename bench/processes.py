"""The processes of a run, and what the kernel knows of them (Linux: /proc)."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Process:
    """A child that answers a line of words with a line of JSON."""

    def __init__(self, command: list[str]) -> None:
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._proc = Path("/proc") / str(self._child.pid)

    def read(self) -> dict[str, Any]:
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._child.args!r} ended with {self._child.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, *order: Any) -> dict[str, Any]:
        assert self._child.stdin is not None
        self._child.stdin.write(" ".join(map(str, order)) + "\n")
        self._child.stdin.flush()
        return self.read()

    def cpu(self) -> float:
        """Seconds on a processor so far, all threads, in the kernel and out of it."""
        threads = (self._proc / "task").glob("*/schedstat")
        return sum(int(each.read_text().split()[0]) for each in threads) / 1e9

    def memory(self) -> int:
        """Bytes in RAM; the kernel's own, such as socket buffers, are not among them."""
        return int((self._proc / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def stop(self) -> None:
        self._child.kill()
        self._child.communicate()


@contextmanager
def running(command: list[str]) -> Iterator[Process]:
    process = Process(command)
    try:
        yield process
    finally:
        process.stop()
