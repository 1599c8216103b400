"""The fixture ``meetingsim``: tests in their own time, with the invariants held against them afterwards."""

from __future__ import annotations

import json

import pytest

LEAK = """
def leak(meeting, person):
    "The server tells somebody a second time what they were told long ago."
    stage = meeting.aio._stage
    frame = person.frames("locked")[0]
    stage.came(person.aio._client.line, __import__("json").dumps(frame).encode())
"""


def test_synchronous_and_asynchronous_tests_need_no_other_plugin(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import asyncio
        import pytest
        from meetingsim.clients import SuspendedError

        OPEN = {"waiting_room": {"enabled": False}}

        def test_synchronous(meetingsim):
            meeting = meetingsim.create_meeting(settings=OPEN)
            teacher, mia = meeting.host("Teacher"), meeting.guest("Mia")
            teacher.suspend()
            with pytest.raises(SuspendedError):
                mia.set_audio(True)
            meetingsim.advance("20m")
            assert meetingsim.now == 1200

        async def test_asynchronous(meetingsim):
            meeting = await meetingsim.aio.create_meeting(settings=OPEN)
            teacher, mia = await meeting.host("Teacher"), await meeting.guest("Mia")
            outcomes = await asyncio.gather(teacher.suspend(), mia.set_audio(True), return_exceptions=True)
            assert isinstance(outcomes[1], SuspendedError)
            await asyncio.sleep(3600)

        class TestInAClass:
            @pytest.mark.parametrize("minutes", [1, 2])
            async def test_asynchronous(self, meetingsim, minutes):
                await meetingsim.aio.advance(60 * minutes)
                assert meetingsim.now == 60 * minutes

        @pytest.mark.anyio
        async def test_marked_for_another_plugin(meetingsim):
            await meetingsim.aio.advance("1h")
        """
    )
    suite.runpytest_inprocess("-k", "not trio").assert_outcomes(passed=5)


def test_a_plugin_that_takes_every_coroutine_for_its_own_does_not_get_these(suite: pytest.Pytester) -> None:
    suite.makeconftest(
        """
        import asyncio
        import functools

        def pytest_collection_modifyitems(items):
            for item in items:
                item.obj = own_loop(item.obj)

        def own_loop(test):
            @functools.wraps(test)
            def synchronous(**fixtures):
                asyncio.run(test(**fixtures))

            return synchronous
        """
    )
    suite.makepyfile(
        """
        import asyncio

        async def test_simulated(meetingsim):
            await meetingsim.aio.advance("1h")

        async def test_of_the_others():
            assert asyncio.get_running_loop().time() > 0
        """
    )
    suite.runpytest_inprocess().assert_outcomes(passed=2)


def test_an_assertion_of_an_asynchronous_test_is_shown_as_any(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        async def test_it(meetingsim):
            meeting = await meetingsim.aio.create_meeting()
            host = await meeting.host()
            assert host.place == "outside"
        """
    )
    done = suite.runpytest_inprocess()
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(['>*assert host.place == "outside"', "E*'inside' == 'outside'"])


