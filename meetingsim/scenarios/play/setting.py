"""What is around every run, whoever acts in it: the stage is set, mirrors are held against views, the stage is cleared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from meetingsim.clients.redaction import HIDDEN
from meetingsim.clock import SystemClock
from meetingsim.scenarios.play.client import Client
from meetingsim.scenarios.play.recorder import Recorder, See
from meetingsim.scenarios.play.stage import Stage
from meetingsim.scenarios.report.guard import secrets_of
from meetingsim.scenarios.scenario import Scenario, plain
from meetingsim.scenarios.target import Target
from meetingsim.scenarios.trace import Member, Trace, behind


async def set_stage(
    scenario: Scenario, target: Target, seed: int, members: dict[str, Member], see: See | None = None
) -> Stage:
    """Makes the meeting, with these people to come. Raises TargetFailed where it cannot begin."""
    trace = Trace(
        scenario.name,
        seed,
        target.name,
        "real" if isinstance(target.clock, SystemClock) else "virtual",
        scenario.duration.ms,
        target.views,
        members=members,
    )
    stage = Stage(scenario, target, trace, Recorder(trace, target.clock, see))
    stage.opened = await target.open(scenario, seed, members, stage)
    trace.settings = _shown(stage.opened.settings)
    known = (stage.opened.passcode, stage.opened.host_token)
    trace.secrets = (*filter(None, known), *secrets_of(plain(scenario)))
    trace.lacking.update(stage.opened.lacking)
    return stage


def _shown(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {**settings, "passcode": HIDDEN if settings.get("passcode") else None}


def compare(stage: Stage, client: Client) -> None:
    """Says whether somebody's mirror is as the server's view of them; nothing where they have no view."""
    line = client.line
    view = stage.target.view(line) if line is not None else None
    if line is None or view is None:
        return
    own, its = _to_compare(client.mirror.view), _to_compare(view)
    parts = sorted({*own, *its})
    differs = [one for one in parts if own.get(one) != its.get(one) and _wired(own.get(one)) != _wired(its.get(one))]
    faults = list(client.mirror.faults)
    said = {"line": line, "equal": not differs, "differs": differs, "faults": faults}
    stage.recorder.say("view_compared", said, client.ref)


def _to_compare(view: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parts of a picture, but for the place in the queue: it is told at most once a second, and may rightly be older."""
    return {**view, "me": {name: value for name, value in view["me"].items() if name != "position"}}


def _wired(part: Any) -> bytes:
    """A part as it would go over the wire, its keys in order."""
    return orjson.dumps(part, option=orjson.OPT_SORT_KEYS)


async def clear_stage(stage: Stage) -> None:
    """Lets go of everything; the trace is whole."""
    stage.end()
    await stage.target.close()
    # Somebody's first events come before it is known who of the cast they are.
    for fact in stage.trace.facts:
        if fact.actor is None and fact.is_event and (participant := behind(fact.fields)):
            fact.actor = stage.trace.people.get(participant)
