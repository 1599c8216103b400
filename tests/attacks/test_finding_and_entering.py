"""Attacks on the door, on the wire: finding meetings, other ways in, and owning what one finds."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from meetingsim.live.budgets import GUESSES
from meetingsim.live.connections import DOOR_TRIES
from meetingsim.routers.visit import QUIET_DOOR_SECONDS
from tests.attacks.stage import OPEN, answer_at_door, knock, nobody, together, turned_away
from tests.hand_clock import HandClock
from tests.wire import Frame, Meeting, Server, running

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def quiet() -> Iterator[Server]:
    with running(limits="off", quiet_door=True) as one:
        yield one


async def what_a_stranger_meets(server: Server) -> dict[str, Meeting]:
    """A meeting of every kind, to be told apart or not; none of them shows the stranger anything that holds."""
    protected, ended, running_now = [await server.meeting() for _ in range(3)]
    assert (await ended.control("end")).status_code == 200
    assert (await running_now.control("start")).status_code == 200
    return {"unknown": nobody(server), "ended": ended, "protected": protected, "started": running_now}


def words(reply: Frame) -> dict[str, Any]:
    """A refusal without the ref that the asker chose."""
    return {name: value for name, value in reply.items() if name != "ref"}


# Scanning.


@pytest.mark.parametrize(
    "credential",
    [{}, {"passcode": "wrong"}, {"host_token": "host_wrong"}, {"ticket": "wrong"}, {"user_token": "wrong"}],
    ids=lambda credential: next(iter(credential), "none"),
)
async def test_a_quiet_door_says_the_same_of_every_meeting(quiet: Server, credential: dict[str, str]) -> None:
    """Unknown, ended and protected meetings answer alike to whoever has no credential that holds, to the fifth try.

    attack A01
    """
    meetings = await what_a_stranger_meets(quiet)
    answers = await asyncio.gather(*(tried_out(meeting, credential) for meeting in meetings.values()))
    heard = dict(zip(meetings, answers, strict=True))
    first = heard["unknown"]
    assert first[0]["error"]["code"] == "wrong_passcode"
    assert first[-1] == (4503, [])
    assert all(answers == first for answers in heard.values()), heard


async def tried_out(meeting: Meeting, credential: dict[str, str]) -> list[Any]:
    """Every answer on one socket up to the end, and the end."""
    async with meeting.connect() as client:
        tries = range(DOOR_TRIES)
        answers = [words(await client.reply(await client.send("join", name="Mia", **credential))) for _ in tries]
        return [*answers, await client.closed()]


async def test_a_quiet_door_takes_as_long_for_every_meeting(quiet: Server) -> None:
    """No answer comes before the time that all of them take, and no kind of meeting stands out by its typical time.

    attack A01
    """
    meetings = await what_a_stranger_meets(quiet)
    took: dict[str, list[float]] = {kind: [] for kind in meetings}
    for _ in range(3):
        for kind, meeting in meetings.items():
            async with meeting.connect() as client:
                start = time.perf_counter()
                assert await client.refused("join", name="Mia", passcode="wrong") == "wrong_passcode"
                took[kind].append(time.perf_counter() - start)
    assert min(min(times) for times in took.values()) >= QUIET_DOOR_SECONDS
    typical = [statistics.median(times) for times in took.values()]
    assert max(typical) - min(typical) < QUIET_DOOR_SECONDS, took


async def test_a_quiet_door_says_the_same_of_every_meeting_to_a_made_up_session(quiet: Server) -> None:
    """Resuming is no way around the quiet door, and whoever has a session is still told the truth.

    attack A01, attack A03
    """
    heard = []
    for meeting in (await what_a_stranger_meets(quiet)).values():
        async with meeting.connect() as client:
            ref = await client.send("resume", session="session_made_up", epoch="x", after=0)
            heard.append((words(await client.reply(ref)), await client.closed()))
    assert heard[0][0]["error"]["code"] == "resume_lost"
    assert heard[0][1] == (4002, [])
    assert all(one == heard[0] for one in heard), heard
    meeting = await quiet.meeting(**OPEN)
    async with together(meeting, "Mia") as (_, mia):
        await meeting.control("end")
        await mia.closed()
        async with meeting.connect() as client:
            assert await client.refused("resume", session=mia.session, epoch=mia.epoch, after=0) == "ended"


async def test_a_quiet_door_counts_guesses_at_every_meeting_alike() -> None:
    """The limit on guesses is reached at the same try, whether there is such a meeting or not.

    attack A01
    """
    with running(HandClock(), quiet_door=True) as server:
        heard: dict[str, list[str]] = {}
        for kind, meeting in (await what_a_stranger_meets(server)).items():
            guesses = (answer_at_door(meeting, passcode="wrong") for _ in range(GUESSES + 2))
            heard[kind] = sorted(await asyncio.gather(*guesses))
        assert heard["unknown"] == ["rate_limited"] * 2 + ["wrong_passcode"] * GUESSES
        assert all(codes == heard["unknown"] for codes in heard.values()), heard


async def test_meeting_ids_do_not_follow_each_other(server: Server) -> None:
    """Ids have eleven digits, and who knows one knows nothing of the next.

    attack A01
    """
    ids = [(await server.meeting()).id for _ in range(12)]
    assert all(len(one) == 11 and one.isascii() and one.isdigit() for one in ids)
    steps = {int(after) - int(before) for before, after in pairwise(ids)}
    assert len(steps) == len(ids) - 1
    assert min(abs(step) for step in steps) > 1_000


# Other ways in.


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "wrong_passcode"),
        ({"passcode": None}, "wrong_passcode"),
        ({"passcode": ""}, "wrong_passcode"),
        ({"passcode": "  "}, "wrong_passcode"),
        ({"passcode": ["123456"]}, "malformed"),
        ({"role": "host"}, "malformed"),
        ({"place": "inside"}, "malformed"),
        ({"participant": "p1"}, "malformed"),
        ({"door": "people"}, "malformed"),
        ({"ticket": ""}, "ticket_invalid"),
        ({"user_token": ""}, "unauthorised"),
        ({"host_token": ""}, "unauthorised"),
    ],
    ids=str,
)
async def test_no_form_of_join_skips_the_credential(server: Server, fields: dict[str, Any], code: str) -> None:
    """Absent, empty, null and invented fields are no credential, and nobody inside hears of a newcomer.

    attack A03
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.connect() as client:
        await host.settle()
        before = len(host.frames)
        assert await client.refused("join", name="Mia", **fields) == code
        assert not any(frame["type"] == "view" for frame in client.frames)
        await host.settle()
        assert {frame["type"] for frame in host.frames[before:]} <= {"entry_refused", "reply"}
        assert len((await meeting.get("/participants"))["participants"]) == 1


