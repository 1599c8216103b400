"""What those who wait may see, and who may read what is said across the door."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.invariants.story import Story

BLIND, PRIVATE = "waiting.sees-nothing", "waiting-chat.private"


@pytest.fixture
def story() -> Story:
    told = Story(waiting_room={"enabled": True, "chat": "two_way", "show_topic": False})
    told.comes_in("host", "ann")
    told.joins("ben", "joined_waiting_room")
    told.joins("eve", "joined_waiting_room")
    return told


@pytest.mark.parametrize(
    "spoil",
    [
        lambda view: view.update(participants=[]),
        lambda view: view.update(messages=[]),
        lambda view: view["meeting"].update(topic="t"),
        lambda view: view["meeting"].update(locked=False),
        lambda view: view["meeting"]["waiting_room"].update(topic="t"),
        lambda view: view["meeting"]["waiting_room"].update(enabled=True),
        lambda view: view["me"].update(place="inside"),
    ],
)
def test_a_picture_that_shows_more_than_the_door(story: Story, spoil: Any) -> None:
    story.sees("ben", lambda view: view["me"].update(position=1))
    assert story.broken() == []
    story.sees("ben", spoil)
    assert story.broken() == [BLIND]


def test_the_topic_where_the_meeting_shows_it() -> None:
    story = Story(waiting_room={"show_topic": True})
    story.comes_in("host")
    story.joins("ben", "joined_waiting_room")
    story.sees("ben", lambda view: view["meeting"]["waiting_room"].update(topic="t"))
    assert story.broken() == []


@pytest.mark.parametrize("place", ["joined_waiting_room", "arrived_early"])
def test_an_event_of_the_meeting(place: str) -> None:
    story = Story()
    story.comes_in("host", "ann")
    story.joins("ben", place)
    story.tells(story.does("ann", "raise_hand", "hand_changed", participant="ann", up=True), "ben")
    assert story.broken() == [BLIND]


def test_media(story: Story) -> None:
    story.on("ann")
    story.media("ann", "audio", "host")
    assert story.broken() == []
    story.media("ann", "audio", "ben")
    assert story.broken() == [BLIND]


def test_whoever_is_put_back_sees_nothing_more(story: Story) -> None:
    story.on("host")
    story.media("host", "audio", "ann")
    story.forget("ann")
    story.does(
        "host", "put_in_waiting_room", "put_in_waiting_room", participant="ann", by="host", why="put_back", because=WHY
    )
    story.waiting.append("ann")
    story.sees("ann")
    assert story.broken() == []
    story.media("host", "audio", "ann")
    assert story.broken() == [BLIND]


def test_whoever_is_put_back_is_not_told_by_the_event_itself(story: Story) -> None:
    story.does(
        "host", "put_in_waiting_room", "put_in_waiting_room", participant="ann", by="host", why="put_back", because=WHY
    )
    assert story.broken() == [BLIND]


def test_whoever_was_denied_hears_nothing_more(story: Story) -> None:
    story.does(
        "host",
        "deny",
        "denied",
        hears=["host"],
        participant="ben",
        by="host",
        because={"rule": "deny", "door": "socket"},
    )
    story.closes("ben", 4004)
    assert story.broken() == []
    story.tells(story.does("ann", "raise_hand", "hand_changed", participant="ann", up=True), "ben")
    assert story.broken() == [BLIND]


WHY = {"rule": "put_back", "door": "socket", "country": "US", "source": "plan", "database": None, "built": None}

# The chat across the door


@pytest.mark.parametrize(
    ("sender", "to", "reader"),
    [
        ("ben", "hosts", "eve"),
        ("ben", "hosts", "ann"),
        ("host", "ben", "eve"),
        ("host", "ben", "ann"),
        ("host", "everyone", "ann"),
    ],
)
def test_a_line_reaches_somebody_else(story: Story, sender: str, to: str, reader: str) -> None:
    said = story.writes(sender, to)
    assert story.broken() == []
    story.tells(said, reader)
    assert story.broken() == [PRIVATE]


def test_a_line_to_everyone_is_not_for_those_who_wait_later(story: Story) -> None:
    said = story.writes("host", "everyone")
    story.cast("late")
    story.joins("late", "joined_waiting_room")
    assert story.broken() == []
    story.sees("late", lambda view: view["waiting_messages"].append(_row(said)))
    assert story.broken() == [PRIVATE]


@pytest.mark.parametrize(("sender", "to"), [("ben", "hosts"), ("host", "ben")])
def test_a_picture_with_the_lines_of_another(story: Story, sender: str, to: str) -> None:
    said = story.writes(sender, to)
    for ref in ("ben", "host"):
        story.sees(ref, lambda view: view["waiting_messages"].append(_row(said)))
    assert story.broken() == []
    story.sees("eve", lambda view: view["waiting_messages"].append(_row(said)))
    assert story.broken() == [PRIVATE]


@pytest.mark.parametrize(("sender", "to"), [("ben", "everyone"), ("ben", "eve"), ("ann", "hosts"), ("ann", "ben")])
def test_who_writes_to_whom(story: Story, sender: str, to: str) -> None:
    story.writes(sender, to, hears=["host"])
    assert PRIVATE in story.broken()


@pytest.mark.parametrize(("mode", "sender"), [("hosts_only", "ben"), ("off", "ben"), ("off", "host")])
def test_a_chat_that_is_off_is_off(mode: str, sender: str) -> None:
    story = Story(waiting_room={"chat": mode})
    story.comes_in("host")
    story.joins("ben", "joined_waiting_room")
    story.writes(sender, {"ben": "hosts"}.get(sender, "ben"))
    assert story.broken() == [PRIVATE]


def test_hosts_write_where_those_who_wait_may_not() -> None:
    story = Story(waiting_room={"chat": "hosts_only"})
    story.comes_in("host")
    story.joins("ben", "joined_waiting_room")
    story.writes("host", "ben")
    assert story.broken() == []


def test_a_line_is_told_as_somebody_elses(story: Story) -> None:
    story.does(
        "ben",
        "waiting_room_chat",
        "waiting_room_message",
        said={"text": "x"},
        hears=["host"],
        message="w",
        from_="eve",
        from_name="eve",
        to="hosts",
        text="x",
    )
    assert PRIVATE in story.broken()


def _row(said: Any) -> dict[str, Any]:
    return {name: said.fields[name] for name in ("message", "from", "from_name", "to", "text")}
