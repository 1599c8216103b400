"""Attacks on region rules, on the wire: addresses that lie, that nobody knows, or that change; rules that change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from meetingsim.geo.database import GeoDatabaseError
from meetingsim.geo.plan import address_of
from tests.attacks.stage import (
    OPEN,
    answer_at_door,
    knock,
    resume_refused,
    resumed,
    together,
    turned_away,
    types,
    write_database,
)
from tests.wire import Meeting, Server, running

pytestmark = pytest.mark.anyio

ONLY_BRAZIL = {"mode": "approve", "countries": ["BR"]}
NOT_BRAZIL = {"mode": "deny", "countries": ["BR"], "unknown": "allow"}
BR, DE = address_of("BR", 5), address_of("DE", 5)


# Where nobody knows.


@pytest.mark.parametrize(("unknown", "outcome"), [("allow", "inside"), ("wait", "waiting"), ("deny", "region_blocked")])
@pytest.mark.parametrize("address", ["192.168.1.20", "198.51.100.7", "fe80::1", "100.64.0.1", None])
async def test_an_unknown_country_follows_its_own_rule(
    server: Server, unknown: str, outcome: str, address: str | None
) -> None:
    """Private, documentation, shared and local addresses are unknown, and the setting decides; by default they are denied.

    attack H04
    """
    rule = {**ONLY_BRAZIL, "unknown": unknown}
    meeting = await server.meeting(**OPEN, region=rule if unknown != "deny" else ONLY_BRAZIL)
    await meeting.control("start")
    where = {"address": address} if address else {}
    assert await answer_at_door(meeting, **knock(meeting, **where)) == outcome
    if outcome == "waiting":
        (row,) = (await meeting.get("/waiting-room"))["waiting"]
        assert (row["why"], row["country"]) == ("region", None)


async def test_every_spelling_of_an_address_has_its_country(server: Server) -> None:
    """An IPv4 address written as IPv6 is no way around a rule.

    attack H04
    """
    meeting = await server.meeting(**OPEN, region=NOT_BRAZIL)
    await meeting.control("start")
    spellings = [BR, f"::ffff:{BR}", f"0:0:0:0:0:ffff:{BR}", address_of("BR", 5, version=6)]
    for address in spellings:
        assert await turned_away(meeting, **knock(meeting, address=address)) == ("region_blocked", 4501), address


# What the refused are told.


async def test_the_refused_learn_their_own_country_and_not_the_list(server: Server) -> None:
    """The answer is the same whichever countries pass, so that nobody finds out by asking.

    attack H10
    """
    heard = []
    for region in (ONLY_BRAZIL, {"mode": "approve", "countries": ["FR", "JP"]}, {"mode": "deny", "countries": ["DE"]}):
        meeting = await server.meeting(**OPEN, region=region)
        await meeting.control("start")
        async with meeting.connect() as client:
            reply = await client.reply(await client.send("join", **knock(meeting, country="DE")))
            heard.append((reply["error"], await client.closed()))
    assert heard[0] == heard[1] == heard[2]
    error, end = heard[0]
    assert (error["code"], error["country"], end) == ("region_blocked", "DE", (4501, []))
    assert not any(country in str(error) for country in ("BR", "FR", "JP", "approve", "deny"))


async def test_participants_learn_neither_the_rule_nor_anybodys_country(server: Server) -> None:
    """The list, its changes, and where people come from are in the hosts' frames alone.

    attack H10
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", country="DE") as (host, mia):
        await host.ask("set_region_rule", mode="approve", countries=["DE", "BR"])
        async with meeting.guest("Noa", country="BR") as noa:
            await host.event("origin_known", participant=noa.id, country="BR")
            assert await answer_at_door(meeting, **knock(meeting, "Ida", country="FR")) == "region_blocked"
            await host.event("entry_refused", country="FR")
            await mia.settle()
            told = str(mia.frames) + str(noa.frames)
            assert not any(f"'{country}'" in told for country in ("DE", "BR", "FR"))
            assert "region_rule_set" in types(host.frames)
            assert "region_rule_set" not in types(mia.frames)


# Anonymisers.


async def test_an_anonymiser_in_an_approved_country_is_judged_as_one(tmp_path: Path) -> None:
    """With a database of anonymisers their class can be denied or made to wait, and the journal says which it was.

    attack H01
    """
    tor, vpn, plain = address_of("BR", 1), address_of("BR", 2), address_of("BR", 3)
    networks = {f"{tor}/32": {"is_tor_exit_node": True}, f"{vpn}/32": {"is_anonymous_vpn": True}}
    database = write_database(tmp_path / "anonymous.mmdb", networks, "GeoIP2-Anonymous-IP")
    with running(limits="off", anonymous_db=database) as server:
        for anonymous, outcome in (("allow", "inside"), ("wait", "waiting"), ("deny", "region_blocked")):
            meeting = await server.meeting(**OPEN, region={**ONLY_BRAZIL, "anonymous": anonymous})
            await meeting.control("start")
            seen = [
                await answer_at_door(meeting, **knock(meeting, f"At {address}", address=address))
                for address in (tor, vpn, plain)
            ]
            assert seen == [outcome, outcome, "inside"]
            rows = await meeting.journal("joined", "joined_waiting_room", "entry_refused")
            assert [row["because"].get("anonymous") for row in rows] == ["tor", "vpn", None]
            assert {row["because"]["country"] for row in rows} == {"BR"}
            assert all({"source", "database", "built"} <= row["because"].keys() for row in rows)


