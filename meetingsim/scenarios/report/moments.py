"""Which facts the page shows one by one: as many as a browser can hold, those that tell the most first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from meetingsim.clients.redaction import harmless
from meetingsim.scenarios.trace import Fact, Trace
from meetingsim.scenarios.verdicts import Judgement, Verdict

MOST_SHOWN: Final = 40_000
MOST_WITH_FIELDS: Final = 8_000
_WITNESSES_A_CHECK: Final = 20
_BEFORE, _AFTER = 6, 3
"""How many facts of the same person are shown around a witness."""
_LONGEST_TEXT, _LONGEST_LIST, _DEEPEST = 400, 12, 6

_RANKS: Final[Mapping[int, str]] = {
    1: "created started ended suspended allowed disallowed locked unlocked waiting_room_set region_rule_set removed denied "
    "put_in_waiting_room return_allowed role_changed settings_changed meeting_changed breakout_rooms_opened "
    "breakout_rooms_closed rule_fired link_posted server_stopped server_started report_filed mail_sent attendance",
    2: "joined admitted joined_waiting_room arrived_early entry_refused name_flagged asked_to_unmute message_deleted",
    3: "left reconnecting reconnected connection_replaced refused renamed room_changed",
}
_RANK: Final = {fact: rank for rank, facts in _RANKS.items() for fact in facts.split()}
_CHATTER: Final = 4
_NEVER: Final = frozenset({"received", "sent", "accepted", "connected", "disconnected", "origin_known", "run_over"})
"""Not shown but around a witness: the journal shows what they cause, or they are many and say little."""


@dataclass(frozen=True, slots=True)
class Moments:
    """What is shown: the facts in their order, which of them with fields, and in words what was left out."""

    shown: list[Fact]
    with_fields: frozenset[int]
    left_out: list[str]


def moments_of(judgement: Judgement) -> Moments:
    """Chooses what is shown of a run."""
    facts = judgement.trace.facts
    near = around_witnesses(judgement)
    never = _NEVER if "server" in judgement.trace.views else _NEVER - {"accepted"}
    ranked: dict[int, list[Fact]] = defaultdict(list)
    hidden: Counter[str] = Counter()
    for fact in facts:
        rank = 0 if fact.n in near else _rank(fact, never)
        if rank is None:
            hidden[fact.fact] += 1
        else:
            ranked[rank].append(fact)
    shown: list[Fact] = []
    said = [_hidden(hidden)] if hidden else []
    for rank in sorted(ranked):
        room = MOST_SHOWN - len(shown)
        step = -(-len(ranked[rank]) // room) if room > 0 else 0
        kept = ranked[rank][::step] if step else []
        if step != 1:
            what = _listed(Counter(fact.fact for fact in ranked[rank]))
            said.append(f"{len(ranked[rank]) - len(kept):,} of {len(ranked[rank]):,} facts are not drawn ({what})")
        shown += kept
    with_fields = frozenset(fact.n for fact in shown[:MOST_WITH_FIELDS])
    if len(shown) > MOST_WITH_FIELDS:
        said.append(f"{len(shown) - MOST_WITH_FIELDS:,} facts are drawn without their fields")
    return Moments(sorted(shown, key=lambda fact: fact.n), with_fields, said)


def _rank(fact: Fact, never: frozenset[str]) -> int | None:
    if fact.fact in never or (fact.fact == "view_compared" and fact.fields.get("equal")):
        return None
    return _RANK.get(fact.fact, _CHATTER)


def _hidden(counts: Counter[str]) -> str:
    return f"{counts.total():,} facts are counted and not drawn ({_listed(counts)})"


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{fact} {count:,}" for fact, count in counts.most_common(6))


def around_witnesses(judgement: Judgement) -> set[int]:
    """The witnesses, and what the same person did and received before and after those of a failure."""
    trace = judgement.trace
    near = {n for check in judgement.checks for n in check.witnesses[:_WITNESSES_A_CHECK] if 0 <= n < len(trace.facts)}
    failed = {
        n
        for check in judgement.checks
        if check.verdict in {Verdict.FAIL, Verdict.UNDECIDED}
        for n in check.witnesses[:_WITNESSES_A_CHECK]
        if n in near
    }
    own = _facts_of({actor for n in failed if (actor := trace.facts[n].actor) is not None}, trace)
    for n in sorted(failed):
        actor = trace.facts[n].actor
        if actor is not None:
            at = own[actor].index(n)
            near.update(own[actor][max(0, at - _BEFORE) : at + _AFTER + 1])
    return near


def _facts_of(actors: Iterable[str], trace: Trace) -> dict[str, list[int]]:
    own: dict[str, list[int]] = {actor: [] for actor in actors}
    for fact in trace.facts:
        if fact.actor in own:
            own[fact.actor].append(fact.n)
    return own


def fields_of(fact: Fact) -> dict[str, Any]:
    """What a fact says, made harmless and short enough for a page."""
    fields = fact.fields["frame"] if fact.fact == "received" else fact.fields
    return {harmless(str(name)): _short(value) for name, value in fields.items() if value is not None}


def _short(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        cut = value if len(value) <= _LONGEST_TEXT else f"{value[:_LONGEST_TEXT]}… ({len(value) - _LONGEST_TEXT} more)"
        return harmless(cut)
    if isinstance(value, Mapping):
        if depth >= _DEEPEST:
            return "{…}"
        return {harmless(str(name)): _short(one, depth + 1) for name, one in value.items()}
    if isinstance(value, list | tuple):
        if depth >= _DEEPEST:
            return "[…]"
        more = [f"… {len(value) - _LONGEST_LIST} more"] if len(value) > _LONGEST_LIST else []
        return [*(_short(one, depth + 1) for one in value[:_LONGEST_LIST]), *more]
    return value
