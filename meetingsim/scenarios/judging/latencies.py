"""How long things took by the wall clock; with the virtual clock nothing takes any time that means something."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from math import ceil
from typing import Final

from meetingsim.scenarios.trace import Fact, Trace
from meetingsim.scenarios.verdicts import Measure

LATENCIES: Final[Mapping[str, str]] = {
    "reply": "from a command that was sent to its reply",
    "suspend_effective": "from a suspend that was sent to its frame at a client inside",
}
PERCENTS: Final = (50, 95, 99)


def percentile(values: list[int], percent: int) -> int | None:
    """The smallest of these values that so many percent of them are not above; None of nothing."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)] if ordered else None


def latencies(trace: Trace) -> list[Measure]:
    """The latencies in ms, ``wall.NAME_p50`` to ``_p99``; nothing with the virtual clock."""
    if trace.clock != "real":
        return []
    found = _found(trace)
    return [_measure(name, percent, found[name]) for name in LATENCIES for percent in PERCENTS]


def _measure(name: str, percent: int, values: list[int]) -> Measure:
    value = percentile(values, percent)
    said = f"{percent}% of {len(values)} took at most {value} ms {LATENCIES[name]}" if values else "there was none"
    return Measure(f"wall.{name}_p{percent}", value, "ms", said)


def _found(trace: Trace) -> dict[str, list[int]]:
    sent: dict[object, Fact] = {}
    replies: list[int] = []
    suspends: defaultdict[int, list[int]] = defaultdict(list)  # by seq: when it was read
    asked: dict[int, int] = {}  # by seq: when it was sent
    for fact in trace.facts:
        if fact.fact == "sent":
            sent[fact.fields.get("n")] = fact
        elif fact.fact in {"accepted", "refused"}:
            if (question := sent.get(fact.fields.get("n"))) is None:
                continue
            replies.append(fact.at - question.at)
            if fact.fact == "accepted" and fact.fields.get("command") == "suspend" and fact.seq is not None:
                asked[fact.seq] = question.at
        elif fact.fact == "received" and fact.fields["frame"].get("type") == "suspended":
            suspends[fact.fields["frame"].get("seq")].append(fact.at)
    effective = [at - asked[seq] for seq, ats in suspends.items() if seq in asked for at in ats]
    return {"reply": replies, "suspend_effective": effective}
