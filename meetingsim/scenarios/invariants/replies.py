"""Whatever is asked is answered once, and what it causes happens once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from meetingsim.scenarios.invariants.scene import Frame, Interests, Line, Scene, moment
from meetingsim.scenarios.invariants.standings import ACTIVITIES, STREAMS, Person
from meetingsim.scenarios.trace import Fact

NAMES: Final = ("command.once",)
_COUNTED: Final[Mapping[str, str]] = {
    "message": "chat",
    "waiting_room_message": "waiting_room_chat",
    "reacted": "react",
    "annotated": "annotate",
}
"""Events of which any number may follow, and the command that causes each."""
_SAYS: Final[Mapping[str, str]] = {"chat": "text", "waiting_room_chat": "text", "react": "kind", "annotate": ""}
"""What such a command and its event have in common."""
_STREAM: Final[Mapping[str, tuple[str, bool | None]]] = {
    "audio_changed": ("audio", None),
    "video_changed": ("video", None),
    "share_started": ("share", True),
    "share_stopped": ("share", False),
    "recording_started": ("record", True),
    "recording_stopped": ("record", False),
}
_AFTER_MS: Final = 30_000
"""How long after a command an event on the same line shows that its answer is not under way any more."""
_BEFORE_THE_END_MS: Final = 60_000


class Replies:
    """Counts what was sent, answered and caused, by line and reference."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._found = scene.found["command.once"]
        self._sent: dict[int, list[Fact]] = {}
        self._asked: Counter[tuple[int, Any]] = Counter()
        self._answers: Counter[tuple[int, Any]] = Counter()
        self._answered: dict[int, Fact] = {}
        self._caused: dict[int, Fact] = {}
        self._wanted: Counter[tuple[Any, ...]] = Counter()
        self._done: Counter[tuple[Any, ...]] = Counter()

    def interests(self) -> Interests:
        """Everything sent, every reply, and the events that could be caused twice."""
        switches = dict.fromkeys(_STREAM, self._switch)
        again = dict.fromkeys(_AGAIN, self._changes_nothing)
        return Interests(
            before={
                "sent": self._sends,
                "accepted": self._accepted,
                "refused": self._answer,
                **dict.fromkeys(_COUNTED, self._counts),
                **switches,
                **again,
            },
            frames={"reply": self._reply},
            end=self._end,
        )

    def _sends(self, fact: Fact) -> None:
        fields = fact.fields
        if (number := fields.get("line")) is None:
            return  # not over a line
        key = (number, fields.get("ref"))
        self._asked[key] += 1
        if fields.get("command") == "media":
            return
        self._found.tested += 1
        self._sent.setdefault(key[0], []).append(fact)
        if (command := str(fields.get("command"))) in _SAYS:
            self._wanted[self._scene.seat_of(fact.actor), command, fields.get(_SAYS[command])] += 1

    # Answers

    def _answer(self, fact: Fact) -> None:
        n = fact.fields.get("n", 0)
        if n in self._answered:
            said = f"{fact.actor} was answered twice to one {fact.fields.get('command')} at {moment(fact.at)}."
            self._found.fail(said, fact, self._answered[n])
        self._answered[n] = fact

    def _accepted(self, fact: Fact) -> None:
        self._answer(fact)
        if fact.seq is None:
            return
        other = self._caused.setdefault(fact.seq, fact)
        if other is not fact:
            said = f"{other.actor} and at {moment(fact.at)} {fact.actor} were both told that their command caused seq {fact.seq}."
            self._found.fail(said, fact, other)

    def _reply(self, fact: Fact, frame: Frame, line: Line) -> None:
        ref = frame.get("ref")
        if ref is None:
            return
        key = (line.number, ref)
        self._answers[key] += 1
        asked = self._asked[key]
        if self._answers[key] > asked:
            times = (
                "which they never sent" if not asked else f"sent {_times(asked)}, for the {self._answers[key]}. time"
            )
            self._found.fail(f"{line.ref} was answered at {moment(fact.at)} to {ref}, {times}.", fact)

    def _end(self) -> None:
        """Replies come in the order of what was asked: where a later one is there, the earlier ones must be."""
        for number in sorted(self._sent):
            line = self._scene.lines.get(number)
            if line is not None:
                self._unanswered(self._sent[number], line)

    def _unanswered(self, sent: list[Fact], line: Line) -> None:
        last = -1
        for at, fact in enumerate(sent):
            answer = self._answered.get(fact.fields.get("n", 0))
            if answer is not None and answer.fact == "accepted":
                last = at
        heard = 0 if line.closed else self._scene.ledger.times.get(line.seq, 0)
        due = min(heard - _AFTER_MS, self._scene.trace.facts[-1].at - _BEFORE_THE_END_MS)
        for at, fact in enumerate(sent):
            if fact.fields.get("n", 0) in self._answered or not (at < last or fact.at < due):
                continue
            said = f"{fact.actor} never got an answer to {fact.fields.get('command')}, sent at {moment(fact.at)}."
            self._found.fail(said, fact)
            return

    # Effects

    def _counts(self, fact: Fact) -> None:
        command = _COUNTED[fact.fact]
        doer = fact.fields.get("participant") or fact.fields.get("from")
        ref = self._scene.trace.people.get(str(doer))
        if ref is None:
            return
        key = (self._scene.seat_of(ref), command, fact.fields.get(_SAYS[command]))
        self._done[key] += 1
        if self._done[key] > self._wanted[key]:
            sent = _times(self._wanted[key])
            said = (
                f"{ref} sent that {command} {sent}, and at {moment(fact.at)} it happened the {self._done[key]}. time."
            )
            self._found.fail(said, fact)

    def _switch(self, fact: Fact) -> None:
        stream, on = _STREAM[fact.fact]
        wanted = bool(fact.fields.get("on")) if on is None else on
        person = self._scene.ledger.about(fact)
        if person.now.inside and person.runs(stream) is wanted:
            state = "on" if wanted else "off"
            self._nothing(fact, f"the {stream} of {self._scene.who(person.id)}, which was {state} already")

    def _changes_nothing(self, fact: Fact) -> None:
        if what := _AGAIN[fact.fact](self._scene, fact):
            self._nothing(fact, what)

    def _nothing(self, fact: Fact, what: str) -> None:
        """Where the effect is there already a command is accepted without an event."""
        self._found.fail(f"{fact.fact} {fact.seq} at {moment(fact.at)} changed nothing: it is about {what}.", fact)


