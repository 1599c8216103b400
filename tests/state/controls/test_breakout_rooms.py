"""Breakout rooms: who opens and closes them, who moves whom, and what does not follow from room to room."""

from __future__ import annotations

import pytest

from meetingsim.state.control import Command
from meetingsim.state.controls.allow import Allow
from meetingsim.state.controls.audio_video import SetAudio
from meetingsim.state.controls.breakout_rooms import (
    MOST_ROOMS,
    CloseBreakoutRooms,
    JoinBreakoutRoom,
    LeaveBreakoutRoom,
    OpenBreakoutRooms,
    RoomPlan,
)
from meetingsim.state.controls.chat import Chat
from meetingsim.state.controls.cohost import RevokeCohost
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.controls.remove import Remove
from meetingsim.state.controls.share import StartShare
from meetingsim.state.controls.suspend import Suspend
from meetingsim.state.settings import Activity
from tests.state.room import Room, room


def opened(*plans: RoomPlan) -> Room:
    """Rooms one and two, Mia and Noah in the first unless the plans say otherwise."""
    here = room()
    rooms = plans or (RoomPlan("one", (here.mia, here.noah)), RoomPlan("two"))
    assert here.says(here.host, OpenBreakoutRooms(rooms)).code is None
    return here


def test_rooms_open_and_those_named_are_there_at_once_with_one_reason_for_all() -> None:
    here = room()
    done = here.says(here.cohost, OpenBreakoutRooms((RoomPlan("one", (here.mia,)), RoomPlan("two", (here.host,)))))
    assert done.types == ["breakout_rooms_opened", "room_changed", "room_changed"]
    assert here.sim.meeting.rooms == ("one", "two")
    assert [here.person(one).room for one in (here.mia, here.host, here.noah)] == ["one", "two", None]
    assert {event.by for event in done.events} == {here.cohost}
    assert [row.because for row in done.rows] == [
        {"rule": "open_breakout_rooms", "door": "socket", "asked_by": here.cohost}
    ] * 3
    picture = here.sim.pictures[here.noah]
    assert picture["meeting"]["rooms"] == ["one", "two"]
    assert [row.get("room") for row in picture["participants"]] == ["two", None, "one", None]


def test_rooms_may_be_opened_beside_those_that_are_open() -> None:
    here = opened()
    assert here.says(here.host, OpenBreakoutRooms((RoomPlan("three", (here.mia,)),))).code is None
    assert here.sim.meeting.rooms == ("one", "two", "three")
    assert here.person(here.mia).room == "three"


def test_a_room_is_its_name_as_it_is_shown_and_has_it_alone() -> None:
    here = opened(RoomPlan("ｏｎｅ\u200b"))
    assert here.sim.meeting.rooms == ("one",)
    assert here.says(here.host, OpenBreakoutRooms((RoomPlan(" one "),))).code == "conflict"
    assert here.says(here.host, OpenBreakoutRooms((RoomPlan("two"), RoomPlan("two")))).code == "conflict"
    assert here.says(here.host, OpenBreakoutRooms((RoomPlan("\u200b"),))).code == "name_required"
    assert here.sim.meeting.rooms == ("one",)


def test_how_many_rooms_there_may_be() -> None:
    here = room()
    plans = tuple(RoomPlan(f"room {number}") for number in range(MOST_ROOMS))
    assert here.says(here.host, OpenBreakoutRooms(())).code == "malformed"
    assert here.says(here.host, OpenBreakoutRooms((*plans, RoomPlan("one more")))).code == "malformed"
    assert here.says(here.host, OpenBreakoutRooms(plans)).code is None
    assert here.says(here.host, OpenBreakoutRooms((RoomPlan("one more"),))).code == "conflict"
    assert MOST_ROOMS == 50


