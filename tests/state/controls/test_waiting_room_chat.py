"""The chat across the door: who reaches whom, and who never hears it."""

from __future__ import annotations

from typing import Any

import pytest

from meetingsim.state.control import Asker
from meetingsim.state.controls.admit import Admit
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.controls.suspend import Suspend
from meetingsim.state.controls.waiting_room_chat import WaitingRoomChat
from meetingsim.state.meeting import MESSAGES_KEPT
from meetingsim.state.settings import WaitingRoom
from meetingsim.state.settings import WaitingRoomChat as Mode
from tests.state.room import Room, room, scheduled


def heard(here: Room, text: str) -> set[str]:
    """Who was sent this text as an event."""
    return {one for one, inbox in here.sim.inbox.items() if any(frame.get("text") == text for frame in inbox)}


def doorstep(**settings: Any) -> tuple[Room, str, str]:
    """A room with two people waiting."""
    here = room(waiting_room=WaitingRoom(**settings))
    return here, here.sim.enter("Zoe"), here.sim.enter("Yara")


def test_whoever_waits_reaches_the_hosts_alone() -> None:
    here, zoe, yara = doorstep()
    for number, to in enumerate((None, "hosts")):
        said = here.says(zoe, WaitingRoomChat(f"may I {number}?", to))
        assert said.types == ["waiting_room_message"]
        assert heard(here, f"may I {number}?") == {zoe, here.host, here.cohost}
    message = here.sim.inbox[here.host][-1]
    assert (message["from"], message["from_name"], message["to"]) == (zoe, "Zoe", "hosts")
    for to in ("everyone", yara, here.mia):
        assert here.says(zoe, WaitingRoomChat("hello", to)).code == "not_permitted"
    assert here.sim.pictures[yara]["waiting_messages"] == []


def test_hosts_reach_everyone_who_waits_at_that_moment_or_one() -> None:
    here, zoe, yara = doorstep()
    here.says(here.cohost, WaitingRoomChat("soon"))
    late = here.sim.enter("Xaver")
    assert heard(here, "soon") == {zoe, yara, here.host, here.cohost}
    here.says(here.host, WaitingRoomChat("you first", yara))
    assert heard(here, "you first") == {yara, here.host, here.cohost}
    assert [len(here.sim.pictures[one]["waiting_messages"]) for one in (zoe, yara, late)] == [1, 2, 0]
    here.says(here.host, WaitingRoomChat("and you", "everyone"))
    assert heard(here, "and you") == {zoe, yara, late, here.host, here.cohost}


def test_hosts_see_every_thread_after_the_admission_too_and_the_admitted_only_their_own() -> None:
    here, zoe, yara = doorstep()
    here.says(zoe, WaitingRoomChat("it is me"))
    here.says(yara, WaitingRoomChat("and me"))
    here.says(here.host, Admit(zoe))
    texts = [line["text"] for line in here.sim.pictures[here.cohost]["waiting_messages"]]
    assert texts == ["it is me", "and me"]
    assert [line["text"] for line in here.sim.pictures[zoe]["waiting_messages"]] == ["it is me"]
    here.says(here.host, WaitingRoomChat("wait"))
    assert zoe not in heard(here, "wait")


def test_who_cannot_write() -> None:
    here, zoe, _ = doorstep()
    assert here.says(here.mia, WaitingRoomChat("hello")).code == "not_host"
    assert here.says(here.host, WaitingRoomChat("hello", here.mia)).code == "not_waiting"
    assert here.says(here.host, WaitingRoomChat("hello", "nobody")).code == "no_such_participant"
    assert here.says(here.host, WaitingRoomChat(" ", zoe)).code == "malformed"
    assert here.says(zoe, WaitingRoomChat("x" * 4097)).code == "too_large"
    assert here.says(zoe, WaitingRoomChat("x" * 4096)).code is None
    here.says(here.host, Admit(zoe))
    assert here.says(zoe, WaitingRoomChat("hello")).code == "not_host"
    early = scheduled(waiting_room=WaitingRoom())
    assert early.tell(early.enter("Mia"), WaitingRoomChat("hello")).code == "not_waiting"


@pytest.mark.parametrize(
    ("mode", "from_waiting", "from_host"),
    [("two_way", None, None), ("hosts_only", "not_permitted", None), ("off", "not_permitted", "not_permitted")],
)
def test_modes(mode: Mode, from_waiting: str | None, from_host: str | None) -> None:
    here, zoe, _ = doorstep(chat=mode)
    assert here.says(zoe, WaitingRoomChat("may I?")).code == from_waiting
    assert here.says(here.host, WaitingRoomChat("soon")).code == from_host
    assert here.says(here.host, WaitingRoomChat("soon", zoe)).code == from_host


@pytest.mark.parametrize(("kind", "name"), [("host", "Host"), ("admin", "Admin")])
def test_a_token_writes_under_its_own_word(kind: Any, name: str) -> None:
    here, zoe, _ = doorstep()
    said = here.sim.run(WaitingRoomChat("soon"), Asker(kind), "http")
    assert said.code is None
    line = here.sim.pictures[zoe]["waiting_messages"][-1]
    assert (line["from"], line["from_name"]) == (kind, name)


def test_a_suspension_does_not_stop_it() -> None:
    here, zoe, _ = doorstep()
    here.says(here.host, Suspend())
    assert here.says(zoe, WaitingRoomChat("may I?")).code is None
    assert here.says(here.host, WaitingRoomChat("later", zoe)).code is None


def test_a_new_knock_has_an_empty_thread_and_whoever_is_put_back_keeps_theirs() -> None:
    here, zoe, _ = doorstep()
    here.says(zoe, WaitingRoomChat("it is me"))
    here.says(here.host, Admit(zoe))
    here.says(here.host, PutInWaitingRoom(zoe))
    assert [line["text"] for line in here.sim.pictures[zoe]["waiting_messages"]] == ["it is me"]


def test_whoever_is_reconnecting_finds_what_was_said_meanwhile() -> None:
    here, zoe, _ = doorstep()
    here.sim.drop(zoe)
    here.says(here.host, WaitingRoomChat("still there?"))
    here.sim.resume(here.sim.sessions[zoe])
    assert [line["text"] for line in here.sim.pictures[zoe]["waiting_messages"]] == ["still there?"]


def test_the_last_lines_are_kept() -> None:
    here, zoe, _ = doorstep()
    for number in range(MESSAGES_KEPT + 1):
        here.says(zoe, WaitingRoomChat(f"line {number}"))
    for one in (zoe, here.host):
        lines = here.sim.pictures[one]["waiting_messages"]
        assert (len(lines), lines[0]["text"]) == (MESSAGES_KEPT, "line 1")
    assert len(here.sim.meeting.waiting_messages) == MESSAGES_KEPT


def test_a_host_writes_under_their_name() -> None:
    here = room(waiting_room=WaitingRoom())
    zoe = here.sim.enter("Zoe")
    here.says(here.cohost, WaitingRoomChat("one moment"))
    (row,) = here.sim.pictures[zoe]["waiting_messages"]
    assert (row["from"], row["from_name"], row["to"]) == (here.cohost, "Dora", "everyone")
