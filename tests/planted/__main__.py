"""Plays the shipped scenarios on every fault, says what was found, and writes the page: ``python -m tests.planted``.

With the ids of faults only these are played, and nothing is written.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue

import yaml
from rich.console import Console
from rich.table import Table

from tests.planted.faults import Fault, every_fault
from tests.planted.page import PAGE, Found, page_of, read_page
from tests.planted.player import LIBRARY, Played, Player

_PROCESSES = 2
Play = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Hunt:
    """What came of one fault: the play that found it, or None; and how long all its plays took."""

    fault: Fault
    played: Played | None
    plays: int
    seconds: float

    @property
    def found(self) -> Found | None:
        """The find, where a check failed; a run that only broke is none."""
        one = self.played
        return Found(self.fault.id, one.scenario, one.failed[0], one.seed) if one and one.failed else None


class Company:
    """Players that take turns."""

    def __init__(self) -> None:
        self._players = [Player() for _ in range(_PROCESSES)]
        self._free: SimpleQueue[Player] = SimpleQueue()
        for player in self._players:
            self._free.put(player)

    def play(self, fault: str | None, plays: Sequence[Play]) -> list[Played]:
        """By the next that is free: on the unchanged server all of them, on a fault up to the first that finds it."""
        player = self._free.get()
        try:
            return list(player.play(fault, plays, to_the_end=fault is None))
        finally:
            self._free.put(player)

    def close(self) -> None:
        """Sends them home."""
        for player in self._players:
            player.close()


def seeds_of(own: int, many: int) -> list[int]:
    """The scenario's own seed, and as many others as make up the number."""
    return [own, *(seed for seed in range(1, many + 1) if seed != own)][:many]


def unchanged(company: Company, names: dict[str, int], seeds: int, console: Console) -> list[Played]:
    """Every scenario and seed on the server as it is."""
    with ThreadPoolExecutor(_PROCESSES) as pool:
        jobs = [[(name, seed) for seed in seeds_of(own, seeds)] for name, own in names.items()]
        played = [one for plays in pool.map(lambda job: company.play(None, job), jobs) for one in plays]
    for one in played:
        if one.found:
            console.print(f"[red]unchanged, and yet[/] {one.scenario} {one.seed}: {one.broke or ', '.join(one.failed)}")
    return played


def order_of(played: Sequence[Played], seeds: int) -> list[Play]:
    """What is played on every fault: each scenario's own seed first, the quick ones before the slow; none that is not green."""
    quick: dict[str, float] = {}
    for one in played:
        quick.setdefault(one.scenario, one.seconds)
    dirty = {(one.scenario, one.seed) for one in played if one.found}
    own = {one.scenario: one.seed for one in reversed(played)}
    turns = [(turn, quick[name], name, seed) for name in quick for turn, seed in enumerate(seeds_of(own[name], seeds))]
    return [(name, seed) for _, _, name, seed in sorted(turns) if (name, seed) not in dirty]


def hunt(company: Company, fault: Fault, plays: Sequence[Play]) -> Hunt:
    """One fault; where it was found the last time is looked first."""
    last = [(one.scenario, one.seed) for one in read_page() if one.fault == fault.id]
    known = [one for one in last if one in plays]
    played = company.play(fault.id, [*known, *(one for one in plays if one not in known)])
    finder = played[-1] if played and played[-1].found else None
    return Hunt(fault, finder, len(played), sum(one.seconds for one in played))


def show(hunts: Sequence[Hunt], console: Console) -> None:
    """The table, and its sum."""
    table = Table("bug", "found by", "check", "seed", "plays", "seconds")
    for one in hunts:
        played = one.played
        if played is None:
            said = ("[red]missed[/]", "", "")
        else:
            said = (played.scenario, ", ".join(played.failed) or str(played.broke), str(played.seed))
        table.add_row(one.fault.id, *said, str(one.plays), f"{one.seconds:.1f}")
    console.print(table)
    found = sum(one.found is not None for one in hunts)
    console.print(
        f"found: {found} of {len(hunts)} ({found / len(hunts):.0%}), {sum(one.seconds for one in hunts):.0f} s"
    )


def main() -> int:
    """1 where something fails on the unchanged server."""
    parser = argparse.ArgumentParser(description="Plays the shipped scenarios on faulty servers.")
    parser.add_argument("faults", nargs="*", help="only these, and no page is written")
    parser.add_argument("--seeds", type=int, default=25, help="how many for each scenario, at the most")
    said = parser.parse_args()
    faults, console = every_fault(), Console()
    wanted = [faults[one] for one in said.faults] or list(faults.values())
    paths = sorted(LIBRARY.glob("*.scenario.yaml"))
    names = {
        one.name.removesuffix(".scenario.yaml"): yaml.safe_load(one.read_text("utf-8")).get("seed", 0) for one in paths
    }
    company = Company()
    played = unchanged(company, names, 1 if said.faults else said.seeds, console)
    order = order_of(played, said.seeds)
    with ThreadPoolExecutor(_PROCESSES) as pool:
        hunts = list(pool.map(lambda fault: hunt(company, fault, order), wanted))
    company.close()
    show(hunts, console)
    dirty = [one for one in played if one.found]
    console.print(f"unchanged: {len(played)} plays, {len(dirty)} not green")
    if not said.faults:
        finds = {one.fault.id: one.found for one in hunts if one.found}
        broke = {one.fault.id: one.played.broke for one in hunts if one.played and one.played.broke and not one.found}
        PAGE.write_text(page_of(wanted, finds, broke, played), "utf-8")
    return 1 if dirty else 0


if __name__ == "__main__":
    raise SystemExit(main())
