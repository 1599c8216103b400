"""A data folder outlives its server, however that ends: nothing that was answered is lost, and people come back."""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from meetingsim.opening import DATABASE
from tests.hand_clock import HandClock
from tests.live.processes import Running, process
from tests.live.storms import come_true
from tests.wire import Client, Meeting, running

pytestmark = pytest.mark.anyio
OPEN: dict[str, Any] = {"waiting_room": {"enabled": False}}


def last_seq(client: Client) -> int:
    return max(frame.get("seq") or 0 for frame in client.frames)


@asynccontextmanager
async def chatter(client: Client, said: list[int]) -> AsyncIterator[None]:
    """Somebody who never stops talking; ``said`` are the lines that were answered with ok."""

    async def talk() -> None:
        for n in range(100_000):
            if (await client.reply(await client.send("chat", text=str(n))))["ok"]:
                said.append(n)

    task = asyncio.create_task(talk())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def back(meeting: Meeting, person: Client, client: Client) -> str | None:
    """Resumes a person's session on another connection; the code of the refusal, if it is one."""
    said = {"session": person.session, "epoch": person.epoch, "after": last_seq(person)}
    reply = await client.reply(await client.send("resume", **said))
    return None if reply["ok"] else str(reply["error"]["code"])


async def test_killed_in_the_middle_of_traffic_nothing_that_was_answered_is_lost(tmp_path: Path) -> None:
    data = ["--data", str(tmp_path)]
    said: list[int] = []
    with process(*data) as first:
        meeting = await first.server.meeting(**OPEN)
        async with (
            meeting.host() as host,
            meeting.guest("Mia") as mia,
            meeting.guest("Eve") as eve,
            meeting.guest("Ben") as ben,
        ):
            await host.ask("suspend")
            await host.ask("allow", activity="chat", allowed=True)
            await host.ask("remove", participant=eve.id, report={"issue": "spam"})
            assert (await eve.closed())[0] == 4500
            async with chatter(ben, said):
                await come_true(lambda: len(said) >= 30)
                first.kill()
    with process(*data) as second:
        await _everything_is_there(second, first, meeting, mia, eve, ben, said)


async def _everything_is_there(
    second: Running, first: Running, before: Meeting, mia: Client, eve: Client, ben: Client, said: list[int]
) -> None:
    assert second.said["admin_token"] == first.said["admin_token"]
    assert second.said["pid"] != first.said["pid"]
    meeting = second.find(before.made)
    now = await meeting.get("")
    assert (now["status"], now["locked"], now["settings"]["waiting_room"]["enabled"]) == ("started", True, False)
    assert "audio" in now["suspended"]
    assert "chat" not in now["suspended"]
    assert now["passcode"] == before.made["passcode"]
    rows = {row["name"]: row["place"] for row in (await meeting.get("/participants"))["participants"]}
    assert rows == {"Host": "reconnecting", "Mia": "reconnecting", "Ben": "reconnecting"}
    stored = [int(event["text"]) for event in await meeting.journal("message")]
    assert stored[: len(said)] == said
    async with second.server.http(second.said["admin_token"]) as client:
        reports = (await client.get("/reports")).json()["reports"]
    assert [(report["issue"], report["source"]) for report in reports] == [("spam", "remove")]
    async with meeting.connect() as again, meeting.connect() as removed, meeting.connect() as knocking:
        assert await back(meeting, mia, again) is None
        assert (again.epoch or mia.epoch) == mia.epoch
        assert [int(f["text"]) for f in mia.frames + again.frames if f["type"] == "message"] == stored
        assert await back(meeting, eve, removed) == "removed"
        join = {"name": "Eve", "passcode": before.made["passcode"], "device": "device of Eve"}
        assert await knocking.refused("join", **join) == "removed"
        assert await again.refused("set_audio", on=True) == "suspended"
    async with meeting.host() as host:
        assert host.view["me"]["role"] == "host"


