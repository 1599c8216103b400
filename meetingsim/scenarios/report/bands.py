"""What a crowd did in time: how many were inside or waiting, how many acted, how much was received."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import accumulate
from typing import Final

from meetingsim.scenarios.report.course import Spell
from meetingsim.scenarios.trace import Fact, Trace, activity_of_frame

BUCKETS: Final = 600
"""Into so many parts of its length a run is cut to count who acted."""
_MOST_STEPS: Final = 2_000
_MOST_SPELLS: Final = 30_000


class Counts:
    """One walk over the facts: who acted, what was received, what was refused, and by which names people came."""

    def __init__(self, trace: Trace) -> None:
        self.bucket = max(1, -(-trace.duration // BUCKETS))
        buckets = trace.duration // self.bucket + 1
        self.traffic = [0] * buckets
        self.received: Counter[str] = Counter()
        self.of: dict[str, Counter[str]] = {"removed": Counter(), "denied": Counter(), "refused": Counter()}
        self.names: dict[str, list[str]] = defaultdict(list)
        acted: set[tuple[int, str]] = set()
        for fact in trace.facts:
            at, actor = min(fact.at // self.bucket, buckets - 1), fact.actor
            if fact.fact == "received":
                self.traffic[at] += 1
            if actor is None:
                continue
            if fact.fact == "received":
                self.received[actor] += 1
            elif fact.fact in self.of:
                self.of[fact.fact][actor] += 1
            elif _acts(fact):
                acted.add((at, actor))
            self._note_name(fact, actor)
        self._acted: dict[str, list[int]] = {}
        for at, actor in acted:
            if (member := trace.members.get(actor)) is not None:
                self._acted.setdefault(member.group, [0] * buckets)[at] += 1

    def acting(self, group: str) -> list[int]:
        """For each part of the run how many of a group did something; empty where nobody ever did."""
        return self._acted.get(group, [])

    def _note_name(self, fact: Fact, actor: str) -> None:
        name = (fact.fields.get("person") or {}).get("name") if "person" in fact.fields else None
        if fact.fact == "sent" and fact.fields.get("command") == "join":
            name = fact.fields.get("name")
        if isinstance(name, str) and name not in self.names[actor]:
            self.names[actor].append(name)


def _acts(fact: Fact) -> bool:
    """Whether somebody did what others see or hear; by the journal and the replies alike, for a target may have but one."""
    if fact.fact == "accepted":
        return fact.fields.get("activity") is not None
    return fact.is_event and activity_of_frame(fact.fields) is not None


def steps(spells: Iterable[Spell], duration: int) -> list[int]:
    """How many of these spells were going on, as ``[at, count, at, count, …]``; of too many changes the highest counts."""
    changes: Counter[int] = Counter()
    for spell in spells:
        changes[spell.since] += 1
        changes[spell.until] -= 1
    moments = sorted(at for at, change in changes.items() if change)
    counts = list(accumulate(changes[at] for at in moments))
    if len(moments) > _MOST_STEPS:
        return _highest(moments, counts, duration)
    return [value for step in zip(moments, counts, strict=True) for value in step]


def _highest(moments: list[int], counts: list[int], duration: int) -> list[int]:
    size = max(1, -(-duration * 2 // _MOST_STEPS))
    highest: dict[int, int] = {}
    now = 0
    for at, count in zip(moments, counts, strict=True):
        bucket = at // size
        highest[bucket] = max(highest.get(bucket, now), count)
        highest[bucket + 1] = now = count
    return [value for bucket, count in sorted(highest.items()) for value in (bucket * size, count)]


def bounded(spells: list[Spell]) -> tuple[list[Spell], list[str]]:
    """Not more spells than a page can hold, the longest; and in words what was left out."""
    if len(spells) <= _MOST_SPELLS:
        return spells, []
    longest = sorted(spells, key=lambda spell: spell.since - spell.until)[:_MOST_SPELLS]
    said = f"the {len(spells) - _MOST_SPELLS:,} shortest stays of {len(spells):,} are not drawn in people's lanes"
    return sorted(longest, key=lambda spell: spell.since), [said]
