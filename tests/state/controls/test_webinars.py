"""Webinars: attendees watch and chat, panelists take part, and one attendee may be let to speak."""

from __future__ import annotations

import pytest

from meetingsim.state.control import Command, Ticket
from meetingsim.state.controls.allow import Allow
from meetingsim.state.controls.audio_video import SetAudio, SetVideo
from meetingsim.state.controls.chat import Chat
from meetingsim.state.controls.cohost import MakeCohost, RevokeCohost
from meetingsim.state.controls.make_host import MakeHost
from meetingsim.state.controls.media import Media
from meetingsim.state.controls.moments import Annotate, RaiseHand, React, SetProfilePicture
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.controls.recording import StartRecording
from meetingsim.state.controls.rename import Rename
from meetingsim.state.controls.share import StartShare
from meetingsim.state.controls.suspend import Suspend
from meetingsim.state.meeting import Role
from meetingsim.state.settings import Activity, ChatLevel
from tests.driver import PASSCODE, Sim
from tests.state.room import came_in, owned

STARTS: dict[Activity, Command] = {
    Activity.AUDIO: SetAudio(True),
    Activity.VIDEO: SetVideo(True),
    Activity.SHARE: StartShare(),
    Activity.ANNOTATE: Annotate(),
    Activity.RECORD: StartRecording(),
    Activity.RENAME: Rename("Mia B."),
    Activity.PROFILE_PICTURE: SetProfilePicture(True),
}


def webinar() -> tuple[Sim, str, str, str]:
    """With its host, a panelist by ticket, and an attendee by passcode."""
    sim = owned("webinar")
    host = sim.enter("Prof. Ito", host=True)
    panelist = came_in(sim, "Finn", ticket=Ticket("t-1", Role.PANELIST)).id
    return sim, host, panelist, came_in(sim, "Mia", passcode=PASSCODE).id


def test_whoever_comes_without_a_ticket_is_an_attendee() -> None:
    sim, host, panelist, mia = webinar()
    assert [sim.person(one).role.value for one in (host, panelist, mia)] == ["host", "panelist", "attendee"]
    taking_part = came_in(sim, "Ada", ticket=Ticket("t-2", Role.PARTICIPANT))
    assert taking_part.role is Role.PARTICIPANT, "what the ticket says"
    assert came_in(owned(), "Mia", passcode=PASSCODE).role is Role.PARTICIPANT, "in a meeting nobody is"


@pytest.mark.parametrize("activity", STARTS)
def test_an_attendee_starts_nothing_until_they_are_let_to(activity: Activity) -> None:
    sim, host, _, mia = webinar()
    assert sim.tell(mia, STARTS[activity]).code == "not_permitted"
    assert sim.pictures[mia]["me"]["allowed"][activity] is False
    sim.tell(host, Allow(activity, True))
    assert sim.tell(mia, STARTS[activity]).code == "not_permitted", "what is for all is not for attendees"
    assert sim.tell(host, Allow(activity, True, mia)).types == ["allowed"]
    assert sim.tell(host, Allow(activity, True, mia)).types == [], "there already"
    assert sim.pictures[mia]["me"]["allowed"][activity] is True
    assert sim.tell(mia, STARTS[activity]).code is None
    others = [one for one in STARTS if one is not activity]
    assert not any(sim.pictures[mia]["me"]["allowed"][one] for one in others), "one activity, and no other"


def test_an_attendee_who_speaks_is_heard_and_can_be_stopped_again() -> None:
    sim, host, panelist, mia = webinar()
    assert sim.tell(mia, Media("audio", 1)).code == "not_permitted"
    sim.tell(panelist, SetAudio(True))
    sim.tell(host, Allow(Activity.AUDIO, True, mia))
    sim.tell(mia, SetAudio(True))
    assert sim.tell(mia, Media("audio", 2)).code is None
    done = sim.tell(host, Allow(Activity.AUDIO, False, mia, stop=True))
    assert done.events[0].stopped == ({"participant": mia, "activities": ["audio"]},)
    assert sim.tell(mia, SetAudio(True)).code == "not_permitted"
    assert sim.person(panelist).audio is True


def test_an_attendee_is_let_to_speak_during_a_suspension_and_no_longer_than_the_next() -> None:
    sim, host, _, mia = webinar()
    sim.tell(host, Suspend())
    sim.tell(host, Allow(Activity.AUDIO, True, mia))
    assert sim.tell(mia, SetAudio(True)).code is None
    sim.tell(host, Suspend())
    assert sim.person(mia).audio is False
    assert sim.tell(mia, SetAudio(True)).code == "suspended"
    sim.tell(host, Allow(Activity.AUDIO, True))
    assert sim.tell(mia, SetAudio(True)).code == "not_permitted", "back to watching"


def test_attendees_chat_and_react_and_raise_a_hand_as_anybody() -> None:
    sim, host, panelist, mia = webinar()
    for to in (None, "hosts", panelist):
        assert sim.tell(mia, Chat("hello", to)).code is None
    assert sim.tell(mia, React("applause")).code is None
    assert sim.tell(mia, RaiseHand(True)).code is None
    sim.tell(host, Allow(Activity.CHAT, ChatLevel.HOSTS))
    assert sim.tell(mia, Chat("hello")).code == "not_permitted"
    assert sim.tell(mia, Chat("hello", host)).code is None


def test_a_panelist_takes_part_and_falls_silent_with_a_suspension() -> None:
    sim, host, panelist, _ = webinar()
    sim.tell(host, Allow(Activity.RECORD, True))
    for activity, start in STARTS.items():
        assert sim.tell(panelist, start).code is None, activity
    sim.tell(host, Suspend())
    assert sim.tell(panelist, SetAudio(True)).code == "suspended"
    assert sim.tell(panelist, Allow(Activity.AUDIO, True)).code == "not_host"


@pytest.mark.parametrize("who", ["panelist", "attendee"])
def test_revoking_gives_back_exactly_the_earlier_role_twice_over(who: str) -> None:
    sim, host, panelist, mia = webinar()
    one = panelist if who == "panelist" else mia
    sim.tell(host, Allow(Activity.VIDEO, False, one))
    before = sim.pictures[one]["me"]
    for _ in range(2):
        sim.tell(host, MakeCohost(one))
        assert sim.pictures[one]["me"]["allowed"]["video"] is True
        sim.tell(host, RevokeCohost(one))
        assert sim.pictures[one]["me"] == before
    sim.tell(host, MakeHost(one))
    sim.tell(one, MakeHost(host))
    sim.tell(host, RevokeCohost(one))
    assert sim.pictures[one]["me"] == before


def test_an_attendee_revoked_from_cohost_stops_what_they_may_only_have_as_one() -> None:
    sim, host, _, mia = webinar()
    sim.tell(host, MakeCohost(mia))
    sim.tell(mia, SetAudio(True))
    done = sim.tell(host, RevokeCohost(mia))
    assert done.events[0].stopped == ({"participant": mia, "activities": ["audio"]},)
    assert sim.person(mia).audio is False


def test_a_cohost_who_is_put_back_is_an_attendee_again() -> None:
    sim, host, _, mia = webinar()
    sim.tell(host, MakeCohost(mia))
    sim.tell(host, PutInWaitingRoom(mia))
    assert sim.person(mia).role is Role.ATTENDEE
