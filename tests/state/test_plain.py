"""Between values and JSON, and the ids and digests that stand in it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import pytest

from meetingsim.state.controls.chat import Message
from meetingsim.state.entry_events import EntryRefused, OriginKnown, Reconnected
from meetingsim.state.identity import digest, make_id, same_secret
from meetingsim.state.meeting import Origin, Place, Role
from meetingsim.state.plain import build, frame_of, instant, plain, told, wire_name


@dataclass(frozen=True)
class Inner:
    role: Role
    note: str | None = None


@dataclass(frozen=True)
class Outer:
    from_: str
    inner: Inner
    count: int
    odd: int | str | None
    absent: str | None
    many: tuple[Inner, ...] = ()
    places: frozenset[Place] = frozenset()
    made: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Either:
    said: Role | str
    inner: Inner | None = None


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_767_261_600_000, "2026-01-01T10:00:00.000Z"),
        (1_767_261_600_007, "2026-01-01T10:00:00.007Z"),
        (1_767_261_599_999, "2026-01-01T09:59:59.999Z"),
    ],
)
def test_a_time_on_the_wire(at: int, text: str) -> None:
    assert instant(at) == text


def test_a_time_on_the_wire_is_the_same_wherever_the_server_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "EAST-5")
        time.tzset()
        text = instant(0)
    time.tzset()
    assert text == "1970-01-01T00:00:00.000Z"


def test_values_become_json_and_values_again() -> None:
    value = Outer(
        "p1",
        Inner(Role.HOST),
        3,
        "seven",
        None,
        (Inner(Role.COHOST, "x"),),
        frozenset({Place.WAITING, Place.EARLY}),
        {"a": 1},
    )
    data = plain(value)
    assert data == {
        "from": "p1",
        "inner": {"role": "host"},
        "count": 3,
        "odd": "seven",
        "many": [{"role": "cohost", "note": "x"}],
        "places": ["early", "waiting"],
        "made": {"a": 1},
    }
    assert build(Outer, data) == value


def test_what_is_absent_and_has_no_default_is_none() -> None:
    made = build(Outer, {"from": "p1", "inner": {"role": "host"}, "count": 1})
    assert (made.odd, made.absent, made.many) == (None, None, ())


def test_what_one_version_does_not_know_is_left_alone() -> None:
    assert build(Inner, {"role": "host", "from the future": 1}) == Inner(Role.HOST)


def test_a_value_of_one_of_several_types_is_left_alone() -> None:
    assert build(Either, {"said": "somebody else"}) == Either("somebody else")
    assert build(Either, {"said": "nobody", "inner": None}) == Either("nobody")


def test_python_words_lose_their_underscore() -> None:
    assert (wire_name("from_"), wire_name("from_name")) == ("from", "from_name")
    line = Message("m1", "p1", "everyone", "hello", "A")
    assert told(line) == {"message": "m1", "from": "p1", "to": "everyone", "text": "hello"}


def test_what_is_recorded_is_not_told_and_null_is_told_where_it_says_something() -> None:
    assert told(OriginKnown("p1", None, Origin("192.0.2.7"))) == {"participant": "p1", "country": None}
    assert told(OriginKnown("p1")) == {"participant": "p1", "country": None}
    assert told(EntryRefused("locked")) == {"code": "locked"}
    assert told(Reconnected("p1", "a digest")) == {"participant": "p1"}
    assert frame_of(Reconnected("p1"), 4, 1) == {
        "type": "reconnected",
        "seq": 4,
        "at": "1970-01-01T00:00:00.001Z",
        "participant": "p1",
    }


def test_ids_are_opaque_and_never_the_same_twice() -> None:
    ids = {make_id(key, prefix, seq) for key in ("a", "b") for prefix in ("p", "m") for seq in range(500)}
    assert len(ids) == 2_000
    assert {len(one) for one in ids} == {17}
    assert make_id("a", "p", 1) == make_id("a", "p", 1)
    assert make_id("a" * 100, "p", 1) == make_id("a" * 64, "p", 1), "a key has at most 64 bytes"


def test_a_secret_is_recognised_by_its_digest() -> None:
    kept = digest("secret")
    assert "secret" not in kept
    assert same_secret("secret", kept)
    assert not same_secret("Secret", kept)
    assert not same_secret(kept, kept)
