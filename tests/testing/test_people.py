"""Whoever comes does what a client could, through the real door, and everybody has heard of it when a call returns."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from meetingsim.clients import (
    ConnectionClosed,
    DeniedError,
    LockedError,
    RegionBlockedError,
    RemovedError,
    ResumeLostError,
    SuspendedError,
    WaitTimeout,
    WrongPasscodeError,
)
from meetingsim.clients.words import Chat, JoinedWaitingRoom, Media, Message, Suspended
from meetingsim.testing.sync import Meeting, Simulation
from tests.testing.conftest import OPEN


def test_the_waiting_room_is_passed_by_whoever_is_let_in(simulation: Simulation) -> None:
    meeting = simulation.create_meeting()
    teacher, mia = meeting.host("Teacher"), meeting.guest("Mia", country="BR")
    knock = teacher.wait_for(JoinedWaitingRoom)
    assert knock.event.participant == mia.participant
    assert [(row["name"], row["country"]) for row in teacher.view["waiting"]] == [("Mia", "BR")]
    assert (mia.place, mia.view["me"]["position"]) == ("waiting", 1)
    teacher.admit(mia.participant)
    assert mia.place == "inside"
    assert mia.wait_for("view")["view"]["me"]["place"] == "inside", "the first one came with the join"
    teacher.put_in_waiting_room(mia.participant)
    teacher.deny(mia.participant)
    assert (mia.place, mia.closed().code) == (None, 4004)
    mia.join()
    teacher.deny(mia.participant)
    with pytest.raises(DeniedError):
        mia.join()
    assert mia.closed().code == 4503


def test_everybody_has_heard_of_it_when_a_call_returns(meeting: Meeting) -> None:
    mia, ben = meeting.guest("Mia"), meeting.guest("Ben")
    mia.chat("Good morning")
    assert {ref: [frame["text"] for frame in frames] for ref, frames in meeting.received(Message).items()} == {
        "host": ["Good morning"],
        "mia": ["Good morning"],
        "ben": ["Good morning"],
    }
    mia.chat("Only you", to=ben.participant)
    assert set(meeting.received("message", lambda frame: frame["text"] == "Only you")) == {"mia", "ben"}
    assert meeting.received("ended") == {}


def test_signals_are_told_and_heard(meeting: Meeting) -> None:
    mia, ben = meeting.guest("Mia"), meeting.guest("Ben")
    mia.set_video(True)
    ref = mia.tell(Media("video", 1))
    assert mia.frames("reply", lambda frame: frame["ref"] == ref) == []
    assert [frame["n"] for frame in ben.frames("media")] == [1]
    mia.media("video", 2)
    assert [frame["n"] for frame in ben.frames("media")] == [1, 2]
    with pytest.raises(WaitTimeout, match="no reply to 'media' within 2 s"):
        mia.send(Media("video", 3), timeout=2)
    ben.tell(Media("video", 1))
    assert ben.frames("reply", untaken=True)[0]["error"]["code"] == "not_permitted"


def test_a_refusal_is_raised_or_returned(meeting: Meeting) -> None:
    mia = meeting.guest("Mia")
    meeting.people["host"].suspend()
    assert mia.wait_for(Suspended).event.activities
    with pytest.raises(SuspendedError):
        mia.send(Chat("Good morning"))
    assert mia.send(Chat("Good morning"), check=False).refusal
    assert mia.ask("chat", text="Good morning", check=False)["error"]["code"] == "suspended"
    assert mia.ask("dance", check=False)["error"]["code"] == "malformed"


def test_the_door_is_the_real_one(simulation: Simulation) -> None:
    meeting = simulation.create_meeting(settings={**OPEN, "region": {"mode": "deny", "countries": ["BR"]}})
    teacher = meeting.host()
    with pytest.raises(RegionBlockedError) as refused:
        meeting.guest("Mia", country="BR")
    assert refused.value.country == "BR"
    assert meeting.people["mia"].closed().code == 4501
    with pytest.raises(WrongPasscodeError):
        meeting.guest("Ben", country="NO", passcode="guess")
    with pytest.raises(ValueError, match="unknown country 'XX'"):
        meeting.guest("Nobody", country="XX")
    ben = meeting.people["ben"]
    ben.join(passcode=meeting.passcode)
    assert ben.place == "inside"
    teacher.lock()
    with pytest.raises(LockedError):
        meeting.guest("Late", country="NO")
    assert [event["code"] for event in meeting.events(types=["entry_refused"]).events] == [
        "region_blocked",
        "wrong_passcode",
        "locked",
    ]


def test_a_personal_link_says_who_somebody_is(simulation: Simulation) -> None:
    meeting = simulation.create_meeting()
    meeting.host()
    cohost = meeting.guest("Cora", role="cohost")
    assert (cohost.place, cohost.view["me"]["role"]) == ("inside", "cohost")
    ticket = meeting.create_ticket("Mia")
    mia = meeting.guest("Mia", ticket=ticket)
    assert mia.place == "waiting"
    assert meeting.events(types=["joined_waiting_room"]).events[0]["because"]["rule"] == "waiting_room"


def test_the_host_is_one_person_however_often_they_come(meeting: Meeting) -> None:
    teacher = meeting.people["host"]
    assert meeting.host("Teacher") == teacher
    assert hash(meeting.host()) == hash(teacher)
    assert len(teacher.view["participants"]) == 1


def test_names_become_references_that_nobody_has(meeting: Meeting) -> None:
    for name in ("Mia", "Mia", "  ", "host", "Ben O'Neil", "x" * 60):
        meeting.guest(name) if name.strip() else meeting.person(name)
    assert list(meeting.people) == ["host", "mia", "mia-2", "guest", "host-2", "ben-o-neil", "x" * 40]
    assert repr(meeting.people["mia"]) == "Person('mia', inside)"
    assert "mia-2" in repr(meeting)


# Coming back


def test_a_seat_is_kept_for_half_a_minute(simulation: Simulation, meeting: Meeting) -> None:
    mia = meeting.guest("Mia")
    mia.drop()
    with pytest.raises(ConnectionClosed, match="1006"):
        mia.chat("Hello?")
    simulation.advance(29.9)
    meeting.people["host"].chat("Mia, are you there?")
    mia.reconnect()
    assert mia.frames("message")[0]["text"] == "Mia, are you there?"
    mia.drop()
    simulation.advance(30.1)
    with pytest.raises(ResumeLostError):
        mia.reconnect()
    assert (mia.place, mia.closed().code) == (None, 4002)
    mia.join()
    assert mia.place == "inside"


def test_whoever_comes_anew_has_one_line_and_no_end(meeting: Meeting) -> None:
    mia = meeting.guest("Mia")
    mia.join("Mia again")
    assert (mia.place, mia.name, mia.view["me"]["name"]) == ("inside", "Mia again", "Mia again")
    with pytest.raises(WaitTimeout, match="mia was still connected after 3 s"):
        mia.closed(timeout=3)


def test_whoever_is_turned_away_keeps_the_line_they_have(meeting: Meeting) -> None:
    mia = meeting.guest("Mia")
    session = mia.session
    with pytest.raises(WrongPasscodeError):
        mia.join(passcode="guess")
    assert (mia.place, mia.session) == ("inside", session)
    mia.chat("Still here")
    assert meeting.received("message").keys() == {"host", "mia"}


def test_the_removed_are_recognised(meeting: Meeting) -> None:
    mallory = meeting.guest("Mallory", country="BR")
    meeting.people["host"].remove(mallory.participant)
    assert mallory.closed().code == 4500
    with pytest.raises(ConnectionClosed, match="removed"):
        mallory.set_audio(True)
    with pytest.raises(RemovedError):
        mallory.join("Somebody")
    (reply,) = mallory.do({"rejoin": {"with": "new-address"}})
    assert reply.refusal
    assert reply.refusal.code == "removed"
    mallory.do([{"rejoin": {"with": "new-device"}}])
    assert mallory.place == "inside"
    assert mallory.frames("view")[-1]["view"]["me"]["id"] == mallory.participant
    with pytest.raises(ValidationError):
        mallory.do("dance")


def test_whoever_leaves_is_gone(meeting: Meeting) -> None:
    mia = meeting.guest("Mia")
    mia.leave()
    assert (mia.place, mia.closed().code) == (None, 1000)
    assert [row["name"] for row in meeting.people["host"].view["participants"]] == ["Teacher"]


def test_a_crash_loses_no_meeting(simulation: Simulation, meeting: Meeting) -> None:
    mia = meeting.guest("Mia")
    meeting.crash(downtime=5)
    assert simulation.now == 5
    assert (mia.closed().code, meeting.people["host"].closed().code) == (1006, 1006)
    mia.reconnect()
    meeting.people["host"].reconnect()
    assert mia.place == "inside"


def test_nobody_acts_before_they_came(meeting: Meeting) -> None:
    mia = meeting.person("Mia")
    with pytest.raises(RuntimeError, match="mia has not joined yet"):
        mia.chat("Hello?")
    with pytest.raises(RuntimeError, match="nothing to resume"):
        mia.reconnect()
    with pytest.raises(ValueError, match="no accounts"):
        mia.join(user_token="user_1")
