"""What must hold of the journal of every meeting: who did it, by which rule, and on what it rested."""

from __future__ import annotations

import re
from collections.abc import Iterator

from meetingsim.state.codes import REFUSALS
from meetingsim.state.control import Command, Recorded
from meetingsim.state.controls.presence import Restarted, TimePassed
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.identity import make_id
from meetingsim.state.meeting import Place, Why
from tests.driver import Outcome, Sim

ENTRIES = frozenset({"joined", "joined_waiting_room", "arrived_early"})
ENTRY_RULES = frozenset({"host", "ticket", "open", "early", *(why.value for why in Why)})
FROM_SOMEWHERE = frozenset({*ENTRIES, "entry_refused", "admitted", "removed", "put_in_waiting_room"})
"""Whose reason says from which country, and whence that is known."""
NEWS = frozenset(
    {"origin_known", "name_flagged", "ticket_flagged", "reconnecting", "connection_replaced", "left"}
    | {"audio_changed", "video_changed", "share_started", "share_stopped", "recording_started", "recording_stopped"}
    | {"asked_to_unmute", "renamed", "message", "waiting_room_message", "annotated", "reacted", "hand_changed"}
    | {"profile_picture_changed"}
)
"""What needs no reason: nobody's entry, rights or place is decided by it."""
KEY = "a-key"
"""By which the driver's meetings make their ids."""
_ID = re.compile("p[0-9a-f]{16}")
_WORDS = {PutInWaitingRoom: "put_back", TimePassed: "grace", Restarted: "restart"}
_SAID_BY_NOBODY = frozenset({"audio_changed", "video_changed", "share_stopped"})


def reasons(sim: Sim) -> Iterator[str]:
    """What is wrong with any row of the journal, one sentence each."""
    for outcome in sim.log:
        for row in outcome.rows:
            yield from (f"{outcome}: {row}: {complaint}" for complaint in _of(outcome, row))
    for person in sim.meeting.people.values():
        if person.why is not None and person.where is not Place.WAITING:
            yield f"{person.id} does not wait, and has a reason to"
    if not all(_ID.fullmatch(one) for one in sim.meeting.people):
        yield f"{list(sim.meeting.people)} are not all ids"


def _of(outcome: Outcome, row: Recorded) -> Iterator[str]:
    kind, event, reason = row.event.type, row.event, row.because
    asker = outcome.asker.participant or outcome.participant or outcome.asker.kind
    if hasattr(event, "by") and event.by != asker and not (kind in _SAID_BY_NOBODY and event.by is None):
        yield f"by {asker}"
    if kind in {"message", "waiting_room_message"} and event.message != make_id(KEY, "m", row.seq):
        yield "its id is not that of its place"
    if reason is None:
        if kind not in NEWS:
            yield "no reason"
        return
    if not {"rule", "door", "asked_by"} <= reason.keys():
        yield "half a reason"
    if kind in FROM_SOMEWHERE and not {"country", "source", "database", "built"} <= reason.keys():
        yield "from nowhere"
    if (rules := _rules(outcome, row)) and reason["rule"] not in rules:
        yield f"not by one of {sorted(rules)}"


def _rules(outcome: Outcome, row: Recorded) -> frozenset[str]:
    kind = row.event.type
    if kind == "entry_refused":
        return frozenset(REFUSALS)
    if kind in ENTRIES:
        return ENTRY_RULES
    if not isinstance(outcome.command, Command) or outcome.asker.kind == "newcomer":
        return frozenset()
    return frozenset({_WORDS.get(type(outcome.command), outcome.command.type)})
