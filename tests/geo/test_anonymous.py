"""Anonymisers, out of a user's own Anonymous-IP database."""

from pathlib import Path

import pytest

from meetingsim.geo.addresses import AddressInvalid
from meetingsim.geo.anonymous import AnonymousReader
from meetingsim.geo.database import GeoDatabaseError

from .conftest import Make, country

TYPE = "GeoIP2-Anonymous-IP"
NETWORK = "203.0.113.0/24"


@pytest.mark.parametrize(
    ("flags", "kind"),
    [
        (["is_anonymous", "is_anonymous_vpn"], "vpn"),
        (["is_anonymous", "is_public_proxy"], "proxy"),
        (["is_anonymous", "is_residential_proxy"], "proxy"),
        (["is_anonymous", "is_tor_exit_node"], "tor"),
        (["is_anonymous", "is_hosting_provider"], "hosting"),
        (["is_hosting_provider"], "hosting"),
        (["is_anonymous_vpn", "is_hosting_provider"], "vpn"),
        (["is_public_proxy", "is_hosting_provider"], "proxy"),
        (["is_tor_exit_node", "is_anonymous_vpn", "is_public_proxy"], "tor"),
        (["is_anonymous"], "proxy"),
        ([], None),
    ],
)
def test_the_most_telling_kind_is_named(flags: list[str], kind: str | None, make: Make) -> None:
    reader = AnonymousReader(make({NETWORK: dict.fromkeys(flags, True)}, TYPE))
    assert reader.kind("203.0.113.9") == kind
    assert reader.kind("::ffff:203.0.113.9") == kind
    reader.close()


def test_others_are_ordinary(make: Make) -> None:
    reader = AnonymousReader(make({NETWORK: {"is_anonymous_vpn": True}}, TYPE))
    assert reader.kind("198.51.100.1") is None
    assert reader.kind("2001:db8::1") is None


def test_ipv6_is_known_where_the_file_has_it(make: Make) -> None:
    networks = {"2001:db8::/32": {"is_tor_exit_node": True}}
    assert AnonymousReader(make(networks, TYPE)).kind("2001:db8::1") == "tor"
    ipv4_only = AnonymousReader(make({NETWORK: {"is_anonymous_vpn": True}}, TYPE, 4))
    assert ipv4_only.kind("2001:db8::1") is None
    assert ipv4_only.kind("203.0.113.9") == "vpn"


def test_garbage_is_refused(make: Make) -> None:
    reader = AnonymousReader(make({NETWORK: {"is_anonymous_vpn": True}}, TYPE))
    with pytest.raises(AddressInvalid):
        reader.kind("vpn.example")


def test_a_damaged_record_is_no_reason_to_fall(make: Make) -> None:
    path = make({NETWORK: {"is_anonymous_vpn": True, "ip_address": "twice"}}, TYPE)
    assert AnonymousReader(path).kind("203.0.113.9") is None


def test_another_file_is_one_line(make: Make, tmp_path: Path) -> None:
    with pytest.raises(GeoDatabaseError, match="'GeoLite2-Country', wanted is GeoIP2-Anonymous-IP"):
        AnonymousReader(make({NETWORK: country("BR")}))
    with pytest.raises(GeoDatabaseError, match="no such file"):
        AnonymousReader(tmp_path / "none.mmdb")
    with pytest.raises(GeoDatabaseError, match="records cannot be read"):
        AnonymousReader(make({"0.0.0.0/1": "a string"}, TYPE))
