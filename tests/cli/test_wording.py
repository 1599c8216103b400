"""What happened, in words: names for ids, reasons in one line, nothing that a terminal obeys."""

from __future__ import annotations

from typing import Any

import pytest

from meetingsim.cli.console import Stop
from meetingsim.cli.wording import Names, line, reason_of, sentence
from meetingsim.state.controls import EVENTS
from meetingsim.state.plain import told
from tests.cli.samples import sample

MIA, BO = "p" + "a" * 16, "p" + "b" * 16


@pytest.fixture
def names() -> Names:
    known = Names()
    known.learn({"type": "joined", "participant": MIA, "person": {"id": MIA, "name": "Mia"}})
    known.learn({"type": "arrived_early", "participant": BO, "name": "Bo"})
    return known


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ({"type": "admitted", "participant": MIA, "by": BO}, "Mia was admitted by Bo"),
        ({"type": "message", "from": MIA, "to": "everyone", "text": "hi"}, "Mia to everyone: hi"),
        ({"type": "message", "from": MIA, "to": BO, "text": "hi"}, "Mia to Bo: hi"),
        ({"type": "audio_changed", "participant": MIA, "on": False, "by": BO}, "Mia: audio off"),
        ({"type": "entry_refused", "code": "locked", "name": "Kim"}, "Kim was not let in: locked"),
        ({"type": "entry_refused", "code": "removed"}, "somebody without a credential was not let in: removed"),
        ({"type": "origin_known", "participant": MIA, "country": None}, "Mia comes from unknown"),
        ({"type": "removed", "participant": "p9", "by": "admin"}, "p9 was removed by admin"),
        ({"type": "allowed", "activity": "audio", "by": BO}, "Bo allowed audio"),
        ({"type": "return_allowed", "participant": MIA, "by": BO}, "Mia may come back (by Bo)"),
        ({"type": "name_flagged", "participant": MIA, "like": BO}, "Mia has a name that looks like that of Bo"),
        ({"type": "allowed", "activity": "chat", "level": "hosts", "by": BO, "participant": MIA},
         "Bo allowed chat (hosts) for Mia"),
        ({"type": "suspended", "by": BO, "activities": ["audio", "chat"],
          "stopped": [{"participant": MIA, "activities": ["audio"]}]},
         "Bo suspended participant activities: audio, chat; stopped: Mia audio"),
        ({"type": "region_rule_set", "by": BO, "rule": {"mode": "deny", "countries": ["KP"]}},
         "Bo set the region rule: mode deny, countries KP"),
        ({"type": "hologram_started", "seq": 3, "participant": MIA, "size": 4}, "hologram_started participant=Mia size=4"),
    ],
)  # fmt: skip
def test_sentences(names: Names, frame: dict[str, Any], said: str) -> None:
    assert sentence(frame, names) == said


def test_whoever_knocks_is_known_by_name_and_id_at_once() -> None:
    names = Names()
    knock = {"type": "joined_waiting_room", "participant": MIA, "person": {"id": MIA, "name": "Mia", "why": "region"}}
    assert sentence(knock, names) == f"Mia waits [{MIA}] (region)"
    assert names.of(MIA) == "Mia"


def test_the_reason_of_a_knock_has_the_name_that_the_knock_brings() -> None:
    person = {"id": MIA, "name": "Mia", "why": "region"}
    knock = {
        "type": "joined_waiting_room",
        "participant": MIA,
        "person": person,
        "because": {"rule": "region", "asked_by": MIA},
    }
    assert line(knock, Names()).endswith("because rule region; asked by Mia")


def test_who_writes_across_the_door_is_known_by_name_to_whoever_waits() -> None:
    names = Names()
    said = {"type": "waiting_room_message", "from": BO, "from_name": "Bo", "to": "everyone", "text": "hi"}
    assert sentence(said, names) == "waiting room, Bo to everyone: hi"
    sentence({**said, "from": "host", "from_name": "Host"}, names)
    assert names.of("host") == "host"


def test_a_new_name_is_told_with_the_old_one(names: Names) -> None:
    assert sentence({"type": "renamed", "participant": MIA, "name": "Zoe", "by": BO}, names) == (
        "Mia is now called Zoe (by Bo)"
    )
    assert names.of(MIA) == "Zoe"


def test_a_view_names_everybody_in_it() -> None:
    names = Names()
    rows = [{"id": f"p{n}", "name": name} for n, name in enumerate("ABC", 1)]
    view = {"me": rows[0], "participants": rows[1:2], "waiting": rows[2:]}
    names.learn({"type": "view", "view": view})
    assert [names.of(one) for one in ("p1", "p2", "p3", "p4")] == ["A", "B", "C", "p4"]


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_every_event_has_words_and_none_is_obeyed_by_a_terminal(kind: str) -> None:
    evil = "\x1b[2J\x9b31m\u202eevil"
    names = Names()
    names.learn({"person": {"id": MIA, "name": evil}})
    event = sample(EVENTS[kind].event, text=evil, participant=MIA)
    frame = {
        "type": kind,
        "seq": 1,
        "at": f"2026-01-01T{evil}",
        **told(event),
        "because": {"rule": evil, "asked_by": MIA},
    }
    said = line(frame, names)
    assert not set(said) & set("\x1b\x9b\u202e")
    assert "{" not in said


def test_a_line_of_the_journal() -> None:
    frame = {
        "type": "locked",
        "seq": 12,
        "at": "2026-01-01T10:00:00.250Z",
        "by": "admin",
        "because": {"rule": "lock", "door": "http", "asked_by": "admin", "country": None},
    }
    assert line(frame, Names()).splitlines() == [
        "   12  10:00:00.250  admin locked the meeting",
        "                     because rule lock; door http; asked by admin",
    ]
    assert "because" not in line({**frame, "because": None}, Names())


def test_reasons_name_people(names: Names) -> None:
    assert reason_of({"rule": "remove", "asked_by": MIA, "may_return": False}, names) == (
        "rule remove; asked by Mia; may return no"
    )


def test_a_name_may_stand_for_an_id(names: Names) -> None:
    assert names.id_of("mia", []) == MIA
    assert names.id_of(MIA, []) == MIA
    assert names.id_of("everyone", []) == "everyone"
    assert names.id_of("p" + "0" * 16, []) == "p" + "0" * 16


def test_of_several_with_one_name_the_one_who_is_there(names: Names) -> None:
    names.learn({"person": {"id": "p9", "name": "Mia"}})
    assert names.id_of("Mia", [{"id": "p9", "name": "Mia"}]) == "p9"
    with pytest.raises(Stop, match=f"several people are called 'Mia': say one of {MIA}, p9"):
        names.id_of("Mia", [])


def test_nobody_of_that_name(names: Names) -> None:
    with pytest.raises(Stop, match="nobody is called 'Kim'") as raised:
        names.id_of("Kim", [])
    assert raised.value.code == 1
