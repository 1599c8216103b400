"""The facts of a run in the order in which they are judged, and who was behind those that do not say it.

The order is that of the trace, but a reply that names a seq stands at its event: what was accepted before a suspend was
accepted before it, however late its sender heard of it. Where there is no journal, an event is where a client first read it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from meetingsim.scenarios.trace import Fact, Trace, behind
from meetingsim.state.control import Refuse
from meetingsim.state.controls import EVENTS
from meetingsim.state.identity import clean_name

REPLIES: Final = frozenset({"accepted", "refused"})
VIEWED: Final = "viewed"
"""Stands for a view that a client read, where nothing but the clients says how things are."""


def in_order(trace: Trace, kinds: Iterable[str] | None = None) -> list[Fact]:
    """The facts of these kinds (None: of all) as they are judged."""
    wanted = None if kinds is None else frozenset(kinds)
    facts: Iterable[Fact]
    if "server" not in trace.views:
        facts = _with_journal(trace)
    elif wanted is None or "received" in wanted:
        facts = trace.facts
    else:
        facts = _not_received(trace)
    replies = _replies(trace) if wanted is None or REPLIES & wanted else {}
    return list(_placed(facts, replies, wanted))


def _not_received(trace: Trace) -> list[Fact]:
    """A small part of a run: nearly all of its facts are frames that somebody received."""
    return [fact for fact in trace.facts if fact.fact != "received"]


def _placed(facts: Iterable[Fact], replies: Mapping[int, list[Fact]], wanted: frozenset[str] | None) -> Iterator[Fact]:
    for fact in facts:
        kind = fact.fact
        if kind in REPLIES and fact.seq in replies:
            continue
        if wanted is None or kind in wanted:
            yield fact
        if fact.seq is not None and kind in EVENTS:
            yield from (one for one in replies.get(fact.seq, ()) if wanted is None or one.fact in wanted)


def _replies(trace: Trace) -> dict[int, list[Fact]]:
    """The replies that belong to an event that is there, by its seq."""
    found: defaultdict[int, list[Fact]] = defaultdict(list)
    events: set[int] = set()
    for fact in _not_received(trace):
        if fact.seq is None:
            continue
        if fact.fact in REPLIES:
            found[fact.seq].append(fact)
        elif fact.is_event:
            events.add(fact.seq)
    return {seq: replies for seq, replies in found.items() if seq in events}


def _with_journal(trace: Trace) -> Iterator[Fact]:
    """Every event where it was first read, and every view as a fact of its own."""
    seen: set[tuple[str, int]] = set()
    for fact in trace.facts:
        if fact.fact == "received":
            frame = fact.fields["frame"]
            kind, seq = frame.get("type"), frame.get("seq")
            if kind == "view" and isinstance(frame.get("view"), Mapping):
                yield Fact(VIEWED, fact.at, frame, fact.actor, n=fact.n)
            elif kind in EVENTS and isinstance(seq, int) and (kind, seq) not in seen:
                seen.add((kind, seq))
                actor = trace.people.get(behind(frame) or "")
                yield Fact(kind, fact.at, frame, actor, seq, fact.n)
        yield fact


def who_was_refused(trace: Trace) -> dict[int, str]:
    """Whose join or resume each ``entry_refused`` was, by ``id`` of the fact: that of the next such refusal that fits.

    Who came early and was refused at the start is said by the ``left`` that follows. What the clock tells of several
    knocks at once is nobody's.
    """
    waiting: defaultdict[str, list[Fact]] = defaultdict(list)
    found: dict[int, str] = {}
    last: Fact | None = None
    for fact in _not_received(trace):
        if fact.fact == "entry_refused":
            if _asked_by(fact) != "clock":
                waiting[str(fact.fields.get("code"))].append(fact)
        elif fact.fact == "left" and last is not None and last.fact == "entry_refused" and not _asked_by(fact):
            _take(waiting[str(last.fields.get("code"))], last)
            found[id(last)] = trace.people.get(str(fact.fields.get("participant")), "")
        elif fact.fact == "refused" and fact.fields.get("command") in {"join", "resume"}:
            entry = _fitting(waiting[str(fact.fields.get("code"))], fact)
            if entry is not None and fact.actor:
                found[id(entry)] = fact.actor
        if fact.is_event:
            last = fact
    return found


def _asked_by(fact: Fact) -> Any:
    return (fact.fields.get("because") or {}).get("asked_by")


def _take(waiting: list[Fact], entry: Fact) -> None:
    waiting[:] = [one for one in waiting if one is not entry]


def _fitting(waiting: list[Fact], refused: Fact) -> Fact | None:
    """Takes the first of these that may be told of this refusal."""
    name = _cleaned(refused.fields.get("name"))
    for at, entry in enumerate(waiting):
        told = entry.fields.get("name")
        if told is None or name is None or told == name:
            return waiting.pop(at)
    return None


def _cleaned(name: Any) -> str | None:
    """A name as the journal has it; None where nobody can tell."""
    try:
        return clean_name(name) if isinstance(name, str) else None
    except Refuse:
        return None
