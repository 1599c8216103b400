"""Frames: an event's bytes, made once for everybody who is told, and the frames that are for one connection."""

from __future__ import annotations

from typing import Any

import orjson

from meetingsim.live.outbox import Frame
from meetingsim.state.codes import REFUSALS
from meetingsim.state.control import Recorded, Refusal, Signal
from meetingsim.state.meeting import Meeting, Person
from meetingsim.state.plain import frame_of
from meetingsim.state.view import participant_row, view_of


def event_frame(row: Recorded) -> Frame:
    """An event for its audience."""
    return Frame.of(orjson.dumps(frame_of(row.event, row.seq, row.at)))


def signal_frame(signal: Signal) -> Frame:
    """Synthetic media: no seq, for it has no place in the journal."""
    return Frame.of(orjson.dumps({"type": "media", "from": signal.sender, "kind": signal.kind, "n": signal.n}))


class Rows:
    """Participants' rows, encoded once for as long as the person is unchanged: views are mostly made of them."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[tuple[str, bool], tuple[Person, orjson.Fragment]] = {}

    def __call__(self, person: Person, *, for_host: bool = False) -> orjson.Fragment:
        kept = self._kept.get((person.id, for_host))
        if kept is not None and kept[0] is person:
            return kept[1]
        made = orjson.Fragment(orjson.dumps(participant_row(person, for_host=for_host)))
        self._kept[person.id, for_host] = (person, made)
        return made


def view_frame(meeting: Meeting, participant: str, session: str, rows: Rows) -> Frame:
    """All that this person may know now, and the session that lets them resume."""
    return Frame.of(
        orjson.dumps(
            {
                "type": "view",
                "seq": meeting.seq,
                "epoch": meeting.epoch,
                "session": session,
                "view": view_of(meeting, participant, rows),
            }
        )
    )


def reply_frame(ref: str | None, seq: int | None, answer: dict[str, Any]) -> Frame:
    """Yes; with the seq of the last event that the command caused, if it caused one."""
    at = {} if seq is None else {"seq": seq}
    return Frame.of(orjson.dumps({"type": "reply", "ref": ref, "ok": True, **at, **answer}))


def refusal_frame(ref: str | None, refusal: Refusal) -> Frame:
    """No, and why."""
    return Frame.of(orjson.dumps({"type": "reply", "ref": ref, "ok": False, "error": error_of(refusal)}))


def error_of(refusal: Refusal) -> dict[str, Any]:
    """A refusal as the wire says it."""
    return {
        "code": refusal.code,
        "detail": refusal.detail,
        "temporary": REFUSALS[refusal.code].temporary,
        **refusal.because,
    }
