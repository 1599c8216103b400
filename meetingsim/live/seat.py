"""One meeting as it runs: the single writer that decides, stores, and only then tells.

mailbox ──> decide each in turn ──> one append ──> publish in order ──> replies
                                      └─ it fails: every reply is a refusal, the meeting is read again
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from meetingsim.clock import Clock, Timer
from meetingsim.journal.protocol import Journal, JournalUnavailable, ReportRow, SeqConflict
from meetingsim.live.budgets import Budget, Guesser
from meetingsim.live.connections import Connection
from meetingsim.live.publish import Publisher
from meetingsim.live.rows import recorded_from, row_of
from meetingsim.state.control import (
    Asker,
    Command,
    Context,
    Decision,
    Door,
    Fact,
    Filing,
    Recorded,
    Refusal,
    Refused,
    Stamp,
    Ticket,
    User,
)
from meetingsim.state.controls.join import Join
from meetingsim.state.controls.presence import Drop, Restarted, Resume, TimePassed
from meetingsim.state.engine import NOTHING, decide, decide_each, evolve, next_deadline, record
from meetingsim.state.entry import UNKNOWN_KNOCKS_EVERY_MS
from meetingsim.state.entry_events import EntryRefused
from meetingsim.state.evidence import completed
from meetingsim.state.identity import digest, same_secret
from meetingsim.state.meeting import Meeting, Origin, Place

log = structlog.get_logger("meetingsim.live")

MOST_AT_ONCE = 256
"""How many commands one append takes at the most."""
SPENT = Refusal("rate_limited", "Too many wrong passcodes from there: wait a minute.")
_UNAVAILABLE = Refusal("unavailable", "The server could not store this: nothing of it happened. Try again.")

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
    connection: Connection | None = None
    guesser: Guesser | None = None
    ref: str | None = None
    done: asyncio.Future[Outcome] | None = None


@dataclass(slots=True)
class Step:
    """A decided command, waiting for its rows to be stored; ``before`` and ``after`` frame what viewers get."""

    ask: Ask
    decision: Decision | Refused
    before: Meeting
    after: Meeting
    rows: list[Recorded]
    resumed_after: int | None = None


class Seat:
    """The writer of one meeting. Commands go in by ``submit`` and ``ask``; nothing else changes the meeting."""

    def __init__(self, meeting: Meeting, journal: Journal, clock: Clock) -> None:
        self.meeting = meeting
        self.publisher = Publisher(self, clock)
        self.stopped = False
        self.budgets: dict[str, Budget] = {}
        self._journal = journal
        self._clock = clock
        self._mailbox: asyncio.Queue[Ask] = asyncio.Queue()
        self._owners: dict[str, Connection] = {}
        self._unknown_knocks = 0
        self._incomplete: list[Filing] = []
        self._timer: Timer | None = None
        self._timer_at: int | None = None
        self._news: asyncio.Event = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name=f"seat {meeting.id}")

    @classmethod
    async def load(cls, meeting_id: str, journal: Journal, clock: Clock) -> Seat | None:
        """The seat of a meeting that the journal knows, every kept place with a whole grace from now; None if it knows none."""
        meeting = await _replay(meeting_id, journal)
        if meeting is None:
            return None
        seat = cls(meeting, journal, clock)
        if meeting.status != "ended":
            await seat.ask(Ask(Restarted(), Asker("clock"), "resume"))
        return seat

    async def ask(self, ask: Ask) -> Outcome:
        """Submits and waits for what becomes of it."""
        if self.stopped:
            return Outcome(_UNAVAILABLE)
        ask.done = asyncio.get_running_loop().create_future()
        self._mailbox.put_nowait(ask)
        return await ask.done

    def submit(self, ask: Ask) -> None:
        """Submits; the reply goes to the connection."""
        self._mailbox.put_nowait(ask)

    def dropped(self, connection: Connection) -> None:
        """A connection ended without ``leave``; harmless for one that speaks for nobody any more."""
        participant = connection.participant
        if participant is not None and self.publisher.drop(participant, connection):
            self.submit(Ask(Drop(), Asker("person", connection.participant), connection.door, connection=connection))

    def detached(self, participant: str) -> None:
        """Nobody speaks for this person any more; what is still in the mailbox of their connection is void."""
        self._owners.pop(participant, None)

    def budget(self, participant: str) -> Budget:
        """What this person may still send, over all their connections."""
        return self.budgets.setdefault(participant, Budget())

    def waiting(self) -> int:
        """How many commands have not been decided yet."""
        return self._mailbox.qsize()

    def knows(self, session: str) -> bool:
        """Whether somebody who came here has or had this session."""
        kept = digest(session)
        return any(person.session == kept for person in self.meeting.people.values())

    def simulated_origin(self, session: str) -> Origin | None:
        """The origin that a tester chose for the owner of this session; None where nobody did."""
        kept = digest(session)
        origin = next((p.origin for p in self.meeting.people.values() if p.session == kept), None)
        return origin if origin and origin.simulated else None

    async def news(self, seq: int, timeout: float) -> None:
        """Returns once the meeting is beyond that seq, or after so many seconds."""
        try:
            async with asyncio.timeout(timeout):
                while self.meeting.seq <= seq and not self.stopped:
                    await self._news.wait()
        except TimeoutError:
            return

    async def stop(self, code: int) -> None:
        """Closes every connection and ends the writer; what was told is stored already."""
        self.stopped = True
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self._timer:
            self._timer.cancel()
        self.publisher.close_all(code)
        while not self._mailbox.empty():
            ask = self._mailbox.get_nowait()
            if ask.done and not ask.done.done():
                ask.done.set_result(Outcome(_UNAVAILABLE))
        self._news.set()

    async def _run(self) -> None:
        while True:
            batch = [await self._mailbox.get()]
            while not self._mailbox.empty() and len(batch) < MOST_AT_ONCE:
                batch.append(self._mailbox.get_nowait())
            try:
                await self._handle(batch)
            except Exception:
                log.exception("a batch failed", meeting=self.meeting.id)
                await self._give_up(batch)
            self._set_timer()
            if self._incomplete:
                await self._complete_reports()

    async def _complete_reports(self) -> None:
        """Adds evidence that could not be read when a report was filed; what still cannot be is tried again later."""
        waiting, self._incomplete = self._incomplete, []
        for filing in waiting:
            try:
                then = await _replay(self.meeting.id, self._journal, filing.document["evidence"]["seq"])
                document = completed(then or self.meeting, filing.document)
                await self._journal.complete_report(filing.report, document)
            except (JournalUnavailable, KeyError) as error:
                log.error("evidence not added", report=filing.report, why=str(error))
                document = dict(filing.document)
            if "missing" in document["evidence"]:
                self._incomplete.append(filing)

    async def _handle(self, batch: list[Ask]) -> None:
        steps: list[Step] = []
        meeting, now = self.meeting, self._clock.now()
        for ask in batch:
            if self._stale(ask):
                continue
            step = self._decide(meeting, ask, now)
            steps.append(step)
            meeting = step.after
        rows = [row for step in steps for row in step.rows]
        filings = [filing for step in steps if isinstance(step.decision, Decision) for filing in step.decision.filings]
        if rows or filings:
            reports = [ReportRow(f.report, meeting.id, f.at, dict(f.document)) for f in filings]
            try:
                await self._journal.append(meeting.id, self.meeting.seq, [row_of(row) for row in rows], reports)
            except (JournalUnavailable, SeqConflict) as error:
                log.error("not stored", meeting=meeting.id, why=str(error))
                await self._give_up(batch)
                return
        self.meeting = meeting
        self._incomplete += [filing for filing in filings if filing.pending]
        for step in steps:
            await self._tell(step)
        if rows:
            self._news.set()
            self._news = asyncio.Event()

    def _stale(self, ask: Ask) -> bool:
        """A frame of a connection that another one of the same person has replaced, or that is over."""
        connection = ask.connection
        if connection is None or connection.participant is None:
            return False
        owner = self._owners.get(connection.participant)
        return owner is not connection and not (owner is None and isinstance(ask.command, Drop))

    def _decide(self, meeting: Meeting, ask: Ask, now: int) -> Step:
        context = Context(
            now, ask.asker, ask.door, ask.origin, ask.nonce, ask.digest, self._unknown_knocks, ask.user, ask.ticket
        )
        decision = self._judge(meeting, ask, context)
        after, rows = record(meeting, decision.facts, now)
        self._count_knocks(decision, decision.facts)
        step = Step(ask, decision, meeting, after, rows)
        if isinstance(decision, Decision) and decision.participant and ask.connection:
            self._owners[decision.participant] = ask.connection
            ask.connection.participant = decision.participant
            if isinstance(ask.command, Resume):
                ask.connection.session = ask.command.session
                step.resumed_after = ask.command.after if ask.command.epoch == meeting.epoch else None
            else:
                ask.connection.session = ask.session
        return step

    def _judge(self, meeting: Meeting, ask: Ask, context: Context) -> Decision | Refused:
        if not isinstance(ask.command, Command):
            return decide_each(meeting, ask.command(meeting), context)
        if ask.guesser and ask.guesser.spent(context.now) and not _shows_host_token(meeting, ask.command):
            return Refused(SPENT)
        decision = decide(meeting, ask.command, context)
        if ask.guesser and isinstance(decision, Refused):
            ask.guesser.refused(decision.refusal.code, context.now)
        return decision

    def _count_knocks(self, decision: Decision | Refused, facts: Sequence[Fact]) -> None:
        if isinstance(decision, Refused) and decision.tally:
            self._unknown_knocks += 1
        if any(isinstance(fact.event, EntryRefused) and fact.event.name is None for fact in facts):
            self._unknown_knocks = 0

    async def _tell(self, step: Step) -> None:
        ask, decision = step.ask, step.decision
        entered = decision.participant if isinstance(decision, Decision) else None
        if entered and ask.connection:
            self.publisher.attach(entered, ask.connection)
        missed = None
        if entered and step.resumed_after is not None:
            missed = await self._missed(step, entered)
        self.publisher.publish(step.before, step.after, step.rows, entered=entered, missed=missed)
        if isinstance(decision, Decision):
            for signal in decision.signals:
                self.publisher.route(signal)
            outcome = Outcome(None, tuple(step.rows), decision.answer, decision.participant, step.after.seq)
        else:
            outcome = Outcome(decision.refusal, tuple(step.rows), seq=step.after.seq)
        self._answer(ask, outcome)

    async def _missed(self, step: Step, participant: str) -> list[Recorded] | None:
        """What a resumed connection missed, or None where only a fresh view will do."""
        after = step.resumed_after or 0
        person = step.after.people[participant]
        if not person.placed <= after <= step.before.seq or person.where is not Place.INSIDE:
            return None
        rows = await self._journal.read(self.meeting.id, after)
        return [recorded_from(row) for row in rows if row.seq <= step.before.seq]

    def _answer(self, ask: Ask, outcome: Outcome) -> None:
        """The reply goes out with what was published, before whoever waits for the outcome goes on.

        A refusal at the door is left to the door, which may have to hold it back.
        """
        at_door = isinstance(ask.command, Join | Resume) and outcome.refusal is not None
        if ask.connection is not None and not at_door and not isinstance(ask.command, Drop):
            self.publisher.reply(ask.connection, ask.command, ask.ref, outcome)
        if ask.done is not None and not ask.done.done():
            ask.done.set_result(outcome)

    async def _give_up(self, batch: list[Ask]) -> None:
        """Nothing of the batch happened: everybody is told so, and the meeting is read again."""
        for ask in batch:
            if ask.connection and not ask.connection.attached and ask.connection.participant:
                self._owners.pop(ask.connection.participant, None)
                ask.connection.participant = None
        for participant, connection in self.publisher.connections.items():
            self._owners[participant] = connection
        stored = await self._read_again()
        if stored is not None and stored.seq != self.meeting.seq:
            self.meeting = stored
            self.publisher.refresh_all()
        for ask in batch:
            self._answer(ask, Outcome(_UNAVAILABLE))

    async def _read_again(self) -> Meeting | None:
        try:
            return await _replay(self.meeting.id, self._journal)
        except JournalUnavailable:
            return None

    def _set_timer(self) -> None:
        when = next_deadline(self.meeting)
        last = self.meeting.last_unknown_knock
        if self._unknown_knocks and last is not None:
            due = last + UNKNOWN_KNOCKS_EVERY_MS
            when = due if when is None else min(when, due)
        if when == self._timer_at:
            return
        if self._timer:
            self._timer.cancel()
        self._timer_at = when
        self._timer = None if when is None else self._clock.call_at(when, self._time_passed)

    def _time_passed(self) -> None:
        self._timer_at = None
        self.submit(Ask(TimePassed(), Asker("clock"), "resume"))


def _shows_host_token(meeting: Meeting, command: Command) -> bool:
    """Whether it is the host, who always gets in, whoever guesses from the same address."""
    said = command.host_token if isinstance(command, Join) else None
    return said is not None and same_secret(said, meeting.host_token)


async def _replay(meeting_id: str, journal: Journal, until: int | None = None) -> Meeting | None:
    rows = await journal.read(meeting_id, 0, until)
    meeting = NOTHING
    for row in rows:
        recorded = recorded_from(row)
        meeting = evolve(meeting, recorded.event, Stamp(recorded.seq, recorded.at))
    return meeting if rows else None
