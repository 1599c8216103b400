"""Who was where from when to when, and what the meeting was like meanwhile."""

from __future__ import annotations

from meetingsim.scenarios.report.bands import Counts, bounded, steps
from meetingsim.scenarios.report.course import Spell, course_of, figures
from tests.scenarios.traces import Telling


def told(**more: object) -> Telling:
    found = Telling(duration=100_000, **more)
    found.cast("host", role="host")
    found.cast("class", 3)
    return found


def spells(trace: Telling, ref: str) -> list[tuple[str, int, int]]:
    return [(spell.what, spell.since, spell.until) for spell in course_of(trace.trace).people if spell.of == ref]


def test_somebody_waits_comes_in_drops_out_comes_back_and_goes() -> None:
    run = told()
    run.comes(10, "class[0]", "joined_waiting_room")
    run.event(20, "admitted", "class[0]", participant="class[0]", person={}, by="host")
    run.event(30, "reconnecting", "class[0]", participant="class[0]")
    run.event(40, "reconnected", "class[0]", participant="class[0]")
    run.event(50, "put_in_waiting_room", "class[0]", participant="class[0]", by="host")
    run.event(60, "left", "class[0]", participant="class[0]")
    assert spells(run, "class[0]") == [("waiting", 10, 20), ("inside", 20, 50), ("waiting", 50, 60)]


def test_whoever_is_still_there_is_there_to_the_end_and_nobody_after_the_meeting() -> None:
    run = told()
    run.comes(10, "class[0]")
    assert spells(run, "class[0]") == [("inside", 10, 100_000)]
    run.event(70, "ended", "host", by="host")
    assert spells(run, "class[0]") == [("inside", 10, 70)]


def test_the_meeting_is_suspended_in_parts_locked_and_down() -> None:
    run = told(settings={"waiting_room": {"enabled": True}})
    run.event(5, "started", "host", by="host")
    run.event(10, "suspended", "host", by="host", activities=["audio", "chat"], stopped=[])
    run.event(20, "allowed", "host", activity="chat", by="host")
    run.event(30, "unlocked", "host", by="host")
    run.event(40, "waiting_room_set", "host", enabled=False, by="host")
    run.happens(50, "server_stopped")
    run.happens(60, "server_started", downtime=10)
    found = [(spell.of, spell.what, spell.since, spell.until) for spell in course_of(run.trace).meeting]
    assert found == [
        ("waiting_room", True, 0, 40),
        ("running", True, 5, 100_000),
        ("suspended", ["audio", "chat"], 10, 20),
        ("locked", True, 10, 30),
        ("suspended", ["audio"], 20, 100_000),
        ("server", "down", 50, 60),
    ]


def test_without_a_journal_it_is_read_from_what_clients_were_shown() -> None:
    run = told(views=frozenset({"client"}))
    run.reads(10, {"type": "view", "view": {"me": {"place": "waiting"}}}, "class[0]")
    run.reads(15, {"type": "message"}, "class[0]")
    run.reads(20, {"type": "view", "view": {"me": {"place": "inside"}}}, "class[0]")
    run.reads(25, {"type": "view", "view": "of another product"}, "class[0]")
    run.happens(30, "disconnected", "class[0]", line=1, code=1006)
    assert spells(run, "class[0]") == [("waiting", 10, 20), ("inside", 20, 30)]
    assert course_of(run.trace).meeting == []


def test_the_figures_count_each_person_once_and_each_refusal() -> None:
    run = told()
    for at in (10, 30):
        run.comes(at, "class[0]")
        run.event(at + 10, "removed", "class[0]", participant="class[0]", by="host")
    run.comes(15, "class[1]", "joined_waiting_room")
    run.event(17, "denied", "class[1]", participant="class[1]", by="host")
    for at in (50, 51):
        run.refuses(at, run.sends(at, "class[0]", "join"), "removed")
    run.refuses(52, run.sends(52, "class[1]", "join"), "denied")
    found = figures(run.trace, course_of(run.trace).people)["class"]
    assert (found.people, found.inside, found.waiting, found.removed, found.denied) == (3, 1, 1, 1, 1)
    assert found.refused == {"removed": 2, "denied": 1}


def test_a_band_counts_at_every_change() -> None:
    inside = [Spell("a", "inside", 0, 30), Spell("b", "inside", 10, 20), Spell("c", "inside", 20, 40)]
    assert steps(inside, 100) == [0, 1, 10, 2, 30, 1, 40, 0]


def test_of_too_many_changes_the_highest_counts_are_kept() -> None:
    many = [Spell(str(at), "inside", at * 10, at * 10 + 5) for at in range(5_000)]
    many.append(Spell("all", "inside", 20_000, 30_000))
    found = steps(many, 100_000)
    assert len(found) < 4_000
    assert max(found[1::2]) == 2
    assert found[-1] == 0


def test_who_acts_is_counted_by_the_journal_and_the_replies_alike_and_once() -> None:
    run = told()
    run.comes(0, "class[0]")
    sent = run.sends(1_000, "class[0]", "chat", text="a")
    run.accepts(1_000, sent, run.event(1_000, "message", "class[0]", from_="class[0]", text="a"))
    run.event(1_001, "message", "class[1]", from_="class[1]", text="b")
    run.accepts(1_002, run.sends(1_002, "class[2]", "raise_hand", up=True), run.event(1_002, "hand_changed"))
    run.refuses(1_003, run.sends(1_003, "class[2]", "chat", text="c"), "suspended")
    counts = Counts(run.trace)
    assert counts.bucket == 167
    assert counts.acting("class")[1_000 // 167] == 2
    assert sum(counts.acting("class")) == 2
    assert counts.acting("host") == []
    assert counts.of["refused"]["class[2]"] == 1


def test_of_too_many_stays_the_longest_are_kept_and_it_is_said() -> None:
    many = [Spell("a", "inside", at, at + 1 + at % 7) for at in range(30_010)]
    kept, said = bounded(many)
    assert len(kept) == 30_000
    lengths = [[spell.until - spell.since for spell in some] for some in (many, kept)]
    assert lengths[0].count(1) - lengths[1].count(1) == 10
    assert [spell.since for spell in kept] == sorted(spell.since for spell in kept)
    assert said == ["the 10 shortest stays of 30,010 are not drawn in people's lanes"]
    assert bounded(many[:5]) == (many[:5], [])
