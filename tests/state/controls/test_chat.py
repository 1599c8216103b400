"""The meeting's chat: who hears a line, who may write it, and what a view keeps."""

from __future__ import annotations

import pytest

from meetingsim.state.controls.admit import Admit
from meetingsim.state.controls.breakout_rooms import OpenBreakoutRooms, RoomPlan
from meetingsim.state.controls.chat import Chat, Message, stream_of
from meetingsim.state.controls.cohost import MakeCohost, RevokeCohost
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.meeting import MESSAGES_KEPT
from tests.state.room import Room, room


def heard(here: Room, text: str) -> set[str]:
    """Who was sent this text as an event."""
    return {one for one, inbox in here.sim.inbox.items() if any(frame.get("text") == text for frame in inbox)}


def lines(here: Room, who: str) -> list[str]:
    """The texts in somebody's picture."""
    return [line["text"] for line in here.sim.pictures[who]["messages"]]


def test_a_line_is_heard_by_whom_it_is_for() -> None:
    here = room()
    everybody = {here.host, here.cohost, here.mia, here.noah}
    for text, to, audience in (
        ("to all", None, everybody),
        ("to all again", "everyone", everybody),
        ("to hosts", "hosts", {here.mia, here.host, here.cohost}),
        ("to Noah", here.noah, {here.mia, here.noah}),
        ("to Dora", here.cohost, {here.mia, here.cohost}),
        ("to myself", here.mia, {here.mia}),
    ):
        said = here.says(here.mia, Chat(text, to))
        assert (said.code, heard(here, text)) == (None, audience)
        frame = here.sim.inbox[here.mia][-1]
        assert (frame["from"], frame["to"], frame["text"]) == (here.mia, to or "everyone", text)
    assert len({line["message"] for line in here.sim.pictures[here.mia]["messages"]}) == 6


def test_who_cannot_write_and_to_whom() -> None:
    here = room()
    assert here.says(here.mia, Chat("hello", "nobody")).code == "no_such_participant"
    here.says(here.noah, Leave())
    assert here.says(here.mia, Chat("hello", here.noah)).code == "not_inside"
    assert here.says(here.noah, Chat("hello")).code == "not_inside"
    for text, code in ((" ", "malformed"), ("", "malformed"), ("x" * 4097, "too_large"), ("x" * 4096, None)):
        assert here.says(here.mia, Chat(text)).code == code
    here.says(here.host, PutInWaitingRoom(here.mia))
    assert here.says(here.mia, Chat("hello")).code == "not_inside"


def test_a_view_has_what_was_said_since_the_admission() -> None:
    here = room()
    here.says(here.mia, Chat("before"))
    zoe = here.sim.enter("Zoe", ticket="t-1")
    here.says(here.mia, Chat("after"))
    assert lines(here, zoe) == ["after"]
    here.sim.drop(zoe)
    here.says(here.mia, Chat("meanwhile"))
    here.sim.resume(here.sim.sessions[zoe])
    assert lines(here, zoe) == ["after", "meanwhile"]
    here.says(here.host, PutInWaitingRoom(zoe))
    here.says(here.host, Admit(zoe))
    assert lines(here, zoe) == []


def test_the_hosts_lines_come_and_go_with_the_role() -> None:
    here = room()
    here.says(here.noah, Chat("to hosts", "hosts"))
    here.says(here.noah, Chat("to Dora", here.cohost))
    here.says(here.host, MakeCohost(here.mia))
    assert lines(here, here.mia) == ["to hosts"]
    here.says(here.host, RevokeCohost(here.mia))
    assert lines(here, here.mia) == []
    assert lines(here, here.noah) == ["to hosts", "to Dora"]


def test_each_stream_keeps_its_own_lines() -> None:
    def stream(from_: str, to: str, where: str | None = None) -> str:
        return stream_of(Message("m1", from_, to, "hello", where))

    assert stream("p1", "everyone") == stream("p2", "everyone")
    assert stream("p1", "p2") == stream("p2", "p1")
    apart = [
        stream("p1", "everyone"),
        stream("p1", "everyone", "A"),
        stream("p1", "everyone", "B"),
        stream("p1", "hosts"),
        stream("p2", "hosts"),
        stream("p1", "p2"),
        stream("p1", "p3"),
    ]
    assert len(set(apart)) == len(apart)


@pytest.mark.parametrize("flood", [None, "hosts", "private"])
def test_the_last_lines_are_kept_and_nobody_loses_them_to_what_they_did_not_hear(flood: str | None) -> None:
    here = room()
    here.says(here.mia, Chat("to all"))
    to = here.cohost if flood == "private" else flood
    for number in range(MESSAGES_KEPT + 1):
        here.says(here.host, Chat(f"line {number}", to))
    assert len(lines(here, here.cohost)) == MESSAGES_KEPT
    assert lines(here, here.cohost)[-1] == f"line {MESSAGES_KEPT}"
    assert lines(here, here.mia)[0] == ("line 1" if flood is None else "to all")
    again = here.sim.join("Prof. Ito", host=True)
    assert again.participant == here.host
    assert lines(here, here.host) == [f"line {number}" for number in range(1, MESSAGES_KEPT + 1)]
    assert max(len(stream) for stream in here.sim.meeting.messages.values()) == MESSAGES_KEPT


def test_a_line_to_the_hosts_was_said_in_no_room() -> None:
    here = room()
    here.says(here.host, OpenBreakoutRooms((RoomPlan("one", (here.mia,)),)))
    for to, said_in in (("hosts", None), (here.noah, None), (None, "one")):
        (event,) = here.says(here.mia, Chat("hello", to)).events
        assert event.room == said_in
    rows = here.sim.pictures[here.mia]["messages"]
    assert [row.get("room") for row in rows] == [None, None, "one"]
