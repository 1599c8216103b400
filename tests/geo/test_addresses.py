"""Reading addresses, and which of them no country database is asked about."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetingsim.geo.addresses import AddressInvalid, effective, in_plan, is_public


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:C000:0201", "192.0.2.1"),
        ("0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("::ffff:192.0.2.1%eth0", "192.0.2.1"),
        ("::192.0.2.1", "::c000:201"),
    ],
)
def test_an_address_is_read_in_its_shortest_form(text: str, canonical: str) -> None:
    assert str(effective(text)) == canonical


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_the_ipv4_address(address: IPv4Address) -> None:
    assert effective(f"::ffff:{address}") == effective(str(address)) == address


@given(st.ip_addresses(v=6))
def test_every_spelling_of_an_ipv6_address_is_one(address: IPv6Address) -> None:
    assert effective(address.exploded.upper()) == effective(str(address))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "192.0.2",
        "192.0.2.256",
        "192.0.02.1",
        " 192.0.2.1",
        "192.0.2.1\n",
        "192.0.2.1:443",
        "192.0.2.0/24",
        "[2001:db8::1]",
        "2001:db8::1::1",
        "fe80::1%",
        "3221225985",
        "host.example",
        "١٩٢.0.2.1",
        "\x1b[31m\x00\n" * 1000,
    ],
)
def test_garbage_is_refused_in_one_harmless_line(text: str) -> None:
    with pytest.raises(AddressInvalid) as caught:
        effective(text)
    message = str(caught.value)
    assert message.isascii()
    assert message.isprintable()
    assert len(message) < 500
    assert caught.value.text == text


@given(st.text())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        address = effective(text)
    except AddressInvalid:
        return
    assert effective(str(address)) == address


SPECIAL = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "::1/128",
    "::/96",
    "::ffff:0:0/96",
    "64:ff9b::/96",
    "100::/64",
    "2001::/32",
    "2001:20::/28",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
]


@pytest.mark.parametrize("network", SPECIAL)
def test_special_ranges_are_not_public_from_end_to_end(network: str) -> None:
    whole = ip_network(network)
    assert not is_public(whole.network_address)
    assert not is_public(whole.broadcast_address)


@pytest.mark.parametrize(
    "text",
    [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.88.98.255",
        "192.88.100.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "198.51.99.255",
        "198.51.101.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "2000::",
        "2000:ffff::1",
        "2001:200::",
        "2001:db7:ffff::1",
        "2001:db9::",
        "2003::",
        "2a00::1",
        "3ffe::1",
        "3fff:1000::",
    ],
)
def test_their_neighbours_are(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("239.255.255.255", False),
        ("240.0.0.0", True),
        ("255.255.255.255", True),
        ("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", False),
        ("2001:db8::", True),
        ("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", True),
        ("2001:db9::", False),
        ("::240.0.0.1", False),
    ],
)
def test_the_plan_has_two_ranges(text: str, inside: bool) -> None:
    assert in_plan(ip_address(text)) is inside
