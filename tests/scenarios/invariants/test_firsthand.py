"""Targets without a journal: what can be told from each line by itself is judged, and the rest is skipped."""

from __future__ import annotations

from typing import Any

import pytest

from meetingsim.scenarios.invariants import INVARIANTS
from meetingsim.scenarios.verdicts import Verdict
from tests.scenarios.invariants.story import Story
from tests.scenarios.invariants.test_right import whole_story

JUDGED = (
    "suspended.none-accepted",
    "suspended.none-received",
    "removed.no-frame-after",
    "waiting.sees-nothing",
    "waiting-chat.private",
    "reporter.never-revealed",
    "roles.no-escalation",
    "host.never-locked-out",
    "command.once",
    "ended.silent",
    "mirror.equals-view",
)


class Unseen(Story):
    """The same story, of which only the clients' side is shown."""

    def over(self) -> Any:
        self.trace.facts = [fact for fact in self.trace.facts if not fact.is_event and fact.fact != "report_filed"]
        for number, fact in enumerate(self.trace.facts):
            fact.n = number
        return super().over()


@pytest.fixture
def story() -> Story:
    told = Unseen(views=("client",))
    told.comes_in("host", "ann", "ben")
    return told


def test_a_right_product_breaks_nothing() -> None:
    story = whole_story()
    story.trace.views = frozenset({"client"})
    checks = {name: check.verdict for name, check in story.checks().items()}
    assert [name for name, verdict in checks.items() if verdict is Verdict.PASS] == list(JUDGED)
    assert {verdict for name, verdict in checks.items() if name not in JUDGED} == {Verdict.SKIPPED}
    assert list(checks) == list(INVARIANTS)


def test_hosts_and_those_who_are_let_go_on_in_a_suspend(story: Story) -> None:
    story.suspends()
    story.on("host")
    story.media("host", "audio", "ann", "ben")
    story.allows("audio", "ann")
    story.on("ann")
    story.media("ann", "audio", "ben")
    story.allows("video")
    story.on("ben", "video")
    story.media("ben", "video", "ann")
    assert story.broken() == []


def test_a_start_that_was_sent_before_one_heard_of_the_suspend(story: Story) -> None:
    sent = story.sends(story.now(), "ann", "set_audio", on=True)
    story.suspends()
    story.answered(sent, story._seq + 50, activity="audio")
    assert story.broken() == []


def test_a_start_that_is_accepted_under_a_suspend(story: Story) -> None:
    story.suspends()
    sent = story.sends(story.now(), "ann", "set_audio", on=True)
    story.answered(sent, story._seq + 1, activity="audio")
    assert story.broken() == ["suspended.none-accepted"]


def test_what_is_heard_under_a_suspend(story: Story) -> None:
    story.suspends()
    story.chats("ann", "all the same")
    assert story.broken() == ["suspended.none-received"]


def test_media_under_a_suspend(story: Story) -> None:
    story.on("ann")
    story.suspends(stopped=[("ann", ["audio"])])
    story.media("ann", "audio", "ben")
    assert story.broken() == ["suspended.none-received"]


def test_the_removed_are_heard_on(story: Story) -> None:
    story.on("ann")
    story.removes("ann")
    story.media("ann", "audio", "ben")
    assert story.broken() == ["removed.no-frame-after"]


def test_the_removed_are_told(story: Story) -> None:
    story.tells(story.removes("ann"), "ann")
    assert story.broken() == ["removed.no-frame-after"]


@pytest.mark.parametrize("what", ["event", "media", "picture"])
def test_whoever_waits_sees_something(story: Story, what: str) -> None:
    story.joins("eve", "joined_waiting_room")
    if what == "event":
        story.tells(story.does("ann", "raise_hand", "hand_changed", participant="ann", up=True), "eve")
    elif what == "media":
        story.media("ann", "audio", "eve")
    else:
        story.sees("eve", lambda view: view.update(participants=[]))
    assert story.broken() == ["waiting.sees-nothing"]


@pytest.mark.parametrize(
    ("sender", "to", "reader"), [("eve", "hosts", "ann"), ("host", "eve", "ann"), ("host", "everyone", "ben")]
)
def test_a_line_across_the_door_reaches_somebody_else(story: Story, sender: str, to: str, reader: str) -> None:
    story.joins("eve", "joined_waiting_room")
    said = story.writes(sender, to)
    assert story.broken() == []
    story.tells(said, reader)
    assert story.broken() == ["waiting-chat.private"]


@pytest.mark.parametrize("to", ["ben", "hosts"])
def test_a_line_that_was_said_to_others(story: Story, to: str) -> None:
    story.joins("eve")
    said = story.chats("ann", "not for all", to)
    assert story.broken() == []
    story.tells(said, "eve")
    assert story.broken() == ["roles.no-escalation"]


def test_what_only_hosts_are_told(story: Story) -> None:
    story.tells(story.told_origin("ben"), "ann")
    assert story.broken() == ["roles.no-escalation"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda view: view["meeting"].update(settings={}),
        lambda view: view["participants"][0].update(country="US"),
    ],
)
def test_a_picture_with_the_hosts_part(story: Story, spoil: Any) -> None:
    story.sees("ann", spoil)
    assert story.broken() == ["roles.no-escalation"]


def test_a_command_of_hosts(story: Story) -> None:
    story.does("host", "lock")
    assert story.broken() == []
    story.does("ann", "lock")
    assert story.broken() == ["roles.no-escalation"]


def test_somebody_who_was_made_cohost_is_a_host(story: Story) -> None:
    story.does("host", "make_cohost", "role_changed", participant="ann", role="cohost", by="host", but="ann")
    story.does("ann", "lock")
    assert story.broken() == []


@pytest.mark.parametrize("what", ["event", "media", "picture"])
def test_something_comes_after_the_end(story: Story, what: str) -> None:
    story.on("ann")
    story.ends()
    if what == "event":
        story.happens_to("reacted", participant="ann", kind_="wave", hears=["ben"])
    elif what == "media":
        story.media("ann", "audio", "ben")
    else:
        story.sees("ben")
    assert story.broken() == ["ended.silent"]


def test_an_event_that_names_the_reporter(story: Story) -> None:
    story.happens_to("annotated", participant="ann", reporter="p0001")
    assert story.broken() == ["reporter.never-revealed"]


def test_the_host_is_refused() -> None:
    story = Unseen(views=("client",))
    story.refused("host", "locked")
    assert story.broken() == ["host.never-locked-out"]


def test_what_is_answered_twice(story: Story) -> None:
    sent = story.sends(story.now(), "ann", "unlock")
    for _ in range(2):
        story.answered(sent, error={"code": "not_host"})
    assert story.broken() == ["command.once"]
