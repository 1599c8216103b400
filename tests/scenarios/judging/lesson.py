"""A lesson told by hand, for the judge: a teacher, two pupils, two raiders, and expectations asked of what was told."""

from __future__ import annotations

from typing import Any

from meetingsim.scenarios.judge import expectation_checks
from meetingsim.scenarios.plan import Expectation
from meetingsim.scenarios.trace import Fact
from meetingsim.scenarios.verdicts import Check
from tests.scenarios.traces import Telling

SUSPENDED: dict[str, Any] = {"activities": ["audio", "chat", "video"], "stopped": []}


def lesson(duration: int = 600_000, **more: Any) -> Telling:
    """Nobody has come yet."""
    told = Telling(duration=duration, **more)
    told.cast("teacher", role="host")
    told.cast("pupils", 2)
    told.cast("raiders", 2, behavior="raider", country="BR", disruptive=True)
    return told


def begun(duration: int = 600_000, **more: Any) -> Telling:
    """At 1 s the teacher is inside, at 2 s and 3 s the pupils."""
    told = lesson(duration, **more)
    for at, ref in enumerate(("teacher", "pupils[0]", "pupils[1]"), 1):
        told.comes(at * 1000, ref)
    return told


def does(told: Telling, at: int, ref: str, command: str, event: str | None = None, **fields: Any) -> Fact:
    """Somebody's command is sent and accepted in the same ms; gives the event, or the reply where it caused none."""
    sent = told.sends(at, ref, command, **fields)
    happened = told.event(at, event, ref, participant=ref, **fields) if event else None
    reply = told.accepts(at, sent, happened)
    return happened or reply


def check(told: Telling, **expectation: Any) -> Check:
    """The verdict on one expectation; what was told is over. ``id`` need not be said."""
    if not told.trace.facts or told.trace.facts[-1].fact != "run_over":
        told.over()
    return expectation_checks([Expectation(**{"id": "it", **expectation})], told.trace)[0]


def verdict(told: Telling, **expectation: Any) -> str:
    """The same as a word."""
    return check(told, **expectation).verdict.value