async def test_the_right_passcode_beside_a_wrong_ticket_does_not_count(server: Server) -> None:
    """The strongest credential that is shown decides, so that a forged one is not covered by a leaked one.

    attack A03, attack A11
    """
    meeting = await server.meeting(**OPEN)
    await meeting.control("start")
    assert (await turned_away(meeting, **knock(meeting), ticket="forged"))[0] == "ticket_invalid"
    assert (await turned_away(meeting, **knock(meeting), user_token="forged"))[0] == "unauthorised"
    assert (await turned_away(meeting, **knock(meeting), host_token="forged"))[0] == "unauthorised"
    assert (await meeting.get("/participants"))["participants"] == []


async def test_http_gives_no_seat_and_no_control_to_a_stranger(server: Server) -> None:
    """Every call below a meeting is 401 without its token, and the passcode is no token.

    attack A03, attack A05
    """
    meeting = await server.meeting()
    before = (await meeting.journal())[-1]["seq"]
    for token in (None, meeting.made["passcode"], "host_", meeting.id):
        async with server.http(token) as client:
            for path in ("", "/participants", "/waiting-room", "/events"):
                assert (await client.get(f"/meetings/{meeting.id}{path}")).status_code == 401
            for control in ("start", "end", "admit_all", "suspend", "lock", "remove", "report"):
                response = await client.post(f"/meetings/{meeting.id}/controls/{control}", json={})
                assert (response.status_code, response.json()["code"]) == (401, "unauthorised")
            assert (await client.patch(f"/meetings/{meeting.id}", json={"topic": "Mine"})).status_code == 401
            assert (await client.delete(f"/meetings/{meeting.id}")).status_code == 401
            assert (await client.get("/reports")).status_code == 401
    assert (await meeting.journal())[-1]["seq"] == before


@pytest.mark.parametrize("control", ["join", "resume", "leave", "chat", "set_audio", "media"])
async def test_what_people_do_for_themselves_has_no_route(server: Server, control: str) -> None:
    """There is one door: HTTP can neither join nor speak for anybody, whatever token it shows.

    attack A03
    """
    meeting = await server.meeting()
    async with server.http(server.admin_token) as client:
        response = await client.post(f"/meetings/{meeting.id}/controls/{control}", json={"name": "Mia"})
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


# Creating and owning.


async def test_nobody_makes_a_meeting_by_joining_it(server: Server) -> None:
    """A missing meeting is not found, however often one knocks.

    attack A10
    """
    missing = nobody(server, "98765432101")
    for _ in range(2):
        assert await turned_away(missing, **knock(missing)) == ("no_such_meeting", 4503)
    async with server.http(server.admin_token) as client:
        assert (await client.get(f"/meetings/{missing.id}")).status_code == 404


@pytest.mark.parametrize("before_host", [False, True])
async def test_the_first_to_come_is_not_the_owner(server: Server, before_host: bool) -> None:
    """Whoever comes first waits for the start or is a participant, and can control nothing.

    attack A10
    """
    meeting = await server.meeting(**OPEN, join_before_host=before_host)
    async with meeting.guest("First") as first:
        assert (first.place, first.view["me"]["role"]) == ("inside" if before_host else "early", "participant")
        for command in ("start", "end", "lock", "suspend", "mute_all"):
            assert await first.refused(command) == ("not_host" if before_host else "not_inside")
        async with meeting.host() as host:
            assert host.view["me"]["role"] == "host"
            await first.placed("inside")
            assert first.view["me"]["role"] == "participant"


async def test_only_the_admin_chooses_an_id_or_a_passcode(server: Server) -> None:
    """Nobody else can take a number that another meeting is expected at.

    attack A10
    """
    wanted = {"topic": "Class 6", "id": "11122233344"}
    async with server.http() as client:
        for body in (wanted, {"topic": "Class 6", "passcode": "0000"}):
            response = await client.post("/meetings", json=body)
            assert (response.status_code, response.json()["code"]) == (403, "not_permitted")
    async with server.http(server.admin_token) as client:
        assert (await client.post("/meetings", json=wanted)).status_code == 201
        again = await client.post("/meetings", json=wanted)
        assert (again.status_code, again.json()["code"]) == (409, "conflict")
