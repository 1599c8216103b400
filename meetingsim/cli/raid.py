"""The cast of the demo: a class, a raid from three countries, a scripted teacher, and what they measure."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

from meetingsim.chance import Chance
from meetingsim.clients import (
    Connection,
    ConnectionClosed,
    Frame,
    MeetingHandle,
    MeetingsimError,
    RefusedError,
    connect,
    host,
)
from meetingsim.state.control import Event

STUDENTS = 12
RAIDERS = {"BR": 14, "TR": 13, "US": 13}
LURKERS = 4
"""One raider in so many read the answer to the teacher's question where the link was posted, too."""
QUESTION, ANSWER = "Which class are you in?", "class 6"
HOME = "US"
REACTION = 1.0
"""Seconds until the teacher acts on what they see."""
DISRUPTIONS = ("audio_changed", "video_changed", "share_started", "message", "annotated")
_STREAMS = ("audio", "video", "share")

Say = Callable[[str], None]


@dataclass
class Exposure:
    """What one student saw and heard of the raid, by their own picture of the meeting."""

    raiders: set[str]
    seconds: float = 0.0
    lines: int = 0
    _since: float | None = None

    def take(self, frame: Frame[Event], view: dict[str, Any], now: float) -> None:
        """Counts a chat line, and the time in which a raider's stream is on."""
        if self._since is not None:
            self.seconds += now - self._since
        rows = view.get("participants", ())
        disturbed = any(row["id"] in self.raiders and any(row[s] for s in _STREAMS) for row in rows)
        self._since = now if disturbed else None
        if frame.type == "message" and frame["from"] in self.raiders:
            self.lines += 1

    def end(self, now: float) -> None:
        """The last moment that counts."""
        if self._since is not None:
            self.seconds += now - self._since
            self._since = None


@dataclass
class Figures:
    """What a run of the raid measured; times in seconds."""

    exposure: float = 0.0
    lines: float = 0.0
    got_in: int = 0
    most_inside: int = 0
    removed: int = 0
    reports: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    accepted: int = 0
    time_to_quiet: float | None = None
    students_kept: int = 0


@dataclass
class Stage:
    """One meeting with its cast, and everything that is counted in it."""

    meeting: MeetingHandle
    chance: Chance
    say: Say
    teacher: Connection | None = None
    raiders: set[str] = field(default_factory=set)
    raiders_ever_inside: set[str] = field(default_factory=set)
    exposures: list[Exposure] = field(default_factory=list)
    students: list[Connection] = field(default_factory=list)
    figures: Figures = field(default_factory=Figures)
    first_disruption: float | None = None
    suspended_at: float | None = None

    def now(self) -> float:
        """Seconds on the event loop's clock."""
        return asyncio.get_running_loop().time()

    def counts(self) -> dict[str, tuple[int, int]]:
        """How many of class and raid are inside and waiting, as the teacher sees it."""
        view = self.teacher.view if self.teacher else {}
        inside = {row["id"] for row in view.get("participants", ())}
        waiting = {row["id"] for row in view.get("waiting", ())}
        raid_inside = len(inside & self.raiders)
        self.figures.most_inside = max(self.figures.most_inside, raid_inside)
        return {
            "class": (len(inside) - raid_inside - (1 if inside else 0), len(waiting - self.raiders)),
            "raid": (raid_inside, len(waiting & self.raiders)),
        }


async def student(stage: Stage, number: int, stack: AsyncExitStack) -> None:
    """Knocks, answers the teacher's question, and attends."""
    exposure = Exposure(stage.raiders)
    stage.exposures.append(exposure)
    conn = await stack.enter_async_context(
        connect(
            stage.meeting.socket_url,
            on_frame=lambda frame: exposure.take(frame, conn.view, stage.now()),
        )
    )
    await conn.join(f"Student {number}", passcode=stage.meeting.passcode, country=HOME, device=f"school-{number}")
    stage.students.append(conn)
    if conn.place == "waiting":
        await conn.wait_for("waiting_room_message", timeout=30)
        await asyncio.sleep(0.2 + stage.chance.below(600) / 1000)
        await conn.waiting_room_chat(f"Hello, {ANSWER}!")
        await conn.placed("inside", timeout=30)


