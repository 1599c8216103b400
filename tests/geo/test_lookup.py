"""The shipped database through the reader: real networks, unknown ones, overrides, and files that vanish."""

import shutil
from pathlib import Path

import pytest
from geoip2.database import Reader
from hypothesis import given
from hypothesis import strategies as st

from meetingsim.geo import ATTRIBUTION
from meetingsim.geo.addresses import AddressInvalid
from meetingsim.geo.countries import NAMES, UnknownCountry
from meetingsim.geo.database import SHIPPED
from meetingsim.geo.lookup import CountryReader, Located
from meetingsim.geo.plan import address_of

from .conftest import Make, country

# National incumbents' and carriers' own blocks, in their hands for decades.
REAL = [
    ("53.0.0.1", "DE", "EU"),
    ("91.0.0.1", "DE", "EU"),
    ("86.192.0.1", "FR", "EU"),
    ("79.0.0.1", "IT", "EU"),
    ("25.1.1.1", "GB", "EU"),
    ("126.64.0.1", "JP", "AS"),
    ("36.128.0.1", "CN", "AS"),
    ("121.128.0.1", "KR", "AS"),
    ("117.192.0.1", "IN", "AS"),
    ("189.128.0.1", "MX", "NA"),
    ("200.130.1.1", "BR", "SA"),
    ("196.25.1.1", "ZA", "AF"),
    ("175.45.176.1", "KP", "AS"),
    ("88.224.0.1", "TR", "AS"),
    ("8.8.8.8", "US", "NA"),
    ("91.187.96.1", "XK", "EU"),
    ("2003:c0::1", "DE", "EU"),
    ("2a01:c000::1", "FR", "EU"),
    ("2409:4000::1", "IN", "AS"),
    ("240b:10::1", "JP", "AS"),
    ("2001:b000::1", "TW", "AS"),
    ("2804:14c::1", "BR", "SA"),
    ("2600:1700::1", "US", "NA"),
]


@pytest.mark.parametrize(("address", "code", "continent"), REAL)
def test_a_real_network_is_in_its_country(address: str, code: str, continent: str, shipped: CountryReader) -> None:
    expected = Located(address, code, continent, "database", "DBIP-Country-Lite", shipped.built)
    assert shipped.locate(address) == expected


@pytest.mark.parametrize("address", [address for address, _, _ in REAL if "." in address])
def test_a_mapped_address_is_where_the_ipv4_address_is(address: str, shipped: CountryReader) -> None:
    assert shipped.locate(f"::ffff:{address}") == shipped.locate(address)


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3",
        "127.0.0.1",
        "169.254.1.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.1",
        "0.0.0.0",
        "224.0.0.1",
        "::ffff:10.1.2.3",
        "::ffff:192.0.2.1",
        "::",
        "::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "2002:808:808::1",
        "2001::1",
        "64:ff9b::808:808",
        "::8.8.8.8",
        "3fff::1",
    ],
)
def test_no_database_is_asked_about_special_addresses(address: str, shipped: CountryReader) -> None:
    found = shipped.locate(address)
    assert (found.country, found.continent, found.source) == (None, None, "none")
    assert (found.database, found.built) == (None, None)


def test_an_address_that_the_database_lacks_is_unknown_and_names_the_database(make: Make) -> None:
    reader = CountryReader(make({"8.8.8.0/24": country("BR")}))
    expected = Located("9.9.9.9", None, None, "none", "GeoLite2-Country", reader.built)
    assert reader.locate("9.9.9.9") == expected


def test_the_answer_spells_the_address_in_one_way(shipped: CountryReader) -> None:
    assert shipped.locate("fe80::1%eth0").address == "fe80::1"
    assert shipped.locate("2003:00C0:0::1").address == "2003:c0::1"


def test_garbage_is_refused(shipped: CountryReader) -> None:
    with pytest.raises(AddressInvalid):
        shipped.locate("8.8.8.8:443")


@given(st.ip_addresses())
def test_every_address_is_located_or_unknown(address: object) -> None:
    found = _READER.locate(str(address))
    assert (found.country is None) == (found.source == "none") == (found.continent is None)
    assert found.country is None or found.country in NAMES


_READER = CountryReader()


def test_the_data_says_its_age_and_its_maker(shipped: CountryReader) -> None:
    assert shipped.database == "DBIP-Country-Lite"
    assert shipped.built == "2026-06-01"
    assert shipped.attribution == ATTRIBUTION


def test_geoip2_s_own_reader_reads_the_shipped_file() -> None:
    with Reader(SHIPPED) as reader:
        german, american = reader.country("53.0.0.1"), reader.country("8.8.8.8")
    assert (german.country.iso_code, german.country.name) == ("DE", "Germany")
    assert (german.continent.code, german.continent.name) == ("EU", "Europe")
    assert german.country.is_in_european_union is True
    assert american.country.is_in_european_union is False


def test_overrides_come_first_and_the_longest_prefix_wins() -> None:
    reader = CountryReader(
        overrides={
            "203.0.113.0/24": "NL",
            "203.0.113.128/25": "BR",
            "2001:db8::/32": "FR",
            "8.8.8.8/32": None,
            "240.0.0.0/4": "IS",
        }
    )
    assert reader.locate("203.0.113.1") == Located("203.0.113.1", "NL", "EU", "override", None, None)
    assert reader.locate("::ffff:203.0.113.200").country == "BR"
    assert reader.locate(address_of("BR", version=6)).country == "FR"
    assert reader.locate(address_of("BR")).country == "IS"
    assert reader.locate("8.8.8.8") == Located("8.8.8.8", None, None, "override", None, None)
    assert reader.locate("8.8.4.4").source == "database"


def test_a_wrong_override_is_refused() -> None:
    with pytest.raises(UnknownCountry, match="did you mean GB"):
        CountryReader(overrides={"203.0.113.0/24": "UK"})
    with pytest.raises(ValueError, match="host bits set"):
        CountryReader(overrides={"203.0.113.1/24": "GB"})


@pytest.mark.parametrize("fate", ["deleted", "emptied", "overwritten"])
def test_a_file_may_vanish_while_it_is_in_use(fate: str, tmp_path: Path) -> None:
    path = tmp_path / "own.mmdb"
    shutil.copy(SHIPPED, path)
    reader = CountryReader(path)
    before = {address: reader.locate(address) for address, _, _ in REAL}
    if fate == "deleted":
        path.unlink()
    else:
        path.write_bytes(b"" if fate == "emptied" else bytes(path.stat().st_size))
    assert {address: reader.locate(address) for address in before} == before
    assert all(found.country for found in before.values())


def test_closing_twice_is_no_fault_and_a_late_look_up_is_unknown() -> None:
    reader = CountryReader()
    assert reader.locate("8.8.8.8").country == "US"
    reader.close()
    reader.close()
    assert reader.locate("8.8.8.8").country is None
