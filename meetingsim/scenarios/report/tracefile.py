"""The trace as a file: a header, then a row for each fact; the same run gives the same rows, byte for byte.

A frame that several clients received one after the other in the same ms is one row. Its body stands in the first row
that has it and is known by its number after that: most of what a crowd receives is the same frame.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from meetingsim import __version__
from meetingsim.scenarios.report.encoding import dumped, loaded
from meetingsim.scenarios.report.guard import Known, without_secrets
from meetingsim.scenarios.scenario import VERSION
from meetingsim.scenarios.trace import Fact, Member, Trace

FORMAT: Final = 1
_KEPT: Final = ("scenario", "seed", "target", "clock", "duration", "people", "lacking", "oracles", "settings", "broke")

_OF_RECEIVED: Final = frozenset({"line", "frame"})

Row = dict[str, Any]


def digest_of(trace: Trace) -> str:
    """The SHA-256 of the trace's rows, as hex: equal where the same happened."""
    return digest_of_rows(encoded_rows(trace))


def digest_of_rows(rows: list[bytes]) -> str:
    """The digest of rows that are encoded already."""
    return hashlib.sha256(b"".join(row + b"\n" for row in rows)).hexdigest()


def write_trace(trace: Trace, path: Path, known: Known | None = None) -> str:
    """Writes the file; gives the digest. What is ``known`` beside the trace's own secrets makes no other digest."""
    rows = encoded_rows(trace)
    digest = digest_of_rows(rows)
    lines = [without_secrets(dumped(header_of(trace, digest))), *rows]
    if known is not None:
        lines = [known.line(line) for line in lines]
    path.write_bytes(b"\n".join([*lines, b""]))
    return digest


def read_trace(path: Path) -> Trace:
    """Reads a file of ``write_trace``. Raises ValueError where it is none, OSError where it cannot be opened."""
    head, *rows = path.read_bytes().splitlines()
    header = loaded(head)
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise ValueError(f"{path} is no trace of this version: its header should say format {FORMAT}")
    return Trace(
        **{name: header[name] for name in _KEPT},
        views=frozenset(header["views"]),
        members={one["ref"]: Member(**one) for one in header["members"]},
        facts=list(_facts(map(loaded, rows))),
    )


def header_of(trace: Trace, digest: str) -> Row:
    """All of a trace but its facts."""
    return {
        "format": FORMAT,
        "meetingsim": __version__,
        "language": VERSION,
        "digest": digest,
        "views": sorted(trace.views),
        "members": [asdict(member) for member in trace.members.values()],
        **{name: getattr(trace, name) for name in _KEPT},
    }


def encoded_rows(trace: Trace) -> list[bytes]:
    """Every row as one line of JSON, with secrets taken out."""
    rows = without_secrets(b"\n".join(_lines(trace.facts))).split(b"\n") if trace.facts else []
    names = {name for member in trace.members.values() for name in (member.ref, member.group, member.behavior)}
    known = Known(more=(secret for secret in trace.secrets if secret not in names))
    return [known.line(row) for row in rows] if known.values else rows


def _lines(facts: Iterable[Fact]) -> Iterator[bytes]:
    bodies = _Bodies()
    told: list[Fact] = []
    for fact in facts:
        if told and not _goes_with(told[-1], fact):
            yield _received(told, bodies)
            told = []
        if fact.fact == "received" and fact.fields.keys() == _OF_RECEIVED:
            told.append(fact)
        else:
            yield _row(fact)
    if told:
        yield _received(told, bodies)


class _Bodies:
    """Numbers for frames; equal ones have the same, for not everybody who got the same bytes need share one object."""

    def __init__(self) -> None:
        self._objects: dict[int, int] = {}
        self._contents: dict[bytes, int] = {}

    def number(self, frame: Mapping[str, Any]) -> tuple[int, bytes]:
        """Its number, and its body where that was not yet written."""
        known = self._objects.get(id(frame))
        if known is not None:
            return known, b""
        body = dumped(frame)
        content = hashlib.blake2b(body, digest_size=16).digest()
        known = self._contents.get(content)
        number = self._objects[id(frame)] = len(self._contents) if known is None else known
        self._contents[content] = number
        return number, body if known is None else b""


def _goes_with(before: Fact, fact: Fact) -> bool:
    return (
        fact.fact == "received"
        and fact.fields.get("frame") is before.fields["frame"]
        and (fact.at, fact.seq, fact.n) == (before.at, before.seq, before.n + 1)
        and fact.fields.keys() == _OF_RECEIVED
    )


def _row(fact: Fact) -> bytes:
    row: Row = {"n": fact.n, "at": fact.at, "fact": fact.fact, "fields": fact.fields}
    if fact.actor is not None:
        row["actor"] = fact.actor
    if fact.seq is not None:
        row["seq"] = fact.seq
    return dumped(row)


def _received(told: list[Fact], bodies: _Bodies) -> bytes:
    """One row for all of them, spelled by hand: a crowd's rows are most of a trace."""
    first = told[0]
    number, body = bodies.number(first.fields["frame"])
    actors = b",".join([_quoted(fact.actor) for fact in told])
    lines = b",".join([b"%d" % fact.fields["line"] for fact in told])
    said = b'"body":%b,' % body if body else b""
    seq = b"" if first.seq is None else b',"seq":%d' % first.seq
    head = b'{"actors":[%b],"at":%d,%b"fact":"received",' % (actors, first.at, said)
    return head + b'"frame":%d,"lines":[%b],"n":%d%b}' % (number, lines, first.n, seq)


@lru_cache(maxsize=20_000)
def _quoted(text: str | None) -> bytes:
    return dumped(text)


def _facts(rows: Iterable[Row]) -> Iterator[Fact]:
    frames: list[Any] = []
    for row in rows:
        if "lines" not in row:
            yield Fact(row["fact"], row["at"], row["fields"], row.get("actor"), row.get("seq"), row["n"])
            continue
        if "body" in row:
            frames.append(row["body"])
        frame = frames[row["frame"]]
        for at, (line, actor) in enumerate(zip(row["lines"], row["actors"], strict=True)):
            fields = {"line": line, "frame": frame}
            yield Fact("received", row["at"], fields, actor, row.get("seq"), row["n"] + at)
