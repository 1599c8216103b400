"""A real server as a target: real sockets, in a space of the run's own; and one that is killed in the middle."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from meetingsim.geo.plan import address_of
from meetingsim.scenarios.scenario import Scenario
from meetingsim.scenarios.target import TargetFailed, Whence
from meetingsim.targets.process import server_process
from meetingsim.targets.server import ServerTarget
from tests.targets.listener import Stage, Told, scenario, stage
from tests.wire import Server

pytestmark = pytest.mark.anyio
OPEN = {"waiting_room": {"enabled": False}}
BRAZIL, VPN = address_of("BR"), "203.0.113.9"


@asynccontextmanager
async def played(server: Server, **said: Any) -> AsyncIterator[Stage]:
    """A scenario's meeting on a server that is there already."""
    target = ServerTarget(server.url, server.admin_token)
    try:
        yield await stage(target, scenario(**{"meeting": OPEN, **said}))
    finally:
        await target.close()


async def test_the_meeting_is_as_the_scenario_says(server: Server) -> None:
    async with played(server, meeting={**OPEN, "topic": "Class 6", "kind": "webinar", "capacity": 20}) as lesson:
        assert lesson.opened.settings["capacity"] == 20
        assert lesson.opened.settings["waiting_room"]["enabled"] is False
        await lesson.host()
        assert lesson.told.frames(0)[0]["view"]["meeting"]["topic"] == "Class 6"
        assert lesson.told.frames(0)[0]["view"]["meeting"]["kind"] == "webinar"
        assert lesson.told.events()[0]["type"] == "created"


async def test_the_same_seed_makes_the_same_meeting_in_a_space_of_its_own(server: Server) -> None:
    async with played(server) as one:
        pass
    async with played(server) as other:
        assert other.opened == one.opened
        assert not server.world.seats.has(other.opened.meeting)


async def test_every_event_comes_before_the_frames_that_it_caused(server: Server) -> None:
    async with played(server) as lesson:
        await lesson.host()
        await asyncio.gather(*(lesson.join(line, f"Guest {line}") for line in range(1, 9)))
        for line in range(1, 9):
            lesson.target.send(line, {"type": "chat", "ref": "x", "text": "hello"})
        await lesson.target.settled()
        reached = 0
        for told in lesson.told.all:
            if told[0] == "happened":
                assert told[1]["seq"] > reached
                reached = told[1]["seq"]
            else:
                assert told[2].get("seq", 0) <= reached
        assert [one["seq"] for one in lesson.told.events()] == list(range(1, reached + 1))
        assert sum(one["type"] == "message" for one in lesson.told.events()) == 8
        assert all("because" in one for one in lesson.told.events())


async def test_frames_that_are_sent_before_the_line_is_open_wait_for_it(server: Server) -> None:
    async with played(server) as lesson:
        lesson.dial(0)
        lesson.target.send(0, {"type": "join", "ref": "1", "name": "Teacher", "host_token": lesson.opened.host_token})
        lesson.target.send(0, {"type": "lock", "ref": "2"})
        assert lesson.told.all == [] or lesson.told.frames(0) == []
        assert (await lesson.told.frame(0, "reply", ref="2"))["ok"] is True


async def test_a_line_comes_from_where_the_runner_says(server: Server) -> None:
    async with played(server) as lesson:
        await lesson.host()
        await lesson.join(1, "Bia", Whence(address=lesson.target.address("BR", 3)))
        await lesson.join(2, "Noor", Whence(country="NL"))
        spoofed = Whence(address=BRAZIL, header=("X-Forwarded-For", "198.51.100.7"))
        await lesson.join(3, "Raul", spoofed)
        known = [one["country"] for one in lesson.told.events() if one["type"] == "origin_known"]
        assert known[1:] == ["BR", "NL", "BR"]


