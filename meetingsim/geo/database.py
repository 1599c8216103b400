"""Opens MaxMind DB files through geoip2, and says in one line what is wrong with one that cannot be used."""

import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import TypeVar

from geoip2.database import MODE_AUTO, MODE_FD, Reader
from maxminddb import InvalidDatabaseError
from maxminddb.decoder import Decoder

from meetingsim.geo.addresses import Address

SHIPPED = Path(__file__).parent / "data" / "country.mmdb"
PLAN = Path(__file__).parent / "data" / "plan.mmdb"

Answer = TypeVar("Answer")

_GZIP = b"\x1f\x8b"
_SEPARATOR = bytes(16)
_METADATA = b"\xab\xcd\xefMaxMind.com"
_DAMAGED = "damaged, or not a MaxMind DB file"


class GeoDatabaseError(Exception):
    """A database file that cannot be used; the message is one line that names the file and the fault."""

    def __init__(self, path: Path, fault: str) -> None:
        self.path = path
        self.fault = fault
        super().__init__(f"GeoIP database {_one_line(path)}: {fault}")


def open_shipped(path: Path) -> Reader:
    """Opens a file of the package as a memory map, which costs nothing and is shared between processes."""
    try:
        return Reader(path, mode=MODE_AUTO)
    except OSError as error:
        raise GeoDatabaseError(path, _reason(error)) from None
    except InvalidDatabaseError:
        raise GeoDatabaseError(path, "damaged; install the package again") from None


def open_own(path: Path, *, types: Sequence[str], wanted: str) -> Reader:
    """Opens a user's file whose type holds one of `types`; `wanted` names them for whoever gave another.

    The whole file is read into memory: overwriting a file that is mapped can kill the process.
    """
    content = _content(path)
    try:
        reader = Reader(io.BytesIO(content), mode=MODE_FD)
        meta = reader.metadata()
        built_on(reader)
    except Exception:
        # The reader meets damaged metadata with whatever error the bytes lead it to.
        raise GeoDatabaseError(path, _DAMAGED) from None
    found = str(meta.database_type)
    if not any(name in found for name in types):
        raise GeoDatabaseError(path, f"its type is {_one_line(found)}, wanted is {wanted}")
    if not _whole(content, meta.search_tree_size):
        raise GeoDatabaseError(path, _DAMAGED)
    return reader


def probe(path: Path, reader: Reader, ask: Callable[[Address], Answer | None]) -> list[Answer]:
    """Asks about some hundred addresses all over the internet, so that damage shows at the start.

    Returns the answers that were not None; raises GeoDatabaseError if one of them cannot be read.
    """
    try:
        answers = [ask(address) for address in _spread(reader.metadata().ip_version)]
    except Exception:
        raise GeoDatabaseError(path, "damaged: its records cannot be read") from None
    return [answer for answer in answers if answer is not None]


def built_on(reader: Reader) -> str:
    """Returns the day the data was built, as an ISO date in UTC."""
    return datetime.fromtimestamp(reader.metadata().build_epoch, UTC).date().isoformat()


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise GeoDatabaseError(path, _reason(error)) from None
    if not content:
        raise GeoDatabaseError(path, "the file is empty")
    if content.startswith(_GZIP):
        raise GeoDatabaseError(path, "it is compressed; unpack it and name the .mmdb file in it")
    return content


def _whole(content: bytes, tree_size: int) -> bool:
    # A piece that is missing from the middle moves the data away from where the tree ends; one that was never
    # written is zeros, and a tree has no run of those: it would be a record that leads back to the root.
    if content[tree_size : tree_size + len(_SEPARATOR)] != _SEPARATOR or _SEPARATOR in content[:tree_size]:
        return False
    # The reader takes a number that the end of the file cuts short for a smaller one.
    start = content.rfind(_METADATA) + len(_METADATA)
    _, end = Decoder(content, start).decode(start)
    return end <= len(content)


def _spread(ip_version: int) -> list[Address]:
    spread: list[Address] = [IPv4Address((first << 24) + 0x010101) for first in range(1, 224)]
    if ip_version == 6:
        spread += [IPv6Address(first << 112 | 1 << 104) for first in range(0x2000, 0x4000, 0x40)]
    return spread


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return (error.strerror if isinstance(error, OSError) else None) or "it cannot be read"


def _one_line(value: object) -> str:
    # A path may hold a line feed or an escape, and so may the type that a file claims.
    text = str(value)
    return ascii(text if len(text) <= 200 else text[:200] + "...")
