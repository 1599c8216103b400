"""The figures of harm: what others were exposed to, how fast it was over, who was thrown out rightly and wrongly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from meetingsim.scenarios.judging.exposure import LINE_SECONDS, Exposure, exposure_of
from meetingsim.scenarios.judging.latencies import latencies, percentile
from meetingsim.scenarios.judging.order import in_order
from meetingsim.scenarios.judging.stays import Stays
from meetingsim.scenarios.trace import Trace
from meetingsim.scenarios.verdicts import Measure

_MS_PER_MINUTE: Final = 60_000


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure, and what a threshold may ask beside its value: ``total`` is the sum, ``worst`` the highest, of all viewers."""

    measure: Measure
    total: float | None = None
    worst: float | None = None


def measured(trace: Trace) -> dict[str, Figure]:
    """Every measure there is, in a fixed order; latencies with the real clock alone."""
    stays, exposure = Stays(trace), exposure_of(trace)
    figures = [
        _exposure(exposure),
        _time_to_quiet(trace, exposure),
        *(Figure(one) for one in (_removed_ratio(stays), _false_removals(stays), _vetting(stays), _lost(stays))),
        *(Figure(one) for one in latencies(trace)),
    ]
    oracle = tuple(sorted(trace.oracles))
    return {one.measure.id: replace(one, measure=replace(one.measure, oracle=oracle)) for one in figures}


def _exposure(exposure: Exposure) -> Figure:
    seconds = {ref: viewer.seconds for ref, viewer in exposure.viewers.items() if viewer.came}
    by = "" if exposure.received else "; by the journal, for clients do not show what they receive"
    if not seconds:
        return Figure(Measure("exposure_seconds", None, "s", f"nobody was there to see anything{by}"))
    total, worst = sum(seconds.values()), max(seconds, key=lambda ref: seconds[ref])
    said = (
        f"a mean of {total / len(seconds):.1f} s for each of {len(seconds)} viewers, at most {seconds[worst]:.1f} s "
        f"({worst}); a line of chat counts as {LINE_SECONDS} s{by}"
    )
    mean = Measure("exposure_seconds", round(total / len(seconds), 3), "s", said)
    return Figure(mean, round(total, 3), round(seconds[worst], 3))


def _time_to_quiet(trace: Trace, exposure: Exposure) -> Figure:
    first = next(
        (
            fact.at
            for fact in in_order(trace, ("accepted",))
            if fact.fields.get("activity") and fact.actor in trace.members and trace.members[fact.actor].disruptive
        ),
        None,
    )
    if first is None:
        return Figure(Measure("time_to_quiet", None, "s", "there was no disruption"))
    seconds = max(0, (first if exposure.last_seen is None else exposure.last_seen) - first) / 1000
    said = f"{seconds:.1f} s from the first disruption that was accepted to the last that was seen"
    return Figure(Measure("time_to_quiet", seconds, "s", said))


def _removed_ratio(stays: Stays) -> Measure:
    inside, out = stays.offenders_inside, stays.offenders_out
    if not inside:
        return Measure("removed_ratio", None, "ratio", "nobody who disrupts was ever inside")
    said = f"{len(out)} of {len(inside)} who disrupt and were inside were removed or turned out"
    return Measure("removed_ratio", round(len(out) / len(inside), 4), "ratio", said)


def _false_removals(stays: Stays) -> Measure:
    wrongly = stays.removed_wrongly
    who = f": {', '.join(wrongly[:5])}{', …' if len(wrongly) > 5 else ''}" if wrongly else ""
    said = f"{len(wrongly)} who mean no harm were removed{who}"
    return Measure("false_removals", len(wrongly), "count", said)


def _vetting(stays: Stays) -> Measure:
    p95 = percentile(stays.vetting_ms, 95)
    if p95 is None:
        return Measure("vetting_time_p95", None, "s", "nobody was admitted")
    said = f"95% of {len(stays.vetting_ms)} admissions came within {p95 / 1000:.1f} s of the knock"
    return Measure("vetting_time_p95", p95 / 1000, "s", said)


def _lost(stays: Stays) -> Measure:
    minutes = sum(stays.lost_ms.values()) / _MS_PER_MINUTE
    if not stays.lost_ms:
        return Measure("legitimate_minutes_lost", None, "min", "nobody who means no harm ever came")
    some = sum(1 for ms in stays.lost_ms.values() if ms)
    said = f"{some} of {len(stays.lost_ms)} who mean no harm waited, were cut off or kept out, {minutes:.1f} minutes altogether"
    return Measure("legitimate_minutes_lost", round(minutes, 4), "min", said)
