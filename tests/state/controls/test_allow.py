"""The security menu: what may be started, for all and for one, and which rule outlives which."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetingsim.state.control import Command
from meetingsim.state.controls.allow import Allow
from meetingsim.state.controls.audio_video import AskToUnmute, SetAudio, SetVideo
from meetingsim.state.controls.chat import Chat
from meetingsim.state.controls.cohost import MakeCohost, RevokeCohost
from meetingsim.state.controls.moments import Annotate, SetProfilePicture
from meetingsim.state.controls.recording import StartRecording
from meetingsim.state.controls.rename import Rename
from meetingsim.state.controls.share import StartShare
from meetingsim.state.controls.suspend import Suspend
from meetingsim.state.meeting import Role
from meetingsim.state.rights import may
from meetingsim.state.settings import CHAT_ORDER, Activity, ChatLevel
from meetingsim.state.settings import Allow as AllowSettings
from tests.state.room import Room, room

SWITCHED: dict[Activity, Command] = {
    Activity.AUDIO: SetAudio(True),
    Activity.VIDEO: SetVideo(True),
    Activity.SHARE: StartShare(),
    Activity.ANNOTATE: Annotate(),
    Activity.RECORD: StartRecording(),
    Activity.RENAME: Rename("Another"),
    Activity.PROFILE_PICTURE: SetProfilePicture(True),
}


def reach(here: Room, who: str) -> str:
    """How far somebody's chat reaches, tried out."""
    if here.says(who, Chat("hello", here.noah)).code is None:
        return "everyone_and_private"
    if here.says(who, Chat("hello")).code is None:
        return "everyone"
    if here.says(who, Chat("hello", "hosts")).code is None:
        return "hosts"
    return "nobody"


def set_chat(here: Room, level: ChatLevel | bool, who: str | None = None) -> list[str]:
    """What it led to."""
    done = here.says(here.host, Allow(Activity.CHAT, level, who))
    assert done.code is None
    return done.types


def test_who_may_use_the_menu() -> None:
    here = room()
    assert here.says(here.mia, Allow(Activity.AUDIO, False)).code == "not_host"
    assert here.says(here.cohost, Allow(Activity.AUDIO, False, here.host)).code == "protected"
    assert here.says(here.cohost, Allow(Activity.AUDIO, False, here.cohost)).code == "protected"
    assert here.says(here.host, Allow(Activity.AUDIO, False, "nobody")).code == "no_such_participant"
    here.sim.drop(here.mia)
    assert here.says(here.host, Allow(Activity.AUDIO, False, here.mia)).code is None
    here.sim.pass_time(30_000)
    assert here.says(here.host, Allow(Activity.AUDIO, False, here.mia)).code == "not_inside"


@pytest.mark.parametrize("activity", SWITCHED)
def test_only_chat_has_levels(activity: Activity) -> None:
    here = room()
    for level in ChatLevel:
        assert here.says(here.host, Allow(activity, level)).code == "malformed"
        assert here.says(here.host, Allow(activity, level, here.mia)).code == "malformed"


@pytest.mark.parametrize("activity", SWITCHED)
def test_for_all_and_back(activity: Activity) -> None:
    here = room(allow=AllowSettings(record=True))
    barred = here.says(here.cohost, Allow(activity, False))
    assert barred.types == ["disallowed"]
    assert barred.rows[0].audience.inside
    assert barred.reason["rule"] == "allow"
    assert here.says(here.mia, SWITCHED[activity]).code == "not_permitted"
    assert here.says(here.host, SWITCHED[activity]).code is None
    assert here.says(here.cohost, Allow(activity, False)).types == []
    assert here.says(here.cohost, Allow(activity, True)).types == ["allowed"]
    assert here.says(here.cohost, Allow(activity, True)).types == []
    assert here.says(here.mia, SWITCHED[activity]).code in {None, "conflict"}


@pytest.mark.parametrize("activity", SWITCHED)
def test_for_one_and_back(activity: Activity) -> None:
    here = room(allow=AllowSettings(record=True))
    barred = here.says(here.host, Allow(activity, False, here.mia))
    assert barred.types == ["disallowed"]
    assert (barred.rows[0].audience.inside, barred.rows[0].audience.only) == (False, frozenset({here.mia}))
    assert here.says(here.mia, SWITCHED[activity]).code == "not_permitted"
    assert here.sim.pictures[here.mia]["me"]["bars"] == [activity.value]
    assert here.says(here.host, Allow(activity, False, here.mia)).types == []
    freed = here.says(here.host, Allow(activity, True, here.mia))
    assert freed.types == ["allowed"]
    assert (freed.rows[0].audience.inside, freed.rows[0].audience.only) == (False, frozenset({here.mia}))
    assert here.sim.inbox[here.cohost][-1]["type"] == "allowed"
    assert here.sim.inbox[here.noah][-1]["type"] not in {"allowed", "disallowed"}, "it concerns Mia and the hosts"
    assert here.says(here.host, Allow(activity, True, here.mia)).types == []
    assert here.says(here.mia, SWITCHED[activity]).code is None


