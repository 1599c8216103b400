"""Handing the meeting over: there is one host, and the meeting stays its owner's."""

from __future__ import annotations

from meetingsim.state.control import Asker
from meetingsim.state.controls.admit import Admit
from meetingsim.state.controls.audio_video import Mute, MuteAll, SetAudio
from meetingsim.state.controls.cohost import MakeCohost, RevokeCohost
from meetingsim.state.controls.make_host import MakeHost
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.controls.remove import Remove
from meetingsim.state.controls.start_end import End
from meetingsim.state.meeting import Role
from tests.state.room import Room, room, started


def roles(here: Room) -> list[str]:
    """Of host, cohost, Mia and Noah, as they were at the beginning."""
    return [here.person(one).role.value for one in (here.host, here.cohost, here.mia, here.noah)]


def test_there_is_one_host_and_the_one_before_becomes_cohost() -> None:
    here = room()
    done = here.says(here.host, MakeHost(here.mia))
    assert done.types == ["role_changed", "role_changed"]
    assert done.reasons("role_changed") == [{"rule": "make_host", "door": "socket", "asked_by": here.host}] * 2
    assert {event.by for event in done.events} == {here.host}
    assert roles(here) == ["cohost", "cohost", "host", "participant"]
    assert here.says(here.mia, MakeHost(here.mia)).types == []
    assert here.says(here.host, MakeHost(here.noah)).code == "not_host"
    assert here.says(here.mia, MakeHost(here.noah)).code is None, "the new host may hand it on"
    assert roles(here) == ["cohost", "cohost", "cohost", "host"]


def test_who_cannot_hand_the_meeting_over_and_to_whom() -> None:
    here = room()
    for asker in (here.cohost, here.mia):
        assert here.says(asker, MakeHost(asker)).code == "not_host"
    here.says(here.noah, Leave())
    assert here.says(here.host, MakeHost(here.noah)).code == "not_inside"
    assert here.says(here.host, MakeHost("nobody")).code == "no_such_participant"
    here.says(here.host, PutInWaitingRoom(here.mia))
    assert here.says(here.host, MakeHost(here.mia)).code == "not_inside"


def test_a_token_makes_a_host_where_there_is_none() -> None:
    sim = started()
    mia = sim.enter("Mia")
    done = sim.http(MakeHost(mia))
    assert (done.types, done.events[0].by) == (["role_changed"], "host")
    assert sim.person(mia).role is Role.HOST


def test_one_who_dropped_is_host_when_they_are_back() -> None:
    here = room()
    here.sim.drop(here.mia)
    here.says(here.host, MakeHost(here.mia))
    here.sim.resume(here.sim.sessions[here.mia])
    assert here.sim.pictures[here.mia]["me"]["role"] == "host"
    assert "settings" in here.sim.pictures[here.mia]["meeting"]


def test_the_meeting_can_be_given_back_to_its_owner_and_by_nobody_else() -> None:
    here = room()
    here.says(here.host, MakeHost(here.mia))
    assert here.says(here.cohost, MakeHost(here.host)).code == "not_host"
    assert here.says(here.mia, MakeHost(here.host)).code is None
    assert roles(here) == ["host", "cohost", "cohost", "participant"]


def test_the_owner_is_host_again_on_joining_and_the_other_becomes_cohost() -> None:
    here = room()
    here.says(here.host, MakeHost(here.mia))
    done = here.sim.join("Prof. Ito", host=True)
    assert done.types[-2:] == ["role_changed", "role_changed"]
    assert [(row["rule"], row["asked_by"]) for row in done.reasons("role_changed")] == [("host", here.host)] * 2
    assert roles(here) == ["host", "cohost", "cohost", "participant"]
    here.says(here.host, RevokeCohost(here.mia))
    assert here.person(here.mia).role is Role.PARTICIPANT, "what they were before they were host"


def test_an_owner_who_left_is_host_again_too() -> None:
    here = room()
    here.says(here.host, MakeHost(here.mia))
    here.says(here.host, Leave())
    here.sim.join("Prof. Ito", host=True)
    assert roles(here) == ["host", "cohost", "cohost", "participant"]


def test_a_host_who_left_meanwhile_is_no_news_when_the_owner_is_back() -> None:
    here = room()
    here.says(here.host, MakeHost(here.mia))
    here.says(here.mia, Leave())
    done = here.sim.join("Prof. Ito", host=True)
    assert [event.participant for event in done.events if event.type == "role_changed"] == [here.host]
    assert [row["role"] for row in here.sim.pictures[here.noah]["participants"]] == ["host", "cohost", "participant"]


def test_an_owner_in_another_role_stays_out_of_reach() -> None:
    here = room()
    here.says(here.host, SetAudio(True))
    here.says(here.host, MakeHost(here.mia))
    for control in (Remove, PutInWaitingRoom, Mute, RevokeCohost):
        assert here.says(here.mia, control(here.host)).code == "protected", control
    assert here.says(here.mia, MuteAll()).types == []
    assert here.person(here.host).audio is True
    assert here.sim.http(End()).code is None, "the token that owns the meeting is above every role"


def test_a_token_stands_where_the_host_does_while_its_holder_is_a_cohost() -> None:
    here = room()
    here.says(here.host, MakeHost(here.mia))
    assert here.says(here.host, PutInWaitingRoom(here.cohost)).code == "protected"
    over_http = here.sim.run(PutInWaitingRoom(here.cohost), Asker("host", here.host), "http")
    assert over_http.types == ["put_in_waiting_room"]


def test_the_host_is_made_no_cohost_and_a_host_made_is_protected() -> None:
    here = room()
    here.says(here.host, MakeHost(here.mia))
    assert here.says(here.mia, MakeCohost(here.mia)).code == "protected"
    assert here.says(here.mia, RevokeCohost(here.mia)).code == "protected"
    assert here.says(here.cohost, Remove(here.mia)).code == "protected"
    assert here.says(here.mia, RevokeCohost(here.cohost)).code is None


def test_whoever_was_host_comes_again_as_anybody() -> None:
    here = room()
    here.says(here.host, MakeHost(here.mia))
    here.says(here.mia, Leave())
    again = here.sim.enter("Mia", device="d-Mia")
    assert here.person(again).role is Role.PARTICIPANT
    assert here.says(here.cohost, Admit(again)).types == [], "inside, and with no rank"
    assert here.says(here.cohost, Remove(again)).code is None