def test_a_plan_that_cannot_be_followed_moves_nobody() -> None:
    here = room()
    gone = here.noah
    here.says(gone, Leave())
    twice = OpenBreakoutRooms((RoomPlan("one", (here.mia,)), RoomPlan("two", (here.mia,))))
    for plan, code in (
        (twice, "conflict"),
        (OpenBreakoutRooms((RoomPlan("one", (here.mia, gone)),)), "not_inside"),
        (OpenBreakoutRooms((RoomPlan("one", (here.mia, "nobody")),)), "no_such_participant"),
    ):
        assert here.says(here.host, plan).code == code
    assert (here.sim.meeting.rooms, here.person(here.mia).room) == ((), None)


@pytest.mark.parametrize(
    "command",
    [OpenBreakoutRooms((RoomPlan("three"),)), CloseBreakoutRooms(), JoinBreakoutRoom("two", "noah")],
    ids=lambda command: str(command.type),
)
def test_participants_have_no_say_over_rooms_and_others(command: Command) -> None:
    here = opened()
    said = JoinBreakoutRoom("two", here.noah) if isinstance(command, JoinBreakoutRoom) else command
    assert here.says(here.mia, said).code == "not_host"
    assert here.says(here.mia, LeaveBreakoutRoom(here.noah)).code == "not_host"
    assert here.person(here.noah).room == "one"


def test_everybody_moves_themselves_and_hosts_move_anybody() -> None:
    here = opened()
    moved = here.says(here.mia, JoinBreakoutRoom("two"))
    assert (moved.types, moved.reason["rule"], moved.events[0].by) == (["room_changed"], "join_breakout_room", here.mia)
    assert here.says(here.mia, JoinBreakoutRoom("two", here.mia)).types == [], "there already"
    assert here.says(here.cohost, JoinBreakoutRoom("two", here.noah)).events[0].by == here.cohost
    back = here.says(here.mia, LeaveBreakoutRoom())
    assert (back.types, back.reason["rule"], back.events[0].room) == (["room_changed"], "leave_breakout_room", None)
    assert here.says(here.mia, LeaveBreakoutRoom()).types == []
    assert here.says(here.host, LeaveBreakoutRoom(here.noah)).types == ["room_changed"]
    assert [here.person(one).room for one in (here.mia, here.noah)] == [None, None]
    assert here.says(here.host, JoinBreakoutRoom("one")).types == ["room_changed"], "hosts move themselves, too"


def test_there_is_no_way_into_a_room_that_is_not_open() -> None:
    here = opened()
    assert here.says(here.mia, JoinBreakoutRoom("three")).code == "conflict"
    assert here.says(here.host, JoinBreakoutRoom("three", here.mia)).code == "conflict"
    here.says(here.host, PutInWaitingRoom(here.noah))
    assert here.says(here.noah, JoinBreakoutRoom("two")).code == "not_inside"
    assert here.says(here.host, JoinBreakoutRoom("two", here.noah)).code == "not_inside"


def test_a_token_says_whom_it_moves() -> None:
    here = opened()
    assert here.sim.http(JoinBreakoutRoom("two")).code == "malformed"
    assert here.sim.http(LeaveBreakoutRoom()).code == "malformed"
    assert here.sim.http(JoinBreakoutRoom("two", here.mia)).events[0].by == "host"
    assert here.sim.http(LeaveBreakoutRoom(here.mia), kind="admin").events[0].by == "admin"


def test_closing_brings_everybody_back_and_closes_once() -> None:
    here = opened()
    here.sim.drop(here.noah)
    here.says(here.mia, StartShare())
    done = here.says(here.cohost, CloseBreakoutRooms())
    assert (done.types, done.reason["rule"]) == (["breakout_rooms_closed"], "close_breakout_rooms")
    assert here.sim.meeting.rooms == ()
    assert [here.person(one).room for one in (here.mia, here.noah)] == [None, None]
    assert here.person(here.mia).share is False, "a share does not move along"
    assert here.sim.pictures[here.host]["meeting"]["rooms"] == []
    assert not any("room" in row for row in here.sim.pictures[here.host]["participants"])
    assert here.says(here.cohost, CloseBreakoutRooms()).types == []
    here.sim.resume(here.sim.sessions[here.noah])
    assert "room" not in here.sim.pictures[here.noah]["me"]


