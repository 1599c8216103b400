"""Renews the table of look-alike characters from Unicode's own files: `python -m scripts.renew_lookalikes`.

Debian's source package of ICU carries the originals, so its archive is what is pinned; the same pin gives the
same bytes. To take a newer version, put what `apt-cache showsrc icu` prints into PIN and run it again.
"""

import argparse
import hashlib
import io
import re
import subprocess
import sys
import tarfile
import textwrap
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

TABLE = Path(__file__).parent.parent / "meetingsim" / "state" / "lookalike_table.py"
FOLDER = "icu/source/data/unidata"
FILES = ("confusables.txt", "DerivedCoreProperties.txt", "UnicodeData.txt")
SUITES = ("stable", "testing", "unstable")
WIDTH = 130
"""Columns of the table's lines: the most that the linter lets pass, so that the file stays under 400 lines."""


class RenewalError(Exception):
    """The files could not be had as pinned or read; the message is one line for the terminal."""


@dataclass(frozen=True, slots=True)
class Pin:
    """Debian's source package `icu` at one version, and the name and SHA-256 of its upstream archive."""

    version: str
    archive: str
    digest: str


PIN = Pin("78.3-2", "icu_78.3.orig.tar.gz", "3a2e7a47604ba702f345878308e6fefeca612ee895cf4a5f222e7955fabfe0c0")


@dataclass(frozen=True, slots=True)
class Lookalikes:
    """What Unicode says: prototypes by code point, ranges of ignorable code points, and where it is from."""

    version: str
    date: str
    digest: str
    prototypes: Mapping[int, str]
    ignorable: Sequence[tuple[int, int]]


