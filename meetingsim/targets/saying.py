"""What an adapter says, judged and made whole: its first line, events, frames, answers, and views it does not have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Final

from meetingsim.clients.redaction import harmless
from meetingsim.scenarios.shape import nearest
from meetingsim.scenarios.trace import View
from meetingsim.scenarios.vocabulary import COMMANDS
from meetingsim.state.codes import REFUSALS
from meetingsim.state.controls import EVENTS
from meetingsim.state.plain import wire_name
from meetingsim.targets.pipe import Rubbish

BESIDE: Final = ("open", "cut", "ticket", "origin", "crash", "report_afterwards")
"""What an adapter can be able to do beside the commands of the contract."""
PLACES: Final = ("early", "waiting", "inside")
EPOCH: Final = "-"
_VIEWS: Final[tuple[View, ...]] = ("server", "client")
_CLOCKS: Final = ("own", "told")


@dataclass(frozen=True, slots=True)
class Hello:
    """The first line: what the adapter can do, and what it shows."""

    can: frozenset[str]
    views: frozenset[View]
    told_the_time: bool = False
    """Whether the product has no time but the one that it is told."""


def hello_of(said: Mapping[str, Any]) -> Hello:
    """Raises Rubbish, with what was perhaps meant."""
    can, views = _texts(said.get("can")), _texts(said.get("views", ["client"]))
    if can is None or views is None:
        raise Rubbish('a first line that does not say {"can": […], "views": […]}')
    _only(can, (*COMMANDS, *BESIDE), "can")
    _only(views, _VIEWS, "views")
    if "join" not in can:
        raise Rubbish("that it cannot join: there is nothing to play")
    if said.get("clock", "own") not in _CLOCKS:
        raise Rubbish(f"a clock that is none of {', '.join(_CLOCKS)}")
    return Hello(frozenset(can), frozenset(view for view in _VIEWS if view in views), said.get("clock") == "told")


def event_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """An event of the product's journal, with the fields of the contract. Raises Rubbish."""
    event = {"type": said["fact"], **{name: value for name, value in said.items() if name != "fact"}}
    _require_whole(event)
    return event


def frame_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """What was received: in ``frame``, or as the fields beside ``actor``. Raises Rubbish."""
    frame = said["frame"] if "frame" in said else {name: said[name] for name in said if name not in {"fact", "actor"}}
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise Rubbish("a frame without a type")
    if frame["type"] == "reply":
        raise Rubbish("a reply as a frame: an answer has the n of its command")
    if frame["type"] == "view":
        _require_me(frame)
    else:
        _require_whole(frame)
    return frame


def view_of(participant: str, name: str, role: str, place: object) -> dict[str, Any]:
    """The least that a view says: who one is, and where. Raises Rubbish."""
    if place not in PLACES:
        raise Rubbish(f"a place that is none of {', '.join(PLACES)}")
    return {"type": "view", "view": {"me": {"id": participant, "name": name, "role": role, "place": place}}}


def require_answer(said: Mapping[str, Any]) -> None:
    """Raises Rubbish for an answer that says nothing, or has something in it that cannot be."""
    if not isinstance(said.get("ok"), bool):
        raise Rubbish("an answer that says neither ok: true nor ok: false")
    if not said["ok"]:
        error_of(said)
    for name in ("meeting", "passcode", "host_token", "participant", "session", "ticket"):
        text_in(said, name)
    if "seq" in said and said["seq"] is not None:
        _require_number(said["seq"])
    lacks = said.get("lacks", {})
    if not isinstance(lacks, dict) or not all(isinstance(why, str) for why in lacks.values()):
        raise Rubbish("what it lacks without a text that says why")


def error_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """The error of a refusal. Raises Rubbish where its code is none."""
    code = said.get("code")
    if code not in REFUSALS:
        raise Rubbish(f"a refusal whose code is none of the contract's{nearest(code, REFUSALS)}")
    detail = said.get("detail")
    return {"code": code, "detail": detail if isinstance(detail, str) else "", "temporary": REFUSALS[code].temporary}


def why_of(said: Mapping[str, Any]) -> str:
    """The words of a refusal, for people."""
    return harmless(": ".join(str(said[name]) for name in ("code", "detail") if said.get(name)))


def text_in(said: Mapping[str, Any], name: str) -> str | None:
    """A field that is a text where it is there. Raises Rubbish for anything else."""
    value = said.get(name)
    if value is not None and not isinstance(value, str):
        raise Rubbish(f"a {name} that is no text")
    return value


def _require_whole(event: Mapping[str, Any]) -> None:
    """An event has what its kind needs; kinds that the contract does not know may have anything."""
    if event["type"] not in EVENTS:
        return
    if "seq" in event:
        _require_number(event["seq"])
    missing = [name for name in _needed(event["type"]) if name not in event]
    if missing:
        raise Rubbish(f"{event['type']} without {', '.join(missing)}")


def _needed(kind: str) -> list[str]:
    event: Any = EVENTS[kind].event
    return [
        wire_name(field.name)
        for field in fields(event)
        if field.default is MISSING and field.default_factory is MISSING and not field.metadata.get("recorded")
    ]


def _require_number(seq: object) -> None:
    if isinstance(seq, bool) or not isinstance(seq, int) or seq < 0:
        raise Rubbish("a seq that is no whole number")


def _require_me(frame: Mapping[str, Any]) -> None:
    if "seq" in frame:
        _require_number(frame["seq"])
    view = frame.get("view")
    me = view.get("me") if isinstance(view, dict) else None
    if not isinstance(me, dict) or not isinstance(me.get("id"), str) or me.get("place") not in PLACES:
        raise Rubbish("a view that does not say who one is, and where: me with id and place")


def _texts(said: object) -> list[str] | None:
    return said if isinstance(said, list) and all(isinstance(one, str) for one in said) else None


def _only(said: Iterable[str], known: tuple[str, ...], what: str) -> None:
    for one in said:
        if one not in known:
            raise Rubbish(f"{one!r} in {what}, which nobody knows{nearest(one, known)}")
