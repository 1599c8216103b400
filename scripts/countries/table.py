"""Makes the table of countries, their English names, continents and groups from Unicode CLDR."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

CONTINENTS = {
    "AF": ("002", "Africa"),
    "AS": ("142", "Asia"),
    "EU": ("150", "Europe"),
    "NA": ("003", "North America"),
    "OC": ("009", "Oceania"),
    "SA": ("005", "South America"),
}
"""MaxMind's continent code -> the UN M49 region in CLDR, and the name it must have there."""

ANTARCTICA = ("AN", "Antarctica", "AQ")
# CLDR dropped the name when the islands parted in 2010; files older than that still hold the code.
RETIRED = {"AN": ("Netherlands Antilles", "NA")}
# CLDR has no such grouping. Agreement on the European Economic Area: the Union and these three.
EEA_BEYOND_EU = ("IS", "LI", "NO")
USER_ASSIGNED = ("XK",)


class TableError(Exception):
    """CLDR no longer says what this module relies on; the message is one line."""


@dataclass(frozen=True, slots=True)
class Table:
    """Code -> (name, continent), continent -> name, group -> codes; every mapping sorted by its key."""

    countries: dict[str, tuple[str, str]]
    continents: dict[str, str]
    groups: dict[str, tuple[str, ...]]

    def record(self, code: str) -> dict[str, Any] | None:
        """Returns the GeoIP2-Country record of a country, without GeoNames ids, or None for no country."""
        if code not in self.countries:
            return None
        name, continent = self.countries[code]
        country: dict[str, Any] = {"iso_code": code, "names": {"en": name}}
        if code in self.groups["EU"]:
            country["is_in_european_union"] = True
        return {
            "continent": {"code": continent, "names": {"en": self.continents[continent]}},
            "country": country,
        }


def make_table(containment: bytes, mappings: bytes, territories: bytes) -> Table:
    """Reads cldr-core's territoryContainment and codeMappings and the English territories of CLDR's names.

    A country is what CLDR places in the world and gives a number: the 249 codes of ISO 3166-1 and Kosovo.
    """
    inside = json.loads(containment)["supplemental"]["territoryContainment"]
    codes = json.loads(mappings)["supplemental"]["codeMappings"]
    names = json.loads(territories)["main"]["en"]["localeDisplayNames"]["territories"]
    countries = dict(RETIRED)
    for continent, (region, name) in CONTINENTS.items():
        if names[region] != name:
            raise TableError(f"region {region} is {names[region]!r}, not {name!r}")
        for code in _leaves(inside, region):
            if "_numeric" in codes.get(code, {}):
                countries[code] = (names[code], continent)
    code, name, territory = ANTARCTICA
    countries[territory] = (names[territory], code)
    union = tuple(sorted(inside["EU"]["_contains"]))
    table = Table(
        countries=dict(sorted(countries.items())),
        continents=dict(sorted({code: name, **{c: n for c, (_, n) in CONTINENTS.items()}}.items())),
        groups={"EEA": tuple(sorted((*union, *EEA_BEYOND_EU))), "EU": union},
    )
    _check(table)
    return table


def _leaves(inside: Mapping[str, Mapping[str, list[str]]], region: str) -> Iterator[str]:
    for part in inside[region]["_contains"]:
        if part in inside:
            yield from _leaves(inside, part)
        else:
            yield part


def _check(table: Table) -> None:
    official = set(table.countries) - set(RETIRED) - set(USER_ASSIGNED)
    counts = (len(official), len(table.groups["EU"]), len(table.groups["EEA"]))
    if counts != (249, 27, 30):
        raise TableError(f"ISO 3166-1, EU and EEA have {counts} members, expected (249, 27, 30)")
    strangers = {code for group in table.groups.values() for code in group} - official
    if strangers or not set(USER_ASSIGNED) <= set(table.countries):
        raise TableError(f"a group holds {sorted(strangers)}, or one of {USER_ASSIGNED} is missing")


def source_of(table: Table, *, version: str) -> str:
    """Returns the Python module that holds the table, as `ruff format` would leave it."""
    lines = [
        f'"""Every country there is, from Unicode CLDR {version}; written by scripts.renew_countries."""',
        "",
        "# Copyright © 2004-2026 Unicode, Inc. SPDX-License-Identifier: Unicode-3.0",
        "# The licence's text is in data/LICENSES; data/SOURCES.md says what was changed.",
        "",
        "COUNTRIES: dict[str, tuple[str, str]] = {",
        *(f'    "{code}": ("{name}", "{where}"),' for code, (name, where) in table.countries.items()),
        "}",
        "",
        "CONTINENTS: dict[str, str] = {",
        *(f'    "{code}": "{name}",' for code, name in table.continents.items()),
        "}",
        "",
        "GROUPS: dict[str, tuple[str, ...]] = {",
    ]
    for group, members in table.groups.items():
        lines += [f'    "{group}": (', *(f'        "{member}",' for member in members), "    ),"]
    return "\n".join([*lines, "}", ""])
