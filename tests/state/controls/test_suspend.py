"""Suspending: one event stops and bars everything, and the way back is one activity at a time."""

from __future__ import annotations

import pytest

from meetingsim.state.control import Command
from meetingsim.state.controls.allow import Allow
from meetingsim.state.controls.audio_video import AskToUnmute, SetAudio, SetVideo
from meetingsim.state.controls.breakout_rooms import OpenBreakoutRooms, RoomPlan
from meetingsim.state.controls.chat import Chat
from meetingsim.state.controls.cohost import MakeCohost, RevokeCohost
from meetingsim.state.controls.lock import Lock, Unlock
from meetingsim.state.controls.media import Media
from meetingsim.state.controls.moments import Annotate, RaiseHand, React, SetProfilePicture
from meetingsim.state.controls.recording import StartRecording
from meetingsim.state.controls.rename import Rename
from meetingsim.state.controls.share import StartShare
from meetingsim.state.controls.suspend import Suspend, SuspendReport
from meetingsim.state.settings import Activity
from meetingsim.state.settings import Allow as AllowSettings
from tests.state.room import Room, room

ALL = sorted(activity.value for activity in Activity)
STARTS: dict[Activity, Command] = {
    Activity.AUDIO: SetAudio(True),
    Activity.VIDEO: SetVideo(True),
    Activity.CHAT: Chat("hello"),
    Activity.SHARE: StartShare(),
    Activity.ANNOTATE: Annotate(),
    Activity.RECORD: StartRecording(),
    Activity.RENAME: Rename("Another"),
    Activity.PROFILE_PICTURE: SetProfilePicture(True),
}
RECORDS = AllowSettings(record=True)


def busy() -> Room:
    """A room in which the cohost and Mia have everything running that can run."""
    here = room(allow=RECORDS)
    for one in (here.mia, here.cohost):
        for command in (SetAudio(True), SetVideo(True), StartRecording(), StartShare()):
            assert here.says(one, command).code is None
    here.says(here.noah, SetVideo(True))
    return here


def suspended() -> Room:
    here = room(allow=RECORDS)
    assert here.says(here.host, Suspend()).types == ["suspended"]
    return here


def test_one_event_carries_every_stop_and_locks_the_meeting() -> None:
    here = busy()
    done = here.says(here.cohost, Suspend())
    assert done.types == ["suspended"]
    told = here.sim.inbox[here.noah][-1]
    assert (told["by"], sorted(told["activities"])) == (here.cohost, ALL)
    stopped = {stop["participant"]: stop["activities"] for stop in told["stopped"]}
    assert stopped == {
        here.cohost: ["audio", "video", "share", "record"],
        here.mia: ["audio", "video", "record"],
        here.noah: ["video"],
    }
    for person in here.sim.meeting.people.values():
        assert not any((person.audio, person.video, person.share, person.recording))
    shown = here.sim.pictures[here.mia]["meeting"]
    assert (shown["locked"], shown["suspended"]) == (True, ALL)
    assert (here.sim.meeting.locked, done.reason) == (
        True,
        {"rule": "suspend", "door": "socket", "asked_by": here.cohost, "inside": 4},
    )
    assert here.sim.join("Zoe").code == "locked"


@pytest.mark.parametrize("activity", Activity)
def test_participants_start_nothing_and_hosts_start_theirs_again(activity: Activity) -> None:
    here = suspended()
    assert here.says(here.mia, STARTS[activity]).code == "suspended"
    assert here.says(here.cohost, STARTS[activity]).code is None
    assert here.says(here.host, STARTS[activity]).code in {None, "conflict"}


def test_reactions_hands_and_turning_off_go_on() -> None:
    here = room()
    here.says(here.mia, SetProfilePicture(True))
    here.says(here.host, Suspend())
    for command in (React("applause"), RaiseHand(True), SetProfilePicture(False)):
        assert here.says(here.mia, command).types != []


@pytest.mark.parametrize("who", ["mia", "nobody inside"])
def test_who_cannot_suspend(who: str) -> None:
    here = room()
    asker = here.mia if who == "mia" else here.sim.enter("Zoe", device="d-zoe")
    assert here.says(asker, Suspend()).code == "not_host"


def test_twice_is_once() -> None:
    here = suspended()
    again = here.says(here.cohost, Suspend())
    assert (again.code, again.types) == (None, [])
    here.says(here.cohost, SetAudio(True))
    assert here.says(here.host, Suspend()).types == [], "what hosts started again is no breach of it"


@pytest.mark.parametrize(
    "undo",
    [
        Unlock(),
        Allow(Activity.CHAT, True),
        Allow(Activity.RENAME, True),
        "exempt",
        "chat exempt",
        "asked",
        "talking",
    ],
    ids=str,
)
def test_a_suspension_restores_every_part_that_was_given_back(undo: Command | str) -> None:
    here = suspended()
    if undo == "exempt":
        here.says(here.host, Allow(Activity.VIDEO, True, here.mia))
    elif undo == "chat exempt":
        here.says(here.host, Allow(Activity.CHAT, True, here.mia))
    elif undo in {"asked", "talking"}:
        here.says(here.host, AskToUnmute(here.mia))
        if undo == "talking":
            here.says(here.mia, SetAudio(True))
    else:
        assert isinstance(undo, Command)
        here.says(here.host, undo)
    again = here.says(here.host, Suspend())
    assert again.types == ["suspended"]
    assert here.sim.meeting.locked
    assert here.sim.meeting.suspended == frozenset(Activity)
    assert {here.says(here.mia, start).code for start in STARTS.values()} == {"suspended"}
    assert here.says(here.host, Suspend()).types == []


