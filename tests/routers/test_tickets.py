"""Tickets: who may make one, what one opens, and why one that is none is refused."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest

from meetingsim.clock import ManualClock
from meetingsim.live.tickets import ALGORITHM, LIFETIME_MS, Tickets
from meetingsim.state.control import Ticket
from meetingsim.state.meeting import Role
from tests.wire import Meeting, Server

pytestmark = pytest.mark.anyio
OPEN: dict[str, Any] = {"waiting_room": {"enabled": False}}


def claims_of(ticket: str) -> dict[str, Any]:
    """What a ticket says, to anybody who looks."""
    found: dict[str, Any] = jwt.decode(ticket, options={"verify_signature": False})
    return found


def signed(server: Server, algorithm: str = ALGORITHM, **changed: Any) -> str:
    """A ticket with the server's own key and other claims than it would make."""
    return jwt.encode(changed, server.world.tickets._key if algorithm != "none" else "", algorithm)


async def test_only_host_and_admin_make_tickets_and_only_the_admin_says_where_the_bearer_is(server: Server) -> None:
    meeting, other = await server.meeting(), await server.meeting()
    for token in (None, "host_nonsense", other.made["host_token"]):
        async with server.http(token) as http:
            assert (await http.post(f"/meetings/{meeting.id}/tickets", json={"name": "Mia"})).status_code == 401
    async with server.http(meeting.made["host_token"]) as http:
        said = {"name": "Mia", "country": "BR"}
        assert (await http.post(f"/meetings/{meeting.id}/tickets", json=said)).json()["code"] == "not_permitted"
        said = {"name": "Mia", "role": "host"}
        assert (await http.post(f"/meetings/{meeting.id}/tickets", json=said)).status_code == 422
        said = {"name": "Mia", "role": "panelist"}
        assert (await http.post(f"/meetings/{meeting.id}/tickets", json=said)).json()["code"] == "conflict"
    ticket = await meeting.ticket(token=server.admin_token, country="BR", device="tablet")
    async with meeting.host() as host, meeting.connect() as mia:
        await mia.ask("join", name="Mia", ticket=ticket)
        assert (await host.event("origin_known"))["country"] == "BR"
        person = next(p for p in server.world.seats._seats[meeting.id].meeting.people.values() if p.name == "Mia")
        assert person.keys.device == "tablet"


async def test_a_ticket_names_no_mail_address_and_stands_in_the_fragment_alone(server: Server) -> None:
    meeting = await server.meeting()
    async with server.http(meeting.made["host_token"]) as http:
        said = {"name": "Mia", "email": "mia@school.example"}
        made = (await http.post(f"/meetings/{meeting.id}/tickets", json=said)).json()
    body = json.dumps(claims_of(made["ticket"]))
    assert "mia" not in body
    assert "school" not in body
    assert made["join_url"].partition("#")[2] == f"ticket={made['ticket']}"
    assert made["ticket"] not in made["join_url"].partition("#")[0]


async def test_a_ticket_that_is_none_is_refused_and_the_journal_says_why(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    claims = claims_of(await meeting.ticket())
    other = await (await server.meeting()).ticket()
    head, body, signature = (await meeting.ticket()).split(".")
    forged = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged["role"] = "cohost"
    tampered = base64.urlsafe_b64encode(json.dumps(forged).encode()).decode().rstrip("=")
    cases = {
        "another_meeting": other,
        "tampered": f"{head}.{tampered}.{signature}",
        "expired": signed(server, **{**claims, "exp": claims["nbf"] - 1}),
        "not_yet_valid": signed(server, **{**claims, "nbf": claims["exp"] - 1}),
        "algorithm": signed(server, "HS384", **claims),
        "malformed": "no ticket at all",
    }
    found = {}
    for expected, ticket in cases.items():
        found[expected] = await fault(meeting, ticket)
    assert found == {name: name for name in cases}
    assert await fault(meeting, signed(server, "none", **claims)) == "algorithm"
    assert await fault(meeting, signed(server, **{**claims, "role": "host"})) == "malformed"


async def fault(meeting: Meeting, ticket: str) -> str:
    """The fault as the check finds it; the journal groups refusals, so each is asked for by itself."""
    checked = meeting.server.world.tickets.check(meeting.id, ticket)
    async with meeting.connect() as client:
        assert await client.refused("join", name="Eve", ticket=ticket) == "ticket_invalid"
    return str(checked.fault)


def test_a_ticket_that_was_good_is_asked_for_its_time_and_its_meeting_each_time() -> None:
    clock = ManualClock()
    tickets = Tickets("a key that nobody knows, of enough bytes", clock)
    said = tickets.sign("m1", Ticket("t1", Role.PARTICIPANT))
    for _ in range(2):
        assert tickets.check("m1", said).ticket == Ticket("t1", Role.PARTICIPANT)
        assert tickets.check("m2", said).fault == "another_meeting"
    clock.begin(clock.now() + LIFETIME_MS + 1_000)
    assert tickets.check("m1", said).fault == "expired"
    assert Tickets("another key, which is as long as that", clock).check("m1", said).fault == "tampered"


async def test_the_fault_of_a_ticket_stands_in_the_journal_and_not_in_the_refusal(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    async with meeting.connect() as client:
        ref = await client.send("join", name="Eve", ticket="nonsense")
        error = (await client.reply(ref))["error"]
    assert "fault" not in error
    (refused,) = await meeting.journal("entry_refused")
    assert refused["because"]["fault"] == "malformed"
    assert "name" not in refused


async def test_a_ticket_for_one_belongs_to_the_device_that_first_came_in_with_it(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    ticket = await meeting.ticket(single_use=True)
    async with meeting.host() as host:
        await host.ask("lock")
        async with meeting.connect() as early:
            assert await early.refused("join", name="Mia", ticket=ticket, device="phone") == "locked"
        await host.ask("unlock")
        async with meeting.connect() as mia, meeting.connect() as eve:
            await mia.ask("join", name="Mia", ticket=ticket, device="laptop")
            assert await eve.refused("join", name="Mia", ticket=ticket, device="phone") == "ticket_used"
            assert (await eve.closed())[0] == 4503
            assert (await host.event("ticket_flagged"))["participant"] == mia.id
            async with meeting.connect() as again:
                await again.ask("join", name="Mia", ticket=ticket, device="laptop")
                assert again.id == mia.id


async def test_whoever_was_removed_gets_in_by_no_ticket_and_gets_no_new_one_at_the_same_address(server: Server) -> None:
    meeting = await server.meeting(**OPEN)
    ticket = await meeting.ticket("Mia", email="mia@school.example")
    second = await meeting.ticket("Mia", email="Mia@School.example")
    async with meeting.host() as host, meeting.connect() as mia:
        await mia.ask("join", name="Mia", ticket=ticket)
        await host.ask("remove", participant=mia.id)
        assert (await mia.closed())[0] == 4500
        for shown in (ticket, second):
            async with meeting.connect() as again:
                assert await again.refused("join", name="Somebody", ticket=shown, device="new") == "removed"
        async with server.http(meeting.made["host_token"]) as http:
            said = {"name": "Mia", "email": "mia@school.example"}
            answer = await http.post(f"/meetings/{meeting.id}/tickets", json=said)
            assert (answer.status_code, answer.json()["code"]) == (403, "removed")
        await host.ask("let_return", participant=mia.id)
        async with meeting.connect() as again:
            assert await again.refused("join", name="Mia", ticket=ticket) == "ticket_invalid"
        async with meeting.connect() as again:
            await again.ask("join", name="Mia", ticket=await meeting.ticket("Mia", email="mia@school.example"))
            assert again.place == "inside"
