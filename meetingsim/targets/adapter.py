"""Somebody's own product as a target: an adapter in any language speaks for it, in JSON Lines over stdin and stdout.

What either side may write is on the page ``docs/how-to/adapters.md``. Replies and frames of the contract are made of it
here, so that the runner knows no difference; what an adapter leaves out, such as views and numbers, is made up.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import orjson

from meetingsim.clock import Clock, SystemClock
from meetingsim.geo.countries import UnknownCountry
from meetingsim.geo.plan import CAPACITY, address_of
from meetingsim.scenarios.play.virtual_time import VirtualClock
from meetingsim.scenarios.scenario import Scenario, plain
from meetingsim.scenarios.target import Frame, Listener, Opened, TargetFailed, Whence
from meetingsim.scenarios.trace import Member, View
from meetingsim.state.controls import EVENTS
from meetingsim.targets.holding import Holding
from meetingsim.targets.lacking import not_taken
from meetingsim.targets.opening import meeting_of, whole
from meetingsim.targets.pipe import Rubbish
from meetingsim.targets.saying import EPOCH, error_of, event_of, frame_of, text_in, view_of, why_of
from meetingsim.targets.stepped import SteppedLoop
from meetingsim.targets.talk import Answer, Talk

STARTS_AGAIN_WITHIN: Final = 60.0
LEFT, LOST = 1000, 1006
_QUIET: Final = 0.1
_PATIENCE: Final = 5.0
_KNOCKS: Final = frozenset({"join", "resume"})
_RENAMED: Final = {"n": "number"}
_NOT_TOLD: Final = frozenset({"n", "ok", "seq", "participant", "place", "session"})
_FAR: Final = 2**62


@dataclass(slots=True, eq=False)
class _Actor:
    """Somebody of the cast as the adapter knows them: by a name, with one connection at a time."""

    name: str
    member: Member
    line: int | None = None
    knocking: int | None = None
    """The line whose join or resume is not answered yet."""
    knocked_at: int = 0
    """The seq that had been told when they knocked."""
    shown: bool = False
    """Whether the product showed them a view since, before it answered."""
    cutting: int = 0
    """How many cuts the adapter has not answered yet."""
    kept: list[dict[str, Any]] = field(default_factory=list)
    """What came while they knocked and had no line; it comes after the view."""
    participant: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    actor: _Actor
    whence: Whence


class AdapterTarget:
    """The product behind ``command``. ``start`` comes first: only then is known what it can.

    It is played at the machine's clock, or, in a SteppedLoop and where it says so, at a time that is counted for it.
    """

    name = "adapter"

    def __init__(self, command: str) -> None:
        self.can: frozenset[str] = frozenset()
        self.views: frozenset[View] = frozenset()
        self.clock: Clock = SystemClock()
        self._talk = Talk(command, self._happened)
        self._listener: Listener
        self._holding: Holding
        self._actors: dict[str, _Actor] = {}
        self._by_name: dict[str, _Actor] = {}
        self._lines: dict[int, _Line] = {}
        self._deaf: dict[int, deque[Callable[[], None]]] = {}
        self._seq = 0
        self._answered_seq = 0

    @classmethod
    @asynccontextmanager
    async def starting(cls, command: str) -> AsyncIterator[AdapterTarget]:
        """An adapter for as long as the block runs. Raises TargetFailed."""
        target = cls(command)
        try:
            await target.start()
            yield target
        finally:
            await target.close()

    async def start(self) -> None:
        """Starts the adapter and reads its first line. Raises TargetFailed."""
        hello = await self._talk.start()
        self.can = hello.can | {"dial", "deaf"}
        self.views = hello.views
        loop = asyncio.get_running_loop()
        if hello.told_the_time and isinstance(loop, SteppedLoop):
            self.clock = VirtualClock(loop)
            self._talk.now = self.clock.now
            loop.step(lambda: not self._talk.idle)

    async def open(self, scenario: Scenario, seed: int, members: Mapping[str, Member], listener: Listener) -> Opened:
        """Makes the meeting, where the adapter can; else there is one already. Raises TargetFailed."""
        self._listener = listener
        self._talk.failure.check()
        self._talk.failure.tell = listener.fail
        self._holding = Holding(listener, self._talk.fail)
        if "server" not in self.views:
            self._holding.reached = _FAR  # with no journal no frame has to wait for it
        self._name(members)
        asked = meeting_of(scenario)
        made = await self._make({"scenario": scenario.name, "seed": seed, **asked}, scenario)
        settings = made["settings"] if isinstance(made.get("settings"), dict) else asked["settings"]
        return Opened(
            made.get("meeting") or "meeting",
            made.get("passcode"),
            made.get("host_token"),
            whole(settings),
            {**not_taken(asked["settings"], whole(settings)), **made.get("lacks", {})},
        )

    async def _make(self, said: Mapping[str, Any], scenario: Scenario) -> Answer:
        if "open" not in self.can:
            return {}
        people = [
            {"actor": one.name, "role": one.member.role, "name": one.member.name, "country": one.member.country}
            for one in self._actors.values()
        ]
        networks = plain(scenario.geo.networks) if scenario.geo is not None else {}
        made = await self._talk.call("open", {**said, "networks": networks, "actors": people})
        if not made["ok"]:
            raise TargetFailed(f"The adapter makes no meeting for this scenario: {why_of(made)}.")
        return made

    def _name(self, members: Mapping[str, Member]) -> None:
        for ref, member in members.items():
            name = ref.replace("[", "-").replace("]", "")
            if name in self._by_name:
                raise TargetFailed(f"Two of the cast would be {name} to an adapter: give one of them another name.")
            self._actors[ref] = self._by_name[name] = _Actor(
                name, member, participant=name, session=f"session of {name}"
            )

    async def close(self) -> None:
        """Ends the adapter."""
        loop = asyncio.get_running_loop()
        if isinstance(loop, SteppedLoop):
            loop.walk()
        await self._talk.close()

    # To the adapter

    def dial(self, line: int, actor: str, whence: Whence) -> None:
        """Nothing is written: a connection begins with its join or resume, which says where it comes from."""
        self._lines[line] = _Line(self._actors[actor], whence)

    def send(self, line: int, frame: Frame) -> None:
        """Writes a command."""
        if (at := self._lines.get(line)) is None or self._talk.failure.first is not None:
            return
        command, ref = str(frame["type"]), frame.get("ref")
        # A medium's own n would be taken for the command's.
        said = {_RENAMED.get(name, name): value for name, value in frame.items() if name not in {"type", "ref"}}
        if command not in self.can:
            asyncio.get_running_loop().call_soon(self._refuse, line, command, ref)
            return
        if command in _KNOCKS:
            at.actor.knocking, at.actor.knocked_at, at.actor.shown = line, self._seq, False
            said = {"role": at.actor.member.role, **_whence(at.whence), **said}
        self._talk.ask(command, {"actor": at.actor.name, **said}, partial(self._reply, command, line, at.actor, ref))

    def cut(self, line: int) -> None:
        """Writes it where the adapter can; either way nothing more is told of the line."""
        gone = self._lines.pop(line, None)
        self._deaf.pop(line, None)
        self._holding.forget(line)
        if gone is not None and gone.actor.line == line:
            gone.actor.line = None
            self._cut_off(gone.actor)

    def _cut_off(self, actor: _Actor) -> None:
        if "cut" not in self.can or self._talk.failure.first is not None:
            return
        actor.cutting += 1

        def done(answer: Answer) -> None:
            actor.cutting -= 1

        self._talk.ask("cut", {"actor": actor.name}, done)

    def deaf(self, line: int, deaf: bool) -> None:
        """Keeps what comes for the line on this side, until it listens again."""
        if deaf:
            self._deaf.setdefault(line, deque())
            return
        for tell in self._deaf.pop(line, ()):
            tell()

    async def ticket(self, name: str, role: str) -> str | None:
        """A ticket of the product's, where it has some."""
        said = await self._talk.call("ticket", {"name": name, "role": role})
        return said.get("ticket") if said["ok"] else None

    def address(self, country: str, number: int) -> str | None:
        """An address of the simulated plan, for products that let a test say where somebody comes from."""
        try:
            return address_of(country, number % CAPACITY) if "origin" in self.can else None
        except UnknownCountry:
            return None

    async def report(self, token: str, participants: list[str], issue: str, text: str) -> str | None:
        """By whoever had this session or ticket."""
        actor = next((one.name for one in self._actors.values() if one.session == token), None)
        whose = {"actor": actor} if actor else {"ticket": token}
        about = {"participants": participants, "issue": issue, "text": text}
        said = await self._talk.call("report_afterwards", whose | about)
        return None if said["ok"] else str(said["code"])

    async def crash(self) -> None:
        """The product dies; the adapter does not."""
        await self._talk.call("crash", {})
        self._holding.lose()
        for line in sorted(self._lines):
            self._end(line, LOST)

    async def restart(self) -> None:
        """The product is there again."""
        await self._talk.call("restart", {}, STARTS_AGAIN_WITHIN)
        self._holding.losing = False

    def view(self, line: int) -> Frame | None:
        """Nothing: an adapter is not asked what others see."""
        return None

    async def settled(self) -> None:
        """Waits until everything is answered and nothing more comes; a few seconds at most."""
        now = asyncio.get_running_loop().time
        until = now() + _PATIENCE
        while now() < until and not self._quiet(now()):
            self._talk.failure.check()
            await asyncio.sleep(_QUIET / 2)
        self._talk.failure.check()

    def _quiet(self, now: float) -> bool:
        return self._talk.idle and self._holding.empty and now - self._holding.moved_at >= _QUIET

    def _refuse(self, line: int, command: str, ref: object) -> None:
        """In place of an adapter that cannot: whoever would resume joins again."""
        code = "resume_lost" if command == "resume" else "unavailable"
        error = error_of({"code": code, "detail": f"The adapter cannot {command}."})
        self._tell(line, {"type": "reply", "ref": ref, "ok": False, "error": error})

    # From the adapter

    def _reply(self, command: str, line: int, actor: _Actor, ref: object, said: Answer) -> None:
        if command in _KNOCKS:
            self._knocked(command, line, actor, said)
        reply = {"type": "reply", "ref": ref, "ok": said["ok"]}
        if said["ok"]:
            reply |= {name: value for name, value in said.items() if name not in _NOT_TOLD} | self._caused(said)
        else:
            reply["error"] = error_of(said)
        self._answered_seq = self._seq
        if command != "media" or not said["ok"]:
            self._tell(line, reply)
        if command == "leave" and said["ok"]:
            self._end(line, LEFT)

    def _knocked(self, command: str, line: int, actor: _Actor, said: Answer) -> None:
        kept: list[dict[str, Any]] = []
        shown = actor.shown
        if actor.knocking == line:
            kept, actor.kept, actor.knocking = actor.kept, [], None
        if said["ok"] and line not in self._lines:
            if actor.line is None and actor.knocking is None:
                self._cut_off(actor)
        elif said["ok"]:
            actor.line = line
            actor.participant = said.get("participant") or actor.participant
            actor.session = said.get("session") or actor.session
            if not shown and (command == "join" or "place" in said):
                self._tell(line, self._view(actor, said.get("place", "inside"), actor.knocked_at))
        for one in kept:
            self._tell(line, one)

    def _happened(self, said: Mapping[str, Any]) -> None:
        fact = said["fact"]
        if fact in EVENTS:
            self._event(event_of(said))
        elif fact == "report_filed":
            self._listener.filed({name: value for name, value in said.items() if name != "fact"})
        elif fact in {"received", "placed", "disconnected"}:
            actor = self._by_name.get(str(said.get("actor")))
            if actor is None:
                raise Rubbish("a fact about an actor who is none of the cast")
            self._befell(actor, said)
        else:
            raise Rubbish("a fact that nobody knows")

    def _befell(self, actor: _Actor, said: Mapping[str, Any]) -> None:
        if said["fact"] == "disconnected":
            code = said.get("code", LOST)
            if isinstance(code, bool) or not isinstance(code, int):
                raise Rubbish("a close code that is no whole number")
            self._disconnected(actor, code)
        elif said["fact"] == "placed":
            self._received(actor, self._view(actor, said.get("place"), self._seq), anew=False)
        else:
            frame = self._numbered(actor, frame_of(said))
            self._received(actor, frame, anew=frame["type"] == "view")

    def _received(self, actor: _Actor, frame: dict[str, Any], *, anew: bool) -> None:
        """To the line that they have. While they knock a view begins the new one: others may speak of them from then on."""
        if actor.cutting:
            return  # said before the adapter had read of the cut
        if actor.knocking is not None and anew:
            actor.line, actor.shown = actor.knocking, True
            actor.kept.clear()
        if actor.line is not None:
            self._tell(actor.line, frame)
        elif actor.knocking is not None:
            actor.kept.append(frame)

    def _disconnected(self, actor: _Actor, code: int) -> None:
        """The end of the line that they have, or had; never of one that they knock on."""
        actor.kept.clear()
        if actor.line is not None and not actor.cutting:
            self._end(actor.line, code)

    def _event(self, event: dict[str, Any]) -> None:
        if "server" not in self.views:
            raise Rubbish('an event of its journal, and did not say "server" in views')
        seq = event.get("seq") or self._seq + 1
        if seq <= self._seq:
            raise Rubbish(f"an event whose seq is not greater than {self._seq}, the one before")
        self._seq = seq
        self._holding.happened({**event, "seq": seq})

    # To the runner

    def _tell(self, line: int, frame: dict[str, Any]) -> None:
        if line in self._lines:
            self._pass(line, partial(self._holding.came, line, orjson.dumps(frame), frame))

    def _end(self, line: int, code: int) -> None:
        if (gone := self._lines.pop(line, None)) is None:
            return
        if gone.actor.line == line:
            gone.actor.line = None
        self._pass(line, partial(self._holding.closed, line, code, ""))

    def _pass(self, line: int, tell: Callable[[], None]) -> None:
        if line in self._deaf:
            self._deaf[line].append(tell)
        else:
            tell()

    def _view(self, actor: _Actor, place: object, seq: int) -> dict[str, Any]:
        frame = view_of(actor.participant, actor.member.name, actor.member.role, place)
        return {"seq": seq, "epoch": EPOCH, "session": actor.session, **frame}

    def _numbered(self, actor: _Actor, frame: dict[str, Any]) -> dict[str, Any]:
        """A frame with the seq that it lacks; a view with all that views have."""
        if frame["type"] == "view":
            actor.participant = frame["view"]["me"]["id"]
            actor.session = text_in(frame, "session") or actor.session
            return {"seq": self._seq, "epoch": EPOCH, **frame, "session": actor.session}
        if frame["type"] not in EVENTS or "seq" in frame:
            return frame
        if "server" not in self.views:
            self._seq += 1
        return {**frame, "seq": self._seq}

    def _caused(self, said: Mapping[str, Any]) -> dict[str, int]:
        """The seq of what a command caused: as the answer says, else the last event since the answer before it."""
        if "server" not in self.views:
            self._seq += 1
        seq = said.get("seq", self._seq if self._seq > self._answered_seq else None)
        return {} if seq is None else {"seq": seq}


def _whence(whence: Whence) -> dict[str, Any]:
    header = f"{whence.header[0]}: {whence.header[1]}" if whence.header else None
    said = {"country": whence.country, "address": whence.address, "header": header}
    return {name: value for name, value in said.items() if value is not None}
