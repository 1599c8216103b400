"""Scenarios in test functions: the test has the judgement, and fails where the run does, after its own end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from meetingsim.scenarios import read_file
from meetingsim.scenarios.library import file_of
from tests.pytest_plugin.conftest import COMES, SILENT, VACUOUS

Write = Callable[..., None]
Plays = Counter[tuple[str, int]]


def test_the_test_has_the_judgement(suite: pytest.Pytester, lesson: Write, plays: Plays) -> None:
    lesson(COMES)
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.scenario("lesson.scenario.yaml")
        def test_its_own_seed(meetingsim_run, meetingsim_seed):
            assert meetingsim_run.trace.seed == meetingsim_seed == 4

        @pytest.mark.scenario("lesson.scenario.yaml", seed=0)
        def test_another_seed(meetingsim_run):
            assert meetingsim_run.trace.seed == 0
            assert meetingsim_run.checks[0].id == "mia-comes"
        """
    )
    suite.runpytest_inprocess().assert_outcomes(passed=2 + 19)
    assert plays == {("lesson", 4): 1, ("lesson", 0): 1}, "the file's own tests share the first run"


def test_it_fails_where_the_run_does_and_says_the_same(suite: pytest.Pytester, lesson: Write) -> None:
    lesson(COMES, SILENT)
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.scenario("lesson.scenario.yaml")
        def test_raid():
            print("its own end")
        """
    )
    done = suite.runpytest_inprocess("test_it_fails_where_the_run_does_and_says_the_same.py")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(
        [
            "nobody-writes: message of mia at 00:05.000*",
            "  lesson.scenario.yaml:15 | - {id: nobody-writes, never: message}",
            "  again: meetingsim run lesson.scenario.yaml --seed 4",
            "its own end",
        ]
    )


def test_its_own_failure_comes_first(suite: pytest.Pytester, lesson: Write) -> None:
    lesson(SILENT)
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.scenario("lesson.scenario.yaml")
        def test_raid(meetingsim_run):
            assert "one" == "two"
        """
    )
    done = suite.runpytest_inprocess("-k", "raid")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["E*'one' == 'two'*"])


def test_a_run_in_which_nothing_was_shown_is_skipped(suite: pytest.Pytester, lesson: Write) -> None:
    lesson(VACUOUS)
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.scenario("lesson.scenario.yaml")
        def test_raid():
            pass
        """
    )
    done = suite.runpytest_inprocess("-k", "raid")
    done.assert_outcomes(skipped=1)
    done.stdout.fnmatch_lines(["SKIPPED*out-is-out: VACUOUS: its condition never came up*"])


@pytest.mark.parametrize(
    ("mark", "arguments", "seeds"),
    [
        ("", [], [1, 2, 3]),
        (", seed=0", [], [0, 1, 2]),
        ("", ["--sim-seed", "0"], [0, 1, 2]),
        (", seed=7", ["--sim-seed", "5"], [7, 8, 9]),
    ],
)
def test_several_seeds_are_several_tests(
    suite: pytest.Pytester, lesson: Write, plays: Plays, mark: str, arguments: list[str], seeds: list[int]
) -> None:
    lesson(COMES)
    suite.makepyfile(
        test_raids=f"""
        import pytest

        @pytest.mark.scenario("lesson.scenario.yaml"{mark})
        @pytest.mark.seeds(3)
        def test_raid():
            pass
        """
    )
    done = suite.runpytest_inprocess("-v", "-k", "raid", *arguments)
    done.stdout.fnmatch_lines([f"*::test_raid[[]seed{seed}[]] PASSED*" for seed in seeds])
    assert plays == {("lesson", seed): 1 for seed in seeds}


def test_the_option_is_for_tests_that_say_no_seed(suite: pytest.Pytester, lesson: Write, plays: Plays) -> None:
    lesson(COMES)
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.scenario("lesson.scenario.yaml")
        def test_raid_with_any():
            pass

        @pytest.mark.scenario("lesson.scenario.yaml", seed=2)
        def test_raid_with_its_own():
            pass
        """
    )
    suite.runpytest_inprocess("-k", "raid", "--sim-seed", "9").assert_outcomes(passed=2)
    assert plays == {("lesson", 9): 1, ("lesson", 2): 1}


