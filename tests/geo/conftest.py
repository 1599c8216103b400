"""Small databases, made on the spot, and one reader of the shipped files."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet  # type: ignore[import-untyped]  # netaddr ships no types

from meetingsim.geo.lookup import CountryReader


class Make(Protocol):
    def __call__(self, networks: Mapping[str, Any], database_type: str = ..., ip_version: int = ...) -> Path: ...


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes a MaxMind DB file with a record for each network and returns its path."""
    made = 0

    def write(networks: Mapping[str, Any], database_type: str = "GeoLite2-Country", ip_version: int = 6) -> Path:
        nonlocal made
        made += 1
        writer = MMDBWriter(
            ip_version=ip_version,
            ipv4_compatible=ip_version == 6,
            database_type=database_type,
            languages=["en"],
            description="made by a test",
        )
        for network, record in networks.items():
            writer.insert_network(IPSet([network]), record)
        path = tmp_path / f"made-{made}.mmdb"
        writer.to_db_file(str(path))
        return path

    return write


@pytest.fixture(scope="session")
def shipped() -> Iterator[CountryReader]:
    reader = CountryReader()
    yield reader
    reader.close()


def country(code: str, continent: str = "SA") -> dict[str, Any]:
    return {"country": {"iso_code": code}, "continent": {"code": continent}}
