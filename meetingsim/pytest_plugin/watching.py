"""What stands around a test function: which scenario and seed it has, and what is held against it after its own end."""

from __future__ import annotations

import inspect
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import pytest

from meetingsim.pytest_plugin.runs import Loaded, Told, check_lines, load, runs_of
from meetingsim.pytest_plugin.runs import called as named
from meetingsim.scenarios import ScenarioInvalid, library
from meetingsim.scenarios.report.guard import Known
from meetingsim.scenarios.verdicts import Judgement, Verdict
from meetingsim.testing.sync import Simulation

_LONGEST: Final = 40
_NO_NAME: Final = re.compile(r"[^A-Za-z0-9_]+")


def called(item: pytest.Item) -> str:
    """A name for the runs of a test, which no other test of the suite has."""
    plain = _NO_NAME.sub("-", item.nodeid.rpartition("::")[2])[:_LONGEST].strip("-_")
    return f"{plain or 'test'}-{crc32(item.nodeid.encode()):08x}"


def seed_of(item: pytest.Item) -> int:
    """The seed of a test that has not several."""
    loaded, said = _marked(item)
    if said is None:
        said = item.config.getoption("sim_seed")
    return said if said is not None else loaded.scenario.seed if loaded else 1


def played(item: pytest.Item, seed: int) -> tuple[Told, Judgement]:
    """The run of the scenario that a test is marked with."""
    loaded, _ = _marked(item)
    if loaded is None:
        pytest.fail("meetingsim_run is for tests that say which: @pytest.mark.scenario(file)", pytrace=False)
    runs = runs_of(item.config)
    told = runs.told(loaded, seed)
    if told.broke is not None:
        pytest.fail(told.broke, pytrace=False)
    return told, runs.judgement(loaded, seed)


def _marked(item: pytest.Item) -> tuple[Loaded | None, int | None]:
    """What the mark says: the scenario, and its seed where one is said."""
    marker = item.get_closest_marker("scenario")
    if marker is None:
        return None, None
    word, seed = _scenario(*marker.args, **marker.kwargs)
    path = item.path.parent / word
    shipped = not path.is_file() and str(word) in library.names()
    try:
        if shipped:
            return load(library.file_of(str(word)), str(word)), seed
        return load(path, named(path, item.config)), seed
    except ScenarioInvalid as error:
        pytest.fail(str(error), pytrace=False)
    except OSError as error:
        pytest.fail(f"there is no scenario {str(word)!r} beside this test, nor a shipped one: {error}", pytrace=False)


def _scenario(file: str | Path, seed: int | None = None) -> tuple[str | Path, int | None]:
    return file, seed


def watched(item: pytest.Function, simulation: Simulation | None, told: Told | None) -> Generator[None, Any, Any]:
    """Around the call of a test function. Where it passes, the scenario's run and the invariants still have their say."""
    with _in_own_loop(item, simulation):
        try:
            result = yield
        except (Exception, pytest.fail.Exception):
            if simulation is not None:
                _note(item, simulation)
            raise
    failed = [said.text for said in told.of("failed")] if told else []
    if simulation is not None:
        failed += _broken(item, simulation, failed=False)
    if failed:
        pytest.fail("\n\n".join(failed), pytrace=False)
    if told and (vacuous := told.of("vacuous")):
        pytest.skip("; ".join(said.brief for said in vacuous))
    return result


@contextmanager
def _in_own_loop(item: pytest.Function, simulation: Simulation | None) -> Iterator[None]:
    """An asynchronous test is awaited in the simulation's loop, whatever other plugins would do with it."""
    said = item.obj
    # pytest-asyncio, where it takes every coroutine for its own, has wrapped the function by now.
    functions = (said, getattr(said, "__wrapped__", None))
    asynchronous = next(filter(inspect.iscoroutinefunction, functions), None)
    if simulation is None or asynchronous is None:
        yield
        return

    def synchronous(**fixtures: Any) -> None:
        simulation.run(asynchronous(**fixtures))

    item.obj = synchronous
    try:
        yield
    finally:
        item.obj = said


def _note(item: pytest.Item, simulation: Simulation) -> None:
    """Adds to a failure what else is to be said; what cannot be judged any more does not hide it."""
    try:
        said = _broken(item, simulation, failed=True)
    except Exception as error:
        said = [f"the simulation cannot be judged: {error!r}"]
    if said:
        item.add_report_section("call", "meetingsim", "\n\n".join(said))


def _broken(item: pytest.Item, simulation: Simulation, *, failed: bool) -> list[str]:
    """What is wrong with a simulation in the end; its runs are written where that is wanted."""
    runs, said = runs_of(item.config), []
    for meeting, judgement in zip(simulation.aio.meetings, simulation.judged(), strict=True):
        found = judgement.of(Verdict.FAIL)
        lines = [line for check in found for line in check_lines(check, judgement, None)]
        if judgement.trace.broke is not None:
            lines.append(f"the simulation broke: {judgement.trace.broke}")
        bad = failed or bool(lines)
        lines += runs.write(meeting.scenario, judgement, None, failed=bad)
        if lines and bad:
            known = Known(meeting.scenario)
            said.append(known.text("\n".join([*lines, f"  again: pytest {item.nodeid}{_option(item)}"])))
    return said


def _option(item: pytest.Item) -> str:
    seed = item.config.getoption("sim_seed")
    return "" if seed is None else f" --sim-seed {seed}"
