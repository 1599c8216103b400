"""Typed words become a command's fields, for every control of the table."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import TypeAdapter

from meetingsim.cli.console import Stop
from meetingsim.cli.grammar import SHORT, Grammar, find
from meetingsim.state.controls import CONTROLS, TABLE

GRAMMARS = {control.name: Grammar(control) for control in TABLE if control.socket or control.http}


def read(line: str) -> tuple[str, dict[str, Any]]:
    name, *words = line.split()
    grammar = find(name, GRAMMARS)
    return grammar.control.name, grammar.read(words)


@pytest.mark.parametrize(
    ("line", "name", "fields"),
    [
        ("lock", "lock", {}),
        ("admit p1", "admit", {"participant": "p1"}),
        ("admit Mia Brown", "admit", {"participant": "Mia Brown"}),
        ("admit p1 --if-seq 5", "admit", {"participant": "p1", "if_seq": 5}),
        ("admit --if-seq=5 p1", "admit", {"participant": "p1", "if_seq": 5}),
        ("admit --if_seq 5 p1", "admit", {"participant": "p1", "if_seq": 5}),
        ("admit_all --up-to 7", "admit_all", {"up_to": 7}),
        ("chat good morning --to hosts", "chat", {"text": "good morning", "to": "hosts"}),
        ("chat -- --to hosts", "chat", {"text": "--to hosts"}),
        ("rename Mia Brown --participant p1", "rename", {"name": "Mia Brown", "participant": "p1"}),
        ("audio on", "set_audio", {"on": True}),
        ("set-video OFF", "set_video", {"on": False}),
        ("hand up", "raise_hand", {"up": True}),
        ("hand down", "raise_hand", {"up": False}),
        ("allow audio off --participant Mia --stop", "allow",
         {"activity": "audio", "allowed": False, "participant": "Mia", "stop": True}),
        ("allow profile-picture on", "allow", {"activity": "profile_picture", "allowed": True}),
        ("allow chat everyone-and-private", "allow", {"activity": "chat", "allowed": "everyone_and_private"}),
        ("allow audio off --no-stop", "allow", {"activity": "audio", "allowed": False, "stop": False}),
        ("region deny KP IR", "set_region_rule", {"mode": "deny", "countries": ["KP", "IR"]}),
        ("region deny KP,IR --present remove", "set_region_rule",
         {"mode": "deny", "countries": ["KP", "IR"], "present": "remove"}),
        ("region approve --countries EU --countries CH", "set_region_rule",
         {"mode": "approve", "countries": ["EU", "CH"]}),
        ("region off", "set_region_rule", {"mode": "off"}),
        ("waiting-room on --who not-invited", "set_waiting_room", {"enabled": True, "who": "not_invited"}),
        ("remove p1 --may-return", "remove", {"participant": "p1", "may_return": True}),
        ("remove p1 --no-may-return", "remove", {"participant": "p1", "may_return": False}),
        ("remove p1 --report spam --report-text oh", "remove",
         {"participant": "p1", "report": {"issue": "spam", "text": "oh"}}),
        ("suspend --report other --report-participants a --report-participants b,c", "suspend",
         {"report": {"issue": "other", "participants": ["a", "b,c"]}}),
        ("report p1 p2 spam --text oh", "report", {"participants": ["p1", "p2"], "issue": "spam", "text": "oh"}),
        ("stop-share", "stop_share", {}),
        ("stop-share Mia", "stop_share", {"participant": "Mia"}),
        ("media video 3", "media", {"kind": "video", "n": 3}),
    ],
)  # fmt: skip
def test_lines(line: str, name: str, fields: dict[str, Any]) -> None:
    assert read(line) == (name, fields)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("admt p1", "there is no control 'admt' (did you mean 'admit'?); help lists them"),
        ("admit", "admit: say PARTICIPANT, too; usage: admit PARTICIPANT [--if-seq IF-SEQ]"),
        ("admit p1 --if-seq", "admit: --if-seq needs a value; usage: admit PARTICIPANT [--if-seq IF-SEQ]"),
        ("admit p1 --if-seq x", "'x' is no if-seq: say a number"),
        ("admit p1 --if-seq ²", "'\\xb2' is no if-seq: say a number"),
        ("lock now", "lock: 'now' is one word too many; usage: lock"),
        ("audio maybe", "'maybe' is no on: say on or off"),
        ("allow singing on", "'singing' is no activity: say audio, video, chat, share, annotate, record, rename or"
         " profile_picture"),
        ("allow chat some", "'some' is no allowed: say on, off, nobody, hosts, everyone or everyone_and_private"),
        ("admit p1 --iff-seq 3", "admit: there is no option '--iff-seq' (did you mean '--if-seq'?); usage: admit"
         " PARTICIPANT [--if-seq IF-SEQ]"),
        ("admit p1 --no-if-seq", "admit: there is no option '--no-if-seq' (did you mean '--if-seq'?); usage: admit"
         " PARTICIPANT [--if-seq IF-SEQ]"),
        ("remove p1 --report-text oh", "remove: --report-text needs --report ISSUE, too; usage: remove PARTICIPANT"
         " [--may-return] [--report ISSUE] [--report-text TEXT]"),
        ("report p1", "report: say ISSUE, too; usage: report PARTICIPANTS… ISSUE [--text TEXT]"),
    ],
)  # fmt: skip
def test_mistakes(line: str, said: str) -> None:
    with pytest.raises(Stop) as raised:
        read(line)
    assert (raised.value.line, raised.value.code) == (said, 2)


def test_an_unknown_issue_is_told_all_of_them() -> None:
    with pytest.raises(Stop, match="meeting_disruption or other"):
        read("report p1 boredom")


def test_every_control_can_be_typed_by_its_usage() -> None:
    """No type of a field is forgotten: each has a placeholder, and reads a fitting word."""
    for grammar in GRAMMARS.values():
        for field in grammar.fields:
            assert field.placeholder
            if not field.flag:
                word = (field.choices() or ["7"])[0]
                assert field.read([word]) is not None


@pytest.mark.parametrize("name", GRAMMARS)
def test_what_is_typed_is_what_the_server_reads(name: str) -> None:
    """No control is offered that nobody could ever type."""
    grammar = GRAMMARS[name]
    typed = [(field.choices() or ["7"])[0] for field in grammar.words if field.required]
    TypeAdapter(grammar.control.command).validate_json(json.dumps(grammar.read(typed)))


def test_rooms_are_typed_by_their_names() -> None:
    _, fields = read("open-breakout-rooms Red,Blue Green")
    assert fields == {"rooms": [{"name": "Red"}, {"name": "Blue"}, {"name": "Green"}]}


def test_short_names_stand_for_controls_and_hide_none() -> None:
    assert set(SHORT.values()) <= set(CONTROLS)
    assert not set(SHORT) & set(CONTROLS)


def test_people_are_handed_through_wherever_they_are_named() -> None:
    seen: list[str] = []

    def to_id(who: str) -> str:
        seen.append(who)
        return f"id of {who}"

    grammar = GRAMMARS["suspend"]
    said = grammar.read(["--report", "other", "--report-participants", "Mia"])
    assert grammar.with_ids(said, to_id) == {"report": {"issue": "other", "participants": ["id of Mia"]}}
    assert said == {"report": {"issue": "other", "participants": ["Mia"]}}
    allow = GRAMMARS["allow"]
    assert allow.with_ids(allow.read(["audio", "on", "--participant", "Bo"]), to_id)["participant"] == "id of Bo"
    rename = GRAMMARS["rename"]
    assert rename.with_ids(rename.read(["Zoe"]), to_id) == {"name": "Zoe"}
    assert seen == ["Mia", "Bo"]
    assert GRAMMARS["report"].named(GRAMMARS["report"].read(["a", "b", "spam"])) == ["a", "b"]
