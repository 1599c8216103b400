"""The measuring: every server holds its sockets at the same time, and each round asks them one after another.

So whatever drifts on the machine (its clock, its neighbours) hits all of them alike, and a ratio to the bare
loop is taken within a round.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from bench.clients import Clients, upgrade
from bench.compiled import language, program
from bench.processes import Process, running
from bench.servers import BARE, SERVERS, Server


@dataclass
class Figures:
    """What one server did with one number of sockets; the lists have one figure a round."""

    join_seconds: float = 0.0
    join_cpu: float = 0.0
    connection_bytes: float = 0.0
    deliveries_a_second: list[float] = field(default_factory=list)
    delivery_cpu: list[float] = field(default_factory=list)
    last_seconds: list[float] = field(default_factory=list)

    def summary(self, bare: "Figures") -> dict[str, float]:
        """Medians; ``of_bare`` is how many times what the bare loop delivers in a second, and in one of CPU."""
        speed = zip(self.deliveries_a_second, bare.deliveries_a_second, strict=True)
        cpu = zip(bare.delivery_cpu, self.delivery_cpu, strict=True)
        return {
            "of_bare": median(own / its for own, its in speed),
            "of_bare_by_cpu": median(its / own for its, own in cpu),
            "deliveries_a_second": median(self.deliveries_a_second),
            "last_recipient_ms": median(self.last_seconds) * 1e3,
            "cpu_us_a_delivery": median(self.delivery_cpu) * 1e6,
            "joins_a_second": 1 / self.join_seconds,
            "cpu_us_a_join": self.join_cpu * 1e6,
            "bytes_a_connection": self.connection_bytes,
        }


class Stand:
    """One server with its clients, which come in as the run goes on."""

    def __init__(self, server: Server, process: Process, clients: Clients) -> None:
        self.server, self.process, self.clients = server, process, clients
        self.figures = Figures()
        self.sockets = 0

    def prepare(self, most: int) -> None:
        """Lets one client in, which takes what only a first one costs."""
        ready = self.process.read()
        self.plan = self.server.prepare(ready, most)
        self.at = urlsplit(ready["url"])
        self._let_in(1)

    def grow(self, sockets: int) -> None:
        """Lets clients in until there are so many, and begins new figures."""
        memory, cpu, more = self.process.memory(), self.process.cpu(), sockets - self.sockets
        seconds = self._let_in(sockets)
        self.figures = Figures(
            join_seconds=seconds / more,
            join_cpu=(self.process.cpu() - cpu) / more,
            connection_bytes=(self.process.memory() - memory) / more,
        )

    def _let_in(self, sockets: int) -> float:
        hellos = self.plan.hellos[self.sockets : sockets]
        request = upgrade(self.at.netloc, self.plan)
        seconds = self.clients.open(self.at.port, sockets - self.sockets, request, hellos)
        self.clients.settle()
        self.sockets = sockets
        return seconds

    def fire(self, times: int) -> tuple[float, float]:
        """Seconds and CPU seconds until everyone has that many frames more."""
        cpu = self.process.cpu()
        expect = times * self.sockets + self.plan.answers(times)
        seconds = self.clients.fire(expect, self.plan.messages(times))
        return seconds, self.process.cpu() - cpu

    def round(self, times: int) -> None:
        seconds, _ = self.fire(1)
        self.figures.last_seconds.append(seconds)
        seconds, cpu = self.fire(times)
        self.figures.deliveries_a_second.append(times * self.sockets / seconds)
        self.figures.delivery_cpu.append(cpu / (times * self.sockets))


def measure(
    names: list[str], sizes: list[int], *, rounds: int, deliveries: int, scratch: Path, say: Callable[[str], None]
) -> dict[int, dict[str, dict[str, float]]]:
    """The figures of each server with each number of sockets, the numbers ascending; first a fire to warm up."""
    with ExitStack() as stack:
        stands = [
            Stand(
                SERVERS[name],
                stack.enter_context(running(SERVERS[name].command(scratch))),
                Clients(stack.enter_context(running(program("receiver", "receiver", scratch))), scratch),
            )
            for name in names
        ]
        for stand in stands:
            stand.prepare(sizes[-1])
        results = {}
        for sockets in sizes:
            times = max(1, deliveries // sockets)
            for stand in stands:
                say(f"{sockets} sockets: {stand.server.name} lets everyone in")
                stand.grow(sockets)
                stand.fire(times)
            for n in range(rounds):
                say(f"{sockets} sockets: round {n + 1} of {rounds}")
                for stand in stands:
                    stand.round(times)
            bare = next(stand.figures for stand in stands if stand.server.name == BARE)
            results[sockets] = {stand.server.name: stand.figures.summary(bare) for stand in stands}
        return results


def machine(scratch: Path) -> dict[str, str]:
    """What the bare loop was written in, for the reader to know what the ratios are ratios to."""
    return {"bare_loop": language(SERVERS[BARE].command(scratch))}