async def test_after_a_restart_the_grace_counts_from_the_restart(tmp_path: Path) -> None:
    clock = HandClock()
    with running(clock, data=tmp_path, limits="off") as first:
        meeting = await first.meeting(**OPEN)
        async with meeting.host(), meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
            await ben.socket.close()
            await come_true(lambda: _place(first, meeting, ben.id) == "reconnecting")
            await clock.advance(20_000)
    later = HandClock(clock.now() + 3_600_000)
    with running(later, data=tmp_path, limits="off") as second:
        made = {**meeting.made, "socket_url": f"{second.url.replace('http', 'ws')}/api/v1/meetings/{meeting.id}/socket"}
        meeting = Meeting(second, made)
        assert _place(second, meeting, mia.id) == "reconnecting"
        await later.advance(29_000)
        async with meeting.connect() as again:
            assert await back(meeting, mia, again) is None
            await later.advance(1_000)
            await again.event("left", participant=ben.id)
            assert again.frames[-1]["type"] == "left"
            async with meeting.connect() as late:
                assert await back(meeting, ben, late) == "resume_lost"


def _place(server: Any, meeting: Meeting, participant: str) -> str:
    (seat,) = [seat for seat in server.world.seats.running() if seat.meeting.id == meeting.id]
    return str(seat.meeting.people[participant].place.value)


async def test_somebody_waiting_and_somebody_early_are_kept_too(tmp_path: Path) -> None:
    with running(data=tmp_path, limits="off") as first:
        open_one, shut = await first.meeting(), await first.meeting()
        async with open_one.host(), open_one.guest("Mia") as mia, shut.guest("Ben") as ben:
            assert (mia.place, ben.place) == ("waiting", "early")
    with running(data=tmp_path, limits="off") as second:
        for made, person, place in ((open_one, mia, "waiting"), (shut, ben, "early")):
            url = f"{second.url.replace('http', 'ws')}/api/v1/meetings/{made.id}/socket"
            meeting = Meeting(second, {**made.made, "socket_url": url})
            async with meeting.connect() as again:
                assert await back(meeting, person, again) is None
                assert (again.id, again.place) == (person.id, place)


async def test_a_deleted_meeting_stays_deleted_and_an_ended_one_ended(tmp_path: Path) -> None:
    with running(data=tmp_path, limits="off") as first:
        deleted, ended = await first.meeting(), await first.meeting()
        async with first.http(first.admin_token) as client:
            assert (await client.delete(f"/meetings/{deleted.id}")).status_code == 204
        assert (await ended.control("end")).status_code == 200
    with running(data=tmp_path, limits="off") as second:
        async with second.http(second.admin_token) as client:
            assert (await client.get(f"/meetings/{deleted.id}")).status_code == 404
            assert (await client.get(f"/meetings/{ended.id}")).json()["status"] == "ended"
            # A restart adds nothing to a journal that is over.
            events = (await client.get(f"/meetings/{ended.id}/events")).json()["events"]
            assert [event["type"] for event in events] == ["created", "ended"]


async def test_two_servers_on_one_folder(tmp_path: Path) -> None:
    with process("--data", str(tmp_path)) as first:
        command = [sys.executable, "-m", "meetingsim", "serve", "--port", "0", "--json", "--data", str(tmp_path)]
        second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (second.returncode, second.stdout) == (5, "")
        assert second.stderr.count("\n") == 1
        assert f"a running server uses it (process {first.said['pid']})" in second.stderr
        await first.server.meeting()


async def test_a_full_disk_is_unavailable_and_over_when_there_is_room_again(tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    with process("--data", str(tmp_path / "data"), stderr=errors) as one:
        meeting = await one.server.meeting(**OPEN)
        async with meeting.host() as host, meeting.guest("Mia") as mia:
            await host.event("joined", participant=mia.id)
            pid = int(one.said["pid"])
            size = (tmp_path / "data" / f"{DATABASE}-wal").stat().st_size
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
            start = len(mia.frames)
            assert await host.refused("lock") == "unavailable"
            response = await meeting.control("lock")
            assert (response.status_code, response.json()["code"]) == (503, "unavailable")
            async with meeting.connect() as late:
                assert await late.refused("join", name="Ben", passcode=meeting.made["passcode"]) == "unavailable"
                assert (await late.closed())[0] == 4004
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
            assert (await host.ask("unlock"))["ok"]
            assert (await host.ask("lock"))["ok"]
            await mia.event("locked")
            assert [frame["type"] for frame in mia.frames[start:]] == ["locked"]
    assert "Traceback" not in errors.read_text()


async def test_what_the_folder_holds_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    with running(data=folder, limits="off"):
        for file in folder.iterdir():
            assert file.stat().st_mode & 0o077 == 0, file
    assert folder.stat().st_mode & 0o077 == 0
    assert sorted(one.name for one in folder.iterdir()) == [DATABASE, f"{DATABASE}-lock"]
