"""What is taken is stopped, what is shown is true, and nobody is told on whose place, role or room is another."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.invariants.story import Story
from tests.scenarios.invariants.test_reports import Reported
from tests.scenarios.invariants.test_roles import in_blue

ROLES, MIRROR, GROWS, RETURN = "roles.no-escalation", "mirror.equals-view", "seq.grows", "removed.no-return"


@pytest.fixture
def story() -> Story:
    told = Story()
    told.comes_in("host", "cohost", "ann", "ben")
    return told


# What is taken is stopped


@pytest.mark.parametrize("whom", [None, "ann"])
@pytest.mark.parametrize(("by", "right"), [([], False), (["share"], True)])
def test_barring_a_share_stops_it(story: Story, whom: str | None, by: list[str], right: bool) -> None:
    story.does("ann", "start_share", "share_started", participant="ann")
    about = {"participant": whom} if whom else {}
    stopped = [{"participant": story.ids["ann"], "activities": by}] if by else []
    hears = None if stopped or whom is None else ["host", "cohost", "ann"]
    story.does("host", "allow", "disallowed", activity="share", by="host", stopped=stopped, hears=hears, **about)
    assert story.broken() == ([] if right else [ROLES])


def test_barring_audio_need_not_stop_it(story: Story) -> None:
    story.on("ann")
    story.does("host", "allow", "disallowed", activity="audio", by="host", stopped=[])
    assert story.broken() == []


def test_hosts_share_on_when_it_is_barred(story: Story) -> None:
    story.does("cohost", "start_share", "share_started", participant="cohost")
    story.does("host", "allow", "disallowed", activity="share", by="host", stopped=[])
    assert story.broken() == []


@pytest.mark.parametrize(("stopped", "right"), [([], False), (["record"], True)])
def test_a_role_takes_what_it_gave(story: Story, stopped: list[str], right: bool) -> None:
    made = {"participant": "ann", "by": "host", "quiet": True}
    story.does("host", "make_cohost", "role_changed", role="cohost", **made)
    story.does("ann", "start_recording", "recording_started", participant="ann", quiet=True)
    what = [{"participant": story.ids["ann"], "activities": stopped}] if stopped else []
    story.does("host", "revoke_cohost", "role_changed", role="participant", stopped=what, **made)
    assert (ROLES in story.broken()) is not right


def test_nobody_comes_in_with_something_on(story: Story) -> None:
    joined = story.joins("eve")
    joined.fields["person"]["audio"] = True
    assert ROLES in story.broken()


@pytest.mark.parametrize("kind", ["joined", "joined_waiting_room"])
def test_a_row_for_all_does_not_say_where_somebody_is_from(story: Story, kind: str) -> None:
    joined = story.joins("eve", kind)
    joined.fields["person"]["country"] = "US"
    assert story.broken() == [ROLES]


def test_an_admission_is_a_hosts(story: Story) -> None:
    story.joins("eve", "joined_waiting_room")
    story.admits("eve", by="ann")
    assert story.broken() == [ROLES]


def test_there_is_one_host(story: Story) -> None:
    sent = story.sends(story.now(), "host", "make_host", participant="ann")
    event = story.happens_to(
        "role_changed", participant="ann", role="host", by="host", quiet=True, because={"rule": "make_host"}
    )
    story.answered(sent, event.seq)
    assert ROLES in story.broken()


# Pictures are true


@pytest.mark.parametrize(
    "spoil",
    [
        lambda view: view["participants"].pop(),
        lambda view: view["participants"].append({"id": "p00ff", "name": "nobody"}),
        lambda view: view["participants"][0].update(audio=True),
        lambda view: view["participants"][1].update(role="host"),
        lambda view: view["participants"][2].update(room="blue"),
        lambda view: view["participants"][2].update(recording=True),
    ],
)
def test_a_picture_that_is_not_true(story: Story, spoil: Any) -> None:
    story.sees("ann", lambda view: view["participants"][0].update(place="reconnecting"))
    assert story.broken() == []
    story.happens(story.at, "view_compared", "ann", line=3, equal=True, differs=[], faults=[])
    story.sees("ann", spoil)
    assert story.broken() == [MIRROR]


def test_somebody_who_left_is_in_no_picture(story: Story) -> None:
    story.forget("ben")
    story.does("ben", "leave", "left", participant="ben")
    story.sees("ann")
    assert story.broken() == []
    story.inside.append("ben")
    story.sees("ann")
    assert story.broken() == [MIRROR]


def test_a_picture_says_of_its_own_moment(story: Story) -> None:
    """It may arrive late, when things are otherwise already."""
    view = story.sees("ann")
    story.trace.facts.pop()
    event = story.does("ben", "set_video", "video_changed", hears=["host", "cohost", "ben"], participant="ben", on=True)
    story.trace.facts.append(view)
    view.n = len(story.trace.facts) - 1
    story.tells(event, "ann")
    assert story.broken() == []


def test_a_line_that_was_deleted_says_nothing_any_more(story: Story) -> None:
    said = story.chats("ann", "a line")
    row = {name: said.fields[name] for name in ("message", "from", "to", "text")}
    story.does("ann", "delete_message", "message_deleted", message=said.fields["message"], by="ann")
    story.sees("ben", lambda view: view["messages"].append({**row, "text": "", "deleted": True}))
    assert story.broken() == []
    story.sees("ben", lambda view: view["messages"].append(row))
    assert story.broken() == [ROLES]


@pytest.mark.parametrize("rooms", [[], ["blue", "red"]])
def test_a_picture_says_which_rooms_are_open(rooms: list[str]) -> None:
    story = in_blue()
    story.sees("host", lambda view: view["meeting"].update(rooms=["blue"]))
    assert story.broken() == []
    story.sees("host", lambda view: view["meeting"].update(rooms=rooms))
    assert story.broken() == ["suspended.resume-one-by-one"]


# Told on without a fresh view


def test_a_new_role_calls_for_a_fresh_view(story: Story) -> None:
    sent = story.sends(story.now(), "host", "make_cohost", participant="ann")
    event = story.happens_to("role_changed", participant="ann", role="cohost", by="host", but="ann")
    story.answered(sent, event.seq)
    story.roles["ann"] = "cohost"
    assert story.broken() == []
    story.does("ben", "raise_hand", "hand_changed", participant="ben", up=True)
    assert story.broken() == [GROWS]


def test_and_so_does_a_new_room() -> None:
    story = Story()
    story.comes_in("host", "ann", "ben")
    story.does("host", "open_breakout_rooms", "breakout_rooms_opened", rooms=["blue"], by="host")
    story.does(
        "host", "join_breakout_room", "room_changed", hears=["host", "ben"], participant="ann", by="host", room="blue"
    )
    story.does("ben", "raise_hand", "hand_changed", participant="ben", up=True)
    assert story.broken() == [GROWS]


@pytest.mark.parametrize("shown", [True, False])
def test_who_changed_while_away_is_shown_all_anew(story: Story, shown: bool) -> None:
    after = story._seq
    story.inside.remove("ben")
    lost = story.happens_to("reconnecting", participant="ben")
    role = story.happens_to("role_changed", participant="ben", role="cohost", by="host")
    story.roles["ben"] = "cohost"
    story.hosts.add("ben")
    story.dials("ben")
    sent = story.sends(story.now(), "ben", "resume", after=after, attempt=story.attempt("ben"))
    back = story.happens_to("reconnected", participant="ben", because={"rule": "resume", "country": "US"})
    story.inside.append("ben")
    if shown:
        story.sees("ben")
    else:
        for one in (lost, back):
            story.tells(one, "ben")
    story.answered(sent, back.seq)
    assert (GROWS in story.broken()) is not shown
    assert role.seq is not None


# Put back, and removed


def put_back(by: str = "host") -> Story:
    """Eve is put back to wait, and leaves."""
    story = Story()
    story.comes_in("host", "ann", "eve")
    story.forget("eve")
    why = {"rule": "put_back", "door": "socket", "country": "US", "source": "plan", "database": None, "built": None}
    story.does(by, "put_in_waiting_room", "put_in_waiting_room", participant="eve", by=by, why="put_back", because=why)
    story.happens_to("left", hears=["host"], participant="eve")
    return story


def test_leaving_is_no_way_round_being_put_back() -> None:
    story = put_back()
    story.joins("eve", "joined_waiting_room", because={"rule": "put_back"})
    assert story.broken() == []
    story.admits("eve")
    story.forget("eve")
    story.does("eve", "leave", "left", participant="eve")
    story.joins("eve")
    assert story.broken() == []
    story = put_back()
    story.joins("eve")
    assert story.broken() == [RETURN]


def test_a_device_that_others_have_too_is_nobodys_own() -> None:
    story = put_back()
    for ref in ("ann", "eve"):
        story.trace.members[ref] = type(story.trace.members[ref])(
            **{
                name: getattr(story.trace.members[ref], name)
                for name in ("ref", "group", "index", "role", "country", "behavior", "name")
            },
            device="device of eve",
        )
    story.joins("eve")
    assert story.broken() == []


def test_a_session_that_is_void_is_answered_as_removed() -> None:
    story = Story()
    story.comes_in("host", "eve")
    story.removes("eve")
    story.dials("eve")
    sent = story.sends(story.now(), "eve", "resume", after=1, attempt=story.attempt("eve"))
    story.answered(sent, error={"code": "resume_lost", "detail": "", "temporary": True})
    assert story.broken() == [RETURN]


def test_the_line_of_the_removed_is_closed() -> None:
    story = Story()
    story.comes_in("host", "eve")
    story.removes("eve")
    story.trace.facts = [fact for fact in story.trace.facts if fact.fact != "disconnected"]
    assert story.broken() == ["removed.no-frame-after"]


# Evidence


@pytest.mark.parametrize("chat", ["all", "none"])
def test_evidence_has_the_last_line_that_the_reporter_read(chat: str) -> None:
    story = Reported()
    said = story.chats("eve", "what it is about")
    row = story.filing("r1", "ann", "participant")
    line = {"message": said.fields["message"], "from": story.ids["eve"], "to": "everyone"}
    row["evidence"]["chat"] = [line] if chat == "all" else []
    story.reports(evidence=row["evidence"])
    assert story.broken() == ([] if chat == "all" else ["report.durable-with-evidence"])


def test_evidence_need_not_have_what_the_reporter_never_read() -> None:
    story = Reported()
    story.chats("eve", "before")
    story.joins("ben")
    story.reports(by="ben")
    assert story.broken() == []
