"""Deleting chat lines: who may, who hears it, and that the place in the list stays."""

from __future__ import annotations

from meetingsim.state.controls.chat import Chat
from meetingsim.state.controls.delete_message import DeleteMessage
from tests.state.room import room


def test_an_author_deletes_their_own_line_and_nobody_elses() -> None:
    here = room()
    here.says(here.mia, Chat("hello"))
    (line,) = here.sim.meeting.messages["room:"]
    assert here.says(here.noah, DeleteMessage(line.message)).code == "not_host"
    assert here.says(here.mia, DeleteMessage(line.message)).types == ["message_deleted"]
    assert here.says(here.mia, DeleteMessage(line.message)).types == []
    assert here.says(here.host, DeleteMessage("m0")).code == "conflict"
