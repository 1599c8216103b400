"""What the page knows of a run: figures, bands of groups, lanes of people, moments; bounded, however large the run was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from meetingsim import __version__
from meetingsim.clients.redaction import harmless
from meetingsim.scenarios.plan import Fault
from meetingsim.scenarios.report.bands import Counts, bounded, steps
from meetingsim.scenarios.report.course import PLACES, Course, Spell, figures
from meetingsim.scenarios.report.moments import fields_of, moments_of
from meetingsim.scenarios.report.source import Source
from meetingsim.scenarios.report.summary import is_green
from meetingsim.scenarios.report.wording import by_weight, sentence, value_of, verdict_line
from meetingsim.scenarios.scenario import VERSION, Scenario, plain
from meetingsim.scenarios.trace import Fact, Trace
from meetingsim.scenarios.verdicts import Check, Judgement, Measure, exit_code

Json = dict[str, Any]
_MOST_WITNESSES: Final = 20
_MOST_NAMES: Final = 6


def payload(scenario: Scenario, judgement: Judgement, course: Course, digest: str, source: Source | None) -> Json:
    """Everything, as plain values. Moments are ms since the run began, people are numbers of ``people``."""
    trace = judgement.trace
    moments, counts = moments_of(judgement), Counts(trace)
    spells, left_out = bounded(course.people)
    fields = {fact.n: fields_of(fact) for fact in moments.shown if fact.n in moments.with_fields}
    return {
        "run": _run(scenario, judgement, digest, source),
        "checks": [_check(check, scenario, source) for check in by_weight(judgement.checks)],
        "measures": [_measure(measure, scenario, judgement) for measure in judgement.measures.values()],
        "groups": _groups(trace, course, counts),
        "people": _people(trace, spells, counts),
        "meeting": [[spell.of, spell.what, spell.since, spell.until] for spell in course.meeting],
        "faults": [_fault(fault, trace) for fault in scenario.faults if fault.net is not None],
        "bucket": counts.bucket,
        "traffic": counts.traffic,
        "moments": _columns(moments.shown, trace),
        "fields": fields,
        "ids": _ids(fields, trace),
        "left_out": [*moments.left_out, *left_out],
    }


def _run(scenario: Scenario, judgement: Judgement, digest: str, source: Source | None) -> Json:
    trace = judgement.trace
    return {
        "name": scenario.name,
        "summary": scenario.summary,
        "file": source.path if source else None,
        "seed": trace.seed,
        "target": harmless(trace.target),
        "clock": trace.clock,
        "duration": trace.duration,
        "meetingsim": __version__,
        "language": VERSION,
        "digest": digest,
        "facts": len(trace.facts),
        "exit": exit_code(judgement),
        "verdict": verdict_line(judgement),
        "broke": trace.broke and harmless(trace.broke),
        "lacking": {harmless(what): harmless(why) for what, why in trace.lacking.items()},
        "oracles": {harmless(rule): harmless(what) for rule, what in trace.oracles.items()},
    }


def _check(check: Check, scenario: Scenario, source: Source | None) -> Json:
    return {
        "kind": check.kind,
        "id": check.id,
        "verdict": check.verdict.value,
        "green": is_green(check),
        "said": harmless(sentence(check)),
        "tested": check.tested,
        "words": _words(check, scenario),
        "line": source.position(check.place)[0] if source and check.place else None,
        "witnesses": list(check.witnesses[:_MOST_WITNESSES]),
        "more": max(0, len(check.witnesses) - _MOST_WITNESSES),
        "oracle": list(check.oracle),
    }


def _words(check: Check, scenario: Scenario) -> list[list[str]]:
    """What was expected, as the file says it: pairs of a word and what follows it."""
    match check.place:
        case ("expect", int(at), *_) if at < len(scenario.expect):
            said = plain(scenario.expect[at])
            return [[word, _shown(value)] for word, value in said.items() if word != "id"]
        case ("thresholds", str(measure), *_) if measure in scenario.thresholds:
            return [[measure, str(scenario.thresholds[measure])]]
    return []


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{word} {_shown(one)}" for word, one in value.items())
    return " to ".join(map(_shown, value)) if isinstance(value, list) else harmless(str(value))


def _measure(measure: Measure, scenario: Scenario, judgement: Judgement) -> Json:
    judged = next((one for one in judgement.checks if one.kind == "threshold" and one.id == measure.id), None)
    limit = scenario.thresholds.get(measure.id)
    return {
        "id": measure.id,
        "value": value_of(measure),
        "said": harmless(measure.said),
        "oracle": list(measure.oracle),
        "limit": str(limit) if limit is not None else None,
        "verdict": judged.verdict.value if judged else None,
    }


def _groups(trace: Trace, course: Course, counts: Counts) -> list[Json]:
    been: dict[tuple[str, str], list[Spell]] = defaultdict(list)
    for spell in course.people:
        if (member := trace.members.get(spell.of)) is not None:
            been[member.group, spell.what].append(spell)
    first = {member.group: member for member in reversed(trace.members.values())}
    return [
        {
            "name": name,
            "role": first[name].role,
            "behavior": first[name].behavior,
            "disruptive": any(one.disruptive for one in trace.members.values() if one.group == name),
            **asdict(found),
            **{f"{place}_steps": steps(been[name, place], trace.duration) for place in PLACES},
            "acting": counts.acting(name),
        }
        for name, found in figures(trace, course.people).items()
    ]


def _people(trace: Trace, spells: list[Spell], counts: Counts) -> list[Json]:
    groups = list(dict.fromkeys(member.group for member in trace.members.values()))
    been: dict[str, list[int]] = defaultdict(list)
    for spell in spells:
        been[spell.of] += [PLACES.index(spell.what), spell.since, spell.until]
    found = []
    for ref, member in trace.members.items():
        names = list(dict.fromkeys([*counts.names.get(ref, ()), member.name]))
        one = {
            "ref": ref,
            "group": groups.index(member.group),
            "role": member.role,
            "country": member.country,
            "names": [harmless(name) for name in names[:_MOST_NAMES]],
            "more_names": max(0, len(names) - _MOST_NAMES),
            "spells": been[ref],
            "received": counts.received[ref],
            **{what: counted[ref] for what, counted in counts.of.items()},
        }
        found.append({name: value for name, value in one.items() if value not in (0, None, []) or name == "group"})
    return found


def _fault(fault: Fault, trace: Trace) -> Json:
    end = min(trace.duration, fault.at.ms + (fault.for_.ms if fault.for_ else 0))
    net = fault.net.said() if fault.net else {}
    whom = fault.on or ()
    groups = list(dict.fromkeys(member.group for member in trace.members.values()))
    return {
        "since": fault.at.ms,
        "until": end,
        "said": ", ".join(f"{word} {value}" for word, value in net.items()),
        "on": ", ".join(whom),
        "groups": sorted({groups.index(one.partition("[")[0]) for one in whom if one.partition("[")[0] in groups}),
    }


def _columns(shown: list[Fact], trace: Trace) -> Json:
    """The moments column by column, which takes a third of the room: kinds by number, moments as differences."""
    people = {ref: at for at, ref in enumerate(trace.members)}
    kinds: dict[str, int] = {}
    n, at, kind, who, by = [], [], [], [], []
    last_n = last_at = 0
    for fact in shown:
        n.append(fact.n - last_n)
        at.append(fact.at - last_at)
        last_n, last_at = fact.n, fact.at
        kind.append(kinds.setdefault(fact.fact, len(kinds)))
        who.append(people.get(fact.actor or "", -1))
        doer = trace.people.get(str(fact.fields.get("by")), "")
        by.append(people.get(doer, -1) if doer != fact.actor else -1)
    return {"kinds": list(kinds), "n": n, "at": at, "kind": kind, "who": who, "by": by}


def _ids(fields: Mapping[int, Json], trace: Trace) -> dict[str, int]:
    """Participants' ids that the fields have in them, each with whom of the people it is."""
    people = {ref: at for at, ref in enumerate(trace.members)}
    found = {text for said in fields.values() for text in _texts(said) if trace.people.get(text) in people}
    return {text: people[trace.people[text]] for text in sorted(found)}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(one)
