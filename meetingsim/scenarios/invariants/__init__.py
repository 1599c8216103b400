"""The invariants: what holds in every run of every scenario, judged on the journal and on what every client heard."""

from __future__ import annotations

from typing import Final

from meetingsim.scenarios.invariants.scene import Scene
from meetingsim.scenarios.invariants.walk import Walk
from meetingsim.scenarios.trace import Trace
from meetingsim.scenarios.verdicts import Check, Verdict

_EITHER: Final[frozenset[str]] = frozenset()
_JOURNAL: Final = frozenset({"server"})
_CLIENTS: Final = frozenset({"client"})
INVARIANTS: Final[dict[str, frozenset[str]]] = {
    "suspended.none-accepted": _EITHER,
    "suspended.none-received": _CLIENTS,
    "suspended.resume-one-by-one": _JOURNAL,
    "removed.no-frame-after": _CLIENTS,
    "removed.no-return": _JOURNAL,
    "waiting.sees-nothing": _CLIENTS,
    "waiting-chat.private": _EITHER,
    "region.none-let-in": _JOURNAL,
    "region.explained": _JOURNAL,
    "locked.none-let-in": _JOURNAL,
    "report.durable-with-evidence": _JOURNAL,
    "reporter.never-revealed": _EITHER,
    "roles.no-escalation": _EITHER,
    "host.never-locked-out": _EITHER,
    "seq.grows": _JOURNAL,
    "command.once": _EITHER,
    "ended.silent": _EITHER,
    "mirror.equals-view": _CLIENTS,
}
"""Each by its name, with the view that it cannot do without. It is judged on all that is shown."""


def check_invariants(trace: Trace) -> list[Check]:
    """One check for each of INVARIANTS, in their order: passed, failed with its witnesses, or skipped with the reason."""
    walk = Walk(trace, tuple(INVARIANTS))
    walk.go()
    return [_check(walk.scene, name, views) for name, views in INVARIANTS.items()]


def _check(scene: Scene, name: str, views: frozenset[str]) -> Check:
    lacking = sorted(views - scene.trace.views)
    why = f"the target does not show {_SHOWN[lacking[0]]}" if lacking else scene.cannot.get(name)
    return scene.found[name].check() if why is None else Check("invariant", name, Verdict.SKIPPED, why)


_SHOWN: Final = {"server": "its journal", "client": "what its clients receive"}
