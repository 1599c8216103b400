"""What goes through a seat's mailbox, and what comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from meetingsim.live.budgets import Guesser
from meetingsim.live.connections import Connection
from meetingsim.state.control import Asker, Command, Decision, Door, Recorded, Refusal, Refused, Ticket, User
from meetingsim.state.controls.join import Join
from meetingsim.state.identity import same_secret
from meetingsim.state.meeting import Meeting, Origin

SPENT = Refusal("rate_limited", "Too many wrong passcodes from there: wait a minute.")
UNAVAILABLE = Refusal("unavailable", "The server could not store this: nothing of it happened. Try again.")

Commands = Callable[[Meeting], Sequence[Command]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command: a refusal, or the events it caused and what the reply says beside them."""

    refusal: Refusal | None = None
    rows: tuple[Recorded, ...] = ()
    answer: Mapping[str, Any] = field(default_factory=dict)
    participant: str | None = None
    seq: int = 0

    @property
    def at(self) -> int | None:
        """The seq of the last event the command caused; None where it caused none."""
        return self.rows[-1].seq if self.rows else None


@dataclass(slots=True)
class Ask:
    """A command on its way through the mailbox, with everything that its context needs."""

    command: Command | Commands
    asker: Asker
    door: Door
    nonce: str = ""
    session: str = ""
    digest: str = ""
    origin: Origin = field(default_factory=Origin)
    user: User | None = None
    ticket: Ticket | None = None
    ticket_fault: str | None = None
    connection: Connection | None = None
    guesser: Guesser | None = None
    ref: str | None = None
    done: asyncio.Future[Outcome] | None = None

    def shows_host_token(self, meeting: Meeting) -> bool:
        """Whether it is the host, who always gets in, whoever guesses from the same address."""
        said = self.command.host_token if isinstance(self.command, Join) else None
        return said is not None and same_secret(said, meeting.host_token)

    def settle(self, outcome: Outcome) -> None:
        """Tells whoever waits for it, if anybody still does."""
        if self.done is not None and not self.done.done():
            self.done.set_result(outcome)


@dataclass(slots=True)
class Step:
    """A decided command, waiting for its rows to be stored; ``before`` and ``after`` frame what viewers get."""

    ask: Ask
    decision: Decision | Refused
    before: Meeting
    after: Meeting
    rows: list[Recorded]
    resumed_after: int | None = None

    @property
    def outcome(self) -> Outcome:
        """What its asker is told once the rows are stored."""
        rows, seq = tuple(self.rows), self.after.seq
        if isinstance(self.decision, Refused):
            return Outcome(self.decision.refusal, rows, seq=seq)
        return Outcome(None, rows, self.decision.answer, self.decision.participant, seq)
