"""Playing from the command line: against what, with a bar meanwhile, and what a run leaves behind."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from meetingsim.cli.console import BROKEN, USAGE, Stop
from meetingsim.cli.scenarios import Loaded
from meetingsim.scenarios import Scenario, report
from meetingsim.scenarios.quantities import Duration
from meetingsim.scenarios.target import TargetFailed
from meetingsim.scenarios.verdicts import Judgement
from meetingsim.targets import playing


def play(scenario: Scenario, seed: int, where: playing.Where, progress: playing.Progress | None = None) -> Judgement:
    """Plays and judges. Raises Stop where the target cannot begin."""
    try:
        return playing.play(scenario, seed, where, progress)
    except TargetFailed as error:
        raise Stop(spoken(error), BROKEN) from None


def spoken(error: TargetFailed) -> str:
    """Why a target failed, as one of the lines that commands end with."""
    said = str(error).rstrip(".")
    return f"{said[:1].lower()}{said[1:]}"


def place(
    scenario: Scenario, *, url: str | None, target: str | None, clock: str | None, token: str | None
) -> playing.Where:
    """Where a scenario is played: what the options say, else by its own clock."""
    if url is not None or target is not None:
        return playing.Where(clock="real", url=url, token=token, command=target)
    return playing.Where(clock="real" if (clock or scenario.clock) == "real" else "virtual")


def write(loaded: Loaded, judgement: Judgement, into: Path) -> tuple[Path, dict[str, Any]]:
    """Writes what a run leaves; gives its folder and its figures. Raises Stop where that cannot be."""
    try:
        folder = report.write_run(loaded.scenario, judgement, into, loaded.source)
        summary = json.loads((folder / "summary.json").read_bytes())
    except OSError as error:
        raise Stop(
            f"{error.filename or into} cannot be written: {error.strerror}; say a folder with --report", USAGE
        ) from None
    return folder, {**summary, "folder": str(folder)}


Step = Callable[[int, int, str], None]
"""Told how much is done, of how much, and a word about it."""


@contextmanager
def bar(title: str) -> Iterator[Step]:
    """A bar on stderr while the block runs, where that is a terminal that can draw one."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda done, whole, word: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[word]}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(title, total=None, word="")
        yield lambda done, whole, word: shown.update(task, completed=done, total=max(whole, 1), word=word)


def minutes(step: Step) -> playing.Progress:
    """Tells a bar of the time of one run."""
    return lambda done, whole: step(done, whole, f"{Duration(done // 1000 * 1000)} of {Duration(whole)}")
