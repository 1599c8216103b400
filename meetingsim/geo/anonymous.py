"""Says whether an address belongs to an anonymiser, from a user's own Anonymous-IP database."""

from pathlib import Path
from typing import Literal

from geoip2.errors import AddressNotFoundError
from geoip2.models import AnonymousIP

from meetingsim.geo.addresses import Address, effective
from meetingsim.geo.database import built_on, open_own, probe

Kind = Literal["vpn", "proxy", "tor", "hosting"]

_TYPE = "GeoIP2-Anonymous-IP"


class AnonymousReader:
    """Reads a GeoIP2-Anonymous-IP file (none is shipped); raises GeoDatabaseError if it cannot be used."""

    def __init__(self, path: Path) -> None:
        self._reader = open_own(path, types=(_TYPE,), wanted=_TYPE)
        self.built = built_on(self._reader)
        probe(path, self._reader, self._record)

    def kind(self, address: str) -> Kind | None:
        """Returns the most telling of tor, vpn, proxy, hosting, in this order; None for an ordinary address.

        An address marked anonymous and nothing more is a `proxy`. Raises AddressInvalid for other text.
        """
        found = effective(address)
        try:
            record = self._record(found)
        except Exception:
            # As in a country look-up: damage must not take the door with it, nor IPv6 in an IPv4 file.
            return None
        return _kind(record) if record else None

    def close(self) -> None:
        """Gives the file back; do not ask afterwards."""
        self._reader.close()

    def _record(self, address: Address) -> AnonymousIP | None:
        try:
            return self._reader.anonymous_ip(address)
        except AddressNotFoundError:
            return None


def _kind(record: AnonymousIP) -> Kind | None:
    if record.is_tor_exit_node:
        return "tor"
    if record.is_anonymous_vpn:
        return "vpn"
    if record.is_public_proxy or record.is_residential_proxy:
        return "proxy"
    if record.is_hosting_provider:
        return "hosting"
    return "proxy" if record.is_anonymous else None
