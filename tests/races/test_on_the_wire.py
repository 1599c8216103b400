"""The same races over real sockets, a few rounds each: who comes first is the network's choice, what comes of it is not."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Coroutine
from typing import Any

import pytest
import websockets

from meetingsim.live.replay import replay
from meetingsim.state.controls import EVENTS
from meetingsim.state.engine import show
from meetingsim.state.view import view_of
from tests.attacks.stage import OPEN, drop, knock, sockets, together
from tests.wire import Client, Frame, Meeting, Server

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("seed", range(3))]


async def at_once(seed: int, *sends: Coroutine[Any, Any, str]) -> list[str]:
    """Sends everything in one moment, each time in another order; the refs in the order of the arguments."""
    places = list(range(len(sends)))
    random.Random(seed).shuffle(places)
    refs = await asyncio.gather(*(sends[place] for place in places))
    return [ref for _, ref in sorted(zip(places, refs, strict=True))]


async def verdict(client: Client, ref: str) -> str:
    """``ok``, or the code of the refusal."""
    reply = await client.reply(ref)
    return "ok" if reply["ok"] else str(reply["error"]["code"])


def folded(client: Client, picture: dict[str, Any] | None = None) -> dict[str, Any]:
    """What a client makes of its frames."""
    for frame in client.frames:
        if frame["type"] == "view":
            picture = json.loads(json.dumps(frame["view"]))
        elif frame["type"] in EVENTS:
            assert picture is not None
            show(picture, json.loads(json.dumps(frame)))
    assert picture is not None
    return picture


def last_seq(client: Client) -> int:
    """The last place in the journal that this client was told of."""
    return max(frame.get("seq") or 0 for frame in client.frames)


async def must_hold(meeting: Meeting, *inside: Client) -> list[Frame]:
    """The journal is the meeting, and everybody inside has the picture they should; gives the journal."""
    for client in inside:
        await client.settle()
    world = meeting.server.world
    live = (await world.seats.find(meeting.id)).meeting
    assert await replay(meeting.id, world.journal) == live
    for client in inside:
        assert folded(client) == json.loads(json.dumps(view_of(live, client.id)))
        seqs = [frame["seq"] for frame in client.frames if frame["type"] in EVENTS]
        assert seqs == sorted(set(seqs))
    return await meeting.journal()


def seqs(journal: list[Frame], kind: str, **fields: Any) -> list[int]:
    """Where events of that type with these fields stand."""
    return [row["seq"] for row in journal if row["type"] == kind and fields.items() <= row.items()]


async def with_cohost(host: Client, cohost: Client) -> None:
    """From now on there are two who decide."""
    await host.ask("make_cohost", participant=cohost.id)
    await cohost.until(lambda frame: frame["type"] == "view" and frame["view"]["me"]["role"] == "cohost")


async def test_admit_against_remove(server: Server, seed: int) -> None:
    meeting = await server.meeting()
    async with together(meeting, "Dora", "Ben") as (host, dora, ben), meeting.guest("Mia") as mia:
        await with_cohost(host, dora)
        admit, remove = await at_once(
            seed, host.send("admit", participant=mia.id), dora.send("remove", participant=mia.id)
        )
        assert await verdict(dora, remove) == "ok"
        admitted = await verdict(host, admit) == "ok"
        assert (await mia.closed())[0] == 4500
        journal = await must_hold(meeting, host, dora, ben)
        (removed,) = seqs(journal, "removed")
        assert len(seqs(journal, "admitted", participant=mia.id)) == admitted
        assert last_seq(mia) < removed


@pytest.mark.parametrize("other", ["deny", "put_in_waiting_room"])
async def test_two_who_decide_otherwise(server: Server, seed: int, other: str) -> None:
    meeting = await server.meeting()
    async with together(meeting, "Dora") as (host, dora), meeting.guest("Mia") as mia:
        await with_cohost(host, dora)
        one, two = await at_once(seed, host.send("admit", participant=mia.id), dora.send(other, participant=mia.id))
        codes = [await verdict(host, one), await verdict(dora, two)]
        if other == "put_in_waiting_room":
            assert codes == ["ok", "ok"]
            journal = await must_hold(meeting, host, dora)
            back = seqs(journal, "put_in_waiting_room", participant=mia.id)
            await mia.settle()
            assert mia.place == ("waiting" if back else "inside")
        else:
            assert sorted(codes) == ["already_decided", "ok"]
            journal = await must_hold(meeting, host, dora)
            decided = seqs(journal, "admitted", participant=mia.id) + seqs(journal, "denied", participant=mia.id)
            assert len(decided) == 1
            if codes[1] == "ok":
                assert (await mia.closed())[0] == 4004


async def test_lock_against_joins(server: Server, seed: int) -> None:
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Ben") as (host, ben), sockets(meeting, 6) as clients:
        knocks = [client.send("join", **knock(meeting, f"Guest {n}")) for n, client in enumerate(clients)]
        _, *refs = await at_once(seed, host.send("lock"), *knocks)
        codes = [await verdict(client, ref) for client, ref in zip(clients, refs, strict=True)]
        journal = await must_hold(meeting, host, ben)
        (locked,) = seqs(journal, "locked")
        assert set(codes) <= {"ok", "locked"}
        behind = [row for row in journal if row["type"] == "joined" and row["seq"] > locked]
        assert behind == []
        assert len(seqs(journal, "joined")) == codes.count("ok") + 2
        for client, code in zip(clients, codes, strict=True):
            if code == "locked":
                assert (await client.closed())[0] == 4004


@pytest.mark.parametrize("last", ["seat", "place in the waiting room"])
async def test_the_last_for_two(server: Server, seed: int, last: str) -> None:
    room: dict[str, Any] = {**OPEN, "capacity": 2} if last == "seat" else {"waiting_room": {"capacity": 1}}
    meeting = await server.meeting(**room)
    async with meeting.host() as host, sockets(meeting, 2) as (mia, noah):
        knocks = [mia.send("join", **knock(meeting, "Mia")), noah.send("join", **knock(meeting, "Noah"))]
        refs = await at_once(seed, *knocks)
        codes = [await verdict(client, ref) for client, ref in zip((mia, noah), refs, strict=True)]
        assert sorted(codes) == ["full", "ok"]
        journal = await must_hold(meeting, host)
        assert len(seqs(journal, "entry_refused", code="full")) == 1


async def test_suspend_against_fifty_unmutes_in_flight(server: Server, seed: int) -> None:
    meeting = await server.meeting(**OPEN)
    names = [f"Guest {n}" for n in range(5)]
    async with together(meeting, *names) as (host, *people):
        talk = [person.send("set_audio", on=number % 3 != 2) for number in range(10) for person in people]
        suspend, *refs = await at_once(seed, host.send("suspend"), *talk)
        assert await verdict(host, suspend) == "ok"
        asked = [person for _ in range(10) for person in people]
        kept: dict[tuple[int, str], str] = {}
        for person in people:
            await person.settle()
            for frame in person.frames:
                if frame["type"] == "reply":
                    kept[id(person), frame["ref"]] = "ok" if frame["ok"] else frame["error"]["code"]
        assert {kept[id(person), ref] for person, ref in zip(asked, refs, strict=True)} <= {"ok", "suspended"}
        journal = await must_hold(meeting, host, *people)
        (suspended,) = seqs(journal, "suspended")
        assert all(seq < suspended for seq in seqs(journal, "audio_changed"))
        assert not any(row["audio"] for row in folded(host)["participants"])


@pytest.mark.parametrize("dropped", [True, False])
async def test_resume_against_remove(server: Server, seed: int, *, dropped: bool) -> None:
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Ben") as (host, mia, ben), meeting.connect() as again:
        if dropped:
            await drop(mia, host)
        said = {"session": mia.session, "epoch": mia.epoch, "after": last_seq(mia)}
        back, remove = await at_once(seed, again.send("resume", **said), host.send("remove", participant=mia.id))
        assert await verdict(host, remove) == "ok"
        code, _ = await again.closed()
        journal = await must_hold(meeting, host, ben)
        (removed,) = seqs(journal, "removed")
        (reply,) = [frame for frame in again.frames if frame["type"] == "reply"] or [None]
        if seqs(journal, "entry_refused", code="removed"):
            assert (code, reply["error"]["code"]) == (4503, "removed")
        else:
            assert code == 4500
            assert reply is None or (reply["ok"] and reply["ref"] == back)
        assert all((frame.get("seq") or 0) < removed for frame in again.frames)
        if not dropped:
            assert (await mia.closed())[0] in {4003, 4500}
            assert last_seq(mia) < removed


async def test_a_role_revoked_while_its_commands_are_in_flight(server: Server, seed: int) -> None:
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Dora", "Ben") as (host, dora, ben):
        await with_cohost(host, dora)
        commands = [dora.send("rename", participant=ben.id, name=f"Ben {n}") for n in range(6)]
        revoke, *refs = await at_once(seed, host.send("revoke_cohost", participant=dora.id), *commands)
        assert await verdict(host, revoke) == "ok"
        codes = [await verdict(dora, ref) for ref in sorted(refs, key=lambda ref: int(ref[1:]))]
        assert codes == sorted(codes, reverse=True), "once refused, always refused"
        assert set(codes) <= {"ok", "not_host"}
        journal = await must_hold(meeting, host, dora, ben)
        revoked = seqs(journal, "role_changed")[-1]
        assert all(seq < revoked for seq in seqs(journal, "renamed", by=dora.id))
        assert len(seqs(journal, "renamed", by=dora.id)) == codes.count("ok")


async def test_the_end_against_everything(server: Server, seed: int) -> None:
    meeting = await server.meeting()
    async with together(meeting, "Dora", "Ben") as (host, dora, ben), meeting.guest("Mia") as mia:
        await with_cohost(host, dora)
        before = {id(client): len(client.frames) for client in (host, dora, ben)}
        async with meeting.connect() as noah:
            await at_once(
                seed,
                host.send("end"),
                dora.send("admit", participant=mia.id),
                dora.send("suspend"),
                ben.send("chat", text="hello"),
                ben.send("set_audio", on=True),
                noah.send("join", **knock(meeting, "Noah")),
            )
            for client in (host, dora, ben, mia):
                assert (await client.closed())[0] == 4502
            assert (await noah.closed())[0] in {4502, 4503, 4004}
        journal = await must_hold(meeting)
        assert journal[-1]["type"] == "ended"
        assert last_seq(ben) == journal[-1]["seq"]
        codes = {
            frame["error"]["code"]
            for client in (host, dora, ben, noah)
            for frame in client.frames[before.get(id(client), 0) :]
            if frame["type"] == "reply" and not frame["ok"]
        }
        assert codes <= {"ended", "suspended", "locked"}


async def test_a_single_use_ticket_by_two_devices(server: Server, seed: int) -> None:
    meeting = await server.meeting(**OPEN)
    ticket = await meeting.ticket("Mia", single_use=True)
    async with meeting.host() as host, sockets(meeting, 2) as (one, other):
        knocks = [
            client.send("join", name="Mia", ticket=ticket, device=device)
            for client, device in ((one, "a"), (other, "b"))
        ]
        refs = await at_once(seed, *knocks)
        codes = [await verdict(client, ref) for client, ref in zip((one, other), refs, strict=True)]
        assert sorted(codes) == ["ok", "ticket_used"]
        await host.event("ticket_flagged")
        journal = await must_hold(
            meeting, host, *(c for c, code in zip((one, other), codes, strict=True) if code == "ok")
        )
        assert len(seqs(journal, "ticket_flagged")) == 1


@pytest.mark.parametrize("present", ["keep", "remove"])
async def test_a_region_rule_against_joins(server: Server, seed: int, present: str) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, sockets(meeting, 6) as clients:
        knocks = [
            client.send("join", **knock(meeting, f"Guest {n}", country="BR" if n % 2 else "DE"))
            for n, client in enumerate(clients)
        ]
        rule = host.send("set_region_rule", mode="deny", countries=["BR"], present=present, unknown="allow")
        ruled, *refs = await at_once(seed, rule, *knocks)
        assert await verdict(host, ruled) == "ok"
        allowed = [(client, ref) for client, ref in zip(clients, refs, strict=True)][::2]
        assert [await verdict(client, ref) for client, ref in allowed] == ["ok"] * 3
        for client, ref in zip(clients[1::2], refs[1::2], strict=True):
            assert await answered_or_closed(client, ref) in {"ok", "region_blocked", "4500"}
        journal = await must_hold(meeting, host, *(client for client, _ in allowed))
        (set_at,) = seqs(journal, "region_rule_set")
        brazilian = {row["participant"] for row in journal if row["type"] == "origin_known" and row["country"] == "BR"}
        assert all(seq < set_at for one in brazilian for seq in seqs(journal, "joined", participant=one))
        assert len(seqs(journal, "entry_refused", code="region_blocked")) == 3 - len(brazilian)
        inside = {row["id"] for row in (await meeting.get("/participants"))["participants"]}
        assert inside & brazilian == (brazilian if present == "keep" else set())


async def answered_or_closed(client: Client, ref: str) -> str:
    """The answer to a join, or the close code where a removal was quicker."""
    try:
        return await verdict(client, ref)
    except websockets.ConnectionClosed:
        return str((await client.closed())[0])


@pytest.mark.parametrize("dropped", [True, False])
async def test_two_resumes_of_one_session(server: Server, seed: int, *, dropped: bool) -> None:
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia") as (host, mia), sockets(meeting, 2) as (one, other):
        if dropped:
            await drop(mia, host)
        said = {"session": mia.session, "epoch": mia.epoch, "after": last_seq(mia)}
        refs = await at_once(seed, one.send("resume", **said), other.send("resume", **said))
        assert [await verdict(c, ref) for c, ref in zip((one, other), refs, strict=True)] == ["ok", "ok"]
        await host.ask("chat", text="who is it?")
        journal = await must_hold(meeting, host)
        assert len(seqs(journal, "connection_replaced")) == (1 if dropped else 2)
        assert sorted([await last_heard(one), await last_heard(other)]) == ["4003", "message"]
        rows = (await meeting.get("/participants"))["participants"]
        assert [row["name"] for row in rows] == ["Host", "Mia"]


async def last_heard(client: Client) -> str:
    """``message`` for the connection that is told, the close code for the one that was replaced."""
    try:
        return str((await client.event("message"))["type"])
    except websockets.ConnectionClosed:
        return str((await client.closed())[0])
