"""The order of what is told, answers and their number, the end, and pictures: each broken in one way at a time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.invariants.story import Story

GROWS, ONCE, SILENT, MIRROR = "seq.grows", "command.once", "ended.silent", "mirror.equals-view"


@pytest.fixture
def story() -> Story:
    told = Story()
    told.comes_in("host", "ann", "ben")
    return told


def hand(story: Story, up: bool = True, **more: Any) -> Any:
    """Ann raises or lowers her hand."""
    return story.does("ann", "raise_hand", "hand_changed", participant="ann", up=up, **more)


# seq.grows


def test_a_hole_in_the_journal(story: Story) -> None:
    story._seq += 1
    hand(story)
    assert story.broken() == [GROWS]


def test_the_same_seq_twice(story: Story) -> None:
    hand(story)
    story._seq -= 1
    hand(story, up=False)
    assert GROWS in story.broken()


def test_an_event_told_twice(story: Story) -> None:
    story.tells(hand(story), "ben")
    assert story.broken() == [GROWS]


def test_an_event_told_late(story: Story) -> None:
    first = hand(story, hears=["host", "ann"])
    hand(story, up=False)
    story.tells(first, "ben")
    assert story.broken() == [GROWS]


def test_an_event_that_is_left_out(story: Story) -> None:
    missed = hand(story, hears=["host", "ann"])
    heard = hand(story, up=False)
    assert story.broken() == [GROWS]
    check = story.checks()[GROWS]
    assert f"without hand_changed {missed.seq} before it" in check.said
    assert missed.n in check.witnesses
    assert heard.fact == "hand_changed"


def test_what_only_others_are_told_is_no_hole(story: Story) -> None:
    story.chats("ann", "to the hosts", "hosts")
    hand(story)
    assert story.broken() == []


@pytest.mark.parametrize(("to", "hears"), [("hosts", ["ann"]), ("ben", ["ann"]), ("everyone", ["host", "ann"])])
def test_a_line_that_is_left_out_for_somebody_it_is_for(to: str, hears: list[str], story: Story) -> None:
    missed = story.chats("ann", "a line", to, hears)
    assert story.broken() == []
    hand(story)
    assert story.broken() == [GROWS]
    assert f"without message {missed.seq} before it" in story.checks()[GROWS].said


def test_a_refused_entry_that_a_host_is_not_told(story: Story) -> None:
    missed = story.refused("eve", "wrong_passcode")
    hand(story)
    assert story.broken() == []
    story.trace.facts[:] = [fact for fact in story.trace.facts if not is_told(fact, "entry_refused")]
    assert story.broken() == [GROWS]
    assert f"without entry_refused {missed.seq} before it" in story.checks()[GROWS].said


def is_told(fact: Any, kind: str) -> bool:
    return fact.fact == "received" and fact.fields["frame"].get("type") == kind


def test_whoever_waits_is_told_lines_alone(story: Story) -> None:
    story.joins("eve", "joined_waiting_room")
    hand(story)
    missed = story.writes("host", "eve", hears=["host"])
    assert story.broken() == []
    heard = story.writes("host", "eve")
    assert story.broken() == [GROWS]
    assert f"without waiting_room_message {missed.seq} before it" in story.checks()[GROWS].said
    assert heard.fact == "waiting_room_message"


def test_whoever_is_let_in_is_shown_the_meeting_before_they_are_told_on(story: Story) -> None:
    story.joins("eve", "joined_waiting_room")
    story.admits("eve")
    assert story.broken() == []
    sight = story.trace.facts.index(next(fact for fact in reversed(story.trace.facts) if is_told(fact, "view")))
    view = story.trace.facts.pop(sight)
    assert view.actor == "eve"
    hand(story)
    assert GROWS in story.broken()
    assert "eve, who was waiting and is participant in the main room" in story.checks()[GROWS].said


def test_an_event_that_a_picture_had_already(story: Story) -> None:
    event = hand(story, hears=["host", "ann"])
    story.sees("ben")
    assert story.broken() == []
    story.tells(event, "ben")
    assert story.broken() == [GROWS]


def test_an_older_picture(story: Story) -> None:
    hand(story)
    story.sees("ben", seq=2)
    assert story.broken() == [GROWS]


def test_a_picture_of_what_is_not_there_yet(story: Story) -> None:
    story.sees("ben", seq=story._seq + 1)
    assert story.broken() == [GROWS]


def test_a_picture_of_another_history(story: Story) -> None:
    seen = story.sees("ben")
    seen.fields = {**seen.fields, "frame": {**seen.fields["frame"], "epoch": "another"}}
    assert story.broken() == [GROWS]


def test_a_frame_that_the_journal_does_not_have(story: Story) -> None:
    story.reads(story.now(), {"type": "annotated", "seq": 99, "at": "", "participant": story.ids["ann"]}, "ben")
    assert story.broken() == [GROWS]


def test_a_frame_that_says_otherwise(story: Story) -> None:
    event = hand(story, hears=["host", "ann"])
    frame = {name: value for name, value in event.fields.items() if name != "because"}
    story.reads(story.at, {**frame, "up": False}, "ben")
    assert story.broken() == [GROWS]


def test_an_answer_before_what_it_caused(story: Story) -> None:
    sent = story.sends(story.now(), "ann", "raise_hand")
    event = story.event(story.at, "hand_changed", "ann", participant="ann", up=True)
    story.answered(sent, event.seq)
    story.hear(event, story.inside)
    assert story.broken() == [GROWS]


def resumed(story: Story, *missed: Any) -> Any:
    """Ben comes back on another line, and hears what he missed."""
    story.dials("ben")
    after = missed[0].seq - 1 if missed else story._seq
    sent = story.sends(story.now(), "ben", "resume", after=after, attempt=story.attempt("ben"))
    because = {"rule": "resume", "country": "US", "source": "plan"}
    event = story.happens_to("reconnected", hears=["host", "ann"], participant="ben", because=because)
    for one in (*missed, event):
        story.tells(one, "ben")
    story.answered(sent, event.seq)
    return event


def away(story: Story) -> tuple[Any, Any, Any]:
    """Ben's line is lost, and two things happen."""
    lost = story.happens_to("reconnecting", hears=["host", "ann"], participant="ben")
    story.inside.remove("ben")
    return lost, hand(story), hand(story, up=False)


