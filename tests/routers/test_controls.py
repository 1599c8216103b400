"""The controls over HTTP: one route each, the same rules as on the socket, and an answer with what they caused."""

from __future__ import annotations

from typing import Any

import pytest

from meetingsim.state.controls import TABLE
from tests.wire import Meeting, Server

pytestmark = pytest.mark.anyio
OPEN: dict[str, Any] = {"waiting_room": {"enabled": False}}
FOR_ONESELF = {
    *("join", "resume", "leave", "chat", "set_audio", "set_video", "set_profile_picture", "media"),
    *("start_share", "annotate", "start_recording", "stop_recording", "react", "raise_hand"),
}
NOBODY = "p0000000000000000"


def body_for(name: str) -> dict[str, Any]:
    """Fields that a control takes, about nobody who is there."""
    needs_person = {"admit", "deny", "put_in_waiting_room", "remove", "mute", "stop_video", "stop_share"}
    needs_person |= {"ask_to_unmute", "make_cohost", "revoke_cohost", "make_host", "let_return", "leave_breakout_room"}
    fields: dict[str, Any] = {"participant": NOBODY} if name in needs_person else {}
    return fields | {
        "set_waiting_room": {"enabled": True},
        "waiting_room_chat": {"text": "hello"},
        "rename": {"name": "Mia", "participant": NOBODY},
        "set_region_rule": {"mode": "off"},
        "report": {"participants": [NOBODY], "issue": "spam"},
        "allow": {"activity": "share", "allowed": False},
        "delete_message": {"message": "m0"},
        "open_breakout_rooms": {"rooms": [{"name": "one"}]},
        "join_breakout_room": {"room": "one", "participant": NOBODY},
    }.get(name, {})


async def code_of(meeting: Meeting, control: str, /, **fields: Any) -> tuple[int, str | None]:
    response = await meeting.control(control, **fields)
    return response.status_code, response.json().get("code")


def test_what_people_do_for_themselves_has_no_route() -> None:
    http = {control.name for control in TABLE if control.http}
    assert not http & FOR_ONESELF
    assert {control.name for control in TABLE if control.socket} == http | FOR_ONESELF


@pytest.mark.parametrize("name", sorted(FOR_ONESELF | {"create", "drop", "change_settings", "time_passed"}))
async def test_there_is_no_such_control(server: Server, name: str) -> None:
    meeting = await server.meeting()
    assert (await meeting.control(name)).status_code == 404


@pytest.mark.parametrize("control", [control for control in TABLE if control.http], ids=lambda control: control.name)
async def test_every_control_works_before_the_start_and_is_over_after_the_end(server: Server, control: Any) -> None:
    meeting = await server.meeting()
    status, code = await code_of(meeting, control.name, **body_for(control.name))
    missing = (409, "conflict") if control.name == "delete_message" else (404, "no_such_participant")
    assert (status, code) in {(200, None), missing}
    if control.name != "end":
        await meeting.control("end")
        assert await code_of(meeting, control.name, **body_for(control.name)) == (409, "ended")


async def test_the_answer_has_the_events_as_the_journal_has_them(server: Server) -> None:
    meeting = await server.meeting()
    answer = (await meeting.control("suspend")).json()
    assert set(answer) == {"seq", "events"}
    (event,) = answer["events"]
    assert (event["type"], event["seq"], event["by"]) == ("suspended", answer["seq"], "host")
    assert event["because"] == {"rule": "suspend", "door": "http", "asked_by": "host", "inside": 0}
    assert event == (await meeting.journal())[-1]


async def test_an_effect_that_is_there_already_is_ok_and_no_event(server: Server) -> None:
    meeting = await server.meeting()
    first = (await meeting.control("lock")).json()
    again = await meeting.control("lock")
    assert (again.status_code, again.json()) == (200, {"seq": first["seq"], "events": []})
    assert [event["type"] for event in await meeting.journal()] == ["created", "locked"]


