"""The simulated plan: code and file agree, every country has its blocks, and nothing else is in it."""

from ipaddress import ip_address, ip_network
from itertools import pairwise
from typing import Literal

import maxminddb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetingsim.geo.countries import CONTINENT_OF, NAMES, UnknownCountry
from meetingsim.geo.database import PLAN
from meetingsim.geo.lookup import CountryReader
from meetingsim.geo.plan import CAPACITY, PlanIndexError, address_of, plan_of

VERSIONS: tuple[Literal[4, 6], ...] = (4, 6)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("country", sorted(NAMES))
def test_a_country_s_addresses_are_located_there(country: str, version: Literal[4, 6], shipped: CountryReader) -> None:
    for index in (0, 1, 65_535, 65_536, CAPACITY - 1):
        found = shipped.locate(address_of(country, index, version=version))
        assert (found.country, found.continent) == (country, CONTINENT_OF[country])
        assert (found.source, found.database) == ("plan", "Meetingsim-Plan-Country")


def test_the_file_holds_the_blocks_and_nothing_else() -> None:
    with maxminddb.open_database(PLAN, maxminddb.MODE_MEMORY) as file:
        held = {(str(network), record["country"]["iso_code"]) for network, record in file}
    drawn = {(block, code) for code in NAMES for block in (plan_of(code)["ipv4"], plan_of(code)["ipv6"])}
    assert held == drawn


@pytest.mark.parametrize(("key", "whole"), [("ipv4", "240.0.0.0/4"), ("ipv6", "2001:db8::/32")])
def test_the_blocks_lie_in_the_range_and_apart(key: Literal["ipv4", "ipv6"], whole: str) -> None:
    blocks = sorted(ends(plan_of(code)[key]) for code in NAMES)
    assert all(before[1] < after[0] for before, after in pairwise(blocks))
    assert ends(whole)[0] <= blocks[0][0]
    assert blocks[-1][1] < ends(whole)[1]


def ends(network: str) -> tuple[int, int]:
    whole = ip_network(network)
    return int(whole.network_address), int(whole.broadcast_address)


def test_the_addresses_never_change() -> None:
    assert plan_of("BR") == {
        "country": "BR",
        "name": "Brazil",
        "ipv4": "240.172.0.0/14",
        "ipv6": "2001:db8:4252::/48",
    }
    assert [address_of("BR"), address_of("BR", 300)] == ["240.172.0.1", "240.172.1.45"]
    assert address_of("BR", version=6) == "2001:db8:4252::1"
    assert address_of("BR", 1, version=6) == "2001:db8:4252:1::1"
    assert address_of("BR", 65_536, version=6) == "2001:db8:4252::2"
    assert plan_of("ZW")["ipv4"] == "250.128.0.0/14"


@given(
    st.sampled_from(sorted(NAMES)),
    st.sampled_from(VERSIONS),
    st.lists(st.integers(0, CAPACITY - 1), min_size=2, max_size=50, unique=True),
)
def test_no_address_is_given_twice(country: str, version: Literal[4, 6], indexes: list[int]) -> None:
    assert len({address_of(country, index, version=version) for index in indexes}) == len(indexes)


def test_the_first_addresses_of_ipv6_are_different_households() -> None:
    households = {int(ip_address(address_of("BR", index, version=6))) >> 64 for index in range(65_536)}
    assert len(households) == 65_536


@pytest.mark.parametrize(
    "address",
    [
        "240.0.0.1",  # AA
        "240.4.0.1",  # AB
        "250.132.0.0",  # ZX
        "251.0.0.1",
        "255.255.255.255",
        "2001:db8::1",
        "2001:db8:1::1",
        "2001:db8:4142::1",  # AB
        "2001:db8:ffff::1",
        "::ffff:240.0.0.1",
        "::240.172.0.1",
    ],
)
def test_the_rest_of_the_ranges_is_unknown(address: str, shipped: CountryReader) -> None:
    found = shipped.locate(address)
    assert (found.country, found.continent, found.source) == (None, None, "none")


def test_a_plan_address_may_come_mapped(shipped: CountryReader) -> None:
    assert shipped.locate(f"::ffff:{address_of('BR')}") == shipped.locate(address_of("BR"))


@pytest.mark.parametrize("index", [-1, CAPACITY, 10**9])
@pytest.mark.parametrize("version", VERSIONS)
def test_an_index_out_of_range_is_refused(index: int, version: Literal[4, 6]) -> None:
    with pytest.raises(PlanIndexError, match=f"0 to {CAPACITY - 1}"):
        address_of("BR", index, version=version)


@pytest.mark.parametrize(("code", "hints"), [("UK", ("GB",)), ("br", ("BR",)), ("EU", ()), ("eu", ())])
def test_an_unknown_country_is_refused(code: str, hints: tuple[str, ...]) -> None:
    for ask in (address_of, plan_of):
        with pytest.raises(UnknownCountry) as caught:
            ask(code)
        assert caught.value.hints == hints