# Rules that change.


async def start_of_a_change(meeting: Meeting, present: str) -> None:
    """A Brazilian inside and one waiting; then the rule turns against them."""
    response = await meeting.control("set_region_rule", **NOT_BRAZIL, present=present)
    assert response.status_code == 200


@pytest.mark.parametrize("present", ["keep", "put_in_waiting_room", "remove"])
async def test_a_new_rule_says_what_becomes_of_those_here(server: Server, present: str) -> None:
    """Those from a country that is denied now stay, are put back, or are removed, as the host said; nobody else is touched.

    attack H06
    """
    meeting = await server.meeting()
    async with (
        together(meeting, "Inside", country="BR") as (host, inside),
        meeting.guest("Waiting", country="BR") as waiting,
        meeting.guest("Other", country="DE") as other,
    ):
        await host.ask("admit", participant=other.id)
        await other.placed("inside")
        await start_of_a_change(meeting, present)
        if present == "keep":
            await inside.ask("chat", text="still here")
            await other.event("message")
        elif present == "put_in_waiting_room":
            await inside.placed("waiting")
            before = len(inside.frames)
            await host.ask("chat", text="without them")
            await other.event("message", text="without them")
            await inside.settle()
            assert types(inside.frames[before:]) == ["reply"]
        else:
            assert (await inside.closed())[0] == 4500
            assert (await waiting.closed())[0] == 4500
            await other.event("removed", participant=inside.id)
        if present != "remove":
            # Whoever waits is not let in against the rule.
            assert await host.refused("admit", participant=waiting.id) == "region_blocked"
            await waiting.settle()
            assert waiting.place == "waiting"
        await other.settle()
        assert other.place == "inside"


@pytest.mark.parametrize("present", ["keep", "put_in_waiting_room", "remove"])
async def test_a_new_rule_holds_for_everybody_who_comes_back(server: Server, present: str) -> None:
    """Joining and resuming are judged by the rule as it is now, whatever was said about those who were here.

    attack H06
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", country="BR") as (_, mia):
        await start_of_a_change(meeting, present)
        await mia.socket.close()
        expected = ("removed", 4503) if present == "remove" else ("region_blocked", 4501)
        assert await resume_refused(meeting, mia) == expected
        assert await answer_at_door(meeting, **knock(meeting, "New", country="BR")) == "region_blocked"


async def test_roaming_into_a_denied_country_is_noticed_on_resume(server: Server) -> None:
    """A session is no passport: who comes back from a denied country is refused, and from an approved one let on.

    attack H06
    """
    meeting = await server.meeting(**OPEN, region=NOT_BRAZIL)
    async with together(meeting, "Mia", country="DE") as (host, mia), resumed(meeting, mia, country="FR") as back:
        await back.settle()
        await host.event("origin_known", participant=mia.id, country="FR")
        assert await resume_refused(meeting, mia, country="BR") == ("region_blocked", 4501)
        # The one who holds the seat is not thrown out by somebody else's failing try.
        await back.ask("chat", text="still here")


async def test_the_host_is_never_locked_out_by_the_own_rule(server: Server) -> None:
    """Who holds the host token comes in from anywhere and stays, whatever the rule says of those present.

    attack H06
    """
    meeting = await server.meeting(**OPEN, region=NOT_BRAZIL)
    async with meeting.host(country="BR") as host:
        await host.ask("set_region_rule", **NOT_BRAZIL, present="remove")
        assert host.place == "inside"
        async with resumed(meeting, host, country="BR") as back:
            await back.settle()


# The database.


async def test_a_country_file_that_vanishes_or_changes_while_running_changes_nothing(tmp_path: Path) -> None:
    """Deleted, cut short or swapped, the file that was read at the start goes on deciding, with its name and its day.

    attack H07
    """
    address, brazil = "8.8.8.8", {"country": {"iso_code": "BR"}, "continent": {"code": "SA"}}
    germany = {"country": {"iso_code": "DE"}, "continent": {"code": "EU"}}
    path = write_database(tmp_path / "own.mmdb", {"8.8.8.0/24": brazil}, "GeoLite2-Country")
    with running(limits="off", geoip_db=path) as server:
        meeting = await server.meeting(**OPEN, region=ONLY_BRAZIL)
        await meeting.control("start")

        async def seen() -> tuple[str, dict[str, Any], dict[str, Any]]:
            place = await answer_at_door(meeting, **knock(meeting, address=address))
            last = (await meeting.journal("joined"))[-1]["because"]
            async with server.http() as client:
                base = client.base_url.copy_with(path="/health")
                health = (await client.get(base)).json()["geo"]
            return place, {name: last[name] for name in ("country", "source", "database", "built")}, health

        before = await seen()
        assert before[0] == "inside"
        assert (before[1]["country"], before[1]["database"]) == ("BR", "GeoLite2-Country")
        assert before[2]["built"] == before[1]["built"]
        path.write_bytes(path.read_bytes()[:100])
        assert await seen() == before
        path.unlink()
        assert await seen() == before
        write_database(path, {"8.8.8.0/24": germany}, "GeoLite2-Country")
        assert await seen() == before


def test_a_server_does_not_start_on_a_country_file_that_is_missing(tmp_path: Path) -> None:
    """It says which file, instead of running with rules that let everybody or nobody in.

    attack H07
    """
    with (
        pytest.raises(GeoDatabaseError, match=r"gone\.mmdb.*there is no such file"),
        running(geoip_db=tmp_path / "gone.mmdb"),
    ):
        pass
