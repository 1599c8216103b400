"""Tickets: who one is by them, that one for one person serves one device, and what a removal does to them."""

from __future__ import annotations

import pytest

from meetingsim.state.control import Ticket, User
from meetingsim.state.controls.admit import Admit
from meetingsim.state.controls.cohost import RevokeCohost
from meetingsim.state.controls.deny import Deny
from meetingsim.state.controls.lock import Lock, Unlock
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.controls.remove import Remove
from meetingsim.state.entry_events import TicketFlagged
from meetingsim.state.identity import removed_invitation
from meetingsim.state.meeting import Keys, Place, Role
from meetingsim.state.settings import MatchKey, RegionRule, Removal, WaitingRoom
from tests.driver import PASSCODE
from tests.state.room import came_in, knock, owned, scheduled

FOR_ONE = Ticket("t-1", single_use=True)
WAITS = {"waiting_room": WaitingRoom()}


def test_a_ticket_is_a_credential_and_says_the_role() -> None:
    sim = owned()
    for role in (Role.PARTICIPANT, Role.COHOST, Role.PANELIST, Role.ATTENDEE):
        done = knock(sim, role.value, ticket=Ticket(f"t-{role}", role))
        assert done.reasons("joined")[0]["rule"] == "ticket"
        assert sim.person(str(done.participant)).role is role
    assert knock(sim, "Mia").code == "wrong_passcode"


def test_the_same_ticket_is_the_same_person_whatever_the_device() -> None:
    sim = owned(**WAITS)
    first = came_in(sim, "Cleo", ticket=Ticket("t-1"), device="d-1")
    again = knock(sim, "Cleo at home", ticket=Ticket("t-1"), device="d-2", country="BR")
    assert (again.types, again.participant) == (["connection_replaced", "origin_known"], first.id)
    assert sim.person(first.id).place is Place.WAITING, "the place passes, and nothing more"
    assert again.reason["asked_by"] == first.id
    other = came_in(sim, "Dora", ticket=Ticket("t-2"), device="d-1")
    assert other.id != first.id, "a shared device does not make one person of two tickets"
    assert sim.person(first.id).place is Place.WAITING


def test_a_ticket_for_one_serves_the_device_that_first_came_in_with_it() -> None:
    sim = owned()
    host = sim.enter("Prof. Ito", host=True)
    first = came_in(sim, "Cleo", ticket=FOR_ONE, device="d-1")
    refused = knock(sim, "Eve", ticket=FOR_ONE, device="d-2", country="BR")
    assert refused.code == "ticket_used"
    assert refused.types == ["entry_refused", "ticket_flagged"]
    assert refused.events[1] == TicketFlagged(first.id, "BR")
    assert sim.inbox[host][-1]["type"] == "ticket_flagged"
    assert sim.inbox[host][-1]["country"] == "BR"
    assert "ticket_flagged" not in {frame["type"] for frame in sim.inbox[first.id]}, "for hosts alone"
    assert knock(sim, "Eve", ticket=FOR_ONE).code == "ticket_used", "no device is another device"
    sim.tell(first.id, Leave())
    assert knock(sim, "Eve", ticket=FOR_ONE, device="d-2").code == "ticket_used", "after they left, too"
    assert knock(sim, "Cleo", ticket=FOR_ONE, device="d-1").participant == first.id


def test_a_ticket_for_one_belongs_to_whoever_waits_with_it() -> None:
    sim = owned(**WAITS)
    first = came_in(sim, "Cleo", ticket=FOR_ONE, device="d-1")
    assert knock(sim, "Eve", ticket=FOR_ONE, device="d-2").code == "ticket_used"
    sim.http(Deny(first.id))
    assert knock(sim, "Eve", ticket=FOR_ONE, device="d-2").code == "ticket_used"


def test_a_flag_is_told_though_the_refusals_beside_it_are_grouped() -> None:
    sim = owned()
    came_in(sim, "Cleo", ticket=FOR_ONE, device="d-1")
    knock(sim, "Eve", ticket=FOR_ONE, device="d-2")
    second = knock(sim, "Eve", ticket=FOR_ONE, device="d-3")
    assert (second.types, second.tally) == (["ticket_flagged"], True)


def test_no_refusal_uses_a_ticket_up() -> None:
    sim = owned()
    sim.http(Lock())
    assert knock(sim, "Cleo", ticket=FOR_ONE, device="d-1").code == "locked"
    sim.http(Unlock())
    assert knock(sim, "Cleo", ticket=FOR_ONE, device="d-2").code is None


