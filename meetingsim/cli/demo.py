"""``meetingsim demo``: a raid on a class, live, with the controls and without them."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from meetingsim.chance import Chance
from meetingsim.cli.raid import RAIDERS, STUDENTS, Figures, Stage, perform
from meetingsim.clients import Server
from meetingsim.serving import serving
from meetingsim.settings import ServerSettings

RAID_SECONDS = 12.0
_LINES = 12
_OPEN_DOOR = {
    "waiting_room": {"enabled": False},
    "allow": {"record": True},
    "removal": {"match": [], "unmatched": "admit"},
}
"""A meeting in which nobody waits and nothing is barred: the second half of the demo."""


def run(*, seed: int, no_wait: bool) -> int:
    """Runs the demo to its end; gives the exit code."""
    console = Console(highlight=False)
    waits = not no_wait and console.is_terminal and sys.stdin.isatty()
    asyncio.run(_demo(console, seed, waits=waits))
    return 0


async def _demo(console: Console, seed: int, *, waits: bool) -> None:
    settings = ServerSettings(port=0, host="127.0.0.1")
    async with serving(settings) as world, Server(world.base_url, world.admin_token) as server:
        console.print(
            f"[bold]meetingsim[/] at {world.base_url}: real sockets, real country look-ups, simulated people\n"
        )
        guarded = await _act(console, server, seed, controls=True)
        if waits:
            await asyncio.to_thread(console.input, "\n[dim]Enter: the same raid without the controls[/] ")
        bare = await _act(console, server, seed, controls=False)
        console.print(_comparison(guarded, bare))
        console.print(
            f"[dim]Each figure was measured on {STUDENTS} students' own sockets. {world.origins.countries.attribution or ''}[/]"
        )
        console.print("Next: [bold]make serve[/], then the first conversation in README.md.")


async def _act(console: Console, server: Server, seed: int, *, controls: bool) -> Figures:
    title = "with the controls" if controls else "without the controls"
    meeting = await server.create_meeting("Class 6", settings=None if controls else _OPEN_DOOR)
    screen = _Screen(console, title)
    stage = Stage(meeting, Chance(seed), screen.say)
    screen.stage = stage
    async with screen.shown():
        figures = await perform(stage, controls=controls, after_arrival=RAID_SECONDS)
        screen.say(f"the bell rings: {figures.students_kept} of {STUDENTS} students are still there")
        await meeting.end()
    return figures


class _Screen:
    """A live picture on a terminal; elsewhere one line for each thing that happens."""

    def __init__(self, console: Console, title: str) -> None:
        self.stage: Stage | None = None
        self._console = console
        self._title = title
        self._lines: deque[str] = deque(maxlen=_LINES)
        self._began: float | None = None

    def say(self, line: str) -> None:
        """Something happened that is worth a line."""
        now = asyncio.get_running_loop().time()
        self._began = self._began or now
        text = f"[dim]{now - self._began:5.1f} s[/]  {line}"
        self._lines.append(text)
        if not self._console.is_terminal:
            self._console.print(text)

    @asynccontextmanager
    async def shown(self) -> AsyncIterator[None]:
        """Shows it for as long as the block runs."""
        if not self._console.is_terminal:
            self._console.print(f"[bold]{self._title}[/]")
            yield
            return
        with Live(self._picture(), console=self._console, auto_refresh=False) as live:
            refreshing = asyncio.create_task(self._refresh(live))
            try:
                yield
            finally:
                refreshing.cancel()
                live.update(self._picture(), refresh=True)

    async def _refresh(self, live: Live) -> None:
        while True:
            live.update(self._picture(), refresh=True)
            await asyncio.sleep(0.125)

    def _picture(self) -> Panel:
        table = Table(box=None, pad_edge=False)
        for column in ("", "inside", "waiting"):
            table.add_column(column, justify="left" if not column else "right")
        if self.stage is not None:
            counts = self.stage.counts()
            for group, colour in (("class", "green"), ("raid", "red")):
                inside, waiting = counts[group]
                table.add_row(f"[{colour}]{group}[/]", _bar(inside, colour), _bar(waiting, "yellow"))
            exposure = sum(one.seconds for one in self.stage.exposures) / max(1, len(self.stage.exposures))
            table.add_row("exposure a student", f"{exposure:.1f} s", "")
            table.add_row("refused", str(sum(self.stage.figures.refused.values())), "")
        story = Text.from_markup("\n".join(self._lines))
        return Panel(Group(table, Text(), story), title=self._title, height=_LINES + 10)


def _bar(count: int, colour: str) -> str:
    return f"[{colour}]{'■' * min(count, 44)}[/] {count:3d}"


def _comparison(guarded: Figures, bare: Figures) -> Table:
    table = Table(title="the same raid, twice", title_justify="left")
    table.add_column("measured")
    table.add_column("with the controls", justify="right", style="green")
    table.add_column("without", justify="right", style="red")
    raiders = sum(RAIDERS.values())
    rows: list[tuple[str, str, str]] = [
        (f"raiders who got in, of {raiders}", str(guarded.got_in), str(bare.got_in)),
        ("most raiders inside at once", str(guarded.most_inside), str(bare.most_inside)),
        ("disruptive streams, seconds a student", f"{guarded.exposure:.1f}", f"{bare.exposure:.1f}"),
        ("disruptive chat lines a student read", f"{guarded.lines:.0f}", f"{bare.lines:.0f}"),
        ("disruptions accepted", str(guarded.accepted), str(bare.accepted)),
        ("first disruption to quiet", _seconds(guarded.time_to_quiet), _seconds(bare.time_to_quiet)),
        ("reports filed with evidence", str(guarded.reports), str(bare.reports)),
    ]
    for code in sorted(guarded.refused | bare.refused):
        rows.append((f"refused: {code}", str(guarded.refused[code]), str(bare.refused[code])))
    for row in rows:
        table.add_row(*row)
    return table


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} s"
