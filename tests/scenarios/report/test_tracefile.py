"""A trace on the disk: nothing is lost, nothing is said twice, and the same run is the same bytes."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from meetingsim.scenarios.report import digest_of, read_trace, write_trace
from meetingsim.scenarios.trace import Trace
from tests.scenarios.report.samples import raid
from tests.scenarios.traces import Telling


def rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a file, after its header."""
    return [json.loads(line) for line in path.read_text().splitlines()[1:]]


def as_plain(trace: Trace) -> dict[str, Any]:
    """Everything in a trace, to compare."""
    facts = [(one.fact, one.at, one.fields, one.actor, one.seq, one.n) for one in trace.facts]
    return {**{one.name: getattr(trace, one.name) for one in fields(trace)}, "facts": facts}


def lesson() -> Telling:
    told = Telling()
    told.cast("host", role="host")
    told.cast("class", 3)
    told.comes(0, "host")
    for ref in ("class[0]", "class[1]", "class[2]"):
        told.comes(1_000, ref)
    return told


def test_a_trace_is_read_as_it_was_written(tmp_path: Path) -> None:
    trace = raid().trace
    trace.lacking, trace.broke = {"crash": "it has no server"}, "the target ended"
    digest = write_trace(trace, tmp_path / "trace.jsonl")
    again = read_trace(tmp_path / "trace.jsonl")
    assert as_plain(again) == as_plain(trace)
    assert digest_of(again) == digest == digest_of(trace)


def test_the_same_frame_at_many_is_one_row_and_its_body_stands_once(tmp_path: Path) -> None:
    told = lesson()
    frame = {"type": "message", "seq": 9, "text": "hello"}
    told.reads(2_000, frame, "host", "class[0]", "class[1]")
    told.happens(2_000, "link_posted", site="forum")
    told.reads(2_000, frame, "class[2]")
    told.reads(2_001, frame, "host")
    told.reads(2_001, dict(frame), "class[0]")
    told.reads(2_001, {**frame, "text": "bye"}, "class[0]")
    write_trace(told.trace, tmp_path / "trace.jsonl")
    found = [row for row in rows(tmp_path / "trace.jsonl") if row["fact"] == "received"]
    assert [(row["at"], row["frame"], row["actors"], "body" in row) for row in found] == [
        (2_000, 0, ["host", "class[0]", "class[1]"], True),
        (2_000, 0, ["class[2]"], False),
        (2_001, 0, ["host"], False),
        (2_001, 0, ["class[0]"], False),
        (2_001, 1, ["class[0]"], True),
    ]
    again = [fact for fact in read_trace(tmp_path / "trace.jsonl").facts if fact.fact == "received"]
    assert len({id(fact.fields["frame"]) for fact in again[:-1]}) == 1
    assert [fact.n for fact in again] == [fact.n for fact in told.trace.facts if fact.fact == "received"]


def test_received_facts_that_differ_in_anything_are_rows_of_their_own(tmp_path: Path) -> None:
    told = lesson()
    frame = {"type": "message"}
    told.fact(5, "received", "host", seq=4, fields={"line": 1, "frame": frame})
    told.fact(5, "received", "host", fields={"line": 1, "frame": frame})
    told.fact(5, "received", "host", fields={"line": 1, "frame": frame, "late": True})
    told.fact(5, "received", None, fields={"line": 2, "frame": frame})
    told.fact(5, "received", None, fields={"line": 2, "frame": frame}).n += 7
    told.fact(6, "received", None, fields={"line": 2, "frame": frame}).n += 7
    write_trace(told.trace, tmp_path / "trace.jsonl")
    assert as_plain(read_trace(tmp_path / "trace.jsonl")) == as_plain(told.trace)


def test_the_digest_is_of_what_happened_and_of_nothing_else() -> None:
    first, second = lesson().trace, lesson().trace
    second.seed, second.target, second.people = 99, "elsewhere", {}
    assert digest_of(first) == digest_of(second)
    second.facts[-1].at += 1
    assert digest_of(first) != digest_of(second)


def test_the_digest_is_the_same_on_every_machine() -> None:
    told = Telling()
    told.cast("host", role="host")
    told.tells(told.comes(0, "host"), "host")
    assert digest_of(told.over()) == "4e4872559775e208efe6b2ff5aeadce044e3ef902f533f9cd5919f55aac0bc41"


def test_the_header_says_what_was_played(tmp_path: Path) -> None:
    trace = raid().trace
    digest = write_trace(trace, tmp_path / "trace.jsonl")
    header = json.loads((tmp_path / "trace.jsonl").read_text().splitlines()[0])
    assert (header["format"], header["scenario"], header["seed"], header["digest"]) == (1, "told-raid", 3, digest)
    assert header["views"] == ["client", "server"]
    assert header["members"][0]["ref"] == "teacher"
    assert header["people"]["p0001"] == "teacher"
    assert header["oracles"] == trace.oracles


def test_what_only_foreign_targets_say_is_kept(tmp_path: Path) -> None:
    told = lesson()
    told.reads(7, {"type": "odd", "half": "\ud800", "huge": 2**70, "none": None, "line": "a\u2028b\r\nc\x85"}, "host")
    told.happens(8, "mail_sent", to={"b", "a"})
    write_trace(told.trace, tmp_path / "trace.jsonl")
    again = read_trace(tmp_path / "trace.jsonl").facts
    assert again[-2].fields == told.trace.facts[-2].fields
    assert again[-1].fields == {"to": ["a", "b"]}


def test_a_file_that_is_no_trace_is_refused(tmp_path: Path) -> None:
    (tmp_path / "trace.jsonl").write_text('{"format":2}\n')
    with pytest.raises(ValueError, match="is no trace of this version"):
        read_trace(tmp_path / "trace.jsonl")
