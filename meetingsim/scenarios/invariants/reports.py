"""A report is on the desk once it was accepted, with what the server itself saw; and nobody learns who filed it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from meetingsim.scenarios.invariants.audience import room_of
from meetingsim.scenarios.invariants.scene import UNKNOWN, Frame, Interests, Line, Scene, moment
from meetingsim.scenarios.trace import Fact

NAMES: Final = ("report.durable-with-evidence", "reporter.never-revealed")
_COMMANDS: Final = frozenset({"report", "remove", "suspend"})
_TELLING: Final = frozenset({"evidence", "report", "reported", "reported_by", "reporter", "reporters"})
"""Names of fields by which a report could be noticed."""
_LISTS: Final = ("roster", "chat", "subjects")


@dataclass(slots=True)
class _Owed:
    """An accepted report that the desk must have. ``report`` is its id, where the reply said one."""

    fact: Fact
    report: str | None
    sources: tuple[str, ...]
    subjects: frozenset[str]
    issue: str | None
    pending: bool


class Reports:
    """Compares what was accepted with what the desk has, and looks for traces of it in what everybody heard."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._durable = scene.found["report.durable-with-evidence"]
        self._hidden = scene.found["reporter.never-revealed"]
        self._asked: dict[int, Fact] = {}
        self._refs: set[tuple[int, str]] = set()
        self._owed: list[_Owed] = []
        self._filed: dict[str, Fact] = {}

    def interests(self) -> Interests:
        """Reports asked for, accepted and filed; everything that anybody is told."""
        return Interests(
            every=self._event,
            before={"sent": self._sent, "accepted": self._accepted, "report_filed": self._file},
            frames={"view": self._view, "reply": self._reply, UNKNOWN: self._unknown},
            end=self._end,
        )

    def _event(self, fact: Fact) -> None:
        """No event tells of a report."""
        self._hidden.tested += 1
        if told := telling(fact.fields, fact.fields.get("because") or {}):
            said = f"{fact.fact} {fact.seq} at {moment(fact.at)} tells of a report: {', '.join(told)}."
            self._hidden.fail(said, fact)

    # Asked and accepted

    def _sent(self, fact: Fact) -> None:
        fields = fact.fields
        if fields.get("command") in _COMMANDS and (fields["command"] == "report" or fields.get("report")):
            self._asked[fields["n"]] = fact
            self._refs.add((fields.get("line", 0), str(fields.get("ref"))))

    def _accepted(self, fact: Fact) -> None:
        asked = self._asked.get(fact.fields.get("n", 0))
        if asked is None:
            return
        self._durable.tested += 1
        command, fields = asked.fields["command"], asked.fields
        if command == "report":
            self._hidden.tested += 1
            if fact.seq is not None:
                said = f"The report of {fact.actor} at {moment(fact.at)} took seq {fact.seq}, which others can see from the gap."
                self._hidden.fail(said, fact)
        said_id = fact.fields.get("report")
        pending = said_id == "pending"
        report = said_id if isinstance(said_id, str) and not pending else None
        with_it: Mapping[str, Any] = fields if command == "report" else fields["report"]
        if command == "remove":
            subjects = frozenset({str(fields.get("participant"))})
        else:
            subjects = frozenset(map(str, with_it.get("participants") or ()))
        sources = ("participant", "after_meeting") if command == "report" else (command,)
        self._owed.append(_Owed(fact, report, sources, subjects, with_it.get("issue"), pending))

    # On the desk

    def _file(self, fact: Fact) -> None:
        self._durable.tested += 1
        self._filed.setdefault(str(fact.fields.get("report", fact.n)), fact)

    def _look_at(self, fact: Fact) -> None:
        evidence, when = fact.fields.get("evidence"), moment(fact.at)
        if not isinstance(evidence, Mapping):
            self._durable.fail(f"The report filed at {when} has no evidence.", fact)
            return
        lacking = [name for name in _LISTS if not isinstance(evidence.get(name), list)]
        lacking += [name for name in ("controls", "origins") if not isinstance(evidence.get(name), Mapping)]
        lacking += ["seq"] if not isinstance(evidence.get("seq"), int) else []
        if not lacking:
            if wrong := self._differs(fact, evidence):
                self._durable.fail(f"The evidence of the report filed at {when} is wrong: {wrong}.", fact)
        elif not self._may_come_later(fact, evidence, lacking):
            said = f"The evidence of the report filed at {when} lacks {', '.join(lacking)}."
            self._durable.fail(said, fact)

    def _may_come_later(self, fact: Fact, evidence: Mapping[str, Any], lacking: list[str]) -> bool:
        """What could not be read is added later; whoever reported was told so."""
        named = set(lacking) <= set(evidence.get("missing") or ())
        return named and any(one.pending and one.subjects == _subjects(fact) for one in self._owed)

    def _differs(self, fact: Fact, evidence: Mapping[str, Any]) -> str | None:
        subjects, ledger = [str(one) for one in fact.fields.get("subjects") or ()], self._scene.ledger
        known = {one.get("id") for one in evidence["subjects"]}
        if unnamed := [one for one in subjects if one not in known]:
            return f"it does not say who {self._scene.who(unnamed[0])} is"
        for one in subjects:
            if not {"country", "source"} <= (evidence["origins"].get(one) or {}).keys():
                return f"it does not say where {self._scene.who(one)} is from"
        if any(_bystanders(row, subjects) for row in evidence["chat"]):
            return "it has a private line of people who were not reported"
        if "server" not in self._scene.trace.views:
            return None
        regime, controls = ledger.regime(evidence["seq"]), evidence["controls"]
        if evidence["seq"] > ledger.seq:
            return f"it was taken at seq {evidence['seq']}, which is not there yet"
        if (controls.get("locked"), sorted(controls.get("suspended") or ())) != (
            regime.locked,
            sorted(regime.suspended),
        ):
            return f"its controls are not those of seq {evidence['seq']}"
        if regime.status == "ended":
            return None
        if (said := self._last_line(fact, evidence["seq"])) and said not in {
            row.get("message") for row in evidence["chat"]
        }:
            return "the last line of chat is not in it"
        inside = {one.id for one in ledger.people.values() if one.at(evidence["seq"]).inside}
        roster = {str(row.get("id")) for row in evidence["roster"]}
        if odd := sorted(inside ^ roster):
            how = "is not in its roster" if odd[0] in inside else "is in its roster and was not inside"
            return f"{self._scene.who(odd[0])} {how}"
        return None

    def _last_line(self, fact: Fact, seq: int) -> str | None:
        """The last line to everyone that whoever reports must have read."""
        ledger = self._scene.ledger
        reporter = ledger.people.get(str((fact.fields.get("reporter") or {}).get("id")))
        standing = reporter.at(seq) if reporter else None
        if standing is None or not standing.inside:
            return None
        for message in reversed(ledger.messages.values()):
            at = message.seq or 0
            if message.fact == "message" and message.fields.get("to") == "everyone" and standing.since < at <= seq:
                return str(message.fields.get("message")) if room_of(ledger, message) == standing.room else None
        return None

    def _end(self) -> None:
        """Every accepted report is on the desk, each under its own id."""
        if self._scene.foreign and not self._filed:
            self._scene.cannot["report.durable-with-evidence"] = "the target tells of no report on its desk"
        for report in self._filed.values():
            self._look_at(report)
        free = dict(self._filed)
        for owed in sorted(self._owed, key=lambda one: one.report is None):
            filed = free.pop(owed.report, None) if owed.report is not None else self._alike(owed, free)
            if filed is None:
                said = f"The {owed.fact.fields['command']} of {owed.fact.actor} at {moment(owed.fact.at)} was accepted"
                self._durable.fail(f"{said}, and the desk does not have its report.", owed.fact)
                continue
            if self._is_another(filed, owed):
                said = f"The report of {owed.fact.actor} at {moment(owed.fact.at)} is not on the desk as it was sent."
                self._durable.fail(said, filed, owed.fact)

    def _is_another(self, filed: Fact, owed: _Owed) -> bool:
        fields = filed.fields
        reporter = self._scene.trace.people.get(str((fields.get("reporter") or {}).get("id")))
        strange = reporter is not None and self._scene.seat_of(reporter) != self._scene.seat_of(owed.fact.actor)
        wrong = fields.get("source") not in owed.sources or fields.get("issue") != owed.issue
        return strange or wrong or _subjects(filed) != owed.subjects

    @staticmethod
    def _alike(owed: _Owed, free: dict[str, Fact]) -> Fact | None:
        for name, filed in free.items():
            if filed.fields.get("source") in owed.sources and _subjects(filed) == owed.subjects:
                return free.pop(name)
        return None

    # What is heard

    def _view(self, fact: Fact, frame: Frame, line: Line) -> None:
        self._hidden.tested += 1
        view = frame.get("view", {})
        parts = (
            view,
            view.get("me", ()),
            view.get("meeting", ()),
            *view.get("participants", ()),
            *view.get("waiting", ()),
        )
        if told := telling(*parts):
            said = f"The picture of {line.ref} at {moment(fact.at)} tells of a report: {', '.join(told)}."
            self._hidden.fail(said, fact)

    def _reply(self, fact: Fact, frame: Frame, line: Line) -> None:
        self._hidden.tested += 1
        if telling(frame, frame.get("error") or ()) and (line.number, str(frame.get("ref"))) not in self._refs:
            said = f"{line.ref}, who had reported nobody, was told of a report at {moment(fact.at)}."
            self._hidden.fail(said, fact)

    def _unknown(self, fact: Fact, frame: Frame, line: Line) -> None:
        """A frame of a kind that is none."""
        if "report" in str(frame.get("type")):
            said = f"{line.ref} received {frame.get('type')} at {moment(fact.at)}: nobody is told of a report."
            self._hidden.fail(said, fact)


def _subjects(filed: Fact) -> frozenset[str]:
    return frozenset(map(str, filed.fields.get("subjects") or ()))


def _bystanders(line: Mapping[str, Any], subjects: Collection[str]) -> bool:
    return line.get("to") != "everyone" and line.get("from") not in subjects and line.get("to") not in subjects


def telling(*parts: Collection[str]) -> list[str]:
    """The fields by which a report could be noticed, in these parts of what somebody was told."""
    return sorted({name for part in parts if not _TELLING.isdisjoint(part) for name in _TELLING.intersection(part)})
