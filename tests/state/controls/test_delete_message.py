"""Deleting chat lines: who may, who hears it, and that the place in the list stays."""

from __future__ import annotations

import pytest

from meetingsim.state.controls.chat import Chat
from meetingsim.state.controls.delete_message import DeleteMessage
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.engine import hears
from tests.state.room import room


def test_an_author_deletes_their_own_line_and_nobody_elses() -> None:
    here = room()
    here.says(here.mia, Chat("hello"))
    (line,) = here.sim.meeting.messages["room:"]
    assert here.says(here.noah, DeleteMessage(line.message)).code == "not_host"
    assert here.says(here.mia, DeleteMessage(line.message)).types == ["message_deleted"]
    assert here.says(here.mia, DeleteMessage(line.message)).types == []
    assert here.says(here.host, DeleteMessage("m0")).code == "conflict"


@pytest.mark.parametrize("to", ["somebody", "hosts"])
def test_whoever_was_put_back_to_waiting_hears_nothing_of_a_deleted_line(to: str) -> None:
    here = room()
    speaker, listener = (here.mia, "hosts") if to == "hosts" else (here.host, here.mia)
    here.says(speaker, Chat("hello", listener))
    line = next(one for stream in here.sim.meeting.messages.values() for one in stream)
    here.says(here.host, PutInWaitingRoom(here.mia))
    (row,) = here.says(here.host, DeleteMessage(line.message)).rows
    assert hears(row.audience, here.person(here.host))
    assert not hears(row.audience, here.person(here.mia))


def test_whoever_left_is_in_no_audience_of_what_becomes_of_their_private_line() -> None:
    here = room()
    here.says(here.mia, Chat("psst", to=here.noah))
    here.says(here.noah, Chat("help", to="hosts"))
    lines = [line for stream in here.sim.meeting.messages.values() for line in stream]
    here.says(here.noah, Leave())
    told = {line.to: here.sim.http(DeleteMessage(line.message)).rows[0].audience for line in lines}
    assert told[here.noah].only == {here.mia}
    assert (told["hosts"].only, told["hosts"].hosts) == (frozenset(), True)
