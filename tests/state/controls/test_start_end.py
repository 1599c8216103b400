"""Starting and ending, and that nothing happens after the end."""

from __future__ import annotations

import pytest

from meetingsim.state.control import Asker, Command
from meetingsim.state.controls import TABLE
from meetingsim.state.controls.admit import Admit
from meetingsim.state.controls.create import Create
from meetingsim.state.controls.lock import Lock, Unlock
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.remove import Remove
from meetingsim.state.controls.report import ReportAfterwards
from meetingsim.state.controls.start_end import End, Start
from meetingsim.state.meeting import Place
from meetingsim.state.settings import WaitingRoom
from tests.driver import HTTP_HOST
from tests.state.room import room, scheduled
from tests.state.samples import sample


def test_a_token_starts_a_meeting_without_a_joined_host() -> None:
    sim = scheduled(join_before_host=True)
    mia = sim.enter("Mia")
    assert sim.tell(mia, Start()).code == "not_host"
    started = sim.http(Start())
    assert (started.types, started.events[0].by) == (["started"], "host")
    assert sim.pictures[mia]["meeting"]["status"] == "started"
    again = sim.http(Start())
    assert (again.code, again.types) == (None, [])


def test_the_end_is_told_to_those_inside_and_closes_everybody() -> None:
    here = room(waiting_room=WaitingRoom())
    waiting = here.sim.enter("Zoe")
    here.sim.drop(here.noah)
    picture = here.sim.pictures[here.mia]
    ended = here.says(here.host, End())
    assert picture["meeting"]["status"] == "ended", "the last thing they see"
    assert ended.types == ["ended"]
    assert ended.reason == {"rule": "end", "door": "socket", "asked_by": here.host}
    close = {"type": "close", "code": 4502}
    assert [frame["type"] for frame in here.sim.inbox[here.mia][-2:]] == ["ended", "close"]
    assert here.sim.inbox[here.mia][-1] == here.sim.inbox[waiting][-1] == close
    assert here.sim.inbox[waiting][-2]["type"] == "view", "whoever waits is told nothing but the close"
    assert here.sim.pictures == {}
    assert {one.place for one in here.sim.meeting.people.values()} == {Place.LEFT}
    assert (here.sim.meeting.queue, here.sim.meeting.count_inside()) == ((), 0)


def test_who_may_end_it_and_that_it_ends_once() -> None:
    here = room()
    assert here.says(here.cohost, End()).code == "not_host"
    assert here.sim.http(End(), kind="admin").events[0].by == "admin"
    again = here.sim.http(End())
    assert (again.code, again.types) == (None, [])
    assert here.says(here.host, End()).code == "ended"
    assert here.sim.http(Start()).code == "ended"


def test_the_removed_stay_removed_and_early_ones_are_closed() -> None:
    sim = scheduled()
    early, removed = sim.enter("Mia"), sim.enter("Mallory", device="d-1")
    sim.http(Remove(removed))
    sim.http(End())
    assert (sim.person(early).place, sim.person(removed).place) == (Place.LEFT, Place.REMOVED)
    assert sim.inbox[early][-1] == {"type": "close", "code": 4502}


ACCEPTED = {"drop", "time_passed", "restarted"}
COMMANDS = [sample(control.command) for control in TABLE if control.command not in {Create, ReportAfterwards}]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one.type)
def test_after_the_end_every_control_is_refused_and_nothing_is_written(command: Command) -> None:
    here = room()
    here.says(here.host, End())
    seq = here.sim.meeting.seq
    for asker in (HTTP_HOST, Asker("person", here.mia)):
        code = here.sim.run(command, asker).code
        assert here.sim.meeting.seq == seq
        if command.type not in ACCEPTED and not (command == End() and asker is HTTP_HOST):
            assert code == "ended"


def test_locking_once_and_unlocking_once() -> None:
    here = room(waiting_room=WaitingRoom())
    waiting = here.sim.enter("Zoe")
    assert here.says(here.mia, Lock()).code == "not_host"
    locked = here.says(here.cohost, Lock())
    assert (locked.types, locked.reason) == (
        ["locked"],
        {"rule": "lock", "door": "socket", "asked_by": here.cohost},
    )
    assert here.says(here.cohost, Lock()).types == []
    assert here.sim.join("Late").code == "locked"
    assert here.sim.meeting.count_inside() == 4
    assert here.says(here.host, Admit(waiting)).types == ["admitted"]
    assert here.sim.pictures[here.mia]["meeting"]["locked"] is True
    unlocked = here.sim.http(Unlock())
    assert (unlocked.types, unlocked.reason["asked_by"]) == (["unlocked"], "host")
    assert here.sim.http(Unlock()).types == []
    assert here.sim.join("Late").code is None
    here.says(here.cohost, Leave())
    assert here.says(here.cohost, Lock()).code == "not_inside"


def test_a_start_over_http_takes_no_seat() -> None:
    sim = scheduled(capacity=1)
    mia = sim.enter("Mia")
    sim.http(Start())
    assert sim.person(mia).place is Place.INSIDE


def test_the_end_has_a_time() -> None:
    here = room()
    assert here.sim.meeting.ended_at is None
    here.sim.now += 5
    here.says(here.host, End())
    assert here.sim.meeting.ended_at == here.sim.now
