"""The figures of harm, on runs told by hand."""

from __future__ import annotations

from typing import Any

import pytest

from meetingsim.scenarios.judging.measures import measured
from meetingsim.scenarios.judging.thresholds import threshold_check
from meetingsim.scenarios.quantities import Limit
from meetingsim.scenarios.trace import View
from meetingsim.scenarios.verdicts import Check, Measure
from tests.scenarios.judging.lesson import SUSPENDED, does, lesson
from tests.scenarios.traces import Telling

SERVER: frozenset[View] = frozenset({"server"})


def measure(told: Telling, name: str) -> Measure:
    """One of the figures; what was told is over."""
    return measured(ended(told).trace)[name].measure


def ended(told: Telling) -> Telling:
    """The run is over, if it is not yet."""
    if not told.trace.facts or told.trace.facts[-1].fact != "run_over":
        told.over()
    return told


def shows(told: Telling, at: int, ref: str, *rows: dict[str, Any], place: str = "inside", **me: Any) -> None:
    """Somebody reads a view with these participants in it."""
    own = {"id": told.ids[ref], "place": place, "role": "participant", "name": ref, **me}
    told.reads(at, {"type": "view", "seq": 0, "view": {"me": own, "participants": [*rows]}}, ref)


def raided(**more: Any) -> Telling:
    """A raider's video runs from 10 s to 14 s at the teacher, and from 10.5 s to 12 s at a pupil, who then is cut off."""
    told = lesson(60_000, **more)
    for at, ref in ((1000, "teacher"), (2000, "pupils[0]"), (9000, "raiders[0]")):
        told.comes(at, ref)
        shows(told, at, ref)
    on = does(told, 10_000, "raiders[0]", "set_video", "video_changed", on=True)
    told.tells(on, "teacher", "raiders[0]")
    told.reads(10_500, dict(on.fields), "pupils[0]")
    told.happens(12_000, "disconnected", "pupils[0]", line=told.lines["pupils[0]"], code=1006)
    removed = told.event(14_000, "removed", participant="raiders[0]", by="teacher", because={"rule": "remove"})
    told.tells(removed, "teacher")
    return told


def test_exposure_is_what_each_viewer_was_shown_while_they_looked() -> None:
    told = raided()
    found = measure(told, "exposure_seconds")
    assert (found.value, found.unit) == ((4.0 + 1.5) / 2, "s")
    assert "each of 2 viewers, at most 4.0 s (teacher)" in found.said


def test_a_line_of_chat_is_exposure_too_and_what_pupils_do_is_none() -> None:
    told = raided()
    said = told.event(15_000, "message", from_="raiders[0]", to="everyone", text="boo")
    told.tells(said, "teacher", "raiders[0]")
    fine = told.event(15_500, "message", from_="pupils[0]", to="everyone", text="hello")
    on = told.event(15_600, "audio_changed", participant="pupils[0]", on=True)
    for event in (fine, on):
        told.tells(event, "teacher")
    assert measure(told, "exposure_seconds").value == (5.0 + 1.5) / 2


def test_a_stop_of_any_kind_ends_an_exposure_and_a_view_says_it_anew() -> None:
    told = lesson(60_000)
    for at, ref in ((1000, "teacher"), (2000, "raiders[0]"), (3000, "raiders[1]")):
        told.comes(at, ref)
        shows(told, at, ref)
    for at, ref, command, event in (
        (10_000, "raiders[0]", "set_audio", "audio_changed"),
        (10_000, "raiders[0]", "set_video", "video_changed"),
        (10_000, "raiders[1]", "start_share", "share_started"),
    ):
        on = {} if command == "start_share" else {"on": True}
        told.tells(does(told, at, ref, command, event, **on), "teacher")
    off = told.event(11_000, "audio_changed", participant="raiders[0]", on=False, by="teacher")
    stopped = [{"participant": told.ids["raiders[0]"], "activities": ["video", "record"]}]
    barred = told.event(12_000, "disallowed", activity="video", by="teacher", stopped=stopped)
    lost = told.event(13_000, "reconnecting", participant="raiders[1]")
    back = told.event(20_000, "reconnected", participant="raiders[1]")
    for happened in (off, barred, lost, back):
        told.tells(happened, "teacher")
    shows(told, 21_000, "teacher", {"id": told.ids["raiders[0]"], "audio": True, "place": "inside"})
    told.tells(told.event(23_000, "ended", by="teacher"), "teacher")
    # audio 1 s, video 2 s, share 3 s and after the reconnect 1 s, audio again 2 s
    assert measure(told, "exposure_seconds").value == 9.0