def test_closing_leaves_alone_what_runs_in_the_main_room() -> None:
    here = opened()
    here.says(here.host, StartShare())
    before = here.person(here.host).placed
    here.says(here.cohost, CloseBreakoutRooms())
    assert (here.person(here.host).share, here.person(here.host).placed) == (True, before)


def test_sound_goes_along_and_a_share_stays_behind() -> None:
    here = opened()
    here.says(here.mia, SetAudio(True))
    here.says(here.mia, StartShare())
    here.says(here.mia, JoinBreakoutRoom("two"))
    assert (here.person(here.mia).audio, here.person(here.mia).share) == (True, False)


def test_what_was_said_elsewhere_is_not_read_after_coming() -> None:
    here = opened()
    here.says(here.host, Chat("in the main room"))
    here.says(here.noah, Chat("among us"))
    assert [line["text"] for line in here.sim.pictures[here.mia]["messages"]] == ["among us"]
    here.says(here.mia, LeaveBreakoutRoom())
    assert here.sim.pictures[here.mia]["messages"] == []
    here.says(here.host, JoinBreakoutRoom("one", here.cohost))
    assert [line["text"] for line in here.sim.pictures[here.cohost]["messages"]] == []
    here.says(here.cohost, Chat("psst", here.mia))
    assert [line["text"] for line in here.sim.pictures[here.mia]["messages"]] == ["psst"], "private lines cross rooms"


def test_roles_and_bars_are_those_of_the_meeting() -> None:
    here = opened()
    here.says(here.host, Allow(Activity.AUDIO, False, here.mia))
    here.says(here.mia, JoinBreakoutRoom("two"))
    assert here.says(here.mia, SetAudio(True)).code == "not_permitted"
    here.says(here.host, JoinBreakoutRoom("two", here.cohost))
    assert here.says(here.cohost, Remove(here.noah)).code is None, "a host of the meeting is one in every room"
    here.says(here.host, RevokeCohost(here.cohost))
    assert here.person(here.cohost).room == "two"
    assert here.says(here.cohost, Remove(here.mia)).code == "not_host"


def test_a_suspension_brings_back_everybody_late_returners_too() -> None:
    here = opened(RoomPlan("one"), RoomPlan("two"))
    for one in (here.mia, here.noah):
        here.says(one, JoinBreakoutRoom("one"))
    here.sim.drop(here.noah)
    assert here.says(here.host, Suspend()).types == ["suspended"]
    assert here.sim.meeting.rooms == ()
    assert [here.person(one).room for one in (here.mia, here.noah)] == [None, None]
    here.sim.resume(here.sim.sessions[here.noah])
    assert "room" not in here.sim.pictures[here.noah]["me"]
    assert here.says(here.noah, SetAudio(True)).code == "suspended"
    assert here.says(here.mia, JoinBreakoutRoom("one")).code == "suspended"
    assert here.says(here.mia, LeaveBreakoutRoom()).code == "suspended"
    assert here.says(here.cohost, JoinBreakoutRoom("one")).code == "conflict", "there is none, for hosts either"
    assert here.says(here.host, Suspend()).types == []


def test_rooms_opened_after_a_suspension_are_open_to_everybody_and_closed_by_the_next() -> None:
    here = room()
    here.says(here.host, Suspend())
    here.says(here.host, OpenBreakoutRooms((RoomPlan("one"),)))
    assert here.says(here.mia, JoinBreakoutRoom("one")).types == ["room_changed"]
    assert here.says(here.host, Suspend()).types == ["suspended"]
    assert (here.sim.meeting.rooms, here.person(here.mia).room) == ((), None)


def test_whoever_is_turned_out_or_gone_is_in_no_room_and_comes_back_to_the_main_one() -> None:
    here = opened()
    here.says(here.noah, Chat("among us"))
    here.says(here.host, PutInWaitingRoom(here.mia))
    here.says(here.noah, Leave())
    assert [here.person(one).room for one in (here.mia, here.noah)] == [None, None]
    assert "room" not in here.sim.pictures[here.mia]["me"]
