"""Section A, of those whom a ticket or an account makes known beforehand."""

from __future__ import annotations

import pytest

from tests.wire import Server

pytestmark = pytest.mark.anyio


async def test_whoever_was_invited_beforehand_enters_while_others_wait(server: Server) -> None:
    """behaviour A4"""
    meeting = await server.meeting(waiting_room={"who": "not_invited"})
    async with meeting.host(), meeting.connect() as ann, meeting.guest("Mia") as mia:
        await ann.ask("join", name="Ann", ticket=await meeting.ticket("Ann"))
        assert (ann.place, mia.place) == ("inside", "waiting")


async def test_people_of_the_account_and_of_its_domains_enter_while_others_wait(server: Server) -> None:
    """behaviour A5"""
    school, partner = await server.account(domains=["partner.example"]), await server.account()
    meeting = await school.meeting(waiting_room={"who": "not_in_account_or_domains"})
    tokens = {
        "Own": await school.user("Own", "own@school.example"),
        "Partner": await partner.user("Partner", "p@Partner.example"),
        "Other": await partner.user("Other", "o@elsewhere.example"),
    }
    async with meeting.host():
        places = {}
        for name, token in tokens.items():
            async with meeting.connect() as client:
                await client.ask("join", name=name, user_token=token, passcode=meeting.made["passcode"])
                places[name] = client.place
    assert places == {"Own": "inside", "Partner": "inside", "Other": "waiting"}


async def test_a_ticket_with_a_role_brings_it_along_and_no_passcode_is_asked_for(server: Server) -> None:
    """behaviour A10"""
    meeting = await server.meeting()
    async with meeting.host(), meeting.connect() as ann, meeting.connect() as ben:
        await ann.ask("join", name="Ann", ticket=await meeting.ticket("Ann", role="cohost"))
        assert (ann.place, ann.view["me"]["role"]) == ("inside", "cohost")
        await ben.ask("join", name="Ben", ticket=await meeting.ticket("Ben"))
        assert ben.place == "waiting"
        await ann.ask("admit", participant=ben.id)
        await ben.placed("inside")
        assert ben.view["me"]["role"] == "participant"
