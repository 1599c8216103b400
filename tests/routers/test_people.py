"""People held by the server: the same door, rules and limits as a socket, every frame kept, and how they came there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from meetingsim.live.budgets import COMMANDS
from meetingsim.routers.explain import FOR_ALL, TOLD
from meetingsim.state.controls import EVENTS
from meetingsim.state.controls.presence import GRACE_MS
from tests.hand_clock import HandClock
from tests.live.storms import here
from tests.wire import Frame, Meeting, Server, running

pytestmark = pytest.mark.anyio
OPEN = {"waiting_room": {"enabled": False}}


@pytest.fixture(scope="module")
def recorded() -> Iterator[Server]:
    """A server that keeps every frame, its limits on."""
    with running(record_frames=True) as server:
        yield server


async def hold(meeting: Meeting, *, token: str | None = None, **said: Any) -> list[dict[str, Any]]:
    async with meeting.server.http(token or meeting.server.admin_token) as http:
        response = await http.post(f"/meetings/{meeting.id}/people", json={"name": "Mia", **said})
        assert response.status_code == 201, response.text
        return list(response.json()["people"])


async def does(meeting: Meeting, participant: str, command: str, **fields: Any) -> dict[str, Any]:
    async with meeting.server.http(meeting.server.admin_token) as http:
        path = f"/meetings/{meeting.id}/people/{participant}/commands/{command}"
        return dict((await http.post(path, json=fields)).json())


async def frames(meeting: Meeting, participant: str, **query: Any) -> list[dict[str, Any]]:
    path = f"/people/{participant}/frames"
    return list((await meeting.get(path, token=meeting.server.admin_token, **query))["frames"])


async def test_somebody_held_waits_is_admitted_talks_and_saw_what_a_socket_would(server: Server) -> None:
    meeting = await server.meeting()
    async with meeting.host() as host:
        (mia,) = await hold(meeting, country="BR", device="tablet")
        assert mia["place"] == "waiting"
        assert (await host.event("origin_known"))["country"] == "BR"
        await host.ask("waiting_room_chat", text="One moment")
        await host.ask("admit", participant=mia["participant"])
        said = await does(meeting, mia["participant"], "chat", text="hello")
        assert said["seq"] == (await host.event("message"))["seq"]
        await host.ask("suspend")
        assert (await does(meeting, mia["participant"], "set_audio", on=True))["code"] == "suspended"
        await host.ask("remove", participant=mia["participant"])
        await host.settle()
        seen = await frames(meeting, mia["participant"])
        kinds = [one["frame"]["type"] for one in seen if "frame" in one]
        assert kinds == ["view", "reply", "waiting_room_message", "view", "message", "reply", "suspended", "reply"]
        assert seen[-1]["close"]["code"] == 4500
        assert await frames(meeting, mia["participant"], after=seen[-2]["n"]) == seen[-1:]
        assert (await does(meeting, mia["participant"], "chat", text="x"))["code"] == "not_inside"
        (again,) = await hold(meeting, country="BR", device="tablet")
        assert again["participant"] is None
        assert (again["error"]["code"], again["error"]["temporary"]) == ("removed", False)
    doors = {event["because"]["door"] for event in await meeting.journal("joined_waiting_room", "entry_refused")}
    assert doors == {"people"}


async def test_no_secret_stands_in_a_recorded_frame(recorded: Server) -> None:
    meeting = await recorded.meeting(**OPEN)
    async with meeting.host() as host:
        me = host.frames[0]["view"]["me"]["id"]
        (mia,) = await hold(meeting)
        for participant in (me, mia["participant"]):
            text = str(await frames(meeting, participant))
            for secret in (host.session, meeting.made["passcode"], meeting.made["host_token"], "session_"):
                assert secret not in text
        assert [one["frame"]["type"] for one in await frames(meeting, me)][:2] == ["view", "reply"]


async def test_a_socket_is_recorded_only_where_it_was_asked_for(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host:
        assert await frames(meeting, host.frames[0]["view"]["me"]["id"]) == []


async def test_people_are_for_the_admin_alone(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    (mia,) = await hold(meeting)
    async with server.http(meeting.made["host_token"]) as http:
        for method, path in (("POST", ""), ("POST", f"/{mia['participant']}/commands/leave")):
            answer = await http.request(method, f"/meetings/{meeting.id}/people{path}", json={})
            assert answer.json()["code"] == "not_permitted"
        answer = await http.get(f"/meetings/{meeting.id}/people/{mia['participant']}/frames")
        assert answer.json()["code"] == "not_permitted"
    async with server.http() as http:
        body = {"topic": "Class", "people": [{"name": "Mia"}]}
        assert (await http.post("/meetings", json=body)).json()["code"] == "not_permitted"


async def test_the_limits_of_a_person_hold_for_the_held_too() -> None:
    async with here(clock=HandClock(), limits="on") as server:
        meeting = await server.meeting(**OPEN)
        await meeting.control("start")
        (mia,) = await hold(meeting)
        answers = [await does(meeting, mia["participant"], "react", kind="wave") for _ in range(int(COMMANDS[1]) + 1)]
        assert [one.get("code") for one in answers] == [None] * int(COMMANDS[1]) + ["rate_limited"]
        wrong = [(await hold(meeting, name="Guesser", passcode="wrong"))[0] for _ in range(11)]
        assert [one["error"]["code"] for one in wrong] == ["wrong_passcode"] * 10 + ["rate_limited"]


async def test_what_is_no_command_is_said(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    (mia,) = await hold(meeting)
    assert (await does(meeting, mia["participant"], "dance"))["code"] == "malformed"
    assert (await does(meeting, mia["participant"], "join", name="x"))["code"] == "malformed"
    assert (await does(meeting, mia["participant"], "set_audio", on="yes"))["code"] == "malformed"
    assert (await does(meeting, "nobody", "leave"))["code"] == "no_such_participant"


async def test_a_held_person_drops_and_comes_back_or_is_gone_after_the_grace() -> None:
    clock = HandClock()
    async with here(clock=clock) as server:
        meeting = await server.meeting(**OPEN)
        async with meeting.host() as host:
            mia, ben = [*await hold(meeting), *await hold(meeting, name="Ben")]
            await does(meeting, mia["participant"], "drop")
            await host.event("reconnecting", participant=mia["participant"])
            await does(meeting, mia["participant"], "resume")
            await host.event("reconnected", participant=mia["participant"])
            assert (await does(meeting, mia["participant"], "chat", text="back"))["seq"]
            await does(meeting, ben["participant"], "drop")
            await clock.advance(GRACE_MS)
            await host.event("left", participant=ben["participant"])
            assert (await does(meeting, ben["participant"], "resume"))["code"] == "resume_lost"


async def test_a_talker_who_comes_back_at_once_talks_no_faster() -> None:
    clock = HandClock()
    async with here(clock=clock) as server:
        meeting = await server.meeting(**OPEN)
        await meeting.control("start")
        (mia,) = await hold(meeting, behaviour="talker")
        for _ in range(3):
            await does(meeting, mia["participant"], "drop")
            await does(meeting, mia["participant"], "resume")
        await server.world.spaces.settled()
        said = len(await meeting.journal("message"))
        for _ in range(5):
            await clock.advance(4_000, server.world.spaces.settled)
        assert len(await meeting.journal("message")) == said + 5


async def test_forty_raiders_are_one_call_and_a_suspend_stops_them(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host:
        raiders = await hold(meeting, name="Raider", count=40, country="BR", behaviour="raider")
        assert len({one["participant"] for one in raiders}) == 40
        await host.event("share_started")
        await host.event("message")
        suspended = await host.ask("suspend")
        settled = await host.settle()
        later = [frame for frame in settled if frame.get("seq", 0) > suspended["seq"]]
        assert [frame["type"] for frame in later if frame["type"] not in {"reply"}] == []
        for one in raiders[:3]:
            seen = [sent["frame"] for sent in await frames(meeting, one["participant"]) if "frame" in sent]
            at = next(number for number, frame in enumerate(seen) if frame["type"] == "suspended")
            assert {frame["type"] for frame in seen[at + 1 :]} <= {"reply"}


async def test_a_situation_is_one_call(server: Server) -> None:
    body = {
        "topic": "Class 6",
        "people": [
            {"name": "Pupil", "count": 19, "place": "inside"},
            {"name": "Mia", "place": "inside", "commands": [{"type": "start_share"}]},
            {"name": "Late", "count": 3, "place": "waiting"},
            {"name": "Stranger", "passcode": "wrong"},
        ],
        "controls": [{"type": "suspend"}, {"type": "unlock"}, {"type": "allow", "activity": "chat", "allowed": True}],
    }
    async with server.http(server.admin_token) as http:
        made = (await http.post("/meetings", json=body)).json()
    assert [one["place"] for one in made["people"]] == ["inside"] * 20 + ["waiting"] * 3 + [None]
    assert made["people"][-1]["error"]["code"] == "wrong_passcode"
    assert (made["status"], made["inside"], made["waiting"], made["locked"]) == ("started", 20, 3, False)
    assert "chat" not in made["suspended"]
    assert "audio" in made["suspended"]
    (suspended,) = await Meeting(server, made).journal("suspended")
    assert suspended["stopped"] == [{"participant": made["people"][19]["participant"], "activities": ["share"]}]


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        (
            {"controls": [{"type": "start"}, {"type": "admit", "participant": "nobody"}]},
            "no_such_participant",
            "controls.1",
        ),
        ({"controls": [{"type": "chat", "text": "x"}]}, "malformed", "controls.0"),
        ({"people": [{"name": "A", "count": 300}, {"name": "B", "count": 201}]}, "malformed", "people"),
        ({"people": [{"name": "A", "commands": [{"type": "drop", "now": True}]}]}, "malformed", "people.0"),
        ({"people": [{"name": "A", "country": "QQ"}]}, "malformed", "people.0"),
        ({"controls": [{"type": {"type": "lock"}}]}, "malformed", "controls.0"),
        ({"controls": [{"type": "allow", "activity": "dance"}]}, "malformed", "controls.0"),
        ({"people": [{"name": "Mia", "place": "inside", "commands": [{"type": "lock"}]}]}, "not_host", "people.0"),
    ],
)
async def test_a_situation_that_cannot_be_leaves_no_meeting(
    server: Server, body: dict[str, Any], code: str, place: str
) -> None:
    known = len(server.world.seats.running())
    async with server.http(server.admin_token) as http:
        answer = (await http.post("/meetings", json={"topic": "Class", **body})).json()
    assert answer["code"] == code
    assert answer["detail"].startswith(place)
    assert len(server.world.seats.running()) == known


async def test_how_somebody_came_to_be_where_they_are(server: Server) -> None:
    meeting = await server.meeting(region={"mode": "deny", "countries": ["RU"]})
    async with meeting.host() as host:
        (mia,) = await hold(meeting, country="BR", device="tablet")
        (_ben,) = await hold(meeting, name="Ben")
        await host.ask("admit", participant=mia["participant"])
        await host.ask("suspend")
        await host.ask("put_in_waiting_room", participant=mia["participant"])
        by_host = await meeting.get(f"/people/{mia['participant']}/explain")
        by_admin = await meeting.get(f"/people/{mia['participant']}/explain", token=server.admin_token)
    assert by_host["person"]["place"] == "waiting"
    told: list[Frame] = by_host["chain"]
    assert [event["type"] for event in told if event["because"]] == [
        *("joined_waiting_room", "admitted", "suspended", "put_in_waiting_room")
    ]
    assert told[0]["because"]["rule"] == "waiting_room"
    assert told[0]["because"]["country"] == "BR"
    assert "address" not in str(by_host)
    assert "address" in by_admin["chain"][0]["because"]
    async with server.http(server.admin_token) as http:
        answer = await http.get(f"/meetings/{meeting.id}/people/nobody/explain")
        assert answer.json()["code"] == "no_such_participant"


def test_the_chain_is_made_of_events_that_there_are() -> None:
    assert EVENTS.keys() >= TOLD | FOR_ALL
