"""Whatever is put under a raid: the few calls that a runner needs of it. ``meetingsim.targets`` fills it three times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from meetingsim.clock import Clock
from meetingsim.scenarios.scenario import Scenario
from meetingsim.scenarios.trace import Member, View

Frame = Mapping[str, Any]
Then = Callable[[], None]


class TargetFailed(Exception):
    """The target cannot go on: it ended, answers nothing, or breaks its protocol. str() is one line that says so."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A meeting that is ready for the cast. ``settings`` has no secret but the passcode.

    ``lacking`` says what of the scenario the meeting does not have, each with the reason.
    """

    meeting: str
    passcode: str | None
    host_token: str | None
    settings: Mapping[str, Any] = field(default_factory=dict)
    lacking: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Whence:
    """Where a connection comes from: the address, and a header that its upgrade bears."""

    address: str | None = None
    country: str | None = None
    header: tuple[str, str] | None = None


class Listener(Protocol):
    """What a target tells the runner, in the order in which it happens, on the runner's own loop."""

    def came(self, line: int, payload: bytes) -> None:
        """A frame of the server, as it left it for this line."""

    def closed(self, line: int, code: int, reason: str) -> None:
        """The line is over: closed by the server, or lost (1006)."""

    def happened(self, event: Frame) -> None:
        """A row of the journal, with its ``because``, as the admin reads it; before any frame or reply that has its seq."""

    def filed(self, report: Frame) -> None:
        """A report is on the desk, as the admin reads it."""

    def fail(self, error: BaseException) -> None:
        """The target broke while nobody awaited it: TargetFailed says how. What it is sent from then on is lost."""


class Target(Protocol):
    """A product under test. A line is one connection of one person of the cast, by a number that the runner chooses.

    What it ``can`` are commands of the contract and ``dial``, ``cut``, ``ticket``, ``origin`` (connections come from
    anywhere), ``crash``, ``report_afterwards``, ``view``.
    """

    @property
    def name(self) -> str:
        """What the trace calls it."""

    @property
    def can(self) -> frozenset[str]:
        """What it is able to do."""

    @property
    def views(self) -> frozenset[View]:
        """What it shows: its journal, and what clients receive."""

    @property
    def clock(self) -> Clock:
        """The clock of the run."""

    async def open(self, scenario: Scenario, seed: int, members: Mapping[str, Member], listener: Listener) -> Opened:
        """Makes the scenario's meeting. Raises TargetFailed."""

    def dial(self, line: int, actor: str, whence: Whence) -> None:
        """Opens a line; frames sent before it is open wait. One that cannot be opened is ``closed`` with 1006."""

    def send(self, line: int, frame: Frame) -> None:
        """Sends a command: ``{"type", "ref", …}``. Lost where the line is over."""

    def cut(self, line: int) -> None:
        """The client's side of the line is gone, without ``leave``. Nothing more comes of it, ``closed`` neither."""

    def deaf(self, line: int, deaf: bool) -> None:
        """The client stops to read this line, or goes on with it."""

    async def ticket(self, name: str, role: str) -> str | None:
        """A personal link's ticket; None where the target has none, or refuses."""

    def address(self, country: str, number: int) -> str | None:
        """An address in that country, the same for the same number."""

    async def report(self, token: str, participants: list[str], issue: str, text: str) -> str | None:
        """Reports from outside the meeting; the refusal's code, None where it was taken."""

    async def crash(self) -> None:
        """The server dies at once; every line is ``closed`` with 1006."""

    async def restart(self) -> None:
        """It is there again, with what its journal has."""

    def view(self, line: int) -> Frame | None:
        """What the server would show whoever this line speaks for; None where it speaks for nobody, or cannot tell."""

    async def settled(self) -> None:
        """Returns once all that was sent is decided and told."""

    async def close(self) -> None:
        """Lets go of everything."""
