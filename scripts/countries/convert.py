"""Rewrites a flat country database into GeoIP2-Country records without rebuilding its search tree."""

import io
import sys
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import maxminddb
from maxminddb.decoder import Decoder
from mmdb_writer import METADATA_MAGIC, Encoder

SEPARATOR = bytes(16)
"""What the MaxMind DB format puts between the search tree and the data section."""

Record = Mapping[str, object]


class ConversionError(Exception):
    """The source is not what this converter was written for; the message is one line."""


@dataclass(frozen=True, slots=True)
class Converted:
    """The new file, the countries in it, and the source's codes that are none and so became empty."""

    data: bytes
    countries: tuple[str, ...]
    dropped: tuple[str, ...]
    build_epoch: int


def convert(
    source: bytes, record_of: Callable[[str], Record | None], *, database_type: str, description: str
) -> Converted:
    """Returns `source` with every `{"country_code": C}` record replaced by `record_of(C)`.

    A leaf of the tree holds node count + 16 + the record's place in the data section. The nodes stay as they
    are, so only those leaf values change; a code for which `record_of` has nothing becomes an empty leaf.
    """
    reader = maxminddb.open_database(io.BytesIO(source), maxminddb.MODE_FD)
    meta = reader.metadata()
    if meta.record_size != 24:
        raise ConversionError(f"records of {meta.record_size} bits; this converter knows 24")
    values = unpack24(source[: meta.search_tree_size])
    codes = _codes_of_leaves(source, meta, values)
    records = {code: record_of(code) for code in sorted(set(codes.values()))}
    countries = {code: dict(record) for code, record in records.items() if record is not None}
    section, place = _data_section(countries)
    if meta.node_count + len(SEPARATOR) + len(section) >= 1 << 24:
        raise ConversionError("the new data section does not fit behind the tree in 24 bits")
    base = meta.node_count + len(SEPARATOR)
    moved = {leaf: base + place[code] if code in place else meta.node_count for leaf, code in codes.items()}
    tree = pack24(array("I", map(moved.get, values, values)))
    metadata = _metadata(meta, database_type, description)
    return Converted(
        data=tree + SEPARATOR + section + METADATA_MAGIC + metadata,
        countries=tuple(countries),
        dropped=tuple(code for code, record in records.items() if record is None),
        build_epoch=meta.build_epoch,
    )


def unpack24(tree: bytes) -> "array[int]":
    """Returns the tree's big-endian 24 bit records as numbers, by slices: a loop in Python takes minutes."""
    wide = bytearray(len(tree) // 3 * 4)
    wide[1::4], wide[2::4], wide[3::4] = tree[0::3], tree[1::3], tree[2::3]
    values = array("I", bytes(wide))
    if sys.byteorder == "little":
        values.byteswap()
    return values


def pack24(values: "array[int]") -> bytes:
    """The inverse of `unpack24`."""
    wide = array("I", values)
    if sys.byteorder == "little":
        wide.byteswap()
    raw = wide.tobytes()
    tree = bytearray(len(values) * 3)
    tree[0::3], tree[1::3], tree[2::3] = raw[1::4], raw[2::4], raw[3::4]
    return bytes(tree)


def _codes_of_leaves(source: bytes, meta: maxminddb.reader.Metadata, values: "array[int]") -> dict[int, str]:
    start = meta.search_tree_size + len(SEPARATOR)
    decoder = Decoder(source, start)
    codes: dict[int, str] = {}
    for leaf in sorted(value for value in set(values) if value > meta.node_count):
        record, _ = decoder.decode(start + leaf - meta.node_count - len(SEPARATOR))
        if not isinstance(record, dict) or list(record) != ["country_code"]:
            raise ConversionError(f"a record is {record!r}, not {{'country_code': …}}")
        codes[leaf] = str(record["country_code"])
    return codes


def _data_section(records: Mapping[str, Record]) -> tuple[bytes, dict[str, int]]:
    # Records are written out whole: pointers between them would save some 15 KB of 8 MB
    # and cost every look-up a few more jumps.
    encoder = Encoder(cache=False)
    section = bytearray()
    place: dict[str, int] = {}
    for code, record in records.items():
        place[code] = len(section)
        section += encoder.encode(record)
    return bytes(section), place


def _metadata(meta: maxminddb.reader.Metadata, database_type: str, description: str) -> bytes:
    return Encoder(cache=False).encode_meta(
        {
            "node_count": meta.node_count,
            "record_size": meta.record_size,
            "ip_version": meta.ip_version,
            "database_type": database_type,
            "languages": ["en"],
            "binary_format_major_version": 2,
            "binary_format_minor_version": 0,
            "description": {"en": description},
            "build_epoch": meta.build_epoch,
        }
    )
