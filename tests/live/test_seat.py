"""The single writer on the wire: what is not stored is told to nobody, and what is stored is told to all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from meetingsim.live import publish
from meetingsim.live import seat as seats
from meetingsim.live.asks import Ask
from meetingsim.state.control import Asker
from meetingsim.state.controls.lock import Lock
from tests.hand_clock import HandClock
from tests.live.storms import Storm, come_true, here, queued
from tests.wire import Client, Server

pytestmark = pytest.mark.anyio
OPEN: dict[str, Any] = {"waiting_room": {"enabled": False}}


@pytest.fixture
def storm() -> Storm:
    return Storm()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def server(storm: Storm, clock: HandClock) -> AsyncIterator[Server]:
    async with here(storm, clock) as one:
        yield one


def types(client: Client, start: int = 0) -> list[str]:
    return [frame["type"] for frame in client.frames[start:]]


async def held(host: Client, storm: Storm) -> None:
    """The writer is held up with one command of the host's; what comes now is the next batch."""
    storm.hold()
    await host.send("raise_hand", up=True)
    await come_true(lambda: storm.held == 1)


# One failed append.


async def test_a_batch_that_is_not_stored_is_refused_and_told_to_nobody(server: Server, storm: Storm) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia:
        seat = await server.world.seats.find(meeting.id)
        await host.event("joined", participant=mia.id)
        start, before = len(mia.frames), seat.meeting.seq
        storm.hold()
        first = await host.send("lock")
        await come_true(lambda: storm.held == 1)
        refs = [await host.send("unlock"), await host.send("chat", text="one"), await host.send("chat", text="two")]
        muted = await mia.send("set_audio", on=True)
        await queued(seat, 4)
        storm.failing_appends = 2
        storm.let_go()
        assert (await host.reply(first))["error"]["code"] == "unavailable"
        for ref in refs:
            reply = await host.reply(ref)
            assert (reply["ok"], reply["error"]["code"], reply["error"]["temporary"]) == (False, "unavailable", True)
        assert not (await mia.reply(muted))["ok"]
        assert types(mia, start) == ["reply"]
        assert (seat.meeting.seq, seat.meeting.locked) == (before, False)
        reply = await host.ask("lock")
        assert reply["seq"] == before + 1
        assert (await mia.event("locked"))["seq"] == before + 1
        assert types(mia, start) == ["reply", "locked"]


async def test_a_join_that_is_not_stored_is_turned_away_for_now(server: Server, storm: Storm) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.connect() as mia:
        storm.failing_appends = 1
        ref = await mia.send("join", name="Mia", passcode=meeting.made["passcode"])
        reply = await mia.reply(ref)
        assert (reply["error"]["code"], reply["error"]["temporary"]) == ("unavailable", True)
        assert (await mia.closed())[0] == 4004
        assert [row["name"] for row in (await meeting.get("/participants"))["participants"]] == ["Host"]
        async with meeting.guest("Mia") as again:
            await host.event("joined", participant=again.id)
            assert again.place == "inside"


async def test_over_http_a_failed_append_is_503_and_the_next_works(server: Server, storm: Storm) -> None:
    meeting = await server.meeting()
    storm.failing_appends = 1
    response = await meeting.control("lock")
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert response.json()["temporary"] is True
    assert (await meeting.get(""))["locked"] is False
    assert (await meeting.control("lock")).status_code == 200
    storm.failing_appends = 1
    async with server.http() as client:
        response = await client.post("/meetings", json={"topic": "Class"})
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")


async def test_a_report_is_not_filed_by_a_batch_that_failed(server: Server, storm: Storm) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia:
        storm.failing_appends = 1
        report = {"issue": "spam", "text": "links"}
        assert await host.refused("remove", participant=mia.id, report=report) == "unavailable"
        assert await storm.reports() == []
        assert (await host.ask("remove", participant=mia.id, report=report))["report"]
        assert len(await storm.reports()) == 1