@pytest.mark.parametrize("activity", SWITCHED)
def test_ones_own_bar_outlives_the_meeting_wide_one(activity: Activity) -> None:
    here = room(allow=AllowSettings(record=True))
    here.says(here.host, Allow(activity, False, here.mia))
    here.says(here.host, Allow(activity, False))
    here.says(here.host, Allow(activity, True))
    assert here.says(here.mia, SWITCHED[activity]).code == "not_permitted"
    assert here.says(here.noah, SWITCHED[activity]).code is None


@pytest.mark.parametrize("activity", SWITCHED)
def test_one_may_be_exempt_until_all_are_barred_anew(activity: Activity) -> None:
    here = room(allow=AllowSettings(record=True))
    here.says(here.host, Allow(activity, False))
    assert here.says(here.host, Allow(activity, True, here.mia)).types == ["allowed"]
    assert here.says(here.host, Allow(activity, True, here.mia)).types == []
    assert here.sim.pictures[here.mia]["me"]["grants"] == [activity.value]
    assert here.says(here.noah, SWITCHED[activity]).code == "not_permitted"
    assert here.says(here.mia, SWITCHED[activity]).code is None
    assert here.says(here.host, Allow(activity, False)).types == ["disallowed"]
    assert here.sim.pictures[here.mia]["me"]["grants"] == []
    assert here.says(here.host, Allow(activity, False)).types == []


def test_one_exemption_stands_beside_another() -> None:
    here = room()
    for activity in (Activity.VIDEO, Activity.AUDIO):
        here.says(here.host, Allow(activity, False))
        here.says(here.host, Allow(activity, True, here.mia))
    assert here.sim.pictures[here.mia]["me"]["grants"] == ["audio", "video"]
    assert here.says(here.mia, SetVideo(True)).code is None


def test_barring_one_ends_their_exemption() -> None:
    here = room()
    here.says(here.host, Allow(Activity.VIDEO, False))
    here.says(here.host, Allow(Activity.VIDEO, True, here.mia))
    here.says(here.host, Allow(Activity.VIDEO, False, here.mia))
    here.says(here.host, Allow(Activity.VIDEO, True))
    assert here.says(here.mia, SetVideo(True)).code == "not_permitted"


@pytest.mark.parametrize("participant", [None, "mia"])
def test_barring_audio_or_video_mutes_nobody_unless_stop(participant: str | None) -> None:
    here = room()
    whom = here.mia if participant else None
    for command in (SetAudio(True), SetVideo(True)):
        for one in (here.mia, here.cohost):
            here.says(one, command)
    for activity, field in ((Activity.AUDIO, "audio"), (Activity.VIDEO, "video")):
        here.says(here.host, Allow(activity, False, whom))
        assert getattr(here.person(here.mia), field) is True
        stopped = here.says(here.host, Allow(activity, False, whom, stop=True))
        assert stopped.events[0].stopped == ({"participant": here.mia, "activities": [field]},)
        assert stopped.rows[0].audience.inside, "everybody sees it stop"
        assert getattr(here.person(here.mia), field) is False
        assert getattr(here.person(here.cohost), field) is True
        assert here.says(here.host, Allow(activity, False, whom, stop=True)).types == []


@pytest.mark.parametrize("participant", [None, "mia"])
def test_barring_share_or_record_stops_it(participant: str | None) -> None:
    here = room(allow=AllowSettings(record=True))
    for command in (StartShare(), StartRecording()):
        here.says(here.mia, command)
    for activity, field in ((Activity.SHARE, "share"), (Activity.RECORD, "recording")):
        stopped = here.says(here.host, Allow(activity, False, here.mia if participant else None))
        assert stopped.events[0].stopped == ({"participant": here.mia, "activities": [activity.value]},)
        assert getattr(here.person(here.mia), field) is False
        row = next(row for row in here.sim.pictures[here.noah]["participants"] if row["id"] == here.mia)
        assert row[field] is False


def test_barring_audio_takes_back_that_one_was_asked_to_unmute() -> None:
    for whom in (False, True):
        here = room()
        here.says(here.host, Allow(Activity.AUDIO, False))
        here.says(here.host, AskToUnmute(here.mia))
        assert here.says(here.host, Allow(Activity.AUDIO, False, here.mia if whom else None)).types == ["disallowed"]
        assert here.says(here.mia, SetAudio(True)).code == "not_permitted"
        assert here.sim.pictures[here.mia]["me"]["asked_to_unmute"] is False