def test_what_was_missed_comes_once_and_in_order(story: Story) -> None:
    resumed(story, *away(story))
    story.inside.append("ben")
    hand(story)
    assert story.broken() == []


@pytest.mark.parametrize("told", [(0, 2), (0, 2, 1), (0, 1, 1, 2), (1, 2)])
def test_what_was_missed_comes_with_a_hole_or_twice(story: Story, told: tuple[int, ...]) -> None:
    missed = away(story)
    story.dials("ben")
    sent = story.sends(story.now(), "ben", "resume", after=missed[0].seq - 1, attempt=story.attempt("ben"))
    because = {"rule": "resume", "country": "US", "source": "plan"}
    event = story.happens_to("reconnected", hears=["host", "ann"], participant="ben", because=because)
    for at in told:
        story.tells(missed[at], "ben")
    story.tells(event, "ben")
    story.answered(sent, event.seq)
    assert story.broken() == [GROWS]


# command.once


def test_a_frame_that_is_sent_twice_is_answered_twice(story: Story) -> None:
    sent = story.sends(story.now(), "ann", "react", kind="wave")
    again = story.fact(story.at, "sent", "ann", fields={**sent.fields, "n": 900, "duplicate": sent.fields["n"]})
    for one in (sent, again):
        story.answered(one, story.happens_to("reacted", participant="ann", kind_="wave").seq)
    assert story.broken() == []


def test_a_frame_that_is_answered_twice(story: Story) -> None:
    sent = story.sends(story.now(), "ann", "unlock")
    for _ in range(2):
        story.answered(sent, error={"code": "not_host"})
    assert story.broken() == [ONCE]


def test_an_answer_that_only_a_client_saw_twice(story: Story) -> None:
    sent = story.sends(story.now(), "ann", "unlock")
    story.answered(sent, error={"code": "not_host"})
    story.reads(story.at, {"type": "reply", "ref": sent.fields["ref"], "ok": True}, "ann")
    assert story.broken() == [ONCE]


def test_an_answer_to_nothing(story: Story) -> None:
    story.reads(story.now(), {"type": "reply", "ref": "never", "ok": True}, "ann")
    assert story.broken() == [ONCE]


def test_what_is_not_answered_though_what_came_after_it_is(story: Story) -> None:
    lost = story.sends(story.now(), "ann", "unlock")
    assert story.broken() == []
    story.trace.facts.pop()
    hand(story)
    assert story.broken() == [ONCE]
    assert story.checks()[ONCE].witnesses == (lost.n,)


def test_what_is_not_answered_though_much_happened_since(story: Story) -> None:
    story.sends(story.now(), "ann", "unlock")
    story.at += 31_000
    story.does("ben", "raise_hand", "hand_changed", participant="ben", up=True)
    assert story.broken() == [ONCE]


def test_what_was_sent_on_a_line_that_broke_need_not_be_answered(story: Story) -> None:
    story.sends(story.now(), "ann", "unlock")
    story.closes("ann", 1006)
    assert story.broken() == []


def test_media_is_answered_only_when_refused(story: Story) -> None:
    story.sends(story.now(), "ann", "media", kind="audio")
    refused = story.sends(story.now(), "ann", "media", kind="audio")
    story.answered(refused, error={"code": "not_permitted"})
    hand(story)
    assert story.broken() == []


