"""The same scenario against all that there is: in process, a server that is there, one that is started, an adapter."""

from __future__ import annotations

from pathlib import Path

import pytest

from meetingsim.scenarios.reading import read_file
from meetingsim.scenarios.target import TargetFailed
from meetingsim.scenarios.trace import Trace
from meetingsim.scenarios.verdicts import Judgement, Verdict, exit_code
from meetingsim.targets.playing import Where, play
from tests.wire import Server

HERE = Path(__file__).parent
SHORT = read_file(HERE / "short.scenario.yaml")


def require_green(judgement: Judgement) -> None:
    """Everything was judged, and found right."""
    wrong = [(check.id, check.said) for check in judgement.checks if check.verdict in {Verdict.FAIL, Verdict.UNDECIDED}]
    assert not wrong
    assert judgement.trace.broke is None
    assert exit_code(judgement) == 0


def happened(trace: Trace) -> set[str]:
    """What happened in a run, however often."""
    return {fact.fact for fact in trace.facts if fact.is_event}


def test_in_process_and_against_a_server_the_same_happens(server: Server) -> None:
    inside = play(SHORT)
    require_green(inside)
    outside = play(SHORT, where=Where(clock="real", url=server.url, token=server.admin_token))
    require_green(outside)
    assert (inside.trace.clock, outside.trace.clock) == ("virtual", "real")
    assert (inside.trace.target, outside.trace.target) == ("in process", "server")
    # Lines are cut, and time is short, as it comes.
    assert happened(inside.trace) - {"reconnecting"} == happened(outside.trace) - {"reconnecting"}
    assert len(outside.trace.facts) > 500
    assert outside.trace.people.keys()
    assert {*outside.trace.people.values()} == {*inside.trace.people.values()}


def test_a_server_is_started_and_killed_in_the_middle() -> None:
    judgement = play(read_file(HERE / "crash.scenario.yaml"), where=Where(clock="real"))
    require_green(judgement)
    kinds = [fact.fact for fact in judgement.trace.facts]
    stopped, started = kinds.index("server_stopped"), kinds.index("server_started")
    assert kinds[stopped:started].count("disconnected") == 4
    assert kinds[started:].count("reconnected") == 4
    assert judgement.trace.lacking == {}


def test_a_crash_is_lacking_where_the_server_is_somebody_elses(server: Server) -> None:
    crash = read_file(HERE / "crash.scenario.yaml", changes=["duration=4s"])
    judgement = play(crash, where=Where(clock="real", url=server.url, token=server.admin_token))
    verdicts = {check.id: check.verdict for check in judgement.checks}
    assert "server" in judgement.trace.lacking
    assert verdicts["everybody-is-back"] is Verdict.SKIPPED
    assert verdicts["suspended.none-accepted"] is Verdict.PASS
    assert exit_code(judgement) == 0


@pytest.mark.parametrize(
    "where", [Where(clock="real", url="http://127.0.0.1:1"), Where(clock="real", command="/nowhere/adapter")]
)
def test_what_cannot_begin_says_why(where: Where) -> None:
    with pytest.raises(TargetFailed, match=r"Nobody answers|cannot be started"):
        play(SHORT, where=where)