@pytest.mark.parametrize("level", ChatLevel)
def test_chat_levels_for_all(level: ChatLevel) -> None:
    here = room()
    set_chat(here, level)
    assert reach(here, here.mia) == level
    assert may(here.sim.meeting, here.person(here.mia), Activity.CHAT) is (level is not ChatLevel.NOBODY)
    assert reach(here, here.cohost) == "everyone_and_private"
    assert set_chat(here, level) == []
    assert here.sim.pictures[here.mia]["me"]["allowed"]["chat"] == level


@pytest.mark.parametrize("level", [one for one in ChatLevel if one is not ChatLevel.NOBODY])
def test_chat_true_is_the_level_before_and_false_is_nobody(level: ChatLevel) -> None:
    here = room()
    set_chat(here, level)
    assert set_chat(here, False) == ["disallowed"]
    assert set_chat(here, False) == []
    assert set_chat(here, ChatLevel.NOBODY) == []
    assert reach(here, here.mia) == "nobody"
    assert set_chat(here, True) == ["allowed"]
    assert reach(here, here.mia) == level
    assert set_chat(here, True) == []


def test_the_level_before_is_the_one_of_the_settings_where_nothing_was_set_since() -> None:
    here = room(allow=AllowSettings(chat=ChatLevel.HOSTS))
    set_chat(here, ChatLevel.NOBODY)
    set_chat(here, True)
    assert reach(here, here.mia) == "hosts"


def test_chat_that_was_shut_from_the_beginning_comes_back_whole() -> None:
    here = room(allow=AllowSettings(chat=ChatLevel.NOBODY))
    assert reach(here, here.mia) == "nobody"
    assert set_chat(here, True) == ["allowed"]
    assert reach(here, here.mia) == "everyone_and_private"


def test_a_private_line_to_a_host_needs_no_more_than_the_hosts_level() -> None:
    here = room()
    set_chat(here, ChatLevel.HOSTS)
    assert here.says(here.mia, Chat("hello", here.cohost)).code is None
    assert here.says(here.mia, Chat("hello", here.noah)).code == "not_permitted"


@pytest.mark.parametrize("wide", ChatLevel)
@pytest.mark.parametrize("own", ChatLevel)
def test_chat_levels_for_one_whatever_the_meetings(wide: ChatLevel, own: ChatLevel) -> None:
    here = room()
    set_chat(here, wide)
    set_chat(here, own, here.mia)
    assert reach(here, here.mia) == own
    assert set_chat(here, own, here.mia) == []
    for later in ChatLevel:
        if later is not ChatLevel.NOBODY:
            set_chat(here, later)
            reached = ChatLevel(reach(here, here.mia))
            assert CHAT_ORDER[reached] <= max(CHAT_ORDER[own], CHAT_ORDER[later])
            if own is not ChatLevel.EVERYONE_AND_PRIVATE:
                assert CHAT_ORDER[reached] <= CHAT_ORDER[own], "one's own bar outlives the meeting's level"


def test_chat_true_for_one_frees_it_whole_and_false_bars_it() -> None:
    here = room()
    set_chat(here, ChatLevel.HOSTS)
    assert set_chat(here, True, here.mia) == ["allowed"]
    assert reach(here, here.mia) == "everyone_and_private"
    assert set_chat(here, True, here.mia) == []
    assert set_chat(here, False, here.mia) == ["disallowed"]
    assert reach(here, here.mia) == "nobody"
    assert set_chat(here, False, here.mia) == []
    assert set_chat(here, ChatLevel.NOBODY, here.mia) == []
    set_chat(here, ChatLevel.EVERYONE)
    assert reach(here, here.mia) == "nobody"
    assert set_chat(here, True, here.mia) == ["allowed"]
    assert reach(here, here.mia) == "everyone_and_private"


def test_a_chat_exemption_ends_when_chat_is_barred_for_all() -> None:
    here = room()
    set_chat(here, ChatLevel.HOSTS)
    set_chat(here, True, here.mia)
    assert set_chat(here, False) == ["disallowed"]
    assert reach(here, here.mia) == "nobody"
    assert here.sim.pictures[here.mia]["me"]["chat_grant"] is None


def test_after_a_suspension_chat_comes_back_at_the_level_from_before() -> None:
    here = room()
    set_chat(here, ChatLevel.HOSTS)
    here.says(here.host, Suspend())
    assert here.says(here.mia, Chat("hello", "hosts")).code == "suspended"
    assert set_chat(here, ChatLevel.EVERYONE, here.mia) == ["allowed"]
    assert reach(here, here.mia) == "everyone"
    assert set_chat(here, True) == ["allowed"]
    assert here.sim.meeting.settings.allow.chat is ChatLevel.HOSTS


