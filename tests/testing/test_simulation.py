"""Meetings for tests: who comes does what a client could, time passes where it is let, and nothing is left to come."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import orjson
import pytest
from pydantic import ValidationError

from meetingsim import testing as asynchronous
from meetingsim.clients import (
    ConnectionClosed,
    DeniedError,
    LockedError,
    NotSilent,
    RegionBlockedError,
    RemovedError,
    ResumeLostError,
    SuspendedError,
    WaitTimeout,
    WrongPasscodeError,
)
from meetingsim.clients.connection import Connection
from meetingsim.clients.words import Chat, JoinedWaitingRoom, Media, Message, Suspended
from meetingsim.scenarios.report import digest_of
from meetingsim.scenarios.target import TargetFailed
from meetingsim.scenarios.verdicts import Verdict
from meetingsim.testing import sync
from meetingsim.testing.sync import Meeting, Simulation

OPEN = {"waiting_room": {"enabled": False}}


@pytest.fixture
def simulation() -> Iterator[Simulation]:
    """A new one, whose meetings must have kept every rule in the end."""
    with Simulation() as made:
        yield made
        for judgement in made.judged():
            assert not judgement.of(Verdict.FAIL)


@pytest.fixture
def meeting(simulation: Simulation) -> Meeting:
    """One without a waiting room, with its host."""
    made = simulation.create_meeting("Algebra", settings=OPEN)
    made.host("Teacher")
    return made


def test_the_waiting_room_is_passed_by_whoever_is_let_in(simulation: Simulation) -> None:
    meeting = simulation.create_meeting()
    teacher, mia = meeting.host("Teacher"), meeting.guest("Mia", country="BR")
    knock = teacher.wait_for(JoinedWaitingRoom)
    assert knock.event.participant == mia.participant
    assert [(row["name"], row["country"]) for row in teacher.view["waiting"]] == [("Mia", "BR")]
    assert (mia.place, mia.view["me"]["position"]) == ("waiting", 1)
    teacher.admit(mia.participant)
    assert mia.place == "inside"
    teacher.put_in_waiting_room(mia.participant)
    teacher.deny(mia.participant)
    assert (mia.place, mia.closed().code) == (None, 4004)
    mia.join()
    teacher.deny(mia.participant)
    with pytest.raises(DeniedError):
        mia.join()
    assert mia.closed().code == 4503


def test_everybody_has_heard_of_it_when_a_call_returns(meeting: Meeting) -> None:
    mia, ben = meeting.guest("Mia"), meeting.guest("Ben")
    mia.chat("Good morning")
    assert {ref: [frame["text"] for frame in frames] for ref, frames in meeting.received(Message).items()} == {
        "host": ["Good morning"],
        "mia": ["Good morning"],
        "ben": ["Good morning"],
    }
    mia.chat("Only you", to=ben.participant)
    assert set(meeting.received("message", lambda frame: frame["text"] == "Only you")) == {"mia", "ben"}
    assert meeting.received("ended") == {}


def test_signals_are_told_and_heard(meeting: Meeting) -> None:
    mia, ben = meeting.guest("Mia"), meeting.guest("Ben")
    mia.set_video(True)
    ref = mia.tell(Media("video", 1))
    assert mia.frames("reply", lambda frame: frame["ref"] == ref) == []
    assert [frame["n"] for frame in ben.frames("media")] == [1]
    ben.tell(Media("video", 1))
    assert ben.frames("reply", untaken=True)[0]["error"]["code"] == "not_permitted"


def test_a_refusal_is_raised_or_returned(meeting: Meeting) -> None:
    mia = meeting.guest("Mia")
    meeting.people["host"].suspend()
    assert mia.wait_for(Suspended).event.activities
    with pytest.raises(SuspendedError):
        mia.send(Chat("Good morning"))
    assert mia.send(Chat("Good morning"), check=False).refusal
    assert mia.ask("chat", text="Good morning", check=False)["error"]["code"] == "suspended"
    assert mia.ask("dance", check=False)["error"]["code"] == "malformed"


def test_the_door_is_the_real_one(simulation: Simulation) -> None:
    meeting = simulation.create_meeting(settings={**OPEN, "region": {"mode": "deny", "countries": ["BR"]}})
    teacher = meeting.host()
    with pytest.raises(RegionBlockedError) as refused:
        meeting.guest("Mia", country="BR")
    assert refused.value.country == "BR"
    assert meeting.people["mia"].closed().code == 4501
    with pytest.raises(WrongPasscodeError):
        meeting.guest("Ben", country="NO", passcode="guess")
    with pytest.raises(ValueError, match="unknown country 'XX'"):
        meeting.guest("Nobody", country="XX")
    ben = meeting.people["ben"]
    ben.join(passcode=meeting.passcode)
    assert ben.place == "inside"
    teacher.lock()
    with pytest.raises(LockedError):
        meeting.guest("Late", country="NO")
    assert [event["code"] for event in meeting.events(types=["entry_refused"]).events] == [
        "region_blocked",
        "wrong_passcode",
        "locked",
    ]


def test_a_personal_link_says_who_somebody_is(simulation: Simulation) -> None:
    meeting = simulation.create_meeting()
    meeting.host()
    cohost = meeting.guest("Cora", role="cohost")
    assert (cohost.place, cohost.view["me"]["role"]) == ("inside", "cohost")
    ticket = meeting.create_ticket("Mia")
    mia = meeting.guest("Mia", ticket=ticket)
    assert mia.place == "waiting"
    assert meeting.events(types=["joined_waiting_room"]).events[0]["because"]["rule"] == "waiting_room"


def test_the_host_is_one_person_however_often_they_come(meeting: Meeting) -> None:
    teacher = meeting.people["host"]
    assert meeting.host("Teacher") == teacher
    assert hash(meeting.host()) == hash(teacher)
    assert len(teacher.view["participants"]) == 1


def test_names_become_references_that_nobody_has(meeting: Meeting) -> None:
    for name in ("Mia", "Mia", "  ", "host", "Ben O'Neil", "x" * 60):
        meeting.guest(name) if name.strip() else meeting.person(name)
    assert list(meeting.people) == ["host", "mia", "mia-2", "guest", "host-2", "ben-o-neil", "x" * 40]
    assert repr(meeting.people["mia"]) == "Person('mia', inside)"
    assert "mia-2" in repr(meeting)


# Coming back


def test_a_seat_is_kept_for_half_a_minute(simulation: Simulation, meeting: Meeting) -> None:
    mia = meeting.guest("Mia")
    mia.drop()
    with pytest.raises(ConnectionClosed, match="1006"):
        mia.chat("Hello?")
    simulation.advance(29.9)
    meeting.people["host"].chat("Mia, are you there?")
    mia.reconnect()
    assert mia.frames("message")[0]["text"] == "Mia, are you there?"
    mia.drop()
    simulation.advance(30.1)
    with pytest.raises(ResumeLostError):
        mia.reconnect()
    assert (mia.place, mia.closed().code) == (None, 4002)
    mia.join()
    assert mia.place == "inside"


def test_whoever_comes_anew_has_one_line_and_no_end(meeting: Meeting) -> None:
    mia = meeting.guest("Mia")
    mia.join("Mia again")
    assert (mia.place, mia.name, mia.view["me"]["name"]) == ("inside", "Mia again", "Mia again")
    with pytest.raises(WaitTimeout, match="mia was still connected after 3 s"):
        mia.closed(timeout=3)


def test_the_removed_are_recognised(meeting: Meeting) -> None:
    mallory = meeting.guest("Mallory", country="BR")
    meeting.people["host"].remove(mallory.participant)
    assert mallory.closed().code == 4500
    with pytest.raises(ConnectionClosed, match="removed"):
        mallory.set_audio(True)
    with pytest.raises(RemovedError):
        mallory.join("Somebody")
    (reply,) = mallory.do({"rejoin": {"with": "new-address"}})
    assert reply.refusal
    assert reply.refusal.code == "removed"
    mallory.do([{"rejoin": {"with": "new-device"}}])
    assert mallory.place == "inside"
    assert mallory.frames("view")[-1]["view"]["me"]["id"] == mallory.participant
    with pytest.raises(ValidationError):
        mallory.do("dance")


def test_whoever_leaves_is_gone(meeting: Meeting) -> None:
    mia = meeting.guest("Mia")
    mia.leave()
    assert (mia.place, mia.closed().code) == (None, 1000)
    assert [row["name"] for row in meeting.people["host"].view["participants"]] == ["Teacher"]


def test_a_crash_loses_no_meeting(simulation: Simulation, meeting: Meeting) -> None:
    mia = meeting.guest("Mia")
    meeting.crash(downtime=5)
    assert simulation.now == 5
    assert (mia.closed().code, meeting.people["host"].closed().code) == (1006, 1006)
    mia.reconnect()
    meeting.people["host"].reconnect()
    assert mia.place == "inside"


def test_nobody_acts_before_they_came(meeting: Meeting) -> None:
    mia = meeting.person("Mia")
    with pytest.raises(RuntimeError, match="mia has not joined yet"):
        mia.chat("Hello?")
    with pytest.raises(RuntimeError, match="nothing to resume"):
        mia.reconnect()
    with pytest.raises(ValueError, match="no accounts"):
        mia.join(user_token="user_1")


# Time


def test_waits_take_simulated_time_and_say_what_came(simulation: Simulation, meeting: Meeting) -> None:
    mia = meeting.guest("Mia")
    with pytest.raises(WaitTimeout, match=r"no 'suspended' within 600 s; the last frames of Mia:\n  -> join"):
        mia.wait_for("suspended", timeout=600)
    with pytest.raises(WaitTimeout, match="the picture was not as expected within 60 s"):
        mia.seen(lambda view: view["meeting"]["locked"], timeout=60)
    with pytest.raises(WaitTimeout):
        mia.placed("waiting", timeout=40)
    mia.silence(100)
    assert simulation.now == 800


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
        assert isinstance(outcomes[1], SuspendedError)
        assert len({frame.seq for frame in await heard}) == 1
        assert await mia.seen(lambda view: view["meeting"]["locked"]) is mia.view

    with asynchronous.Simulation() as simulation:
        simulation.run(race(simulation))


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
    assert words(Connection) - words(asynchronous.Person) == SOCKETS_ALONE


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
