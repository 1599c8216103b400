"""What testers need, by the SDK against a whole server: spaces, reset, the clock, networks, held people, situations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from meetingsim.clients import (
    ConflictError,
    InvalidRuleError,
    MeetingsimError,
    NoSuchMeetingError,
    NotHostError,
    RemovedError,
    Server,
    SuspendedError,
    UnauthorisedError,
    WrongPasscodeError,
    guest,
    host,
    sync,
)
from meetingsim.clients.answers import HeldPerson
from meetingsim.clients.words import Allow, Suspend, Unlock
from meetingsim.serving import serving
from meetingsim.settings import ServerSettings
from meetingsim.state.settings import Activity
from tests.wire import Server as Running

pytestmark = pytest.mark.anyio
OPEN: dict[str, Any] = {"waiting_room": {"enabled": False}}


@pytest.fixture
async def manual() -> AsyncIterator[Server]:
    """A server whose time stands still."""
    async with (
        serving(ServerSettings(port=0, clock="manual")) as world,
        Server(world.base_url, world.admin_token) as connected,
    ):
        yield connected


# Spaces and reset.


async def test_a_space_is_a_server_of_its_own_until_the_end_of_its_context(sdk: Server) -> None:
    outside = await sdk.create_meeting("Algebra")
    async with await sdk.create_space() as space, await sdk.create_space() as other:
        meeting = await space.create_meeting("Algebra", settings=OPEN)
        assert [one["id"] for one in await space.meetings()] == [meeting.id]
        assert await other.meetings() == []
        with pytest.raises(NoSuchMeetingError):
            await space.meeting(outside.id).get()
        async with host(meeting), guest(meeting, "Mia", country="BR") as mia:
            assert mia.place == "inside"
        assert meeting.server is space
    with pytest.raises(UnauthorisedError):
        await space.meetings()
    assert [one["id"] for one in await sdk.meetings()] == [outside.id]
    assert space.token is not None
    assert space.token not in repr(space)


async def test_the_same_seed_makes_the_same_space(sdk: Server) -> None:
    made = []
    for seed in (42, 42, 43):
        async with await sdk.create_space(seed=seed) as space:
            meeting = await space.create_meeting("Algebra")
            made.append((meeting.id, meeting.passcode))
    assert made[0] == made[1] != made[2]


async def test_a_space_that_is_gone_already_ends_in_peace(sdk: Server) -> None:
    async with await sdk.create_space() as space:
        await space.delete()
    async with await sdk.create_space() as space:
        await sdk.delete_space(space.space)
    async with await sdk.create_space():
        await sdk.reset()
    assert await sdk.meetings() == []


async def test_a_reset_is_of_the_space_whose_token_it_has(sdk: Server) -> None:
    kept = await sdk.create_meeting("Algebra")
    async with await sdk.create_space() as space:
        await space.create_meeting("Algebra")
        await space.reset()
        assert await space.meetings() == []
        assert [one["id"] for one in await sdk.meetings()] == [kept.id]
    await sdk.reset()
    assert await sdk.meetings() == []


# The clock and networks.


async def test_the_clock_goes_where_it_is_told(manual: Server) -> None:
    first = await manual.advance_clock("0s")
    meeting = await manual.create_meeting("Algebra", settings=OPEN)
    await meeting.start()
    (mia,) = await meeting.hold("Mia")
    await meeting.command(mia.id, "drop")
    assert (await manual.advance_clock(timedelta(seconds=29)))["fired"] == 0
    moved = await manual.advance_clock("1s")
    assert moved["fired"] == 1
    assert (moved["now"][:10], moved["now"][17:]) == (first["now"][:10], "30.000Z")
    assert [event.type for event in (await meeting.events(types=["left"])).events] == ["left"]


async def test_a_real_clock_is_not_moved(sdk: Server) -> None:
    with pytest.raises(ConflictError):
        await sdk.advance_clock("1d")


async def test_networks_are_where_it_is_said(sdk: Server) -> None:
    said = {"192.0.2.0/24": "BR", "2001:db8::/32": None}
    assert await sdk.set_networks(said) == said
    located = await sdk.geo("192.0.2.1")
    assert (located["country"], located["source"]) == ("BR", "override")
    with pytest.raises(InvalidRuleError):
        await sdk.set_networks({"192.0.2.0/24": "QQ"})
    await sdk.set_networks({"203.0.113.0/24": "NL"}, anonymous={"203.0.113.0/24": "vpn"})
    (row,) = (await sdk.request("GET", "geo/networks"))["networks"]
    assert row == {"network": "203.0.113.0/24", "country": "NL", "anonymous": "vpn"}
    assert await sdk.set_networks({}) == {}
    assert (await sdk.geo("192.0.2.1"))["country"] is None


# People held by the server.


async def test_somebody_held_from_the_door_to_the_removal(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra")
    await meeting.start()
    (mia,) = await meeting.hold("Mia", country="BR", device="tablet")
    assert (mia.place, mia.refusal) == ("waiting", None)
    await meeting.admit(mia.id)
    said = await meeting.command(mia.id, "chat", text="hello")
    assert (said.ok, said.seq) == (True, (await meeting.get())["seq"])
    await meeting.command(mia.id, "drop")
    await meeting.command(mia.id, "resume")
    await meeting.suspend()
    with pytest.raises(SuspendedError):
        await meeting.command(mia.id, "set_audio", on=True)
    await meeting.remove(mia.id)
    told = await meeting.frames(mia.id)
    assert told.types == ["view", "reply", "view", "message", "reply", "reconnected", "reply", "suspended", "reply"]
    last = told.frames[-1]
    assert (last.frame, last.closed and last.closed.code, told.next) == (None, 4500, last.n)
    assert (await meeting.frames(mia.id, limit=2)).types == ["view", "reply"]
    assert (await meeting.frames(mia.id, told.frames[-2].n)).frames == (last,)
    (again,) = await meeting.hold("Mia", country="BR", device="tablet")
    assert (again.participant, again.place) == (None, None)
    assert again.refusal is not None
    assert again.refusal.country == "BR"
    with pytest.raises(RemovedError):
        assert again.id == "nobody"


async def test_why_somebody_is_where_they_are(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra")
    await meeting.start()
    (mia,) = await meeting.hold("Mia", country="BR")
    await meeting.admit(mia.id)
    told = await meeting.explain(mia.id)
    assert (told.person["name"], told.person["place"]) == ("Mia", "inside")
    assert [event["because"]["rule"] for event in told.chain if event["because"]] == ["waiting_room", "admit"]
    assert told.chain[-1].event.type == "admitted"


async def test_several_by_one_call_and_what_they_show_at_the_door(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra", settings=OPEN)
    await meeting.start()
    raiders = await meeting.hold("Raider", count=3, behaviour="raider", address="192.0.2.7")
    assert len({one.id for one in raiders}) == 3
    assert [one["name"] for one in await meeting.participants()] == ["Raider 1", "Raider 2", "Raider 3"]
    assert {one["address"] for one in await sdk.meeting(meeting.id).participants()} == {"192.0.2.7"}
    (owner,) = await meeting.hold("Owner", host_token=str(meeting.host_token))
    assert (await meeting.participants())[-1]["role"] == "host"
    assert owner.place == "inside"
    (guesser,) = await meeting.hold("Guesser", passcode="wrong")
    assert isinstance(guesser.refusal, WrongPasscodeError)


def test_an_id_of_nobody_at_all_is_an_error_too() -> None:
    with pytest.raises(MeetingsimError, match="nobody came"):
        assert HeldPerson(None, None).id == "nobody"


# Situations.


async def test_a_situation_is_one_call(sdk: Server) -> None:
    meeting = await sdk.create_meeting(
        "Class 6",
        people=[
            {"name": "Pupil", "count": 4, "place": "inside"},
            {"name": "Mia", "place": "inside", "commands": [{"type": "start_share"}]},
            {"name": "Late", "place": "waiting"},
            {"name": "Stranger", "passcode": "wrong"},
        ],
        controls=[Suspend(), {"type": "unlock"}, Allow(Activity.CHAT, allowed=True)],
    )
    assert [one.place for one in meeting.people] == ["inside"] * 5 + ["waiting", None]
    assert isinstance(meeting.people[-1].refusal, WrongPasscodeError)
    now = await meeting.get()
    assert (now["status"], now["inside"], now["locked"]) == ("started", 5, False)
    assert "chat" not in now["suspended"]
    (suspended,) = (await meeting.events(types=["suspended"])).events
    assert suspended["stopped"] == [{"participant": meeting.people[4].id, "activities": ["share"]}]
    assert (await sdk.create_meeting("Class 7", controls=[Unlock()])).people == []


async def test_a_situation_that_cannot_be_is_no_meeting(sdk: Server) -> None:
    with pytest.raises(NotHostError, match=r"people\.0"):
        await sdk.create_meeting("Class 6", people=[{"name": "Mia", "place": "inside", "commands": [{"type": "lock"}]}])
    assert await sdk.meetings() == []


# Without an event loop.


def test_all_of_it_without_an_event_loop(server: Running) -> None:
    with sync.Server(server.url, server.admin_token) as sdk, sdk.create_space(seed=7) as space:
        meeting = space.create_meeting("Algebra", people=[{"name": "Mia", "place": "waiting"}], controls=[Unlock()])
        (mia,) = meeting.people
        meeting.admit(mia.id)
        assert meeting.command(mia.id, "chat", text="hello").ok
        assert meeting.frames(mia.id).types[-2:] == ["message", "reply"]
        assert meeting.explain(mia.id).person["place"] == "inside"
        assert [one.place for one in meeting.hold("Ben", count=2)] == ["waiting", "waiting"]
        assert space.set_networks({"192.0.2.0/24": "BR"}) == {"192.0.2.0/24": "BR"}
        with pytest.raises(ConflictError):
            sdk.advance_clock("1d")
        space.reset()
        assert space.meetings() == []
        assert space.space in repr(space)
    with sync.Server(server.url, server.admin_token) as sdk, pytest.raises(UnauthorisedError):
        sync.SpaceHandle(sdk, space.space, str(space.token)).meetings()
