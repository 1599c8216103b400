"""Whether a measure keeps to what the scenario demands of it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from meetingsim.scenarios.judging.latencies import LATENCIES, PERCENTS
from meetingsim.scenarios.judging.measures import Figure
from meetingsim.scenarios.quantities import Limit
from meetingsim.scenarios.trace import Trace
from meetingsim.scenarios.verdicts import Check, Verdict

_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}
_MS: Final = {"s": 1000, "min": 60_000, "ms": 1}


def threshold_check(name: str, limit: Limit, figures: Mapping[str, Figure], trace: Trace) -> Check:
    """The verdict on a threshold.

    ``per viewer`` is demanded of every viewer, so that the worst off decides; without it an exposure is the sum of all.
    A time is compared in the unit of the measure.
    """
    place = ("thresholds", name)
    if name.startswith("wall.") and trace.clock != "real":
        return Check("threshold", name, Verdict.SKIPPED, "judged with the real clock", place=place)
    figure = figures.get(name)
    if figure is None:
        known = ", ".join(f"wall.{one}_p{percent}" for one in LATENCIES for percent in PERCENTS)
        return Check("threshold", name, Verdict.SKIPPED, f"there is no such latency; there are: {known}", place=place)
    measure = figure.measure
    if measure.value is None:
        return Check("threshold", name, Verdict.VACUOUS, measure.said, place=place, oracle=measure.oracle)
    value, what = _compared(figure, limit)
    wanted = limit.value / _MS.get(measure.unit, 1) if limit.unit == "time" else limit.value
    kept = _COMPARE[limit.compare](value, wanted)
    said = f"{what} is {value:g} {measure.unit}, to be {limit}: {measure.said}"
    verdict = Verdict.PASS if kept else Verdict.FAIL
    return Check("threshold", name, verdict, said, place=place, tested=1, oracle=measure.oracle)


def _compared(figure: Figure, limit: Limit) -> tuple[float, str]:
    if limit.per is not None and figure.worst is not None:
        return figure.worst, "the highest of all viewers"
    if figure.total is not None:
        return figure.total, "the sum of all viewers"
    assert figure.measure.value is not None
    return figure.measure.value, figure.measure.id
