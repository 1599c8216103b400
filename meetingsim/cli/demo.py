"""``meetingsim demo``: one of the scenarios that come along, on a real server, live, with the controls and without them."""

from __future__ import annotations

import sys
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from meetingsim.cli.console import BROKEN, OK, Stop, complain, harmless
from meetingsim.geo.countries import GROUPS, NAMES
from meetingsim.geo.lookup import CountryReader
from meetingsim.scenarios import Scenario, read_file
from meetingsim.scenarios.library import file_of
from meetingsim.scenarios.picture import Picture
from meetingsim.scenarios.scenario import plain
from meetingsim.scenarios.target import TargetFailed
from meetingsim.scenarios.trace import Fact, Trace
from meetingsim.scenarios.verdicts import Judgement
from meetingsim.targets.playing import Where, play

_LINES = 12
_FRAME_SECONDS = 0.125
_OPEN_DOOR = {
    "waiting_room": {"enabled": False},
    "allow": {"record": True},
    "removal": {"match": [], "unmatched": "admit"},
}
"""A meeting in which nobody waits and nothing is barred: the second half of the demo."""


def run(*, seed: int, no_wait: bool) -> int:
    """Plays the raid twice, to its end; gives the exit code."""
    console = Console(highlight=False)
    waits = not no_wait and console.is_terminal and sys.stdin.isatty()
    guarded = read_file(file_of("demo"), countries=NAMES, groups=GROUPS)
    console.print("[bold]meetingsim[/]: a real server, real sockets, real country look-ups, simulated people\n")
    try:
        first = _act(console, guarded, seed, "with the controls")
        if waits:
            console.input("\n[dim]Enter: the same raid without the controls[/] ")
        second = _act(console, _without_controls(guarded), seed, "without the controls")
    except TargetFailed as error:
        return complain(Stop(str(error), BROKEN))
    console.print(_comparison(first, second))
    students = _of_group(first.trace, "students")
    with _reader() as reader:
        console.print(
            f"[dim]Each figure is what {len(students)} students got on their own sockets. {reader.attribution}[/]"
        )
    console.print(
        "The same raid in no time, with a report: [bold]meetingsim run demo[/]. All there are: [bold]meetingsim list[/]."
    )
    return OK


@contextmanager
def _reader() -> Iterator[CountryReader]:
    reader = CountryReader(None)
    try:
        yield reader
    finally:
        reader.close()


def _without_controls(scenario: Scenario) -> Scenario:
    """The same people and the same moments, an open door, and a teacher who does nothing; nothing is expected of it."""
    said = plain(scenario)
    meeting = {"topic": said["meeting"]["topic"], **_OPEN_DOOR}
    kept = {name: value for name, value in said.items() if name not in {"policies", "expect", "thresholds"}}
    return Scenario.model_validate({**kept, "meeting": meeting})


def _act(console: Console, scenario: Scenario, seed: int, title: str) -> Judgement:
    screen = _Screen(console, title)
    with screen.shown():
        judgement = play(scenario, seed, Where(clock="real"), see=screen.see)
    if judgement.trace.broke:
        raise TargetFailed(judgement.trace.broke)
    return judgement