async def test_a_drop_that_was_not_stored_is_tried_again(server: Server, storm: Storm, clock: HandClock) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia:
        await host.event("joined", participant=mia.id)
        storm.failing_appends = 1
        await mia.socket.close()
        await come_true(lambda: storm.failing_appends == 0)
        await host.settle()
        assert "reconnecting" not in types(host)
        await clock.advance(seats.RETRY_MS)
        await host.event("reconnecting", participant=mia.id)
        await clock.advance(30_000)
        await host.event("left", participant=mia.id)


async def test_a_deadline_that_was_not_stored_is_not_tried_in_a_loop(
    server: Server, storm: Storm, clock: HandClock
) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia:
        await mia.socket.close()
        await host.event("reconnecting", participant=mia.id)
        storm.failing_appends = 1_000
        await clock.advance(30_000)
        await come_true(lambda: storm.failing_appends < 1_000)
        await host.settle()
        assert storm.failing_appends == 999
        storm.failing_appends = 0
        await clock.advance(seats.RETRY_MS)
        await host.event("left", participant=mia.id)


async def test_rows_that_were_stored_after_all_are_told_as_a_fresh_view(
    server: Server, storm: Storm, clock: HandClock
) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.connect() as mia:
        storm.failing_appends, storm.stores_and_fails = 1, True
        ref = await mia.send("join", name="Mia", passcode=meeting.made["passcode"])
        assert (await mia.reply(ref))["error"]["code"] == "unavailable"
        view = await host.until(lambda frame: frame["type"] == "view")
        assert [row["name"] for row in view["view"]["participants"]] == ["Host", "Mia"]
        # Nobody is connected for what was stored, so the grace runs.
        gone = (await host.event("reconnecting"))["participant"]
        await clock.advance(30_000)
        await host.event("left", participant=gone)


async def test_the_count_of_knocks_survives_a_failed_append(server: Server, storm: Storm, clock: HandClock) -> None:
    meeting = await server.meeting()
    async with meeting.connect() as eve:
        await eve.refused("join", name="Eve", passcode="wrong")
        await eve.refused("join", name="Eve", passcode="wrong")
        storm.failing_appends = 1
        await clock.advance(10_000)
        await come_true(lambda: storm.failing_appends == 0)
        assert await eve.refused("join", name="Eve", passcode="wrong") == "wrong_passcode"
    told = await meeting.journal("entry_refused")
    assert sum(event.get("count", 1) for event in told) == 3


# What goes wrong beside the journal.


