"""The readable journal: paging, waiting, streaming, and what the host reads of it and the admin."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from meetingsim.routers import events as events_router
from tests.live.storms import Storm, come_true, here
from tests.wire import PATIENCE, Frame, Meeting, Server

pytestmark = pytest.mark.anyio
OPEN: dict[str, Any] = {"waiting_room": {"enabled": False}}


async def filled(server: Server) -> Meeting:
    """A meeting with eight events: created, then seven about the lock and the waiting room."""
    meeting = await server.meeting()
    for _ in range(3):
        await meeting.control("lock")
        await meeting.control("unlock")
    await meeting.control("set_waiting_room", enabled=False)
    return meeting


class Stream:
    """Server-sent events, one at a time."""

    def __init__(self, response: httpx2.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self) -> tuple[str, str, Frame] | None:
        """Id, type and data of the next event; None at the end."""
        found: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if line and name:
                    found[name] = value
                elif found:
                    return found["id"], found["event"], json.loads(found["data"])
        return None

    async def rest(self) -> list[str]:
        """The types of what comes until the end."""
        types = []
        while one := await self.next():
            types.append(one[1])
        return types


@asynccontextmanager
async def streaming(meeting: Meeting, headers: dict[str, str] | None = None, **query: Any) -> AsyncIterator[Stream]:
    accept = {"accept": "text/event-stream", **(headers or {})}
    async with (
        meeting.server.http(meeting.made["host_token"]) as client,
        client.stream("GET", f"/meetings/{meeting.id}/events", params=query, headers=accept) as response,
    ):
        yield Stream(response)


async def refused(meeting: Meeting, headers: dict[str, str] | None = None, **query: Any) -> tuple[int, str]:
    async with meeting.server.http(meeting.made["host_token"]) as client:
        response = await client.get(f"/meetings/{meeting.id}/events", params=query, headers=headers or {})
    return response.status_code, response.json()["code"]


# Pages.


async def test_pages_follow_each_other_without_gap_or_overlap(server: Server) -> None:
    meeting = await filled(server)
    whole = await meeting.journal()
    assert [event["seq"] for event in whole] == list(range(1, 9))
    found, after = [], 0
    while page := (await meeting.get("/events", token=server.admin_token, after=after, limit=3)):
        assert len(page["events"]) <= 3
        if not page["events"]:
            assert page["next"] == after
            break
        found += page["events"]
        after = page["next"]
        assert after == page["events"][-1]["seq"] or len(page["events"]) < 3
    assert found == whole


async def test_a_page_of_some_types_goes_on_after_what_it_left_out(server: Server) -> None:
    meeting = await filled(server)
    page = await meeting.get("/events", type="locked, waiting_room_set", limit=2)
    assert [(event["type"], event["seq"]) for event in page["events"]] == [("locked", 2), ("locked", 4)]
    page = await meeting.get("/events", type="locked,waiting_room_set", limit=2, after=page["next"])
    assert [(event["type"], event["seq"]) for event in page["events"]] == [("locked", 6), ("waiting_room_set", 8)]
    assert (await meeting.get("/events", type="ended"))["next"] == 8


async def test_pages_of_a_long_journal(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_router, "_PAGE", 2)
    meeting = await filled(server)
    assert len(await meeting.journal()) == 8
    assert [event["seq"] for event in (await meeting.get("/events", type="locked", limit=3))["events"]] == [2, 4, 6]
    page = await meeting.get("/events", after=3, limit=3)
    assert ([event["seq"] for event in page["events"]], page["next"]) == ([4, 5, 6], 6)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"after": -1}, (422, "malformed")),
        ({"after": "x"}, (422, "malformed")),
        ({"after": 9}, (409, "conflict")),
        ({"limit": 0}, (422, "malformed")),
        ({"limit": 1001}, (422, "malformed")),
        ({"type": "locked,teleported"}, (422, "malformed")),
        ({"wait": "soon"}, (422, "malformed")),
        ({"wait": "-1s"}, (422, "malformed")),
    ],
)
async def test_what_is_no_question(server: Server, query: Any, expected: Any) -> None:
    assert await refused(await filled(server), **query) == expected


# Waiting.


async def test_waiting_is_answered_as_soon_as_there_is_one() -> None:
    async with here() as server:
        meeting = await server.meeting()
        seat = await server.world.seats.find(meeting.id)
        poll = asyncio.create_task(meeting.get("/events", after=1, type="locked", wait="60s"))
        await come_true(lambda: bool(seat._news._waiters))
        # What was not asked for is no answer.
        await meeting.control("set_waiting_room", enabled=False)
        await come_true(lambda: bool(seat._news._waiters))
        assert not poll.done()
        await meeting.control("lock")
        page = await asyncio.wait_for(poll, PATIENCE)
        assert ([event["type"] for event in page["events"]], page["next"]) == (["locked"], 3)


async def test_waiting_ends_with_its_time_and_says_where_to_go_on(server: Server) -> None:
    meeting = await filled(server)
    assert await meeting.get("/events", after=7, type="ended", wait="1ms") == {"events": [], "next": 8}


@pytest.mark.parametrize("how", ["end", "delete"])
async def test_waiting_ends_with_the_meeting(how: str) -> None:
    async with here() as server:
        meeting = await server.meeting()
        seat = await server.world.seats.find(meeting.id)
        poll = asyncio.create_task(meeting.get("/events", after=1, type="locked", wait="60s"))
        await come_true(lambda: bool(seat._news._waiters))
        if how == "end":
            await meeting.control("end")
        else:
            async with server.http(server.admin_token) as client:
                assert (await client.delete(f"/meetings/{meeting.id}")).status_code == 204
        page = await asyncio.wait_for(poll, PATIENCE)
        assert page["events"] == []
        if how == "end":
            assert (await meeting.get("/events", after=2, wait="60s"))["events"] == []


# Streaming.


async def test_a_stream_tells_what_was_and_what_comes_and_ends_with_the_meeting(server: Server) -> None:
    meeting = await server.meeting()
    await meeting.control("lock")
    async with streaming(meeting, after=1) as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        assert stream.response.headers["cache-control"] == "no-store"
        first = await stream.next()
        assert first is not None
        assert (first[0], first[1]) == ("2", "locked")
        assert first[2] == (await meeting.get("/events", after=1))["events"][0]
        await meeting.control("unlock")
        second = await stream.next()
        assert second is not None
        assert second[:2] == ("3", "unlocked")
        await meeting.control("end")
        assert await stream.rest() == ["ended"]


async def test_a_stream_goes_on_after_the_last_event_that_was_read(server: Server) -> None:
    meeting = await filled(server)
    await meeting.control("end")
    async with streaming(meeting, {"last-event-id": "6"}, after=2) as stream:
        assert await stream.rest() == ["unlocked", "waiting_room_set", "ended"]
    async with streaming(meeting, {"last-event-id": "nonsense"}, after=7, type="ended") as stream:
        assert await stream.rest() == ["ended"]
    accept = {"accept": "text/event-stream", "last-event-id": "10"}
    assert await refused(meeting, accept) == (409, "conflict")


async def test_a_stream_ends_when_its_meeting_is_deleted(server: Server) -> None:
    meeting = await server.meeting()
    async with streaming(meeting, type="ended") as stream, server.http(server.admin_token) as client:
        assert (await client.delete(f"/meetings/{meeting.id}")).status_code == 204
        assert await stream.rest() == []


async def test_a_stream_that_cannot_be_read_further_ends() -> None:
    storm = Storm()
    async with here(storm) as server:
        meeting = await server.meeting()
        await meeting.control("lock")
        seat = await server.world.seats.find(meeting.id)
        async with streaming(meeting) as stream:
            assert (await stream.next() or ["", ""])[1] == "locked"
            await come_true(lambda: bool(seat._news._waiters))
            storm.failing_reads = 1
            await meeting.control("unlock")
            assert await stream.rest() == []


# Who reads what.


async def test_the_host_reads_no_addresses_and_the_admin_does(server: Server) -> None:
    meeting = await server.meeting()
    async with meeting.host(), meeting.guest("Mia", address="192.0.2.9") as mia:
        await meeting.control("admit", participant=mia.id)
        await meeting.control("remove", participant=mia.id)
    hosts = (await meeting.get("/events"))["events"]
    assert {"joined_waiting_room", "origin_known", "admitted", "removed"} <= {event["type"] for event in hosts}
    assert "192.0.2.9" not in json.dumps(hosts)
    assert not any("address" in (event["because"] or {}) for event in hosts)
    admins = {event["type"]: event for event in await meeting.journal()}
    for kind in ("joined_waiting_room", "admitted", "removed"):
        assert admins[kind]["because"]["address"] == "192.0.2.9"
    assert "created" in admins
    assert "created" not in {event["type"] for event in hosts}


async def test_the_host_reads_no_private_messages_of_others(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        await mia.ask("chat", text="between us", to=ben.id)
        await mia.ask("chat", text="to you", to=host.id)
        await mia.ask("chat", text="to the hosts", to="hosts")
        await mia.ask("chat", text="to all")
        assert [event["text"] for event in await meeting.journal("message")] == [
            "between us",
            "to you",
            "to the hosts",
            "to all",
        ]
        read = (await meeting.get("/events", type="message"))["events"]
        assert [event["text"] for event in read] == ["to you", "to the hosts", "to all"]
        await host.ask("leave")
        read = (await meeting.get("/events", type="message"))["events"]
        assert [event["text"] for event in read] == ["to you", "to the hosts", "to all"]
        async with streaming(meeting, type="message") as stream:
            texts = [(await stream.next() or ("", "", {}))[2].get("text") for _ in range(3)]
            assert texts == ["to you", "to the hosts", "to all"]


async def test_every_decision_at_the_door_has_its_reason(server: Server) -> None:
    meeting = await server.meeting(region={"mode": "deny", "countries": ["BR"]})
    async with meeting.host(country="DE"), meeting.guest("Mia", country="FR"), meeting.connect() as ana:
        join = {"name": "Ana", "passcode": meeting.made["passcode"], "country": "BR"}
        assert await ana.refused("join", **join) == "region_blocked"
        assert (await ana.closed())[0] == 4501
    read = (await meeting.get("/events"))["events"]
    because = {event["type"]: event["because"] for event in read}
    assert because["joined"]["rule"] == "host"
    assert because["joined_waiting_room"]["rule"] == "waiting_room"
    refused_entry = because["entry_refused"]
    assert (refused_entry["rule"], refused_entry["door"]) == ("region_blocked", "socket")
    assert (refused_entry["country"], refused_entry["source"]) == ("BR", "plan")
    assert {"database", "built"} <= refused_entry.keys()


async def test_what_is_stored_may_be_read_on_from_before_the_seat_goes_on(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host:
        await host.ask("lock")
        last = (await meeting.journal())[-1]["seq"]
        seat = await server.world.seats.find(meeting.id)
        now = seat.meeting
        seat.meeting = replace(now, seq=last - 1)
        try:
            read = await meeting.get("/events", after=last)
            assert (read["events"], read["next"]) == ([], last)
        finally:
            seat.meeting = now
