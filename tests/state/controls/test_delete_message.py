"""Deleting chat lines: who may, who hears it, that the place in the list stays, and that evidence does."""

from __future__ import annotations

import pytest

from meetingsim.state.controls.breakout_rooms import LeaveBreakoutRoom, OpenBreakoutRooms, RoomPlan
from meetingsim.state.controls.chat import Chat
from meetingsim.state.controls.delete_message import DeleteMessage
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.controls.report import Report
from meetingsim.state.controls.suspend import Suspend
from meetingsim.state.engine import hears
from tests.driver import Outcome
from tests.state.room import Room, room


def line_of(here: Room, author: str, to: str | None = None) -> str:
    """A line that was just written."""
    written: str = here.says(author, Chat("offensive-text-1", to)).events[0].message
    return written


def told(here: Room, done: Outcome) -> set[str]:
    """Who was sent the deletion; everybody is still connected."""
    (row,) = done.rows
    return {one for one, inbox in here.sim.inbox.items() if inbox[-1].get("seq") == row.seq}


def test_an_author_deletes_their_own_line_and_nobody_elses() -> None:
    here = room()
    here.says(here.mia, Chat("hello"))
    (line,) = here.sim.meeting.messages["room:"]
    assert here.says(here.noah, DeleteMessage(line.message)).code == "not_host"
    done = here.says(here.mia, DeleteMessage(line.message))
    assert (done.types, done.events[0].by) == (["message_deleted"], here.mia)
    assert done.reason == {"rule": "delete_message", "door": "socket", "asked_by": here.mia}
    assert here.says(here.mia, DeleteMessage(line.message)).types == []
    assert here.says(here.host, DeleteMessage("m0")).code == "conflict"
    assert here.says(here.mia, DeleteMessage("m0")).code == "not_host", "who may not is not told what there is"


def test_the_place_in_the_list_stays_and_the_others_are_untouched() -> None:
    here = room()
    before, gone, after = line_of(here, here.mia), line_of(here, here.noah), line_of(here, here.host, here.noah)
    assert told(here, here.says(here.cohost, DeleteMessage(gone))) == {here.host, here.cohost, here.mia, here.noah}
    rows = here.sim.pictures[here.noah]["messages"]
    assert [(row["message"], row["text"], row.get("deleted")) for row in rows] == [
        (before, "offensive-text-1", None),
        (gone, "", True),
        (after, "offensive-text-1", None),
    ]


@pytest.mark.parametrize("asker", ["host", "cohost"])
def test_hosts_delete_what_they_were_told_and_no_private_line_of_others(asker: str) -> None:
    here = room()
    who = here.host if asker == "host" else here.cohost
    private, own = line_of(here, here.mia, here.noah), line_of(here, here.mia, who)
    assert here.says(who, DeleteMessage(private)).code == "conflict"
    assert told(here, here.says(who, DeleteMessage(own))) == {who, here.mia}
    assert told(here, here.says(here.mia, DeleteMessage(private))) == {here.mia, here.noah}


def test_a_line_to_the_hosts_is_gone_for_them_and_its_author() -> None:
    here = room()
    line = line_of(here, here.mia, "hosts")
    assert told(here, here.says(here.cohost, DeleteMessage(line))) == {here.host, here.cohost, here.mia}


def test_a_token_deletes_any_line() -> None:
    here = room()
    done = here.sim.http(DeleteMessage(line_of(here, here.mia, here.noah)), kind="admin")
    assert (done.events[0].by, told(here, done)) == ("admin", {here.mia, here.noah})


def test_people_outside_delete_nothing() -> None:
    here = room()
    line = line_of(here, here.mia)
    here.says(here.host, PutInWaitingRoom(here.mia))
    assert here.says(here.mia, DeleteMessage(line)).code == "not_inside"


def test_an_author_elsewhere_is_told_and_nobody_else_out_of_the_room() -> None:
    here = room()
    here.says(here.host, OpenBreakoutRooms((RoomPlan("one", (here.mia, here.noah)),)))
    line = line_of(here, here.mia)
    here.says(here.mia, LeaveBreakoutRoom())
    assert told(here, here.says(here.mia, DeleteMessage(line))) == {here.mia, here.noah}
    assert here.sim.pictures[here.mia]["messages"][0]["text"] == ""


@pytest.mark.parametrize("to", ["hosts", "noah"])
def test_whoever_is_not_inside_any_more_hears_no_deletion(to: str) -> None:
    here = room()
    line = line_of(here, here.mia, here.noah if to == "noah" else to)
    here.says(here.host, PutInWaitingRoom(here.mia))
    (row,) = here.sim.http(DeleteMessage(line)).rows
    heard = {one.id for one in here.sim.meeting.people.values() if hears(row.audience, one)}
    assert heard == ({here.noah} if to == "noah" else {here.host, here.cohost})


def test_one_may_delete_ones_own_while_chat_is_suspended() -> None:
    here = room()
    line = line_of(here, here.mia)
    here.says(here.host, Suspend())
    assert here.says(here.mia, DeleteMessage(line)).types == ["message_deleted"]


def test_whoever_deletes_and_leaves_does_not_choose_what_a_report_can_show() -> None:
    here = room()
    line = line_of(here, here.mia)
    here.says(here.mia, DeleteMessage(line))
    here.says(here.mia, Leave())
    (filing,) = here.says(here.noah, Report((here.mia,), "abuse")).filings
    (row,) = filing.document["evidence"]["chat"]
    assert (row["text"], row["deleted"]) == ("offensive-text-1", True)
    assert here.sim.pictures[here.noah]["messages"][0]["text"] == "", "nobody in the meeting reads it"


def test_whoever_left_is_in_no_audience_of_what_becomes_of_their_private_line() -> None:
    here = room()
    private, to_hosts = line_of(here, here.mia, here.noah), line_of(here, here.noah, "hosts")
    here.says(here.noah, Leave())
    assert told(here, here.sim.http(DeleteMessage(private))) == {here.mia}
    (row,) = here.sim.http(DeleteMessage(to_hosts)).rows
    assert (row.audience.only, row.audience.hosts) == (frozenset(), True)
