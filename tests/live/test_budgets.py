"""How much one may do in a time, on a clock that a test moves; on the wire, and at the bounds of what is remembered."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetingsim.live import budgets
from meetingsim.live.budgets import COMMANDS, HOST_CONTROLS, MEDIA, Bucket, Guesses, Window
from tests.hand_clock import HandClock
from tests.live.storms import here
from tests.wire import Client, Server

OPEN: dict[str, Any] = {"waiting_room": {"enabled": False}}


def takes(bucket: Bucket, now: int, tries: int = 1_000) -> int:
    return sum(bucket.take(now) for _ in range(tries))


def test_a_bucket_starts_full_and_fills_at_its_rate() -> None:
    bucket = Bucket(20.0, 40.0)
    assert takes(bucket, 0) == 40
    assert takes(bucket, 49) == 0
    assert takes(bucket, 50) == 1
    assert takes(bucket, 1_050) == 20
    assert takes(bucket, 1_000_000) == 40


@given(st.lists(st.integers(0, 3_000), max_size=60), st.integers(1, 50), st.integers(1, 50))
def test_a_bucket_never_gives_more_than_its_size_and_its_rate(waits: list[int], rate: int, size: int) -> None:
    bucket, now, taken = Bucket(rate, size), 0, 0
    for wait in waits:
        now += wait
        taken += takes(bucket, now, 5)
        assert taken <= size + now / 1000 * rate + 1e-6


def test_a_window_counts_what_is_not_older_than_it() -> None:
    window = Window(3, 1_000)
    assert [window.count(0), window.count(500), window.count(999)] == [False, False, True]
    assert window.full(999)
    assert not window.full(1_000)
    assert window.count(1_000)


def test_guesses_are_counted_by_meeting_and_address() -> None:
    guesses = Guesses()
    for n in range(10):
        assert not guesses.too_many("1", "192.0.2.1", n)
        guesses.count("1", "192.0.2.1", n)
    assert guesses.too_many("1", "192.0.2.1", 10)
    assert not guesses.too_many("1", "192.0.2.2", 10)
    assert not guesses.too_many("2", "192.0.2.1", 10)
    assert not guesses.too_many("1", "192.0.2.1", 60_009)


def test_of_guesses_only_so_many_addresses_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "_REMEMBERED", 100)
    guesses = Guesses()
    for n in range(1_000):
        guesses.count("1", f"2001:db8::{n:x}", n)
    assert len(guesses._windows) == 100


async def flood(client: Client, command: str, count: int, **fields: Any) -> list[bool]:
    """Sends so many at once; which were accepted. A refusal of this kind may overtake what is still to be decided."""
    refs = {await client.send(command, **fields) for _ in range(count)}
    replies = [await client.until(lambda frame: frame["type"] == "reply" and frame["ref"] in refs) for _ in refs]
    codes = {reply["error"]["code"] for reply in replies if not reply["ok"]}
    assert codes <= {"rate_limited"}
    return [bool(reply["ok"]) for reply in replies]


@pytest.mark.anyio
async def test_twenty_commands_a_second_and_forty_at_once_then_the_socket_stays() -> None:
    clock = HandClock()
    async with here(clock=clock, limits="on") as server:
        meeting = await server.meeting(**OPEN)
        async with meeting.host() as host, meeting.guest("Mia") as mia:
            burst, rate = int(COMMANDS[1]), int(COMMANDS[0])
            assert (await flood(mia, "raise_hand", burst + 5, up=True)).count(True) == burst
            await clock.advance(1_000)
            assert (await flood(mia, "raise_hand", rate + 5, up=True)).count(True) == rate
            # Nobody else pays for it.
            assert (await host.ask("raise_hand", up=True))["ok"]


@pytest.mark.anyio
async def test_a_host_whose_own_frames_are_used_up_still_has_controls() -> None:
    async with here(clock=HandClock(), limits="on") as server:
        meeting = await server.meeting(**OPEN)
        async with meeting.host() as host, meeting.guest("Mia") as mia:
            assert not all(await flood(host, "raise_hand", int(COMMANDS[1]) + 1, up=True))
            assert (await host.ask("remove", participant=mia.id))["ok"]
            flags = await flood(host, "lock", int(HOST_CONTROLS[1]))
            assert flags.count(True) == HOST_CONTROLS[1] - 1
            assert await host.refused("unlock") == "rate_limited"


@pytest.mark.anyio
async def test_a_budget_is_not_renewed_by_coming_back() -> None:
    async with here(clock=HandClock(), limits="on") as server:
        meeting = await server.meeting(**OPEN)
        async with meeting.guest("Mia") as early, meeting.host():
            mia = early
            await flood(mia, "raise_hand", int(COMMANDS[1]), up=True)
            async with meeting.connect() as back:
                await back.ask("resume", session=mia.session, epoch=mia.epoch, after=0)
                assert await back.refused("raise_hand", up=True) == "rate_limited"


@pytest.mark.anyio
async def test_media_has_a_budget_of_its_own_and_is_answered_only_when_refused() -> None:
    async with here(clock=HandClock(), limits="on") as server:
        meeting = await server.meeting(**OPEN)
        async with meeting.host() as host, meeting.guest("Mia") as mia:
            await mia.ask("set_audio", on=True)
            start = len(mia.frames)
            for n in range(int(MEDIA[1]) + 1):
                await mia.send("media", kind="audio", n=n)
            assert (await mia.ask("raise_hand", up=True))["ok"]
            answered = [f for f in mia.frames[start:] if f["type"] == "reply"]
            assert [one.get("error", {}).get("code") for one in answered] == ["rate_limited", None]
            heard = [f["n"] for f in await host.settle() if f["type"] == "media"]
            assert heard == list(range(int(MEDIA[1])))


@pytest.mark.anyio
async def test_over_http_a_host_is_limited_and_the_admin_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "HOST_CONTROLS", (1.0, 5.0))
    clock = HandClock()
    async with here(clock=clock, limits="on") as server:
        meeting = await server.meeting()
        assert await statuses(server, meeting.id, meeting.made["host_token"]) == [200] * 5 + [429] * 3
        assert await statuses(server, meeting.id, server.admin_token) == [200] * 8
        await clock.advance(2_000)
        assert await statuses(server, meeting.id, meeting.made["host_token"]) == [200] * 2 + [429] * 6


async def statuses(server: Server, meeting: str, token: str) -> list[int]:
    async with server.http(token) as client:
        return [(await client.post(f"/meetings/{meeting}/controls/lock")).status_code for _ in range(8)]
