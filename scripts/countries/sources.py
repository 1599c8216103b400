"""Writes SOURCES.md: of each data file where it is from, what was changed and what its digest is."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from meetingsim.geo import ATTRIBUTION, ATTRIBUTION_HTML
from scripts.countries.convert import Converted
from scripts.countries.fetch import Pin
from scripts.countries.plan import DATABASE_TYPE as PLAN_TYPE

TYPE = "DBIP-Country-Lite"
DESCRIPTION = (
    "DB-IP Country Lite, CC BY 4.0, https://db-ip.com; changed for meetingsim: "
    "records rewritten in the form of GeoIP2-Country, networks untouched"
)


def built(epoch: int) -> str:
    """Returns a build epoch as an ISO date in UTC."""
    return datetime.fromtimestamp(epoch, UTC).date().isoformat()


def sources_of(converted: Converted, pins: Mapping[str, Pin], files: Mapping[str, bytes]) -> str:
    """Returns the text; `pins` are dbip, core and names, `files` the data files by name."""
    digests = "\n".join(
        f"| `{name}` | {len(data):,} | `{hashlib.sha256(data).hexdigest()}` |" for name, data in files.items()
    )
    dropped = ", ".join(converted.dropped) or "none"
    return f"""# Sources of the country data

Written by `python -m scripts.renew_countries`; do not edit.

| file | bytes | sha256 |
|---|---|---|
{digests}

## country.mmdb

- Work: DB-IP Country Lite, by DB-IP, <https://db-ip.com>
- Attribution, wherever a country from it is shown: {ATTRIBUTION}
- The same on a web page: `{ATTRIBUTION_HTML}`
- Licence: Creative Commons Attribution 4.0 International (`LICENSES/CC-BY-4.0.txt`); the notice that came
  with the data is `LICENSES/DBIP-LICENSE.txt`
- Taken from: npm package `{pins["dbip"].name}`, version {pins["dbip"].version},
  file `dbip-country.mmdb`
- Integrity of the package: `{pins["dbip"].integrity}`
- Date of the data: {built(converted.build_epoch)}
- Changed: yes. The search tree, which is to say every network, is the source's. Its flat records
  (`country_code`) were replaced by records in the form of GeoIP2-Country (`country` with `iso_code`, English
  name and `is_in_european_union`; `continent`), and its metadata by metadata with the type
  `{TYPE}` and a description that says so.
- Countries in it: {len(converted.countries)}. Codes of the source that are no country and were left out:
  {dropped}.

The data is given as it is, without warranty of any kind; DB-IP endorses neither this project nor its use of
the data.

## meetingsim/geo/country_table.py

- Work: Unicode CLDR {pins["core"].version}, by Unicode, Inc.
- Licence: Unicode License v3 (`LICENSES/Unicode-3.0.txt`)
- Taken from: npm packages `{pins["core"].name}` (territory containment, code mappings) and
  `{pins["names"].name}` (English names), both version {pins["core"].version}
- Integrity of `{pins["core"].name}`: `{pins["core"].integrity}`
- Integrity of `{pins["names"].name}`: `{pins["names"].integrity}`
- Changed: yes. The 249 codes of ISO 3166-1 and XK with their English names; the continents are CLDR's UN M49
  regions, with the Americas parted and AQ in a continent of its own; the group EU is CLDR's. Added by hand:
  AN, which CLDR names no longer, and the group EEA (EU with IS, LI and NO).

## plan.mmdb

- Made here, from that table alone: for each country a block of 240.0.0.0/4 and one of 2001:db8::/32, and
  nothing else. Its type is `{PLAN_TYPE}`.
"""
