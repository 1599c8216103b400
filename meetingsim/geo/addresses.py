"""Reads addresses as text and says which of them a country database may be asked about."""

from bisect import bisect_right
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address

PLAN_IPV4 = IPv4Network("240.0.0.0/4")
"""Reserved by RFC 1112: no packet from there reaches anybody, so the simulated plan may live there."""

PLAN_IPV6 = IPv6Network("2001:db8::/32")
"""The documentation prefix of RFC 3849."""

# The IANA special-purpose registries. Written down, because `ipaddress` answers differently from one
# Python version to the next. PLAN_IPV4 and PLAN_IPV6 are in it: no country database speaks for them.
_SPECIAL_IPV4 = (
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
    "224.0.0.0/3",
)
# Only 2000::/3 is given to anybody. In it: protocol assignments with Teredo, documentation, 6to4.
_SPECIAL_IPV6 = (
    "::/3",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "4000::/2",
    "8000::/1",
)


class AddressInvalid(ValueError):
    """The text is no IPv4 or IPv6 address; a port, a prefix length and brackets are none of an address."""

    def __init__(self, text: str) -> None:
        self.text = text
        # One line that no terminal obeys, however long or odd the input is.
        shown = text if len(text) <= 64 else text[:64] + "..."
        super().__init__(f"{shown!a} is not an IP address")


def effective(text: str) -> Address:
    """Returns the address that `text` stands for: IPv4-mapped IPv6 unmapped, a scope id (`%eth0`) taken off.

    Two spellings of one address give equal values, so this is also what to compare addresses by.
    """
    try:
        if ":" not in text:
            return IPv4Address(text)
        address = IPv6Address(text)
    except ValueError:
        raise AddressInvalid(text) from None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address if address.scope_id is None else IPv6Address(int(address))


def in_plan(address: Address) -> bool:
    """Says whether the address lies in the plan's ranges; it may still be no country's there."""
    if isinstance(address, IPv4Address):
        return int(address) >> 28 == 0xF
    return int(address) >> 96 == 0x20010DB8


def is_public(address: Address) -> bool:
    """Says whether the address can be somebody's on the internet; no database is asked about any other."""
    starts, ends = _RANGES[address.version]
    number = int(address)
    before = bisect_right(starts, number) - 1
    return before < 0 or number > ends[before]


def _ranges(networks: tuple[str, ...]) -> tuple[list[int], list[int]]:
    parsed = [ip_network(text) for text in networks]
    return [int(net.network_address) for net in parsed], [int(net.broadcast_address) for net in parsed]


_RANGES = {4: _ranges(_SPECIAL_IPV4), 6: _ranges(_SPECIAL_IPV6)}
