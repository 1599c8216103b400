"""Frames: an event's bytes, made once for everybody who is told, and the frames that are for one connection."""

from __future__ import annotations

from typing import Any

import orjson

from meetingsim.live.outbox import Frame
from meetingsim.state.codes import REFUSALS
from meetingsim.state.control import Recorded, Refusal, Signal
from meetingsim.state.meeting import Meeting
from meetingsim.state.plain import frame_of
from meetingsim.state.view import view_of


def event_frame(row: Recorded) -> Frame:
    """An event for its audience."""
    return Frame.of(orjson.dumps(frame_of(row.event, row.seq, row.at)))


def signal_frame(signal: Signal) -> Frame:
    """Synthetic media: no seq, for it has no place in the journal."""
    return Frame.of(orjson.dumps({"type": "media", "from": signal.sender, "kind": signal.kind, "n": signal.n}))


def view_frame(meeting: Meeting, participant: str, session: str) -> Frame:
    """All that this person may know now, and the session that lets them resume."""
    return Frame.of(
        orjson.dumps(
            {
                "type": "view",
                "seq": meeting.seq,
                "epoch": meeting.epoch,
                "session": session,
                "view": view_of(meeting, participant),
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