class Raider:
    """Somebody with the leaked link who disturbs as much as the meeting lets them, and comes back when thrown out."""

    def __init__(self, stage: Stage, number: int, country: str) -> None:
        self._stage = stage
        self._country = country
        self._name = f"offensive-name-{number}"
        self._device = f"raid-{number}"
        self._knows = number % LURKERS == 0
        self._tries = 0

    async def run(self) -> None:
        """Comes, again and again, each time a little different, until the meeting is over."""
        while self._tries < 4:
            self._tries += 1
            with suppress(MeetingsimError, TimeoutError):
                await self._visit()
            await asyncio.sleep(0.8 + self._stage.chance.below(1_200) / 1000)
            if self._tries == 2:
                self._name = f"Student {self._stage.chance.below(STUDENTS) + 1}"
            if self._tries == 3:
                self._device += "-other"

    async def _visit(self) -> None:
        stage = self._stage
        async with connect(stage.meeting.socket_url) as conn:
            try:
                await conn.join(self._name, passcode=stage.meeting.passcode, country=self._country, device=self._device)
            except RefusedError as refused:
                stage.figures.refused[refused.code] += 1
                raise
            stage.raiders.add(conn.participant)
            if conn.place == "waiting":
                await self._wait(conn)
            stage.raiders_ever_inside.add(conn.participant)
            while True:
                await asyncio.sleep(0.2 + stage.chance.below(400) / 1000)
                await self._disturb(conn)

    async def _wait(self, conn: Connection) -> None:
        await conn.wait_for("waiting_room_message", timeout=60)
        await asyncio.sleep(0.3 + self._stage.chance.below(700) / 1000)
        await conn.waiting_room_chat(ANSWER if self._knows else "let me in")
        await conn.placed("inside", timeout=60)

    async def _disturb(self, conn: Connection) -> None:
        stage = self._stage
        what = stage.chance.below(10)
        try:
            if what < 3:
                await conn.set_video(True)
            elif what < 5:
                await conn.set_audio(True)
            elif what < 7:
                await conn.start_share()
            else:
                await conn.chat("synthetic abuse " * 3)
        except RefusedError as refused:
            stage.figures.refused[refused.code] += 1
        else:
            stage.figures.accepted += 1
            stage.first_disruption = stage.first_disruption or stage.now()


class Teacher:
    """Hosts by what a host sees: asks who knocks, lets in who answers right, and stops a raid with the controls."""

    def __init__(self, stage: Stage, conn: Connection) -> None:
        self._stage = stage
        self._conn = conn
        self._loud: set[str] = set()

    async def ask_who_knocks(self) -> None:
        """The question goes to everybody who knocks, through the door."""
        while True:
            knock = await self._conn.wait_for("joined_waiting_room", timeout=600)
            with suppress(RefusedError):
                await self._conn.waiting_room_chat(QUESTION, to=knock["participant"])

    async def admit_right_answers(self) -> None:
        """Whoever gives the right answer is let in, as long as the meeting is open."""
        while True:
            said = await self._conn.wait_for("waiting_room_message", lambda frame: frame["to"] == "hosts", timeout=600)
            if ANSWER in said["text"] and self._stage.suspended_at is None:
                with suppress(RefusedError):
                    await self._conn.admit(said["from"])

    async def watch(self) -> None:
        """Notes who is loud; six disruptions within two seconds are a raid. Suspends, then returns."""
        times: list[float] = []
        while len(times) < 6:
            frame = await self._conn.wait_for(None, lambda frame: frame.type in DISRUPTIONS, timeout=600)
            sender = frame.get("participant") or frame.get("from")
            if sender == self._conn.participant or frame.get("on") is False:
                continue
            self._loud.add(str(sender))
            now = self._stage.now()
            times = [*(at for at in times if now - at < 2.0), now]
        await asyncio.sleep(REACTION)
        self._loud |= {
            row["id"] for row in self._conn.view["participants"] if row["role"] == "participant" and _running(row)
        }
        self._stage.say("[bold]suspend participant activities[/]: one event stops every stream and locks the meeting")
        await self._conn.suspend()
        self._stage.suspended_at = self._stage.now()

    async def clean_up(self) -> None:
        """The region rule, removals with a report, denials; then class goes on, one activity at a time."""
        stage, conn = self._stage, self._conn
        loud = sorted(self._loud & {row["id"] for row in conn.view["participants"]})
        stage.say(f"[bold]remove and report[/] the {len(loud)} who were loud, one by one")
        for participant in loud:
            done = await conn.remove(participant, report={"issue": "meeting_disruption"})
            stage.figures.reports += bool(done.get("report"))
            await asyncio.sleep(0.12)
        stage.say(f"[bold]region rule[/]: approve {HOME} alone, and remove whom it does not let in")
        await conn.set_region_rule("approve", countries=[HOME], present="remove")
        left = list(conn.view["waiting"])
        stage.say(f"[bold]deny[/] the {len(left)} who still wait without the right answer")
        for row in left:
            with suppress(RefusedError):
                await conn.deny(row["id"])
        stage.say("[bold]resume[/]: audio first, then chat; the lock stays on")
        await conn.allow("audio", True)
        await asyncio.sleep(0.6)
        await conn.allow("chat", True)

    def who_is_inside(self) -> set[str]:
        """Everybody in the meeting, the teacher too."""
        return {row["id"] for row in self._conn.view["participants"]}

    async def stay_alert(self, known: set[str]) -> None:
        """After class went on: whoever disturbs it and came after the leak is removed, too, and reported."""
        while True:
            frame = await self._conn.wait_for(None, lambda frame: frame.type in DISRUPTIONS, timeout=600)
            sender = str(frame.get("participant") or frame.get("from"))
            if sender in known or sender not in self.who_is_inside() or frame.get("on") is False:
                continue
            known.add(sender)
            await asyncio.sleep(REACTION / 2)
            with suppress(RefusedError):
                done = await self._conn.remove(sender, report={"issue": "meeting_disruption"})
                self._stage.figures.reports += bool(done.get("report"))


