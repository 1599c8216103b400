"""``meetingsim replay``: a run's trace as a story, and whether playing it again gives the same one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from pydantic_core import PydanticCustomError

from meetingsim.cli import scenarios
from meetingsim.cli.console import FAILED, OK, USAGE, Stop, harmless, nearest, note, out, out_json, styled
from meetingsim.cli.wording import Names, reason_of, sentence
from meetingsim.scenarios import ScenarioInvalid
from meetingsim.scenarios.quantities import Duration
from meetingsim.scenarios.report import read_trace, write_trace
from meetingsim.scenarios.report.guard import Known
from meetingsim.scenarios.report.wording import clock, line_of
from meetingsim.scenarios.trace import INTERNAL, Fact, Trace
from meetingsim.scenarios.vocabulary import FACTS

_UNTOLD: Final = frozenset({"sent", "accepted", "received", "connected", "disconnected", *INTERNAL})
"""Too much for a story, unless it is asked for: what came of it is told as events."""
_SAID: Final = {
    "rule_fired": "acts by the rule {rule}",
    "link_posted": "the link is posted: {site}",
    "server_stopped": "the server dies",
    "server_started": "the server is back",
    "report_filed": "a report is filed about {subjects}: {issue}",
    "mail_sent": "a mail goes to {to}: {subject}",
    "connected": "is connected",
    "disconnected": "is disconnected ({code})",
}
_DETAILS: Final = frozenset({"database", "built"})
"""Of a reason: which simulated database knew the address; in a run it is always the same."""
_OWN: Final = frozenset({"rule_fired", "connected", "disconnected"})
"""What is told of somebody: the name comes before it."""
_REFERENCE: Final = re.compile(r"([\w-]+)(?:\[([0-9]{1,6})(?::([0-9]{1,6}))?\])?", re.ASCII)
_RESOLVED: Final = "scenario.resolved.yaml"
_BEFORE, _LONGEST_ROW = 80, 240
"""Of two rows so much is shown from before they differ, and so much of each in all."""


@dataclass(frozen=True, slots=True)
class Replaying:
    """Which trace is told, what of it, and whether it is played again."""

    trace: Path
    actors: Sequence[str]
    types: Sequence[str]
    begin: str | None
    end: str | None
    verify: bool
    scenario: Path | None
    as_json: bool


def run(asked: Replaying) -> int:
    """Tells the story, or with ``verify`` plays the run again; gives 1 where it is another one."""
    path = asked.trace / "trace.jsonl" if asked.trace.is_dir() else asked.trace
    try:
        trace = read_trace(path)
    except OSError as error:
        raise Stop(f"{path} cannot be read: {error.strerror}", USAGE) from None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise Stop(
            f"{path} is no trace of this version: one is called trace.jsonl, and meetingsim run writes it", USAGE
        ) from None
    if asked.verify:
        return _verify(path, trace, asked)
    wanted = _Wanted(trace, asked)
    story = _Story(trace)
    for fact in trace.facts:
        if not wanted.takes(fact):
            continue
        if asked.as_json:
            out_json(_as_json(fact))
        else:
            for line in story.lines(fact):
                out(line)
    return OK


class _Wanted:
    """Which facts are told. Raises Stop for somebody or something that there is not."""

    def __init__(self, trace: Trace, asked: Replaying) -> None:
        self._people = trace.people
        self._refs = {ref for said in asked.actors for ref in _refs(trace, said)}
        self._types = {one for said in asked.types for one in said.split(",") if one}
        for one in sorted(self._types - FACTS.keys() - INTERNAL):
            raise Stop(f"there is no fact {one!a}{nearest(one, FACTS)}", USAGE)
        self._begin = _time(asked.begin, 0)
        self._end = _time(asked.end, trace.facts[-1].at if trace.facts else 0)

    def takes(self, fact: Fact) -> bool:
        """Whether it is told."""
        typed = fact.fact in self._types if self._types else fact.fact not in _UNTOLD
        return typed and self._begin <= fact.at <= self._end and (not self._refs or self._is_about(fact))

    def _is_about(self, fact: Fact) -> bool:
        said = [fact.fields.get(name) for name in ("participant", "by", "from", "to")]
        said += fact.fields.get("subjects") or ()
        return fact.actor in self._refs or any(self._people.get(str(one), one) in self._refs for one in said)


def _refs(trace: Trace, said: str) -> list[str]:
    """Everybody whom ``raiders``, ``raiders[3]`` or ``raiders[0:10]`` names."""
    asked = _REFERENCE.fullmatch(said)
    group, first, end = asked.groups() if asked else (said, None, None)
    indexes = range(int(first), int(end or int(first) + 1)) if first else None
    found = [
        ref
        for ref, one in trace.members.items()
        if ref == said or (one.group == group and (indexes is None or one.index in indexes))
    ]
    if not found:
        groups = dict.fromkeys(member.group for member in trace.members.values())
        raise Stop(f"there is no actor {said!a} in this run{nearest(group, groups)}", USAGE)
    return found


def _time(said: str | None, default: int) -> int:
    try:
        return default if said is None else Duration.read(said).ms
    except PydanticCustomError as error:
        raise Stop(str(error), USAGE) from None


class _Cast(Names):
    """Everybody by who they are in the cast, whatever they call themselves."""

    def __init__(self, trace: Trace) -> None:
        super().__init__()
        self._people = trace.people

    def of(self, participant: Any) -> str:
        """The reference; the id itself for what is none, as ``host`` and ``everyone``."""
        return self._people.get(str(participant), str(participant))


class _Story:
    """Puts facts into words."""

    def __init__(self, trace: Trace) -> None:
        self._names = _Cast(trace)

    def lines(self, fact: Fact) -> Iterator[str]:
        """When, who and what; below it because of what."""
        yield f"{styled(clock(fact.at), 'dim')}  {harmless(self._said(fact))}"
        because = fact.fields.get("because")
        if isinstance(because, Mapping):
            because = {name: value for name, value in because.items() if name not in _DETAILS}
            yield styled(f"{'':>11}because {reason_of(because, self._names)}", "dim")

    def _said(self, fact: Fact) -> str:
        fields = fact.fields
        if fact.fact in {"joined", "joined_waiting_room"}:
            what = "comes in" if fact.fact == "joined" else "waits"
            return f"{self._names.of(fields.get('participant'))} {what} as {_name(fields)!r}"
        if fact.fact == "entry_refused" and fact.actor:
            return f"{fact.actor} is not let in as {str(fields.get('name'))!r}: {fields.get('code')}"
        if fact.is_event:
            return sentence({"type": fact.fact, **fields}, self._names)
        if fact.fact == "refused":
            return (
                f"{fact.actor or 'somebody'} is refused {fields.get('command')}: {fields.get('code')}{_trick(fields)}"
            )
        if fact.fact in _SAID:
            about = ", ".join(self._names.of(one) for one in fields.get("subjects") or ())
            said = _SAID[fact.fact].format_map(_Fields({**fields, "subjects": about}))
            return f"{fact.actor} {said}" if fact.actor and fact.fact in _OWN else said
        return line_of(fact).split(" ", 2)[2]


class _Fields(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "unknown"


def _name(fields: Mapping[str, Any]) -> str:
    person = fields.get("person")
    return str(person.get("name", "")) if isinstance(person, Mapping) else ""


def _trick(fields: Mapping[str, Any]) -> str:
    """How a join was tried, where it was not just a join."""
    attempt = fields.get("attempt")
    tricks = [attempt.get(name) for name in ("with", "via", "header")] if isinstance(attempt, Mapping) else []
    said = ", ".join(str(one) for one in tricks if one)
    return f" ({said})" if said else ""


def _as_json(fact: Fact) -> dict[str, Any]:
    return {
        "n": fact.n,
        "at_ms": fact.at,
        "fact": fact.fact,
        "actor": fact.actor,
        "seq": fact.seq,
        **_plain(fact.fields),
    }


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"fields": json.loads(json.dumps(dict(fields), default=str))}


def _verify(path: Path, trace: Trace, asked: Replaying) -> int:
    """Plays the scenario beside the trace with its seed, and compares what both leave, row by row."""
    from meetingsim.cli import plays  # only here: with it comes the whole server
    from meetingsim.targets.inprocess import InProcess
    from meetingsim.targets.playing import Where

    if (trace.target, trace.clock) != (InProcess.name, "virtual"):
        raise Stop("only a run in process, with the virtual clock, is the same again: this one was another", USAGE)
    word = str(asked.scenario or path.with_name(_RESOLVED))
    try:
        scenario = scenarios.load(word).scenario
    except ScenarioInvalid as error:
        for line in scenarios.mistakes(error):
            note(line)
        return USAGE
    with plays.bar(f"{scenario.name}, seed {trace.seed}") as step:
        again = plays.play(scenario, trace.seed, Where(), plays.minutes(step)).trace
    with TemporaryDirectory() as folder:
        other = Path(folder) / "trace.jsonl"
        digest = write_trace(again, other, Known(scenario))
        before, after = path.read_bytes().splitlines(), other.read_bytes().splitlines()
    header = json.loads(before[0])
    differs = next(
        (at for at in range(1, max(len(before), len(after))) if before[at : at + 1] != after[at : at + 1]), None
    )
    same = differs is None and header.get("digest") == digest
    if asked.as_json:
        out_json(
            {"same": same, "digest": header.get("digest"), "again": digest, "line": differs + 1 if differs else None}
        )
    elif same:
        out(f"the same run again: digest {digest}")
    else:
        _show_difference(before, after, differs, header, digest)
    return OK if same else FAILED


def _show_difference(before: list[bytes], after: list[bytes], at: int | None, header: Any, digest: str) -> None:
    out(f"another run: digest {harmless(str(header.get('digest')))} then, {digest} now")
    if header.get("meetingsim") != (now := json.loads(after[0]).get("meetingsim")):
        out(f"it was played by meetingsim {harmless(str(header.get('meetingsim')))}, and now by {now}")
    if at is not None:
        out(f"the first row that differs is line {at + 1}:")
        rows = [said[at].decode(errors="replace") if at < len(said) else "(over)" for said in (before, after)]
        same = next((n for n, (one, other) in enumerate(zip(*rows, strict=False)) if one != other), min(map(len, rows)))
        begin = max(0, same - _BEFORE)
        for word, row in zip(("then", "now"), rows, strict=True):
            part = f"{'…' if begin else ''}{row[begin : begin + _LONGEST_ROW]}"
            out(f"  {word:<5} {harmless(part)}{'…' if begin + _LONGEST_ROW < len(row) else ''}")
