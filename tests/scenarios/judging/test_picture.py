"""The picture that is folded from the facts of a run says what the meeting is."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from meetingsim.scenarios.picture import Picture
from meetingsim.scenarios.trace import Fact, Member, Trace
from meetingsim.state.meeting import Meeting, Person
from meetingsim.state.plain import frame_of, plain
from meetingsim.state.view import settings_row
from tests.driver import Sim
from tests.meetings import Plan, meetings, play


class Watch:
    """Folds what happened in a meeting after every command, and compares."""

    def __init__(self) -> None:
        self.trace = Trace("made", 1, "here", "virtual", 0, frozenset({"server"}))
        self.picture: Picture | None = None
        self.seen = 0

    def __call__(self, sim: Sim) -> None:
        if self.picture is None:
            self.trace.settings = settings_row(sim.settings)
            self.picture = Picture(self.trace)
        for person in sim.meeting.people.values():
            self._know(person)
        for row in sim.rows[self.seen :]:
            frame = frame_of(row.event, row.seq, row.at)
            self.picture.apply(Fact(row.event.type, row.at, frame, seq=row.seq))
        self.seen = len(sim.rows)
        self._compare(sim.meeting, self.picture)

    def _know(self, person: Person) -> None:
        """Everybody who ever came is a member of the cast, by another name than the wire's."""
        ref = self.trace.people.setdefault(person.id, f"cast[{len(self.trace.people)}]")
        if self.picture is not None and ref not in self.picture.cast:
            self.trace.members[ref] = Member(ref, "cast", 0, person.role.value, None, None, "")
            self.picture.cast[ref] = Picture(self.trace).cast[ref]

    def _compare(self, meeting: Meeting, picture: Picture) -> None:
        for person in meeting.people.values():
            row, said = picture.cast[self.trace.people[person.id]], as_seen(person)
            assert {name: row[name] for name in said} == said
        said = as_meant(meeting)
        assert {name: picture.meeting[name] for name in said} == said
        assert picture.waiting_count == len(meeting.queue)


def as_seen(person: Person) -> dict[str, Any]:
    """What the picture should say of somebody."""
    return {
        "role": person.role.value,
        "name": person.name,
        "place": person.place.value,
        "seat": person.where.value if person.where.value in {"early", "waiting", "inside"} else None,
        "country": person.origin.country,
        **{name: getattr(person, name) for name in ("audio", "video", "share", "recording", "hand", "room")},
    }


def as_meant(meeting: Meeting) -> dict[str, Any]:
    """What the picture should say of the meeting."""
    settings = settings_row(meeting.settings)
    return {
        "topic": meeting.topic,
        "status": meeting.status,
        "locked": meeting.locked,
        "suspended": plain(meeting.suspended),
        "rooms": list(meeting.rooms),
        "settings": settings,
        "allow": settings["allow"],
        "waiting_room": settings["waiting_room"],
    }


@given(meetings())
def test_the_picture_says_what_the_meeting_is(plan: Plan) -> None:
    play(plan, Watch())


def watched(facts: list[Fact], **people: str) -> Picture:
    """The picture of a teacher and two pupils after these facts."""
    cast = [Member("teacher", "teacher", 0, "host", "US", None, "Prof. Ito")]
    cast += [Member(f"pupils[{at}]", "pupils", at, "participant", "NO", "attendee", f"Pupil {at}") for at in range(2)]
    trace = Trace("told", 1, "here", "virtual", 0, frozenset({"server"}), {one.ref: one for one in cast}, people)
    picture = Picture(trace)
    for fact in facts:
        picture.apply(fact)
    return picture


def joined(participant: str, seq: int = 1, kind: str = "joined") -> Fact:
    """Somebody comes."""
    person = {"id": participant, "name": "Zoë", "role": "participant", "place": "inside"}
    return Fact(kind, 0, {"participant": participant, "person": person}, seq=seq)


def test_before_anything_everybody_is_nowhere_and_the_settings_are_those_of_the_meeting() -> None:
    picture = watched([])
    assert picture.cast["pupils[1]"]["place"] is None
    assert picture.cast["pupils[1]"]["country"] == "NO"
    assert picture.cast["teacher"]["role"] == "host"
    assert picture.meeting["waiting_room"]["chat"] == "two_way"


