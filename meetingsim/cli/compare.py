"""``meetingsim compare``: a scenario as it is and with changes, side by side: the harm done, and who got in by which trick."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from meetingsim.cli import plays, scenarios
from meetingsim.cli.console import BROKEN, OK, Stop, complain, harmless, out_json
from meetingsim.cli.scenarios import Loaded
from meetingsim.scenarios.overrides import several
from meetingsim.scenarios.report import digest_of
from meetingsim.scenarios.report.wording import value_of
from meetingsim.scenarios.trace import Trace
from meetingsim.scenarios.verdicts import Judgement, Measure, Verdict
from meetingsim.targets.playing import Where

AS_IT_IS = "as it is"
_WIDTH = 160
"""Of the table where no terminal says how wide it is."""


@dataclass(slots=True)
class Column:
    """What came of one variant, over all its seeds."""

    changes: Sequence[str]
    loaded: Loaded
    runs: list[Judgement] = field(default_factory=list)

    @property
    def title(self) -> str:
        return "; ".join(self.changes) or AS_IT_IS

    def measures(self) -> dict[str, Measure]:
        """The mean of every measure over the runs that had something to measure."""
        means: dict[str, Measure] = {}
        for one in (measure for judgement in self.runs for measure in judgement.measures.values()):
            values = [run.measures[one.id].value for run in self.runs if one.id in run.measures]
            known = [value for value in values if value is not None]
            mean = sum(known) / len(known) if known else None
            means.setdefault(one.id, Measure(one.id, mean, one.unit, "", one.oracle))
        return means

    def got_in(self) -> Counter[str]:
        """How often somebody disruptive got in, by the trick they did it with."""
        return Counter(trick for judgement in self.runs for trick in tricks(judgement.trace))

    def failed(self) -> dict[str, int]:
        """In how many runs which check failed."""
        return dict(Counter(check.id for judgement in self.runs for check in judgement.of(Verdict.FAIL)))


def run(word: str, variants: Sequence[str], seed: int | None, seeds: int, *, as_json: bool) -> int:
    """Plays every variant with every seed; gives 2 where one is no scenario, 5 where a run broke."""
    columns: list[Column] = []
    for changes in [[], *([text] for text in variants)]:
        loaded, code = scenarios.load_each([word], changes)
        if code:
            return code
        columns += [Column([one for text in changes for one in several(text)], one) for one in loaded]
    first = columns[0].loaded.scenario.seed if seed is None else seed
    try:
        _play(columns, range(first, first + seeds))
    except Stop as stop:
        return complain(stop)
    if as_json:
        out_json(_as_json(columns))
    else:
        _show(columns, first, seeds)
    return BROKEN if any(judgement.trace.broke for column in columns for judgement in column.runs) else OK


def _play(columns: Sequence[Column], seeds: range) -> None:
    whole, done = len(columns) * len(seeds), 0
    with plays.bar(f"{columns[0].loaded.scenario.name}: runs") as step:
        for column in columns:
            for seed in seeds:
                step(done, whole, column.title)
                column.runs.append(plays.play(column.loaded.scenario, seed, Where()))
                done += 1


def tricks(trace: Trace) -> Iterator[str]:
    """How somebody whose doing is harm got in, for every time that somebody did."""
    last: dict[str, Mapping[str, Any]] = {}
    for fact in trace.facts:
        attempt = fact.fields.get("attempt")
        if fact.fact == "sent" and isinstance(attempt, Mapping):
            last[fact.actor or ""] = attempt
        elif fact.fact in {"joined", "admitted"}:
            ref = trace.people.get(str(fact.fields.get("participant")), fact.actor or "")
            if ref in trace.members and trace.members[ref].disruptive:
                yield _trick(last.get(ref, {}), trace.members[ref].country)


def _trick(attempt: Mapping[str, Any], home: str | None) -> str:
    header = str(attempt.get("header") or "").partition(":")[0]
    country = attempt.get("country")
    parts = [
        str(attempt.get("with") or "").replace("-", " "),
        f"via {attempt['via']}" if attempt.get("via") else "",
        f"header {header}" if header else "",
        f"from {country}" if country and country != home else "",
    ]
    return ", ".join(filter(None, parts)) or "just joined"


def _people(column: Column) -> float:
    """How many different people got in whose doing is harm, in the mean of the runs."""
    inside = 0
    for judgement in column.runs:
        trace = judgement.trace
        came = {
            trace.people.get(str(fact.fields.get("participant")))
            for fact in trace.facts
            if fact.fact in {"joined", "admitted"}
        }
        inside += sum(ref in trace.members and trace.members[ref].disruptive for ref in came if ref)
    return inside / len(column.runs)


def _as_json(columns: Sequence[Column]) -> dict[str, Any]:
    return {
        "name": columns[0].loaded.scenario.name,
        "seeds": [judgement.trace.seed for judgement in columns[0].runs],
        "variants": [
            {
                "set": list(column.changes),
                "digests": [digest_of(judgement.trace) for judgement in column.runs],
                "measures": {name: measure.value for name, measure in column.measures().items()},
                "got_in": {"people": _people(column), "by": dict(column.got_in())},
                "failed": column.failed(),
                "broke": next((judgement.trace.broke for judgement in column.runs if judgement.trace.broke), None),
            }
            for column in columns
        ],
    }


def _show(columns: Sequence[Column], first: int, seeds: int) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else _WIDTH)
    course = f"seed {first}" if seeds == 1 else f"mean of the seeds {first} to {first + seeds - 1}"
    name = columns[0].loaded.scenario.name
    table = Table(title=Text(f"{name}, {course}", style="bold"), title_justify="left")
    table.add_column("")
    for column in columns:
        table.add_column(Text(harmless(column.title)), overflow="fold")
    for label, cells in _rows(columns):
        table.add_row(Text(label), *cells)
    console.print(table)


def _rows(columns: Sequence[Column]) -> Iterator[tuple[str, list[Any]]]:
    measured = [column.measures() for column in columns]
    for name in dict.fromkeys(name for one in measured for name in one):
        oracle = " (oracle)" if any(one[name].oracle for one in measured if name in one) else ""
        yield f"{name}{oracle}", [value_of(one[name]) if name in one else "–" for one in measured]
    yield "disruptive people who got in", [f"{_people(column):g}" for column in columns]
    got_in = [column.got_in() for column in columns]
    for trick in sorted(dict.fromkeys(trick for one in got_in for trick in one)):
        cells = [f"{one[trick] / len(column.runs):g}" for one, column in zip(got_in, columns, strict=True)]
        yield harmless(f"  {trick}"), cells
    yield "checks that fail", [_failed(column) for column in columns]
    broken = [next((one.trace.broke for one in column.runs if one.trace.broke), None) for column in columns]
    if any(broken):
        yield "broke", [harmless(said or "") for said in broken]


def _failed(column: Column) -> Any:
    from rich.text import Text

    failed = column.failed()
    many = len(column.runs) > 1
    said = [f"{name} ({count} of {len(column.runs)})" if many else name for name, count in failed.items()]
    return Text("\n".join(said) or "none", style="red" if said else "green")
