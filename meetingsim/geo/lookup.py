"""Says which country an address belongs to, and where that is known from."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal, Self

from geoip2.database import Reader
from geoip2.errors import AddressNotFoundError
from geoip2.models import Country

from meetingsim.geo import ATTRIBUTION
from meetingsim.geo.addresses import Address, effective, in_plan, is_public
from meetingsim.geo.countries import CONTINENT_NAMES, CONTINENT_OF, NAMES, UnknownCountry, hints_for, is_country
from meetingsim.geo.database import (
    PLAN,
    SHIPPED,
    GeoDatabaseError,
    built_on,
    open_own,
    open_shipped,
    probe,
)

Source = Literal["database", "plan", "override", "none"]
Override = tuple[IPv4Network | IPv6Network, str | None]

_TYPES = ("Country", "City", "Enterprise")
_WANTED = "a country or city database (GeoIP2-Country, GeoLite2-Country, DBIP-Country-Lite, GeoLite2-City, …)"
_MAXMIND = "This product includes GeoLite2 Data created by MaxMind, available from https://www.maxmind.com"


@dataclass(frozen=True, slots=True)
class Located:
    """What is known of an address, which is written in its shortest form, without mapping or scope.

    `country` None is unknown. Unless an override says so, `source` is then `none`; `database` and `built` (an
    ISO date) name the file that was asked in vain, or are None where none was: for private, documentation and
    other special ranges.
    """

    address: str
    country: str | None
    continent: str | None
    source: Source
    database: str | None
    built: str | None


class CountryReader:
    """Locates addresses: overrides first, then the simulated plan in its ranges, else the country database.

    `database` is a user's own MaxMind DB file, None the shipped one; a file that cannot be used raises
    GeoDatabaseError here and never later. `overrides` maps networks in CIDR notation to a country, or to
    None for unknown; the longest prefix wins. They raise ValueError, for a country UnknownCountry.
    """

    def __init__(self, database: Path | None = None, *, overrides: Mapping[str, str | None] | None = None) -> None:
        self._overrides = _parsed(overrides or {})
        self._plan = _CountryFile(open_shipped(PLAN))
        self._database = _CountryFile(open_shipped(SHIPPED)) if database is None else _own(database)

    def with_overrides(self, overrides: Mapping[str, str | None]) -> Self:
        """Returns a reader with other overrides, over the same open files; only the first one may close them."""
        other = copy(self)
        other._overrides = _parsed(overrides)
        return other

    @property
    def database(self) -> str:
        """The type that the country database says it has, which names its maker."""
        return self._database.name

    @property
    def built(self) -> str:
        """The day the country database was built, as an ISO date."""
        return self._database.built

    @property
    def attribution(self) -> str | None:
        """The line that the data's licence wants beside its results; None if the maker asks for none."""
        if self.database.startswith("DBIP"):
            return ATTRIBUTION
        return _MAXMIND if self.database.startswith("GeoLite2") else None

    def locate(self, address: str) -> Located:
        """Returns what is known of an address; raises AddressInvalid for other text, and nothing else."""
        found = effective(address)
        for network, country in self._overrides:
            if found in network:
                continent = CONTINENT_OF[country] if country else None
                return Located(str(found), country, continent, "override", None, None)
        if in_plan(found):
            return self._plan.locate(found, "plan")
        if is_public(found):
            return self._database.locate(found, "database")
        return Located(str(found), None, None, "none", None, None)

    def close(self) -> None:
        """Gives the files back; do not locate afterwards."""
        self._plan.close()
        self._database.close()


class _CountryFile:
    """One opened database, with what its answers have in common."""

    def __init__(self, reader: Reader) -> None:
        meta = reader.metadata()
        self.reader = reader
        self.name = str(meta.database_type)
        self.built = built_on(reader)
        # geoip2 has a method for each family of types and refuses the others.
        if "Country" in self.name:
            self._ask = reader.country
        else:
            self._ask = reader.city if "City" in self.name else reader.enterprise

    def record(self, address: Address) -> Country | None:
        """Returns the record of an address, None without one; damage raises anything, IPv6 in an IPv4 file ValueError."""
        try:
            return self._ask(address)
        except AddressNotFoundError:
            return None

    def locate(self, address: Address, source: Source) -> Located:
        try:
            named = self._named(address)
        except Exception:
            # Damage that no probe met, or IPv6 in an IPv4 file: a door that cannot tell must still answer.
            named = None
        if named is None:
            return Located(str(address), None, None, "none", self.name, self.built)
        country, continent = named
        return Located(str(address), country, continent, source, self.name, self.built)

    def _named(self, address: Address) -> tuple[str, str] | None:
        model = self.record(address)
        # Only `country` counts, where the address is used: the registered country is its owner's seat, the
        # represented one a flag over a base abroad.
        country = model.country.iso_code if model else None
        if model is None or country is None or not is_country(country):
            return None
        continent = model.continent.code
        if continent is None or continent not in CONTINENT_NAMES:
            continent = CONTINENT_OF[country]
        return country, continent

    def close(self) -> None:
        self.reader.close()


def _own(path: Path) -> _CountryFile:
    file = _CountryFile(open_own(path, types=_TYPES, wanted=_WANTED))
    records = probe(path, file.reader, file.record)
    if records and not any(record.country.iso_code for record in records):
        raise GeoDatabaseError(path, "its records name no country in the form of GeoIP2-Country")
    return file


def _parsed(overrides: Mapping[str, str | None]) -> list[Override]:
    for country in overrides.values():
        if country is not None and country not in NAMES:
            raise UnknownCountry(country, hints_for(country))
    parsed = [(ip_network(network), country) for network, country in overrides.items()]
    return sorted(parsed, key=lambda entry: -entry[0].prefixlen)