async def test_a_command_that_breaks_the_rules_code_takes_no_other_with_it(
    server: Server, storm: Storm, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia:
        seat = await server.world.seats.find(meeting.id)
        decide = seats.decide

        def broken(now: Any, command: Any, context: Any) -> Any:
            if isinstance(command, Lock):
                raise ZeroDivisionError
            return decide(now, command, context)

        monkeypatch.setattr(seats, "decide", broken)
        await held(host, storm)
        sent = [await host.send("chat", text="one"), await host.send("lock"), await host.send("chat", text="two")]
        await queued(seat, 3)
        storm.let_go()
        replies = [await host.reply(ref) for ref in sent]
        assert [reply["ok"] for reply in replies] == [True, False, True]
        assert replies[1]["error"]["code"] == "unavailable"
        assert [(await mia.event("message"))["text"] for _ in range(2)] == ["one", "two"]


async def test_where_telling_fails_everybody_comes_back_and_misses_nothing(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia:
        await host.event("joined", participant=mia.id)
        after = mia.frames[-2]["seq"]
        event_frame = publish.event_frame

        def broken(row: Any) -> Any:
            monkeypatch.setattr(publish, "event_frame", event_frame)
            raise ZeroDivisionError

        monkeypatch.setattr(publish, "event_frame", broken)
        await host.send("lock")
        assert (await mia.closed())[0] == 4004
        assert (await host.closed())[0] == 4004
        async with meeting.connect() as again:
            await again.ask("resume", session=mia.session, epoch=mia.epoch, after=after)
            assert "locked" in types(again)


# The end of a seat.


async def test_what_was_handed_in_is_stored_and_told_before_the_seat_stops(server: Server, storm: Storm) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia:
        seat = await server.world.seats.find(meeting.id)
        storm.hold()
        first = await host.send("chat", text="one")
        await come_true(lambda: storm.held == 1)
        second = await host.send("chat", text="two")
        over_http = asyncio.create_task(meeting.control("lock"))
        await queued(seat, 2)
        stopping = asyncio.create_task(seat.stop(4000))
        await asyncio.sleep(0)
        storm.let_go()
        await stopping
        assert (await host.reply(first))["ok"]
        assert (await host.reply(second))["ok"]
        assert (await over_http).status_code == 200
        code, frames = await mia.closed()
        assert code == 4000
        assert [frame["type"] for frame in frames if frame["type"] != "joined"] == ["message", "message", "locked"]
        late = await seat.ask(Ask(Lock(), Asker("host"), "http"))
        assert late.refusal is not None
        assert late.refusal.code == "unavailable"


# Order.


async def test_somebody_admitted_right_after_media_was_sent_does_not_get_it(server: Server, storm: Storm) -> None:
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Ben") as ben, meeting.guest("Mia") as mia:
        await host.ask("admit", participant=ben.id)
        await ben.placed("inside")
        await host.ask("set_audio", on=True)
        await mia.until(lambda frame: frame["type"] == "view" and frame["view"]["me"]["position"] == 1)
        seat = await server.world.seats.find(meeting.id)
        before = len(mia.frames)
        await held(host, storm)
        await host.send("media", kind="audio", n=1)
        await host.send("admit", participant=mia.id)
        await host.send("media", kind="audio", n=2)
        await queued(seat, 3)
        storm.let_go()
        await mia.until(lambda frame: frame["type"] == "media")
        assert types(mia, before) == ["view", "media"]
        assert mia.frames[-1]["n"] == 2
        heard = [frame["n"] for frame in (await ben.settle()) if frame["type"] == "media"]
        assert heard == [1, 2]


async def test_the_host_who_leaves_and_is_back_in_the_same_batch_is_heard(server: Server, storm: Storm) -> None:
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.connect() as again:
        seat = await server.world.seats.find(meeting.id)
        await held(host, storm)
        leaving = await host.send("leave")
        await queued(seat, 1)
        joining = await again.send("join", name="Host", host_token=meeting.made["host_token"])
        await queued(seat, 2)
        storm.let_go()
        assert (await host.reply(leaving))["ok"]
        assert (await again.reply(joining))["ok"]
        assert (await again.ask("lock"))["ok"]
        assert (await host.closed())[0] == 1000


async def test_frames_that_come_faster_than_they_are_stored_wait_in_the_socket(server: Server, storm: Storm) -> None:
    meeting = await server.meeting()
    async with meeting.host() as host:
        seat = await server.world.seats.find(meeting.id)
        await held(host, storm)
        refs = [await host.send("raise_hand", up=bool(n % 2)) for n in range(2_000)]
        await queued(seat, 255)
        for _ in range(200):
            await asyncio.sleep(0)
        assert len(seat._mailbox) == 255
        storm.let_go()
        assert (await host.reply(refs[-1]))["ok"]
        replies = [frame["ref"] for frame in host.frames if frame["type"] == "reply"]
        assert replies[-2_000:] == refs


async def test_a_batch_is_one_append(server: Server, storm: Storm) -> None:
    meeting = await server.meeting()
    async with meeting.host() as host:
        seat = await server.world.seats.find(meeting.id)
        await held(host, storm)
        refs = [await host.send("chat", text=str(n)) for n in range(20)]
        await queued(seat, 20)
        storm.appended.clear()
        storm.let_go()
        seqs = [(await host.reply(ref))["seq"] for ref in refs]
        assert storm.appended == [1, 20]
        assert seqs == list(range(seqs[0], seqs[0] + 20))
