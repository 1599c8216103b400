"""``python -m bench.scenarios``: virtual minutes a second for casts of three sizes, and what a frame at a client costs.

Seconds depend on the machine. Beside each stands how many turns of an empty Python loop the same CPU time is, measured before
and after it in the same run: that ratio can be compared between machines.
"""

import gc
import sys
import time
from dataclasses import dataclass, replace

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from meetingsim.geo.countries import GROUPS, NAMES
from meetingsim.scenarios import Scenario, read_file
from meetingsim.scenarios.library import file_of
from meetingsim.targets.playing import play, without_collections

TURNS = 2_000_000
TIMES = 5
CASTS = {10: "30m", 100: "5m", 1_000: "10s"}


@dataclass(frozen=True)
class Timed:
    """A run: what it was worth, and what it cost."""

    name: str
    people: int
    virtual_seconds: float
    deliveries: int
    wall: float
    cpu: float
    turn: float
    """CPU seconds of one turn of an empty loop, at the time."""
    fastest: float = 0.0
    """The least that any of the runs took: what others took more, they took because of the machine."""


def turn() -> float:
    began = time.process_time()
    for _ in range(TURNS):
        pass
    return (time.process_time() - began) / TURNS


def attended(people: int, duration: str) -> Scenario:
    """A host, and everybody else at the behaviour that people in a class have, from the beginning on."""
    actors = {
        "host": {"role": "host", "country": "US"},
        "people": {"count": people - 1, "country": "US", "behavior": "attendee"},
    }
    meeting = {"waiting_room": {"enabled": False}, "capacity": people}
    return Scenario.model_validate(
        {"name": f"class-of-{people}", "duration": duration, "meeting": meeting, "actors": actors}
    )


def median(name: str, scenario: Scenario) -> Timed:
    """The run in the middle of some: one alone says more of the machine than of the scenario."""
    runs = sorted((timed(name, scenario) for _ in range(TIMES)), key=lambda run: run.wall)
    return replace(runs[TIMES // 2], fastest=runs[0].wall)


def timed(name: str, scenario: Scenario) -> Timed:
    gc.collect()  # what an earlier run left is not this one's to clear away
    before = turn()
    with (
        without_collections()
    ):  # as ``meetingsim run`` has it, which has said everything before it clears anything away
        wall, cpu = time.perf_counter(), time.process_time()
        trace = play(scenario).trace
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if trace.broke:
        raise SystemExit(f"{name}: {trace.broke}")
    deliveries = sum(fact.fact == "received" for fact in trace.facts)
    return Timed(name, len(trace.members), trace.duration / 1000, deliveries, wall, cpu, (before + turn()) / 2)


def table(runs: list[Timed]) -> Table:
    title = f"played in process and judged, {TIMES} times; of the median, CPU and turns of an empty loop for a frame that arrived"
    out = Table(title=title, title_justify="left", box=SIMPLE, pad_edge=False)
    for column in ("", "people", "min", "frames", "least", "s", "min/s", "µs", "turns"):
        out.add_column(column, justify="right" if column else "left", no_wrap=True)
    for run in runs:
        a_delivery = run.cpu / max(1, run.deliveries)
        out.add_row(
            run.name,
            f"{run.people:,}",
            f"{run.virtual_seconds / 60:.1f}",
            f"{run.deliveries:,}",
            f"{run.fastest:.2f}",
            f"{run.wall:.2f}",
            f"{run.virtual_seconds / 60 / run.wall:.3g}",
            f"{a_delivery * 1e6:.0f}",
            f"{a_delivery / run.turn:,.0f}",
        )
    return out


def main() -> int:
    progress = Console(stderr=True, highlight=False)
    timed("warm", attended(5, "10s"))
    runs: list[Timed] = []
    for people, duration in CASTS.items():
        progress.print(f"{people} people for {duration}")
        runs.append(median("a class", attended(people, duration)))
    progress.print("link-leak-raid")
    runs.append(median("link-leak-raid", read_file(file_of("link-leak-raid"), countries=NAMES, groups=GROUPS)))
    Console().print(table(runs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
