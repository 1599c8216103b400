"""Whoever waits knows nothing of the meeting, and what is said across the door stays between those it was said to."""

from __future__ import annotations

from typing import Any, Final

from meetingsim.scenarios.invariants.scene import Frame, Interests, Line, Scene, moment
from meetingsim.scenarios.invariants.standings import Person
from meetingsim.scenarios.trace import Fact

NAMES: Final = ("waiting.sees-nothing", "waiting-chat.private")
_VIEW: Final = frozenset({"me", "meeting", "waiting_messages"})
_MEETING: Final = frozenset({"id", "status", "waiting_room"})
_SIGN: Final = frozenset({"title", "description", "topic"})
_WITHIN: Final = frozenset({"inside", "reconnecting"})


class Waiting:
    """Judges the pictures of those who wait, and the lines of the waiting-room chat."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._blind = scene.found["waiting.sees-nothing"]
        self._private = scene.found["waiting-chat.private"]

    def interests(self) -> Interests:
        """Lines across the door, who sent them, and every picture."""
        return Interests(
            before={"waiting_room_message": self._said, "accepted": self._sender},
            frames={"view": self._view},
        )

    def _view(self, fact: Fact, frame: Frame, line: Line) -> None:
        view, person = frame.get("view", {}), line.person
        if person is None:
            return
        standing = person.at(frame.get("seq", 0))
        if not standing.host and view.get("waiting_messages"):
            self._threads(fact, view, person)
        if standing.inside or standing.place in {None, "removed"}:
            return
        self._blind.tested += 1
        meeting = view.get("meeting", {})
        sign = meeting.get("waiting_room", {})
        no_more = view.keys() <= _VIEW and meeting.keys() <= _MEETING and sign.keys() <= _SIGN
        if no_more and "topic" not in sign and view.get("me", {}).get("place") not in _WITHIN:
            return
        if more := beyond_the_door(view, topic_shown=self._topic_shown(frame.get("seq", 0))):
            said = f"{line.ref}, who was {standing.place}, was shown {', '.join(more)} at {moment(fact.at)}."
            self._blind.fail(said, fact)

    def _topic_shown(self, seq: int) -> bool:
        return bool(self._scene.ledger.regime(seq).waiting_room.get("show_topic"))

    def _threads(self, fact: Fact, view: Frame, me: Person) -> None:
        """In a picture of anybody but a host: only what they said, and what was said to them or to all who waited with them."""
        own, lines = me.id, view["waiting_messages"]
        self._private.tested += len(lines)
        for row in lines:
            if row.get("from") == own or row.get("to") == own:
                continue
            said = self._scene.ledger.messages.get(str(row.get("message")))
            if row.get("to") == "everyone" and said is not None and me.at(said.seq or 0).place == "waiting":
                continue
            who, to = self._scene.who(row.get("from")), self._scene.who(row.get("to"))
            text = f"The picture of {self._scene.who(own)} at {moment(fact.at)} has a line that {who} said to {to}."
            self._private.fail(text, fact, said)

    def _said(self, fact: Fact) -> None:
        """From the waiting room one reaches the hosts alone, and only hosts speak into it."""
        self._private.tested += 1
        fields, ledger = fact.fields, self._scene.ledger
        sender = ledger.people.get(str(fields.get("from")))
        if sender is None:
            return
        who, when, mode = self._scene.who(sender.id), moment(fact.at), ledger.now.waiting_room.get("chat")
        if sender.now.place == "waiting":
            if fields.get("to") != "hosts":
                to = self._scene.who(fields.get("to"))
                self._private.fail(f"{who}, who waited, wrote to {to} at {when}: only hosts may be reached.", fact)
            elif mode != "two_way":
                self._private.fail(f"{who}, who waited, wrote at {when}, though the waiting-room chat is {mode}.", fact)
        elif not sender.now.host:
            self._private.fail(f"{who}, no host, wrote across the waiting-room door at {when}.", fact)
        elif mode == "off":
            self._private.fail(f"{who} wrote across the waiting-room door at {when}, though its chat is off.", fact)

    def _sender(self, fact: Fact) -> None:
        """The server says who sent a line."""
        fields: Any = fact.fields
        if fields.get("command") != "waiting_room_chat" or fact.seq is None:
            return
        said = next((one for one in reversed(self._scene.ledger.messages.values()) if one.seq == fact.seq), None)
        sender = self._scene.trace.people.get(str(said.fields.get("from"))) if said else None
        if said is not None and sender not in {None, fact.actor}:
            text = f"A line of {fact.actor} was told as one of {sender} at {moment(fact.at)}."
            self._private.fail(text, said, fact)


def beyond_the_door(view: Frame, *, topic_shown: bool) -> list[str]:
    """What the picture of somebody who waits shows beyond what they may know."""
    meeting = view.get("meeting", {})
    sign = meeting.get("waiting_room", {})
    more = [
        *sorted(view.keys() - _VIEW),
        *(f"meeting.{name}" for name in sorted(meeting.keys() - _MEETING)),
        *(f"meeting.waiting_room.{name}" for name in sorted(sign.keys() - _SIGN)),
    ]
    if "topic" in sign and not topic_shown:
        more.append("meeting.waiting_room.topic")
    if view.get("me", {}).get("place") in _WITHIN:
        more.append("a place inside")
    return more