def _lock(scene: Scene, fact: Fact) -> str | None:
    locked = scene.ledger.now.locked
    if locked is not (fact.fact == "locked"):
        return None
    return "a meeting that was locked already" if locked else "a meeting that was not locked"


def _hand(scene: Scene, fact: Fact) -> str | None:
    person = scene.ledger.about(fact)
    same = person.now.inside and person.hand is bool(fact.fields.get("up"))
    return f"the hand of {scene.who(person.id)}, which was there already" if same else None


def _name(scene: Scene, fact: Fact) -> str | None:
    person = scene.ledger.about(fact)
    return f"the name of {scene.who(person.id)}, who had it already" if person.name == fact.fields.get("name") else None


def _role(scene: Scene, fact: Fact) -> str | None:
    person = scene.ledger.about(fact)
    same = person.now.inside and person.now.role == fact.fields.get("role")
    return f"the role of {scene.who(person.id)}, who had it already" if same else None


def _comes(scene: Scene, fact: Fact) -> str | None:
    person = scene.ledger.about(fact)
    return f"{scene.who(person.id)}, who was inside already" if person.now.inside else None


def _suspend(scene: Scene, fact: Fact) -> str | None:
    regime = scene.ledger.now
    whole = regime.suspended == ACTIVITIES and regime.locked and not regime.rooms
    if whole and not any(_free(one) for one in scene.ledger.people.values()):
        return "a meeting of which all was suspended already"
    return None


def _free(person: Person) -> bool:
    now = person.now
    runs = not now.host and any(person.runs(stream) for stream in STREAMS)
    return bool(runs or now.grants or now.chat_grant or now.asked or now.room is not None)


_AGAIN: Final[Mapping[str, Callable[[Scene, Fact], str | None]]] = {
    "locked": _lock,
    "unlocked": _lock,
    "hand_changed": _hand,
    "renamed": _name,
    "role_changed": _role,
    "joined": _comes,
    "admitted": _comes,
    "suspended": _suspend,
}


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