async def test_a_resume_can_come_from_another_country(server: Server) -> None:
    async with played(server, meeting={**OPEN, "region": {"mode": "deny", "countries": ["NL"]}}) as lesson:
        await lesson.join(1, "Bia", Whence(address=BRAZIL), device="d")
        await lesson.host()
        await lesson.join(2, "Bia", Whence(address=BRAZIL), device="e")
        view = lesson.told.frames(2)[0]
        lesson.target.cut(2)
        lesson.dial(3, "bia", Whence(address=lesson.target.address("NL", 0)))
        reply = await lesson.ask(3, "resume", session=view["session"], epoch=view["epoch"], after=view["seq"])
        assert reply["error"]["code"] == "region_blocked"
        assert await lesson.told.ended(3) == 4501


async def test_an_address_is_the_same_for_the_same_number() -> None:
    target = ServerTarget("http://127.0.0.1:1", None)
    assert target.address("BR", 5) == target.address("BR", 5) != target.address("BR", 6)
    assert target.address("BR", 2**40) is not None
    assert target.address("XX", 1) is None


async def test_networks_are_known_before_anybody_comes(server: Server) -> None:
    geo = {"networks": {"203.0.113.0/24": {"country": "NL", "anonymous": "vpn"}, "198.51.100.0/24": {"country": "BR"}}}
    async with played(server, geo=geo, meeting={**OPEN, "region": {"mode": "deny", "anonymous": "deny"}}) as lesson:
        await lesson.host()
        refused = await lesson.join(1, "Vera", Whence(address=VPN))
        assert refused["error"]["code"] == "region_blocked"
        assert (await lesson.join(2, "Bia", Whence(address="198.51.100.4")))["ok"]


async def test_a_cut_is_a_drop_and_nothing_more_is_told_of_the_line(server: Server) -> None:
    async with played(server) as lesson:
        await lesson.host()
        await lesson.join(1, "Mia")
        lesson.target.cut(1)
        lesson.target.send(1, {"type": "chat", "ref": "9", "text": "into the void"})
        await lesson.told.frame(0, "reconnecting")
        before = len(lesson.told.frames(1))
        await lesson.ask(0, "lock")
        await lesson.target.settled()
        assert len(lesson.told.frames(1)) == before
        assert lesson.told.end(1) is None


async def test_one_that_is_cut_before_it_is_open_never_comes(server: Server) -> None:
    async with played(server) as lesson:
        await lesson.host()
        lesson.dial(1)
        lesson.target.send(1, {"type": "join", "ref": "1", "name": "Mia", "passcode": lesson.opened.passcode})
        lesson.target.cut(1)
        await lesson.target.settled()
        assert [one["type"] for one in lesson.told.events()].count("joined") == 1
        assert lesson.told.end(1) is None


async def test_the_removed_are_closed_with_the_code_of_the_server(server: Server) -> None:
    async with played(server) as lesson:
        await lesson.host()
        await lesson.join(1, "Mia")
        participant = lesson.told.frames(1)[0]["view"]["me"]["id"]
        lesson.target.send(0, {"type": "remove", "ref": "9", "participant": participant})
        code = await lesson.told.ended(1)
        assert (code, type(code)) == (4500, int)
        last = [told[0] for told in lesson.told.all if "removed" in str(told) or told[0] == "closed"]
        assert last.index("happened") < last.index("closed")


async def test_who_is_deaf_is_told_nothing_and_then_everything(server: Server) -> None:
    async with played(server) as lesson:
        await lesson.host()
        await lesson.join(1, "Mia")
        before = len(lesson.told.frames(1))
        lesson.target.deaf(1, True)
        await lesson.ask(0, "chat", text="hello")
        await lesson.ask(0, "lock")
        await lesson.target.settled()
        assert len(lesson.told.frames(1)) == before
        lesson.target.deaf(1, False)
        await lesson.told.frame(1, "locked")
        assert [one["type"] for one in lesson.told.frames(1)[before:]] == ["message", "locked"]