def main(arguments: list[str] | None = None, *, pin: Pin = PIN) -> int:
    """Returns the exit code: 0, or 1 with one line on stderr and nothing written."""
    parser = argparse.ArgumentParser(prog="python -m scripts.renew_lookalikes", description=__doc__)
    parser.add_argument("--archives", type=Path, help=f"offline: take {pin.archive} from this folder instead of apt")
    parser.add_argument("--into", type=Path, default=TABLE, help="the module to write (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        found = lookalikes_of(members(archive_of(pin, options.archives)))
    except RenewalError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    options.into.write_text(source_of(found, pin), encoding="utf-8", newline="\n")
    print(f"Unicode {found.version} of {found.date}, {len(found.prototypes)} look-alikes -> {options.into}")
    return 0


def archive_of(pin: Pin, archives: Path | None) -> bytes:
    """Returns the pinned archive, out of the folder `archives` if one is given, else by apt.

    The digest is checked either way: a folder is a cache, not a source to be trusted.
    """
    if archives is not None:
        content = _read(archives / pin.archive)
    else:
        with TemporaryDirectory() as folder:
            _download(pin, Path(folder))
            content = _read(Path(folder) / pin.archive)
    digest = hashlib.sha256(content).hexdigest()
    if digest != pin.digest:
        raise RenewalError(f"{pin.archive}: SHA-256 is {digest}, pinned is {pin.digest}")
    return content


def members(archive: bytes) -> dict[str, str]:
    """Returns the texts of FILES by name; nothing is unpacked to disk."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        wanted = {f"{FOLDER}/{name}": name for name in FILES}
        texts: dict[str, str] = {}
        for member in tar:
            content = tar.extractfile(member) if member.name in wanted else None
            if content is not None:
                texts[wanted[member.name]] = content.read().decode("utf-8-sig")
    missing = set(FILES) - texts.keys()
    if missing:
        raise RenewalError(f"the archive has no {', '.join(sorted(missing))}")
    return texts


def lookalikes_of(texts: Mapping[str, str]) -> Lookalikes:
    """Reads the files. Left out is what a look-up can never meet: text is decomposed and stripped before it."""
    confusables = texts["confusables.txt"]
    ignorable = tuple(_ranges_of(texts["DerivedCoreProperties.txt"], "Default_Ignorable_Code_Point"))
    if not ignorable:
        raise RenewalError("DerivedCoreProperties.txt names no Default_Ignorable_Code_Point")
    unmet = set(_decomposed(texts["UnicodeData.txt"]))
    for first, last in ignorable:
        unmet.update(range(first, last + 1))
    return Lookalikes(
        version=_heading(confusables, "Version"),
        date=_heading(confusables, "Date").partition(",")[0],
        digest=hashlib.sha256(confusables.encode()).hexdigest(),
        prototypes={source: text for source, text in _pairs(confusables) if source not in unmet},
        ignorable=ignorable,
    )


def source_of(found: Lookalikes, pin: Pin) -> str:
    """Returns the module; it holds ASCII alone, since raw marks and right-to-left letters garble any editor."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for source, text in sorted(found.prototypes.items()):
        groups[text].append(source)
    words = [
        f"{'+'.join(f'{ord(char):X}' for char in text)}={' '.join(f'{source:X}' for source in groups[text])}"
        for text in sorted(groups)
    ]
    spans = [f"{first:X}-{last:X}" for first, last in found.ignorable]
    return f'''"""Which characters look like which others, from Unicode {found.version}; written by scripts.renew_lookalikes."""

# Source: confusables.txt {found.version} of {found.date}, SHA-256
# {found.digest},
# and Default_Ignorable_Code_Point of the same version's DerivedCoreProperties.txt, both as they are
# in {pin.archive} of Debian's source package icu {pin.version}.
# Changed: grouped by prototype; characters that NFD takes apart or that are ignorable are left out.
# Copyright © {found.date[:4]} Unicode, Inc. SPDX-License-Identifier: Unicode-3.0
# The licence's text is in meetingsim/geo/data/LICENSES/Unicode-3.0.txt.

VERSION = "{found.version}"

# Ranges of hexadecimal code points, first and last.
IGNORABLE = """
{_filled(spans)}
"""

# PROTOTYPE=LOOKALIKE LOOKALIKE... in hexadecimal code points; a prototype of several characters has a + between them.
PROTOTYPES = """
{_filled(words)}
"""
'''


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RenewalError(f"{path}: {error.strerror}") from None


def _download(pin: Pin, folder: Path) -> None:
    # A machine seldom lists source packages or other suites, so both are asked for here, at the mirror that
    # the machine uses already; its own lists stay as they are.
    (folder / "lists" / "partial").mkdir(parents=True)
    (folder / "cache" / "archives" / "partial").mkdir(parents=True)
    mirrors = _apt(
        ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Label: Debian", "Component: main"], folder
    )
    if not mirrors.strip():
        raise RenewalError("apt knows no Debian mirror here; run apt-get update, or give --archives")
    mirror = mirrors.split()[0]
    (folder / "sources.list").write_text("".join(f"deb-src {mirror} {suite} main\n" for suite in SUITES))
    options = {
        "Dir::Etc::SourceList": folder / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "APT::Sandbox::User": "root",
    }
    given = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    _apt([*given, "update"], folder)
    _apt([*given, "source", "--download-only", "--tar-only", f"icu={pin.version}"], folder)


def _apt(arguments: list[str], folder: Path) -> str:
    command = ["apt-get", "-q", *arguments]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    except FileNotFoundError:
        raise RenewalError("apt-get is not on the PATH; give --archives") from None
    except subprocess.TimeoutExpired:
        raise RenewalError("apt-get took more than ten minutes") from None
    if done.returncode != 0:
        complaint = done.stderr.strip().splitlines() or ["no message"]
        raise RenewalError(f"apt-get failed: {complaint[-1]}")
    return done.stdout


def _pairs(confusables: str) -> Iterator[tuple[int, str]]:
    seen: set[int] = set()
    for line in _lines(confusables):
        fields = [field.strip() for field in line.split(";")]
        if len(fields) != 3 or fields[2] != "MA" or not re.fullmatch("[0-9A-F]{4,6}", fields[0]):
            raise RenewalError(f"confusables.txt has a line of another form: {line!r}")
        source = int(fields[0], 16)
        if source in seen:
            raise RenewalError(f"confusables.txt maps {source:X} twice")
        seen.add(source)
        yield source, "".join(chr(int(code, 16)) for code in fields[1].split())
    if not seen:
        raise RenewalError("confusables.txt maps nothing")


def _ranges_of(properties: str, name: str) -> Iterator[tuple[int, int]]:
    for line in _lines(properties):
        codes, value, *_ = (field.strip() for field in line.split(";"))
        if value == name:
            first, _, last = codes.partition("..")
            yield int(first, 16), int(last or first, 16)


def _decomposed(data: str) -> Iterator[int]:
    for line in _lines(data):
        fields = line.split(";")
        if fields[5] and not fields[5].startswith("<"):
            yield int(fields[0], 16)


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        content = line.partition("#")[0].strip()
        if content:
            yield content


def _heading(text: str, name: str) -> str:
    found = re.search(rf"^# {name}: (\S+)", text, re.MULTILINE)
    if found is None:
        raise RenewalError(f"confusables.txt does not say its {name}")
    return found[1]


def _filled(words: Sequence[str]) -> str:
    return textwrap.fill(" ".join(words), WIDTH, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    sys.exit(main())