@pytest.mark.parametrize("back", [{"kind": "breakout_rooms_closed"}, {"kind": "suspended", "stopped": []}])
def test_rooms_keep_things_apart_and_a_suspend_that_lists_nothing_stops_everything(back: dict[str, Any]) -> None:
    told = lesson(60_000)
    for at, ref in ((1000, "teacher"), (2000, "raiders[0]")):
        told.comes(at, ref)
        shows(told, at, ref)
    told.tells(does(told, 10_000, "raiders[0]", "set_video", "video_changed", on=True), "teacher")
    told.tells(told.event(12_000, "room_changed", participant="raiders[0]", room="one", by="teacher"), "teacher")
    told.tells(told.event(15_000, by="teacher", **back), "teacher")
    told.tells(told.event(16_000, "suspended", by="teacher", activities=["video"]), "teacher")
    assert measure(told, "exposure_seconds").value == 3.0


def test_a_share_does_not_move_along_into_a_room() -> None:
    told = lesson(60_000)
    for at, ref in ((1000, "teacher"), (2000, "raiders[0]")):
        told.comes(at, ref)
        shows(told, at, ref)
    told.tells(does(told, 10_000, "raiders[0]", "start_share", "share_started"), "teacher")
    for at, room in ((12_000, {"room": "one"}), (15_000, {})):
        told.tells(told.event(at, "room_changed", participant="raiders[0]", by="teacher", **room), "teacher")
    assert measure(told, "exposure_seconds").value == 2.0


def test_by_the_journal_alone_everybody_inside_sees_what_runs() -> None:
    told = raided(views=SERVER)
    found = measure(told, "exposure_seconds")
    assert found.value == 4.0
    assert "by the journal" in found.said
    told = raided(views=SERVER)
    told.event(14_500, "message", from_="raiders[0]", to="pupils[0]", text="boo")
    told.event(15_000, "left", participant="pupils[0]")
    told.event(15_500, "message", from_="raiders[0]", to="everyone", text="boo")
    assert measure(told, "exposure_seconds").value == (5.0 + 5.0) / 2


def test_a_target_without_views_shows_who_is_inside_by_what_they_read() -> None:
    told = lesson(60_000)
    for ref in ("teacher", "raiders[0]"):
        told.comes(1000, ref)
    told.tells(does(told, 10_000, "raiders[0]", "set_video", "video_changed", on=True), "teacher")
    told.tells(does(told, 11_000, "raiders[0]", "set_video", "video_changed", on=False), "teacher")
    assert measure(told, "exposure_seconds").value == 1.0


def test_nobody_is_exposed_where_nobody_looks() -> None:
    told = lesson(1000)
    assert measure(told, "exposure_seconds").value is None
    assert measure(told, "time_to_quiet").value is None
    assert measure(told, "removed_ratio").value is None
    assert measure(told, "vetting_time_p95").value is None
    assert measure(told, "legitimate_minutes_lost").value is None
    assert measure(told, "false_removals").value == 0


def test_quiet_is_when_the_last_of_it_was_seen() -> None:
    told = raided()
    assert measure(told, "time_to_quiet").value == 4.0
    told = raided()
    told.tells(
        told.event(20_000, "renamed", participant="raiders[0]", by="raiders[0]", name="offensive-name-17"), "teacher"
    )
    assert measure(told, "time_to_quiet").value == 10.0
    told = raided()
    told.tells(told.event(20_000, "renamed", participant="raiders[0]", by="teacher", name="Guest"), "teacher")
    assert measure(told, "time_to_quiet").value == 4.0
    told = lesson(60_000)
    told.comes(1000, "raiders[0]")
    does(told, 10_000, "raiders[0]", "set_video", "video_changed", on=True)
    assert measure(told, "time_to_quiet").value == 0.0


def test_what_goes_on_to_the_end_is_never_quiet_before_it() -> None:
    told = lesson(60_000)
    told.comes(1000, "teacher")
    told.comes(1000, "raiders[0]")
    shows(told, 1000, "teacher")
    told.tells(does(told, 10_000, "raiders[0]", "set_video", "video_changed", on=True), "teacher")
    assert measure(told, "time_to_quiet").value == 50.0


