"""Folding frames into a picture, and noting what does not fit instead of breaking."""

from __future__ import annotations

import copy
from typing import Any

from meetingsim.clients import Mirror

from .conftest import VIEW

LOCKED = {"type": "locked", "seq": 4, "at": "…", "by": "p9"}


def mirror(**view: Any) -> Mirror:
    made = Mirror()
    made.fold(copy.deepcopy(VIEW | view))
    return made


def test_a_view_is_the_picture() -> None:
    made = mirror()
    assert made.view == VIEW["view"]
    assert (made.seq, made.epoch, made.session) == (3, "e1", "session-secret")


def test_an_event_changes_the_picture_and_moves_seq() -> None:
    made = mirror()
    made.fold(dict(LOCKED))
    assert made.view["meeting"]["locked"] is True
    assert (made.seq, made.faults) == (4, [])


def test_a_view_without_a_session_keeps_the_one_there_was() -> None:
    made = mirror()
    made.fold({"type": "view", "seq": 9, "view": {"me": {"place": "waiting"}}})
    assert (made.session, made.epoch, made.seq) == ("session-secret", "e1", 9)
    assert made.view == {"me": {"place": "waiting"}}


def test_a_newer_servers_event_moves_seq_alone() -> None:
    made = mirror()
    made.fold({"type": "hologram_started", "seq": 8})
    assert made.view == VIEW["view"]
    assert (made.seq, made.faults) == (8, [])


def test_replies_and_media_change_nothing() -> None:
    made = mirror()
    made.fold({"type": "reply", "ref": "1", "ok": True, "seq": 99})
    made.fold({"type": "media", "from": "p2", "kind": "audio", "n": 1})
    made.fold({"type": "unreadable", "text": "?"})
    assert (made.view, made.seq, made.faults) == (VIEW["view"], 3, [])


def test_a_seq_that_does_not_grow_is_a_fault_and_folded_all_the_same() -> None:
    made = mirror()
    made.fold(LOCKED | {"seq": 3})
    assert made.faults == ["locked of seq 3 came after seq 3"]
    assert made.view["meeting"]["locked"] is True


def test_an_older_view_of_the_same_history_is_a_fault() -> None:
    made = mirror()
    made.fold(copy.deepcopy(VIEW) | {"seq": 2})
    assert made.faults == ["a view of seq 2 came after seq 3"]


def test_another_epoch_begins_anew() -> None:
    made = mirror()
    made.fold(copy.deepcopy(VIEW) | {"seq": 1, "epoch": "e2"})
    assert (made.seq, made.epoch, made.faults) == (1, "e2", [])


def test_an_event_before_any_view_is_a_fault() -> None:
    made = Mirror()
    made.fold(dict(LOCKED))
    assert made.faults == ["locked of seq 4 came before any view"]


def test_an_event_that_the_picture_cannot_take_is_a_fault() -> None:
    made = mirror(view={"me": {"place": "waiting"}})
    made.fold(dict(LOCKED))
    assert len(made.faults) == 1
    assert "locked of seq 4 does not fit the picture: KeyError" in made.faults[0]
    assert made.seq == 4
