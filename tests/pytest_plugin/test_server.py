"""The fixture ``meetingsim_server``: one real server for all tests of a worker, and a space of its own for each."""

from __future__ import annotations

import pytest


def test_each_test_has_a_space_of_its_own_on_one_server(suite: pytest.Pytester) -> None:
    suite.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def meetingsim_server_args():
            return ["--clock", "manual"]
        """
    )
    suite.makepyfile(
        """
        import pytest
        from meetingsim.clients import guest as aguest
        from meetingsim.clients.sync import Server, guest, host
        from meetingsim.clients.refusals import UnauthorisedError

        SEEN = {}

        def test_one(meetingsim_server):
            meeting = meetingsim_server.sync.create_meeting("One")
            SEEN["one"] = meetingsim_server.url, meetingsim_server.token
            with host(meeting, "Teacher") as teacher, guest(meeting, "Mia", country="BR") as mia:
                assert mia.place == "waiting"
            assert meetingsim_server.admin.advance_clock("1h")["now"].startswith("20")

        def test_two(meetingsim_server):
            url, token = SEEN["one"]
            assert meetingsim_server.url == url
            assert meetingsim_server.token != token
            assert meetingsim_server.sync.meetings() == []
            with Server(url, token) as old, pytest.raises(UnauthorisedError):
                old.meetings()

        @pytest.mark.anyio
        @pytest.mark.parametrize("anyio_backend", ["asyncio"])
        async def test_three(meetingsim_server):
            async with meetingsim_server.aio as server:
                meeting = await server.create_meeting("Three", settings={"waiting_room": {"enabled": False}})
                assert [one["topic"] for one in await server.meetings()] == ["Three"]
            async with meetingsim_server.aio as server:
                assert (await server.health())["status"]
        """
    )
    done = suite.runpytest_inprocess()
    done.assert_outcomes(passed=3)


def test_a_server_that_does_not_start_says_why(suite: pytest.Pytester) -> None:
    suite.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def meetingsim_server_args():
            return ["--sorts", "of"]
        """
    )
    suite.makepyfile("def test_one(meetingsim_server): pass")
    done = suite.runpytest_inprocess()
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["E*TargetFailed: The server did not start: *--sorts*"])