def test_a_row_follows_the_latest_participant_that_somebody_is() -> None:
    people = {"p1": "pupils[0]", "p2": "pupils[0]"}
    facts = [joined("p1"), joined("p2", 2), Fact("removed", 1, {"participant": "p1"}, seq=3)]
    assert watched(facts, **people).cast["pupils[0]"]["place"] == "inside"
    back = [*facts[:2], Fact("reconnecting", 1, {"participant": "p1"}), Fact("reconnected", 2, {"participant": "p1"})]
    again = [*back, Fact("left", 3, {"participant": "p2"})]
    assert watched(again, **people).cast["pupils[0]"]["place"] == "inside"


def test_what_hosts_made_of_somebody_is_over_when_they_leave_and_wait_again() -> None:
    raised = Fact("role_changed", 1, {"participant": "p1", "role": "cohost", "by": "host"})
    knock = joined("p1", 4, "joined_waiting_room")
    knock.fields["person"] = {"id": "p1", "name": "Zoë", "place": "waiting"}
    story = [joined("p1"), raised, Fact("left", 2, {"participant": "p1"}), knock]
    roles = [watched(story[:so_far], p1="pupils[0]").cast["pupils[0]"]["role"] for so_far in range(1, 5)]
    assert roles == ["participant", "cohost", "cohost", "participant"]


def test_somebody_who_waits_as_two_is_counted_twice_and_strangers_are_counted() -> None:
    knocks = [joined(one, kind="joined_waiting_room") for one in ("p1", "p2", "p3")]
    for knock in knocks:
        knock.fields["person"]["place"] = "waiting"
    assert watched(knocks, p1="pupils[0]", p2="pupils[0]").waiting_count == 3


def test_a_suspend_that_does_not_say_what_it_stopped_stops_everything() -> None:
    on = Fact("audio_changed", 1, {"participant": "p1", "on": True})
    facts = [joined("p1"), on, Fact("suspended", 2, {"by": "host"})]
    picture = watched(facts, p1="pupils[0]")
    assert picture.cast["pupils[0]"]["audio"] is False
    assert len(picture.suspended) == 8


def test_what_a_suspend_does_not_list_goes_on() -> None:
    on = Fact("recording_started", 1, {"participant": "p1"})
    facts = [joined("p1"), on, Fact("suspended", 2, {"by": "host", "activities": ["audio"], "stopped": []})]
    picture = watched(facts, p1="pupils[0]")
    assert picture.cast["pupils[0]"]["recording"] is True
    assert picture.suspended == ["audio"]


def test_somebody_is_connected_while_a_line_is_left() -> None:
    def line(kind: str, number: int) -> Fact:
        return Fact(kind, 0, {"line": number}, "pupils[0]")

    facts = [line("connected", 1), line("connected", 2), line("disconnected", 1)]
    assert watched(facts).cast["pupils[0]"]["connected"] is True
    assert watched([*facts, line("disconnected", 2)]).cast["pupils[0]"]["connected"] is False


def test_the_attempt_is_that_of_the_last_join_that_was_sent() -> None:
    sent = Fact("sent", 0, {"command": "join", "attempt": {"via": "vpn"}}, "pupils[0]")
    later = Fact("sent", 1, {"command": "chat"}, "pupils[0]")
    picture = watched([sent])
    assert picture.touched == ["pupils[0]"]
    assert watched([sent, later]).cast["pupils[0]"]["attempt"] == {"via": "vpn"}


def test_what_is_news_changes_nothing() -> None:
    picture = watched([joined("p1")], p1="pupils[0]")
    version = picture.version
    assert not picture.apply(Fact("reacted", 0, {"participant": "p1", "kind": "applause"}))
    assert (picture.touched, picture.changed, picture.version) == ([], False, version)


def test_whoever_is_put_back_has_nothing_on_and_closing_the_rooms_stops_the_shares_in_them_alone() -> None:
    started = [Fact("share_started", 1, {"participant": one}) for one in ("p1", "p2")]
    moved = Fact("room_changed", 0, {"participant": "p1", "room": "one"})
    facts = [joined("p1"), joined("p2"), moved, *started]
    people = {"p1": "pupils[0]", "p2": "pupils[1]"}
    closed = watched([*facts, Fact("breakout_rooms_closed", 2, {})], **people).cast
    assert [closed[f"pupils[{at}]"]["share"] for at in range(2)] == [False, True]
    back = watched([*facts, Fact("put_in_waiting_room", 2, {"participant": "p2"})], **people).cast
    assert [back[f"pupils[{at}]"]["share"] for at in range(2)] == [True, False]