def _running(row: dict[str, Any]) -> bool:
    return any(row[stream] for stream in _STREAMS)


async def perform(stage: Stage, *, controls: bool, after_arrival: float) -> Figures:
    """The whole raid on one meeting; the class comes first, then the link leaks."""
    async with AsyncExitStack() as stack:
        conn = await stack.enter_async_context(host(stage.meeting, "Teacher"))
        stage.teacher = conn
        teacher = Teacher(stage, conn)
        work = (teacher.ask_who_knocks(), teacher.admit_right_answers(), _count(stage))
        hosting = [asyncio.create_task(one) for one in work]
        try:
            await asyncio.gather(*(student(stage, number + 1, stack) for number in range(STUDENTS)))
            stage.say(f"class is in: {STUDENTS} students" + (", each asked and let in" if controls else ""))
            stage.say(f"[red]the link leaks[/]: {sum(RAIDERS.values())} raiders come from {', '.join(RAIDERS)}")
            await _raid(stage, teacher, controls=controls, seconds=after_arrival)
        finally:
            await _stopped(hosting)
        return _measure(stage)


async def _raid(stage: Stage, teacher: Teacher, *, controls: bool, seconds: float) -> None:
    countries = [country for country, count in RAIDERS.items() for _ in range(count)]
    raid = [asyncio.create_task(_arrive(stage, n, country)) for n, country in enumerate(countries)]
    until = stage.now() + seconds
    known = teacher.who_is_inside()
    try:
        if controls:
            async with asyncio.timeout(seconds):
                await teacher.watch()
                await teacher.clean_up()
            raid.append(asyncio.create_task(teacher.stay_alert(known)))
            stage.say("the removed come back: same device, another name, another device")
            await asyncio.gather(*(conn.set_audio(True) for conn in stage.students[:3]))
        await asyncio.sleep(max(0.0, until - stage.now()))
    finally:
        for exposure in stage.exposures:
            exposure.end(stage.now())
        await _stopped(raid)


async def _count(stage: Stage) -> None:
    """Keeps the counts that only a look in between can give."""
    while True:
        stage.counts()
        await asyncio.sleep(0.1)


async def _arrive(stage: Stage, number: int, country: str) -> None:
    await asyncio.sleep(stage.chance.below(2_000) / 1000)
    await Raider(stage, number, country).run()


async def _stopped(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        expected = result is None or isinstance(result, asyncio.CancelledError | ConnectionClosed)
        if isinstance(result, BaseException) and not expected:
            raise result


def _measure(stage: Stage) -> Figures:
    figures = stage.figures
    figures.exposure = sum(one.seconds for one in stage.exposures) / len(stage.exposures)
    figures.lines = sum(one.lines for one in stage.exposures) / len(stage.exposures)
    figures.got_in = len(stage.raiders_ever_inside)
    if stage.first_disruption is not None and stage.suspended_at is not None:
        figures.time_to_quiet = stage.suspended_at - stage.first_disruption
    figures.students_kept = sum(conn.place == "inside" for conn in stage.students)
    return figures
