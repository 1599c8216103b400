"""What can be judged where a target shows no journal: each line by what it heard itself, in its own order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from meetingsim.scenarios.invariants.reports import telling
from meetingsim.scenarios.invariants.roles import HOST_COMMANDS
from meetingsim.scenarios.invariants.scene import Frame, Interests, Line, Scene, moment
from meetingsim.scenarios.invariants.standings import ACTIVITIES, HOSTS
from meetingsim.scenarios.invariants.waiting import beyond_the_door
from meetingsim.scenarios.trace import Fact, activity_of_frame, behind

NAMES: Final = (
    "suspended.none-accepted",
    "suspended.none-received",
    "removed.no-frame-after",
    "waiting.sees-nothing",
    "waiting-chat.private",
    "reporter.never-revealed",
    "roles.no-escalation",
    "ended.silent",
)
"""Beside these, ``command.once`` and ``host.never-locked-out`` need no journal at all."""
_FOR_HOSTS: Final = frozenset(
    {
        "denied",
        "entry_refused",
        "joined_waiting_room",
        "name_flagged",
        "origin_known",
        "region_rule_set",
        "settings_changed",
    }
)


@dataclass(slots=True)
class _Ear:
    """What one line has heard so far."""

    me: str | None = None
    role: str | None = None
    place: str | None = None
    barred: set[str] = field(default_factory=set)
    suspended: Fact | None = None
    running: set[tuple[str, str]] = field(default_factory=set)
    """What was started since the suspend, by whom."""
    removed: dict[str, Fact] = field(default_factory=dict)
    ended: Fact | None = None


class Firsthand:
    """Whoever was once seen to be a host, or to be let, counts as that all along: nobody is blamed for what was not shown."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._ears: dict[int, _Ear] = {}
        self._hosts = {one for one, ref in scene.trace.people.items() if scene.member_role(ref) in HOSTS}
        self._exempt: set[tuple[str, str]] = set()
        self._sent_under: dict[int, tuple[set[str], Fact]] = {}
        for fact in scene.trace.facts:
            if fact.fact == "received":
                self._learn(fact.fields["frame"])

    def _learn(self, frame: Frame) -> None:
        kind, whom = frame.get("type"), str(frame.get("participant"))
        if kind == "role_changed" and frame.get("role") in HOSTS:
            self._hosts.add(whom)
        elif kind == "view" and (me := frame.get("view", {}).get("me", {})).get("role") in HOSTS:
            self._hosts.add(str(me.get("id")))
        elif kind == "asked_to_unmute":
            self._exempt.add((whom, "audio"))
        elif kind == "allowed" and frame.get("participant") is not None:
            self._exempt.add((whom, str(frame.get("activity"))))

    def interests(self) -> Interests:
        """What is sent and accepted, and how a line's person stands by their own picture."""
        return Interests(before={"sent": self._sent, "accepted": self._accepted}, frames={"view": self._view})

    def _ear(self, line: int) -> _Ear:
        return self._ears.setdefault(line, _Ear())

    def _fail(self, name: str, fact: Fact, said: str, *more: Fact | None) -> None:
        self._scene.found[name].fail(f"{said} at {moment(fact.at)}.", fact, *more)

    def _look(self, *names: str) -> None:
        for name in names:
            self._scene.found[name].tested += 1

    # What is accepted

    def _sent(self, fact: Fact) -> None:
        """What is sent by somebody who has heard of the suspend already cannot have come before it."""
        ear = self._ears.get(fact.fields.get("line", 0))
        if ear is not None and ear.suspended is not None:
            self._sent_under[fact.fields["n"]] = (set(ear.barred), ear.suspended)

    def _accepted(self, fact: Fact) -> None:
        ear, activity = self._ear(fact.fields.get("line", 0)), fact.fields.get("activity")
        self._look("suspended.none-accepted", "roles.no-escalation")
        if ear.me is None or ear.me in self._hosts:
            return
        if fact.fields.get("command") in HOST_COMMANDS:
            self._fail(
                "roles.no-escalation", fact, f"{fact.actor}, no host, was answered yes to {fact.fields['command']}"
            )
        barred, suspended = self._sent_under.get(fact.fields.get("n", 0), (set(), None))
        if activity in barred & ear.barred and (ear.me, activity) not in self._exempt:
            said = f"{fact.actor} was let start {activity}, sent after they had heard that it is suspended,"
            self._fail("suspended.none-accepted", fact, said, suspended)

    # What is heard

    def _view(self, fact: Fact, frame: Frame, line: Line) -> None:
        view, ear = frame.get("view", {}), self._ear(line.number)
        me = view.get("me", {})
        ear.me, ear.role, ear.place = me.get("id"), me.get("role"), me.get("place")
        if "suspended" in (meeting := view.get("meeting", {})):
            ear.barred = set(meeting["suspended"])
        self._look("waiting.sees-nothing", "roles.no-escalation")
        if ear.place in {"waiting", "early"}:
            if more := beyond_the_door(view, topic_shown=True):
                self._fail("waiting.sees-nothing", fact, f"{line.ref}, who waits, was shown {', '.join(more)}")
        elif ear.me not in self._hosts:
            shown = [name for name in ("address", "country") for row in view.get("participants", ()) if name in row]
            shown += ["settings"] if "settings" in meeting else []
            if shown:
                self._fail(
                    "roles.no-escalation", fact, f"{line.ref}, no host, was shown {', '.join(dict.fromkeys(shown))}"
                )
        if ear.ended is not None:
            self._fail("ended.silent", fact, f"{line.ref} was shown the meeting after its end", ear.ended)

    def event(self, fact: Fact, frame: Frame, line: Line) -> None:
        """An event at a line."""
        ear = self._ear(line.number)
        self._look(*NAMES[1:])
        what = f"{line.ref} received {frame.get('type')}"
        if told := telling(frame):
            self._fail("reporter.never-revealed", fact, f"{what} that tells of a report ({', '.join(told)})")
        if ear.ended is not None:
            self._fail("ended.silent", fact, f"{what} after the end", ear.ended)
        elif frame.get("type") == "waiting_room_message":
            self._across_the_door(fact, frame, ear, what)
        elif ear.place in {"waiting", "early"}:
            self._fail("waiting.sees-nothing", fact, f"{what}, while waiting,")
        elif ear.place == "inside":
            self._inside(fact, frame, ear, what)
        self._take(fact, frame, ear)

    def _across_the_door(self, fact: Fact, frame: Frame, ear: _Ear, what: str) -> None:
        if ear.me in {frame.get("from"), frame.get("to")} or ear.me in self._hosts:
            return
        if frame.get("to") != "everyone" or ear.place != "waiting":
            whose = f"{self._scene.who(frame.get('from'))} to {self._scene.who(frame.get('to'))}"
            self._fail("waiting-chat.private", fact, f"{what} of {whose}")

    def _inside(self, fact: Fact, frame: Frame, ear: _Ear, what: str) -> None:
        kind, to, host = frame.get("type"), frame.get("to"), ear.me in self._hosts
        if kind == "removed" and frame.get("participant") == ear.me:
            self._fail("removed.no-frame-after", fact, f"{what} about themselves")
        if kind in _FOR_HOSTS and not host:
            self._fail("roles.no-escalation", fact, f"{what}, which is for hosts,")
        private = kind == "message" and to != "everyone" and ear.me not in {to, frame.get("from")}
        if private and not (to == "hosts" and host):
            whose = f"{self._scene.who(frame.get('from'))} to {self._scene.who(to)}"
            self._fail("roles.no-escalation", fact, f"{what} of {whose}")
        activity, doer = activity_of_frame(frame), str(behind(frame))
        if activity in ear.barred and doer not in self._hosts and (doer, activity) not in self._exempt:
            said = f"{what} of {self._scene.who(doer)} after hearing that {activity} is suspended"
            self._fail("suspended.none-received", fact, said, ear.suspended)

    def _take(self, fact: Fact, frame: Frame, ear: _Ear) -> None:
        kind, whom = frame.get("type"), str(frame.get("participant"))
        if kind == "suspended":
            ear.barred, ear.suspended, ear.running = set(frame.get("activities") or ACTIVITIES), fact, set()
        elif kind == "allowed" and frame.get("participant") is None:
            ear.barred.discard(str(frame.get("activity")))
        elif kind == "removed":
            ear.removed[whom] = fact
        elif kind in {"joined", "admitted"}:
            ear.removed.pop(whom, None)
        elif kind == "ended":
            ear.ended = fact
        elif activity := activity_of_frame(frame):
            ear.running.add((str(behind(frame)), activity))

    def media(self, fact: Fact, frame: Frame, line: Line) -> None:
        """A packet at a line."""
        ear, sender, kind = self._ear(line.number), str(frame.get("from")), str(frame.get("kind"))
        self._look("suspended.none-received", "removed.no-frame-after", "waiting.sees-nothing", "ended.silent")
        what = f"{line.ref} received {kind} of {self._scene.who(sender)}"
        if ear.ended is not None:
            self._fail("ended.silent", fact, f"{what} after the end", ear.ended)
        elif ear.place in {"waiting", "early"}:
            self._fail("waiting.sees-nothing", fact, f"{what}, while waiting,")
        elif sender in ear.removed:
            self._fail("removed.no-frame-after", fact, f"{what} after hearing of their removal", ear.removed[sender])
        elif kind in ear.barred and (sender, kind) not in ear.running and sender not in self._hosts:
            said = f"{what} after hearing that it is suspended"
            self._fail("suspended.none-received", fact, said, ear.suspended)
