"""Countries over HTTP and at the door: the shipped database, a database of one's own, and the simulated plan."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet  # type: ignore[import-untyped]  # netaddr ships no types

from meetingsim.geo.database import GeoDatabaseError
from tests.wire import Server, running

pytestmark = pytest.mark.anyio
# A database is asked about public addresses alone, and no documentation range is one.
IN_BR, IN_DE, IN_NONE = "8.8.8.8", "9.9.9.9", "1.1.1.1"


def database(folder: Path, type: str, records: dict[str, Any]) -> Path:
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type=type, languages=["en"], description="test")
    for network, record in records.items():
        writer.insert_network(IPSet([network]), record)
    path = folder / f"{type}.mmdb"
    writer.to_db_file(str(path))
    return path


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a country database and an anonymous-IP database of its own."""
    folder = tmp_path_factory.mktemp("databases")
    countries = {
        "8.8.8.0/24": {"country": {"iso_code": "BR"}, "continent": {"code": "SA"}},
        "9.9.9.0/24": {"country": {"iso_code": "DE"}, "continent": {"code": "EU"}},
    }
    anonymous = {"9.9.9.0/24": {"is_anonymous": True, "is_anonymous_vpn": True}}
    with running(
        limits="off",
        geoip_db=database(folder, "GeoIP2-Country", countries),
        anonymous_db=database(folder, "GeoIP2-Anonymous-IP", anonymous),
    ) as one:
        yield one


async def located(server: Server, path: str) -> httpx2.Response:
    async with server.http() as client:
        return await client.get(f"/geo/{path}")


async def test_a_country_and_where_that_is_known_from(server: Server) -> None:
    found = (await located(server, IN_BR)).json()
    assert set(found) >= {"address", "country", "continent", "source", "database", "built"}
    assert (found["address"], found["source"]) == (IN_BR, "database")
    assert found["database"].startswith("DBIP-Country")
    assert found["attribution"]


@pytest.mark.parametrize("address", ["192.0.2.1", "10.0.0.1", "127.0.0.1", "::1", "fe80::1%25eth0"])
async def test_what_nobody_can_know(server: Server, address: str) -> None:
    found = (await located(server, address)).json()
    assert (found["country"], found["continent"], found["source"]) == (None, None, "none")
    assert (found["database"], found["built"]) == (None, None)


@pytest.mark.parametrize("address", ["256.0.0.1", "8.8.8", "8.8.8.8:80", "8.8.8.0%2F24", "me", "%00"])
async def test_what_is_no_address(server: Server, address: str) -> None:
    response = await located(server, address)
    assert (response.status_code, response.json()["code"]) in {(422, "malformed"), (404, "not_found")}


async def test_the_plan_of_a_country_and_back(server: Server) -> None:
    plan = (await located(server, "plan/BR")).json()
    assert (plan["country"], plan["name"]) == ("BR", "Brazil")
    for block in (plan["ipv4"], plan["ipv6"]):
        first = block.partition("/")[0].removesuffix(".0") + (".1" if "." in block else "1")
        found = (await located(server, first)).json()
        assert (found["country"], found["continent"], found["source"]) == ("BR", "SA", "plan")
    for unknown in ("XX", "br", "EU"):
        response = await located(server, f"plan/{unknown}")
        assert (response.status_code, response.json()["code"]) == (422, "malformed")


async def test_a_database_of_ones_own_is_asked(own: Server) -> None:
    for address, country in ((IN_BR, "BR"), (IN_DE, "DE"), (IN_NONE, None)):
        found = (await located(own, address)).json()
        assert (found["country"], found["database"]) == (country, "GeoIP2-Country")
        assert found["source"] == ("database" if country else "none")
        assert found["built"]
    async with httpx2.AsyncClient(verify=False) as client:
        health = (await client.get(f"{own.url}/health")).json()
    assert health["geo"]["database"] == "GeoIP2-Country"


async def test_the_region_rule_is_judged_by_it(own: Server) -> None:
    meeting = await own.meeting(region={"mode": "deny", "countries": ["BR"], "unknown": "allow"})
    async with meeting.host(), meeting.connect() as ana, meeting.guest("Dora", address=IN_DE) as dora:
        assert dora.place == "waiting"
        join = {"name": "Ana", "passcode": meeting.made["passcode"], "address": IN_BR}
        reply = await ana.reply(await ana.send("join", **join))
        assert (reply["error"]["code"], reply["error"]["country"]) == ("region_blocked", "BR")
        assert (await ana.closed())[0] == 4501
    (refused,) = await meeting.journal("entry_refused")
    assert {name: refused["because"][name] for name in ("country", "source", "database", "address")} == {
        "country": "BR",
        "source": "database",
        "database": "GeoIP2-Country",
        "address": IN_BR,
    }


async def test_anonymisers_are_recognised_by_their_own_database(own: Server) -> None:
    meeting = await own.meeting(region={"mode": "approve", "countries": ["DE"], "anonymous": "deny"})
    async with meeting.host(), meeting.connect() as dora:
        join = {"name": "Dora", "passcode": meeting.made["passcode"], "address": IN_DE}
        assert await dora.refused("join", **join) == "region_blocked"
    (refused,) = await meeting.journal("entry_refused")
    assert (refused["because"]["anonymous"], refused["because"]["country"]) == ("vpn", "DE")


@pytest.mark.parametrize("setting", ["geoip_db", "anonymous_db"])
def test_a_database_of_the_wrong_type_starts_nothing(tmp_path: Path, setting: str) -> None:
    other = "GeoIP2-Anonymous-IP" if setting == "geoip_db" else "GeoIP2-Country"
    path = database(tmp_path, other, {"8.8.8.0/24": {"country": {"iso_code": "BR"}}})
    with pytest.raises(GeoDatabaseError) as caught, running(**{setting: path}):
        pass
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
