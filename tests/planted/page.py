"""The page about planted bugs: written from a whole run, read by the tests, which play again what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.planted.faults import Fault
from tests.planted.player import Played

PAGE = Path(__file__).parents[2] / "docs" / "topics" / "planted-bugs.md"
_ROW = re.compile(r"^\| `([a-z-]+)` \| .* \| `([a-z0-9-]+)` \| `([^`]+)` \| (\d+) \|$", re.MULTILINE)
_INTRO = """\
# Planted bugs: what the shipped scenarios notice

<!-- Written by `make planted` out of played scenarios; changes by hand are lost. -->

Each line is the server with one small mistake in `meetingsim/state/` or `meetingsim/live/`, of the kind that is made on a busy
day. Every mistake was put in alone, and the scenarios that `meetingsim list` names were played on it, in process and on the
virtual clock, up to the first that noticed: each with its own seed before any with another, the quick ones first, {seeds} seeds
at the most. A bug counts as found where an expectation or an invariant fails that holds on the unchanged server with the same
scenario and seed. A threshold that is missed does not count, and neither does a run that only breaks.

**{found} of {all} were found ({share}).** The unchanged server was played with the same {plays:,} scenarios and seeds: {clean}
"""
_OUTRO = """\
## What this does not say

The mistakes were written down, over all parts of the server, before it was known what would notice them, and those that were
missed stayed in the table. A scenario or an invariant that ought to have noticed one was mended afterwards, so the share says
how far the library has come, not how far it would come with mistakes that nobody thought of. They are mistakes of a few words,
in one place. Those of a design, or of two places that disagree, are not among them; nor is anything that only a real socket, a
real clock or a full disk would show.

The mistakes are in `tests/planted/faults/`. `make planted` plays the whole table again; the tests play each line that was found.
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A bug that was found: by which scenario and check, with which seed."""

    fault: str
    scenario: str
    check: str
    seed: int


def read_page() -> list[Found]:
    """What the page says was found."""
    text = PAGE.read_text("utf-8") if PAGE.exists() else ""
    return [Found(fault, scenario, check, int(seed)) for fault, scenario, check, seed in _ROW.findall(text)]


def page_of(
    faults: Sequence[Fault], finds: Mapping[str, Found], broke: Mapping[str, str], played: Sequence[Played]
) -> str:
    """The page. ``broke``: on which the run broke, and how, with no check that failed. ``played``: on the unchanged server."""
    failed = sum(one.found for one in played)
    figures = {
        "found": len(finds),
        "all": len(faults),
        "share": f"{len(finds) / len(faults):.0%}",
        "plays": len(played),
    }
    seeds = len({one.seed for one in played if one.scenario == played[0].scenario})
    clean = "nothing failed." if not failed else f"{failed} failed."
    parts = [_INTRO.format(**figures, seeds=seeds, clean=clean)]
    for area in dict.fromkeys(one.area for one in faults):
        parts += _table(area, [(one, finds[one.id]) for one in faults if one.area == area and one.id in finds])
    if broke:
        parts += [
            "## The run broke\n",
            *(f"- `{one.id}`: {one.says} {broke[one.id]}" for one in faults if one.id in broke),
            "",
        ]
    if missed := [one for one in faults if one.id not in finds and one.id not in broke]:
        parts += ["## Missed\n", *(f"- `{one.id}`: {one.says} {one.missed}" for one in missed), ""]
    return "\n".join([*parts, _OUTRO])


def _table(area: str, rows: Sequence[tuple[Fault, Found]]) -> Iterator[str]:
    yield f"## {area.replace('_', ' ').capitalize()}\n"
    yield "| bug | what is wrong | scenario | check that fails | seed |"
    yield "|---|---|---|---|---|"
    for fault, found in rows:
        yield f"| `{fault.id}` | {fault.says} | `{found.scenario}` | `{found.check}` | {found.seed} |"
    yield ""
