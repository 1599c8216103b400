"""A user's own database: which are taken, how they are read, and the one line for one that cannot be used."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetingsim.geo import ATTRIBUTION
from meetingsim.geo.database import SHIPPED, GeoDatabaseError
from meetingsim.geo.lookup import CountryReader
from meetingsim.geo.plan import address_of

from .conftest import Make, country

NETWORK = "8.8.8.0/24"


def refusal(path: Path) -> str:
    with pytest.raises(GeoDatabaseError) as caught:
        CountryReader(path)
    message = str(caught.value)
    assert message.isprintable()
    assert repr(str(path)) in message
    assert caught.value.path == path
    return message


@pytest.mark.parametrize(
    ("database_type", "attribution"),
    [
        ("GeoIP2-Country", None),
        ("GeoLite2-Country", "MaxMind"),
        ("DBIP-Country-Lite", "DB-IP"),
        ("GeoIP2-City", None),
        ("GeoIP2-City-Europe", None),
        ("GeoLite2-City", "MaxMind"),
        ("DBIP-City-Lite", "DB-IP"),
        ("GeoIP2-Enterprise", None),
    ],
)
@pytest.mark.parametrize("ip_version", [4, 6])
def test_country_and_city_files_are_read(
    database_type: str, attribution: str | None, ip_version: int, make: Make
) -> None:
    reader = CountryReader(make({NETWORK: country("BR")}, database_type, ip_version))
    found = reader.locate("8.8.8.8")
    assert (found.country, found.continent, found.source) == ("BR", "SA", "database")
    assert found.database == reader.database == database_type
    assert found.built == reader.built == datetime.now(UTC).date().isoformat()
    assert (attribution in (reader.attribution or "")) if attribution else reader.attribution is None


def test_an_ipv4_only_file_leaves_ipv6_unknown(make: Make) -> None:
    reader = CountryReader(make({NETWORK: country("BR")}, ip_version=4))
    assert reader.locate("2a01:c000::1").country is None
    assert reader.locate("::ffff:8.8.8.8").country == "BR"


def test_the_plan_stays_whatever_the_own_file_says(make: Make) -> None:
    reader = CountryReader(make({NETWORK: country("BR"), "240.0.0.0/4": country("DE"), "10.0.0.0/8": country("DE")}))
    assert reader.locate(address_of("FR")).country == "FR"
    assert reader.locate("10.0.0.1").country is None
    assert reader.locate("255.255.255.255").country is None


@pytest.mark.parametrize(
    "record",
    [
        {"continent": {"code": "EU"}},
        {"registered_country": {"iso_code": "BR"}},
        {"represented_country": {"iso_code": "US", "type": "military"}, "continent": {"code": "EU"}},
        {"country": {}},
        {"country": {"iso_code": "EU"}},
        {"country": {"iso_code": "br"}},
        {"country": {"iso_code": "T1"}},
        {},
    ],
)
def test_a_record_without_a_country_is_unknown(record: dict[str, Any], make: Make) -> None:
    found = CountryReader(make({NETWORK: record})).locate("8.8.8.8")
    assert (found.country, found.continent, found.source) == (None, None, "none")
    assert found.database == "GeoLite2-Country"


@pytest.mark.parametrize(
    "record",
    [
        {"country": "BR"},
        {"country": {"iso_code": ["BR"]}},
        {"continent": ["SA"], "country": {"iso_code": "BR"}},
        "BR",
        7,
    ],
)
def test_damage_that_no_probe_meets_is_unknown(record: Any, make: Make) -> None:
    reader = CountryReader(make({NETWORK: record, "9.9.9.0/24": country("DE", "EU")}))
    assert (reader.locate("8.8.8.8").country, reader.locate("9.9.9.9").country) == (None, "DE")


def test_the_country_is_where_the_address_is_used(make: Make) -> None:
    record = {
        **country("DE", "EU"),
        "registered_country": {"iso_code": "BR"},
        "represented_country": {"iso_code": "US", "type": "military"},
    }
    assert CountryReader(make({NETWORK: record})).locate("8.8.8.8").country == "DE"


@pytest.mark.parametrize("continent", [{}, {"code": "XX"}, {"code": 7}])
def test_without_a_continent_the_table_s_is_taken(continent: dict[str, Any], make: Make) -> None:
    reader = CountryReader(make({NETWORK: {"country": {"iso_code": "NZ"}, "continent": continent}}))
    assert reader.locate("8.8.8.8").continent == "OC"


def test_a_continent_of_the_file_stands(make: Make) -> None:
    assert CountryReader(make({NETWORK: country("TR", "EU")})).locate("8.8.8.8").continent == "EU"


@pytest.mark.parametrize(
    "database_type", ["GeoLite2-ASN", "GeoIP2-ISP", "GeoIP2-Anonymous-IP", "country ipvAll", "", "\x1b[31m\nx" * 99]
)
def test_another_type_is_refused_by_name(database_type: str, make: Make) -> None:
    message = refusal(make({NETWORK: {"country_code": "BR"}}, database_type))
    assert ascii(database_type)[1:50] in message
    assert "GeoLite2-Country" in message


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.mmdb").endswith("there is no such file")


def test_a_folder_is_one_line(tmp_path: Path) -> None:
    assert refusal(tmp_path).endswith("Is a directory")


def test_an_unreadable_file_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    assert refusal(tmp_path / "secret.mmdb").endswith("Permission denied")


def test_a_name_with_a_line_feed_is_still_one_line(tmp_path: Path) -> None:
    assert refusal(tmp_path / "two\nlines.mmdb").endswith("there is no such file")


def test_a_name_that_no_file_can_have_is_one_line() -> None:
    assert refusal(Path("nul\0byte.mmdb")).endswith("it cannot be read")


def test_an_empty_file_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "empty.mmdb"
    path.touch()
    assert refusal(path).endswith("the file is empty")


def test_a_compressed_file_is_told_to_be_unpacked(make: Make, tmp_path: Path) -> None:
    packed = tmp_path / "packed.mmdb.gz"
    packed.write_bytes(gzip.compress(make({NETWORK: country("BR")}).read_bytes()))
    assert "unpack it" in refusal(packed)


@pytest.mark.parametrize("content", [b"nonsense", b"\xab\xcd\xefMaxMind.com", bytes(4096), b"\xff" * 4096])
def test_a_file_of_another_kind_is_one_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.mmdb"
    path.write_bytes(content)
    assert refusal(path).endswith("damaged, or not a MaxMind DB file")


@pytest.mark.parametrize("kept", [1, 0x1000, 0.25, 0.5, 0.75, 0.9999, -3, -1])
def test_a_truncated_file_is_one_line(kept: float, tmp_path: Path) -> None:
    whole = SHIPPED.read_bytes()
    path = tmp_path / "cut.mmdb"
    path.write_bytes(whole[: int(kept * len(whole)) if 0 < kept < 1 else int(kept)])
    assert "damaged" in refusal(path)


@pytest.mark.parametrize(("start", "end"), [(0.0, 0.1), (0.3, 0.4), (0.5, 0.500001), (0.9, 0.99)])
def test_a_file_with_a_piece_missing_is_one_line(start: float, end: float, tmp_path: Path) -> None:
    whole = SHIPPED.read_bytes()
    path = tmp_path / "holed.mmdb"
    path.write_bytes(whole[: int(start * len(whole))] + whole[int(end * len(whole)) :])
    assert "damaged" in refusal(path)


@pytest.mark.parametrize("start", [0.0, 0.3, 0.9])
def test_a_file_with_a_zeroed_piece_is_one_line(start: float, tmp_path: Path) -> None:
    whole = bytearray(SHIPPED.read_bytes())
    at, length = int(start * len(whole)), len(whole) // 12
    whole[at : at + length] = bytes(length)
    path = tmp_path / "zeroed.mmdb"
    path.write_bytes(whole)
    assert "damaged" in refusal(path)


def test_flat_records_under_a_country_type_are_refused(make: Make) -> None:
    message = refusal(make({"0.0.0.0/1": {"country_code": "BR"}}))
    assert "name no country" in message


def test_a_damaged_file_of_the_package_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "country.mmdb"
    broken.write_bytes(SHIPPED.read_bytes()[:-100])
    monkeypatch.setattr("meetingsim.geo.lookup.SHIPPED", broken)
    with pytest.raises(GeoDatabaseError, match="install the package again"):
        CountryReader()
    monkeypatch.setattr("meetingsim.geo.lookup.SHIPPED", tmp_path / "none.mmdb")
    with pytest.raises(GeoDatabaseError, match="no such file"):
        CountryReader()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_no_damage_raises_anything_else(data: st.DataObject, make: Make, tmp_path: Path) -> None:
    networks = {"0.0.0.0/2": country("BR"), "64.0.0.0/2": country("DE", "EU"), "2a00::/12": country("FR", "EU")}
    content = bytearray(make(networks).read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "flipped.mmdb"
    path.write_bytes(content)
    try:
        reader = CountryReader(path)
    except GeoDatabaseError:
        return
    for address in ("8.8.8.8", "91.0.0.1", "189.0.0.1", "2a01:c000::1", "2001:200::1"):
        found = reader.locate(address)
        assert (found.country is None) == (found.source == "none")


def test_the_shipped_file_passes_as_an_own_one() -> None:
    assert CountryReader(SHIPPED).attribution == ATTRIBUTION
