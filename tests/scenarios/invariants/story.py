"""A meeting told by hand as a right server would have it: who hears what comes by itself, and each test spoils one thing.

The cast: ``host`` and ``cohost``, the participants ``ann``, ``ben`` and ``eve``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from meetingsim.scenarios.invariants import check_invariants
from meetingsim.scenarios.trace import Fact
from meetingsim.scenarios.verdicts import Check, Verdict
from tests.scenarios.traces import Telling

EVERYTHING = ("annotate", "audio", "chat", "profile_picture", "record", "rename", "share", "video")
_PEOPLE = ("participant", "by", "from", "to")
Spoil = Callable[[dict[str, Any]], Any]


class Story(Telling):
    """Goes on by a tenth of a second with every step. ``quiet`` steps reach nobody but the journal."""

    def __init__(self, *, views: tuple[str, ...] = ("server", "client"), target: str = "in process", **settings: Any):
        super().__init__("story", settings=settings, views=frozenset(views), target=target)
        self.at = 0
        self.inside: list[str] = []
        self.waiting: list[str] = []
        self.hosts: set[str] = set()
        self.roles: dict[str, str] = {}
        self.rooms: dict[str, str] = {}
        self.suspended: list[str] = []
        self.locked = False
        self.status = "scheduled"
        self.running: set[tuple[str, str]] = set()
        self._lines = 0
        for ref, role in {"host": "host", "cohost": "cohost"}.items():
            self.cast(ref, role=role)
        for ref in ("ann", "ben", "eve"):
            self.cast(ref)

    def now(self) -> int:
        """The time of the next step."""
        self.at += 100
        return self.at

    # Coming

    def attempt(self, ref: str, **shows: Any) -> dict[str, Any]:
        """What somebody shows at the door, and where from."""
        number = list(self.trace.members).index(ref) + 1
        shown = {
            "name": self.trace.members[ref].name,
            "device": f"device of {ref}",
            "address": f"192.0.2.{number}",
            "country": self.trace.members[ref].country,
        }
        return {name: value for name, value in {**shown, **shows}.items() if value is not None}

    def dials(self, ref: str) -> int:
        """A new line of somebody."""
        self._lines += 1
        self.lines[ref] = self._lines
        return self._lines

    def comes_in(self, *refs: str) -> None:
        """They join, one after another."""
        for ref in refs:
            self.joins(ref)

    def knocks(self, ref: str, **shows: Any) -> Fact:
        """A join is sent, on a new line."""
        self.dials(ref)
        return self.sends(self.now(), ref, "join", attempt=self.attempt(ref, **shows))

    def joins(
        self,
        ref: str,
        kind: str = "joined",
        *,
        because: Mapping[str, Any] | None = None,
        role: str | None = None,
        **shows: Any,
    ) -> Fact:
        """Somebody comes through the door, as a new participant, and everybody is told who is to be told."""
        sent = self.knocks(ref, **shows)
        person = self.ids[ref] = f"p{len(self.trace.people) + 1:04x}"
        self.trace.people[person] = ref
        attempt = sent.fields["attempt"]
        role = role or self.trace.members[ref].role
        event = self.event(
            self.at,
            kind,
            ref,
            because=self.reason(ref, kind, attempt, because),
            participant=person,
            person=self._row(ref, kind, attempt["name"], role),
        )
        self._placed(ref, kind, role)
        self.hear(event, self.hosts if kind != "joined" else self.inside, but=ref)
        self.told_origin(ref)
        if role == "host" and self.status == "scheduled":
            self.status = "started"
            self.happens_to("started", by=person, quiet=True)
        self.sees(ref)
        self.answered(sent, self._seq)
        return event

    def reason(self, ref: str, kind: str, attempt: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> Any:
        """The because of somebody who comes."""
        host = self.trace.members[ref].role == "host"
        rule = {"joined_waiting_room": "waiting_room", "arrived_early": "early"}.get(kind, "host" if host else "open")
        found = {"country": attempt.get("country"), "source": "plan", "database": None, "built": None}
        found["address"] = attempt.get("address")
        return {"rule": rule, "door": "socket", "asked_by": self.ids[ref], **found, **(more or {})}

    def _row(self, ref: str, kind: str, name: str, role: str) -> dict[str, Any]:
        if kind == "joined":
            return {**self.row(ref, name=name, role=role)}
        return {"id": self.ids[ref], "name": name, "since": "", "why": "waiting_room", "place": "waiting"}

    def _placed(self, ref: str, kind: str, role: str) -> None:
        self.roles[ref] = role
        if kind == "joined":
            self.inside.append(ref)
            if role in {"host", "cohost"}:
                self.hosts.add(ref)
        elif kind == "joined_waiting_room":
            self.waiting.append(ref)

    def told_origin(self, ref: str) -> Fact:
        """The hosts learn where somebody is from."""
        event = self.event(self.at, "origin_known", ref, participant=ref, country=self.trace.members[ref].country)
        self.hear(event, self.hosts, but=ref)
        return event

    def refused(self, ref: str, code: str, **shows: Any) -> Fact:
        """Somebody knocks and is not let in; the hosts are told."""
        sent = self.knocks(ref, **shows)
        attempt = sent.fields["attempt"]
        because = {"rule": code, "door": "socket", "asked_by": None, "address": attempt.get("address")}
        because |= {"country": attempt.get("country"), "source": "plan", "database": None, "built": None}
        country = attempt.get("country")
        event = self.event(
            self.at, "entry_refused", None, because=because, code=code, name=attempt["name"], country=country
        )
        self.hear(event, self.hosts)
        error = {"code": code, "detail": f"no ({country})", "temporary": False, "rule": code, "door": "socket"}
        self.answered(sent, error={**error, "country": country, "source": "plan"})
        return event

    # Doing

    def does(
        self, ref: str, command: str, kind: str | None = None, *, said: Mapping[str, Any] | None = None, **more: Any
    ) -> Fact:
        """A command, the event that it causes, and the reply; gives the event, or without one the sent."""
        fields = {
            name: self.ids.get(value, value) if name in _PEOPLE else value for name, value in (said or {}).items()
        }
        sent = self.sends(self.now(), ref, command, **fields)
        if kind is None:
            self.answered(sent)
            return sent
        event = self.happens_to(kind, **more)
        self.answered(sent, event.seq)
        return event

    def happens_to(
        self,
        kind: str,
        *,
        hears: Any = None,
        but: str | None = None,
        quiet: bool = False,
        because: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> Fact:
        """An event; all who are inside hear it, or those who are named."""
        event = self.event(self.at, kind, because=because, **fields)
        self._runs(event)
        if not quiet:
            self.hear(event, self.inside if hears is None else hears, but=but)
        return event

    def _runs(self, event: Fact) -> None:
        stream, _, change = event.fact.partition("_")
        on = {"started": True, "stopped": False, "changed": bool(event.fields.get("on"))}.get(change)
        if event.fact == "suspended":
            self.running.clear()
        elif on is not None:
            (self.running.add if on else self.running.discard)((str(event.fields.get("participant")), stream))

    def hear(self, event: Fact, refs: Any, *, but: str | None = None) -> None:
        """Its frame at these."""
        self.tells(event, *[ref for ref in self.trace.members if ref in refs and ref != but])

    def answered(
        self, sent: Fact, seq: int | None = None, *, error: Mapping[str, Any] | None = None, **more: Any
    ) -> None:
        """The reply, as a fact and as the frame."""
        frame = {"type": "reply", "ref": sent.fields["ref"], "ok": error is None}
        if error is not None:
            self.fact(self.at, "refused", sent.actor, fields={**sent.fields, **error, "error": error})
            frame["error"] = error
        else:
            self.fact(self.at, "accepted", sent.actor, seq=seq, fields={**sent.fields, **more})
            frame |= {**more, **({"seq": seq} if seq is not None else {})}
        self.fact(self.at, "received", sent.actor, fields={"line": sent.fields["line"], "frame": frame})

    def denied(self, ref: str, command: str, code: str = "suspended", **said: Any) -> None:
        """A command that is refused."""
        sent = self.sends(self.now(), ref, command, **said)
        self.answered(sent, error={"code": code, "detail": "no", "temporary": False, "rule": command, "door": "socket"})

    def media(self, ref: str, kind: str, *to: str) -> list[Fact]:
        """A packet at these."""
        return self.reads(self.now(), {"type": "media", "from": self.ids[ref], "kind": kind, "n": self.at}, *to)

    # What comes up often

    def on(self, ref: str, kind: str = "audio") -> Fact:
        """Somebody turns audio or video on."""
        said = {"on": True}
        return self.does(ref, f"set_{kind}", f"{kind}_changed", said=said, participant=ref, on=True)

    def chats(self, ref: str, text: str, to: str = "everyone", hears: Any = None) -> Fact:
        """A line of chat, at those who are to hear it or at those who are named."""
        if hears is None:
            here = [one for one in self.inside if self.rooms.get(one) == self.rooms.get(ref)]
            hears = {"everyone": here, "hosts": [*self.hosts, ref]}.get(to, [ref, to])
        line = {"message": f"m{self._seq}", "from_": ref, "to": to, "text": text}
        return self.does(ref, "chat", "message", said={"text": text, "to": to}, hears=hears, **line)

    def suspends(self, ref: str = "host", **fields: Any) -> Fact:
        """A suspend, with everything in it."""
        stopped = fields.pop("stopped", [])
        event = self.does(
            ref,
            "suspend",
            "suspended",
            by=ref,
            activities=list(EVERYTHING),
            stopped=[{"participant": self.ids[one], "activities": what} for one, what in stopped],
            because={"rule": "suspend", "door": "socket", "asked_by": self.ids[ref]},
            **fields,
        )
        self.suspended, self.locked = list(EVERYTHING), True
        return event

    def allows(self, activity: str, participant: str | None = None, by: str = "host") -> Fact:
        """An activity is given back, to all or to one."""
        self.suspended = [one for one in self.suspended if one != activity or participant is not None]
        more: dict[str, Any] = {"participant": participant} if participant else {}
        hears = None if participant is None else [*self.hosts, participant]
        said = {"activity": activity, "allowed": True, **more}
        if activity == "chat":
            more["level"] = "everyone_and_private"
        return self.does(by, "allow", "allowed", said=said, hears=hears, activity=activity, by=by, **more)

    def removes(self, ref: str, by: str = "host", *, because: Mapping[str, Any] | None = None, **more: Any) -> Fact:
        """A removal; the line of whoever it is ends with 4500."""
        reason = {"rule": "remove", "door": "socket", "asked_by": self.ids[by], "may_return": False}
        self.forget(ref)
        said = {"participant": ref, **more}
        event = self.does(
            by, "remove", "removed", said=said, because={**reason, **(because or {})}, participant=ref, by=by
        )
        self.closes(ref, 4500)
        return event

    def forget(self, ref: str) -> None:
        """Somebody is not inside, and does not wait, any more."""
        self.inside = [one for one in self.inside if one != ref]
        self.waiting = [one for one in self.waiting if one != ref]
        self.hosts.discard(ref)

    def closes(self, ref: str, code: int) -> Fact:
        """Somebody's line ends."""
        return self.happens(self.at, "disconnected", ref, line=self.lines[ref], code=code)

    def admits(self, ref: str, by: str = "host", **more: Any) -> Fact:
        """Somebody who waits is let in."""
        number = list(self.trace.members).index(ref) + 1
        reason = {"rule": "admit", "door": "socket", "asked_by": self.ids[by], "why": "waiting_room", "source": "plan"}
        reason |= {"country": self.trace.members[ref].country, "address": f"192.0.2.{number}"}
        self.forget(ref)
        event = self.does(
            by,
            "admit",
            "admitted",
            said={"participant": ref},
            because={**reason, **more},
            participant=ref,
            by=by,
            person=self.row(ref),
        )
        self._placed(ref, "joined", self.trace.members[ref].role)
        self.sees(ref)
        return event

    def writes(self, ref: str, to: str, text: str = "Hello", hears: Any = None) -> Fact:
        """A line across the waiting-room door."""
        message = f"w{self._seq}"
        side = {"everyone": self.waiting, "hosts": [ref]}.get(to, [to])
        said = {"text": text, "to": to}
        return self.does(
            ref,
            "waiting_room_chat",
            "waiting_room_message",
            said=said,
            hears=[*self.hosts, *side] if hears is None else hears,
            to=to,
            message=message,
            from_=ref,
            from_name=ref,
            text=text,
        )

    def ends(self) -> Fact:
        """The meeting is over, and everybody's line closed."""
        event = self.does("host", "end", "ended", by="host")
        for ref in [*self.inside, *self.waiting]:
            self.closes(ref, 4502)
        return event

    # Pictures

    def row(self, ref: str, *, name: str | None = None, role: str | None = None) -> dict[str, Any]:
        """Somebody inside as others see them."""
        role = role or self.roles.get(ref, self.trace.members[ref].role)
        streams = {one: (self.ids[ref], one) in self.running for one in ("audio", "video", "share", "recording")}
        row = {"id": self.ids[ref], "name": name or self.trace.members[ref].name, "role": role, "place": "inside"}
        return row | streams | ({"room": self.rooms[ref]} if ref in self.rooms else {})

    def picture(self, ref: str) -> dict[str, Any]:
        """The view that somebody may have just now."""
        role, host = self.roles[ref], ref in self.hosts
        me: dict[str, Any] = {"id": self.ids[ref], "name": self.trace.members[ref].name, "role": role}
        if ref not in self.inside:
            sign = {"title": "", "description": ""}
            meeting = {"id": "1", "status": self.status, "waiting_room": sign}
            return {"me": {**me, "place": "waiting"}, "meeting": meeting, "waiting_messages": []}
        allowed = {one: host or one not in self.suspended for one in EVERYTHING if one != "chat"}
        chat = "nobody" if "chat" in self.suspended and not host else "everyone_and_private"
        me |= {"place": "inside", "allowed": {**allowed, "chat": chat}}
        me |= {"room": self.rooms[ref]} if ref in self.rooms else {}
        meeting = {"id": "1", "topic": "t", "status": self.status, "locked": self.locked, "suspended": self.suspended}
        rows = [self.row(one) | ({"country": "US"} if host else {}) for one in self.inside]
        waiting = [{"id": self.ids[one], "name": one} for one in self.waiting] if host else []
        shown = {"me": me, "meeting": meeting | ({"settings": {}} if host else {}), "participants": rows}
        return {**shown, "waiting": waiting, "messages": [], "waiting_messages": []}

    def sees(self, ref: str, spoil: Spoil | None = None, *, seq: int | None = None) -> Fact:
        """A fresh view, as it must be unless it is spoilt."""
        view = self.picture(ref)
        if spoil is not None:
            spoil(view)
        frame = {"type": "view", "seq": self._seq if seq is None else seq, "epoch": "e", "session": "", "view": view}
        return self.reads(self.at, frame, ref)[0]

    # The verdict

    def checks(self) -> dict[str, Check]:
        """Every invariant, judged."""
        if not self.trace.facts or self.trace.facts[-1].fact != "run_over":
            self.over()
        return {check.id: check for check in check_invariants(self.trace)}

    def broken(self) -> list[str]:
        """The invariants that fail."""
        return [name for name, check in self.checks().items() if check.verdict is Verdict.FAIL]