def test_who_was_removed_rightly_and_wrongly() -> None:
    told = lesson()
    for ref in ("teacher", "pupils[0]", "pupils[1]", "raiders[0]"):
        told.comes(1000, ref)
    told.comes(1000, "raiders[1]", "joined_waiting_room")
    told.event(2000, "put_in_waiting_room", participant="raiders[0]", by="teacher")
    told.event(3000, "removed", participant="raiders[1]", by="teacher")
    told.event(4000, "removed", participant="pupils[1]", by="teacher")
    assert measure(told, "removed_ratio").value == 1.0
    assert measure(told, "false_removals").value == 1
    assert "pupils[1]" in measure(told, "false_removals").said
    told = lesson()
    for ref in ("raiders[0]", "raiders[1]"):
        told.comes(1000, ref)
    told.event(2000, "removed", participant="raiders[0]", by="teacher")
    told.event(2000, "left", participant="raiders[1]")
    assert measure(told, "removed_ratio").value == 0.5


def test_vetting_goes_from_the_knock_to_the_admission() -> None:
    told = lesson()
    for at, ref in enumerate(("pupils[0]", "pupils[1]", "raiders[0]")):
        told.comes(1000, ref, "joined_waiting_room")
        if ref != "raiders[0]":
            told.event(3000 + 4000 * at, "admitted", participant=ref, by="teacher", person={"place": "inside"})
    told.event(50_000, "put_in_waiting_room", participant="pupils[0]", by="teacher")
    told.event(60_000, "admitted", participant="pupils[0]", by="teacher", person={"place": "inside"})
    found = measure(told, "vetting_time_p95")
    assert found.value == 6.0
    assert "95% of 2 admissions" in found.said


def lost(*facts: tuple[int, str, dict[str, Any]], came: str = "joined", duration: int = 600_000) -> float | None:
    """The minutes that a pupil lost, who came at 60 s, and to whom these things happened."""
    told = lesson(duration)
    told.comes(60_000, "pupils[0]", came)
    for at, kind, fields in facts:
        told.event(at, kind, participant="pupils[0]", **fields)
    return measure(told, "legitimate_minutes_lost").value


@pytest.mark.parametrize(
    ("came", "facts", "minutes"),
    [
        ("joined", [], 0),
        ("joined_waiting_room", [], 9),
        ("joined_waiting_room", [(120_000, "admitted", {"person": {"place": "inside"}})], 1),
        ("joined_waiting_room", [(120_000, "denied", {"by": "p9"})], 9),
        ("joined", [(120_000, "removed", {"by": "p9"})], 8),
        ("joined", [(120_000, "left", {"because": {"rule": "leave"}})], 0),
        ("joined", [(120_000, "reconnecting", {}), (180_000, "reconnected", {})], 1),
        ("joined", [(120_000, "reconnecting", {}), (150_000, "left", {"because": {"rule": "grace"}})], 8),
        (
            "joined",
            [(120_000, "put_in_waiting_room", {"by": "p9"}), (180_000, "left", {"because": {"rule": "leave"}})],
            1,
        ),
        ("joined", [(120_000, "removed", {"by": "p9"}), (240_000, "ended", {})], 2),
        ("arrived_early", [(120_000, "joined_waiting_room", {"person": {"place": "waiting"}})], 8),
        ("arrived_early", [], 0),
        ("arrived_early", [(120_000, "entry_refused", {"code": "full"}), (120_000, "left", {})], 8),
    ],
)
def test_minutes_are_lost_where_somebody_is_kept_out(came: str, facts: Any, minutes: float) -> None:
    assert lost(*facts, came=came) == minutes


def test_who_is_refused_loses_time_until_they_are_let_in_and_who_disrupts_never_does() -> None:
    told = lesson()
    told.refuses(60_000, told.sends(60_000, "pupils[0]", "join", name="P"), "locked")
    told.refuses(90_000, told.sends(90_000, "pupils[0]", "join", name="P"), "locked")
    told.comes(180_000, "pupils[0]")
    told.refuses(200_000, told.sends(200_000, "pupils[0]", "chat", text="x"), "suspended")
    told.refuses(60_000, told.sends(60_000, "raiders[0]", "join", name="R"), "locked")
    told.comes(60_000, "raiders[1]", "joined_waiting_room")
    found = measure(told, "legitimate_minutes_lost")
    assert found.value == 2.0
    assert "1 of 1" in found.said


