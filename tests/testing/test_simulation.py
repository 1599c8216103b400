"""Time passes where it is let, the same seed is the same course, and what a meeting did is held against the rules."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import orjson
import pytest
from pydantic import ValidationError

from meetingsim import testing as asynchronous
from meetingsim.clients import (
    ConnectionClosed,
    NotSilent,
    RegionBlockedError,
    SuspendedError,
    WaitTimeout,
)
from meetingsim.clients.connection import Connection
from meetingsim.scenarios.report import digest_of
from meetingsim.scenarios.target import TargetFailed
from meetingsim.scenarios.verdicts import Verdict
from meetingsim.testing import sync
from meetingsim.testing.sync import Meeting, Simulation
from tests.testing.conftest import OPEN


def test_waits_take_simulated_time_and_say_what_came(simulation: Simulation, meeting: Meeting) -> None:
    mia = meeting.guest("Mia")
    with pytest.raises(WaitTimeout, match=r"no 'suspended' within 600 s; the last frames of Mia:\n  -> join"):
        mia.wait_for("suspended", timeout=600)
    with pytest.raises(WaitTimeout, match="the picture was not as expected within 60 s"):
        mia.seen(lambda view: view["meeting"]["locked"], timeout=60)
    with pytest.raises(WaitTimeout):
        mia.placed("waiting", timeout=40)
    mia.silence(100)
    simulation.advance(timedelta(minutes=1))
    assert mia.seen(lambda view: not view["meeting"]["locked"]) == mia.view
    assert simulation.now == 860


def test_bots_act_while_time_passes(simulation: Simulation, meeting: Meeting) -> None:
    students = meeting.cast("students", 4, country={"NO": "50%", "SE": "50%"}, behavior="talker")
    assert [student.ref for student in students] == [f"students[{number}]" for number in range(4)]
    for student in students:
        student.join()
    assert meeting.received("message") == {}
    mia = meeting.guest("Mia")
    with pytest.raises(NotSilent):
        mia.silence(120, "message")
    simulation.advance("2m")
    assert len({event["from"] for event in meeting.events(types=["message"]).events}) == 4
    countries = sorted(row.get("country") or "" for row in meeting.people["host"].view["participants"])
    assert countries == ["", "", "NO", "NO", "SE", "SE"]


def test_whoever_borrows_a_name_borrows_one_of_this_meeting(simulation: Simulation) -> None:
    behaviors = {"copycat": {"extends": "silent", "name": {"impersonate": "host"}}}
    meeting = simulation.create_meeting(settings=OPEN, behaviors=behaviors)
    meeting.host("Ada Berg")
    (copycat,) = meeting.cast("copycat", behavior="copycat")
    assert copycat.ref == "copycat"
    copycat.join()
    assert copycat.view["me"]["name"] == "Ada Berg"
    assert meeting.events(types=["name_flagged"]).events


def test_whoever_has_a_behaviour_comes_back_by_themselves(simulation: Simulation, meeting: Meeting) -> None:
    (student,) = meeting.cast("student", behavior="silent")
    student.join()
    meeting.crash()
    assert student.place == "inside"  # as they know themselves
    simulation.advance("1m")
    student.chat("Here I am again")
    assert student.frames("message")


@pytest.mark.parametrize(
    "said", [{"behavior": "raidar"}, {"country": "Norway"}, {"count": 0}, {"net": "carrier-pigeon"}], ids=str
)
def test_a_cast_that_there_is_not_is_refused(meeting: Meeting, said: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        meeting.cast("raiders", **said)  # type: ignore[arg-type]


def test_settings_that_there_are_not_are_refused(simulation: Simulation) -> None:
    with pytest.raises(ValidationError, match="capazity"):
        simulation.create_meeting(settings={"capazity": 3})
    with pytest.raises(TargetFailed):
        simulation.create_meeting(settings={"region": {"mode": "approve", "countries": []}})


def test_a_network_may_be_anonymous(simulation: Simulation) -> None:
    networks = {"198.51.100.0/24": {"country": "NO", "anonymous": "vpn"}}
    rule = {"mode": "approve", "countries": ["NO"], "anonymous": "deny"}
    meeting = simulation.create_meeting(settings={**OPEN, "region": rule}, networks=networks)
    meeting.host()
    with pytest.raises(RegionBlockedError):
        meeting.guest("Mia", address="198.51.100.9")
    meeting.guest("Ben", country="NO")


# The whole


def lesson(seed: int) -> tuple[str, str]:
    with Simulation(seed) as simulation:
        meeting = simulation.create_meeting(settings=OPEN)
        meeting.host()
        for raider in meeting.cast("raiders", 3, country="any", behavior="raider"):
            raider.join()
        simulation.advance("1m")
        (judgement,) = simulation.judged()
        return meeting.id, digest_of(judgement.trace)


def test_the_same_seed_is_the_same_course() -> None:
    assert lesson(7) == lesson(7)
    assert lesson(7) != lesson(8)


def test_meetings_share_the_clock_and_nothing_else(simulation: Simulation) -> None:
    one, two = simulation.create_meeting(settings=OPEN), simulation.create_meeting(settings=OPEN)
    one.host("Ada").chat("in the first")
    two.host("Eva")
    simulation.advance(60)
    assert two.received("message") == {}
    assert [judgement.trace.duration for judgement in simulation.judged()] == [60_000, 60_000]
    assert [judgement.trace.scenario for judgement in simulation.judged()] == ["simulation", "simulation-2"]


def test_reports_are_read_with_their_evidence(meeting: Meeting) -> None:
    mia = meeting.guest("Mia")
    meeting.people["host"].remove(mia.participant, report={"issue": "spam"})  # type: ignore[arg-type]
    (report,) = meeting.reports()
    assert (report["issue"], report["subjects"]) == ("spam", [mia.participant])


def test_a_server_that_tells_too_much_is_found_out() -> None:
    with Simulation() as leaking:
        meeting = leaking.create_meeting()
        teacher, mia = meeting.host(), meeting.guest("Mia")
        teacher.chat("for those inside")
        line = mia.aio._client.line
        assert line is not None
        meeting.aio._stage.came(line, orjson.dumps(teacher.frames("message")[0]))
        (judgement,) = leaking.judged()
        assert "waiting.sees-nothing" in [check.id for check in judgement.of(Verdict.FAIL)]


def test_nothing_goes_on_where_the_harness_failed() -> None:
    with Simulation() as simulation:
        meeting = simulation.create_meeting(settings=OPEN)
        mia = meeting.host("Mia")
        meeting.aio._stage.fail(ZeroDivisionError("no way"))
        with pytest.raises(RuntimeError, match="the simulation broke: no way"):
            mia.chat("Hello?")
        assert simulation.judged()[0].trace.broke == "no way"


def test_mirrors_are_held_against_the_servers_views(meeting: Meeting) -> None:
    meeting.guest("Mia")
    (judgement,) = meeting.simulation.judged()
    compared = [fact.actor for fact in judgement.trace.facts if fact.fact == "view_compared"]
    assert compared == ["host", "mia"]


def test_many_wait_at_once_in_the_asynchronous_face() -> None:
    async def race(simulation: asynchronous.Simulation) -> None:
        meeting = await simulation.create_meeting(settings=OPEN)
        teacher, mia, ben = await meeting.host(), await meeting.guest("Mia"), await meeting.guest("Ben")
        heard = asyncio.gather(*(one.wait_for("suspended") for one in (teacher, mia, ben)))
        outcomes = await asyncio.gather(teacher.suspend(), mia.set_audio(True), return_exceptions=True)
        assert len({frame.seq for frame in await heard}) == 1
        assert await mia.seen(lambda view: view["meeting"]["locked"]) is mia.view
        late.add(isinstance(outcomes[1], SuspendedError))

    late: set[bool] = set()
    for seed in range(8):
        with asynchronous.Simulation(seed) as simulation:
            simulation.run(race(simulation))
    assert late == {True, False}, "who is first of those who act at once is drawn"


def test_waits_end_where_the_line_does(meeting: Meeting) -> None:
    mia = meeting.guest("Mia")

    async def both() -> list[object]:
        waits = (mia.aio.wait_for("ended"), mia.aio.placed("waiting"))
        removing = meeting.people["host"].aio.remove(mia.participant)
        return await asyncio.gather(*waits, removing, return_exceptions=True)

    waited, seen, _ = meeting.simulation.run(both())
    assert isinstance(waited, ConnectionClosed)
    assert isinstance(seen, ConnectionClosed)
    with pytest.raises(ConnectionClosed):
        mia.placed("waiting")


def test_a_closed_one_says_so() -> None:
    simulation = Simulation()
    simulation.close()
    simulation.close()
    with pytest.raises(RuntimeError, match="closed"):
        simulation.create_meeting()


def test_both_faces_have_the_same_methods_and_people_those_of_a_connection() -> None:
    kinds = (asynchronous.Simulation, asynchronous.Meeting, asynchronous.Person)
    for kind in kinds:
        own, other = words(kind), words(getattr(sync, kind.__name__))
        assert own - other == WITHIN.get(kind, set())
        assert other - own <= {"seed", "people"}  # properties here, attributes there
    assert words(Connection) - words(asynchronous.Person) - {"timeout"} == SOCKETS_ALONE


WITHIN = {
    asynchronous.Simulation: {"settle", "require_own_loop"},
    asynchronous.Meeting: {"made", "scenario", "trace", "require_whole", "judged", "close"},
    asynchronous.Person: {"happens", "got"},
}
"""What the asynchronous face alone has: what its own parts ask of each other, and ``aio`` leads to."""
SOCKETS_ALONE = {"open", "close", "wait_closed", "stop_reading", "go_on_reading", "send_raw", "caught_up", "follow"}


def words(kind: type) -> set[str]:
    """What anybody may call on it."""
    return {word for word in dir(kind) if not word.startswith("_")}
