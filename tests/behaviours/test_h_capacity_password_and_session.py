"""Section H: full rooms, locks, passcodes, sizes, and what one connection more or less changes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import websockets

from tests.behaviours.cast import OPEN, drop, knock, names_inside, row_of, types
from tests.hand_clock import HandClock
from tests.wire import Server, running

pytestmark = pytest.mark.anyio

A_WEEK = 7 * 24 * 3600 * 1000


async def test_a_full_meeting_refuses_one_more_by_its_own_limit_and_never_the_host(server: Server) -> None:
    """The seat of whoever leaves is free again; the host takes one too, and gets in without one.

    behaviour H152
    """
    small, large = await server.meeting(**OPEN, capacity=2), await server.meeting(**OPEN, capacity=3)
    for meeting in (small, large):
        await meeting.control("start")
    async with small.guest("Mia") as mia, small.guest("Ben"), large.guest("Mia"), large.guest("Ben"):
        async with small.connect() as cem, large.guest("Cem") as fits:
            assert fits.place == "inside"
            assert await cem.refused("join", **knock(small, "Cem")) == "full"
            assert (await cem.closed())[0] == 4004
        async with small.host() as host:
            assert host.place == "inside"
            await mia.ask("leave")
            await host.event("left")
            async with small.connect() as cem:
                assert await cem.refused("join", **knock(small, "Cem")) == "full"
            await host.ask("leave")
        async with small.guest("Cem") as cem:
            assert cem.place == "inside"


async def test_locking_is_seen_by_all_inside_and_throws_nobody_out(server: Server) -> None:
    """Newcomers are refused, and those inside go on.

    behaviour H154
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Pia") as pia, meeting.guest("Mia") as mia:
        await host.ask("lock")
        for person in (pia, mia):
            assert (await person.event("locked"))["by"] == host.id
        async with meeting.connect() as late:
            assert await late.refused("join", **knock(meeting, "Late")) == "locked"
        assert await names_inside(meeting) == ["Host", "Pia", "Mia"]
        await mia.ask("chat", text="still here")
        await pia.event("message")


