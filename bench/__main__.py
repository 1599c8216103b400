"""``python -m bench``: ways to deliver one frame to everybody, as ratios to a bare loop in the same run."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.rounds import machine, measure
from bench.servers import BARE, SERVERS

COLUMNS = {
    "of_bare": ("of bare", "{:.2f}"),
    "of_bare_by_cpu": ("of bare, by CPU", "{:.2f}"),
    "deliveries_a_second": ("deliveries/s", "{:,.0f}"),
    "last_recipient_ms": ("last told, ms", "{:.2f}"),
    "cpu_us_a_delivery": ("CPU µs/delivery", "{:.2f}"),
    "joins_a_second": ("joins/s", "{:,.0f}"),
    "cpu_us_a_join": ("CPU µs/join", "{:,.0f}"),
    "bytes_a_connection": ("bytes/connection", "{:,.0f}"),
}


def words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--sockets", default="100,1000", help="how many clients, one or several numbers")
    parser.add_argument("--servers", default=",".join(SERVERS), help="which servers; the bare loop is always there")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and deliveries: under half a minute")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    args = parser.parse_args()
    args.sockets = sorted({int(number) for number in args.sockets.split(",")})
    chosen = {BARE, *args.servers.split(",")}
    if unknown := chosen - SERVERS.keys():
        parser.error(f"no such server: {', '.join(sorted(unknown))}; there are {', '.join(SERVERS)}")
    if min(args.sockets) < 2:
        parser.error("at least two sockets, of which one gives the order")
    args.servers = [name for name in SERVERS if name in chosen]
    return args


def table(sockets: int, rows: dict[str, dict[str, float]], bare: str) -> Table:
    out = Table(title=f"{sockets:,} sockets; the bare loop is in {bare}; medians of the rounds")
    out.add_column("server")
    for title, _ in COLUMNS.values():
        out.add_column(title, justify="right")
    for name, row in rows.items():
        figures = [shape.format(row[key]) for key, (_, shape) in COLUMNS.items()]
        out.add_row(f"{name}\n[dim]{SERVERS[name].what}[/dim]", *figures)
    return out


def main() -> int:
    args = words()
    rounds, deliveries = (3, 5_000) if args.quick else (9, 20_000)
    progress, out = Console(stderr=True, highlight=False), Console()
    with tempfile.TemporaryDirectory() as scratch:
        about = machine(Path(scratch))
        results = measure(
            args.servers, args.sockets, rounds=rounds, deliveries=deliveries, scratch=Path(scratch), say=progress.print
        )
    if args.json:
        sys.stdout.write(json.dumps({**about, "rounds": rounds, "sockets": results}, indent=2) + "\n")
    else:
        for sockets, rows in results.items():
            out.print(table(sockets, rows, about["bare_loop"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
