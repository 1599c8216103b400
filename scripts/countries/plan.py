"""Writes the simulated address plan as a database that the ordinary reader reads."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mmdb_writer import MMDBWriter
from netaddr import IPSet  # type: ignore[import-untyped]  # netaddr ships no types

from meetingsim.geo.plan import ipv4_block, ipv6_block
from scripts.countries.table import Table

DATABASE_TYPE = "Meetingsim-Plan-Country"
DESCRIPTION = "The simulated address plan of meetingsim: no address in it is anybody's"
EPOCH = 1767225600
"""2026-01-01, the day the plan was drawn up; it stays as long as the blocks do, whenever the file is made."""


class _Writer(MMDBWriter):
    def _build_meta(self) -> dict[str, Any]:
        # The writer has no option for this and would put in the time of day.
        return {**super()._build_meta(), "build_epoch": EPOCH}


def make_plan(table: Table) -> bytes:
    """Returns the database, the same bytes for the same table: every country, both versions, nothing else."""
    writer = _Writer(
        ip_version=6,
        ipv4_compatible=True,
        database_type=DATABASE_TYPE,
        languages=["en"],
        description=DESCRIPTION,
    )
    for code in table.countries:
        blocks = IPSet([str(ipv4_block(code)), str(ipv6_block(code))])
        record = table.record(code)
        assert record is not None
        writer.insert_network(blocks, record)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "plan.mmdb"
        writer.to_db_file(str(path))
        return path.read_bytes()
