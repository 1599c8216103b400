"""Compares a converted database with its source: leaf by leaf, and by sample through the readers in use."""

import io
import random
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import maxminddb
from geoip2.database import Reader
from geoip2.errors import AddressNotFoundError
from maxminddb.decoder import Decoder

from scripts.countries.convert import SEPARATOR, unpack24
from scripts.countries.table import Table

# Where the registries' allocations lie; uniform chance over 2000::/3 would meet a few giant blocks alone.
_IPV6_STARTS = (
    0x2001,
    *range(0x2400, 0x2410),
    *range(0x2600, 0x2610),
    *range(0x2800, 0x2808),
    *range(0x2A00, 0x2A18),
)


class VerificationError(Exception):
    """The two files disagree; the message is one line."""


def verify(source: bytes, converted: bytes, table: Table, *, samples: int, seed: int = 0) -> set[str]:
    """Returns the countries that the files hold; raises VerificationError where they differ.

    Every leaf of the tree is compared, and `samples` addresses of each version are looked up in both.
    """
    countries = _compare_trees(source, converted, table)
    with TemporaryDirectory() as folder:
        before, after = Path(folder) / "before.mmdb", Path(folder) / "after.mmdb"
        before.write_bytes(source)
        after.write_bytes(converted)
        with maxminddb.open_database(before) as old, Reader(after) as new:
            for address in _addresses(random.Random(seed), samples):
                _compare(old, new, table, address)
    return countries


def _compare_trees(source: bytes, converted: bytes, table: Table) -> set[str]:
    metas = [maxminddb.open_database(io.BytesIO(data), maxminddb.MODE_FD).metadata() for data in (source, converted)]
    if metas[0].node_count != metas[1].node_count or metas[0].ip_version != metas[1].ip_version:
        raise VerificationError("the search trees are not of one size and version")
    nodes, size = metas[0].node_count, metas[0].search_tree_size
    slots = zip(unpack24(source[:size]), unpack24(converted[:size]), strict=True)
    pairs = {(old, new) for old, new in slots if old >= nodes or new != old}
    countries: set[str] = set()
    for old, new in pairs:
        before, after = _record(source, size, nodes, old), _record(converted, size, nodes, new)
        code = str(before["country_code"]) if before else None
        if after != (table.record(code) if code else None):
            raise VerificationError(f"leaf {old} was {before!r} and is {after!r}")
        if code and after:
            countries.add(code)
    return countries


def _record(data: bytes, size: int, nodes: int, leaf: int) -> Any:
    if leaf < nodes:
        raise VerificationError(f"a leaf became node {leaf}, or a node a leaf")
    if leaf == nodes:
        return None
    start = size + len(SEPARATOR)
    return Decoder(data, start).decode(start + leaf - nodes - len(SEPARATOR))[0]


def _compare(old: maxminddb.Reader, new: Reader, table: Table, address: IPv4Address | IPv6Address) -> None:
    flat = old.get(address)
    code = flat["country_code"] if isinstance(flat, dict) else None
    record = table.record(str(code))
    try:
        model = new.country(address)
    except AddressNotFoundError:
        if record is None:
            return
        raise VerificationError(f"{address} was {code} and is lost") from None
    found = {"continent": model.continent.to_dict(), "country": model.country.to_dict()}
    if found != record:
        raise VerificationError(f"{address} was {code} and is {found}")


def _addresses(chance: random.Random, samples: int) -> Iterator[IPv4Address | IPv6Address]:
    for _ in range(samples):
        yield IPv4Address(chance.getrandbits(32))
        yield IPv6Address(chance.choice(_IPV6_STARTS) << 112 | chance.getrandbits(112))