def test_two_commands_that_caused_the_same(story: Story) -> None:
    event = hand(story)
    story.answered(story.sends(story.now(), "ann", "raise_hand"), event.seq)
    assert story.broken() == [ONCE]


@pytest.mark.parametrize("kind", ["message", "reacted"])
def test_an_effect_that_happens_twice(story: Story, kind: str) -> None:
    if kind == "message":
        story.chats("ann", "once")
        story.happens_to(kind, message="again", from_="ann", to="everyone", text="once")
    else:
        story.does("ann", "react", kind, said={"kind": "wave"}, participant="ann", kind_="wave")
        story.happens_to(kind, participant="ann", kind_="wave")
    assert story.broken() == [ONCE]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("audio_changed", {"participant": "ann", "on": True}),
        ("share_started", {"participant": "ann"}),
        ("recording_started", {"participant": "host"}),
        ("hand_changed", {"participant": "ann", "up": True}),
        ("locked", {"by": "host"}),
        (
            "suspended",
            {
                "by": "host",
                "activities": ["annotate", "audio", "chat", "profile_picture", "record", "rename", "share", "video"],
                "stopped": [],
                "because": {"rule": "suspend", "door": "socket"},
            },
        ),
        ("renamed", {"participant": "ann", "name": "Ann", "by": "ann"}),
        ("role_changed", {"participant": "ben", "role": "participant", "by": "host"}),
    ],
)
def test_an_event_that_changes_nothing(story: Story, kind: str, fields: dict[str, Any]) -> None:
    if kind != "role_changed":
        story.happens_to(kind, **fields)
        assert story.broken() == []
        story.trace.facts.pop()
    story.happens_to(kind, quiet=kind == "role_changed", **fields)
    assert story.broken() == [ONCE]


# ended.silent


def test_after_the_end_only_answers_come(story: Story) -> None:
    story.on("ann")
    story.ends()
    story.answered(story.knocks("eve"), error={"code": "ended", "detail": "", "temporary": False})
    assert story.broken() == []


@pytest.mark.parametrize("kind", ["reacted", "joined"])
def test_something_happens_after_the_end(story: Story, kind: str) -> None:
    story.ends()
    if kind == "joined":
        story.joins("eve")
    else:
        story.happens_to("reacted", quiet=True, participant="ann", kind_="wave")
    assert SILENT in story.broken()


def test_knocks_may_be_told_of_late(story: Story) -> None:
    story.ends()
    because = {"rule": "wrong_passcode", "door": "resume", "country": None, "source": "none", "count": 3}
    story.happens_to("entry_refused", quiet=True, code="wrong_passcode", count=3, country=None, because=because)
    assert story.broken() == []


def test_media_after_the_end(story: Story) -> None:
    story.on("ann")
    story.ends()
    story.media("ann", "audio", "ben")
    assert story.broken() == [SILENT]


def test_a_picture_after_the_end(story: Story) -> None:
    story.ends()
    story.sees("ben")
    assert story.broken() == [SILENT]


def test_a_command_is_accepted_after_the_end(story: Story) -> None:
    story.ends()
    story.fact(
        story.now(),
        "accepted",
        "ann",
        seq=story._seq + 1,
        fields={"command": "react", "n": 1000, "line": 2, "ref": "x"},
    )
    assert SILENT in story.broken()


@pytest.mark.parametrize(("code", "right"), [(4502, True), (4503, False), (4500, False)])
def test_how_lines_end_at_the_end(story: Story, code: int, right: bool) -> None:
    story.does("host", "end", "ended", by="host")
    story.closes("host", 4502)
    story.closes("ben", 4502)
    story.closes("ann", code)
    assert story.broken() == ([] if right else [SILENT])


def test_a_line_that_stays_open_after_the_end(story: Story) -> None:
    story.does("host", "end", "ended", by="host")
    for ref in ("host", "ann"):
        story.closes(ref, 4502)
    assert story.broken() == [SILENT]
    assert story.checks()[SILENT].said.startswith("ben heard of the end")


# mirror.equals-view


@pytest.mark.parametrize(
    "said",
    [
        {"equal": False, "differs": ["messages"], "faults": []},
        {"equal": True, "differs": [], "faults": ["message of seq 3 came after seq 4"]},
    ],
)
def test_a_picture_that_is_not_the_servers(story: Story, said: dict[str, Any]) -> None:
    story.happens(story.now(), "view_compared", "ann", line=2, **said)
    assert story.broken() == [MIRROR]
    assert "ann" in story.checks()[MIRROR].said


def test_with_nothing_compared_it_is_skipped(story: Story) -> None:
    assert story.checks()[MIRROR].verdict.value == "skipped"
