"""A process that plays scenarios on the server with a fault in it: ``python -m tests.planted.player``, driven by Player.

job ──> fork ──> plant ──> play, play … until something is found ──> a line for each play, then the end

Jobs and answers are lines on stdin and stdout. Every job is a child of its own, forked from a process that has imported
and read everything, so that it takes no longer than what it plays.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

from tests.planted.faults import PACKAGE, Fault, every_fault
from tests.planted.planting import plant

Play = tuple[str, int]
"""A scenario's name, and a seed."""
PATIENCE = 60
"""Seconds of CPU for one play; a fault may make the server go round in circles."""
_OVER = "over\n"


@dataclass(frozen=True, slots=True)
class Played:
    """What came of one play: the expectations and invariants that failed, and why the run broke, where it did."""

    scenario: str
    seed: int
    failed: list[str]
    broke: str | None
    seconds: float

    @property
    def found(self) -> bool:
        """Whether something is wrong there."""
        return bool(self.failed or self.broke)


class Player:
    """The process from outside."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.planted.player"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=PACKAGE.parent,
            text=True,
        )

    def close(self) -> None:
        """Ends it, once it has played what it was given."""
        self._process.communicate()

    def play(self, fault: str | None, plays: Sequence[Play], patience: int = PATIENCE) -> Iterator[Played]:
        """Plays in this order: all of it on the unchanged server, on a fault up to the first play that finds something."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"fault": fault, "plays": plays, "patience": patience}) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line == _OVER:
                return
            yield Played(**json.loads(line))
        raise RuntimeError(f"the player ended with {self._process.wait()}")


class _TooLong(KeyboardInterrupt):
    """Of the kind that an event loop and a server that goes on after errors let through."""


def _main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever the server logs is no answer
    faults, scenarios = every_fault(), _read_all()
    import_module("meetingsim.targets.playing")
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        answers.flush()
        if child := os.fork():
            os.waitpid(child, 0)
            answers.write(_OVER)
            answers.flush()
        else:
            _work(json.loads(line), faults, scenarios, answers)
            os._exit(0)


def _read_all() -> dict[str, Any]:
    from meetingsim.geo.countries import GROUPS, NAMES
    from meetingsim.scenarios import read_file
    from meetingsim.scenarios.library import file_of, names

    return {name: read_file(file_of(name), countries=NAMES, groups=GROUPS) for name in names()}


def _work(job: dict[str, Any], faults: dict[str, Fault], scenarios: dict[str, Any], answers: Any) -> None:
    if job["fault"] is not None and plant(faults[job["fault"]]):
        scenarios = _read_all()
    for name, seed in job["plays"]:
        played = _play(scenarios[name], name, seed, job["patience"])
        answers.write(json.dumps(asdict(played)) + "\n")
        answers.flush()
        if played.found and job["fault"] is not None:
            break


def _play(scenario: Any, name: str, seed: int, patience: int) -> Played:
    from meetingsim.scenarios.verdicts import Verdict
    from meetingsim.targets.playing import play

    def give_up(*_: object) -> None:
        raise _TooLong(f"not over after {patience} s")

    begun, broke, failed = time.process_time(), None, []
    signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, patience)
    try:
        judgement = play(scenario, seed)
        failed = [check.id for check in judgement.of(Verdict.FAIL) if check.kind != "threshold"]
        broke = judgement.trace.broke
    except (Exception, _TooLong) as error:
        broke = f"{type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return Played(name, seed, failed, broke, round(time.process_time() - begun, 2))


if __name__ == "__main__":
    _main()
