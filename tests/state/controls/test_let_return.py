"""Letting somebody return who was removed: one removal less, and no other rule less."""

from __future__ import annotations

from meetingsim.state.control import Ticket
from meetingsim.state.controls.admit import Admit
from meetingsim.state.controls.let_return import LetReturn
from meetingsim.state.controls.lock import Lock
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.remove import Remove
from meetingsim.state.meeting import Place
from meetingsim.state.settings import WaitingRoom
from tests.state.room import knock, owned, room, started


def test_whoever_is_let_return_comes_through_the_door_again() -> None:
    here = room()
    here.says(here.host, Remove(here.mia))
    assert here.sim.join("Mia", device="d-Mia").code == "removed"
    sent = len(here.sim.inbox[here.noah])
    done = here.says(here.cohost, LetReturn(here.mia))
    assert (done.types, done.reason["rule"], done.events[0].by) == (["return_allowed"], "let_return", here.cohost)
    assert len(here.sim.inbox[here.noah]) == sent, "the hosts alone are told"
    assert here.sim.inbox[here.host][-1]["type"] == "return_allowed"
    again = here.sim.join("Mia", device="d-Mia")
    assert again.types == ["joined", "origin_known"]
    assert again.participant != here.mia, "the removed presence is over for good"
    assert here.person(here.mia).place is Place.REMOVED


def test_it_is_said_once_and_of_the_removed_alone() -> None:
    here = room()
    here.says(here.host, Remove(here.mia))
    assert here.says(here.noah, LetReturn(here.mia)).code == "not_host"
    here.says(here.host, LetReturn(here.mia))
    assert here.says(here.host, LetReturn(here.mia)).types == []
    assert here.says(here.host, LetReturn(here.noah)).code == "conflict"
    here.says(here.noah, Leave())
    assert here.says(here.host, LetReturn(here.noah)).code == "conflict"
    assert here.says(here.host, LetReturn("nobody")).code == "no_such_participant"


def test_every_other_rule_still_holds() -> None:
    sim = started(waiting_room=WaitingRoom())
    mia = sim.enter("Mia", device="d-1")
    sim.http(Admit(mia))
    sim.http(Remove(mia))
    sim.http(LetReturn(mia))
    assert sim.person(sim.enter("Mia", device="d-1")).place is Place.WAITING
    sim.http(Lock())
    assert sim.join("Mia", device="d-1").code == "locked"


def test_the_session_stays_void() -> None:
    here = room()
    session = here.sim.sessions[here.mia]
    here.says(here.host, Remove(here.mia))
    here.says(here.host, LetReturn(here.mia))
    assert here.sim.resume(session).code == "removed"


def test_a_void_ticket_is_not_given_back_and_another_one_opens() -> None:
    sim = owned()
    first = knock(sim, "Cleo", ticket=Ticket("t-1"), device="d-1").participant
    assert first is not None
    sim.http(Remove(first))
    assert knock(sim, "Cleo", ticket=Ticket("t-1"), device="d-2").code == "removed"
    sim.http(LetReturn(first))
    sim.http(Lock())
    assert knock(sim, "Cleo", ticket=Ticket("t-1"), device="d-2").code == "ticket_invalid", "before the lock is asked"
    assert knock(sim, "Cleo", ticket=Ticket("t-2"), device="d-1").code == "locked"


def test_a_removal_of_somebody_else_still_holds() -> None:
    here = room()
    for one in (here.mia, here.noah):
        here.says(here.host, Remove(one))
    here.says(here.host, LetReturn(here.mia))
    assert here.sim.join("Noah", device="d-Noah").code == "removed"
    assert here.sim.join("Mia", device="d-Mia").code is None
