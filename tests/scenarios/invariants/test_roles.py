"""Who may do and read what: each rule broken in one way at a time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.invariants.story import Story

ROLES, HOST = "roles.no-escalation", "host.never-locked-out"
ENTRY = {"door": "socket", "country": "US", "source": "plan", "database": None, "built": None}


@pytest.fixture
def story() -> Story:
    told = Story()
    told.comes_in("host", "cohost", "ann", "ben")
    return told


# Doing


@pytest.mark.parametrize("by", ["ann", "cohost"])
@pytest.mark.parametrize(
    ("kind", "fields", "cohosts_too"),
    [
        ("locked", {}, True),
        ("waiting_room_set", {"enabled": True, "who": "everyone"}, True),
        ("breakout_rooms_opened", {"rooms": ["a"]}, True),
        ("breakout_rooms_closed", {}, True),
        ("allowed", {"activity": "record"}, True),
        ("disallowed", {"activity": "share", "stopped": []}, True),
        ("removed", {"participant": "ben", "because": {**ENTRY, "rule": "remove"}}, True),
        ("audio_changed", {"participant": "ben", "on": False}, True),
        ("renamed", {"participant": "ben", "name": "another"}, True),
        ("room_changed", {"participant": "ben", "room": None}, True),
        ("meeting_changed", {"topic": "t", "waiting_room": {}}, False),
        ("role_changed", {"participant": "ben", "role": "cohost"}, False),
    ],
)
def test_what_only_hosts_cause(story: Story, by: str, kind: str, fields: dict[str, Any], cohosts_too: bool) -> None:
    if kind == "audio_changed":
        story.on("ben")
    story.does(by, "", kind, by=by, quiet=True, **fields)
    story.trace.facts = [fact for fact in story.trace.facts if fact.fact != "received"]
    assert (ROLES in story.broken()) is not (cohosts_too and by == "cohost")


def test_a_rule_of_regions_is_the_hosts(story: Story) -> None:
    story.does("cohost", "", "region_rule_set", by="cohost", rule={"mode": "off"}, hears=["host", "cohost"])
    assert story.broken() == [ROLES]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("removed", {"because": {**ENTRY, "rule": "remove"}}),
        ("put_in_waiting_room", {"why": "put_back", "because": {**ENTRY, "rule": "put_back"}}),
        ("video_changed", {"on": False}),
        ("share_stopped", {}),
        ("renamed", {"name": "another"}),
        ("allowed", {"activity": "audio"}),
        ("disallowed", {"activity": "share", "stopped": []}),
    ],
)
@pytest.mark.parametrize(
    ("by", "about", "right"), [("host", "cohost", True), ("cohost", "host", False), ("cohost", "cohost2", False)]
)
def test_nobody_acts_on_an_equal_or_a_higher_rank(
    story: Story, kind: str, fields: dict[str, Any], by: str, about: str, right: bool
) -> None:
    story.cast("cohost2", role="cohost")
    story.joins("cohost2")
    if kind == "video_changed":
        story.on(about, "video")
    if kind == "share_stopped":
        story.does(about, "start_share", "share_started", participant=about)
    story.does(by, "", kind, participant=about, by=by, quiet=True, **fields)
    assert (ROLES in story.broken()) is not right


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_nobody_turns_on_what_is_anothers(story: Story, kind: str) -> None:
    story.does("host", "", f"{kind}_changed", participant="ann", on=True, by="host")
    assert story.broken() == [ROLES]


def test_the_owner_is_protected_in_whatever_role(story: Story) -> None:
    sent = story.sends(story.now(), "host", "make_host", participant="ann")
    for who, role in (("ann", "host"), ("host", "cohost")):
        event = story.happens_to("role_changed", participant=who, role=role, by="host", because={"rule": "make_host"})
    story.answered(sent, event.seq)
    story.trace.facts = [fact for fact in story.trace.facts if fact.fact != "received"]
    assert ROLES not in story.broken()
    story.happens_to("removed", quiet=True, participant="host", by="ann", because={**ENTRY, "rule": "remove"})
    assert {ROLES, HOST} <= set(story.broken())


def test_a_revoke_gives_back_the_earlier_role(story: Story) -> None:
    story.does("host", "make_cohost", "role_changed", participant="ann", role="cohost", by="host", quiet=True)
    story.does(
        "host",
        "revoke_cohost",
        "role_changed",
        participant="ann",
        role="participant",
        by="host",
        quiet=True,
        because={"rule": "revoke_cohost"},
    )
    assert ROLES not in story.broken()
    story.does("host", "make_cohost", "role_changed", participant="ann", role="cohost", by="host", quiet=True)
    story.does(
        "host",
        "revoke_cohost",
        "role_changed",
        participant="ann",
        role="panelist",
        by="host",
        quiet=True,
        because={"rule": "revoke_cohost"},
    )
    assert ROLES in story.broken()


def test_a_cohost_is_one_at_once_and_no_longer_than_that(story: Story) -> None:
    story.does("host", "make_cohost", "role_changed", participant="ann", role="cohost", by="host", quiet=True)
    story.does("ann", "lock", "locked", by="ann", quiet=True)
    assert ROLES not in story.broken()
    story.does("host", "revoke_cohost", "role_changed", participant="ann", role="participant", by="host", quiet=True)
    story.does("ann", "unlock", "unlocked", by="ann", quiet=True)
    assert ROLES in story.broken()


def test_a_hosts_command_is_refused_though_there_is_nothing_to_do(story: Story) -> None:
    story.does("cohost", "unlock")
    assert story.broken() == []
    story.does("ann", "unlock")
    assert story.broken() == [ROLES]


@pytest.mark.parametrize(
    ("role", "because", "right"),
    [
        ("participant", {}, True),
        ("cohost", {}, False),
        ("host", {}, False),
        ("panelist", {}, False),
    ],
)
def test_nobody_comes_in_as_more_than_they_are(story: Story, role: str, because: dict[str, Any], right: bool) -> None:
    story.joins("eve", role=role, because=because)
    assert (ROLES in story.broken()) is not right


@pytest.mark.parametrize("place", ["waiting", "left"])
def test_only_those_inside_do_anything(story: Story, place: str) -> None:
    if place == "waiting":
        story.joins("eve", "joined_waiting_room")
    else:
        story.joins("eve")
        story.forget("eve")
        story.happens_to("left", participant="eve")
    story.chats("eve", "I am here")
    assert ROLES in story.broken()


# What is allowed


def test_what_is_barred_for_all_nobody_starts(story: Story) -> None:
    story.does("host", "allow", "disallowed", activity="share", by="host", stopped=[])
    story.does("cohost", "start_share", "share_started", participant="cohost")
    assert story.broken() == []
    story.does("cohost", "stop_share", "share_stopped", participant="cohost")
    story.does("ann", "start_share", "share_started", participant="ann")
    assert story.broken() == [ROLES]


def test_recording_is_for_those_who_are_let(story: Story) -> None:
    story.allows("record", "ann")
    story.does("ann", "start_recording", "recording_started", participant="ann")
    assert story.broken() == []
    story.does("ben", "start_recording", "recording_started", participant="ben")
    assert story.broken() == [ROLES]


def test_ones_own_bar_outlives_that_of_all(story: Story) -> None:
    hosts = ["host", "cohost", "ann"]
    story.does("host", "allow", "disallowed", participant="ann", activity="share", by="host", stopped=[], hears=hosts)
    story.does("host", "allow", "allowed", activity="share", by="host")
    story.does("ann", "start_share", "share_started", participant="ann")
    assert story.broken() == [ROLES]


@pytest.mark.parametrize(
    ("level", "to", "right"),
    [
        ("everyone", "everyone", True),
        ("everyone", "ben", False),
        ("everyone", "cohost", True),
        ("hosts", "everyone", False),
        ("hosts", "hosts", True),
        ("hosts", "host", True),
    ],
)
def test_how_far_chat_reaches(story: Story, level: str, to: str, right: bool) -> None:
    story.does("host", "allow", "allowed", activity="chat", level=level, by="host")
    story.chats("ann", "a line", to)
    assert story.broken() == ([] if right else [ROLES])


def test_an_attendee_speaks_when_let() -> None:
    story = Story()
    story.cast("viewer", role="attendee")
    story.comes_in("host", "viewer")
    story.chats("viewer", "a question")
    story.allows("audio", "viewer")
    story.on("viewer")
    assert story.broken() == []
    story.on("viewer", "video")
    assert story.broken() == [ROLES]


def test_media_of_what_is_off(story: Story) -> None:
    story.on("ann")
    story.does("host", "mute", "audio_changed", participant="ann", on=False, by="host")
    story.media("ann", "audio", "ben")
    assert story.broken() == [ROLES]


# Reading


@pytest.mark.parametrize("kind", ["origin_known", "entry_refused", "name_flagged", "joined_waiting_room", "denied"])
def test_what_only_hosts_are_told(story: Story, kind: str) -> None:
    because = {**ENTRY, "rule": "locked" if kind == "entry_refused" else "waiting_room"}
    fields: dict[str, Any] = {"participant": story.ids["ben"]}
    if kind == "entry_refused":
        fields = {"code": "locked", "name": "x", "country": "US"}
    elif kind == "name_flagged":
        fields["like"] = story.ids["ann"]
    elif kind == "denied":
        fields["by"] = "host"
    else:
        story.ids["eve"] = "p00ff"
        fields = {
            "participant": "p00ff",
            "country": "US",
            "person": {"id": "p00ff", "name": "eve", "why": "waiting_room"},
        }
    event = story.happens_to(kind, hears=["host", "cohost"], because=because, **fields)
    assert story.broken() == []
    story.tells(event, "ann")
    assert story.broken() == [ROLES]


def test_ones_own_bar_is_for_hosts_and_oneself(story: Story) -> None:
    event = story.allows("record", "ann")
    assert story.broken() == []
    story.tells(event, "ben")
    assert story.broken() == [ROLES]


@pytest.mark.parametrize("to", ["ben", "hosts"])
def test_a_line_that_was_said_to_others(story: Story, to: str) -> None:
    story.joins("eve")
    said = story.chats("ann", "not for all", to)
    assert story.broken() == []
    story.tells(said, "eve")
    assert story.broken() == [ROLES]


def test_a_private_line_is_not_the_hosts(story: Story) -> None:
    story.tells(story.chats("ann", "between us", "ben"), "host")
    assert story.broken() == [ROLES]


def in_blue() -> Story:
    """Ann is in a room, the others are in the main one."""
    story = Story()
    story.comes_in("host", "ann", "ben")
    story.does("host", "open_breakout_rooms", "breakout_rooms_opened", rooms=["blue"], by="host")
    story.rooms["ann"] = "blue"
    sent = story.sends(story.now(), "ann", "join_breakout_room", room="blue")
    event = story.happens_to("room_changed", hears=["host", "ben"], participant="ann", by="ann", room="blue")
    story.sees("ann")
    story.answered(sent, event.seq)
    return story


def test_what_is_said_in_a_room_stays_there() -> None:
    story = in_blue()
    said = story.chats("ann", "in here")
    assert story.broken() == []
    story.tells(said, "ben")
    assert story.broken() == [ROLES]


def test_media_of_another_room() -> None:
    story = in_blue()
    story.on("ben")
    story.media("ben", "audio", "host")
    assert story.broken() == []
    story.media("ben", "audio", "ann")
    assert story.broken() == [ROLES]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda view: view["meeting"].update(settings={}),
        lambda view: view.update(waiting=[{"id": "p9", "name": "x"}]),
        lambda view: view["participants"][0].update(country="US"),
        lambda view: view["participants"][0].update(address="192.0.2.1"),
        lambda view: view["me"].update(role="cohost"),
        lambda view: view["me"].update(room="blue"),
    ],
)
def test_a_picture_with_the_hosts_part(story: Story, spoil: Any) -> None:
    story.sees("ann")
    assert story.broken() == []
    story.sees("ann", spoil)
    assert story.broken() == [ROLES]


@pytest.mark.parametrize("to", ["ben", "hosts", "everyone"])
def test_a_picture_with_lines_of_others(story: Story, to: str) -> None:
    said = story.chats("ann", "a line", to)
    row = {name: said.fields[name] for name in ("message", "from", "to", "text")}
    story.sees("ann", lambda view: view["messages"].append(row))
    assert story.broken() == []
    story.joins("eve")
    story.sees("eve", lambda view: view["messages"].append(row))  # to all, but from before she came
    assert story.broken() == [ROLES]


def test_a_picture_with_lines_of_another_room() -> None:
    story = in_blue()
    said = story.chats("ann", "in here")
    row = {name: said.fields[name] for name in ("message", "from", "to", "text")}
    story.sees("ann", lambda view: view["messages"].append(row))
    assert story.broken() == []
    story.sees("ben", lambda view: view["messages"].append(row))
    assert story.broken() == [ROLES]


def test_a_frame_that_has_more_than_the_journal(story: Story) -> None:
    event = story.does("ann", "raise_hand", "hand_changed", hears=["host", "cohost", "ann"], participant="ann", up=True)
    frame = {name: value for name, value in event.fields.items() if name != "because"}
    story.reads(story.at, {**frame, "country": "US"}, "ben")
    assert story.broken() == [ROLES]