def test_the_faces_are_not_mixed(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import asyncio
        import pytest

        async def test_synchronous_calls_in_the_loop(meetingsim):
            with pytest.raises(RuntimeError, match="say .aio"):
                meetingsim.create_meeting()

        def test_another_loop(meetingsim):
            with pytest.raises(RuntimeError, match="in its own loop alone"):
                asyncio.run(meetingsim.aio.create_meeting())
        """
    )
    suite.runpytest_inprocess().assert_outcomes(passed=2)


def test_a_broken_invariant_fails_a_test_that_passes(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        LEAK
        + """
def test_it(meetingsim):
    meeting = meetingsim.create_meeting(settings={"waiting_room": {"enabled": False}})
    teacher, mia = meeting.host(), meeting.guest("Mia")
    teacher.lock()
    teacher.unlock()
    leak(meeting, mia)
"""
    )
    done = suite.runpytest_inprocess("--sim-artifacts", "out")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(
        [
            "invariant seq.grows: *",
            "  [[]*[]] * received locked mia *",
            "  report: out/test_it-*/report.html",
            "  again: pytest *.py::test_it",
        ]
    )
    (folder,) = (suite.path / "out").iterdir()
    assert json.loads((folder / "summary.json").read_bytes())["seed"] == 1


def test_a_failure_of_the_test_keeps_its_place_and_the_invariants_are_told_beside(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        LEAK
        + """
def test_it(meetingsim):
    meeting = meetingsim.create_meeting(settings={"waiting_room": {"enabled": False}})
    teacher, mia = meeting.host(), meeting.guest("Mia")
    teacher.lock()
    leak(meeting, mia)
    assert "one" == "two"
"""
    )
    done = suite.runpytest_inprocess("--sim-seed", "5")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(
        [
            "E*'one' == 'two'*",
            "*Captured meetingsim call*",
            "invariant seq.grows: *",
            "  again: pytest *::test_it --sim-seed 5",
        ]
    )


@pytest.mark.parametrize(
    ("more", "kept"), [([], ["test_bad"] * 2), (["--sim-keep", "all"], ["test_bad"] * 2 + ["test_good"])]
)
def test_runs_are_kept_where_that_is_wanted(suite: pytest.Pytester, more: list[str], kept: list[str]) -> None:
    suite.makepyfile(
        """
        def test_good(meetingsim):
            meetingsim.create_meeting().host()

        def test_bad(meetingsim):
            meetingsim.create_meeting().host()
            raise ValueError

        class TestOther:
            def test_bad(self, meetingsim):
                test_bad(meetingsim)
        """
    )
    suite.runpytest_inprocess("--sim-artifacts", "out", *more).assert_outcomes(passed=1, failed=2)
    assert sorted(path.name.partition("-")[0] for path in (suite.path / "out").iterdir()) == kept


def test_a_wait_that_times_out_prints_the_last_frames_without_secrets(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        def test_it(meetingsim):
            meeting = meetingsim.create_meeting(settings={"passcode": "open-sesame-17"})
            teacher, mia = meeting.host("Teacher"), meeting.guest("Mia")
            teacher.admit(mia.participant)
            mia.chat("Good morning")
            mia.wait_for("suspended", timeout=600)
        """
    )
    done = suite.runpytest_inprocess()
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(
        ["E*WaitTimeout: no 'suspended' within 600 s; the last frames of Mia:", 'E*-> chat {"text": "Good morning", *']
    )
    assert "open-sesame" not in "".join(line for line in done.outlines if line.startswith("E "))


def test_seeds_are_those_of_the_simulation(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest

        IDS = {}

        def test_any(meetingsim, meetingsim_seed):
            assert meetingsim.seed == meetingsim_seed == 1

        @pytest.mark.seeds(n=2)
        def test_two(meetingsim):
            IDS[meetingsim.seed] = meetingsim.create_meeting().id

        def test_they_differ():
            assert len(set(IDS.values())) == len(IDS) == 2
        """
    )
    suite.runpytest_inprocess().assert_outcomes(passed=4)


def test_a_simulation_that_broke_says_so(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        def test_it(meetingsim):
            meeting = meetingsim.create_meeting()
            meeting.host()
            meeting.aio._stage.after(1000, lambda: 1 / 0)
            meetingsim.advance(2)
        """
    )
    done = suite.runpytest_inprocess()
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(
        ["E*ZeroDivisionError: division by zero", "E*RuntimeError: the simulation broke: division by zero"]
    )


def test_what_cannot_be_judged_does_not_hide_a_failure(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        def test_it(meetingsim):
            meetingsim.create_meeting()
            meetingsim.close()
            assert "one" == "two"
        """
    )
    done = suite.runpytest_inprocess()
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["E*'one' == 'two'*", "the simulation cannot be judged: *"])


def test_the_same_item_may_be_run_again(suite: pytest.Pytester) -> None:
    suite.makeconftest(
        """
        from _pytest.runner import runtestprotocol

        def pytest_runtest_protocol(item, nextitem):
            for _ in range(2):
                item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
                for report in runtestprotocol(item, nextitem=nextitem, log=False):
                    item.ihook.pytest_runtest_logreport(report=report)
            return True
        """
    )
    suite.makepyfile("async def test_it(meetingsim): await meetingsim.aio.advance(5)")
    suite.runpytest_inprocess().assert_outcomes(passed=2)
