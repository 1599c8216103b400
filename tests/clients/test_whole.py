"""The SDK against a whole server: people come, wait, are let in, act, are stopped, removed, and come back."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import pytest

from meetingsim.clients import (
    Connection,
    ConnectionClosed,
    MeetingHandle,
    MeetingsimError,
    RegionBlockedError,
    RemovedError,
    Server,
    SuspendedError,
    WaitTimeout,
    WrongPasscodeError,
    connect,
    guest,
    host,
)
from meetingsim.clients.words import Admitted, Chat, EntryRefused, JoinedWaitingRoom, Message, OriginKnown, Suspend
from meetingsim.routers.world import World
from meetingsim.state.view import view_of

pytestmark = pytest.mark.anyio
OPEN: dict[str, Any] = {"waiting_room": {"enabled": False}}


async def mirrors_are_true(world: World, meeting: MeetingHandle, *people: Connection) -> None:
    """Everybody's picture is what the server would tell them now."""
    seat = await world.seats.find(meeting.id)
    for person in people:
        await person.caught_up()
        assert person.mirror.faults == []
        assert person.view == view_of(seat.meeting, person.participant)


async def test_a_lesson_that_is_raided(world: World, sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra")
    async with host(meeting, "Teacher") as teacher, guest(meeting, "Mia", country="BR") as mia:
        assert mia.place == "waiting"
        knock = await teacher.wait_for(JoinedWaitingRoom)
        assert knock.event.person["name"] == "Mia"
        origin = await teacher.wait_for(OriginKnown, lambda e: e.event.participant == mia.participant)
        assert origin.event.country == "BR"

        done = await teacher.admit(mia.participant)
        admitted = await teacher.wait_for(Admitted, lambda e: e["participant"] == mia.participant)
        assert done.seq == admitted.seq
        assert (await mia.placed("inside"))["me"]["role"] == "participant"

        await mia.set_audio(True)
        await teacher.chat("Good morning")
        assert (await mia.wait_for(Message)).event.text == "Good morning"
        await mirrors_are_true(world, meeting, teacher, mia)

        await teacher.send(Suspend())
        suspended = await mia.wait_for("suspended")
        assert suspended["stopped"] == [{"participant": mia.participant, "activities": ["audio"]}]
        with pytest.raises(SuspendedError):
            await mia.send(Chat("still here"))
        await teacher.allow("chat", True)
        await mia.chat("sorry")
        assert (await teacher.wait_for(Message, lambda e: e["from"] == mia.participant)).event.text == "sorry"
        await mirrors_are_true(world, meeting, teacher, mia)

        await teacher.remove(mia.participant, report={"issue": "meeting_disruption"})
        assert (await mia.closed()).code == 4500
        assert mia.frames("removed") == []
        await mirrors_are_true(world, meeting, teacher)
    (report,) = (await sdk.reports(meeting=meeting.id))["reports"]
    assert report["issue"] == "meeting_disruption"


async def test_who_was_removed_does_not_come_back(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra", settings=OPEN)
    await meeting.start()
    async with guest(meeting, "Mia", device="laptop") as mia:
        await meeting.remove(mia.participant)
        await mia.closed()
        with pytest.raises(RemovedError):
            await mia.reconnect()
    with pytest.raises(RemovedError) as raised:
        async with guest(meeting, "Someone else", device="laptop"):
            pass
    assert raised.value.because["rule"] == "removed"


async def test_the_region_rule_and_its_reason(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra", settings=OPEN)
    async with host(meeting) as teacher:
        await teacher.set_region_rule("deny", countries=["KP"])
        async with connect(meeting.socket_url) as refused:
            with pytest.raises(RegionBlockedError, match="KP"):
                await refused.join("Kim", passcode=meeting.passcode, country="KP")
            assert (await refused.closed()).meaning == "region blocked"
        told = await teacher.wait_for(EntryRefused)
        assert (told.event.name, told.event.code, told.event.country) == ("Kim", "region_blocked", "KP")
    page = await meeting.events(types=["entry_refused"])
    assert page.events[0]["because"]["rule"] == "region_blocked"
    assert page.events[0]["because"]["country"] == "KP"


async def test_a_lost_connection_goes_on_where_it_was(world: World, sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra", settings=OPEN)
    async with host(meeting) as teacher, guest(meeting, "Mia", country="BR") as mia:
        me = mia.participant
        await mia.drop()
        await teacher.wait_for("reconnecting", lambda e: e["participant"] == me)
        await teacher.chat("missed")
        await mia.reconnect()
        assert (await mia.wait_for(Message)).event.text == "missed"
        assert mia.participant == me
        await teacher.wait_for("reconnected", lambda e: e["participant"] == me)
        await mirrors_are_true(world, meeting, teacher, mia)


async def test_a_guest_leaves_at_the_end_and_a_plain_connection_drops(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra", settings=OPEN)
    async with host(meeting) as teacher:
        async with guest(meeting, "Mia") as mia:
            pass
        await teacher.wait_for("left", lambda e: e["participant"] == mia.participant)
        async with connect(meeting.socket_url) as bo:
            await bo.join("Bo", passcode=meeting.passcode)
        await teacher.wait_for("reconnecting", lambda e: e["participant"] == bo.participant)
        await teacher.caught_up()
        assert not teacher.frames("left", lambda e: e["participant"] == bo.participant)


async def test_a_guest_whose_meeting_ended_has_nothing_to_leave(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra", settings=OPEN)
    await meeting.start()
    async with guest(meeting, "Mia") as mia:
        await meeting.end()
        assert (await mia.closed()).meaning == "meeting ended"


async def test_whoever_comes_by_a_link_shows_the_passcode_in_it(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra", settings=OPEN)
    await meeting.start()
    assert meeting.join_url is not None
    async with guest(meeting.join_url, "Mia") as mia:
        assert mia.place == "inside"
    with pytest.raises(WrongPasscodeError):
        async with guest(meeting.join_url, "Mia", passcode="wrong"):
            pass


async def test_a_wrong_passcode_leaves_the_socket_open(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra", settings=OPEN)
    await meeting.start()
    async with connect(meeting.socket_url) as conn:
        with pytest.raises(WrongPasscodeError):
            await conn.join("Mia", passcode="wrong")
        await conn.join("Mia", passcode=meeting.passcode)
        assert conn.place == "inside"


async def test_a_host_needs_the_host_token(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra")
    stranger = sdk.meeting(meeting.id)
    with pytest.raises(MeetingsimError, match="no host token"):
        async with host(stranger):
            pass
    async with host(sdk.meeting(meeting.id, meeting.host_token)) as again:
        assert again.view["me"]["role"] == "host"


async def test_media_reaches_the_others_and_is_no_event(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra", settings=OPEN)
    async with host(meeting) as teacher, guest(meeting, "Mia") as mia:
        await mia.set_video(True)
        await mia.media("video", 17)
        frame = await teacher.wait_for("media")
        assert (frame["from"], frame["kind"], frame["n"]) == (mia.participant, "video", 17)
        seq = mia.mirror.seq
        await mia.caught_up()
        assert mia.mirror.seq == seq


async def test_following_the_journal_hears_what_is_still_to_come(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra")
    await meeting.start()

    begun = asyncio.Event()

    async def until_locked() -> list[str]:
        seen = []
        async for event in meeting.follow():
            seen.append(event.type)
            if event.type == "started":
                begun.set()
            if event.type == "locked":
                break
        return seen

    async with asyncio.timeout(30):
        following = asyncio.create_task(until_locked())
        await begun.wait()
        await meeting.lock()
        assert await following == ["started", "locked"]
    assert [event.type for event in (await meeting.events(types=["locked", "unlocked"])).events] == ["locked"]


async def test_settings_are_merged(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra")
    changed = await meeting.patch(topic="Geometry", waiting_room={"title": "Hello"}, capacity=7)
    assert (changed["topic"], changed["settings"]["capacity"]) == ("Geometry", 7)
    assert changed["settings"]["waiting_room"]["title"] == "Hello"
    assert changed["settings"]["waiting_room"]["enabled"] is True
    assert (await meeting.get())["topic"] == "Geometry"
    await meeting.delete()
    assert meeting.id not in [one["id"] for one in await sdk.meetings()]


async def test_the_picture_can_be_copied_and_kept(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra", settings=OPEN)
    async with host(meeting) as teacher:
        before = copy.deepcopy(teacher.view)
        await teacher.lock()
        await teacher.seen(lambda view: view["meeting"]["locked"])
        assert before["meeting"]["locked"] is False


async def test_what_never_comes_is_told_with_what_came(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra", settings=OPEN)
    async with host(meeting, "Teacher") as teacher:
        await teacher.chat("hello")
        with pytest.raises(WaitTimeout) as raised:
            await teacher.wait_for(Admitted, timeout=0.05)
        said = str(raised.value)
        assert "last frames of Teacher" in said
        assert "hello" in said
        assert str(meeting.host_token) not in said
        assert str(meeting.passcode) not in said
        assert str(teacher.mirror.session) not in said


async def test_a_newer_connection_of_the_same_person_takes_over(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra")
    async with host(meeting) as old, host(meeting) as new:
        with pytest.raises(ConnectionClosed) as raised:
            await old.wait_for("never")
        assert raised.value.code == 4003
        assert new.place == "inside"
