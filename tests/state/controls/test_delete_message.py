"""Deleting chat lines: who may, who hears it, and that the place in the list stays."""

from __future__ import annotations

from meetingsim.state.controls.chat import Chat
from meetingsim.state.controls.delete_message import DeleteMessage
from meetingsim.state.controls.presence import Leave
from tests.state.room import room


def test_an_author_deletes_their_own_line_and_nobody_elses() -> None:
    here = room()
    here.says(here.mia, Chat("hello"))
    (line,) = here.sim.meeting.messages["room:"]
    assert here.says(here.noah, DeleteMessage(line.message)).code == "not_host"
    assert here.says(here.mia, DeleteMessage(line.message)).types == ["message_deleted"]
    assert here.says(here.mia, DeleteMessage(line.message)).types == []
    assert here.says(here.host, DeleteMessage("m0")).code == "conflict"


def test_whoever_left_is_in_no_audience_of_what_becomes_of_their_private_line() -> None:
    here = room()
    here.says(here.mia, Chat("psst", to=here.noah))
    here.says(here.noah, Chat("help", to="hosts"))
    lines = [line for stream in here.sim.meeting.messages.values() for line in stream]
    here.says(here.noah, Leave())
    told = {line.to: here.sim.http(DeleteMessage(line.message)).rows[0].audience for line in lines}
    assert told[here.noah].only == {here.mia}
    assert (told["hosts"].only, told["hosts"].hosts) == (frozenset(), True)
