"""Section B, of people who are signed in."""

from __future__ import annotations

import pytest

from tests.behaviours.cast import admit
from tests.wire import Server

pytestmark = pytest.mark.anyio


async def test_people_of_another_account_wait_and_those_of_the_own_do_not(server: Server) -> None:
    """behaviour B32"""
    school, other = await server.account(), await server.account()
    meeting = await school.meeting(waiting_room={"who": "not_in_account"})
    async with meeting.host(), meeting.connect() as own, meeting.connect() as foreign:
        await own.ask("join", name="Own", user_token=await school.user("Own", "own@school.example"))
        token = await other.user("Foreign", "f@other.example")
        assert await foreign.refused("join", name="Foreign", user_token=token) == "wrong_passcode"
        await foreign.ask("join", name="Foreign", user_token=token, passcode=meeting.made["passcode"])
        assert (own.place, foreign.place) == ("inside", "waiting")


async def test_whoever_is_signed_in_can_be_admitted_and_keeps_the_seat_on_another_device(server: Server) -> None:
    """behaviour B41"""
    school = await server.account()
    meeting = await school.meeting()
    token = await school.user("Own", "own@school.example")
    async with meeting.host() as host, meeting.connect() as phone, meeting.connect() as desk:
        await phone.ask("join", name="Own", user_token=token, device="phone")
        await admit(host, phone)
        await desk.ask("join", name="Own", user_token=token, device="desk")
        assert (desk.place, desk.id) == ("inside", phone.id)
        assert (await phone.closed())[0] == 4003
