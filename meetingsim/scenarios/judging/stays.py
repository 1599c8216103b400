"""Who came, who waited and for how long, who was thrown out: the stays of the cast, told by the journal."""

from __future__ import annotations

from typing import Final

from meetingsim.scenarios.folds import FOLDS
from meetingsim.scenarios.judging.order import VIEWED, in_order
from meetingsim.scenarios.picture import Picture
from meetingsim.scenarios.trace import Fact, Trace
from meetingsim.state.controls import EVENTS

_LOST: Final = frozenset({"waiting", "reconnecting", "removed"})
_THERE: Final = frozenset({"early", "waiting", "inside", "reconnecting"})
_ENTRIES: Final = frozenset({"joined", "joined_waiting_room", "arrived_early"})


class Stays:
    """What the measures ask of the stays of people, in one pass.

    Of somebody who means no harm a time is lost while they wait, reconnect, are removed, denied or refused, from their first
    knock to the end of the run or the meeting, or until they leave on their own.
    """

    def __init__(self, trace: Trace) -> None:
        self._members = trace.members
        self._people = trace.people
        self._picture = Picture(trace)
        self._knocked: dict[str, int] = {}
        self._lost_since: dict[str, int | None] = {}
        self._kept_out: dict[str, bool] = {}
        self._inside: dict[str, None] = {}
        self._removed: dict[str, None] = {}
        self._out: dict[str, None] = {}
        self.vetting_ms: list[int] = []
        self.lost_ms: dict[str, int] = {}
        self._run(trace)

    @property
    def offenders_inside(self) -> list[str]:
        """Those who disrupt and ever were inside."""
        return [ref for ref in self._inside if self._members[ref].disruptive]

    @property
    def offenders_out(self) -> list[str]:
        """Those of them who were removed, or put back to wait, once they were inside."""
        return [ref for ref in self._out if self._members[ref].disruptive]

    @property
    def removed_wrongly(self) -> list[str]:
        """Those who do not disrupt and were removed."""
        return [ref for ref in self._removed if not self._members[ref].disruptive]

    def _run(self, trace: Trace) -> None:
        kinds = {*(kind for kind in FOLDS if kind in EVENTS), "entry_refused", "refused", VIEWED}
        before: Fact | None = None
        end = max((fact.at for fact in trace.facts[-1:]), default=0)
        for fact in in_order(trace, kinds):
            self._picture.apply(fact)
            self._note(fact, before)
            for ref in dict.fromkeys(self._picture.touched):
                self._time(ref, fact.at)
            before = fact
            if fact.fact == "ended":
                end = fact.at
                break
        for ref in self.lost_ms:
            self._count(ref, end)

    def _note(self, fact: Fact, before: Fact | None) -> None:
        kind, participant = fact.fact, str(fact.fields.get("participant"))
        ref = self._people.get(participant, "") if kind != "refused" else str(fact.actor)
        if ref not in self._members:
            return
        if kind == "joined_waiting_room":
            self._knocked[participant] = fact.at
        elif kind == "admitted" and participant in self._knocked:
            self.vetting_ms.append(fact.at - self._knocked.pop(participant))
        elif kind == "removed":
            self._removed[ref] = None
        if kind in {"removed", "put_in_waiting_room"} and ref in self._inside:
            self._out[ref] = None
        if self._picture.cast[ref]["place"] == "inside":
            self._inside[ref] = None
        if kind in _ENTRIES or kind == "refused":
            self._come(fact, ref)
        elif kind in {"left", "denied"}:
            self._kept_out[ref] = kind == "denied" or _against_their_will(fact, before)

    def _come(self, fact: Fact, ref: str) -> None:
        """A knock, and whether it is answered."""
        if fact.fact == "refused" and fact.fields.get("command") not in {"join", "resume"}:
            return
        if not self._members[ref].disruptive:
            self.lost_ms.setdefault(ref, 0)
        self._kept_out[ref] = fact.fact == "refused"
        if fact.fact == "refused":
            self._time(ref, fact.at)

    def _time(self, ref: str, now: int) -> None:
        """Begins or ends a time that somebody loses."""
        place = self._picture.cast[ref]["place"]
        lost = place in _LOST or (place not in _THERE and self._kept_out.get(ref, False))
        if lost and self._lost_since.get(ref) is None:
            self._lost_since[ref] = now
        elif not lost:
            self._count(ref, now)

    def _count(self, ref: str, now: int) -> None:
        since = self._lost_since.get(ref)
        if since is not None and ref in self.lost_ms:
            self.lost_ms[ref] += now - since
        self._lost_since[ref] = None


def _against_their_will(left: Fact, before: Fact | None) -> bool:
    """Whether somebody is gone because the grace was over, or because they were refused when the meeting started."""
    because = left.fields.get("because") or {}
    return because.get("rule") == "grace" or (not because and before is not None and before.fact == "entry_refused")
