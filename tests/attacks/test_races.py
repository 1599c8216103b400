"""Attacks by timing, on the wire: two things in one moment, things that come late, and things cut off half-way."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import httpx2
import pytest

from tests.attacks.stage import OPEN, answer_at_door, fire, knock, resume_refused, sockets, together, turned_away, types
from tests.hand_clock import HandClock
from tests.wire import Server, running

pytestmark = pytest.mark.anyio


# The last seat, and the lock.


async def test_the_last_seat_goes_to_one(server: Server) -> None:
    """Ten devices that come in one moment get one seat between them; the others are told that it is full.

    attack I02
    """
    meeting = await server.meeting(**OPEN, capacity=3)
    async with together(meeting, "Control") as (_, control), sockets(meeting, 10) as clients:
        knocks = [client.send("join", **knock(meeting, f"Guest {number}")) for number, client in enumerate(clients)]
        await asyncio.gather(*knocks)
        replies = [await client.reply("r1") for client in clients]
        assert [reply["ok"] for reply in replies].count(True) == 1
        assert {reply["error"]["code"] for reply in replies if not reply["ok"]} == {"full"}
        assert len((await meeting.get("/participants"))["participants"]) == 3
        await control.settle()
        assert types(control.frames).count("joined") == 1


async def test_two_admissions_of_the_last_seat_let_one_in(server: Server) -> None:
    """Host and cohost who admit two people at once, and one who admits all, stay within the capacity.

    attack I02
    """
    meeting = await server.meeting(capacity=4)
    async with (
        together(meeting, "Cohost") as (host, cohost),
        meeting.guest("Mia") as mia,
        meeting.guest("Noa") as noa,
        meeting.guest("Ida") as ida,
        meeting.guest("Zoe") as zoe,
    ):
        await host.ask("make_cohost", participant=cohost.id)
        await asyncio.gather(
            host.send("admit", participant=mia.id),
            cohost.send("admit", participant=noa.id),
            host.send("admit", participant=ida.id),
            cohost.send("admit_all"),
        )
        await host.settle()
        await cohost.settle()
        for person in (mia, noa, ida, zoe):
            await person.settle()
        assert [person.place for person in (mia, noa, ida, zoe)].count("inside") == 2
        assert len((await meeting.get("/participants"))["participants"]) == 4
        assert types(host.frames).count("admitted") == 3  # the cohost's own admission is one


async def test_nobody_enters_behind_a_lock(server: Server) -> None:
    """Of those who come in the moment of the lock the server decides: inside before it in the journal, or refused.

    attack I02
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Control") as (host, control), sockets(meeting, 12) as clients:
        knocks = [client.send("join", **knock(meeting, f"Guest {number}")) for number, client in enumerate(clients)]
        await asyncio.gather(*knocks[:6], host.send("lock"), *knocks[6:])
        replies = [await client.reply("r1") for client in clients]
        locked = await control.event("locked")
        await host.settle()
        await control.settle()
        joined = [frame["seq"] for frame in control.frames if frame["type"] == "joined"]
        assert len(joined) == [reply["ok"] for reply in replies].count(True)
        assert all(seq < locked["seq"] for seq in joined)
        assert {reply["error"]["code"] for reply in replies if not reply["ok"]} <= {"locked"}
        assert await turned_away(meeting, **knock(meeting, "Late")) == ("locked", 4004)
        rows = await meeting.journal("joined", "joined_waiting_room")
        assert max(row["seq"] for row in rows) < locked["seq"]


# What is out of date.


