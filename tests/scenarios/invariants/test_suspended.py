"""The three invariants of a suspend, each broken in one way at a time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.invariants.story import EVERYTHING, Story

ACCEPTED, RECEIVED, ONE_BY_ONE = (
    "suspended.none-accepted",
    "suspended.none-received",
    "suspended.resume-one-by-one",
)


@pytest.fixture
def story() -> Story:
    told = Story()
    told.comes_in("host", "cohost", "ann", "ben")
    return told


def test_hosts_start_theirs_again_and_those_who_are_let_do_too(story: Story) -> None:
    story.on("ann")
    story.suspends(stopped=[("ann", ["audio"])])
    story.on("cohost")
    story.does("host", "start_share", "share_started", participant="host")
    story.allows("share", "ann")
    story.does("host", "stop_share", "share_stopped", participant="host")
    story.does("ann", "start_share", "share_started", participant="ann")
    story.does(
        "host", "ask_to_unmute", "asked_to_unmute", hears=["host", "cohost", "ben"], participant="ben", by="host"
    )
    story.on("ben")
    story.media("ben", "audio", "ann", "host")
    story.does("ann", "raise_hand", "hand_changed", participant="ann", up=True)
    story.sees("ann", lambda view: view["me"]["allowed"].update(share=True))
    assert story.broken() == []


def test_hosts_rename_others_while_all_is_suspended(story: Story) -> None:
    story.suspends()
    story.does(
        "host",
        "rename",
        "renamed",
        said={"name": "Ann A", "participant": "ann"},
        participant="ann",
        name="Ann A",
        by="host",
    )
    assert story.broken() == []


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("audio_changed", {"on": True}),
        ("video_changed", {"on": True}),
        ("share_started", {}),
        ("annotated", {}),
        ("recording_started", {}),
        ("profile_picture_changed", {"on": True}),
        ("renamed", {"name": "another", "by": "ann"}),
    ],
)
def test_what_a_participant_starts(story: Story, kind: str, fields: dict[str, Any]) -> None:
    story.suspends()
    command = {"annotated": "annotate"}.get(kind, "")
    story.does("ann", command, kind, participant="ann", **fields)
    assert story.broken() == [ACCEPTED, RECEIVED]


@pytest.mark.parametrize("to", ["everyone", "hosts", "ben"])
def test_a_line_of_chat(story: Story, to: str) -> None:
    story.suspends()
    story.chats("ann", "heard all the same", to)
    assert story.broken() == [ACCEPTED, RECEIVED]


def test_what_nobody_heard_was_accepted_still(story: Story) -> None:
    story.suspends()
    story.happens_to("annotated", quiet=True, participant="ann")
    story.trace.views = frozenset({"server"})
    assert ACCEPTED in story.broken()


def test_a_second_time_after_one_request_to_unmute(story: Story) -> None:
    story.suspends()
    story.does(
        "host", "ask_to_unmute", "asked_to_unmute", hears=["host", "cohost", "ben"], participant="ben", by="host"
    )
    story.on("ben")
    story.does("ben", "set_audio", "audio_changed", said={"on": False}, participant="ben", on=False)
    story.on("ben")
    assert story.broken() == [ACCEPTED, RECEIVED]


def test_an_exemption_from_before(story: Story) -> None:
    story.allows("share", "ann")
    story.suspends()
    story.does("ann", "start_share", "share_started", participant="ann")
    assert story.broken() == [ACCEPTED, RECEIVED]


def test_a_suspend_that_spares_something(story: Story) -> None:
    story.does("host", "suspend", "suspended", by="host", activities=list(EVERYTHING[1:]), stopped=[], because=BECAUSE)
    assert story.broken() == [ACCEPTED]


def test_a_suspend_that_does_not_say_what_it_stopped(story: Story) -> None:
    story.on("ann")
    story.suspends()
    assert story.broken() == [ACCEPTED]
    assert "did not stop the audio of ann" in story.checks()[ACCEPTED].said


@pytest.mark.parametrize("who", ["ann", "host"])
def test_media_after_the_frame_that_stops_it(story: Story, who: str) -> None:
    story.on(who)
    story.suspends(stopped=[(who, ["audio"])])
    heard = story.media(who, "audio", "ben")
    assert story.broken() == [RECEIVED]
    check = story.checks()[RECEIVED]
    assert check.witnesses[0] == heard[0].n
    assert check.said.startswith(f"ben received audio of {who} at 00:00.")


def test_media_that_was_under_way_is_heard_before_the_frame_that_stops_it(story: Story) -> None:
    story.on("ann")
    suspended = story.suspends(stopped=[("ann", ["audio"])])
    heard = [fact for fact in story.trace.facts if fact.fact == "received" and fact.actor == "ben"][-1]
    assert heard.fields["frame"]["seq"] == suspended.seq
    # The client hears both late: first the packet, then the end of it.
    story.trace.facts.remove(heard)
    story.media("ann", "audio", "ben")
    story.reads(story.at, heard.fields["frame"], "ben")
    assert story.broken() == []


def test_another_activity_than_the_one_that_was_given_back(story: Story) -> None:
    story.suspends()
    story.allows("audio")
    story.on("ann", "video")
    assert story.broken() == [ACCEPTED, RECEIVED, ONE_BY_ONE]


def test_a_picture_in_which_too_much_is_given_back(story: Story) -> None:
    story.suspends()
    story.allows("audio")
    story.sees("ann")
    assert story.broken() == []
    story.sees("ann", lambda view: view["me"]["allowed"].update(video=True))
    assert story.broken() == [ONE_BY_ONE]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda view: view["meeting"].update(suspended=[]),
        lambda view: view["meeting"].update(locked=False),
        lambda view: view["me"]["allowed"].update(chat="hosts"),
        lambda view: view["me"]["allowed"].update(share=True),
    ],
)
def test_a_picture_that_forgets_the_suspend(story: Story, spoil: Any) -> None:
    story.suspends()
    story.sees("ann", spoil)
    assert story.broken() == [ONE_BY_ONE]


def test_a_picture_of_a_host_lists_what_holds_too(story: Story) -> None:
    story.suspends()
    story.sees("host", lambda view: view["meeting"].update(suspended=["audio"]))
    assert story.broken() == [ONE_BY_ONE]


BECAUSE = {"rule": "suspend", "door": "socket"}
