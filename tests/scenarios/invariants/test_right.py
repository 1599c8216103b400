"""A server that does everything right breaks no invariant, and each is judged on something."""

from __future__ import annotations

from typing import Any

import pytest

from meetingsim.scenarios.invariants import INVARIANTS
from meetingsim.scenarios.verdicts import Verdict
from tests.scenarios.invariants.story import Story


def evidence_of(story: Story, *subjects: str) -> dict[str, Any]:
    """What the server saw, as of now."""
    who = [{"id": story.ids[one], "name": one, "country": "US"} for one in subjects]
    return {
        "seq": story._seq,
        "roster": [story.row(one) for one in story.inside],
        "waiting": [],
        "chat": [],
        "controls": {"locked": story.locked, "suspended": story.suspended, "status": story.status},
        "subjects": who,
        "origins": {one["id"]: {"country": "US", "source": "plan"} for one in who},
    }


def whole_story() -> Story:
    """Knocking, waiting, chat across the door, a suspend, the way back, a report, a removal, a vain return, the end."""
    story = Story(waiting_room={"enabled": True})
    story.joins("host")
    story.joins("ann", "joined_waiting_room")
    story.writes("ann", "hosts", "May I?")
    story.writes("host", "ann", "Who are you?")
    story.joins("ben", "joined_waiting_room")
    story.writes("host", "everyone", "One moment")
    story.admits("ann")
    story.admits("ben")
    story.chats("ann", "Hello all")
    story.chats("ann", "Just you", "ben")
    story.chats("ben", "To the hosts", "hosts")
    story.on("ben")
    story.media("ben", "audio", "host", "ann")
    story.suspends(stopped=[("ben", ["audio"])])
    story.denied("ben", "set_audio", on=True)
    story.does("ben", "react", "reacted", said={"kind": "wave"}, participant="ben", kind_="wave")
    story.on("host")
    story.media("host", "audio", "ann", "ben")
    story.allows("video", "ann")
    story.on("ann", "video")
    story.allows("audio")
    story.on("ben")
    story.media("ben", "audio", "host", "ann")
    report = story.sends(story.now(), "ann", "report", participants=[story.ids["ben"]], issue="abuse")
    row = {"report": "r1", "issue": "abuse", "subjects": [story.ids["ben"]], "source": "participant"}
    row |= {"reporter": {"id": story.ids["ann"]}, "evidence": evidence_of(story, "ben")}
    story.answered(report, report="r1")
    story.happens(story.at, "report_filed", **row)
    story.removes("ben")
    story.refused("ben", "removed")
    story.happens(story.at, "view_compared", "ann", line=2, equal=True, differs=[], faults=[])
    story.ends()
    return story


def test_a_right_server_breaks_nothing() -> None:
    checks = whole_story().checks()
    assert list(checks) == list(INVARIANTS)
    assert {name: check.said for name, check in checks.items() if check.verdict is not Verdict.PASS} == {}
    assert [name for name, check in checks.items() if not check.tested] == []


def test_the_same_frames_read_back_one_by_one_are_as_right() -> None:
    """A trace that was written and read shares no frames any more."""
    story = whole_story()
    for fact in story.trace.facts:
        if fact.fact == "received":
            fact.fields = {**fact.fields, "frame": dict(fact.fields["frame"])}
    assert story.broken() == []


def test_an_empty_run_breaks_nothing() -> None:
    assert Story().broken() == []


@pytest.mark.parametrize(
    ("views", "skipped"), [(("client",), "its journal"), (("server",), "what its clients receive")]
)
def test_what_a_target_does_not_show_is_skipped_with_the_reason(views: tuple[str, ...], skipped: str) -> None:
    story = whole_story()
    story.trace.views = frozenset(views)  # type: ignore[arg-type]
    checks = [check for check in story.checks().values() if check.verdict is Verdict.SKIPPED]
    assert checks
    assert {check.said for check in checks} == {f"the target does not show {skipped}"}