async def test_a_decision_on_an_entry_that_changed_is_a_conflict(server: Server) -> None:
    """With ``if_seq`` a host who looked at an older row lets nobody in by it; after looking again they do.

    attack I03
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Mia") as mia:
        seen = await host.event("origin_known", participant=mia.id)
        await host.ask("rename", participant=mia.id, name="Somebody Else")
        assert await host.refused("admit", participant=mia.id, if_seq=seen["seq"]) == "conflict"
        await mia.settle()
        assert mia.place == "waiting"
        newest = next(frame["seq"] for frame in host.frames if frame["type"] == "renamed")
        await host.ask("admit", participant=mia.id, if_seq=newest)
        await mia.placed("inside")


async def test_the_later_of_two_permissions_holds_for_everybody(server: Server) -> None:
    """Two hosts who allow and bar in one moment leave what the journal has last, in the rules and in every view.

    attack I03
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Cohost", "Mia") as (host, cohost, mia):
        await host.ask("make_cohost", participant=cohost.id)
        await asyncio.gather(
            fire(host, [{"type": "allow", "activity": "share", "allowed": False}] * 10),
            fire(cohost, [{"type": "allow", "activity": "share", "allowed": True}] * 10),
        )
        await host.settle()
        await cohost.settle()
        await mia.settle()
        decided = [frame for frame in mia.frames if frame["type"] in {"allowed", "disallowed"}]
        assert decided
        assert [frame["seq"] for frame in decided] == sorted(frame["seq"] for frame in decided)
        allowed = decided[-1]["type"] == "allowed"
        assert (await meeting.get(""))["settings"]["allow"]["share"] is allowed
        async with meeting.guest("New") as new:
            assert new.view["me"]["allowed"]["share"] is allowed
        if allowed:
            await mia.ask("start_share")
        else:
            assert await mia.refused("start_share") == "not_permitted"


async def test_a_removal_wins_over_an_admission_in_the_same_moment(server: Server) -> None:
    """Admitted and removed at once, in whatever order: the removed is out, and nothing is inside of them afterwards.

    attack I03, attack C01
    """
    meeting = await server.meeting()
    async with (
        together(meeting, "Cohost", "Control") as (host, cohost, control),
        meeting.guest("Mia") as mia,
        meeting.guest("Noa") as noa,
    ):
        await host.ask("make_cohost", participant=cohost.id)
        await asyncio.gather(
            host.send("admit", participant=mia.id),
            cohost.send("remove", participant=mia.id),
            host.send("remove", participant=noa.id),
            cohost.send("admit", participant=noa.id),
        )
        await host.settle()
        await cohost.settle()
        for person in (mia, noa):
            code, _ = await person.closed()
            assert code == 4500
            assert await resume_refused(meeting, person) == ("removed", 4503)
        await control.settle()
        rows = (await meeting.get("/participants"))["participants"]
        assert [row["name"] for row in rows] == ["Host", "Cohost", "Control"]
        assert (await meeting.get("/waiting-room"))["waiting"] == []
        for person in (mia, noa):
            moves = [
                row["type"] for row in await meeting.journal("admitted", "removed") if row["participant"] == person.id
            ]
            assert moves[-1] == "removed"


async def test_two_who_decide_otherwise_about_one_knock_make_one_decision(server: Server) -> None:
    """One admits and one denies: one of them is told that it was decided already, and the person hears one answer.

    attack I03
    """
    meeting = await server.meeting()
    async with together(meeting, "Cohost") as (host, cohost), meeting.guest("Mia") as mia:
        await host.ask("make_cohost", participant=cohost.id)
        one, other = await asyncio.gather(
            host.send("admit", participant=mia.id), cohost.send("deny", participant=mia.id)
        )
        replies = [await host.reply(one), await cohost.reply(other)]
        assert [reply["ok"] for reply in replies].count(True) == 1
        lost = next(reply for reply in replies if not reply["ok"])
        assert lost["error"]["code"] == "already_decided"
        if replies[0]["ok"]:
            await mia.placed("inside")
        else:
            assert (await mia.closed())[0] == 4004


# Half-way.


async def test_whoever_disconnects_half_way_through_the_join_leaves_no_ghost() -> None:
    """The seat of somebody who never heard the answer is kept for the grace and then free; the others are told both.

    attack I06
    """
    clock = HandClock()
    with running(clock, limits="off") as server:
        meeting = await server.meeting(**OPEN, capacity=2)
        async with meeting.host() as host:
            async with meeting.connect() as client:
                join = {"type": "join", "ref": "1", **knock(meeting)}
                await client.socket.send(json.dumps(join))
                client.socket.transport.close()
            joined = await host.event("joined")
            gone = await host.event("reconnecting", participant=joined["participant"])
            assert await turned_away(meeting, **knock(meeting, "Noa")) == ("full", 4004)
            await clock.advance(30_000)
            left = await host.event("left", participant=joined["participant"])
            assert joined["seq"] < gone["seq"] < left["seq"]
            assert await answer_at_door(meeting, **knock(meeting, "Noa")) == "inside"


