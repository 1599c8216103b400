"""One meeting as it runs: the single writer that decides, stores, and only then tells.

mailbox ──> decide each in turn ──> one append ──> publish in order ──> replies
                                      └─ it fails: every reply is a refusal, the meeting is read again
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import structlog

from meetingsim.clock import Clock, Timer
from meetingsim.journal.protocol import Journal, JournalUnavailable, ReportRow, SeqConflict
from meetingsim.live.asks import SPENT, UNAVAILABLE, Ask, Outcome, Step
from meetingsim.live.budgets import Budget
from meetingsim.live.connections import Connection
from meetingsim.live.mailbox import Mailbox
from meetingsim.live.publish import Publisher
from meetingsim.live.replay import LateEvidence, replay
from meetingsim.live.rows import recorded_from, row_of
from meetingsim.state.control import Asker, Command, Context, Decision, Fact, Recorded, Refusal, Refuse, Refused
from meetingsim.state.controls.join import Join
from meetingsim.state.controls.presence import Drop, Restarted, Resume, TimePassed
from meetingsim.state.engine import decide, decide_each, next_deadline, record
from meetingsim.state.entry import UNKNOWN_KNOCKS_EVERY_MS
from meetingsim.state.entry_events import EntryRefused
from meetingsim.state.identity import digest
from meetingsim.state.meeting import Meeting, Origin, Person, Place

log = structlog.get_logger("meetingsim.live")

MOST_AT_ONCE = 256
"""How many commands one append takes at the most."""
MOST_MISSED = 1_000
"""How many events a resumed connection is told one by one; beyond that it gets a fresh view."""
RETRY_MS = 1_000
"""How long the seat waits before it does again what the journal did not take and nobody else will ask for."""
LATE_EVIDENCE_MS = 10_000
"""How often evidence that could not be read is looked for."""
_FAILED = Refusal("unavailable", "The server failed at this: nothing of it happened.")
_PRESENT = frozenset({Place.EARLY, Place.WAITING, Place.INSIDE})


class Seat:
    """The writer of one meeting. Commands go in by ``submit`` and ``ask``; nothing else changes the meeting."""

    def __init__(self, meeting: Meeting, journal: Journal, clock: Clock) -> None:
        self.meeting = meeting
        self.publisher = Publisher(self, clock)
        self.stopped = False
        self.budgets: dict[str, Budget] = {}
        self.witness: Callable[[Step], None] | None = None
        """Sees every decided command once it is stored, before anybody is told of it."""
        self._journal = journal
        self._clock = clock
        self._mailbox = Mailbox()
        self._owners: dict[str, Connection] = {}
        self._unknown_knocks = 0
        self._late = LateEvidence(journal)
        self._late_at = 0
        self._not_before = 0
        self._people: Mapping[str, Person] = {}
        self._deadline: int | None = None
        self._timer: Timer | None = None
        self._timer_at: int | None = None
        self._news: asyncio.Event = asyncio.Event()
        self._busy = False
        self._task = asyncio.create_task(self._run(), name=f"seat {meeting.id}")

    @classmethod
    async def load(cls, meeting_id: str, journal: Journal, clock: Clock) -> Seat | None:
        """The seat of a meeting that the journal knows, every kept place with a whole grace from now; None if it knows none."""
        meeting = await replay(meeting_id, journal)
        if meeting is None:
            return None
        seat = cls(meeting, journal, clock)
        await seat.restarted()
        return seat

    async def restarted(self) -> None:
        """Nobody is connected any more: every kept place gets a whole grace from now."""
        if self.meeting.status != "ended":
            await self.ask(Ask(Restarted(), Asker("clock"), "resume"))

    async def ask(self, ask: Ask) -> Outcome:
        """Submits and waits for what becomes of it."""
        if self.stopped:
            return Outcome(UNAVAILABLE)
        ask.done = asyncio.get_running_loop().create_future()
        self._mailbox.put(ask)
        return await ask.done

    def submit(self, ask: Ask) -> None:
        """Submits; the reply goes to the connection."""
        if not self.stopped:
            self._mailbox.put(ask)

    def dropped(self, connection: Connection) -> None:
        """A connection ended without ``leave``; harmless for one that speaks for nobody any more."""
        participant = connection.participant
        if participant is not None and self.publisher.drop(participant, connection):
            self.submit(Ask(Drop(), Asker("person", connection.participant), connection.door, connection=connection))

    def detached(self, participant: str, connection: Connection) -> None:
        """This connection speaks for nobody any more; what is still in the mailbox of it is void."""
        if self._owners.get(participant) is connection:
            del self._owners[participant]

    def budget(self, participant: str) -> Budget:
        """What this person may still send, over all their connections."""
        return self.budgets.setdefault(participant, Budget())

    def knows(self, session: str) -> bool:
        """Whether somebody of this meeting, present or gone, has or had this session last."""
        kept = digest(session)
        return any(person.session == kept for person in self.meeting.people.values())

    def simulated_origin(self, session: str) -> Origin | None:
        """The origin that a tester chose for the owner of this session; None where nobody did."""
        kept = digest(session)
        origin = next((p.origin for p in self.meeting.people.values() if p.session == kept), None)
        return origin if origin and origin.simulated else None

    async def news(self, seq: int, until: int) -> None:
        """Returns once the meeting is beyond that seq or stopped, or that time (ms) is reached."""
        over = asyncio.Event()

        def late() -> None:
            over.set()
            self._tell_news()

        timer = self._clock.call_at(until, late)
        try:
            while self.meeting.seq <= seq and not self.stopped and not over.is_set():
                await self._news.wait()
        finally:
            timer.cancel()

    async def settled(self) -> None:
        """Returns once all that was handed in is decided, stored and told."""
        await asyncio.sleep(0)  # what was to happen at once is handed in then
        while not self.stopped and (self._busy or len(self._mailbox)):
            await self.ask(Ask(TimePassed(), Asker("clock"), "resume"))

    async def stop(self, code: int) -> None:
        """Takes no more; what was handed in before is decided, stored and told, then every connection is closed."""
        if not self.stopped:
            self.stopped = True
            self._mailbox.close()
        await asyncio.wait([self._task])  # which, unlike awaiting it, does not cancel it with its caller
        if self._timer:
            self._timer.cancel()
        self.publisher.close_all(code)
        self._tell_news()

    def crash(self) -> None:
        """Ends as a process that dies does: nothing more is decided, stored or told, and nobody is told so."""
        self.stopped = True
        self._task.cancel()
        if self._timer:
            self._timer.cancel()
        self._tell_news()

    async def _run(self) -> None:
        while batch := await self._mailbox.take(MOST_AT_ONCE):
            self._busy = True
            try:
                await self._handle(batch)
            except Exception:
                log.exception("a batch failed", meeting=self.meeting.id)
                await self._give_up(batch)
            try:
                await self._look_for_evidence()
                self._set_timer()
            except Exception:
                log.exception("no timer", meeting=self.meeting.id)
            self._busy = False

    async def _look_for_evidence(self) -> None:
        now = self._clock.now()
        if len(self._late) and now >= self._late_at:
            self._late_at = now + LATE_EVIDENCE_MS
            await self._late.complete(self.meeting)

    async def _handle(self, batch: list[Ask]) -> None:
        knocks = self._unknown_knocks
        meeting, steps = self.meeting, self._decide_all(batch)
        rows = [row for step in steps for row in step.rows]
        filings = [filing for step in steps if isinstance(step.decision, Decision) for filing in step.decision.filings]
        if rows or filings:
            reports = [ReportRow(f.report, meeting.id, f.at, dict(f.document)) for f in filings]
            try:
                await self._journal.append(meeting.id, meeting.seq, [row_of(row) for row in rows], reports)
            except (JournalUnavailable, SeqConflict) as error:
                log.error("not stored", meeting=meeting.id, why=str(error))
                self._unknown_knocks = knocks
                await self._give_up(batch)
                return
        self.meeting = steps[-1].after if steps else meeting
        self._late.add(filings)
        for step in steps:
            await self._tell(step)
        if rows:
            self._tell_news()

    def _decide_all(self, batch: list[Ask]) -> list[Step]:
        steps: list[Step] = []
        meeting, now = self.meeting, self._clock.now()
        for ask in batch:
            if self._stale(ask):
                ask.settle(Outcome(UNAVAILABLE))
                continue
            try:
                step = self._decide(meeting, ask, now)
            except Exception:
                # Its sender alone is told so: one command that breaks a rule's code must not take others with it.
                log.exception("not decided", meeting=meeting.id)
                step = Step(ask, Refused(_FAILED), meeting, meeting, [])
            steps.append(step)
            meeting = step.after
        return steps

    def _stale(self, ask: Ask) -> bool:
        """A frame of a connection that another one of the same person has replaced, or that is over."""
        connection = ask.connection
        if connection is None or connection.participant is None:
            return False
        owner = self._owners.get(connection.participant)
        return owner is not connection and not (owner is None and isinstance(ask.command, Drop))

    def _decide(self, meeting: Meeting, ask: Ask, now: int) -> Step:
        context = Context(
            now,
            ask.asker,
            ask.door,
            ask.origin,
            ask.nonce,
            ask.digest,
            self._unknown_knocks,
            ask.user,
            ask.ticket,
            ask.ticket_fault,
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
            try:
                commands = ask.command(meeting)
            except Refuse as refuse:
                return refuse.refused()
            return decide_each(meeting, commands, context)
        if ask.guesser and ask.guesser.spent(context.now) and not ask.shows_host_token(meeting):
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
        """Publishes a stored step and answers it. Where that fails everybody has to come back, for it did happen."""
        try:
            if self.witness:
                self.witness(step)
            await self._publish(step)
        except Exception:
            log.exception("not told", meeting=self.meeting.id)
            self.publisher.send_away()
        self._answer(step.ask, step.outcome)
        if isinstance(step.ask.command, Drop) and step.ask.connection:
            self.detached(str(step.ask.asker.participant), step.ask.connection)

    async def _publish(self, step: Step) -> None:
        ask, decision = step.ask, step.decision
        entered = decision.participant if isinstance(decision, Decision) else None
        if entered and ask.connection:
            self.publisher.attach(entered, ask.connection)
        missed = None
        if entered and step.resumed_after is not None:
            missed = await self._missed(step, entered, step.resumed_after)
        self.publisher.publish(
            step.before, step.after, step.rows, entered=entered, missed=missed, asking=ask.connection
        )
        if isinstance(decision, Decision):
            for signal in decision.signals:
                self.publisher.route(signal, step.after)

    async def _missed(self, step: Step, participant: str, after: int) -> list[Recorded] | None:
        """What a resumed connection missed, or None where only a fresh view will do."""
        person = step.after.people[participant]
        if not person.placed <= after <= step.before.seq or person.where is not Place.INSIDE:
            return None
        if step.before.seq - after > MOST_MISSED:
            return None
        try:
            rows = await self._journal.read(self.meeting.id, after, step.before.seq - after)
        except JournalUnavailable as error:
            log.error("not read", meeting=self.meeting.id, why=str(error))
            return None
        return [recorded_from(row) for row in rows]

    def _answer(self, ask: Ask, outcome: Outcome) -> None:
        """The reply goes out with what was published, before whoever waits for the outcome goes on.

        A refusal at the door is left to the door, which may have to hold it back.
        """
        at_door = isinstance(ask.command, Join | Resume) and outcome.refusal is not None
        if ask.connection is not None and not at_door and not isinstance(ask.command, Drop):
            self.publisher.reply(ask.connection, ask.command, ask.ref, outcome)
        ask.settle(outcome)

    async def _give_up(self, batch: list[Ask]) -> None:
        """Nothing of the batch happened: everybody is told so, and the meeting is read again."""
        self._not_before = self._clock.now() + RETRY_MS
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
            self._tell_news()
            self._drop_ghosts()
        for ask in batch:
            self._answer(ask, Outcome(UNAVAILABLE))
        again = [ask for ask in batch if isinstance(ask.command, Drop | Restarted)]
        if again:
            self._clock.call_at(self._not_before, lambda: self._submit_all(again))

    def _submit_all(self, asks: list[Ask]) -> None:
        for ask in asks:
            self.submit(ask)

    def _drop_ghosts(self) -> None:
        """Whoever came in by what was stored after all, but was told that it was not, is not connected."""
        for person in self.meeting.people.values():
            if person.place in _PRESENT and person.id not in self.publisher.connections:
                self.submit(Ask(Drop(), Asker("person", person.id), "resume"))

    async def _read_again(self) -> Meeting | None:
        try:
            return await replay(self.meeting.id, self._journal)
        except JournalUnavailable:
            return None

    def _tell_news(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _set_timer(self) -> None:
        if self.meeting.people is not self._people:
            self._people, self._deadline = self.meeting.people, next_deadline(self.meeting)
        due = [self._deadline]
        last = self.meeting.last_unknown_knock
        if self._unknown_knocks and last is not None:
            due.append(last + UNKNOWN_KNOCKS_EVERY_MS)
        if len(self._late):
            due.append(self._late_at)
        when = min((max(one, self._not_before) for one in due if one is not None), default=None)
        if when == self._timer_at:
            return
        if self._timer:
            self._timer.cancel()
        self._timer_at = when
        self._timer = None if when is None else self._clock.call_at(when, self._time_passed)

    def _time_passed(self) -> None:
        self._timer_at = None
        self.submit(Ask(TimePassed(), Asker("clock"), "resume"))
