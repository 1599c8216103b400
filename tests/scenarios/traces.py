"""Traces told by hand, fact by fact, in the shapes that a run gives them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from meetingsim.scenarios.trace import Fact, Member, Trace, activity_of_command

START = datetime.fromisoformat("2026-01-01T10:00:00+00:00")


def stamp(at: int) -> str:
    """That moment of the run, as the wire writes it."""
    return (START + timedelta(milliseconds=at)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Telling:
    """Builds a trace from its first fact on: ``seq``, ``n`` and participants' ids come by themselves.

    ``by`` and ``participant`` may name somebody of the cast: they become the id that this person last came in with.
    """

    def __init__(self, scenario: str = "told", *, duration: int = 600_000, seed: int = 7, **more: Any) -> None:
        self.trace = Trace(
            scenario=scenario,
            seed=seed,
            target=more.pop("target", "meetingsim in process"),
            clock=more.pop("clock", "virtual"),
            duration=duration,
            views=more.pop("views", frozenset({"server", "client"})),
            **more,
        )
        self.ids: dict[str, str] = {}
        self.lines: dict[str, int] = {}
        self._seq = 0
        self._sent = 0

    def cast(self, group: str, count: int = 1, **about: Any) -> list[str]:
        """Adds a group, or one person; gives their references."""
        refs = [group] if count == 1 and not about.pop("many", False) else [f"{group}[{at}]" for at in range(count)]
        said = {"role": "participant", "country": "US", "behavior": None, **about}
        for index, ref in enumerate(refs):
            name = said.get("name") or ref
            self.trace.members[ref] = Member(**{**said, "ref": ref, "group": group, "index": index, "name": name})
        return refs

    def fact(
        self, at: int, fact: str, actor: str | None = None, *, seq: int | None = None, fields: Mapping[str, Any]
    ) -> Fact:
        """Adds a fact as it is given."""
        told = Fact(fact, at, fields, actor, seq, len(self.trace.facts))
        self.trace.facts.append(told)
        return told

    def happens(self, at: int, fact: str, actor: str | None = None, **fields: Any) -> Fact:
        """A fact of the harness that is neither a frame nor a reply."""
        return self.fact(at, fact, actor, fields=fields)

    def event(self, at: int, kind: str, actor: str | None = None, *, because: Any = None, **fields: Any) -> Fact:
        """An event of the journal; ``from_`` is written for ``from``."""
        self._seq += 1
        said = {name.rstrip("_"): value for name, value in fields.items()}
        said = {name: self.ids.get(value, value) if name in _PEOPLE else value for name, value in said.items()}
        head = {"type": kind, "seq": self._seq, "at": stamp(at)}
        return self.fact(at, kind, actor, seq=self._seq, fields={**head, **said, "because": because})

    def comes(self, at: int, ref: str, kind: str = "joined", *, name: str | None = None, **because: Any) -> Fact:
        """Somebody comes through the door (``joined``, ``joined_waiting_room``, ``arrived_early``) as a new participant."""
        who = self.trace.members[ref]
        person = f"p{len(self.trace.people) + 1:04x}"
        self.ids[ref] = person
        self.trace.people[person] = ref
        place = {"joined": "inside", "joined_waiting_room": "waiting"}.get(kind, "early")
        self._connects(at, ref)
        entry = {"door": "socket", "asked_by": person, "country": who.country, "source": "plan"}
        because = {"rule": "open" if place == "inside" else "waiting_room", **entry, **because}
        told: dict[str, Any] = {"name": name or who.name, "place": place}
        if place == "inside":
            told |= {"role": who.role, **dict.fromkeys(("audio", "video", "share", "recording", "hand"), False)}
        return self.event(at, kind, ref, because=because, participant=person, person={"id": person, **told})

    def _connects(self, at: int, ref: str) -> None:
        self.lines[ref] = len(self.trace.people)
        self.happens(at, "connected", ref, line=self.lines[ref])

    def sends(self, at: int, ref: str, command: str, **fields: Any) -> Fact:
        """A command leaves somebody's client."""
        self._sent += 1
        said = {"n": self._sent, "line": self.lines.get(ref, 0), "command": command, "ref": str(self._sent), **fields}
        return self.fact(at, "sent", ref, fields=said)

    def accepts(self, at: int, sent: Fact, event: Fact | None = None) -> Fact:
        """The server's yes, after the event that it caused."""
        activity = activity_of_command(str(sent.fields["command"]), sent.fields) if event else None
        seq = event.seq if event else None
        return self.fact(at, "accepted", sent.actor, seq=seq, fields={**sent.fields, "activity": activity})

    def refuses(self, at: int, sent: Fact, code: str, detail: str = "no") -> Fact:
        """The server's no."""
        error = {"code": code, "detail": detail, "temporary": False}
        activity = activity_of_command(str(sent.fields["command"]), sent.fields)
        return self.fact(
            at, "refused", sent.actor, fields={**sent.fields, "activity": activity, **error, "error": error}
        )

    def reads(self, at: int, frame: Mapping[str, Any], *refs: str) -> list[Fact]:
        """The same frame at several clients."""
        return [self.fact(at, "received", ref, fields={"line": self.lines.get(ref, 0), "frame": frame}) for ref in refs]

    def tells(self, event: Fact, *refs: str) -> list[Fact]:
        """An event's frame at those who are told."""
        frame = {name: value for name, value in event.fields.items() if name != "because"}
        return self.reads(event.at, frame, *refs)

    def over(self) -> Trace:
        """The end; gives the trace."""
        self.happens(self.trace.duration, "run_over")
        return self.trace


_PEOPLE = frozenset({"participant", "by", "from", "to"})
