"""Who is sent what of one command: events, a fresh view, a close, or nothing."""

from __future__ import annotations

from dataclasses import replace

from meetingsim.state.controls.admit import Admit, AdmitAll
from meetingsim.state.controls.audio_video import SetAudio
from meetingsim.state.controls.breakout_rooms import CloseBreakoutRooms, OpenBreakoutRooms, RoomPlan
from meetingsim.state.controls.change_settings import ChangeSettings
from meetingsim.state.controls.chat import Chat
from meetingsim.state.controls.cohost import MakeCohost
from meetingsim.state.controls.deny import Deny
from meetingsim.state.controls.lock import Lock
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.controls.remove import Remove
from meetingsim.state.controls.rename import Rename
from meetingsim.state.controls.start_end import End
from meetingsim.state.controls.suspend import Suspend
from meetingsim.state.controls.waiting_room_chat import WaitingRoomChat
from meetingsim.state.delivery import Delivery, deliveries
from meetingsim.state.settings import WaitingRoom
from tests.driver import Outcome
from tests.state.room import Room, change, room, started


def of(done: Outcome, participant: str) -> Delivery | None:
    """What somebody was sent of it."""
    return next((one for one in done.deliveries if participant in one.participants), None)


def doorstep() -> tuple[Room, str]:
    here = room(waiting_room=WaitingRoom())
    return here, here.sim.enter("Zoe")


def test_whoever_stays_hears_the_events_in_one_delivery() -> None:
    here = room()
    done = here.says(here.host, Lock())
    (only,) = done.deliveries
    assert set(only.participants) == {here.host, here.cohost, here.mia, here.noah}
    assert (only.events, only.view, only.position, only.close) == (done.rows, False, False, None)


def test_whoever_it_is_about_is_in_the_same_delivery() -> None:
    here = room()
    (only,) = here.says(here.mia, SetAudio(True)).deliveries
    assert set(only.participants) == {here.host, here.cohost, here.mia, here.noah}


def test_a_line_to_everyone_is_one_delivery_until_rooms_are_open() -> None:
    here = room()
    (only,) = here.says(here.mia, Chat("hello")).deliveries
    assert set(only.participants) == {here.host, here.cohost, here.mia, here.noah}
    here.says(here.host, OpenBreakoutRooms((RoomPlan("Fish", (here.mia,)),)))
    done = here.says(here.mia, Chat("hello, Fish"))
    assert [one.participants for one in done.deliveries] == [(here.mia,)]
    here.says(here.host, CloseBreakoutRooms())
    (again,) = here.says(here.mia, Chat("back")).deliveries
    assert set(again.participants) == {here.host, here.cohost, here.mia, here.noah}


def test_each_hears_their_part_of_what_is_not_for_all() -> None:
    here = room()
    done = here.says(here.mia, Chat("hello", here.noah))
    assert of(done, here.host) is None
    joined = here.sim.join("Zoe", country="BR")
    host, mia = of(joined, here.host), of(joined, here.mia)
    assert host is not None
    assert mia is not None
    assert [row.event.type for row in host.events] == ["joined", "origin_known"]
    assert [row.event.type for row in mia.events] == ["joined"]


def test_whoever_changes_place_or_role_gets_a_view_instead() -> None:
    here, zoe = doorstep()
    for command, whom in (
        (Admit(zoe), zoe),
        (PutInWaitingRoom(here.mia), here.mia),
        (MakeCohost(here.noah), here.noah),
    ):
        done = here.says(here.host, command)
        assert of(done, whom) == Delivery((whom,), view=True)
        assert of(done, here.cohost) == Delivery(of(done, here.cohost).participants, done.rows)  # type: ignore[union-attr]


def test_whoever_enters_gets_a_view_whatever_happened() -> None:
    here = room()
    meeting = here.sim.meeting
    assert list(deliveries(meeting, meeting, (), [here.mia], entered=here.mia)) == [Delivery((here.mia,), view=True)]
    assert list(deliveries(meeting, meeting, (), [here.mia])) == []
    again = here.sim.join("Prof. Ito", host=True)
    assert of(again, here.host) == Delivery((here.host,), view=True)


def test_whoever_waits_gets_their_chat_a_changed_sign_and_nothing_else() -> None:
    here, zoe = doorstep()
    assert of(here.says(here.host, Suspend()), zoe) is None
    assert of(here.sim.join("Yara", country="BR"), zoe) is None
    written = here.says(here.host, WaitingRoomChat("hello", zoe))
    assert of(written, zoe) == Delivery((zoe,), written.rows)
    assert of(here.says(here.host, Rename("Guest", zoe)), zoe) == Delivery((zoe,), view=True)
    assert of(here.says(here.host, Lock()), zoe) is None
    settings = here.sim.meeting.settings
    assert of(here.sim.http(ChangeSettings(settings, "Art")), zoe) is None, "the sign does not say the topic"
    change(here.sim, waiting_room=replace(settings.waiting_room, show_topic=True))
    assert of(here.sim.http(ChangeSettings(here.sim.meeting.settings, "Music")), zoe) == Delivery((zoe,), view=True)
    assert here.sim.pictures[zoe]["meeting"]["waiting_room"]["topic"] == "Music"


def test_a_place_in_the_queue_alone_asks_for_a_view_that_may_wait() -> None:
    here, zoe = doorstep()
    yara = here.sim.enter("Yara")
    assert of(here.says(here.host, Admit(zoe)), yara) == Delivery((yara,), position=True)
    xaver = here.sim.enter("Xaver")
    done = here.says(xaver, Leave())
    assert of(done, yara) is None


def test_whoever_is_gone_gets_the_close_and_whoever_was_gone_nothing() -> None:
    here, zoe = doorstep()
    denied = here.says(here.host, Deny(zoe))
    assert of(denied, zoe) == Delivery((zoe,), close=4004)
    removed = here.says(here.host, Remove(here.mia))
    assert of(removed, here.mia) == Delivery((here.mia,), close=4500)
    left = here.says(here.noah, Leave())
    assert of(left, here.noah) == Delivery((here.noah,), close=1000)
    before = here.sim.meeting
    done = here.says(here.host, Lock())
    told = deliveries(before, here.sim.meeting, done.rows, [zoe, here.mia, here.noah, here.host])
    assert list(told) == [Delivery((here.host,), done.rows)]


def test_the_end_is_told_inside_only() -> None:
    here, zoe = doorstep()
    ended = here.says(here.host, End())
    assert of(ended, here.mia) == Delivery((here.mia,), ended.rows, close=4502)
    assert of(ended, zoe) == Delivery((zoe,), close=4502)


def test_several_are_admitted_in_one_step() -> None:
    sim = started(waiting_room=WaitingRoom())
    host = sim.enter("Prof. Ito", host=True)
    waiting = [sim.enter(name) for name in ("Zoe", "Yara")]
    done = sim.http(AdmitAll())
    assert [of(done, one) for one in waiting] == [Delivery((one,), view=True) for one in waiting]
    assert of(done, host) == Delivery((host,), done.rows)
