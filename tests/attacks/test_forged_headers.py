"""Attacks by forged headers, on the wire: whoever claims an address that is not theirs is judged by the one that is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from meetingsim.geo.plan import address_of
from meetingsim.live.budgets import GUESSES
from tests.attacks.stage import OPEN, answer_at_door, knock, turned_away
from tests.wire import Headers, Meeting, Server, running

pytestmark = pytest.mark.anyio

ONLY_BRAZIL = {"mode": "approve", "countries": ["BR"]}
BR, DE = address_of("BR", 5), address_of("DE", 5)


@pytest.fixture(scope="module")
def proxied() -> Iterator[Server]:
    """A server behind proxies on this machine and in 10.0.0.0/8."""
    with running(trusted_proxies="127.0.0.0/8,10.0.0.0/8") as one:
        yield one


async def origin_seen(meeting: Meeting, headers: Headers) -> Any:
    """The address that the journal has of somebody who came with these headers."""
    async with meeting.connect(headers=headers) as client:
        await client.ask("join", **knock(meeting))
        (row,) = [row for row in await meeting.journal("joined") if row["participant"] == client.id]
        return row["because"]["address"]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": BR},
        {"X-Forwarded-For": f"{BR}, 127.0.0.1"},
        {"Forwarded": f"for={BR}"},
        {"X-Real-IP": BR},
        {"X-Client-IP": BR},
        {"True-Client-IP": BR},
        {"CF-Connecting-IP": BR},
    ],
    ids=lambda headers: next(iter(headers)),
)
async def test_a_forwarding_header_from_a_peer_that_is_not_trusted_changes_nothing(
    server: Server, headers: dict[str, str]
) -> None:
    """Whoever claims an approved country in a header is judged by the address they really come from.

    attack H02
    """
    meeting = await server.meeting(**OPEN, region=ONLY_BRAZIL)
    async with meeting.host() as host:
        assert await turned_away(meeting, headers=headers, **knock(meeting)) == ("region_blocked", 4501)
        assert "country" not in await host.event("entry_refused")
        (row,) = await meeting.journal("entry_refused")
        assert (row["because"]["address"], row["because"]["country"]) == ("127.0.0.1", None)
        # A country that is said openly is believed of a local tester, so that it was the header that was not.
        assert await answer_at_door(meeting, **knock(meeting, country="BR")) == "inside"


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Proto", "X-Forwarded-Host", "CF-Connecting-IP"],
)
async def test_nobody_behind_a_proxy_can_say_where_they_come_from(server: Server, header: str) -> None:
    """A request that bears a forwarding header is not the tester's own: a simulated origin is refused, on resume, too.

    attack H02
    """
    meeting = await server.meeting(**OPEN, region=ONLY_BRAZIL)
    forwarded = {header: "198.51.100.7"}
    for where in ({"country": "BR"}, {"address": BR}):
        assert await turned_away(meeting, headers=forwarded, **knock(meeting, **where)) == ("not_permitted", 4503)
    async with meeting.guest("Mia", country="BR") as mia, meeting.connect(headers=forwarded) as client:
        again = {"session": mia.session, "epoch": mia.epoch, "after": 0}
        assert await client.refused("resume", **again, country="BR") == "not_permitted"


async def test_the_admin_may_say_it_through_a_proxy(server: Server) -> None:
    """The admin token on the upgrade outweighs the header; a host token or a wrong one does not.

    attack H02
    """
    meeting = await server.meeting(**OPEN, region=ONLY_BRAZIL)
    await meeting.control("start")
    for token, expected in (
        (server.admin_token, "inside"),
        (meeting.made["host_token"], "not_permitted"),
        ("admin_wrong", "not_permitted"),
    ):
        headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": "198.51.100.7"}
        async with meeting.connect(headers=headers) as client:
            reply = await client.reply(await client.send("join", **knock(meeting, country="BR")))
            assert (client.place if reply["ok"] else reply["error"]["code"]) == expected


async def test_the_rightmost_hop_that_is_not_trusted_counts(proxied: Server) -> None:
    """Whatever a client puts in front, in one header or in several, the address that the first own proxy saw decides.

    attack H02
    """
    meeting = await proxied.meeting(**OPEN)
    await meeting.control("start")
    real = "198.51.100.7"
    chains: list[Headers] = [
        {"X-Forwarded-For": real},
        {"X-Forwarded-For": f"{BR}, {real}"},
        {"X-Forwarded-For": f"{BR},{real},10.0.0.3"},
        {"X-Forwarded-For": f"10.0.0.9, {BR}, {real}, 10.0.0.3, 127.0.0.1"},
        {"X-Forwarded-For": f"nonsense, {real}"},
        {"X-Forwarded-For": f"::ffff:{real}"},
        {"X-Forwarded-For": f"{real}, ::ffff:10.0.0.3"},
        [("X-Forwarded-For", BR), ("X-Forwarded-For", real)],
        [("X-Forwarded-For", f"{BR}, {DE}"), ("X-Forwarded-For", f"{real}, 10.0.0.3")],
        {"X-Forwarded-For": real, "Forwarded": f"for={BR}", "X-Real-IP": BR},
    ]
    for headers in chains:
        assert await origin_seen(meeting, headers) == real, headers
    assert await origin_seen(meeting, {"X-Forwarded-For": "2001:db8::7, 10.0.0.1"}) == "2001:db8::7"
    assert await origin_seen(meeting, {}) == "127.0.0.1"


async def test_a_spoofed_hop_neither_passes_the_rule_nor_escapes_the_limit(proxied: Server) -> None:
    """Behind a proxy the rule and the limit on guesses go by the same address, whatever else is claimed.

    attack H02, attack A02
    """
    meeting = await proxied.meeting(**OPEN, region=ONLY_BRAZIL)
    await meeting.control("start")
    spoofed = {"X-Forwarded-For": f"{BR}, {DE}"}
    assert await turned_away(meeting, headers=spoofed, **knock(meeting)) == ("region_blocked", 4501)
    for number in range(GUESSES + 1):
        async with meeting.connect(headers={"X-Forwarded-For": f"203.0.113.{number}, {DE}"}) as client:
            code = await client.refused("join", name="Mia", passcode="wrong")
            assert code == ("rate_limited" if number == GUESSES else "wrong_passcode")
    async with meeting.connect(headers={"X-Forwarded-For": BR}) as client:
        await client.ask("join", **knock(meeting))
        assert client.place == "inside"


async def test_an_address_that_is_none_is_refused_and_not_guessed(proxied: Server) -> None:
    """What a trusted proxy says and what is no address lets nobody in, and the socket says why.

    attack H02
    """
    meeting = await proxied.meeting(**OPEN)
    await meeting.control("start")
    for hop in ("unknown", "198.51.100.7:4711", "198.51.100.256", "_hidden"):
        async with meeting.connect(headers={"X-Forwarded-For": hop}) as client:
            assert await client.refused("join", **knock(meeting)) == "malformed", hop
    assert (await meeting.get(""))["inside"] == 0
