"""Every event and every packet of media that a client heard: was it theirs to hear, in its order, with nothing left out?

Most frames are what they should be, and pass in one comparison; only the others are looked at from all sides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from meetingsim.scenarios.invariants.audience import Told, told_of
from meetingsim.scenarios.invariants.scene import Frame, Interests, Line, Scene, moment
from meetingsim.scenarios.invariants.standings import NOWHERE, Person, Standing
from meetingsim.scenarios.trace import Fact

_STREAM: Final[Mapping[str, str]] = {"audio": "audio", "video": "video", "share": "share"}
_BACK: Final = frozenset({"reconnected", "connection_replaced"})
_NONE: Final[list[int]] = []
_NOT_COMPARED: Final = frozenset({"type", "seq", "because"})
NAMES: Final = (
    "suspended.none-received",
    "removed.no-frame-after",
    "waiting.sees-nothing",
    "waiting-chat.private",
    "roles.no-escalation",
    "seq.grows",
    "ended.silent",
)


class Hearing:
    """Judges what is heard, line by line."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._ledger = scene.ledger
        self._told: dict[int, Told] = {}
        self._events = 0
        self._media = 0

    def interests(self) -> Interests:
        """Pictures and replies; and whoever resumes says how far they have heard."""
        return Interests(
            before={"sent": self._sent, "disconnected": self._closed},
            frames={"view": self._view, "reply": self._reply},
            end=self._count,
        )

    def happened(self, fact: Fact) -> Told:
        """Notes an event that the ledger is about to take."""
        told = told_of(self._ledger, fact)
        if fact.seq is not None:
            self._told[fact.seq] = told
        return told

    def told(self, seq: int) -> Told | None:
        """The event of a seq."""
        return self._told.get(seq)

    def _count(self) -> None:
        """Says how much was looked at."""
        found = self._scene.found
        for name in NAMES:
            found[name].tested += self._events
        for name in (
            "suspended.none-received",
            "removed.no-frame-after",
            "waiting.sees-nothing",
            "roles.no-escalation",
        ):
            found[name].tested += self._media

    # Events

    def event(self, fact: Fact, frame: Frame, line: Line) -> None:
        """A line heard an event."""
        self._events += 1
        seq: Any = frame.get("seq")
        told = self._told.get(seq)
        if told is None or seq is None:
            self._unheard_of(fact, frame, line)
            return
        standing = line.standing
        if seq >= standing.until:
            standing = self._moves_on(fact, line, seq)
        if told.swift and told.frame is frame and standing.inside and seq > line.seq:
            theirs = told.everyone or told.room == standing.room
            if theirs and (seq == line.seq + 1 or self._left_out(line, seq) is None):
                line.seq = seq
                return
        self._look_closer(fact, frame, line, told)

    def _left_out(self, line: Line, seq: int) -> Told | None:
        """The first event after a line's last and before this one that was theirs to hear.

        Whoever is outside is told lines of the waiting room; what else concerns them comes as a fresh view.
        """
        person = line.person
        if person is None:
            return None
        for number in range(line.seq + 1, seq):
            told, standing = self._told.get(number), line.standing
            if told is None:
                continue
            if number < standing.since:
                standing = person.at(number)
            told_there = standing.inside or told.fact.fact == "waiting_room_message"
            if told_there and told.reaches(person.id, standing):
                return told
        return None

    def _moves_on(self, fact: Fact, line: Line, seq: int) -> Standing:
        """Whoever has another place, role or room is shown the meeting anew before they hear anything more."""
        was, now = line.standing, line.advance(seq)
        shown_anew = (was.place, was.role, was.room) != (now.place, now.role, now.room)
        if shown_anew and now.inside and was is not NOWHERE:
            said = f"{line.ref}, who was {_as(was)} and is {_as(now)}, was told on at {moment(fact.at)} without a fresh view."
            self._scene.found["seq.grows"].fail(said, fact, self._event(now.since))
        return now

    def _unheard_of(self, fact: Fact, frame: Frame, line: Line) -> None:
        said = f"{line.ref} received {_called(frame)} at {moment(fact.at)}, and the journal has no such event."
        self._scene.found["seq.grows"].fail(said, fact)

    def _look_closer(self, fact: Fact, frame: Frame, line: Line, told: Told) -> None:
        seq = told.fact.seq or 0
        if told.frame is not frame:
            self._compare(fact, frame, line, told)
        if line.person is None:
            self._whose(line)
            self._goes_on(fact, line)
        self._in_order(fact, line, told, seq)
        if told.barred:
            said = f"{_what(self._scene, told.fact)} reached {line.ref} at {moment(fact.at)}, while it was suspended."
            self._scene.found["suspended.none-received"].fail(said, fact, told.fact, self._ledger.suspended_by)
        line.seq = max(seq, line.seq)
        standing = line.advance(seq)
        if line.person is not None and not told.reaches(line.person.id, standing):
            self._not_theirs(fact, line, told, standing)
        if told.fact.fact == "ended":
            line.ended = fact

    def _whose(self, line: Line) -> None:
        """A line that resumes hears what it missed before anything says whose it is: of whoever came in last."""
        entry = self._ledger.latest.get(line.ref or "")
        if entry is not None:
            line.speaks_for(entry.person, line.seq)

    def _goes_on(self, fact: Fact, line: Line) -> None:
        """Where place, role or room changed meanwhile, or somebody waits, a resume is answered with a fresh view."""
        entry, was = self._ledger.latest.get(line.ref or ""), line.standing
        if entry is None or entry.kind not in _BACK:
            return
        now = entry.person.at(entry.seq)
        changed = (was.place, was.role, was.room) != (now.place, now.role, now.room)
        if changed or now.place in {"waiting", "early"}:
            said = f"{line.ref} came back at {moment(fact.at)} and was told on without a fresh view."
            self._scene.found["seq.grows"].fail(said, fact)

    def _compare(self, fact: Fact, frame: Frame, line: Line, told: Told) -> None:
        """The frame of an event is the same for everyone, and is what the journal has."""
        wanted, said = told.fact.fields, told.fact
        same = frame.get("type") == said.fact and all(
            frame.get(name) == wanted.get(name) for name in (*wanted, *frame) if name not in _NOT_COMPARED
        )
        if same:
            told.frame = frame
            return
        extra = sorted(name for name in frame if name not in wanted and name not in _NOT_COMPARED)
        more = f", with {', '.join(extra)} beside" if extra else ""
        text = f"{line.ref} received {_called(frame)} at {moment(fact.at)}{more}; the journal has it otherwise."
        self._scene.found["roles.no-escalation" if extra else "seq.grows"].fail(text, fact, said)

    def _in_order(self, fact: Fact, line: Line, told: Told, seq: int) -> None:
        if seq <= line.seq:
            what = f"{line.ref} received {_called({'type': told.fact.fact, 'seq': seq})} at {moment(fact.at)}"
            self._scene.found["seq.grows"].fail(f"{what}, after seq {line.seq} on the same line.", fact)
        elif (missed := self._left_out(line, seq)) is not None:
            what = f"{line.ref} received {_called({'type': told.fact.fact, 'seq': seq})} at {moment(fact.at)}"
            said = f"{what} without {missed.fact.fact} {missed.fact.seq} before it."
            self._scene.found["seq.grows"].fail(said, fact, missed.fact)

    def _not_theirs(self, fact: Fact, line: Line, told: Told, standing: Standing) -> None:
        event, person = told.fact, line.person
        assert person is not None
        what = f"{line.ref} received {_called({'type': event.fact, 'seq': event.seq})} at {moment(fact.at)}"
        found = self._scene.found
        if standing.place == "removed":
            said = f"{what}, though removed at seq {person.removed_at}."
            found["removed.no-frame-after"].fail(said, fact, event)
        elif event.fact == "waiting_room_message":
            to = self._scene.who(event.fields.get("to"))
            said = f"{what}, which {self._scene.who(event.fields.get('from'))} said to {to}."
            found["waiting-chat.private"].fail(said, fact, event)
        elif not standing.inside:
            found["waiting.sees-nothing"].fail(f"{what}, while {_where(standing)}.", fact, event)
        else:
            found["roles.no-escalation"].fail(f"{what}, which is not for them as {_as(standing)}.", fact, event)

    # Media

    def media(self, fact: Fact, frame: Frame, line: Line) -> None:
        """A line heard a packet. It is in its place among the events of the line, which say who may be heard just then."""
        self._media += 1
        person = self._ledger.people.get(frame.get("from", ""))
        if person is not None and line.ended is None:
            flips = person.flips.get(frame.get("kind", ""), _NONE)
            if (
                len(flips) & 1
                and flips[-1] <= line.seq
                and line.standing.inside
                and line.standing.room == person.now.room
            ):
                return
        self._look_at_media(fact, frame, line, person)

    def _look_at_media(self, fact: Fact, frame: Frame, line: Line, sender: Person | None) -> None:
        kind, found, seq = str(frame.get("kind")), self._scene.found, line.seq
        what = f"{line.ref} received {kind} of {self._scene.who(frame.get('from'))} at {moment(fact.at)}"
        if line.ended is not None:
            found["ended.silent"].fail(f"{what}, after the meeting had ended.", fact, line.ended)
            return
        if line.person is None:
            self._whose(line)
        if not line.standing.inside:
            if line.person is not None:
                found["waiting.sees-nothing"].fail(f"{what}, while {_where(line.standing)}.", fact)
            return
        if sender is None or kind not in _STREAM:
            found["roles.no-escalation"].fail(f"{what}, and there is no such person or kind.", fact)
        elif not sender.ran(kind, seq):
            self._not_on(fact, line, sender, kind, what)
        elif sender.at(seq).room != line.standing.room:
            rooms = f"they are in {_room(line.standing)} and the sender in {_room(sender.at(seq))}"
            found["roles.no-escalation"].fail(f"{what}: {rooms}.", fact)

    def _not_on(self, fact: Fact, line: Line, sender: Person, kind: str, what: str) -> None:
        found, seq = self._scene.found, line.seq
        standing = sender.at(seq)
        removed_at = line.person.removed_at if line.person else None
        if removed_at is not None and sender.runs(kind):
            found["removed.no-frame-after"].fail(f"{what}, which began after their removal at seq {removed_at}.", fact)
        elif standing.place == "removed":
            said = f"{what}, after hearing that the sender was removed at seq {sender.removed_at}."
            found["removed.no-frame-after"].fail(said, fact, self._event(sender.removed_at))
        elif kind in self._ledger.regime(seq).suspended:
            said = f"{what}, after hearing that it is suspended, and nobody let it start again."
            found["suspended.none-received"].fail(said, fact, self._ledger.suspended_by)
        else:
            found["roles.no-escalation"].fail(f"{what}, whose {kind} was off by all they had heard.", fact)

    def _event(self, seq: int | None) -> Fact | None:
        told = self._told.get(seq or 0)
        return told.fact if told else None

    # Views and replies

    def _view(self, fact: Fact, frame: Frame, line: Line) -> None:
        """A fresh picture: the line goes on from there."""
        seq = frame.get("seq", 0)
        me = frame.get("view", {}).get("me", {}).get("id")
        found = self._scene.found["seq.grows"]
        found.tested += 1
        if seq < line.seq:
            found.fail(f"{line.ref} received a view of seq {seq} at {moment(fact.at)}, after seq {line.seq}.", fact)
        if seq > self._ledger.seq:
            text = (
                f"{line.ref} received a view of seq {seq} at {moment(fact.at)}; the journal is at {self._ledger.seq}."
            )
            found.fail(text, fact)
        line.seq = max(seq, line.seq)
        if me is not None:
            line.speaks_for(self._ledger.person(me), seq)

    def _reply(self, fact: Fact, frame: Frame, line: Line) -> None:
        """A reply comes after the events that its command caused."""
        seq = frame.get("seq")
        found = self._scene.found["seq.grows"]
        found.tested += 1
        if seq is None or seq <= line.seq or line.person is None:
            return
        told = self._told.get(seq)
        if told is None:
            found.fail(f"{line.ref} was answered with seq {seq} at {moment(fact.at)}, which the journal lacks.", fact)
        elif told.reaches(line.person.id, line.person.at(seq)):
            what = _called({"type": told.fact.fact, "seq": seq})
            found.fail(f"{line.ref} was answered at {moment(fact.at)} before {what} was told.", fact, told.fact)

    def _closed(self, fact: Fact) -> None:
        self._scene.line(fact).closed = True

    def _sent(self, fact: Fact) -> None:
        """A line that asks to go on has heard what its person says it has."""
        if fact.fields.get("command") != "resume":
            return
        line, after = self._scene.line(fact), fact.fields.get("after")
        if line.standing is NOWHERE and isinstance(after, int):
            line.seq = after


def _called(frame: Mapping[str, Any]) -> str:
    return f"{frame.get('type', 'a frame')} {frame.get('seq', 'without seq')}"


def _what(scene: Scene, event: Fact) -> str:
    doer = event.fields.get("participant") or event.fields.get("from")
    return f"{event.fact} {event.seq} of {scene.who(doer)}"


def _where(standing: Standing) -> str:
    return {"early": "early", "waiting": "waiting", "left": "gone"}.get(standing.place or "", "not let in")


def _as(standing: Standing) -> str:
    return f"{standing.role or 'nobody'} in {_room(standing)}" if standing.inside else _where(standing)


def _room(standing: Standing) -> str:
    return f"the room {standing.room!r}" if standing.room is not None else "the main room"