def test_who_left_loses_nothing_by_what_is_refused_then_and_nobody_does_after_the_end() -> None:
    told = lesson()
    for ref in ("pupils[0]", "pupils[1]"):
        told.comes(60_000, ref)
    told.event(120_000, "left", participant="pupils[0]", because={"rule": "leave"})
    told.refuses(130_000, told.sends(130_000, "pupils[0]", "chat", text="x"), "not_inside")
    told.event(240_000, "ended", by="teacher")
    told.refuses(250_000, told.sends(250_000, "pupils[1]", "join", name="P"), "ended")
    assert measure(told, "legitimate_minutes_lost").value == 0


def test_latencies_are_measured_by_the_real_clock_alone() -> None:
    told = raided()
    assert not any(name.startswith("wall.") for name in measured(told.over()))
    told = lesson(clock="real")
    told.comes(1000, "teacher")
    told.comes(1000, "pupils[0]")
    sent = told.sends(2000, "teacher", "suspend")
    event = told.event(2010, "suspended", by="teacher", **SUSPENDED)
    told.accepts(2030, sent, event)
    told.reads(2040, dict(event.fields), "teacher")
    told.reads(2100, dict(event.fields), "pupils[0]")
    told.refuses(2600, told.sends(2500, "pupils[0]", "chat", text="x"), "suspended")
    told.sends(2700, "pupils[0]", "chat", text="never answered")
    figures = measured(told.over())
    found = {name: figure.measure.value for name, figure in figures.items() if name.startswith("wall.")}
    assert found == {
        "wall.reply_p50": 30,
        "wall.reply_p95": 100,
        "wall.reply_p99": 100,
        "wall.suspend_effective_p50": 40,
        "wall.suspend_effective_p95": 100,
        "wall.suspend_effective_p99": 100,
    }


def test_every_figure_of_a_run_with_an_oracle_says_so() -> None:
    told = raided(oracles={"panic": "group", "clean": "group"})
    assert {figure.measure.oracle for figure in measured(told.over()).values()} == {("clean", "panic")}


def threshold(told: Telling, name: str, limit: str) -> Check:
    """The verdict on a threshold."""
    figures = measured(ended(told).trace)
    return threshold_check(name, Limit.read(limit), figures, told.trace)


@pytest.mark.parametrize(
    ("name", "limit", "wanted"),
    [
        ("exposure_seconds", "< 4 per viewer", "fail"),
        ("exposure_seconds", "<= 4 per viewer", "pass"),
        ("exposure_seconds", "< 5.5", "fail"),
        ("exposure_seconds", "<= 5.5", "pass"),
        ("exposure_seconds", "<= 5500ms", "pass"),
        ("time_to_quiet", "== 4s", "pass"),
        ("time_to_quiet", "> 4s", "fail"),
        ("removed_ratio", ">= 100%", "pass"),
        ("removed_ratio", "< 1", "fail"),
        ("false_removals", "== 0", "pass"),
        ("legitimate_minutes_lost", "< 1m", "pass"),
        ("vetting_time_p95", "< 90s", "vacuous"),
        ("wall.suspend_effective_p99", "< 250ms", "skipped"),
    ],
)
def test_thresholds(name: str, limit: str, wanted: str) -> None:
    found = threshold(raided(), name, limit)
    assert found.verdict.value == wanted
    assert (found.kind, found.id, found.place) == ("threshold", name, ("thresholds", name))


def test_a_threshold_says_what_was_measured_and_why_it_is_skipped() -> None:
    assert (
        "the highest of all viewers is 4 s, to be < 4 per viewer"
        in threshold(raided(), "exposure_seconds", "< 4 per viewer").said
    )
    assert threshold(raided(), "wall.reply_p99", "< 1ms").said == "judged with the real clock"
    told = raided(clock="real")
    assert "there are: wall.reply_p50" in threshold(told, "wall.nothing_p99", "< 1ms").said
    assert threshold(told, "wall.suspend_effective_p99", "< 1ms").verdict.value == "vacuous"