async def test_once_the_passcode_is_taken_off_an_earlier_wrong_try_does_not_matter(server: Server) -> None:
    """On the same connection, with an empty passcode or with none.

    behaviour H155
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host(), meeting.connect() as mia, meeting.connect() as ben:
        for person in (mia, ben):
            assert await person.refused("join", name="Guess", passcode="000") == "wrong_passcode"
        async with server.http(meeting.made["host_token"]) as http:
            taken_off = await http.patch(f"/meetings/{meeting.id}", json={"settings": {"passcode": None}})
        assert taken_off.json()["passcode"] is None
        await mia.ask("join", name="Mia", passcode="")
        await ben.ask("join", name="Ben")
        assert await names_inside(meeting) == ["Host", "Mia", "Ben"]


async def test_joining_does_not_make_a_meeting(server: Server) -> None:
    """An unknown id is refused, and again the second time; once somebody has made it, it opens.

    behaviour H157
    """
    wanted = "55511122233"
    url = server.url.replace("http", "ws", 1) + f"/api/v1/meetings/{wanted}/socket"
    for _ in range(2):
        async with websockets.connect(url) as socket:
            await socket.send('{"type": "join", "ref": "1", "name": "Mia", "passcode": "1"}')
            assert '"no_such_meeting"' in str(await socket.recv())
            with pytest.raises(websockets.ConnectionClosed) as end:
                await socket.recv()
            assert end.value.rcvd is not None
            assert end.value.rcvd.code == 4503
    async with server.http(server.admin_token) as http:
        assert (await http.get(f"/meetings/{wanted}")).json()["code"] == "no_such_meeting"
        made = await http.post("/meetings", json={"topic": "Now", "id": wanted, "passcode": "1", "settings": OPEN})
        assert made.status_code == 201
        await http.post(f"/meetings/{wanted}/controls/start")
        async with websockets.connect(url) as socket:
            await socket.send('{"type": "join", "ref": "1", "name": "Mia", "passcode": "1"}')
            assert '"view"' in str(await socket.recv())
        assert (await http.delete(f"/meetings/{wanted}")).status_code == 204


async def test_whoever_is_gone_before_any_stream_is_up_is_shown_so_and_then_removed_from_the_list() -> None:
    """The others are told at once that the connection dropped, and after the grace that the person left.

    behaviour H158
    """
    clock = HandClock()
    with running(clock, limits="off") as server:
        meeting = await server.meeting(**OPEN)
        async with meeting.host() as host, meeting.guest("Pia") as pia, meeting.guest("Mia") as mia:
            await drop(mia, host)
            await pia.event("reconnecting", participant=mia.id)
            assert (await row_of(meeting, mia))["place"] == "reconnecting"
            await clock.advance(30_000)
            for witness in (host, pia):
                await witness.event("left", participant=mia.id)
            assert await names_inside(meeting) == ["Host", "Pia"]


async def test_an_empty_meeting_goes_on_until_somebody_ends_it() -> None:
    """A week without anybody changes nothing: whoever comes then comes to the same meeting.

    behaviour H160
    """
    clock = HandClock()
    with running(clock, limits="off") as server:
        meeting = await server.meeting(**OPEN)
        async with meeting.host() as host:
            await host.ask("leave")
        await clock.advance(A_WEEK)
        assert (await meeting.get(""))["status"] == "started"
        async with meeting.guest() as mia:
            assert (mia.place, mia.view["meeting"]["status"]) == ("inside", "started")
            await meeting.control("end")
            assert (await mia.closed())[0] == 4502


async def test_what_is_too_large_is_refused_and_what_is_packed_is_not_unpacked(server: Server) -> None:
    """A text, a frame, a body, a body that does not say its size; compression is never agreed on.

    behaviour H161
    """
    meeting = await server.meeting(**OPEN)

    async def in_pieces() -> AsyncIterator[bytes]:
        for _ in range(70):
            yield b" " * 1024

    async with server.http(meeting.made["host_token"]) as http:
        as_json = {"content-type": "application/json"}
        for content in (b" " * 70_000, in_pieces()):
            answer = await http.post(f"/meetings/{meeting.id}/controls/lock", content=content, headers=as_json)
            assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        packed = await http.post(
            f"/meetings/{meeting.id}/controls/lock",
            content=b"\x1f\x8b",
            headers={**as_json, "content-encoding": "gzip"},
        )
        assert (packed.status_code, packed.json()["code"]) == (422, "malformed")
        assert (await http.get(f"/meetings/{meeting.id}")).json()["locked"] is False
    async with meeting.host(), meeting.guest() as mia:
        await mia.ask("chat", text="x" * 4_096)
        assert await mia.refused("chat", text="x" * 4_097) == "too_large"
        await mia.send("chat", text="x" * 65_536)
        assert (await mia.closed())[0] == 4504
    async with websockets.connect(meeting.made["socket_url"], compression="deflate") as socket:
        assert socket.response is not None
        assert "sec-websocket-extensions" not in socket.response.headers


async def test_the_story_of_a_meeting_can_be_read_with_a_place_and_a_time_for_each_event(server: Server) -> None:
    """From the start to the end, in order, by whoever holds the host token.

    behaviour H163
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest() as mia:
        await mia.ask("start_share")
        await mia.ask("leave")
        await host.ask("end")
        assert (await host.closed())[0] == 4502
    page = await meeting.get("/events", type="started,joined,share_started,left,ended")
    told = [(event["type"], event.get("participant")) for event in page["events"]]
    assert told == [
        ("joined", host.id),
        ("started", None),
        ("joined", mia.id),
        ("share_started", mia.id),
        ("left", mia.id),
        ("ended", None),
    ]
    places = [event["seq"] for event in page["events"]]
    assert places == sorted(set(places))
    times = [event["at"] for event in page["events"]]
    assert all(time.endswith("Z") for time in times)
    assert times == sorted(times)


async def test_one_person_on_two_connections_is_counted_once(server: Server) -> None:
    """The newer connection speaks for them, the older one is closed; nobody hears of another participant.

    behaviour H164
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest() as mia, meeting.host("Host") as again:
        assert (await host.closed())[0] == 4003
        assert again.id == host.id
        session = {"session": mia.session, "epoch": mia.epoch, "after": mia.frames[0]["seq"]}
        async with meeting.connect() as newer:
            await newer.ask("resume", **session)
            assert (await mia.closed())[0] == 4003
            assert await names_inside(meeting) == ["Host", "Mia"]
            assert types(await again.settle()).count("joined") == 0
            assert [event["type"] for event in await meeting.journal("joined")] == ["joined", "joined"]
