"""Country codes, their names, and the groups that a region rule may name."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from meetingsim.geo.country_table import CONTINENTS, COUNTRIES
from meetingsim.geo.country_table import GROUPS as _GROUPS

NAMES: Mapping[str, str] = MappingProxyType({code: name for code, (name, _) in COUNTRIES.items()})
"""ISO 3166-1 alpha-2, XK (Kosovo) and AN (Netherlands Antilles, until 2010) -> English name."""

CONTINENT_OF: Mapping[str, str] = MappingProxyType({code: where for code, (_, where) in COUNTRIES.items()})
"""Country -> AF, AN, AS, EU, NA, OC or SA, as the regions of UN M49 have it (so CY and TR are AS)."""

CONTINENT_NAMES: Mapping[str, str] = MappingProxyType(CONTINENTS)

GROUPS: Mapping[str, frozenset[str]] = MappingProxyType({g: frozenset(codes) for g, codes in _GROUPS.items()})
"""EU, the 27 members; EEA, with IS, LI and NO. A territory with a code of its own (RE, AX) is in neither."""

_OTHER_CODES = {"UK": "GB", "EL": "GR", "USA": "US", "UAE": "AE"}


class UnknownCountry(ValueError):
    """`code` is no country nor, where groups may stand, a group; `hints` are what may have been meant."""

    def __init__(self, code: str, hints: tuple[str, ...] = ()) -> None:
        self.code = code
        self.hints = hints
        meant = f"; did you mean {' or '.join(hints)}?" if hints else ""
        # One line that no terminal obeys, however long or odd the input is.
        shown = code if len(code) <= 32 else code[:32] + "..."
        super().__init__(f"unknown country {shown!a}{meant}")


def is_country(code: str) -> bool:
    """Says whether `code` is a country's; groups are not, nor is lower case."""
    return code in NAMES


def expand(codes: Iterable[str]) -> frozenset[str]:
    """Returns the countries that `codes` name, each group replaced by its members.

    Codes are upper case on the wire. Raises UnknownCountry for the first that is neither country nor group.
    """
    countries: set[str] = set()
    for code in codes:
        if code in NAMES:
            countries.add(code)
        elif code in GROUPS:
            countries |= GROUPS[code]
        else:
            raise UnknownCountry(code, hints_for(code))
    return frozenset(countries)


def hints_for(code: str) -> tuple[str, ...]:
    """Returns up to three codes that whoever wrote `code` may have meant, the likeliest first."""
    wanted = code.strip().upper()[:64]
    wanted = _OTHER_CODES.get(wanted, wanted)
    if wanted in NAMES or wanted in GROUPS:
        return (wanted,)
    # Only a mistake pays for this import.
    from difflib import get_close_matches

    if len(wanted) > 2:
        by_name = {name.upper(): country for country, name in NAMES.items()}
        return tuple(by_name[name] for name in get_close_matches(wanted, by_name, n=3, cutoff=0.7))
    return tuple(get_close_matches(wanted, [*NAMES, *GROUPS], n=3, cutoff=0.5))