def test_a_trace_that_was_let_go_of_is_played_again(suite: pytest.Pytester, lesson: Write, plays: Plays) -> None:
    lesson(COMES)
    suite.makepyfile(
        test_turns="""
        import pytest

        @pytest.mark.scenario("lesson.scenario.yaml", seed=1)
        def test_raid_a(meetingsim_run):
            assert meetingsim_run.trace.facts

        @pytest.mark.scenario("lesson.scenario.yaml", seed=2)
        def test_raid_b(meetingsim_run):
            assert meetingsim_run.trace.facts

        @pytest.mark.scenario("lesson.scenario.yaml", seed=1)
        def test_raid_c(meetingsim_run):
            assert meetingsim_run.trace.seed == 1
        """
    )
    suite.runpytest_inprocess("test_turns.py").assert_outcomes(passed=3)
    assert plays == {("lesson", 1): 2, ("lesson", 2): 1}


def test_files_lie_beside_the_test_and_names_are_those_of_shipped_ones(
    suite: pytest.Pytester, lesson: Write, plays: Plays
) -> None:
    lesson(COMES)
    below = suite.mkpydir("below")
    (suite.path / "lesson.scenario.yaml").rename(below / "lesson.scenario.yaml")
    (below / "test_it.py").write_text(
        "import pytest\n"
        '@pytest.mark.scenario("lesson.scenario.yaml")\n'
        "def test_raid(): pass\n"
        '@pytest.mark.scenario("early-birds")\n'
        "def test_raid_that_is_shipped(meetingsim_run):\n"
        '    assert meetingsim_run.trace.scenario == "early-birds"\n'
        '@pytest.mark.scenario("early-brids")\n'
        "def test_raid_of_nobody(): pass\n"
    )
    done = suite.runpytest_inprocess("-k", "raid")
    done.assert_outcomes(passed=2, errors=1)
    done.stdout.fnmatch_lines(["there is no scenario 'early-brids' beside this test, nor a shipped one*"])
    assert set(plays) == {("lesson", 4), ("early-birds", read_file(file_of("early-birds")).seed)}


def test_a_mark_on_a_class_is_one_of_each_of_its_tests(suite: pytest.Pytester, lesson: Write, plays: Plays) -> None:
    lesson(COMES)
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.scenario("lesson.scenario.yaml")
        class TestRaid:
            def test_raid_one(self, meetingsim_run):
                assert meetingsim_run.checks

            def test_raid_two(self):
                pass
        """
    )
    suite.runpytest_inprocess("-k", "test_raid").assert_outcomes(passed=2)
    assert plays == {("lesson", 4): 1}


@pytest.mark.usefixtures("nobody_there")
def test_a_run_that_broke_fails_the_test_before_its_body(suite: pytest.Pytester, lesson: Write) -> None:
    lesson(COMES)
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.scenario("lesson.scenario.yaml")
        def test_raid(meetingsim_run):
            print("it began")
        """
    )
    done = suite.runpytest_inprocess("-k", "raid")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["Nobody is there.", "  again: meetingsim run lesson.scenario.yaml --seed 4"])
    done.stdout.no_fnmatch_line("it began")


@pytest.mark.parametrize(
    ("test", "said"),
    [
        (
            "def test_it(meetingsim_run): pass",
            "meetingsim_run is for tests that say which: @pytest.mark.scenario(file)",
        ),
        ("@pytest.mark.scenario()\ndef test_it(): pass", "*missing 1 required positional argument: 'file'"),
        ("@pytest.mark.seeds()\ndef test_it(meetingsim): pass", "*missing 1 required positional argument: 'n'"),
        ('@pytest.mark.scenario("wrong.yaml")\ndef test_it(): pass', "wrong.yaml:2:1: error: unknown word 'durasion'*"),
    ],
)
def test_what_is_marked_wrongly_says_so(suite: pytest.Pytester, test: str, said: str) -> None:
    (suite.path / "wrong.yaml").write_text("meetingsim: 1\ndurasion: 4m\n")
    (suite.path / "test_wrong.py").write_text(f"import pytest\n{test}\n")
    done = suite.runpytest_inprocess("test_wrong.py")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines([f"*{said}"])


def test_the_marks_and_options_are_listed(suite: pytest.Pytester) -> None:
    marks = suite.runpytest_inprocess("--markers")
    marks.stdout.fnmatch_lines(["@pytest.mark.scenario(file, seed=None): *", "@pytest.mark.seeds(n): *"])
    helped = suite.runpytest_inprocess("--help")
    helped.stdout.fnmatch_lines(
        ["  --sim-seed=N *", "  --sim-artifacts=DIR*", "  --sim-keep={failed,all}*", "  meetingsim_files (args):*"]
    )
    shown = suite.runpytest_inprocess("--fixtures")
    names = {line.partition(" ")[0] for line in shown.outlines if "meetingsim/pytest_plugin" in line}
    assert names == {"meetingsim", "meetingsim_run", "meetingsim_seed", "meetingsim_server", "meetingsim_server_args"}