async def test_a_join_that_is_stored_too_late_leaves_no_ghost(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the time for the first frame is over while the server still stores the join, the seat is free after the grace.

    attack I06
    """
    clock = HandClock()
    with running(clock, limits="off") as server:
        meeting = await server.meeting(**OPEN, capacity=2)
        async with meeting.host() as host, meeting.connect() as mia:
            append, reached, go_on = server.world.journal.append, threading.Event(), threading.Event()

            async def slow(*args: Any) -> None:
                reached.set()
                await asyncio.to_thread(go_on.wait)
                await append(*args)

            monkeypatch.setattr(server.world.journal, "append", slow)
            await mia.send("join", **knock(meeting))
            await asyncio.to_thread(reached.wait)
            await clock.advance(60_000)
            go_on.set()
            assert await mia.closed() == (4004, [])
            joined = await host.event("joined")
            await host.event("reconnecting", participant=joined["participant"])
            await clock.advance(30_000)
            await host.event("left", participant=joined["participant"])
            assert await answer_at_door(meeting, **knock(meeting, "Noa")) == "inside"


# The end.


async def test_whatever_runs_at_the_end_finishes_or_is_told_that_it_ended(server: Server) -> None:
    """Chat, reports, admissions and controls by HTTP in the moment of the end: each happened before it or is refused.

    attack I07
    """
    meeting = await server.meeting()
    async with together(meeting, "Mia") as (host, mia), meeting.guest("Waiting") as waiting:
        work = [{"type": "chat", "text": "hello"}, {"type": "report", "participants": [host.id], "issue": "spam"}]
        await mia.ask("chat", text="before")
        before = {id(mia): len(mia.frames), id(host): len(host.frames)}
        everything = await asyncio.gather(
            fire(mia, work * 15),
            fire(host, [{"type": "admit", "participant": waiting.id}]),
            *(meeting.control("allow", activity="share", allowed=bool(number % 2)) for number in range(4)),
            meeting.control("end"),
            *(meeting.control("allow", activity="share", allowed=bool(number % 2)) for number in range(4)),
            return_exceptions=True,
        )
        responses = [one for one in everything if isinstance(one, httpx2.Response)]
        assert len(responses) == 9
        for response in responses:
            assert response.status_code == 200 or response.json()["code"] == "ended"
        for person in (mia, host, waiting):
            assert (await person.closed())[0] == 4502
        (ended,) = await meeting.journal("ended")
        assert (await meeting.journal())[-1] == ended
        for person in (mia, host):
            replies = [frame for frame in person.frames[before[id(person)] :] if frame["type"] == "reply"]
            assert all(frame["seq"] < ended["seq"] for frame in replies if "seq" in frame)
            assert {frame["error"]["code"] for frame in replies if not frame["ok"]} <= {"ended"}
        reported = [frame["report"] for frame in mia.frames if frame.get("ok") and "report" in frame]
        async with server.http(server.admin_token) as client:
            filed = (await client.get("/reports", params={"meeting": meeting.id})).json()["reports"]
        assert {row["report"] for row in filed} >= set(reported)
        for control in ("admit_all", "suspend", "lock", "start"):
            response = await meeting.control(control)
            assert (response.status_code, response.json()["code"]) == (409, "ended")
        assert (await meeting.control("end")).status_code == 200
        assert await turned_away(meeting, **knock(meeting)) == ("ended", 4503)


async def test_a_control_whose_body_comes_after_the_deletion_is_answered(server: Server) -> None:
    """Whoever asked before the meeting was deleted and finishes after it gets an answer, not silence.

    attack I07
    """
    meeting = await server.meeting()
    url = httpx2.URL(server.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    lines = [
        f"POST /api/v1/meetings/{meeting.id}/controls/lock HTTP/1.1",
        f"Host: {url.host}:{url.port}",
        f"Authorization: Bearer {meeting.made['host_token']}",
        "Content-Type: application/json",
        "Content-Length: 2",
        "Expect: 100-continue",
        "",
        "",
    ]
    writer.write("\r\n".join(lines).encode())
    # The server asks for the body once it has found the meeting and the asker.
    assert b"100" in await reader.readline()
    async with server.http(server.admin_token) as client:
        assert (await client.delete(f"/meetings/{meeting.id}")).status_code == 204
    writer.write(b"{}")
    await reader.readline()
    assert b"503" in await reader.readline()
    writer.transport.abort()
