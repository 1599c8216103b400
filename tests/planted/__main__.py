"""Plays the shipped scenarios on every fault, says what was found, and writes the page: ``python -m tests.planted``.

With the ids of faults only these are played, and nothing is written.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TypeVar

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.planted.faults import Fault, every_fault
from tests.planted.page import PAGE, Found, own_seeds, page_of, read_page
from tests.planted.player import PATIENCE, Play, Played, Player

T = TypeVar("T")
_PROCESSES = 2
_SLOW = 10.0
"""Seconds; a scenario that takes longer is played with its own seed alone, and on a fault only where no other finds it."""
_LONG_PATIENCE = 900


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

    def play(self, fault: str | None, plays: Sequence[Play], patience: int = PATIENCE) -> list[Played]:
        """As ``Player.play``, by the next that is free."""
        player = self._free.get()
        try:
            return list(player.play(fault, plays, patience))
        finally:
            self._free.put(player)

    def close(self) -> None:
        """Sends them home."""
        for player in self._players:
            player.close()


def unchanged(company: Company, seeds: int, console: Console) -> tuple[list[Played], list[Played]]:
    """The server as it is: each scenario with its own seed, and the others of the quick ones."""
    with ThreadPoolExecutor(_PROCESSES) as pool:
        jobs = [[play] for play in own_seeds().items()]
        playing = pool.map(lambda job: company.play(None, job, _LONG_PATIENCE), jobs)
        own = [one for plays in _shown(playing, len(jobs), "unchanged, own seeds") for one in plays]
        quick = [one for one in own if one.seconds < _SLOW]
        jobs = [[(one.scenario, seed) for seed in _others(one.seed, seeds)] for one in quick]
        playing = pool.map(lambda job: company.play(None, job), jobs)
        others = [one for plays in _shown(playing, len(jobs), "unchanged, other seeds") for one in plays]
    for one in (*own, *others):
        if one.found:
            console.print(f"[red]unchanged, and yet[/] {one.scenario} {one.seed}: {one.broke or ', '.join(one.failed)}")
    return own, others


def _shown(parts: Iterable[T], total: int, what: str) -> Iterable[T]:
    """The same, with a bar on stderr for whoever waits."""
    return track(parts, what, total, console=Console(stderr=True), disable=not sys.stderr.isatty())


def _others(own: int, seeds: int) -> list[int]:
    """As many others as make up the number."""
    return [seed for seed in range(1, seeds + 1) if seed != own][: seeds - 1]


def order_of(own: Sequence[Played], seeds: int) -> tuple[list[Play], list[Play]]:
    """What is played on every fault: each quick scenario with its own seed, then with the others; and the slow ones."""
    by_time = sorted(own, key=lambda one: one.seconds)
    quick = [one for one in by_time if one.seconds < _SLOW]
    first = [(one.scenario, one.seed) for one in quick]
    turns = zip(*(_others(one.seed, seeds) for one in quick), strict=True)
    later = [(one.scenario, seed) for turn in turns for one, seed in zip(quick, turn, strict=True)]
    return [*first, *later], [(one.scenario, one.seed) for one in by_time if one.seconds >= _SLOW]


def hunt(company: Company, fault: Fault, quick: Sequence[Play], slow: Sequence[Play]) -> Hunt:
    """One fault; where it was found the last time is looked first."""
    last = {(one.scenario, one.seed) for one in read_page() if one.fault == fault.id}
    played = company.play(fault.id, sorted(quick, key=lambda play: play not in last))
    if not (played and played[-1].found):
        played += company.play(fault.id, slow, _LONG_PATIENCE)
    finder = played[-1] if played and played[-1].found else None
    return Hunt(fault, finder, len(played), sum(one.seconds for one in played))


def show(hunts: Sequence[Hunt], console: Console) -> None:
    """The table, and its sum."""
    table = Table("bug", "found by", "checks", "seed", "plays", "seconds")
    for one in hunts:
        table.add_row(one.fault.id, *_said(one.played), str(one.plays), f"{one.seconds:.1f}")
    console.print(table)
    found = sum(one.found is not None for one in hunts)
    seconds = sum(one.seconds for one in hunts)
    console.print(f"found: {found} of {len(hunts)} ({found / len(hunts):.0%}), in {seconds:.0f} s of CPU")


def _said(played: Played | None) -> Iterator[str]:
    if played is None:
        yield from ("[red]missed[/]", "", "")
    else:
        yield from (played.scenario, ", ".join(played.failed) or f"broke: {played.broke}", str(played.seed))


def main() -> int:
    """1 where something fails on the unchanged server."""
    parser = argparse.ArgumentParser(description="Plays the shipped scenarios on faulty servers.")
    parser.add_argument("faults", nargs="*", help="only these, and no page is written")
    parser.add_argument("--seeds", type=int, default=25, help="how many for each scenario, at the most")
    said = parser.parse_args()
    faults, console = every_fault(), Console()
    wanted = [faults[one] for one in said.faults] or list(faults.values())
    for fault in wanted:
        _ = fault.source  # raises DoesNotApply
    company = Company()
    own, others = unchanged(company, 1 if said.faults else said.seeds, console)
    played = [*own, *others]
    dirty = {(one.scenario, one.seed) for one in played if one.found}
    quick, slow = ([play for play in plays if play not in dirty] for plays in order_of(own, said.seeds))
    with ThreadPoolExecutor(_PROCESSES) as pool:
        playing = pool.map(lambda fault: hunt(company, fault, quick, slow), wanted)
        hunts = list(_shown(playing, len(wanted), "faults"))
    company.close()
    show(hunts, console)
    console.print(
        f"unchanged: {len(played)} plays, {len(dirty)} not green, in {sum(one.seconds for one in played):.0f} s"
    )
    if not said.faults:
        finds = {one.fault.id: one.found for one in hunts if one.found}
        broke = {one.fault.id: one.played.broke for one in hunts if one.played and one.played.broke and not one.found}
        PAGE.write_text(page_of(wanted, finds, broke, played, [name for name, _ in slow]), "utf-8")
    return 1 if dirty else 0


if __name__ == "__main__":
    raise SystemExit(main())
