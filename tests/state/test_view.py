"""Pictures: what they hold, that rooms are told apart in them, and that a fold says so where something is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from meetingsim.state.control import Asker, Context, Decision
from meetingsim.state.controls.audio_video import SetAudio
from meetingsim.state.controls.chat import Chat
from meetingsim.state.controls.media import Media
from meetingsim.state.controls.rename import Rename
from meetingsim.state.controls.share import StartShare
from meetingsim.state.controls.start_end import Start
from meetingsim.state.controls.suspend import Suspend
from meetingsim.state.engine import decide, hears, record, show
from meetingsim.state.meeting import Meeting, Role
from meetingsim.state.plain import frame_of
from meetingsim.state.settings import Activity, WaitingRoom
from meetingsim.state.view import participant_row, position_of, seat_in, view_of
from tests.state.room import Room, change, room, scheduled

PARTICIPANT = {"id", "name", "role", "place", "audio", "video", "share", "recording", "hand", "profile_picture"}


def test_what_a_view_holds() -> None:
    here = room(waiting_room=WaitingRoom())
    zoe = here.sim.enter("Zoe", country="US")
    host, mia = here.sim.pictures[here.host], here.sim.pictures[here.mia]
    for view in (host, mia):
        assert set(view) == {"me", "meeting", "participants", "waiting", "messages", "waiting_messages"}
        assert {"id", "name", "role", "place", "allowed", "bars"} <= set(view["me"])
        assert {"id", "topic", "kind", "status", "locked", "suspended", "waiting_room", "allow"} <= set(view["meeting"])
    assert [row["id"] for row in mia["participants"]] == [here.host, here.cohost, here.mia, here.noah]
    assert {frozenset(row) for row in mia["participants"]} == {frozenset(PARTICIPANT)}
    assert {frozenset(row) for row in host["participants"]} == {frozenset(PARTICIPANT | {"country"})}
    assert mia["waiting"] == []
    assert host["waiting"] == [
        {
            "id": zoe,
            "name": "Zoe",
            "since": "2026-01-01T12:00:00.000Z",
            "why": "waiting_room",
            "place": "waiting",
            "country": "US",
        }
    ]
    assert "settings" in host["meeting"]
    assert "settings" not in mia["meeting"]
    assert position_of(here.sim.meeting, zoe) == 1
    assert position_of(here.sim.meeting, here.mia) is None


def apart() -> tuple[Room, Meeting]:
    """A meeting with two breakout rooms: Mia in A, Noah in B, the hosts in the main room."""
    here = room()
    people = dict(here.sim.meeting.people)
    for one, where in ((here.mia, "A"), (here.noah, "B")):
        people[one] = replace(people[one], room=where)
    return here, replace(here.sim.meeting, people=people, rooms=("A", "B"))


def asks(meeting: Meeting, participant: str, command: Any) -> Decision:
    decided = decide(meeting, command, Context(1_000, Asker("person", participant), "socket"))
    assert isinstance(decided, Decision)
    return decided


def test_a_room_is_in_the_picture() -> None:
    here, meeting = apart()
    view = view_of(meeting, here.host)
    assert [row.get("room") for row in view["participants"]] == [None, None, "A", "B"]
    assert view_of(meeting, here.mia)["me"]["room"] == "A"
    assert "room" not in view["me"]
    assert "room" not in participant_row(meeting.people[here.host])


def test_chat_to_everyone_and_media_stay_in_ones_room() -> None:
    here, meeting = apart()
    after, (line,) = record(meeting, asks(meeting, here.mia, Chat("in A")).facts, 1_000)
    assert [one for one, person in after.people.items() if hears(line.audience, person)] == [here.mia]
    frame = frame_of(line.event, line.seq, line.at)
    assert "room" not in frame
    view = view_of(meeting, here.mia)
    show(view, frame)
    assert view == view_of(after, here.mia)
    assert view["messages"][0]["room"] == "A"
    assert view_of(after, here.host)["messages"] == view_of(after, here.noah)["messages"] == []
    main, (line,) = record(after, asks(after, here.host, Chat("in the main room")).facts, 1_000)
    assert {one for one, person in main.people.items() if hears(line.audience, person)} == {here.host, here.cohost}
    talking, _ = record(meeting, asks(meeting, here.mia, SetAudio(True)).facts, 1_000)
    (signal,) = asks(talking, here.mia, Media("audio", 1)).signals
    assert [one for one, person in talking.people.items() if hears(signal.audience, person)] == [here.mia]


def test_one_share_in_each_room() -> None:
    here, meeting = apart()
    for one in (here.mia, here.noah, here.host):
        decided = asks(meeting, one, StartShare())
        assert [fact.event.type for fact in decided.facts] == ["share_started"]
        meeting, _ = record(meeting, decided.facts, 1_000)


def test_a_suspension_closes_the_rooms_and_all_return() -> None:
    here, meeting = apart()
    after, (row,) = record(meeting, asks(meeting, here.host, Suspend()).facts, 1_000)
    assert (after.rooms, {person.room for person in after.people.values()}) == ((), {None})
    view = view_of(meeting, here.host)
    show(view, frame_of(row.event, row.seq, row.at))
    assert view == view_of(after, here.host)
    assert after.people[here.mia].placed == row.seq, "whoever returns gets a fresh view"
    assert after.people[here.host].placed < row.seq
    halfway = replace(after, rooms=("A",))
    assert asks(halfway, here.host, Suspend()).facts
    assert not asks(after, here.host, Suspend()).facts


def test_hosts_hear_of_early_ones_and_have_no_row_of_them() -> None:
    sim = scheduled(join_before_host=True)
    dora = sim.enter("Dora", ticket="t-1", role=Role.COHOST)
    change(sim, join_before_host=False)
    mia = sim.enter("Mia", country="BR")
    sim.tell(dora, Rename("Guest", mia))
    sim.drop(mia)
    sim.resume(sim.sessions[mia])
    heard = [frame["type"] for frame in sim.inbox[dora]]
    assert heard[-5:] == ["arrived_early", "origin_known", "renamed", "reconnecting", "reconnected"]
    arrived, known = sim.inbox[dora][-5:-3]
    assert (arrived["participant"], arrived["name"], known["country"]) == (mia, "Mia", "BR")
    assert [row["id"] for row in sim.pictures[dora]["participants"]] == [dora]
    assert sim.pictures[dora]["waiting"] == []
    sim.enter("Noah", country="US")
    sim.drop(mia)
    sim.http(Start())
    assert [row["place"] for row in sim.pictures[dora]["participants"]] == ["inside", "reconnecting", "inside"]


@pytest.mark.parametrize(("enabled", "part"), [(False, "participants"), (True, "waiting")])
def test_a_country_is_null_in_a_hosts_row_until_it_is_told(enabled: bool, part: str) -> None:
    here = room(waiting_room=WaitingRoom(enabled=enabled))
    view = view_of(here.sim.meeting, here.host)
    came, known = here.sim.join("Zoe", country="US").rows
    show(view, frame_of(came.event, came.seq, came.at))
    assert (view[part][-1]["name"], view[part][-1]["country"]) == ("Zoe", None)
    show(view, frame_of(known.event, known.seq, known.at))
    assert view[part][-1]["country"] == "US"


def test_all_that_somebody_outside_is_shown() -> None:
    sign = WaitingRoom(title="One moment", description="We begin at noon")
    here = room(waiting_room=sign)
    zoe = here.sim.enter("Zoe", country="US")
    nothing = {one.value: False for one in Activity if one is not Activity.CHAT} | {"chat": "nobody"}
    view = here.sim.pictures[zoe]
    assert (view["me"]["name"], view["me"]["place"], view["me"]["position"]) == ("Zoe", "waiting", 1)
    assert view["me"]["allowed"] == nothing
    assert {one: view[one] for one in view if one != "me"} == {
        "meeting": {
            "id": here.sim.meeting.id,
            "status": "started",
            "waiting_room": {"title": "One moment", "description": "We begin at noon"},
        },
        "waiting_messages": [],
    }


def test_hosts_see_that_somebody_waiting_lost_the_connection_and_is_back() -> None:
    here = room(waiting_room=WaitingRoom())
    zoe = here.sim.enter("Zoe")
    (row,) = here.sim.pictures[here.cohost]["waiting"]
    here.sim.drop(zoe)
    assert row["place"] == "reconnecting"
    here.sim.resume(here.sim.sessions[zoe])
    assert row["place"] == "waiting"


def test_a_fold_says_so_where_somebody_is_missing() -> None:
    here = room()
    view = here.sim.pictures[here.mia]
    assert seat_in(view, here.noah)["name"] == "Noah"
    with pytest.raises(KeyError, match="nobody"):
        seat_in(view, "nobody")
