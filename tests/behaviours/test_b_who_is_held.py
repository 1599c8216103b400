"""Section B: whom the door holds, for how long, and whom it never does."""

from __future__ import annotations

import pytest

from tests.behaviours.cast import OPEN, drop, knock, names_inside, names_waiting, types
from tests.hand_clock import HandClock
from tests.wire import Server, running

pytestmark = pytest.mark.anyio


async def test_with_the_door_open_nobody_waits_and_with_the_door_shut_newcomers_are_refused_at_once(
    server: Server,
) -> None:
    """Waiting room off is always accept; lock is always refuse, for good until it is taken off.

    behaviour B43
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.connect() as ben:
        assert mia.place == "inside"
        await host.ask("lock")
        assert await ben.refused("join", **knock(meeting, "Ben")) == "locked"
        assert (await ben.closed())[0] == 4004
        refused = await host.event("entry_refused")
        assert (refused["name"], refused["code"]) == ("Ben", "locked")
        assert await names_waiting(meeting) == []
        await host.ask("unlock")
        async with meeting.guest("Ben") as ben_again:
            assert ben_again.place == "inside"


async def test_someone_waiting_whose_connection_is_gone_is_shown_so_at_once_and_dropped_after_the_grace() -> None:
    """Nobody can be admitted into thin air, and after 30 s the row is gone and the hosts are told.

    behaviour B44
    """
    clock = HandClock()
    with running(clock, limits="off") as server:
        meeting = await server.meeting()
        async with meeting.host() as host, meeting.guest() as mia:
            await drop(mia, host)
            assert await host.refused("admit", participant=mia.id) == "not_waiting"
            await clock.advance(29_999)
            assert types(await host.settle()) == []
            assert await names_waiting(meeting) == ["Mia"]
            await clock.advance(1)
            await host.event("left", participant=mia.id)
            assert await names_waiting(meeting) == []


async def test_the_host_never_waits_whatever_the_rules(server: Server) -> None:
    """Waiting room, region rule, capacity and lock all at once; a guest from the right country is the control.

    behaviour B46
    """
    meeting = await server.meeting(capacity=1, region={"mode": "approve", "countries": ["DE"]})
    assert (await meeting.control("start")).status_code == 200
    async with meeting.guest("Pia", country="DE") as pia:
        assert (await meeting.control("admit", participant=pia.id)).status_code == 200
        assert (await meeting.control("lock")).status_code == 200
        async with meeting.host(country="BR") as host, meeting.connect() as ben:
            assert (host.place, host.view["me"]["role"]) == ("inside", "host")
            assert await ben.refused("join", **knock(meeting, "Ben", country="BR")) == "region_blocked"
        async with meeting.connect() as cem:
            assert await cem.refused("join", **knock(meeting, "Cem", country="DE")) == "locked"


async def test_guests_are_held_until_a_host_comes_and_neither_a_token_nor_another_guest_counts_as_one(
    server: Server,
) -> None:
    """Reading the meeting as its owner or as the admin does not open it.

    behaviour B47
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        assert (mia.place, ben.place) == ("early", "early")
        assert await names_inside(meeting) == []
        assert (await meeting.get("", token=server.admin_token))["status"] == "scheduled"
        assert await mia.refused("start") == "not_inside"
        assert types(await ben.settle()) == []
        async with meeting.host():
            await mia.placed("inside")
            await ben.placed("inside")


async def test_guests_still_enter_after_the_host_has_left(server: Server) -> None:
    """Once started a meeting stays so, as long as nobody ends it.

    behaviour B49
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Pia") as pia:
        await host.ask("leave")
        await pia.event("left", participant=host.id)
        async with meeting.guest("Mia") as mia:
            assert mia.place == "inside"
            assert mia.view["meeting"]["status"] == "started"


@pytest.mark.parametrize(("enabled", "place"), [(False, "inside"), (True, "waiting")])
async def test_when_the_host_comes_nobody_is_held_for_want_of_a_host_any_more(
    server: Server, enabled: bool, place: str
) -> None:
    """Those held go where the waiting room says, and whoever holds the host token is the host.

    behaviour B50
    """
    meeting = await server.meeting(waiting_room={"enabled": enabled})
    async with meeting.guest() as mia, meeting.host() as host:
        assert host.view["me"]["role"] == "host"
        await mia.placed(place)
