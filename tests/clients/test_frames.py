"""Frames as dicts and as typed events."""

from __future__ import annotations

import json

import pytest

from meetingsim.clients import ConflictError, Frame, Reply
from meetingsim.clients.frames import wire
from meetingsim.clients.words import Admitted, EntryRefused, Message, RegionRuleSet, Suspended
from meetingsim.state.settings import Activity, ChatLevel, RegionRule


def test_a_frame_is_a_dict_that_knows_its_event() -> None:
    raw = {"type": "admitted", "seq": 13, "at": "…", "participant": "p3", "person": {"id": "p3"}, "by": "p1"}
    frame: Frame[Admitted] = Frame(raw)
    assert frame == raw
    assert (frame.type, frame.seq) == ("admitted", 13)
    assert frame.event == Admitted("p3", {"id": "p3"}, "p1")
    assert json.loads(json.dumps(frame)) == raw


def test_words_that_python_keeps_for_itself_have_an_underscore() -> None:
    frame: Frame[Message] = Frame({"type": "message", "message": "m1", "from": "p1", "to": "everyone", "text": "hi"})
    assert frame.event.from_ == "p1"


def test_nested_values_are_typed_too() -> None:
    rule: Frame[RegionRuleSet] = Frame(
        {"type": "region_rule_set", "rule": {"mode": "deny", "countries": ["KP"]}, "by": "p1"}
    )
    assert rule.event.rule == RegionRule("deny", ("KP",))
    suspended: Frame[Suspended] = Frame({"type": "suspended", "by": "p1", "activities": ["audio"], "stopped": []})
    assert suspended.event.activities == (Activity.AUDIO,)


def test_what_was_left_out_is_none() -> None:
    frame: Frame[EntryRefused] = Frame({"type": "entry_refused", "code": "locked"})
    assert frame.event == EntryRefused("locked")


def test_a_newer_servers_fields_do_no_harm() -> None:
    frame: Frame[EntryRefused] = Frame({"type": "entry_refused", "code": "locked", "mood": "grim"})
    assert frame.event == EntryRefused("locked")
    assert frame["mood"] == "grim"


@pytest.mark.parametrize("kind", ["view", "reply", "media", "from_a_newer_server"])
def test_what_is_no_event_says_so(kind: str) -> None:
    with pytest.raises(TypeError, match=kind):
        _ = Frame({"type": kind}).event


def test_a_reply_says_whether_and_why_not() -> None:
    assert Reply({"ok": True, "seq": 4}).ok
    assert Reply({"ok": True}).refusal is None
    refused = Reply({"ok": False, "error": {"code": "conflict", "detail": "Look again.", "temporary": False}})
    assert not refused.ok
    assert isinstance(refused.refusal, ConflictError)
    assert not Reply({"ok": "yes"}).ok


def test_none_is_not_sent_and_false_is() -> None:
    sent = wire({"a": None, "b": False, "c": (), "level": ChatLevel.HOSTS, "rule": RegionRule("off")})
    assert sent == {
        "b": False,
        "c": [],
        "level": "hosts",
        "rule": {"mode": "off", "countries": [], "unknown": "deny", "anonymous": "allow"},
    }
