"""Audio, video and shares: one's own, and what hosts may stop but never start; media follows what is on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest

from meetingsim.state.control import Command
from meetingsim.state.controls.allow import Allow
from meetingsim.state.controls.audio_video import AskToUnmute, Mute, MuteAll, SetAudio, SetVideo, StopVideo
from meetingsim.state.controls.cohost import MakeCohost
from meetingsim.state.controls.media import Media
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.controls.recording import StartRecording, StopRecording
from meetingsim.state.controls.share import StartShare, StopShare
from meetingsim.state.controls.suspend import Suspend
from meetingsim.state.engine import hears
from meetingsim.state.settings import Activity
from meetingsim.state.settings import Allow as AllowSettings
from tests.state.room import room


@pytest.mark.parametrize(
    ("on", "off", "kinds", "field"),
    [
        (SetAudio(True), SetAudio(False), ("audio_changed", "audio_changed"), "audio"),
        (SetVideo(True), SetVideo(False), ("video_changed", "video_changed"), "video"),
        (StartShare(), StopShare(), ("share_started", "share_stopped"), "share"),
        (StartRecording(), StopRecording(), ("recording_started", "recording_stopped"), "recording"),
    ],
)
def test_on_and_off_once_each(on: Command, off: Command, kinds: tuple[str, str], field: str) -> None:
    here = room(allow=AllowSettings(record=True))
    for command, expected, value in (
        (on, [kinds[0]], True),
        (on, [], True),
        (off, [kinds[1]], False),
        (off, [], False),
    ):
        done = here.says(here.mia, command)
        assert (done.code, done.types) == (None, expected)
        row = next(row for row in here.sim.pictures[here.noah]["participants"] if row["id"] == here.mia)
        assert row[field] is value


@pytest.mark.parametrize("command", [SetAudio(True), SetVideo(True), StartShare(), StartRecording(), StopRecording()])
def test_people_outside_start_and_stop_nothing(command: Command) -> None:
    here = room()
    here.sim.drop(here.noah)
    here.sim.pass_time(30_000)
    assert here.sim.tell(here.noah, command).code == "not_inside"
    assert here.sim.tell("nobody", command).code == "not_inside"


def test_recording_is_for_hosts_unless_it_is_allowed() -> None:
    here = room()
    assert here.says(here.mia, StartRecording()).code == "not_permitted"
    assert here.says(here.cohost, StartRecording()).code is None


@pytest.mark.parametrize(
    ("control", "start", "field"),
    [(Mute, SetAudio(True), "audio"), (StopVideo, SetVideo(True), "video"), (StopShare, StartShare(), "share")],
)
def test_hosts_stop_others_below_them(control: Callable[[str], Command], start: Command, field: str) -> None:
    here = room()
    assert here.says(here.host, control(here.mia)).types == [], "nothing to stop"
    here.says(here.mia, start)
    assert here.says(here.noah, control(here.mia)).code == "not_host"
    stopped = here.says(here.cohost, control(here.mia))
    assert stopped.events[0].by == here.cohost
    assert getattr(here.person(here.mia), field) is False
    here.says(here.host, start)
    assert here.says(here.cohost, control(here.host)).code == "protected"
    assert here.sim.http(control(here.host)).code == "protected"
    assert here.says(here.host, control("nobody")).code == "no_such_participant"
    here.says(here.mia, Leave())
    assert here.says(here.host, control(here.mia)).code == "not_inside"
    assert here.says(here.host, control(here.host)).code is None
    assert getattr(here.person(here.host), field) is False


def test_stopping_a_share_over_http_needs_a_name() -> None:
    here = room()
    assert here.sim.http(StopShare()).code == "malformed"


def test_stopping_ones_own_share_by_ones_own_id_needs_no_rank() -> None:
    here = room()
    here.says(here.mia, StartShare())
    assert here.says(here.mia, StopShare(here.mia)).types == ["share_stopped"]


@pytest.mark.parametrize("by", ["host", "cohost", "http"])
def test_mute_all_reaches_everybody_of_a_lower_rank(by: str) -> None:
    here = room()
    everybody = (here.host, here.cohost, here.mia, here.noah)
    for one in everybody[:3]:
        here.says(one, SetAudio(True))
    done = here.sim.http(MuteAll()) if by == "http" else here.says(getattr(here, by), MuteAll())
    muted = {event.participant for event in done.events}
    assert muted == ({here.mia} if by == "cohost" else {here.cohost, here.mia})
    assert [one for one in everybody if here.person(one).audio] == [one for one in everybody[:3] if one not in muted]
    assert here.says(here.mia, MuteAll()).code == "not_host"
    assert here.says(here.mia, SetAudio(True)).code is None, "nobody is kept from unmuting"


def test_nobody_unmutes_another_but_may_ask() -> None:
    here = room()
    asked = here.says(here.cohost, AskToUnmute(here.mia))
    assert asked.types == ["asked_to_unmute"]
    assert here.person(here.mia).audio is False
    assert asked.rows[0].audience.only == {here.mia}
    assert here.sim.inbox[here.noah][-1]["type"] != "asked_to_unmute"
    assert here.says(here.cohost, AskToUnmute(here.mia)).types == []
    here.says(here.mia, SetAudio(True))
    assert here.says(here.cohost, AskToUnmute(here.mia)).types == []
    assert here.says(here.cohost, AskToUnmute(here.host)).types == ["asked_to_unmute"]
    assert here.says(here.mia, AskToUnmute(here.noah)).code == "not_host"
    assert here.says(here.host, AskToUnmute("nobody")).code == "no_such_participant"


@pytest.mark.parametrize(
    ("bar", "code"), [(Suspend(), "suspended"), (Allow(Activity.AUDIO, False), "not_permitted")], ids=["suspend", "bar"]
)
def test_being_asked_lets_one_unmute_once_while_barred(bar: Command, code: str) -> None:
    here = room()
    here.says(here.host, bar)
    assert here.says(here.mia, SetAudio(True)).code == code
    here.says(here.host, AskToUnmute(here.mia))
    assert here.sim.pictures[here.mia]["me"]["asked_to_unmute"] is True
    assert here.says(here.mia, SetVideo(True)).code == ("suspended" if code == "suspended" else None)
    assert here.says(here.mia, SetAudio(True)).types == ["audio_changed"]
    assert here.sim.pictures[here.mia]["me"]["asked_to_unmute"] is False
    here.says(here.mia, SetAudio(False))
    assert here.says(here.mia, SetAudio(True)).code == code


def test_one_share_at_a_time_and_a_host_takes_over() -> None:
    here = room()
    here.says(here.mia, StartShare())
    assert here.says(here.noah, StartShare()).code == "conflict"
    taken = here.says(here.cohost, StartShare())
    assert taken.types == ["share_stopped", "share_started"]
    assert (taken.events[0].participant, taken.events[0].by) == (here.mia, here.cohost)
    assert here.says(here.mia, StartShare()).code == "conflict"
    assert here.says(here.host, StartShare()).types == ["share_stopped", "share_started"]
    assert here.says(here.cohost, StartShare()).code == "conflict"
    here.says(here.host, StopShare())
    here.says(here.host, MakeCohost(here.mia))
    here.says(here.mia, StartShare())
    assert here.says(here.cohost, StartShare()).code == "conflict"


def test_a_barred_share_is_refused_before_anybody_is_stopped() -> None:
    here = room()
    here.says(here.mia, StartShare())
    here.says(here.host, Allow(Activity.SHARE, False, here.noah))
    assert here.says(here.noah, StartShare()).code == "not_permitted"
    assert here.person(here.mia).share is True


@pytest.mark.parametrize(
    ("kind", "start"), [("audio", SetAudio(True)), ("video", SetVideo(True)), ("share", StartShare())]
)
def test_media_goes_to_the_others_inside_while_it_is_on(
    kind: Literal["audio", "video", "share"], start: Command
) -> None:
    here = room()
    seq = here.sim.meeting.seq
    assert here.says(here.mia, Media(kind, 1)).code == "not_permitted"
    here.says(here.mia, start)
    sent = here.says(here.mia, Media(kind, 2))
    (signal,) = sent.signals
    assert (signal.sender, signal.kind, signal.n) == (here.mia, kind, 2)
    assert here.sim.meeting.seq == seq + 1, "a packet is no event"
    assert all(hears(signal.audience, here.person(one)) for one in (here.host, here.cohost, here.noah))
    here.says(here.host, PutInWaitingRoom(here.noah))
    assert not hears(signal.audience, here.person(here.noah))
    here.says(here.mia, Leave())
    assert here.says(here.mia, Media(kind, 3)).code == "not_inside"


def test_hosts_hear_who_was_asked_to_unmute_and_by_whom() -> None:
    here = room()
    here.says(here.cohost, AskToUnmute(here.mia))
    for one in (here.host, here.cohost, here.mia):
        assert here.sim.inbox[one][-1]["type"] == "asked_to_unmute"
        assert here.sim.inbox[one][-1]["by"] == here.cohost
    assert here.sim.pictures[here.host]["me"]["asked_to_unmute"] is False


def test_mute_all_says_who_did_it() -> None:
    here = room()
    here.says(here.mia, SetAudio(True))
    assert [event.by for event in here.says(here.cohost, MuteAll()).events] == [here.cohost]


def test_being_asked_is_over_when_one_unmutes_and_not_when_another_does() -> None:
    here = room()
    here.says(here.host, AskToUnmute(here.mia))
    here.says(here.noah, SetAudio(True))
    assert here.sim.pictures[here.mia]["me"]["asked_to_unmute"] is True
    here.says(here.mia, SetAudio(True))
    here.says(here.host, Mute(here.mia))
    here.says(here.host, AskToUnmute(here.mia))
    here.says(here.host, Mute(here.noah))
    assert here.sim.pictures[here.mia]["me"]["asked_to_unmute"] is True
