"""Scenario files are tests: one for each check, one run for all of them, and every outcome says what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from meetingsim.pytest_plugin import files, runs
from meetingsim.scenarios.invariants import INVARIANTS
from tests.pytest_plugin.conftest import COMES, SILENT, UNDECIDED, VACUOUS

Write = Callable[..., None]
Plays = Counter[tuple[str, int]]
CHECKS = len(INVARIANTS)


def test_there_is_one_for_each_expectation_invariant_and_threshold(
    suite: pytest.Pytester, lesson: Write, plays: Plays
) -> None:
    lesson(COMES, SILENT, 'thresholds: {removed_ratio: ">= 90%"}\n')
    found = suite.runpytest_inprocess("--collect-only", "-q")
    ids = [line.removeprefix("lesson.scenario.yaml::") for line in found.outlines if "::" in line]
    invariants = [f"invariant:{name}" for name in INVARIANTS]
    assert ids == ["expect:mia-comes", "expect:nobody-writes", *invariants, "threshold:removed_ratio"]
    assert not plays, "nothing is played for the list"


def test_a_file_is_played_once_for_all_of_its_tests(suite: pytest.Pytester, lesson: Write, plays: Plays) -> None:
    lesson(COMES)
    lesson(COMES, name="other")
    suite.runpytest_inprocess().assert_outcomes(passed=2 * (1 + CHECKS))
    assert plays == {("lesson", 4): 1, ("other", 4): 1}


def test_a_run_is_not_played_again_for_what_is_asked_of_it_later(
    suite: pytest.Pytester, lesson: Write, plays: Plays
) -> None:
    lesson(COMES)
    lesson(COMES, name="other")
    first, last = "lesson.scenario.yaml::expect:mia-comes", "lesson.scenario.yaml::invariant:seq.grows"
    suite.runpytest_inprocess(first, "other.scenario.yaml::expect:mia-comes", last).assert_outcomes(passed=3)
    assert plays == {("lesson", 4): 1, ("other", 4): 1}


def test_a_failure_says_the_sentence_the_place_the_witness_and_how_to_see_it_again(
    suite: pytest.Pytester, lesson: Write
) -> None:
    lesson(COMES, SILENT)
    done = suite.runpytest_inprocess("-k", "expect")
    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines(
        [
            "nobody-writes: message of mia at 00:05.000*",
            "  lesson.scenario.yaml:15 | - {id: nobody-writes, never: message}",
            "  [[]*[]] 00:05.000 message mia seq=* {*the code is*",
            "  again: meetingsim run lesson.scenario.yaml --seed 4",
            "FAILED lesson.scenario.yaml::expect:nobody-writes - nobody-writes: message of mia at*",
        ]
    )
    assert "open-sesame" not in done.stdout.str()


def test_what_never_came_up_is_skipped_at_its_line(suite: pytest.Pytester, lesson: Write) -> None:
    lesson(VACUOUS, VACUOUS.replace("out-is-out", "allowed").replace("}", ", allow_vacuous: true}"))
    done = suite.runpytest_inprocess("-k", "expect")
    done.assert_outcomes(passed=1, skipped=1)
    done.stdout.fnmatch_lines(
        ["SKIPPED [[]1[]] lesson.scenario.yaml:14: out-is-out: VACUOUS: its condition never came up*"]
    )


def test_what_the_end_cut_off_fails(suite: pytest.Pytester, lesson: Write) -> None:
    lesson(UNDECIDED)
    done = suite.runpytest_inprocess("-k", "expect")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["some-day: UNDECIDED: the run ended before its window did*"])


def test_a_missed_threshold_fails_at_its_line_with_what_no_host_knows(suite: pytest.Pytester, lesson: Write) -> None:
    peek = "policies: {teacher: {rules: [{id: peek, when: message where actor.group == 'mia', do: mute_all}]}}\n"
    lesson("  []\n", 'thresholds: {legitimate_minutes_lost: "< 0"}\n', peek)
    done = suite.runpytest_inprocess("-k", "threshold")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(
        [
            "threshold legitimate_minutes_lost: *",
            "  lesson.scenario.yaml:15 | thresholds: *",
            "  oracle: peek",
        ]
    )


def test_a_file_that_is_wrong_is_one_error_with_all_that_is_wrong(suite: pytest.Pytester, lesson: Write) -> None:
    lesson(COMES)
    lesson(COMES.replace("joined", "joyned"), "durasion: 4m\n", name="wrong")
    done = suite.runpytest_inprocess("--continue-on-collection-errors")
    assert done.parseoutcomes()["errors"] == 1
    assert done.parseoutcomes()["passed"] == 1 + CHECKS
    done.stdout.fnmatch_lines(
        [
            "*ERROR collecting wrong.scenario.yaml*",
            "wrong.scenario.yaml:14:*: error: *joyned*",
            "*^",
            "wrong.scenario.yaml:15:1: error: unknown word 'durasion' (did you mean 'duration'[?])",
        ]
    )


@pytest.mark.parametrize(
    ("ini", "arguments", "found"),
    [
        ("", [], {"lesson"}),
        ("meetingsim_files =", [], set()),
        ("meetingsim_files =", ["lesson.scenario.yaml"], {"lesson"}),
        ("meetingsim_files = *.raid.yaml", [], {"notes"}),
        ("meetingsim_files = raids/*.yaml", [], {"deep"}),
    ],
)
def test_the_ini_says_which_files_are_tests(
    suite: pytest.Pytester, lesson: Write, ini: str, arguments: list[str], found: set[str]
) -> None:
    lesson(COMES)
    (suite.path / "raids").mkdir()
    (suite.path / "other.yaml").write_text("no: scenario\n")
    scenario = (suite.path / "lesson.scenario.yaml").read_text()
    (suite.path / "notes.raid.yaml").write_text(scenario)
    (suite.path / "raids" / "deep.yaml").write_text(scenario)
    (suite.path / "pytest.ini").write_text(f"[pytest]\naddopts = -p meetingsim --strict-config\n{ini}\n")
    done = suite.runpytest_inprocess("--collect-only", "-q", *arguments)
    names = {line.partition("::")[0].rpartition("/")[2].partition(".")[0] for line in done.outlines if "::" in line}
    assert names == found


def test_another_seed_is_played_where_one_is_said(suite: pytest.Pytester, lesson: Write, plays: Plays) -> None:
    lesson(SILENT)
    done = suite.runpytest_inprocess("-k", "expect", "--sim-seed", "0")
    done.stdout.fnmatch_lines(["  again: meetingsim run lesson.scenario.yaml --seed 0"])
    assert plays == {("lesson", 0): 1}


@pytest.mark.parametrize(("more", "kept"), [([], {"failing-4"}), (["--sim-keep", "all"], {"failing-4", "passing-4"})])
def test_runs_are_kept_where_that_is_wanted(
    suite: pytest.Pytester, lesson: Write, more: list[str], kept: set[str]
) -> None:
    lesson(COMES, name="passing")
    lesson(SILENT, name="failing")
    done = suite.runpytest_inprocess("-k", "expect", "--sim-artifacts", "out", *more)
    assert {path.name for path in (suite.path / "out").iterdir()} == kept
    assert {path.name for path in (suite.path / "out" / "failing-4").iterdir()} > {"trace.jsonl", "report.html"}
    done.stdout.fnmatch_lines(["  report: out/failing-4/report.html"])


def test_nothing_is_kept_where_nothing_is_said(suite: pytest.Pytester, lesson: Write) -> None:
    lesson(SILENT)
    before = set(suite.path.iterdir())
    suite.runpytest_inprocess("-k", "expect").assert_outcomes(failed=1)
    assert {path.name for path in set(suite.path.iterdir()) - before} <= {"__pycache__"}


@pytest.mark.usefixtures("nobody_there")
def test_a_target_that_cannot_begin_fails_every_test_of_the_file(suite: pytest.Pytester, lesson: Write) -> None:
    lesson(COMES)
    done = suite.runpytest_inprocess("-k", "expect or seq")
    done.assert_outcomes(failed=2)
    done.stdout.fnmatch_lines(["Nobody is there.", "  again: meetingsim run lesson.scenario.yaml --seed 4"])


def test_a_run_that_broke_fails_with_where_it_broke(
    suite: pytest.Pytester, lesson: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = runs.play

    def breaks(*how: Any) -> Any:
        judgement = play(*how)
        judgement.trace.broke, judgement.trace.failure = "no way", ZeroDivisionError("no way")
        return judgement

    monkeypatch.setattr(runs, "play", breaks)
    lesson(COMES)
    done = suite.runpytest_inprocess("-k", "expect")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["the run broke: no way", "ZeroDivisionError: no way"])


def test_an_error_that_is_none_of_a_scenario_has_its_traceback(
    suite: pytest.Pytester, lesson: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(runs, "play", fails)
    lesson(COMES)
    done = suite.runpytest_inprocess("-k", "expect")
    done.stdout.fnmatch_lines(["    def fails(*", "E *ZeroDivisionError"])


def test_files_are_chosen_by_their_mark_and_stay_on_one_worker(suite: pytest.Pytester, lesson: Write) -> None:
    lesson(COMES)
    suite.makepyfile("def test_other(): pass")
    suite.runpytest_inprocess("-m", "not scenario").assert_outcomes(passed=1, deselected=1 + CHECKS)
    items, _ = suite.inline_genitems("lesson.scenario.yaml")
    assert {item.get_closest_marker("xdist_group").args for item in items} == {("lesson.scenario.yaml",)}  # type: ignore[union-attr]


def test_a_file_that_cannot_be_read_is_an_error_in_one_line(
    suite: pytest.Pytester, lesson: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files, "load", refuses)
    lesson(COMES)
    done = suite.runpytest_inprocess()
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["*lesson.scenario.yaml cannot be read: Permission denied"])