async def test_who_stays_deaf_is_closed_as_too_slow(server: Server) -> None:
    async with played(server) as lesson:
        await lesson.host()
        lesson.dial(1)
        lesson.target.deaf(1, True)
        lesson.target.send(1, {"type": "join", "ref": "1", "name": "Mia", "passcode": lesson.opened.passcode})
        await lesson.told.frame(0, "joined", seq=5)
        gone: Callable[[], Any] = lambda: [one for one in lesson.told.events() if one["type"] == "reconnecting"]  # noqa: E731
        for number in range(3_000):
            lesson.target.send(0, {"type": "chat", "ref": str(number), "text": "😀" * 4_000})
            if number % 20 == 19:
                await lesson.told.frame(0, "reply", ref=str(number))
            if gone():
                break
        assert gone()
        assert lesson.told.end(1) is None
        lesson.target.deaf(1, False)
        assert await lesson.told.ended(1) in {4001, 1006}


async def test_a_frame_that_cannot_be_taken_ends_the_run(server: Server) -> None:
    async with played(server) as lesson:

        def came(line: int, payload: bytes) -> None:
            raise KeyError("me")

        lesson.told.came = came  # type: ignore[method-assign]
        lesson.dial(0)
        lesson.target.send(0, {"type": "join", "ref": "1", "name": "Teacher", "host_token": lesson.opened.host_token})
        with pytest.raises(TargetFailed, match="What came cannot be taken: KeyError"):
            await lesson.told.until(lambda: False)


async def test_a_ticket_opens_the_door(server: Server) -> None:
    async with played(server, meeting={"waiting_room": {"enabled": True}}) as lesson:
        await lesson.host()
        ticket = await lesson.target.ticket("Ben", "cohost")
        lesson.dial(1)
        assert (await lesson.ask(1, "join", name="Ben", ticket=ticket))["ok"]
        assert lesson.told.frames(1)[0]["view"]["me"]["role"] == "cohost"
        assert await lesson.target.ticket("Ben", "panelist") is None


async def test_reports_are_told_from_inside_and_afterwards(server: Server) -> None:
    async with played(server) as lesson:
        await lesson.host()
        for line, name in ((1, "Mia"), (2, "Raul")):
            await lesson.join(line, name)
        raul = lesson.told.frames(2)[0]["view"]["me"]["id"]
        session = lesson.told.frames(1)[0]["session"]
        await lesson.ask(1, "report", participants=[raul], issue="abuse")
        await lesson.told.until(lesson.told.reports)
        lesson.target.send(0, {"type": "remove", "ref": "9", "participant": raul, "report": {"issue": "spam"}})
        await lesson.told.until(lambda: len(lesson.told.reports()) == 2)
        await lesson.ask(0, "end")
        assert await lesson.target.report(session, [raul], "other", "late") is None
        assert await lesson.target.report("nobody's", [raul], "other", "") == "unauthorised"
        await lesson.target.settled()
        assert [one["source"] for one in lesson.told.reports()] == ["participant", "remove", "after_meeting"]
        assert all(one["evidence"] for one in lesson.told.reports())


async def test_the_end_and_what_comes_after_it_are_told(server: Server) -> None:
    async with played(server) as lesson:
        await lesson.host()
        await lesson.ask(0, "end")
        assert await lesson.told.ended(0) == 4502
        refused = await lesson.join(1, "Mia")
        assert refused["error"]["code"] == "ended"
        assert await lesson.told.ended(1) == 4503
        assert lesson.told.events()[-1]["type"] == "ended"


async def test_settled_waits_for_every_reply(server: Server) -> None:
    async with played(server) as lesson:
        await lesson.host()
        await asyncio.sleep(0.3)  # it is quiet already
        for number in range(30):
            lesson.target.send(0, {"type": "chat", "ref": f"c{number}", "text": "hello"})
        await lesson.target.settled()
        assert sum(one["type"] == "reply" for one in lesson.told.frames(0)) == 31


async def test_nothing_is_left_of_a_run(server: Server) -> None:
    spaces = server.world.spaces
    before = len(spaces.all())
    async with played(server) as lesson:
        await lesson.host()
        assert len(spaces.all()) == before + 1
    assert len(spaces.all()) == before