def test_an_exemption_that_a_cohost_had_before_ends_with_it() -> None:
    here = suspended()
    here.says(here.host, Allow(Activity.AUDIO, True, here.mia))
    here.says(here.host, MakeCohost(here.mia))
    assert here.says(here.host, Suspend()).types == ["suspended"]
    here.says(here.host, RevokeCohost(here.mia))
    assert here.says(here.mia, SetAudio(True)).code == "suspended"


def test_the_way_back_is_one_activity_at_a_time() -> None:
    here = suspended()
    for given, activity in enumerate(Activity, 1):
        here.says(here.host, Allow(activity, True))
        assert len(here.sim.meeting.suspended) == len(Activity) - given
        assert here.says(here.mia, STARTS[activity]).code is None
        still = [one for one in Activity if one in here.sim.meeting.suspended]
        assert all(here.says(here.noah, STARTS[one]).code == "suspended" for one in still)
    assert here.sim.meeting.locked
    here.says(here.host, Unlock())
    assert not here.sim.meeting.locked


def test_bars_from_before_stay() -> None:
    here = room()
    here.says(here.host, Allow(Activity.VIDEO, False, here.mia))
    here.says(here.host, Suspend())
    here.says(here.host, Allow(Activity.VIDEO, True))
    assert here.says(here.mia, SetVideo(True)).code == "not_permitted"
    assert here.says(here.noah, SetVideo(True)).code is None


def test_what_was_barred_for_all_before_stays_barred() -> None:
    here = room(allow=AllowSettings(share=False))
    here.says(here.host, Suspend())
    assert here.sim.meeting.settings.allow.share is False
    assert here.says(here.mia, StartShare()).code == "suspended"
    assert here.sim.pictures[here.mia]["meeting"]["allow"]["share"] is False


def test_exemptions_are_cleared_and_the_lock_that_was_on_stays_on() -> None:
    here = room(allow=AllowSettings(video=False))
    here.says(here.host, Allow(Activity.VIDEO, True, here.mia))
    here.says(here.host, Lock())
    here.says(here.host, Suspend())
    assert here.person(here.mia).grants == frozenset()
    assert here.sim.meeting.locked


def test_no_participants_media_follows() -> None:
    here = busy()
    assert here.says(here.mia, Media("audio", 1)).signals
    here.says(here.host, Suspend())
    for kind in ("audio", "video", "share"):
        assert here.says(here.mia, Media(kind, 2)).code == "suspended"
    here.says(here.cohost, SetAudio(True))
    assert here.says(here.cohost, Media("audio", 3)).signals
    here.says(here.host, RevokeCohost(here.cohost))
    assert here.says(here.cohost, Media("audio", 4)).code == "suspended"


def test_people_who_are_reconnecting_are_stopped_too() -> None:
    here = busy()
    here.sim.drop(here.mia)
    here.says(here.host, Suspend())
    here.sim.resume(here.sim.sessions[here.mia])
    assert not here.person(here.mia).audio
    assert here.sim.pictures[here.mia]["meeting"]["suspended"] == ALL


def test_whoever_comes_later_is_suspended_too() -> None:
    here = suspended()
    here.says(here.host, Unlock())
    zoe = here.sim.enter("Zoe")
    assert here.says(zoe, SetAudio(True)).code == "suspended"
    assert here.sim.pictures[zoe]["me"]["allowed"]["audio"] is False


def test_a_report_goes_with_it_about_these_people_or_about_the_meeting() -> None:
    here = room()
    done = here.says(here.host, Suspend(SuspendReport("meeting_disruption", (here.mia, here.noah), "a raid")))
    (filing,) = done.filings
    assert (filing.document["source"], filing.document["subjects"]) == ("suspend", [here.mia, here.noah])
    assert done.answer == {"report": filing.report}
    again = here.says(here.host, Suspend(SuspendReport("meeting_disruption")))
    assert (again.types, [one.document["subjects"] for one in again.filings]) == ([], [[]])
    assert here.says(here.host, Suspend(SuspendReport("nonsense"))).code == "malformed"


def test_a_report_says_what_the_host_wrote() -> None:
    here = room()
    (filing,) = here.says(here.host, Suspend(SuspendReport("spam", (here.mia,), "a raid"))).filings
    assert (filing.document["issue"], filing.document["text"]) == ("spam", "a raid")


def test_only_whoever_changes_rooms_by_it_gets_a_fresh_view() -> None:
    here = room()
    here.says(here.host, Allow(Activity.RECORD, True, here.mia))
    here.says(here.host, OpenBreakoutRooms((RoomPlan("one", (here.noah,)),)))
    here.says(here.host, Chat("in the main room"))
    here.says(here.host, Suspend())
    assert [here.sim.inbox[one][-1]["type"] for one in (here.mia, here.noah)] == ["suspended", "view"]
    assert here.sim.pictures[here.mia]["me"]["grants"] == []
    assert here.sim.pictures[here.noah]["messages"] == [], "it was said where they were not"


@pytest.mark.parametrize("activity", [Activity.AUDIO, Activity.VIDEO, Activity.SHARE, Activity.RECORD])
def test_one_thing_alone_is_stopped_too(activity: Activity) -> None:
    here = room(allow=AllowSettings(record=True))
    assert here.says(here.mia, STARTS[activity]).code is None
    (event,) = here.says(here.host, Suspend()).events
    assert event.stopped == ({"participant": here.mia, "activities": [activity.value]},)
    assert here.says(here.mia, STARTS[activity]).code == "suspended"