def test_a_ticket_for_many_is_for_any_device_and_a_wrong_one_for_none() -> None:
    sim = owned()
    first = came_in(sim, "Cleo", ticket=Ticket("t-1"), device="d-1")
    assert knock(sim, "Cleo", ticket=Ticket("t-1"), device="d-2").participant == first.id
    wrong = sim.join("Eve", ticket_text="t-9")
    assert (wrong.code, wrong.types) == ("ticket_invalid", ["entry_refused"]), "the passcode beside it does not help"
    assert "fault" in wrong.reason


@pytest.mark.parametrize("role", [Role.COHOST, Role.PANELIST])
def test_a_cohost_or_panelist_by_ticket_never_waits(role: Role) -> None:
    for settings in (
        {"waiting_room": WaitingRoom()},
        {"waiting_room": WaitingRoom(who="not_in_account")},
        {"region": RegionRule("approve", ("DE",), unknown="wait")},
        {"waiting_room": WaitingRoom(), "removal": Removal(match=("device",))},
    ):
        sim = owned(**settings)
        gone = came_in(sim, "Eve", ticket=Ticket("t-9", role), device="d-9")
        sim.http(Remove(gone.id))
        entered = came_in(sim, "Dora", ticket=Ticket("t-1", role))
        assert (entered.place, entered.role) == (Place.INSIDE, role), settings


@pytest.mark.parametrize("role", [Role.PARTICIPANT, Role.ATTENDEE])
def test_others_by_ticket_wait_like_anybody(role: Role) -> None:
    sim = owned(**WAITS)
    assert came_in(sim, "Mia", ticket=Ticket("t-1", role)).place is Place.WAITING
    sim = owned(region=RegionRule("approve", ("DE",), unknown="wait"))
    assert came_in(sim, "Mia", ticket=Ticket("t-1", role)).place is Place.WAITING


def test_a_ticket_of_any_role_is_refused_by_region_lock_and_capacity() -> None:
    ticket = Ticket("t-1", Role.COHOST)
    sim = owned(region=RegionRule("approve", ("DE",)))
    assert knock(sim, "Dora", ticket=ticket, country="BR").code == "region_blocked"
    sim = owned(capacity=1)
    came_in(sim, "Mia", passcode=PASSCODE)
    assert knock(sim, "Dora", ticket=ticket).code == "full"
    sim.http(Lock())
    assert knock(sim, "Dora", ticket=ticket).code == "locked"


def test_a_ticket_works_before_the_start_and_the_role_comes_with_it() -> None:
    sim = scheduled(**WAITS)
    early = sim.enter("Dora", ticket="t-1", role=Role.COHOST)
    assert sim.person(early).place is Place.EARLY
    sim.enter("Prof. Ito", host=True)
    assert (sim.person(early).place, sim.person(early).role) == (Place.INSIDE, Role.COHOST)
    assert sim.log[-1].reasons("joined")[-1]["rule"] == "ticket"


def test_a_revoked_cohost_by_ticket_is_a_participant_for_as_long_as_they_stay() -> None:
    sim = owned()
    dora = came_in(sim, "Dora", ticket=Ticket("t-1", Role.COHOST), device="d-1")
    sim.http(RevokeCohost(dora.id))
    assert knock(sim, "Dora", ticket=Ticket("t-1", Role.COHOST), device="d-1").participant == dora.id
    assert sim.person(dora.id).role is Role.PARTICIPANT


def test_a_removal_ends_the_ticket_even_where_one_may_return() -> None:
    for may_return, code in ((False, "removed"), (True, "ticket_invalid")):
        sim = owned()
        cleo = came_in(sim, "Cleo", ticket=Ticket("t-1"), device="d-1")
        sim.http(Remove(cleo.id, may_return=may_return))
        assert knock(sim, "Cleo", ticket=Ticket("t-1"), device="d-1").code == code
        assert knock(sim, "Cleo", ticket=Ticket("t-1"), device="d-2").code == code


def test_a_ticket_is_void_though_removals_are_not_matched_by_tickets() -> None:
    sim = owned(removal=Removal(match=("device",)))
    cleo = came_in(sim, "Cleo", ticket=Ticket("t-1"), device="d-1")
    sim.http(Remove(cleo.id))
    assert knock(sim, "Cleo", ticket=Ticket("t-1"), device="d-2").code == "ticket_invalid"
    assert knock(sim, "Cleo", ticket=Ticket("t-2"), device="d-2").code is None


