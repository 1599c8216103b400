"""The networks whose country, or anonymity, a tester decided: a second database, before the real one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from meetingsim.clock import Clock
from meetingsim.geo.addresses import effective
from meetingsim.geo.anonymous import Kind
from meetingsim.journal.protocol import Journal, Row
from meetingsim.state.plain import build, plain

STREAM = "@networks"
"""Where the journal keeps them; no meeting's id looks like it."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What was said of a network: its country, None for unknown, and the anonymiser that it belongs to, if it does."""

    country: str | None = None
    anonymous: Kind | None = None


class Networks:
    """What was decided in a space, by network in CIDR notation. The longest prefix counts."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._seq = 0
        self._take({})

    async def open(self) -> None:
        """Reads what the journal has. Raises JournalUnavailable."""
        if rows := await self._journal.read(STREAM):
            self._seq = rows[-1].seq
            self._take({network: build(Decided, said) for network, said in rows[-1].data["networks"].items()})

    async def decide(self, networks: Mapping[str, Decided]) -> None:
        """Keeps them in place of those before. Raises JournalUnavailable and SeqConflict."""
        said = {network: plain(decided) for network, decided in networks.items()}
        row = Row(self._seq + 1, self._clock.now(), "networks_set", 1, {"networks": said}, None, {})
        await self._journal.append(STREAM, self._seq, [row])
        self._seq += 1
        self._take(networks)

    def countries(self) -> dict[str, str | None]:
        """The country of each network."""
        return {network: decided.country for network, decided in self.now.items()}

    def anonymous(self, address: str) -> Kind | None:
        """The anonymiser that an address was said to belong to. Raises AddressInvalid."""
        found = effective(address)
        return next((kind for network, kind in self._anonymous if found in network), None)

    def _take(self, networks: Mapping[str, Decided]) -> None:
        self.now = dict(networks)
        parsed: list[tuple[IPv4Network | IPv6Network, Kind | None]] = [
            (ip_network(network), decided.anonymous) for network, decided in networks.items()
        ]
        self._anonymous = sorted(parsed, key=lambda entry: -entry[0].prefixlen)
