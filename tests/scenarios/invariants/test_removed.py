"""What a removal ends, and that nobody comes back: each rule broken in one way at a time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.invariants.story import Story

AFTER, RETURN = "removed.no-frame-after", "removed.no-return"


def removed_eve(**settings: Any) -> Story:
    """Eve is removed; ``settings`` are those of removals."""
    story = Story(
        removal={"match": ["account", "ticket", "device"], "may_return": False, "unmatched": "wait", **settings}
    )
    story.comes_in("host", "ann", "ben")
    story.joins("eve", ticket="eve's ticket")
    story.removes("eve")
    return story


ALL_NEW = {"name": "Somebody", "device": "new", "ticket": "new", "address": "198.51.100.9"}
"""What somebody shows of whom nothing is known."""


def test_eve_as_somebody_new_is_let_in() -> None:
    story = removed_eve()
    story.joins("eve", **ALL_NEW)
    assert story.broken() == []


@pytest.mark.parametrize(
    ("match", "kept"),
    [("device", {"device": "device of eve"}), ("ticket", {"ticket": "eve's ticket"})],
)
def test_what_she_shows_again_keeps_her_out(match: str, kept: dict[str, Any]) -> None:
    story = removed_eve(match=[match])
    story.joins("eve", **{**ALL_NEW, **kept})
    assert story.broken() == [RETURN]
    assert f"with the {match} of eve" in story.checks()[RETURN].said


@pytest.mark.parametrize(("match", "kept"), [("name", {"name": "EVE"}), ("address", {"address": "192.0.2.5"})])
def test_name_and_address_count_where_the_meeting_says_so(match: str, kept: dict[str, Any]) -> None:
    spared = removed_eve()
    spared.joins("eve", **{**ALL_NEW, **kept})
    assert spared.broken() == []
    story = removed_eve(match=[match])
    story.joins("eve", **{**ALL_NEW, **kept})
    assert story.broken() == [RETURN]


def test_the_rule_that_counts_is_that_of_the_moment() -> None:
    story = removed_eve(match=["name"])
    settings = {"removal": {"match": ["ticket"], "unmatched": "admit"}}
    story.happens_to("settings_changed", hears=["host"], by="host", settings=settings)
    story.joins("eve", **{**ALL_NEW, "name": "eve"})
    assert story.broken() == []


def test_waiting_is_a_return_too() -> None:
    story = removed_eve()
    story.joins("eve", "joined_waiting_room", device="device of eve")
    assert story.broken() == [RETURN]


def test_a_removal_that_lets_return_and_one_that_is_lifted_keep_nobody_out() -> None:
    story = removed_eve()
    story.does("host", "let_return", "return_allowed", hears=["host"], participant="eve", by="host")
    story.joins("eve")
    assert story.broken() == []
    story.removes("eve", because={"may_return": True})
    story.joins("eve")
    assert story.broken() == []


def test_a_removal_by_the_region_rule_lasts_as_long_as_the_rule() -> None:
    story = Story()
    story.comes_in("host", "eve")
    reason = {"rule": "set_region_rule", "country": "US", "source": "plan", "database": None, "built": None}
    story.removes("eve", because=reason)
    story.joins("eve")
    assert story.broken() == []


@pytest.mark.parametrize(
    ("unmatched", "kind", "right"),
    [
        ("wait", "joined_waiting_room", True),
        ("wait", "joined", False),
        ("refuse", "joined_waiting_room", False),
        ("refuse", "joined", False),
        ("admit", "joined", True),
    ],
)
def test_whoever_shows_nothing_waits_or_is_refused(unmatched: str, kind: str, right: bool) -> None:
    story = removed_eve(unmatched=unmatched)
    story.joins("eve", kind, device=None, name="Nobody", address="198.51.100.9")
    assert story.broken() == ([] if right else [RETURN])


def test_with_nobody_removed_one_need_show_nothing() -> None:
    story = Story()
    story.comes_in("host")
    story.joins("eve", device=None)
    assert story.broken() == []


def test_the_host_is_never_taken_for_somebody_removed() -> None:
    story = removed_eve()
    story.closes("host", 1006)
    story.forget("host")
    story.happens_to("left", participant="host")
    story.joins("host", device="device of eve")
    assert story.broken() == []


def test_somebody_who_waited_under_the_same_device_is_not_admitted() -> None:
    story = Story(waiting_room={"enabled": True})
    story.comes_in("host", "eve")
    story.joins("ann", "joined_waiting_room", device="device of eve")
    story.removes("eve")
    assert story.broken() == []
    story.admits("ann")
    assert story.broken() == [RETURN]


@pytest.mark.parametrize("why", ["unidentified", "put_back"])
def test_turning_the_waiting_room_off_is_no_look_at_somebody(why: str) -> None:
    story = removed_eve(unmatched="wait")
    knock = story.joins("ann", "joined_waiting_room", device=None, because={"rule": why})
    knock.fields["person"]["why"] = why
    story.admits("ann", rule="set_waiting_room")
    assert RETURN in story.broken()


def test_a_removed_session_does_not_go_on() -> None:
    story = removed_eve()
    back = story.happens_to(
        "reconnected",
        hears=["host"],
        participant="eve",
        because={"rule": "resume", "country": "US", "address": "192.0.2.5"},
    )
    assert story.broken() == [RETURN]
    assert story.checks()[RETURN].witnesses[0] == back.n


def test_another_entry_of_the_same_device_does_not_resume() -> None:
    story = Story()
    story.comes_in("host", "eve")
    story.joins("ann", device="device of eve")
    story.removes("eve")
    story.happens_to("reconnecting", participant="ann", hears=["host"])
    story.dials("ann")
    sent = story.sends(story.now(), "ann", "resume", after=story._seq, attempt=story.attempt("ann"))
    event = story.happens_to(
        "reconnected", participant="ann", because={"rule": "resume", "country": "US", "address": "192.0.2.3"}
    )
    story.answered(sent, event.seq)
    assert story.broken() == [RETURN]


def test_whoever_came_early_is_judged_again_at_the_start() -> None:
    story = Story()
    for ref in ("eve", "ann"):
        story.joins(ref, "arrived_early", device="a device")
    removal = {"rule": "remove", "door": "http", "asked_by": "admin", "may_return": False}
    story.happens_to("removed", quiet=True, participant="eve", by="admin", because=removal)
    story.closes("eve", 4500)
    assert story.broken() == []
    because = story.reason("ann", "joined", story.attempt("ann"))
    story.happens_to("joined", quiet=True, participant="ann", person=story.row("ann"), because=because)
    assert story.broken() == [RETURN]


# After the removal


def test_what_was_under_way_before_the_removal_may_arrive_after_it() -> None:
    story = Story()
    story.comes_in("host", "ann", "eve")
    late = story.does(
        "ann", "react", "reacted", hears=["host", "ann"], said={"kind": "wave"}, participant="ann", kind_="wave"
    )
    story.removes("eve")
    story.tells(late, "eve")
    assert story.broken() == []


@pytest.mark.parametrize("kind", ["removed", "reacted"])
def test_an_event_reaches_the_removed(kind: str) -> None:
    story = Story()
    story.comes_in("host", "ann", "eve")
    removed = story.removes("eve")
    event = (
        removed
        if kind == "removed"
        else story.does("ann", "react", "reacted", said={"kind": "wave"}, participant="ann", kind_="wave")
    )
    heard = story.tells(event, "eve")
    assert AFTER in story.broken()
    assert story.checks()[AFTER].witnesses[0] == heard[0].n


def test_a_picture_reaches_the_removed() -> None:
    story = Story()
    story.comes_in("host", "ann", "eve")
    story.removes("eve")
    story.inside.append("eve")
    story.sees("eve")
    assert AFTER in story.broken()


def test_an_answer_reaches_the_removed() -> None:
    story = Story()
    story.comes_in("host", "ann", "eve")
    sent = story.sends(story.now(), "eve", "react")
    story.removes("eve")
    event = story.happens_to("annotated", participant="ann")
    story.answered(sent, event.seq)
    assert AFTER in story.broken()


def test_media_of_the_removed_after_the_others_heard_of_it() -> None:
    story = Story()
    story.comes_in("host", "ann", "eve")
    story.on("eve")
    story.removes("eve")
    story.media("eve", "audio", "ann")
    assert story.broken() == [AFTER]


def test_media_that_began_after_the_removal() -> None:
    story = Story()
    story.comes_in("host", "ann", "eve")
    story.removes("eve")
    story.on("ann")
    story.media("ann", "audio", "eve")
    assert story.broken() == [AFTER]


@pytest.mark.parametrize(("code", "right"), [(4500, True), (4003, True), (4001, True), (4503, False), (4502, False)])
def test_how_the_line_of_the_removed_ends(code: int, right: bool) -> None:
    story = Story()
    story.comes_in("host", "eve")
    story.forget("eve")
    because = {"rule": "remove", "door": "socket", "may_return": False}
    story.does("host", "remove", "removed", participant="eve", by="host", because=because)
    story.closes("eve", code)
    assert story.broken() == ([] if right else [AFTER])


def test_a_reply_that_is_read_late_says_of_its_own_moment() -> None:
    """Over a real socket the journal may be ahead of the reply, and somebody of the same device removed meanwhile."""
    story = Story()
    story.comes_in("host", "eve")
    story.joins("ann", device="device of eve")
    accepted = [fact for fact in story.trace.facts if fact.fact == "accepted"][-1]
    story.trace.facts.remove(accepted)
    story.removes("eve")
    story.trace.facts.append(accepted)
    assert story.broken() == []