def test_a_bar_of_a_cohost_bites_once_they_are_a_participant_again() -> None:
    here = room()
    assert here.says(here.host, Allow(Activity.AUDIO, False, here.cohost)).types == ["disallowed"]
    assert here.says(here.cohost, SetAudio(True)).code is None
    here.says(here.host, RevokeCohost(here.cohost))
    assert here.person(here.cohost).audio is False
    assert here.says(here.cohost, SetAudio(True)).code == "not_permitted"
    assert here.says(here.host, Allow(Activity.AUDIO, True, here.cohost)).types == ["allowed"]
    assert here.says(here.cohost, SetAudio(True)).code is None


def test_an_exemption_that_a_cohost_kept_ends_with_the_next_bar_for_all() -> None:
    here = room()
    here.says(here.host, Allow(Activity.VIDEO, False))
    here.says(here.host, Allow(Activity.VIDEO, True, here.mia))
    here.says(here.host, MakeCohost(here.mia))
    assert here.says(here.host, Allow(Activity.VIDEO, False)).types == ["disallowed"]
    here.says(here.host, RevokeCohost(here.mia))
    assert here.says(here.mia, SetVideo(True)).code == "not_permitted"


def test_an_attendee_starts_nothing_but_what_was_given_to_them() -> None:
    here = room()
    attendee = here.sim.enter("Ann", ticket="t-1", role=Role.ATTENDEE)
    assert {here.says(attendee, command).code for command in SWITCHED.values()} == {"not_permitted"}
    assert here.says(attendee, Chat("hello")).code is None
    assert here.says(here.host, Allow(Activity.AUDIO, True, attendee)).types == ["allowed"]
    assert here.says(attendee, SetAudio(True)).code is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from([Activity.AUDIO, Activity.CHAT, Activity.SHARE]),
            st.sampled_from([True, False, *ChatLevel]),
            st.booleans(),
        ),
        max_size=12,
    )
)
def test_whatever_was_said_saying_the_last_thing_again_changes_nothing(said: list[tuple[Any, Any, bool]]) -> None:
    here = room()
    for activity, allowed, one in said:
        command = Allow(activity, allowed, here.mia if one else None)
        first = here.says(here.host, command)
        again = here.says(here.host, command)
        assert (again.code, again.types) == (first.code, [])


def test_a_lower_level_takes_the_place_of_a_higher_one_that_was_given() -> None:
    here = room()
    here.says(here.host, Allow(Activity.CHAT, False))
    for level in (ChatLevel.EVERYONE_AND_PRIVATE, ChatLevel.EVERYONE, ChatLevel.HOSTS):
        here.says(here.host, Allow(Activity.CHAT, level, here.mia))
        assert here.sim.pictures[here.mia]["me"]["allowed"]["chat"] == level


def test_a_right_given_to_one_does_not_stay_beside_the_meetings_own() -> None:
    here = room()
    here.says(here.host, Allow(Activity.AUDIO, False))
    here.says(here.host, Allow(Activity.AUDIO, True, here.mia))
    assert here.person(here.mia).grants == {Activity.AUDIO}
    here.says(here.host, Allow(Activity.AUDIO, True))
    here.says(here.host, Allow(Activity.AUDIO, False, here.mia))
    here.says(here.host, Allow(Activity.AUDIO, True, here.mia))
    assert (here.person(here.mia).grants, here.person(here.mia).bars) == (frozenset(), frozenset())


def test_a_right_that_is_there_already_is_no_news_and_levels_are_for_chat_alone() -> None:
    here = room()
    here.says(here.host, Allow(Activity.AUDIO, False))
    here.says(here.host, Allow(Activity.AUDIO, True, here.mia))
    (event,) = here.says(here.host, Allow(Activity.AUDIO, True)).events
    assert (event.level, here.sim.meeting.settings.allow.audio) == (None, True)
    assert "level" not in here.sim.inbox[here.mia][-1]
    assert here.says(here.host, Allow(Activity.AUDIO, True, here.mia)).types == [], "by the meeting's rule"


def test_anothers_bar_takes_nothing_from_oneself() -> None:
    here = room()
    for one in (here.mia, here.noah):
        here.says(here.host, Allow(Activity.RECORD, True, one))
        here.says(one, StartRecording())
    here.says(here.host, Allow(Activity.RECORD, False, here.mia))
    assert here.sim.inbox[here.noah][-1]["type"] == "disallowed"
    assert here.sim.pictures[here.noah]["me"]["allowed"]["record"] is True
    assert (here.person(here.mia).recording, here.person(here.noah).recording) == (False, True)
