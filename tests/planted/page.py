"""The page about planted bugs: written from a whole run, read by the tests, which play again what it says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from meetingsim.scenarios.library import file_of, names
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
{slow}
## How far the figure carries

Most of the mistakes were written down, over all parts of the server, before there was a scenario to notice them; scenarios and
invariants were written beside them, and those that ought to have noticed one were mended. So the figure says how far the library
has come, not what it would make of a mistake that nobody thought of. For that the {later} under *Written afterwards* were added
once the library stood: with three seeds a scenario it noticed **28 of these 36 (78 %) at the first try**. What would notice the
other 8 was added after that, and they are counted as found above.

They are mistakes of a few words, in one place. Those of a design, or of two places that disagree, are not among them; nor is
anything that only a real socket, a real clock or a full disk would show.

The mistakes are in `tests/planted/faults/`. `make planted` plays the whole table again, the tests each line that was found.
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


def own_seeds() -> dict[str, int]:
    """The shipped scenarios, each with the seed that it names."""
    lines = {name: file_of(name).read_text("utf-8").splitlines() for name in names()}
    return {name: next(int(one[6:]) for one in said if one.startswith("seed: ")) for name, said in lines.items()}


def page_of(
    faults: Sequence[Fault],
    finds: Mapping[str, Found],
    broke: Mapping[str, str],
    played: Sequence[Played],
    slow: Sequence[str],
) -> str:
    """The page.

    ``broke``: on which the run broke, and how, with no check that failed. ``played``: on the unchanged server.
    ``slow``: the scenarios that were played with their own seed alone.
    """
    parts = [_intro(faults, finds, played, slow)]
    for area in dict.fromkeys(one.area for one in faults):
        parts += _table(area, [(one, finds[one.id]) for one in faults if one.area == area and one.id in finds])
    left = [one for one in faults if one.id not in finds]
    if broke:
        parts += ["## The run broke\n", *(_line(one, broke[one.id]) for one in left if one.id in broke), ""]
    if missed := [one for one in left if one.id not in broke]:
        parts += ["## Missed\n", *(_line(one, one.missed) for one in missed), ""]
    return "\n".join(parts)


def _intro(faults: Sequence[Fault], finds: Mapping[str, Found], played: Sequence[Played], slow: Sequence[str]) -> str:
    failed = sum(one.found for one in played)
    alone = ", ".join(f"`{name}`" for name in sorted(slow))
    return _INTRO.format(
        found=len(finds),
        all=len(faults),
        share=f"{len(finds) / len(faults):.0%}",
        plays=len(played),
        seeds=max(Counter(one.scenario for one in played).values()),
        clean=f"{failed} of them failed." if failed else "nothing failed.",
        slow=f"Of the large ones their own seed alone was played: {alone}.\n" if slow else "",
        later=sum(one.area == "written_afterwards" for one in faults),
    )


def _line(fault: Fault, said: str) -> str:
    return f"- `{fault.id}`: {fault.says} {said}"


def _table(area: str, rows: Sequence[tuple[Fault, Found]]) -> Iterator[str]:
    yield f"## {area.replace('_', ' ').capitalize()}\n"
    yield "| bug | what is wrong | scenario | check that fails | seed |"
    yield "|---|---|---|---|---|"
    for fault, found in rows:
        yield f"| `{fault.id}` | {fault.says} | `{found.scenario}` | `{found.check}` | {found.seed} |"
    yield ""
