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
    differs = sorted(key for key in {*own, *its} if own.get(key) != its.get(key))
    faults = list(client.mirror.faults)
    said = {"line": line, "equal": not differs, "differs": differs, "faults": faults}
    stage.recorder.say("view_compared", said, client.ref)


def _to_compare(view: Mapping[str, Any]) -> dict[str, bytes]:
    """Each part of a picture as it would go over the wire, its keys in order."""
    # It is told at most once a second, so it may rightly be older.
    me = {name: value for name, value in view["me"].items() if name != "position"}
    return {part: orjson.dumps(value, option=orjson.OPT_SORT_KEYS) for part, value in {**view, "me": me}.items()}


async def clear_stage(stage: Stage) -> None:
    """Lets go of everything; the trace is whole."""
    stage.end()
    await stage.target.close()
    # Somebody's first events come before it is known who of the cast they are.
    for fact in stage.trace.facts:
        if fact.actor is None and fact.is_event and (participant := behind(fact.fields)):
            fact.actor = stage.trace.people.get(participant)
