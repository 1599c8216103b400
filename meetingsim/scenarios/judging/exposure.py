"""What everybody else saw and heard of those whose behaviour is harm, by what their clients were told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from meetingsim.scenarios.trace import Fact, Trace, activity_of_frame, behind

LINE_SECONDS: Final = 1
"""A line of chat counts as so many seconds of exposure: the time of a glance."""
_STREAMS: Final = {"audio": 1, "video": 2, "share": 4}
_SWITCHES: Final = {"audio_changed": 1, "video_changed": 2, "share_started": 4, "share_stopped": 4}
_GONE: Final = frozenset({"left", "removed", "denied", "put_in_waiting_room"})
_OUTSIDE: Final = frozenset({"view", "reply", "waiting_room_message", "waiting_room_set"})
"""All that somebody who waits ever reads."""
_CAME: Final = frozenset({"joined", "admitted", "reconnected"})


@dataclass(slots=True)
class Viewer:
    """Somebody whose exposure is measured.

    ``seen`` are the streams that run before them, bits by participant; those of people whose connection is lost are ``away``.
    """

    me: str | None = None
    came: bool = False
    inside: bool = False
    lines: set[int] = field(default_factory=set)
    seen: dict[str, int] = field(default_factory=dict)
    away: dict[str, int] = field(default_factory=dict)
    running: int = 0
    since: int = 0
    ms: int = 0
    chat: int = 0

    @property
    def seconds(self) -> float:
        """What they were exposed to, altogether."""
        return self.ms / 1000 + self.chat * LINE_SECONDS

    @property
    def looking(self) -> bool:
        """Whether what runs is seen: by somebody inside whose client is connected."""
        return self.inside and bool(self.lines)


@dataclass(slots=True)
class Exposure:
    """What came of it: each viewer by reference, when the last of it was seen, and whether clients told so."""

    viewers: dict[str, Viewer]
    last_seen: int | None
    received: bool


def exposure_of(trace: Trace) -> Exposure:
    """What each member who means no harm was exposed to; by the journal where clients do not show what they receive."""
    return (_Received if "client" in trace.views else _Journaled)(trace).exposure()


Effect = Callable[[Viewer], None]


class _Received:
    """One pass over the frames that were received. A frame that many read is understood once."""

    received = True

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        members = trace.members
        self.harmful = {one for one, ref in trace.people.items() if ref in members and members[ref].disruptive}
        self.viewers = {ref: Viewer() for ref, member in members.items() if not member.disruptive}
        self.rooms: dict[str, str] = {}
        self.last: int | None = None
        self._effects: dict[int, Effect | None] = {}
        self._now = 0

    def exposure(self) -> Exposure:
        """What all of it comes to."""
        for fact in self.facts():
            self._now = fact.at
            self.take(fact)
        self._now = self.trace.facts[-1].at if self.trace.facts else 0
        for viewer in self.viewers.values():
            self.pass_time(viewer)
        return Exposure(self.viewers, self.last, self.received)

    def facts(self) -> Sequence[Fact]:
        """What it goes by: all that viewers sent and received."""
        viewers = self.viewers
        return [fact for fact in self.trace.facts if fact.actor in viewers]

    def take(self, fact: Fact) -> None:
        """Goes on by a fact."""
        viewer = self.viewers[fact.actor or ""]
        line = fact.fields.get("line", 0)
        if fact.fact == "received":
            viewer.lines.add(line)
            frame = fact.fields["frame"]
            if not viewer.came and frame.get("type") not in _OUTSIDE:
                viewer.inside = viewer.came = True  # a target may show no views
            self.show(viewer, frame)
        elif fact.fact == "connected":
            self.pass_time(viewer)
            viewer.lines.add(line)
        elif fact.fact == "disconnected":
            self.pass_time(viewer)
            viewer.lines.discard(line)

    def show(self, viewer: Viewer, frame: Mapping[str, Any]) -> None:
        """A frame reaches somebody."""
        try:
            effect = self._effects[id(frame)]
        except KeyError:
            effect = self._effects[id(frame)] = self._effect_of(frame)
        if effect is not None:
            self.pass_time(viewer)
            effect(viewer)

    def pass_time(self, viewer: Viewer) -> None:
        """Counts what ran before somebody up to now."""
        if viewer.running and viewer.looking:
            viewer.ms += viewer.running * (self._now - viewer.since)
            self.last = self._now
        viewer.since = self._now

    def _effect_of(self, frame: Mapping[str, Any]) -> Effect | None:
        kind, who = frame.get("type"), behind(frame)
        if kind == "view":
            return lambda viewer: self._view(viewer, frame.get("view") or {})
        if kind == "ended":
            return lambda viewer: self._all(viewer, {}, {}, inside=False)
        if kind in {"room_changed", "breakout_rooms_closed"}:
            moved = [str(frame.get("participant"))] if kind == "room_changed" else [*self.rooms]
            return lambda viewer: self._move(viewer, moved, frame.get("room"))
        if frame.get("stopped") or kind == "suspended":
            return lambda viewer: self._stop(viewer, frame)
        if who not in self.harmful or who is None:
            return None
        if (bit := _SWITCHES.get(str(kind))) is not None:
            on = frame.get("on", kind == "share_started")
            return lambda viewer: self._switch(viewer, who, bit, on=bool(on))
        if kind in _GONE:
            return lambda viewer: self._set(viewer, who, 0)
        if kind in {"reconnecting", "reconnected"}:
            return lambda viewer: self._lose(viewer, who, lost=kind == "reconnecting")
        return self._moment_of(frame)

    def _moment_of(self, frame: Mapping[str, Any]) -> Effect | None:
        """What is over as soon as it is seen."""
        if activity_of_frame(frame) is None:
            return None
        line = int(frame.get("type") == "message")

        def seen(viewer: Viewer) -> None:
            self.last = self._now
            viewer.chat += line

        return seen

    def _view(self, viewer: Viewer, view: Mapping[str, Any]) -> None:
        seen: dict[str, int] = {}
        away: dict[str, int] = {}
        me = view.get("me") or {}
        for row in view.get("participants") or ():
            if (who := row.get("id")) in self.harmful:
                bits = sum(bit for name, bit in _STREAMS.items() if row.get(name))
                (away if row.get("place") == "reconnecting" else seen)[who] = bits
                self._room(who, row.get("room"))
        viewer.me = me.get("id")
        self._room(str(viewer.me), me.get("room"))
        self._all(viewer, seen, away, inside=me.get("place") == "inside")

    def _all(self, viewer: Viewer, seen: dict[str, int], away: dict[str, int], *, inside: bool) -> None:
        viewer.seen, viewer.away, viewer.inside = seen, away, inside
        viewer.came = viewer.came or inside
        self._count(viewer)

    def _switch(self, viewer: Viewer, who: str, bit: int, *, on: bool) -> None:
        bits = viewer.seen.get(who, 0)
        if on:
            self.last = self._now
        self._set(viewer, who, bits | bit if on else bits & ~bit)

    def _set(self, viewer: Viewer, who: str, bits: int) -> None:
        was = viewer.seen.get(who, 0)
        viewer.seen[who] = bits
        if self.rooms:
            self._count(viewer)
        else:
            viewer.running += bits.bit_count() - was.bit_count()

    def _lose(self, viewer: Viewer, who: str, *, lost: bool) -> None:
        if lost:
            viewer.away[who] = viewer.seen.get(who, 0)
        self._set(viewer, who, 0 if lost else viewer.away.pop(who, 0))

    def _stop(self, viewer: Viewer, frame: Mapping[str, Any]) -> None:
        stopped: Iterable[Mapping[str, Any]] | None = frame.get("stopped")
        if frame.get("type") == "suspended":
            self.rooms.clear()
            stopped = (
                [{"participant": who, "activities": _STREAMS} for who in viewer.seen] if stopped is None else stopped
            )
        for stop in stopped or ():
            who = stop.get("participant")
            if who in self.harmful:
                off = sum(_STREAMS.get(one, 0) for one in stop.get("activities") or ())
                viewer.seen[who] = viewer.seen.get(who, 0) & ~off
                viewer.away[who] = viewer.away.get(who, 0) & ~off
        self._count(viewer)

    def _move(self, viewer: Viewer, moved: list[str], room: str | None) -> None:
        """A share does not move along."""
        for who in moved:
            self._room(who, room)
            if who in viewer.seen:
                viewer.seen[who] &= ~_STREAMS["share"]
        self._count(viewer)

    def _room(self, who: str, room: str | None) -> None:
        if room is None:
            self.rooms.pop(who, None)
        else:
            self.rooms[who] = room

    def _count(self, viewer: Viewer) -> None:
        """What runs in the room of the viewer."""
        here = self.rooms.get(str(viewer.me))
        viewer.running = sum(bits.bit_count() for who, bits in viewer.seen.items() if self.rooms.get(who) == here)


class _Journaled(_Received):
    """The same by the journal: every event is taken to be seen at once by everybody inside who may see it."""

    received = False

    def __init__(self, trace: Trace) -> None:
        super().__init__(trace)
        self._all_there_is = Viewer()
        self._inside: dict[str, Viewer] = {}

    def facts(self) -> Sequence[Fact]:
        return [fact for fact in self.trace.facts if fact.is_event]

    def take(self, fact: Fact) -> None:
        frame = {**fact.fields, "type": fact.fact}
        self.show(self._all_there_is, frame)
        for viewer in self._inside.values():
            if fact.fact != "message" or fact.fields.get("to") in {"everyone", viewer.me}:
                self.show(viewer, frame)
        self._effects.clear()  # the frame is gone, and another may be where it was
        who = str(fact.fields.get("participant"))
        if fact.fact in _CAME:
            self._come(who)
        elif fact.fact in {*_GONE, "reconnecting"} and who in self._inside:
            self.pass_time(self._inside[who])
            self._inside.pop(who).inside = False

    def _come(self, who: str) -> None:
        viewer = self.viewers.get(self.trace.people.get(who, ""))
        if viewer is not None and (viewer.me != who or who not in self._inside):
            self.pass_time(viewer)
            viewer.me, viewer.lines = who, {0}
            self._inside[who] = viewer
            self._all(viewer, dict(self._all_there_is.seen), dict(self._all_there_is.away), inside=True)
