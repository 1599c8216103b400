"""The waiting room: admitting, denying, putting back, turning it on and off."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from meetingsim.state.control import Command
from meetingsim.state.controls.admit import Admit, AdmitAll
from meetingsim.state.controls.allow import Allow
from meetingsim.state.controls.audio_video import AskToUnmute, SetAudio, SetVideo
from meetingsim.state.controls.deny import Deny
from meetingsim.state.controls.lock import Lock
from meetingsim.state.controls.moments import RaiseHand
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.controls.recording import StartRecording
from meetingsim.state.controls.remove import Remove
from meetingsim.state.controls.set_region_rule import SetRegionRule
from meetingsim.state.controls.set_waiting_room import SetWaitingRoom
from meetingsim.state.controls.share import StartShare
from meetingsim.state.controls.suspend import Suspend
from meetingsim.state.meeting import Place, Role, Why
from meetingsim.state.settings import Activity, WaitingRoom
from tests.state.room import change, room, started

WAITS = WaitingRoom()


@pytest.mark.parametrize(
    "control",
    [Admit, AdmitAll, Deny, PutInWaitingRoom, lambda one: SetWaitingRoom(False), Lock, Remove],
    ids=["admit", "admit_all", "deny", "put_in_waiting_room", "set_waiting_room", "lock", "remove"],
)
def test_hosts_and_cohosts_alone_have_these_controls(control: Callable[..., Command]) -> None:
    here = room(waiting_room=WAITS)
    waiting = here.sim.enter("Zoe", device="d-zoe")
    command = control() if control in (AdmitAll, Lock) else control(waiting)
    assert here.says(here.mia, command).code == "not_host"
    assert here.says(waiting, command).code == "not_inside"
    assert here.says(here.cohost, command).code is None


def test_an_admission_is_told_and_the_admitted_get_a_view_instead() -> None:
    here = room(waiting_room=WAITS)
    zoe = here.sim.enter("Zoe", country="US")
    admitted = here.says(here.cohost, Admit(zoe))
    assert admitted.types == ["admitted"]
    assert here.sim.inbox[zoe][-1]["type"] == "view"
    assert here.sim.inbox[zoe][-1]["view"]["me"]["place"] == "inside"
    told = here.sim.inbox[here.mia][-1]
    assert (told["participant"], told["by"], told["person"]["name"]) == (zoe, here.cohost, "Zoe")
    assert admitted.reason == {
        "rule": "admit",
        "door": "socket",
        "asked_by": here.cohost,
        "why": "waiting_room",
        "country": "US",
        "source": "plan",
        "database": None,
        "built": None,
        "address": None,
    }


def test_admitting_somebody_inside_changes_nothing_and_others_cannot_be_admitted() -> None:
    here = room(waiting_room=WAITS)
    again = here.says(here.host, Admit(here.mia))
    assert (again.code, again.types) == (None, [])
    assert here.says(here.host, Admit("nobody")).code == "no_such_participant"
    here.says(here.mia, Leave())
    assert here.says(here.host, Admit(here.mia)).code == "not_waiting"
    denied = here.sim.enter("Zoe")
    here.says(here.host, Deny(denied))
    assert here.says(here.cohost, Admit(denied)).code == "already_decided"


def test_admit_is_not_waiting_for_whoever_is_reconnecting_inside_or_waiting() -> None:
    here = room(waiting_room=WAITS)
    zoe = here.sim.enter("Zoe")
    for one in (zoe, here.mia):
        here.sim.drop(one)
        assert here.says(here.host, Admit(one)).code == "not_waiting"
    assert here.says(here.host, Deny(zoe)).types == ["denied"]


def test_if_seq_refuses_what_changed_meanwhile() -> None:
    here = room(waiting_room=WAITS)
    knock = here.sim.join("Zoe")
    zoe, seen = str(knock.participant), knock.rows[-1].seq
    assert here.says(here.host, Admit(zoe, if_seq=knock.rows[0].seq - 1)).code == "conflict"
    here.sim.drop(zoe)
    here.sim.resume(here.sim.sessions[zoe])
    assert here.says(here.host, Admit(zoe, if_seq=seen)).code == "conflict"
    assert here.says(here.host, Admit(zoe, if_seq=here.sim.meeting.seq)).code is None


def test_admit_all_lets_in_whoever_had_knocked_by_then_in_order() -> None:
    here = room(waiting_room=WAITS)
    first, second = here.sim.enter("Zoe"), here.sim.enter("Yara")
    seen = here.sim.meeting.seq
    third = here.sim.enter("Xaver")
    admitted = here.says(here.host, AdmitAll(up_to=seen))
    assert [event.participant for event in admitted.events] == [first, second]
    assert here.sim.meeting.queue == (third,)
    assert {row.because["rule"] for row in admitted.rows if row.because} == {"admit_all"}
    assert here.says(here.host, AdmitAll()).types == ["admitted"]


def test_a_lock_does_not_stop_an_admission_but_region_and_capacity_do() -> None:
    here = room(waiting_room=WAITS)
    zoe, yara = here.sim.enter("Zoe", country="BR"), here.sim.enter("Yara", country="DE")
    here.says(here.host, Lock())
    here.says(here.host, SetRegionRule("deny", ("BR",)))
    assert here.says(here.host, Admit(zoe)).code == "region_blocked"
    change(here.sim, capacity=4)
    assert here.says(here.host, Admit(yara)).code == "full"
    assert here.says(here.host, AdmitAll()).types == []
    change(here.sim, capacity=5)
    assert here.says(here.host, AdmitAll()).types == ["admitted"]
    assert here.person(yara).place is Place.INSIDE
    assert here.person(zoe).place is Place.WAITING


def test_admit_all_stops_at_the_last_seat() -> None:
    here = room(waiting_room=WAITS, capacity=5)
    zoe, yara = here.sim.enter("Zoe"), here.sim.enter("Yara")
    here.says(here.host, AdmitAll())
    assert [here.person(one).place for one in (zoe, yara)] == [Place.INSIDE, Place.WAITING]
    assert here.sim.meeting.count_inside() == 5


def test_a_denial_closes_with_4004_and_the_last_one_with_4503() -> None:
    here = room(waiting_room=WaitingRoom(denials=2))
    closes = []
    for times in (1, 2):
        mallory = here.sim.enter("Mallory", device="d-1")
        denied = here.says(here.host, Deny(mallory))
        assert denied.reason == {
            "rule": "deny",
            "door": "socket",
            "asked_by": here.host,
            "times": times,
        }
        closes.append(here.sim.inbox[mallory][-1])
        assert here.person(mallory).place is Place.LEFT
    assert [close["code"] for close in closes] == [4004, 4503]
    assert here.sim.join("Mallory", device="d-1").code == "denied"
    assert here.sim.inbox[here.mia][-1]["type"] != "denied"


def test_denying_twice_changes_nothing_and_others_cannot_be_denied() -> None:
    here = room(waiting_room=WAITS)
    zoe, yara = here.sim.enter("Zoe"), here.sim.enter("Yara")
    here.says(here.host, Deny(zoe))
    again = here.says(here.cohost, Deny(zoe))
    assert (again.code, again.types) == (None, [])
    here.says(here.host, Admit(yara))
    assert here.says(here.cohost, Deny(yara)).code == "already_decided"
    assert here.says(here.host, Deny(here.cohost)).code == "already_decided"
    here.says(yara, Leave())
    assert here.says(here.host, Deny(yara)).code == "not_waiting"
    entered = room()
    assert entered.says(entered.host, Deny(entered.mia)).code == "not_waiting"
    assert here.says(here.host, Deny("nobody")).code == "no_such_participant"


def test_a_session_of_the_denied_is_lost() -> None:
    here = room(waiting_room=WAITS)
    zoe = here.sim.enter("Zoe")
    here.says(here.host, Deny(zoe))
    assert here.sim.resume(here.sim.sessions[zoe]).code == "resume_lost"


def test_an_admission_forgets_earlier_denials_of_the_same_participant() -> None:
    here = room(waiting_room=WAITS)
    ben = here.sim.enter("Ben", user="u-1")
    here.says(here.host, Deny(ben))
    here.says(here.host, Admit(here.sim.enter("Ben", user="u-1")))
    here.says(here.host, PutInWaitingRoom(ben))
    assert here.says(here.host, Deny(ben)).events[0].close == 4004


def test_whoever_is_put_back_loses_every_stream_and_right_at_once() -> None:
    here = room(waiting_room=WAITS)
    here.sim.http(Allow(Activity.RECORD, True))
    here.sim.http(Allow(Activity.AUDIO, False))
    here.says(here.host, Allow(Activity.AUDIO, True, here.cohost))
    for command in (SetAudio(True), SetVideo(True), StartShare(), StartRecording(), RaiseHand(True)):
        assert here.says(here.cohost, command).code is None
    here.says(here.host, AskToUnmute(here.mia))
    here.says(here.host, Allow(Activity.AUDIO, True, here.mia))
    for one in (here.cohost, here.mia):
        back = here.says(here.host, PutInWaitingRoom(one))
        assert back.types == ["put_in_waiting_room"]
        person = here.person(one)
        assert (person.place, person.why, person.role) == (Place.WAITING, Why.PUT_BACK, Role.PARTICIPANT)
        assert not any((person.audio, person.video, person.share, person.recording, person.hand))
        assert not any((person.grants, person.chat_grant, person.asked_to_unmute))
        assert here.sim.inbox[one][-1]["view"].keys() == {"me", "meeting", "waiting_messages"}
        assert (back.reason["rule"], back.reason["asked_by"]) == ("put_back", here.host)
    assert [row["why"] for row in here.sim.pictures[here.host]["waiting"]] == ["put_back", "put_back"]


def test_putting_back_works_with_the_waiting_room_off_and_not_twice() -> None:
    here = room()
    assert here.says(here.cohost, PutInWaitingRoom(here.mia)).types == ["put_in_waiting_room"]
    again = here.says(here.cohost, PutInWaitingRoom(here.mia))
    assert (again.code, again.types) == (None, [])
    assert here.says(here.cohost, PutInWaitingRoom(here.host)).code == "protected"
    here.says(here.noah, Leave())
    assert here.says(here.host, PutInWaitingRoom(here.noah)).code == "not_inside"
    assert here.says(here.host, PutInWaitingRoom("nobody")).code == "no_such_participant"


def test_a_reconnecting_person_can_be_put_back_and_comes_back_to_wait() -> None:
    here = room()
    here.sim.drop(here.mia)
    here.says(here.host, PutInWaitingRoom(here.mia))
    assert (here.person(here.mia).place, here.person(here.mia).where) == (Place.RECONNECTING, Place.WAITING)
    assert here.sim.pictures[here.host]["waiting"][0]["place"] == "reconnecting"
    back = here.sim.resume(here.sim.sessions[here.mia])
    assert back.types == ["reconnected"]
    assert here.person(here.mia).place is Place.WAITING
    assert here.sim.pictures[here.host]["waiting"][0]["place"] == "waiting"


def test_turning_it_on_throws_nobody_out() -> None:
    here = room()
    turned = here.says(here.host, SetWaitingRoom(True, "not_invited"))
    assert turned.types == ["waiting_room_set"]
    assert here.sim.meeting.count_inside() == 4
    assert here.sim.pictures[here.mia]["meeting"]["waiting_room"]["who"] == "not_invited"
    again = here.says(here.host, SetWaitingRoom(True))
    assert (again.code, again.types) == (None, [])


def test_turning_it_off_lets_in_who_waits_for_it_alone_in_order() -> None:
    here = room(waiting_room=WAITS)
    sim = here.sim
    first = sim.enter("Zoe", device="d-zoe", country="DE")
    here.says(here.host, PutInWaitingRoom(here.mia))
    here.says(here.host, SetRegionRule("deny", ("BR",), unknown="wait"))
    region = sim.enter("Yara", device="d-yara")
    here.says(here.host, Remove(here.noah))
    unidentified = sim.enter("Xaver", country="DE")
    second = sim.enter("Will", device="d-will", country="DE")
    assert [sim.person(one).why for one in sim.meeting.queue] == [
        Why.WAITING_ROOM,
        Why.PUT_BACK,
        Why.REGION,
        Why.UNIDENTIFIED,
        Why.WAITING_ROOM,
    ]
    off = here.says(here.host, SetWaitingRoom(False))
    assert off.types == ["waiting_room_set", "admitted", "admitted"]
    assert [event.participant for event in off.events[1:]] == [first, second]
    reasons = [(reason["rule"], reason["why"]) for reason in off.reasons("admitted")]
    assert reasons == [("set_waiting_room", "waiting_room")] * 2
    assert sim.meeting.queue == (here.mia, region, unidentified)


def test_turning_it_off_looks_at_region_and_capacity_again() -> None:
    here = room(waiting_room=WAITS, capacity=5)
    blocked, unknown, first, second = (
        here.sim.enter(name, country=country)
        for name, country in (("Zoe", "BR"), ("Yara", None), ("Xaver", "DE"), ("Will", "DE"))
    )
    here.says(here.host, SetRegionRule("deny", ("BR",), unknown="wait"))
    here.says(here.host, SetWaitingRoom(False))
    assert here.person(first).place is Place.INSIDE
    assert here.sim.meeting.queue == (blocked, unknown, second)


def test_a_place_in_the_queue_is_told_to_whoever_moves_up() -> None:
    sim = started(waiting_room=WAITS)
    zoe, yara, xaver = (sim.enter(name) for name in ("Zoe", "Yara", "Xaver"))
    assert [sim.pictures[one]["me"]["position"] for one in (zoe, yara, xaver)] == [1, 2, 3]
    gone = sim.http(Deny(zoe))
    positions = {one for delivery in gone.deliveries if delivery.position for one in delivery.participants}
    assert positions == {yara, xaver}
    assert [sim.pictures[one]["me"]["position"] for one in (yara, xaver)] == [1, 2]


def test_whoever_waits_sees_their_own_part_and_the_sign_at_the_door() -> None:
    sign = WaitingRoom(title="Welcome", description="Soon.", show_topic=True)
    sim = started(waiting_room=sign)
    zoe = sim.enter("Zoe", country="BR")
    view = sim.pictures[zoe]
    assert view["meeting"] == {
        "id": sim.meeting.id,
        "status": "started",
        "waiting_room": {"title": "Welcome", "description": "Soon.", "topic": "History"},
    }
    assert set(view) == {"me", "meeting", "waiting_messages"}
    assert set(view["me"]["allowed"].values()) == {False, "nobody"}
    change(sim, waiting_room=WaitingRoom(title="Hello"))
    assert sim.pictures[zoe]["meeting"]["waiting_room"] == {"title": "Hello", "description": ""}
    assert sim.http(Suspend()).types == ["suspended"]
    assert sim.inbox[zoe][-1]["type"] == "view"


def test_up_to_takes_in_the_very_last_who_had_knocked_and_admissions_name_the_host() -> None:
    here = room(waiting_room=WAITS)
    knock = here.sim.join("Zoe")
    knocked = next(row.seq for row in knock.rows if row.event.type == "joined_waiting_room")
    assert here.says(here.host, AdmitAll(up_to=knocked - 1)).types == []
    (event,) = here.says(here.cohost, AdmitAll(up_to=knocked)).events
    assert (event.participant, event.by) == (knock.participant, here.cohost)


def test_turning_it_off_twice_lets_in_nobody_more() -> None:
    here = room(waiting_room=WAITS, capacity=5)
    first, second = here.sim.enter("Zoe"), here.sim.enter("Yara")
    assert here.says(here.host, SetWaitingRoom(False)).types == ["waiting_room_set", "admitted"]
    change(here.sim, capacity=9)
    assert here.says(here.host, SetWaitingRoom(False)).types == [], "the effect is there already"
    assert [here.person(one).place for one in (first, second)] == [Place.INSIDE, Place.WAITING]


def test_whoever_was_put_back_has_knocked_anew() -> None:
    here = room(waiting_room=WAITS)
    seen = here.sim.meeting.seq
    here.says(here.host, PutInWaitingRoom(here.mia))
    assert here.says(here.host, AdmitAll(up_to=seen)).types == []
    assert here.says(here.host, AdmitAll(up_to=here.sim.meeting.seq)).types == ["admitted"]


def test_turning_it_off_lets_in_whoever_is_reconnecting_as_what_they_are() -> None:
    here = room(waiting_room=WAITS)
    zoe = here.sim.enter("Zoe")
    here.sim.drop(zoe)
    here.says(here.host, SetWaitingRoom(False))
    assert (here.person(zoe).place, here.person(zoe).where) == (Place.RECONNECTING, Place.INSIDE)
    assert here.sim.pictures[here.mia]["participants"][-1]["place"] == "reconnecting"


def test_coming_back_is_a_change_of_the_entry() -> None:
    here = room(waiting_room=WAITS)
    zoe = here.sim.enter("Zoe")
    here.sim.drop(zoe)
    seen = here.sim.meeting.seq
    here.sim.resume(here.sim.sessions[zoe])
    assert here.says(here.host, Admit(zoe, if_seq=seen)).code == "conflict"
