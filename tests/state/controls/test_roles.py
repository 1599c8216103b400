"""Cohosts: who makes them, what they may, and that revoking gives back exactly what was before."""

from __future__ import annotations

from dataclasses import replace

from meetingsim.state.controls.allow import Allow
from meetingsim.state.controls.audio_video import SetAudio, SetVideo
from meetingsim.state.controls.cohost import MakeCohost, RevokeCohost
from meetingsim.state.controls.lock import Lock, Unlock
from meetingsim.state.controls.make_host import MakeHost
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.recording import StartRecording
from meetingsim.state.controls.suspend import Suspend
from meetingsim.state.meeting import Role
from meetingsim.state.settings import Activity, WaitingRoom
from tests.state.room import room, started


def test_the_host_alone_makes_and_revokes() -> None:
    here = room()
    for command in (MakeCohost(here.mia), RevokeCohost(here.cohost)):
        assert here.says(here.mia, command).code == "not_host"
        assert here.says(here.cohost, command).code == "not_host"
    made = here.says(here.host, MakeCohost(here.mia))
    assert made.types == ["role_changed"]
    assert made.reason == {"rule": "make_cohost", "door": "socket", "asked_by": here.host}
    assert here.sim.inbox[here.mia][-1]["type"] == "view", "a new role gets a fresh view"
    assert here.sim.inbox[here.noah][-1]["role"] == "cohost"
    assert here.sim.pictures[here.mia]["participants"][0]["country"] == "DE"
    assert here.says(here.host, MakeCohost(here.mia)).types == []
    revoked = here.sim.http(RevokeCohost(here.mia), kind="admin")
    assert revoked.reason["rule"] == "revoke_cohost"
    assert "country" not in here.sim.pictures[here.mia]["participants"][0]
    assert here.says(here.host, RevokeCohost(here.mia)).types == []


def test_the_host_stays_the_host() -> None:
    here = room()
    assert here.says(here.host, MakeCohost(here.host)).code == "protected"
    assert here.sim.http(RevokeCohost(here.host)).code == "protected"
    assert here.says(here.host, MakeCohost("nobody")).code == "no_such_participant"
    assert here.says(here.host, RevokeCohost("nobody")).code == "no_such_participant"
    here.says(here.mia, Leave())
    assert here.says(here.host, MakeCohost(here.mia)).code == "not_inside"


def test_revoking_gives_back_exactly_the_earlier_rights() -> None:
    here = room()
    here.says(here.host, Allow(Activity.AUDIO, False, here.mia))
    before = here.person(here.mia)
    here.says(here.host, MakeCohost(here.mia))
    assert here.says(here.mia, Lock()).code is None
    here.says(here.host, RevokeCohost(here.mia))
    after = here.person(here.mia)
    assert replace(after, changed=0, placed=0) == replace(before, changed=0, placed=0)
    assert here.says(here.mia, Unlock()).code == "not_host"
    assert here.says(here.mia, SetAudio(True)).code == "not_permitted"


def test_a_panelist_is_a_panelist_again() -> None:
    here = room()
    finn = here.sim.enter("Finn", ticket="t-1", role=Role.PANELIST)
    here.says(here.host, MakeCohost(finn))
    here.says(here.host, RevokeCohost(finn))
    assert here.person(finn).role is Role.PANELIST


def test_a_cohost_by_ticket_is_a_participant_once_revoked() -> None:
    here = room(waiting_room=WaitingRoom())
    dora = here.sim.enter("Dora", ticket="t-1", role=Role.COHOST)
    assert here.person(dora).role is Role.COHOST
    here.says(here.host, RevokeCohost(dora))
    assert here.person(dora).role is Role.PARTICIPANT


def test_a_cohost_by_a_newer_ticket_has_no_earlier_role() -> None:
    here = room()
    finn = here.sim.enter("Finn", user="u-1", ticket="t-1", role=Role.PANELIST)
    here.says(here.host, MakeCohost(finn))
    here.says(finn, Leave())
    assert here.sim.enter("Finn", user="u-1", ticket="t-2", role=Role.COHOST) == finn
    here.says(here.host, RevokeCohost(finn))
    assert here.person(finn).role is Role.PARTICIPANT


def test_revoking_stops_what_a_participant_may_not_have_running() -> None:
    here = room()
    for command in (SetAudio(True), SetVideo(True), StartRecording()):
        here.says(here.cohost, command)
    here.says(here.host, Allow(Activity.VIDEO, False))
    revoked = here.says(here.host, RevokeCohost(here.cohost))
    assert revoked.events[0].stopped == ({"participant": here.cohost, "activities": ["video", "record"]},)
    person = here.person(here.cohost)
    assert (person.audio, person.video, person.recording) == (True, False, False)
    here.says(here.host, MakeCohost(here.cohost))
    here.says(here.host, Suspend())
    here.says(here.cohost, SetAudio(True))
    here.says(here.host, RevokeCohost(here.cohost))
    assert here.person(here.cohost).audio is False


def test_nobody_is_promoted_when_the_host_is_gone() -> None:
    here = room(waiting_room=WaitingRoom())
    waiting = here.sim.enter("Zoe")
    here.says(here.host, Leave())
    assert [one.role for one in here.sim.meeting.inside()] == [Role.COHOST, Role.PARTICIPANT, Role.PARTICIPANT]
    assert here.sim.meeting.queue == (waiting,)
    assert here.says(here.cohost, Lock()).code is None
    assert here.says(here.cohost, MakeCohost(here.mia)).code == "not_host"
    assert here.sim.http(MakeCohost(here.mia)).code is None


def test_the_owner_who_is_host_again_changes_nobodys_role_who_is_gone() -> None:
    """A change of the role of somebody whom nobody sees would be a frame that no client can fold."""
    here = room()
    here.says(here.host, MakeHost(here.mia))
    here.says(here.mia, Leave())
    here.says(here.host, Leave())
    back = here.sim.join("Prof. Ito", host=True)
    assert "role_changed" not in back.types
    assert here.person(here.host).role is Role.HOST
    assert here.person(here.sim.enter("Mia", device="d-Mia")).role is Role.PARTICIPANT


def test_a_token_has_the_rank_of_the_host_in_a_meeting_without_one() -> None:
    sim = started()
    mia = sim.enter("Mia")
    assert sim.http(MakeCohost(mia)).events[0].by == "host"
    assert sim.http(RevokeCohost(mia), kind="admin").events[0].by == "admin"
