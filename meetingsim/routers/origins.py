"""Where a request comes from: the peer, what trusted proxies say, or what a tester simulates."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Protocol

from starlette.datastructures import Headers
from starlette.types import Scope

from meetingsim.chance import Chance
from meetingsim.geo.addresses import AddressInvalid
from meetingsim.geo.anonymous import AnonymousReader
from meetingsim.geo.lookup import CountryReader
from meetingsim.geo.plan import CAPACITY, address_of
from meetingsim.live.networks import Networks
from meetingsim.settings import ServerSettings, is_loopback
from meetingsim.state.control import Refuse
from meetingsim.state.meeting import Origin

FORWARDING = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"})
"""Headers, beside every ``x-forwarded-…``, by which a proxy says that the request is not its own."""
Address = IPv4Address | IPv6Address


class Where(Protocol):
    """The parts of a join or resume that say where the simulated person comes from."""

    @property
    def country(self) -> str | None: ...

    @property
    def address(self) -> str | None: ...


class Origins:
    """Finds an origin for every request, by the same readers for real and simulated people."""

    def __init__(
        self,
        settings: ServerSettings,
        countries: CountryReader,
        anonymous: AnonymousReader | None,
        networks: Networks,
        chance: Chance,
    ) -> None:
        self.countries = countries
        """Replaced where a tester decides the country of networks."""
        self._settings = settings
        self._anonymous = anonymous
        self._networks = networks
        self._chance = chance

    def close(self) -> None:
        """Gives the databases back."""
        self.countries.close()
        if self._anonymous is not None:
            self._anonymous.close()

    def of(self, address: str) -> Origin:
        """What is known of an address. Raises ``malformed`` for what is none."""
        try:
            located = self.countries.locate(address)
        except AddressInvalid as error:
            raise Refuse("malformed", str(error)) from None
        kind = self._networks.anonymous(located.address)
        if kind is None and self._anonymous:
            kind = self._anonymous.kind(located.address)
        return Origin(located.address, located.country, located.source, located.database, located.built, kind)

    def peer(self, scope: Scope) -> Origin:
        """The origin of the request itself; of a proxy chain the rightmost hop that is not trusted counts."""
        return self.of(self._effective(scope))

    def simulated(self, where: Where, scope: Scope, *, admin: bool) -> Origin | None:
        """The origin a tester asked for, or None. Raises ``not_permitted`` where that is not for this peer to say."""
        if where.country is None and where.address is None:
            return None
        if not (admin or self.may_simulate(scope)):
            raise Refuse("not_permitted", "Only a local client or the admin may say where somebody comes from.")
        if where.address is not None:
            if where.country is not None:
                raise Refuse("malformed", "Say a country or an address, not both.")
            return replace(self.of(where.address), simulated=True)
        try:
            address = address_of(str(where.country), self._chance.below(CAPACITY))
        except ValueError as error:
            raise Refuse("malformed", str(error)) from None
        return replace(self.of(address), simulated=True)

    def of_country(self, country: str, whose: str) -> Origin:
        """Somebody's address in a simulated country: the same person, the same address."""
        index = int.from_bytes(sha256(whose.encode()).digest()[:4]) % CAPACITY
        return replace(self.of(address_of(country, index)), simulated=True)

    def may_simulate(self, scope: Scope) -> bool:
        """Bound to loopback, asked from loopback, and no header that says the request came from elsewhere."""
        forwarded = any(name in FORWARDING or name.startswith("x-forwarded-") for name in Headers(scope=scope))
        return self._settings.loopback and is_loopback(_peer(scope)) and not forwarded

    def _effective(self, scope: Scope) -> str:
        said = ",".join(Headers(scope=scope).getlist("x-forwarded-for"))
        hops = [*filter(None, map(str.strip, said.split(","))), _peer(scope)]
        while len(hops) > 1 and self._trusted(hops[-1]):
            hops.pop()
        return hops[-1]

    def _trusted(self, hop: str) -> bool:
        try:
            address = ip_address(hop)
        except ValueError:
            return False
        plain = getattr(address, "ipv4_mapped", None) or address
        return any(plain.version == net.version and plain in net for net in self._settings.trusted_proxies)


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else "127.0.0.1"