def test_another_invitation_to_the_same_mail_is_the_same_ticket_for_a_removal() -> None:
    sim = owned()
    cleo = came_in(sim, "Cleo", ticket=Ticket("t-1", invited="mail-1"), device="d-1")
    assert not removed_invitation(sim.meeting, "mail-1")
    sim.http(Remove(cleo.id))
    assert knock(sim, "Cleo", ticket=Ticket("t-2", invited="mail-1"), device="d-2").code == "removed"
    assert knock(sim, "Ben", ticket=Ticket("t-3", invited="mail-2"), device="d-3").code is None
    assert knock(sim, "Ada", ticket=Ticket("t-4"), device="d-4").code is None, "no mail is nobody's mail"
    assert removed_invitation(sim.meeting, "mail-1")
    assert not removed_invitation(sim.meeting, "mail-2")


def test_a_mail_may_be_invited_again_after_a_removal_that_lets_return() -> None:
    sim = owned()
    cleo = came_in(sim, "Cleo", ticket=Ticket("t-1", invited="mail-1"), device="d-1")
    sim.http(Remove(cleo.id, may_return=True))
    assert not removed_invitation(sim.meeting, "mail-1")
    assert knock(sim, "Cleo", ticket=Ticket("t-2", invited="mail-1"), device="d-1").code is None


def test_what_was_shown_is_what_one_is_known_by() -> None:
    sim = owned()
    shown = came_in(
        sim, "Ben", user=User("u-1", "a-1", "mail.example"), ticket=Ticket("t-1", invited="mail-1"), device="d-1"
    )
    assert shown.keys == Keys(False, "a-1", "u-1", "mail.example", "t-1", "mail-1", "d-1")
    plainly = came_in(sim, "Ada", passcode=PASSCODE)
    assert plainly.keys == Keys(device=plainly.keys.device)
    assert plainly.made_up is True
    assert str(plainly.keys.device).startswith("made-up-")
    assert shown.made_up is False


@pytest.mark.parametrize("shown", [{"device": "d-1"}, {"ticket": Ticket("t-1")}, {"user": User("u-1", "a-1")}])
def test_whoever_was_put_back_does_not_enter_by_knocking_again(shown: dict[str, object]) -> None:
    for leaves in (False, True):
        sim = owned()
        mia = came_in(sim, "Mia", passcode=PASSCODE, **shown)  # type: ignore[arg-type]
        sim.http(PutInWaitingRoom(mia.id))
        if leaves:
            sim.tell(mia.id, Leave())
        again = came_in(sim, "Mia", passcode=PASSCODE, **shown)  # type: ignore[arg-type]
        assert (again.place, again.why) == (Place.WAITING, "put_back")
        sim.tell(again.id, Leave())
        third = came_in(sim, "Mia", passcode=PASSCODE, **shown)  # type: ignore[arg-type]
        assert third.place is Place.WAITING, "nor by doing so twice"
        sim.http(Admit(third.id))
        sim.tell(third.id, Leave())
        assert came_in(sim, "Mia", passcode=PASSCODE, **shown).place is Place.INSIDE, "an admission ends it"  # type: ignore[arg-type]


def test_a_denial_does_not_end_it_and_others_are_not_held_by_it() -> None:
    sim = owned()
    mia = came_in(sim, "Mia", passcode=PASSCODE, device="d-1")
    noah = came_in(sim, "Noah", passcode=PASSCODE, device="d-2")
    sim.http(PutInWaitingRoom(mia.id))
    sim.http(Deny(mia.id))
    assert came_in(sim, "Mia", passcode=PASSCODE, device="d-1").why == "put_back"
    sim.tell(noah.id, Leave())
    assert came_in(sim, "Noah", passcode=PASSCODE, device="d-2").place is Place.INSIDE
    assert came_in(sim, "Ada", passcode=PASSCODE).place is Place.INSIDE


def test_a_cohosts_ticket_is_no_way_round_being_put_back_either() -> None:
    sim = owned()
    ticket = Ticket("t-1", Role.COHOST)
    dora = came_in(sim, "Dora", ticket=ticket, device="d-1")
    sim.http(PutInWaitingRoom(dora.id))
    assert sim.person(dora.id).role is Role.PARTICIPANT
    sim.tell(dora.id, Leave())
    assert came_in(sim, "Dora", ticket=ticket, device="d-1").place is Place.WAITING


@pytest.mark.parametrize(("match", "code"), [("ticket", "removed"), ("device", None), ("account", None)])
def test_a_mail_counts_where_tickets_do_and_nowhere_else(match: MatchKey, code: str | None) -> None:
    sim = owned(removal=Removal(match=(match,), unmatched="admit"))
    cleo = came_in(sim, "Cleo", ticket=Ticket("t-1", invited="mail-1"), device="d-1")
    sim.http(Remove(cleo.id))
    assert knock(sim, "Cleo", ticket=Ticket("t-2", invited="mail-1"), device="d-2").code == code
