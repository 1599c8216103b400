"""Meetings over HTTP: making, reading, changing and deleting them, and who is inside and waiting."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from tests.wire import Server, running

pytestmark = pytest.mark.anyio
OPEN: dict[str, Any] = {"waiting_room": {"enabled": False}}
DEFAULTS: dict[str, Any] = {
    "waiting_room": {
        "enabled": True,
        "who": "everyone",
        "chat": "two_way",
        "capacity": 300,
        "denials": 2,
        "title": "",
        "description": "",
        "show_topic": False,
    },
    "region": {"mode": "off", "countries": [], "unknown": "deny", "anonymous": "allow"},
    "join_before_host": False,
    "capacity": 300,
    "allow": {
        "audio": True,
        "video": True,
        "share": True,
        "annotate": True,
        "rename": True,
        "profile_picture": True,
        "record": False,
        "chat": "everyone_and_private",
    },
    "removal": {"match": ["account", "ticket", "device"], "may_return": False, "unmatched": "wait"},
    "reports": {"participants_may_report": True},
}
MADE = {"id", "topic", "kind", "status", "passcode", "join_url", "socket_url", "host_token", "settings"}


async def made(server: Server, body: Any, *, token: str | None = None) -> tuple[int, dict[str, Any]]:
    async with server.http(token) as client:
        response = await client.post("/meetings", json=body)
    return response.status_code, response.json()


async def patched(server: Server, meeting: str, body: Any, token: str) -> tuple[int, dict[str, Any]]:
    async with server.http(token) as client:
        response = await client.patch(f"/meetings/{meeting}", json=body)
    return response.status_code, response.json()


# Making.


async def test_a_new_meeting(server: Server) -> None:
    status, one = await made(server, {"topic": "Class 6"})
    assert status == 201
    assert set(one) >= MADE
    assert re.fullmatch("[1-9][0-9]{10}", one["id"])
    assert re.fullmatch("[0-9]{6}", one["passcode"])
    assert (one["topic"], one["kind"], one["status"]) == ("Class 6", "meeting", "scheduled")
    assert one["join_url"] == f"{server.url}/j/{one['id']}#passcode={one['passcode']}"
    assert one["socket_url"] == f"{server.url.replace('http', 'ws')}/api/v1/meetings/{one['id']}/socket"
    assert one["settings"] == {**DEFAULTS, "passcode": one["passcode"]}
    _, other = await made(server, {"topic": "Class 6", "kind": "webinar"})
    assert other["kind"] == "webinar"
    assert not {one["id"], one["host_token"]} & {other["id"], other["host_token"]}


async def test_settings_are_merged_into_the_defaults(server: Server) -> None:
    settings = {"capacity": 5, "waiting_room": {"chat": "off"}, "allow": {"chat": "hosts"}, "passcode": "abc"}
    _, one = await made(server, {"topic": "Class 6", "settings": settings})
    assert one["passcode"] == "abc"
    assert one["settings"] == {
        **DEFAULTS,
        "passcode": "abc",
        "capacity": 5,
        "waiting_room": {**DEFAULTS["waiting_room"], "chat": "off"},
        "allow": {**DEFAULTS["allow"], "chat": "hosts"},
    }


async def test_groups_of_countries_are_spelled_out(server: Server) -> None:
    _, one = await made(server, {"topic": "x", "settings": {"region": {"mode": "deny", "countries": ["EEA", "BR"]}}})
    countries = one["settings"]["region"]["countries"]
    assert len(countries) == 31
    assert {"BR", "DE", "NO", "IS", "LI"} <= set(countries)
    assert countries == sorted(countries)


async def test_no_passcode_at_all(server: Server) -> None:
    _, one = await made(server, {"topic": "Class 6", "settings": {"passcode": None}})
    assert one["passcode"] is None
    assert one["settings"]["passcode"] is None
    assert "#" not in one["join_url"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "malformed"),
        ({"topic": ""}, "malformed"),
        ({"topic": 6}, "malformed"),
        ({"topic": "x" * 201}, "malformed"),
        ({"topic": "x", "kind": "party"}, "malformed"),
        ({"topic": "x", "colour": "red"}, "malformed"),
        ({"topic": "x", "settings": {"colour": "red"}}, "malformed"),
        ({"topic": "x", "settings": {"waiting_room": {"enabled": "yes"}}}, "malformed"),
        ({"topic": "x", "settings": {"waiting_room": {"enabled": 1}}}, "malformed"),
        ({"topic": "x", "settings": {"waiting_room": None}}, "malformed"),
        ({"topic": "x", "settings": {"capacity": 0}}, "malformed"),
        ({"topic": "x", "settings": {"passcode": ""}}, "malformed"),
        ({"topic": "x", "settings": {"allow": {"chat": True}}}, "malformed"),
        ({"topic": "x", "settings": {"removal": {"match": ["nose"]}}}, "malformed"),
        ({"topic": "x", "settings": {"region": {"mode": "deny", "countries": ["XX"]}}}, "invalid_rule"),
        ({"topic": "x", "settings": {"region": {"mode": "approve"}}}, "invalid_rule"),
        ([], "malformed"),
        (None, "malformed"),
    ],
)
async def test_what_makes_no_meeting(server: Server, body: Any, code: str) -> None:
    status, problem = await made(server, body)
    assert (status, problem["code"]) == (422, code)


async def test_the_admin_may_choose_id_and_passcode(server: Server) -> None:
    body = {"topic": "Class 6", "id": "10000000042", "passcode": "see you"}
    for token, expected in ((None, (403, "not_permitted")), ("host_no", (401, "unauthorised"))):
        status, problem = await made(server, body, token=token)
        assert (status, problem["code"]) == expected
    status, one = await made(server, body, token=server.admin_token)
    assert (status, one["id"], one["passcode"]) == (201, "10000000042", "see you")
    status, problem = await made(server, body, token=server.admin_token)
    assert (status, problem["code"]) == (409, "conflict")
    status, problem = await made(server, {"topic": "x", "id": "../etc"}, token=server.admin_token)
    assert (status, problem["code"]) == (422, "malformed")
    # Nothing of the first was lost to the second.
    async with server.http(one["host_token"]) as client:
        assert (await client.get("/meetings/10000000042")).json()["passcode"] == "see you"


# Reading.


async def test_host_and_admin_read_a_meeting_and_the_host_token_is_never_told_again(server: Server) -> None:
    meeting = await server.meeting(capacity=7)
    for token in (meeting.made["host_token"], server.admin_token):
        shown = await meeting.get("", token=token)
        assert {name: shown[name] for name in MADE - {"host_token"}} == {
            name: meeting.made[name] for name in MADE - {"host_token"}
        }
        assert meeting.made["host_token"] not in str(shown)


async def test_the_list_holds_what_the_token_opens(server: Server) -> None:
    mine, other = await server.meeting(), await server.meeting()
    async with server.http(mine.made["host_token"]) as client:
        assert [one["id"] for one in (await client.get("/meetings")).json()["meetings"]] == [mine.id]
    async with server.http(server.admin_token) as client:
        listed = [one["id"] for one in (await client.get("/meetings")).json()["meetings"]]
    assert listed.index(mine.id) < listed.index(other.id)
    for token in (None, "host_no"):
        async with server.http(token) as client:
            response = await client.get("/meetings")
        assert (response.status_code, response.json()["code"]) == (401, "unauthorised")


async def test_who_is_inside_and_who_waits(server: Server) -> None:
    meeting = await server.meeting()
    async with (
        meeting.host(address="192.0.2.1") as host,
        meeting.guest("Mia", country="BR") as mia,
        meeting.guest("Ben", address="198.51.100.7") as ben,
    ):
        await host.ask("admit", participant=mia.id)
        await host.ask("waiting_room_chat", text="one moment", to=ben.id)
        inside = (await meeting.get("/participants"))["participants"]
        assert [(row["name"], row["role"], row["country"]) for row in inside] == [
            ("Host", "host", None),
            ("Mia", "participant", "BR"),
        ]
        (waiting,) = (await meeting.get("/waiting-room"))["waiting"]
        assert {**waiting, "since": ""} == {
            "id": ben.id,
            "name": "Ben",
            "since": "",
            "why": "waiting_room",
            "place": "waiting",
            "country": None,
        }
        # Addresses are for the admin alone.
        assert "address" not in str(inside)
        inside = (await meeting.get("/participants", token=server.admin_token))["participants"]
        assert inside[0]["address"] == "192.0.2.1"
        (waiting,) = (await meeting.get("/waiting-room", token=server.admin_token))["waiting"]
        assert waiting["address"] == "198.51.100.7"
        await mia.socket.close()
        await host.event("reconnecting", participant=mia.id)
        inside = (await meeting.get("/participants"))["participants"]
        assert [row["place"] for row in inside] == ["inside", "reconnecting"]


# Changing.


async def test_a_patch_goes_through_the_controls_with_their_events_and_reasons(server: Server) -> None:
    meeting = await server.meeting()
    body = {
        "topic": "Class 7",
        "settings": {
            "waiting_room": {"enabled": False, "title": "Hello"},
            "region": {"mode": "approve", "countries": ["EU"]},
            "allow": {"share": False, "chat": "hosts"},
            "capacity": 5,
            "passcode": None,
            "removal": {"may_return": True},
        },
    }
    status, shown = await patched(server, meeting.id, body, meeting.made["host_token"])
    assert status == 200
    settings = shown["settings"]
    assert (shown["topic"], settings["capacity"], settings["passcode"]) == ("Class 7", 5, None)
    assert settings["waiting_room"] == {**DEFAULTS["waiting_room"], "enabled": False, "title": "Hello"}
    assert settings["allow"] == {**DEFAULTS["allow"], "share": False, "chat": "hosts"}
    assert settings["removal"] == {**DEFAULTS["removal"], "may_return": True}
    assert len(settings["region"]["countries"]) == 27
    events = (await meeting.journal())[1:]
    assert [(event["type"], event["by"], event["because"]["rule"]) for event in events] == [
        ("region_rule_set", "host", "set_region_rule"),
        ("disallowed", "host", "allow"),
        ("allowed", "host", "allow"),
        ("waiting_room_set", "host", "set_waiting_room"),
        ("settings_changed", "host", "change_settings"),
        ("meeting_changed", "host", "change_settings"),
    ]
    assert {event["because"]["door"] for event in events} == {"http"}
    assert (events[1]["activity"], events[2]["activity"], events[2]["level"]) == ("share", "chat", "hosts")
    # The same again changes nothing.
    status, again = await patched(server, meeting.id, body, server.admin_token)
    assert (status, again["seq"]) == (200, shown["seq"])


async def test_a_patch_is_told_to_those_inside_as_its_controls_are(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        await mia.ask("start_share")
        await host.ask("put_in_waiting_room", participant=ben.id)
        body = {"settings": {"allow": {"share": False}, "capacity": 9}}
        status, _ = await patched(server, meeting.id, body, server.admin_token)
        assert status == 200
        barred = await mia.event("disallowed")
        assert (barred["by"], barred["activity"]) == ("admin", "share")
        assert [one["participant"] for one in barred["stopped"]] == [mia.id]
        assert await mia.refused("start_share") == "not_permitted"
        assert (await host.event("settings_changed"))["settings"]["capacity"] == 9
        assert "settings_changed" not in {frame["type"] for frame in mia.frames}


@pytest.mark.parametrize(
    ("part", "status", "code"),
    [
        ({"region": {"mode": "approve", "countries": []}}, 422, "invalid_rule"),
        ({"region": {"mode": "deny", "countries": ["Atlantis"]}}, 422, "invalid_rule"),
        ({"waiting_room": {"capacity": -1}}, 422, "malformed"),
        ({"colour": "red"}, 422, "malformed"),
    ],
)
async def test_one_bad_part_refuses_the_whole_patch(server: Server, part: Any, status: int, code: str) -> None:
    meeting = await server.meeting()
    body = {"topic": "New", "settings": {"capacity": 5, "allow": {"share": False}, **part}}
    found, problem = await patched(server, meeting.id, body, meeting.made["host_token"])
    assert (found, problem["code"]) == (status, code)
    shown = await meeting.get("")
    assert (shown["topic"], shown["settings"]) == ("Class 6", meeting.made["settings"])
    assert [event["type"] for event in await meeting.journal()] == ["created"]


async def test_a_patch_of_a_meeting_that_is_over(server: Server) -> None:
    meeting = await server.meeting()
    await meeting.control("end")
    status, problem = await patched(server, meeting.id, {"topic": "New"}, server.admin_token)
    assert (status, problem["code"]) == (409, "ended")


async def test_patches_at_the_same_moment_are_merged(server: Server) -> None:
    meeting = await server.meeting()
    parts: list[Any] = [{"capacity": 5}, {"waiting_room": {"title": "Hi"}}, {"allow": {"video": False}}]
    token = meeting.made["host_token"]
    found = await asyncio.gather(*(patched(server, meeting.id, {"settings": part}, token) for part in parts))
    assert [status for status, _ in found] == [200] * 3
    settings = (await meeting.get(""))["settings"]
    assert (settings["capacity"], settings["waiting_room"]["title"], settings["allow"]["video"]) == (5, "Hi", False)


async def test_turning_the_waiting_room_off_by_patch_lets_in_who_waits_for_it(server: Server) -> None:
    meeting = await server.meeting()
    async with meeting.host(), meeting.guest("Mia") as mia:
        assert mia.place == "waiting"
        await patched(server, meeting.id, {"settings": OPEN}, meeting.made["host_token"])
        await mia.placed("inside")
        (admitted,) = await meeting.journal("admitted")
        assert admitted["because"]["rule"] == "set_waiting_room"


# Deleting.


async def test_only_the_admin_deletes_and_reports_stay(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.connect() as door:
        await host.ask("report", participants=[mia.id], issue="spam", text="links")
        async with server.http(meeting.made["host_token"]) as client:
            response = await client.delete(f"/meetings/{meeting.id}")
            assert (response.status_code, response.json()["code"]) == (403, "not_permitted")
        async with server.http(server.admin_token) as admin:
            response = await admin.delete(f"/meetings/{meeting.id}")
            assert (response.status_code, response.content) == (204, b"")
            for client in (host, mia):
                assert (await client.closed())[0] == 4502
            for path in ("", "/events", "/participants", "/waiting-room"):
                response = await admin.get(f"/meetings/{meeting.id}{path}")
                assert (response.status_code, response.json()["code"]) == (404, "no_such_meeting")
            assert (await admin.delete(f"/meetings/{meeting.id}")).status_code == 404
            assert (await admin.post(f"/meetings/{meeting.id}/controls/lock")).status_code == 404
            (report,) = (await admin.get("/reports", params={"meeting": meeting.id})).json()["reports"]
            assert [row["name"] for row in report["evidence"]["roster"]] == ["Host", "Mia"]
        assert await door.refused("join", name="Ben", passcode=meeting.made["passcode"]) == "no_such_meeting"
        assert (await door.closed())[0] == 4503
        response = await meeting.control("lock")
        assert (response.status_code, response.json()["code"]) == (401, "unauthorised")
        again = {"topic": "Another", "id": meeting.id}
        assert (await made(server, again, token=server.admin_token))[0] == 201


# Beyond this machine.


async def test_beyond_this_machine_making_a_meeting_needs_the_admin_token() -> None:
    with running(host="0.0.0.0", admin_token="a-secret-of-my-own", limits="off") as far:
        near = Server(far.url.replace("0.0.0.0", "127.0.0.1"), "a-secret-of-my-own", far.world)
        assert far.admin_token == "a-secret-of-my-own"
        for token in (None, "guess"):
            status, problem = await made(near, {"topic": "x"}, token=token)
            assert (status, problem["code"]) == (401, "unauthorised")
        status, one = await made(near, {"topic": "x"}, token="a-secret-of-my-own")
        assert status == 201
        async with near.http(one["host_token"]) as client:
            assert (await client.get(f"/meetings/{one['id']}")).status_code == 200
