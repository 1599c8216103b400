"""The invariants: what holds in every run of every scenario, judged on the journal and on what every client heard."""

from __future__ import annotations

from typing import Final

from meetingsim.scenarios.invariants.walk import Walk
from meetingsim.scenarios.trace import Trace, View
from meetingsim.scenarios.verdicts import Check, Verdict

_BOTH: Final[tuple[View, ...]] = ("server", "client")
_SERVER: Final[tuple[View, ...]] = ("server",)
_CLIENT: Final[tuple[View, ...]] = ("client",)
INVARIANTS: Final[dict[str, tuple[View, ...]]] = {
    "suspended.none-accepted": _SERVER,
    "suspended.none-received": _BOTH,
    "suspended.resume-one-by-one": _BOTH,
    "removed.no-frame-after": _BOTH,
    "removed.no-return": _SERVER,
    "waiting.sees-nothing": _BOTH,
    "waiting-chat.private": _BOTH,
    "region.none-let-in": _SERVER,
    "region.explained": _SERVER,
    "locked.none-let-in": _SERVER,
    "report.durable-with-evidence": _SERVER,
    "reporter.never-revealed": _BOTH,
    "roles.no-escalation": _BOTH,
    "host.never-locked-out": _SERVER,
    "seq.grows": _BOTH,
    "command.once": _CLIENT,
    "ended.silent": _BOTH,
    "mirror.equals-view": _CLIENT,
}
"""Each by its name, with the views that it is judged on."""


def check_invariants(trace: Trace) -> list[Check]:
    """One check for each of INVARIANTS, in their order: passed, failed with its witnesses, or skipped with the reason."""
    walk = Walk(trace, tuple(INVARIANTS))
    walk.go()
    checks = []
    for name, views in INVARIANTS.items():
        lacking = [view for view in views if view not in trace.views]
        if lacking:
            checks.append(_skipped(name, f"the target does not show {_SHOWN[lacking[0]]}"))
        elif name in walk.scene.cannot:
            checks.append(_skipped(name, walk.scene.cannot[name]))
        else:
            checks.append(walk.scene.found[name].check())
    return checks


_SHOWN: Final = {"server": "its journal", "client": "what its clients receive"}


def _skipped(name: str, why: str) -> Check:
    return Check("invariant", name, Verdict.SKIPPED, why)