@pytest.mark.parametrize("who", ["host", "admin"])
async def test_a_meeting_is_hosted_by_http_alone(server: Server, who: str) -> None:
    meeting = await server.meeting()
    token = server.admin_token if who == "admin" else None

    async def control(name: str, **fields: Any) -> list[Any]:
        response = await meeting.control(name, token=token, **fields)
        assert response.status_code == 200, response.text
        return list(response.json()["events"])

    async with meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        assert (mia.place, mia.view["meeting"]["status"]) == ("early", "scheduled")
        assert [event["by"] for event in await control("set_waiting_room", enabled=True, who="not_invited")] == [who]
        started = await control("start")
        assert [event["type"] for event in started] == [
            "started",
            *["joined_waiting_room", "origin_known"] * 2,
        ]
        assert started[0]["by"] == who
        assert await control("start") == []
        await mia.placed("waiting")
        assert [event["by"] for event in await control("admit", participant=mia.id)] == [who]
        await mia.placed("inside")
        assert [event["by"] for event in await control("deny", participant=ben.id)] == [who]
        assert (await ben.closed())[0] == 4004
        await control("waiting_room_chat", text="anybody?")
        await mia.ask("set_audio", on=True)
        (muted,) = await control("mute", participant=mia.id)
        assert (muted["type"], muted["on"], muted["by"]) == ("audio_changed", False, who)
        (event,) = await control("make_cohost", participant=mia.id)
        assert (event["role"], event["by"]) == ("cohost", who)
        assert [event["by"] for event in await control("remove", participant=mia.id, may_return=True)] == [who]
        assert (await mia.closed())[0] == 4500
        assert [event["by"] for event in await control("end")] == [who]


async def test_with_a_joined_host_the_host_token_speaks_for_that_person(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia:
        (event,) = (await meeting.control("lock")).json()["events"]
        assert (event["by"], event["because"]["asked_by"]) == (host.id, host.id)
        assert (await mia.event("locked"))["by"] == host.id
        (event,) = (await meeting.control("unlock", token=server.admin_token)).json()["events"]
        assert event["by"] == "admin"
        # The same rank as the host: it cannot be turned against the host.
        for token in (None, server.admin_token):
            response = await meeting.control("remove", token=token, participant=host.id)
            assert (response.status_code, response.json()["code"]) == (403, "protected")
        await host.socket.close()
        await mia.event("reconnecting", participant=host.id)
        (event,) = (await meeting.control("lock")).json()["events"]
        assert event["by"] == host.id
    async with meeting.host() as host:
        await host.ask("leave")
    (event,) = (await meeting.control("unlock")).json()["events"]
    assert event["by"] == "host"


async def test_addresses_in_the_answer_are_for_the_admin_alone(server: Server) -> None:
    meeting = await server.meeting()
    async with meeting.host(), meeting.guest("Mia", address="192.0.2.9") as mia, meeting.guest("Ben") as ben:
        answer = (await meeting.control("admit", participant=mia.id)).json()
        assert answer["events"][0]["because"]["country"] is None
        assert "192.0.2.9" not in str(answer)
        answer = (await meeting.control("admit", participant=ben.id, token=server.admin_token)).json()
        assert answer["events"][0]["because"]["address"] == "127.0.0.1"


async def test_a_report_answers_with_its_id_and_takes_no_seq(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host(), meeting.guest("Mia") as mia:
        before = (await meeting.get(""))["seq"]
        answer = (await meeting.control("report", participants=[mia.id], issue="abuse")).json()
        assert (answer["seq"], answer["events"]) == (before, [])
        assert answer["report"]
        removal = {"participant": mia.id, "report": {"issue": "abuse", "text": "again"}}
        answer = (await meeting.control("remove", **removal)).json()
        assert (answer["seq"], [event["type"] for event in answer["events"]]) == (before + 1, ["removed"])
        assert answer["report"]


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("admit", {}, (422, "malformed")),
        ("admit", {"participant": 7}, (422, "malformed")),
        ("lock", {"hard": True}, (422, "malformed")),
        ("set_waiting_room", {"enabled": "yes"}, (422, "malformed")),
        ("set_waiting_room", {"enabled": True, "who": "nobody"}, (422, "malformed")),
        ("set_region_rule", {"mode": "deny", "countries": ["Narnia"]}, (422, "invalid_rule")),
        ("set_region_rule", {"mode": "approve"}, (422, "invalid_rule")),
        ("report", {"participants": [], "issue": "spam"}, (422, "malformed")),
        ("waiting_room_chat", {"text": "x" * 4097}, (413, "too_large")),
        ("admit", {"participant": NOBODY}, (404, "no_such_participant")),
    ],
)
async def test_what_a_control_refuses(server: Server, name: str, fields: Any, expected: Any) -> None:
    meeting = await server.meeting()
    assert await code_of(meeting, name, **fields) == expected
    assert [event["type"] for event in await meeting.journal()] == ["created"]


async def test_a_control_without_fields_needs_no_body(server: Server) -> None:
    meeting = await server.meeting()
    async with server.http(meeting.made["host_token"]) as client:
        path = f"/meetings/{meeting.id}/controls"
        assert (await client.post(f"{path}/lock")).status_code == 200
        assert (await client.post(f"{path}/unlock", json={})).status_code == 200
        response = await client.post(f"{path}/lock", json=None, headers={"content-type": "application/json"})
        assert response.status_code == 200
        response = await client.post(f"{path}/admit")
        assert (response.status_code, response.json()["code"]) == (422, "malformed")
