"""``meetingsim geo``: the country of addresses, by the same reader that the server judges with."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from meetingsim.cli.console import OK, USAGE, Stop, complain, note, out, out_json, styled
from meetingsim.geo.addresses import AddressInvalid
from meetingsim.geo.countries import NAMES
from meetingsim.geo.database import GeoDatabaseError
from meetingsim.geo.lookup import CountryReader, Located

_ROW = "{:<{width}}  {:<28}  {:<9}  {:<9}  {}"


def run(addresses: Sequence[str], database: Path | None, *, as_json: bool) -> int:
    """Prints one line an address, in their order; gives 2 if one of them is none, and prints the others."""
    try:
        reader = CountryReader(database)
    except GeoDatabaseError as error:
        raise Stop(str(error), USAGE) from None
    try:
        return _locate(reader, addresses, as_json=as_json)
    finally:
        reader.close()


def _locate(reader: CountryReader, addresses: Sequence[str], *, as_json: bool) -> int:
    found: list[Located] = []
    code = OK
    for address in addresses:
        try:
            found.append(reader.locate(address))
        except AddressInvalid as error:
            code = complain(Stop(f"{error}; one looks like 192.0.2.1 or 2001:db8::1", USAGE))
    if as_json:
        for one in found:
            out_json(dataclasses.asdict(one))
    elif found:
        _print(found)
    if found and reader.attribution:
        note(styled(reader.attribution, "dim"))
    return code


def _print(found: Sequence[Located]) -> None:
    width = max(len("address"), *(len(one.address) for one in found))
    out(styled(_ROW.format("address", "country", "continent", "source", "database", width=width), "bold"))
    for one in found:
        country = f"{one.country} {NAMES.get(one.country, '')}".rstrip() if one.country else "unknown"
        known_from = f"{one.database} of {one.built}" if one.database else "-"
        out(_ROW.format(one.address, country, one.continent or "-", one.source, known_from, width=width))
