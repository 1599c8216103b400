"""``meetingsim run``: plays scenarios, judges them, writes what came of it and says so."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from meetingsim.cli import outcome, plays, scenarios
from meetingsim.cli.console import BROKEN, FAILED, OK, USAGE, Stop, complain, note, out, out_json
from meetingsim.cli.remote import token_from
from meetingsim.cli.scenarios import Loaded
from meetingsim.scenarios import report
from meetingsim.scenarios.verdicts import NOTHING_SHOWN, THRESHOLD, Judgement, exit_code
from meetingsim.targets.playing import without_collections

_CAME_OUT = {
    OK: "green",
    FAILED: "failed",
    THRESHOLD: "missed a threshold",
    NOTHING_SHOWN: "vacuous or undecided",
    BROKEN: "broke",
}
"""What the exit code of a run says of it."""


@dataclass(frozen=True, slots=True)
class Running:
    """What is to be played, and how."""

    words: Sequence[str]
    url: str | None
    token: str | None
    target: str | None
    seed: int | None
    seeds: int
    clock: str | None
    changes: Sequence[str]
    report: Path
    as_json: bool


def run(asked: Running) -> int:
    """Plays one scenario after the other, each with all its seeds; gives the worst of their exit codes."""
    _require_possible(asked)
    loaded, code = scenarios.load_each(asked.words, asked.changes)
    _require_names_apart(loaded)
    codes = [_play(one, seed, asked) for one in loaded for seed in seeds_of(one, asked)]
    if len(codes) > 1 and not asked.as_json:
        counts = {said: codes.count(one) for one, said in _CAME_OUT.items()}
        out(f"{len(codes)} runs: {', '.join(f'{count} {said}' for said, count in counts.items() if count)}")
    return scenarios.worst([code, *codes])


def seeds_of(loaded: Loaded, asked: Running) -> range:
    """The seeds of a scenario: from the one that was said, else its own, so many."""
    first = loaded.scenario.seed if asked.seed is None else asked.seed
    return range(first, first + asked.seeds)


def _require_possible(asked: Running) -> None:
    if asked.url is not None and asked.target is not None:
        raise Stop("say --url or --target: a run is against one of them; see meetingsim run --help", USAGE)
    if asked.clock == "virtual" and asked.url is not None:
        raise Stop("a server has its own time: leave --clock virtual out", USAGE)
    if asked.clock is not None and asked.target is not None:
        raise Stop("an adapter says itself by which clock it goes: leave --clock out", USAGE)
    if asked.target is not None:
        require_command(asked.target)


def _require_names_apart(loaded: Sequence[Loaded]) -> None:
    """Reports lie in folders by the scenario's name: that of one file must not take the place of another's."""
    files: dict[str, str] = {}
    for one in loaded:
        name, path = one.scenario.name, one.source.path
        if files.setdefault(name, path) != path:
            raise Stop(f"{files[name]} and {path} are both named {name!a}: give one of them another name", USAGE)


def require_command(command: str) -> None:
    """Raises Stop where the command of an adapter cannot be one."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise Stop(f"--target {command!a} is no command: {error}", USAGE) from None
    if not words or shutil.which(words[0]) is None:
        raise Stop(f"--target: there is no command {words[0] if words else ''!a} on this machine", USAGE)


@without_collections()
def _play(loaded: Loaded, seed: int, asked: Running) -> int:
    scenario = loaded.scenario
    where = plays.place(scenario, url=asked.url, target=asked.target, clock=asked.clock, token=token_from(asked.token))
    try:
        with plays.bar(f"{scenario.name}, seed {seed}") as bar:
            judgement = plays.play(scenario, seed, where, plays.minutes(bar))
    except Stop as stop:
        return complain(stop)
    folder, summary = plays.write(loaded, judgement, asked.report)
    if asked.as_json:
        out_json(summary)
    else:
        outcome.show(scenario, judgement, summary["digest"], loaded.source, folder)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        _tell_github(loaded, judgement, note if asked.as_json else out)
    return exit_code(judgement)


def _tell_github(loaded: Loaded, judgement: Judgement, say: Callable[[str], None]) -> None:
    """Annotations at the lines of the file, and a summary of the step."""
    for line in report.annotations(loaded.scenario, judgement, loaded.source):
        say(line)
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        with suppress(OSError), Path(path).open("a", encoding="utf-8") as file:
            file.write(report.step_summary(judgement))
