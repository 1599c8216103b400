"""Settings: their defaults, and how a changed document becomes the controls it belongs to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from meetingsim.state.controls.change_settings import ChangeSettings
from meetingsim.state.controls.suspend import Suspend
from meetingsim.state.engine import decide_each
from meetingsim.state.meeting import Place
from meetingsim.state.patch import commands_for
from meetingsim.state.plain import build, plain
from meetingsim.state.settings import (
    Activity,
    Allow,
    ChatLevel,
    RegionRule,
    Removal,
    ReportSettings,
    Settings,
    WaitingRoom,
)
from meetingsim.state.view import settings_row
from tests.driver import PASSCODE
from tests.state.room import OPEN, Room, change, room, scheduled

# The contract, section 4, "Settings (all accepted and validated from the start; defaults)".
CONTRACT: dict[str, Any] = {
    "waiting_room": {
        "enabled": True,
        "who": "everyone",
        "chat": "two_way",
        "capacity": 300,
        "denials": 2,
        "title": "",
        "description": "",
        "show_topic": False,
    },
    "region": {"mode": "off", "countries": [], "unknown": "deny", "anonymous": "allow"},
    "passcode": None,
    "join_before_host": False,
    "capacity": 300,
    "allow": {
        "audio": True,
        "video": True,
        "share": True,
        "annotate": True,
        "rename": True,
        "profile_picture": True,
        "record": False,
        "chat": "everyone_and_private",
    },
    "removal": {"match": ["account", "ticket", "device"], "may_return": False, "unmatched": "wait"},
    "reports": {"participants_may_report": True},
}


def test_the_defaults_are_the_contracts() -> None:
    assert settings_row(Settings()) == CONTRACT


def test_a_document_goes_through_json_and_back() -> None:
    changed = Settings(
        WaitingRoom(False, "not_invited", "off", 1, 0, "a", "b", True),
        RegionRule("approve", ("BR", "DE"), "wait", "deny"),
        "secret",
        True,
        7,
        Allow(False, record=True, chat=ChatLevel.HOSTS),
        Removal(("name",), True, "admit"),
        ReportSettings(False),
    )
    for settings in (Settings(), changed):
        assert build(Settings, settings_row(settings)) == settings
        assert build(Settings, plain(settings)) == settings


def patch(here: Room, topic: str | None = None, **settings: Any) -> list[str]:
    """The events of one request."""
    then = replace(here.sim.meeting.settings, **settings)
    done = here.sim.http(*commands_for(here.sim.meeting, then, topic))
    assert done.code is None
    assert here.sim.meeting.settings == then
    return done.types


def test_what_has_no_control_of_its_own_is_told_to_hosts_and_the_rest_to_everybody() -> None:
    here = room()
    assert patch(here, capacity=7, passcode="new") == ["settings_changed"]
    told = here.sim.inbox[here.cohost][-1]
    assert (told["settings"]["passcode"], told["settings"]["capacity"], told["by"]) == ("new", 7, "host")
    assert here.sim.inbox[here.mia][-1]["type"] != "settings_changed"
    assert patch(here, "Biology") == ["meeting_changed"]
    assert here.sim.pictures[here.mia]["meeting"]["topic"] == "Biology"
    sign = replace(OPEN, title="Hello", chat="off")
    assert patch(here, waiting_room=sign) == ["settings_changed", "meeting_changed"]
    assert here.sim.pictures[here.mia]["meeting"]["waiting_room"]["title"] == "Hello"
    assert patch(here) == []


def test_each_change_goes_through_the_control_it_belongs_to() -> None:
    here = room(waiting_room=WaitingRoom())
    waiting = here.sim.enter("Zoe", country="DE")
    allow = Allow(audio=False, chat=ChatLevel.HOSTS)
    types = patch(
        here,
        "Biology",
        region=RegionRule("deny", ("US",)),
        allow=allow,
        waiting_room=replace(WaitingRoom(), enabled=False, title="Hello"),
        capacity=9,
    )
    assert types == [
        "region_rule_set",
        "disallowed",
        "allowed",
        "waiting_room_set",
        "admitted",
        "settings_changed",
        "meeting_changed",
    ]
    assert here.person(waiting).place is Place.INSIDE
    assert here.sim.pictures[here.mia]["me"]["allowed"]["chat"] == "hosts"


def test_one_refusal_refuses_the_whole_request() -> None:
    here = room()
    before = here.sim.meeting
    then = replace(before.settings, capacity=7, region=RegionRule("approve"))
    refused = here.sim.http(*commands_for(before, then, None))
    assert (refused.code, here.sim.meeting) == ("invalid_rule", before)
    cohost = replace(here.sim.log[-1].asker, kind="person", participant=here.cohost)
    assert here.sim.run(commands_for(before, replace(before.settings, capacity=7), None), cohost).code == "not_host"


def test_nothing_at_all_is_a_decision_too() -> None:
    here = room()
    from meetingsim.state.control import Context, Decision
    from tests.driver import HTTP_HOST

    assert decide_each(here.sim.meeting, (), Context(0, HTTP_HOST, "http")) == Decision()


def test_the_host_alone_changes_settings() -> None:
    here = room()
    command = ChangeSettings(replace(here.sim.meeting.settings, capacity=7), "Biology")
    assert here.says(here.cohost, command).code == "not_host"
    done = here.says(here.host, command)
    assert done.types == ["settings_changed", "meeting_changed"]
    assert {row.because["rule"] for row in done.rows if row.because} == {"change_settings"}


def test_what_has_a_control_of_its_own_is_not_changed_past_it() -> None:
    here = room()
    before = here.sim.meeting.settings
    sign = WaitingRoom(enabled=True, who="not_invited", title="Hello")
    document = replace(before, waiting_room=sign, region=RegionRule("deny", ("BR",)), allow=Allow(audio=False))
    here.sim.http(ChangeSettings(document, here.sim.meeting.topic))
    assert here.sim.meeting.settings == replace(before, waiting_room=replace(OPEN, title="Hello"))


def test_a_new_passcode_holds_from_then_on() -> None:
    here = room()
    change(here.sim, passcode="new")
    assert here.sim.join("Zoe").code == "wrong_passcode"
    assert here.sim.join("Zoe", passcode="new").code is None
    change(here.sim, passcode=None)
    assert here.sim.join("Zoe", passcode=None).code is None
    assert here.sim.pictures[here.host]["meeting"]["settings"]["passcode"] is None


def test_changing_what_is_allowed_does_not_end_a_suspension() -> None:
    here = room()
    here.says(here.host, Suspend())
    patch(here, allow=Allow(share=False))
    assert Activity.SHARE in here.sim.meeting.suspended


@pytest.mark.parametrize("show_topic", [True, False])
def test_the_topic_at_the_door(show_topic: bool) -> None:
    sim = scheduled(waiting_room=WaitingRoom(show_topic=show_topic))
    early = sim.enter("Mia")
    sim.http(ChangeSettings(sim.meeting.settings, "Biology"))
    assert sim.pictures[early]["meeting"]["waiting_room"].get("topic") == ("Biology" if show_topic else None)
    assert sim.meeting.settings.passcode == PASSCODE


def test_every_part_of_the_region_rule_is_changed_with_the_settings() -> None:
    here = room()
    patch(here, region=RegionRule("deny", ("US",), unknown="wait", anonymous="deny"))
    patch(here, region=RegionRule("approve", ("BR", "DE"), unknown="allow", anonymous="wait"))
    assert here.sim.meeting.settings.region == RegionRule("approve", ("BR", "DE"), "allow", "wait")


def test_who_waits_is_changed_with_the_settings() -> None:
    sim = scheduled()
    then = replace(sim.meeting.settings, waiting_room=WaitingRoom(enabled=True, who="not_invited"))
    sim.http(*commands_for(sim.meeting, then, None))
    assert sim.meeting.settings.waiting_room == then.waiting_room
