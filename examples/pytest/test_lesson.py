"""Meetings in process: the real rules, no socket, and time that passes only where a test says so."""

import pytest

from meetingsim.clients import LockedError, RemovedError, ResumeLostError, SuspendedError, WaitTimeout
from meetingsim.testing.sync import Meeting, Simulation


@pytest.fixture
def lesson(meetingsim: Simulation) -> Meeting:
    """A meeting that anybody with the link may enter, and its teacher."""
    meeting = meetingsim.create_meeting("Class 6", settings={"waiting_room": {"enabled": False}})
    meeting.host("Teacher")
    return meeting


def test_a_suspend_stops_everybody_and_tells_everybody(lesson: Meeting) -> None:
    teacher, mia, ben = lesson.people["host"], lesson.guest("Mia"), lesson.guest("Ben")
    mia.set_video(True)
    teacher.suspend()
    with pytest.raises(SuspendedError):
        mia.set_video(True)
    assert lesson.received("suspended").keys() == {"host", "mia", "ben"}
    teacher.allow("video", True)
    mia.set_video(True)
    assert ben.frames("video_changed")[-1]["participant"] == mia.participant


def test_a_suspend_locks_the_door_too(lesson: Meeting) -> None:
    lesson.people["host"].suspend()
    with pytest.raises(LockedError):
        lesson.guest("Late")


def test_the_removed_do_not_return_by_the_same_device(lesson: Meeting) -> None:
    mallory = lesson.guest("Mallory", country="BR")
    lesson.people["host"].remove(mallory.participant)
    assert mallory.closed().meaning == "removed"
    with pytest.raises(RemovedError):
        mallory.join("Somebody else")
    replies = mallory.do({"rejoin": {"with": "new-address"}})
    assert [reply["error"]["code"] for reply in replies] == ["removed"]


def test_a_seat_is_kept_for_half_a_minute(meetingsim: Simulation, lesson: Meeting) -> None:
    mia = lesson.guest("Mia")
    mia.drop()
    meetingsim.advance(29)
    mia.reconnect()
    assert mia.place == "inside"
    mia.drop()
    meetingsim.advance("31s")
    with pytest.raises(ResumeLostError):
        mia.reconnect()


def test_a_class_of_its_own(meetingsim: Simulation, lesson: Meeting) -> None:
    for student in lesson.cast("students", 12, country={"NO": "75%", "SE": "25%"}, behavior="talker"):
        student.join()
    meetingsim.advance("2m")
    assert len(lesson.people["host"].view["participants"]) == 13
    assert len({event["from"] for event in lesson.events(types=["message"]).events}) > 5


def test_what_never_comes_is_said_with_what_came(lesson: Meeting) -> None:
    mia = lesson.guest("Mia")
    mia.chat("Good morning")
    with pytest.raises(WaitTimeout, match="the last frames of Mia"):
        mia.wait_for("suspended", timeout=5)