# What cannot be played against.


async def cannot(url: str, token: str | None = None, lesson: Scenario | None = None) -> str:
    """Why a target cannot open a meeting."""
    target = ServerTarget(url, token)
    try:
        with pytest.raises(TargetFailed) as failed:
            await target.open(lesson or scenario(), 1, {}, Told())
    finally:
        await target.close()
    assert "\n" not in str(failed.value)
    return str(failed.value)


async def test_nobody_there() -> None:
    said = await cannot("http://127.0.0.1:1")
    assert said.startswith("Nobody answers at http://127.0.0.1:1 (")
    assert "meetingsim serve" in said


@pytest.mark.parametrize("token", [None, "admin_guessed"])
async def test_a_wrong_token(server: Server, token: str | None) -> None:
    assert "does not take this admin token" in await cannot(server.url, token)


async def test_no_address_of_a_server() -> None:
    assert "no server's address" in await cannot("localhost:8765")


async def test_settings_that_the_server_refuses(server: Server) -> None:
    region = {"mode": "approve", "countries": []}
    said = await cannot(server.url, server.admin_token, scenario(meeting={"region": region}))
    assert "makes no meeting for this scenario: invalid_rule" in said


@pytest.mark.parametrize("body", ["<html>", "[]", json.dumps({"status": "ok"})])
@pytest.mark.parametrize("status", ["200 OK", "404 Not Found"])
async def test_somebody_elses_server(body: str, status: str) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write((head + body).encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as other:
        port = other.sockets[0].getsockname()[1]
        said = await cannot(f"http://127.0.0.1:{port}")
    assert said.startswith(f"There is no meetingsim server at http://127.0.0.1:{port}")


# A server of the run's own.


async def test_a_server_dies_and_comes_again_with_what_its_journal_has() -> None:
    async with ServerTarget.starting() as target:
        assert "crash" in target.can
        lesson = await stage(target, scenario(meeting=OPEN))
        await lesson.host()
        await lesson.join(1, "Mia")
        await lesson.join(2, "Deaf")
        target.deaf(2, True)
        await lesson.ask(0, "suspend")
        view = lesson.told.frames(1)[0]
        # A frame whose event the journal does not have yet: it is lost, and holds back no end.
        target._holding.came(1, b"{}", {"seq": 10**6})
        await target.crash()
        assert [lesson.told.end(line) for line in (0, 1, 2)] == [1006, 1006, 1006]

        lesson.dial(3)
        assert await lesson.told.ended(3) == 1006

        await target.restart()
        lesson.dial(4)
        resumed = await lesson.ask(4, "resume", session=view["session"], epoch=view["epoch"], after=view["seq"])
        assert resumed["ok"]
        refused = await lesson.ask(4, "set_audio", on=True)
        assert refused["error"]["code"] == "suspended"
        await target.settled()
        seqs = [one["seq"] for one in lesson.told.events()]
        assert seqs == list(range(1, len(seqs) + 1))
        assert [one["type"] for one in lesson.told.events()].count("reconnecting") == 3

        # And one that dies by itself ends the run.
        assert target._process is not None
        await target._process.kill()
        assert await lesson.told.ended(4) == 1006
        with pytest.raises(TargetFailed, match="went away in the middle of the run"):
            await lesson.told.until(lambda: False)
        target.send(4, {"type": "lock"})
        with pytest.raises(TargetFailed, match="went away in the middle of the run"):
            await target.settled()
        await target.close()


async def test_a_run_that_ends_in_a_downtime_leaves_no_process() -> None:
    async with server_process() as process:
        await process.kill()
        await process.prepare()
        prepared = process._prepared
        assert prepared is not None
        assert prepared.returncode is None
    assert prepared.returncode is not None


async def test_the_server_of_somebody_else_is_not_crashed(server: Server) -> None:
    assert "crash" not in ServerTarget(server.url, server.admin_token).can


async def test_a_server_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(TargetFailed, match="did not start: it said nothing"):
        async with ServerTarget.starting():
            pass
