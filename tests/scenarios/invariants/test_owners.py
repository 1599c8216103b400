"""What never becomes of whoever holds the host token."""

from __future__ import annotations

import pytest

from tests.scenarios.invariants.story import Story

HOST = "host.never-locked-out"
ENTRY = {"door": "socket", "country": "US", "source": "plan", "database": None, "built": None}


@pytest.fixture
def story() -> Story:
    told = Story()
    told.comes_in("host", "cohost", "ann", "ben")
    return told


@pytest.mark.parametrize(
    "code", ["locked", "region_blocked", "removed", "full", "denied", "wrong_passcode", "rate_limited"]
)
def test_the_host_is_refused(code: str) -> None:
    story = Story()
    story.refused("host", code)
    assert story.broken() == [HOST]


@pytest.mark.parametrize("code", ["ended", "name_required", "unavailable"])
def test_what_may_be_said_to_a_host(code: str) -> None:
    story = Story()
    story.refused("host", code)
    assert story.broken() == []


@pytest.mark.parametrize("kind", ["joined_waiting_room", "arrived_early"])
def test_the_host_has_to_wait(kind: str) -> None:
    story = Story()
    story.joins("host", kind, because={"rule": kind})
    assert HOST in story.broken()


def test_the_host_is_no_host_on_joining() -> None:
    story = Story()
    story.joins("host", role="participant")
    assert HOST in story.broken()


@pytest.mark.parametrize("kind", ["removed", "put_in_waiting_room", "denied"])
def test_the_host_is_turned_out(story: Story, kind: str) -> None:
    because = {**ENTRY, "rule": "remove"}
    story.happens_to(kind, quiet=True, participant="host", by="cohost", because=because)
    assert HOST in story.broken()


def test_a_resumed_host_is_not_judged_by_region() -> None:
    story = Story()
    story.comes_in("host")
    sent = story.sends(story.now(), "host", "resume", after=1, attempt=story.attempt("host"))
    story.answered(sent, error={"code": "region_blocked", "detail": "", "temporary": False})
    assert HOST in story.broken()