class _Screen:
    """A live picture on a terminal; elsewhere one line for each thing that happens."""

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = title
        self._lines: deque[str] = deque(maxlen=_LINES)
        self._picture: Picture | None = None
        self._refused = 0
        self._exposed_ms = 0
        self._last_at = 0
        self._live: Live | None = None
        self._drawn = 0.0

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Shows it for as long as the block runs."""
        if not self._console.is_terminal:
            self._console.print(f"[bold]{self._title}[/]")
            yield
            return
        with Live(self._panel(), console=self._console, auto_refresh=False) as self._live:
            yield
            self._live.update(self._panel(), refresh=True)

    def see(self, trace: Trace, fact: Fact) -> None:
        """Something happened."""
        if self._picture is None:
            self._picture = Picture(trace)
        if self._disturbed():
            self._exposed_ms += fact.at - self._last_at
        self._last_at = fact.at
        self._picture.apply(fact)
        self._refused += fact.fact == "entry_refused"
        if line := _story(trace, fact):
            self._say(fact.at, line)
        # Drawing takes longer than a fact: what is not seen for an eighth of a second is not missed.
        if self._live is not None and (now := time.perf_counter()) - self._drawn > _FRAME_SECONDS:
            self._drawn = now
            self._live.update(self._panel(), refresh=True)

    def _disturbed(self) -> bool:
        rows = self._picture.cast.values() if self._picture else ()
        return any(
            row["group"] != "students" and row["group"] != "teacher" and (row["audio"] or row["video"] or row["share"])
            for row in rows
            if row["place"] == "inside"
        )

    def _say(self, at: int, line: str) -> None:
        text = f"[dim]{at / 1000:5.1f} s[/]  {escape(harmless(line))}"
        self._lines.append(text)
        if self._live is None:
            self._console.print(text, soft_wrap=True)

    def _panel(self) -> Panel:
        table = Table(box=None, pad_edge=False)
        for column in ("", "inside", "waiting"):
            table.add_column(column, justify="right" if column else "left")
        for name, groups, colour in (("class", ("students",), "green"), ("raid", ("raiders", "lurkers"), "red")):
            rows = [row for row in (self._picture.cast.values() if self._picture else ()) if row["group"] in groups]
            places = Counter(row["place"] for row in rows)
            table.add_row(f"[{colour}]{name}[/]", _bar(places["inside"], colour), _bar(places["waiting"], "yellow"))
        table.add_row("exposed to a raider's stream", f"{self._exposed_ms / 1000:.1f} s", "")
        table.add_row("refused at the door", str(self._refused), "")
        return Panel(
            Group(table, Text(), Text.from_markup("\n".join(self._lines))), title=self._title, height=_LINES + 10
        )


def _bar(count: int, colour: str) -> str:
    return f"[{colour}]{'■' * min(count, 44)}[/] {count:3d}"


def _story(trace: Trace, fact: Fact) -> str | None:
    """What is worth a line: the leak, and what each control changed."""
    fields = fact.fields
    if fact.fact == "link_posted":
        return f"the link to the class is posted in a {fields['site']}"
    if fact.fact == "suspended":
        stopped = sum(len(one["activities"]) for one in fields["stopped"])
        return f"suspend: {stopped} streams stop, nobody but the host starts any more, the door is locked"
    if fact.fact == "region_rule_set":
        return f"region rule: only {', '.join(fields['rule']['countries'])} from here on; who is from elsewhere is out"
    if fact.fact == "allowed":
        return f"{fields['activity']} goes on"
    if fact.fact == "report_filed" and fields["source"] == "suspend":
        return "reported with evidence: who was there, what was said last, where they came from"
    if fact.fact == "attendance":
        return f"the bell rings: {len(fields['present'])} of {fields['of']} students are still there"
    plain_words = {"waiting_room_set": "the waiting room is changed", "unlocked": "the door is open again"}
    return plain_words.get(fact.fact) or _firsts(trace, fact)


def _firsts(trace: Trace, fact: Fact) -> str | None:
    """Things that happen often are told the first time."""
    told = {
        "admitted": "the first answer is right: admitted",
        "removed": "the first raider is removed",
        "share_started": "somebody shares a screen",
    }
    line = told.get(fact.fact)
    earlier = (one for one in trace.facts if one.fact == fact.fact)
    return line if line and next(earlier) is fact else None


def _of_group(trace: Trace, *groups: str) -> list[str]:
    return [ref for ref, member in trace.members.items() if member.group in groups]


def _comparison(guarded: Judgement, bare: Judgement) -> Table:
    table = Table(title="the same raid, twice", title_justify="left")
    table.add_column("measured")
    table.add_column("with the controls", justify="right", style="green")
    table.add_column("without", justify="right", style="red")
    first, second = _figures(guarded), _figures(bare)
    for label in dict.fromkeys([*first, *second]):
        table.add_row(label, first.get(label, "0"), second.get(label, "0"))
    return table


def _figures(judgement: Judgement) -> Mapping[str, str]:
    """The rows of the comparison: harm as it was seen, and what the door did."""
    trace, measures = judgement.trace, judgement.measures
    raid = set(_of_group(trace, "raiders", "lurkers"))
    entered = {fact.actor for fact in trace.facts if fact.fact in {"joined", "admitted"} and fact.actor in raid}
    heard = Counter(fact.actor for fact in trace.facts if _is_line_of(trace, fact, raid))
    refused = Counter(
        f"refused: {fact.fields['code']}" for fact in trace.facts if fact.fact == "refused" and _knocks(fact)
    )
    students = _of_group(trace, "students")
    rows: dict[str, Any] = {
        f"raiders who got in, of {len(raid)}": len(entered),
        "disruptive streams, seconds a viewer": _seconds(measures["exposure_seconds"].value),
        "disruptive chat lines a student read": f"{sum(heard[ref] for ref in students) / len(students):.0f}",
        "first disruption to quiet": _seconds(measures["time_to_quiet"].value) if _stopped(trace) else "never",
        "raiders removed": sum(fact.fact == "removed" for fact in trace.facts),
        "reports filed with evidence": sum(fact.fact == "report_filed" for fact in trace.facts),
    }
    return {label: str(value) for label, value in {**rows, **dict(sorted(refused.items()))}.items()}


def _stopped(trace: Trace) -> bool:
    """Whether anybody but the bell ended it."""
    return any(fact.fact in {"suspended", "removed"} for fact in trace.facts)


def _is_line_of(trace: Trace, fact: Fact, raid: set[str]) -> bool:
    frame = fact.fields.get("frame", {})
    return fact.fact == "received" and frame.get("type") == "message" and trace.people.get(str(frame["from"])) in raid


def _knocks(fact: Fact) -> bool:
    return fact.fields.get("command") in {"join", "resume"}


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"
