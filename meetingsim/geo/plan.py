"""The simulated address plan: a block of addresses for every country, in ranges that nobody can have.

A block follows from the two letters of the code alone, so that a country keeps its addresses in every
release: in 240.0.0.0/4 it is the /14 with the number that the letters make to base 26 (AA is 0), in
2001:db8::/32 the /48 whose third group is the letters in ASCII (BR is 2001:db8:4252::/48).
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Literal, TypedDict

from meetingsim.geo.addresses import PLAN_IPV4, PLAN_IPV6
from meetingsim.geo.countries import NAMES, UnknownCountry, hints_for, is_country

CAPACITY = 2**18 - 2
"""Addresses a country has, in either version; a block's first and last IPv4 address are left out."""

_SUBNETS = 2**16


class PlanCountry(TypedDict):
    """A country and its two blocks, in CIDR notation."""

    country: str
    name: str
    ipv4: str
    ipv6: str


class PlanIndexError(ValueError):
    """The index is not in 0 … CAPACITY - 1."""

    def __init__(self, index: int) -> None:
        self.index = index
        super().__init__(f"the plan has addresses 0 to {CAPACITY - 1} for a country, not {index}")


def address_of(country: str, index: int = 0, *, version: Literal[4, 6] = 4) -> str:
    """Returns the country's address number `index`, the same one always and everywhere.

    In IPv6 the first 65,536 each lie in a /64 of their own, as different households do.
    Raises UnknownCountry for a code that is not in NAMES, and PlanIndexError.
    """
    _check(country)
    if not 0 <= index < CAPACITY:
        raise PlanIndexError(index)
    if version == 4:
        return str(IPv4Address(int(ipv4_block(country).network_address) + 1 + index))
    host, subnet = divmod(index, _SUBNETS)
    return str(IPv6Address(int(ipv6_block(country).network_address) + (subnet << 64) + 1 + host))


def plan_of(country: str) -> PlanCountry:
    """Returns the country's name and blocks; raises UnknownCountry."""
    _check(country)
    return {
        "country": country,
        "name": NAMES[country],
        "ipv4": str(ipv4_block(country)),
        "ipv6": str(ipv6_block(country)),
    }


def ipv4_block(code: str) -> IPv4Network:
    """Returns the /14 of any two capital letters; the last, ZZ, ends far below the broadcast address."""
    first, second = (ord(letter) - ord("A") for letter in code)
    return IPv4Network((int(PLAN_IPV4.network_address) + (first * 26 + second << 18), 14))


def ipv6_block(code: str) -> IPv6Network:
    """Returns the /48 of any two capital letters."""
    return IPv6Network((int(PLAN_IPV6.network_address) + (int.from_bytes(code.encode("ascii")) << 80), 48))


def _check(country: str) -> None:
    if country not in NAMES:
        raise UnknownCountry(country, tuple(hint for hint in hints_for(country) if is_country(hint)))
