"""What everybody in a run shares: the target, the clock, the recorder, who is who; and the target's ear."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from meetingsim.chance import Chance
from meetingsim.clients.redaction import HIDDEN
from meetingsim.clock import Timer
from meetingsim.scenarios.play.behaviors import Behaviors
from meetingsim.scenarios.play.recorder import Recorder
from meetingsim.scenarios.scenario import Scenario
from meetingsim.scenarios.target import Frame, Opened, Target
from meetingsim.scenarios.trace import Trace, behind

if TYPE_CHECKING:
    from meetingsim.scenarios.play.client import Client

_NESTED = frozenset((dict, list))


class Stage:
    """The shared part of a run, and the Listener of its target."""

    def __init__(self, scenario: Scenario, target: Target, trace: Trace, recorder: Recorder) -> None:
        self.scenario = scenario
        self.target = target
        self.trace = trace
        self.recorder = recorder
        self.clients: dict[str, Client] = {}
        self.refs: dict[str, list[str]] = {}
        self.names: dict[str, str] = {}
        self.behaviors = Behaviors(scenario.behaviors)
        self.opened: Opened
        self.over = asyncio.Event()
        self._began = target.clock.now()
        self._lines: dict[int, Client] = {}
        self._unknown: dict[str, list[Callable[[], None]]] = {}
        self._sent = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._payload = b""
        self._flat = False
        self._frame: dict[str, Any] = {}

    @property
    def salt(self) -> str:
        """What makes the digests of this run's secrets nobody else's."""
        return self.opened.host_token or self.opened.meeting

    # Time and chance

    def chance(self, *purpose: object) -> Chance:
        """A stream of its own for this purpose."""
        return Chance.of(self.trace.seed, *purpose)

    def after(self, ms: int, do: Callable[[], None]) -> Timer:
        """Does it so many ms from now, unless the run is over by then."""
        return self.at(self.recorder.at + max(0, ms), do)

    def at(self, ms: int, do: Callable[[], None]) -> Timer:
        """Does it so many ms after the beginning."""
        return self.target.clock.call_at(self._began + ms, partial(self._safely, do))

    def _safely(self, do: Callable[[], None]) -> None:
        if self.over.is_set():
            return
        try:
            do()
        except Exception as error:
            self.fail(error)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs beside the rest; what it raises ends the run."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        """Ends the run: what it would show from here on could not be trusted."""
        if self.trace.broke is None:
            self.trace.broke = str(error) or type(error).__name__
            self.trace.failure = error
        self.over.set()

    def end(self) -> None:
        """Nobody acts any more."""
        self.over.set()
        for task in list(self._tasks):
            task.cancel()

    # Lines

    def new_line(self, client: Client) -> int:
        """A number for one more connection of somebody."""
        number = len(self._lines) + 1
        self._lines[number] = client
        return number

    def next_sent(self) -> int:
        """A number for one more frame that is sent."""
        self._sent += 1
        return self._sent

    # The Listener

    def came(self, line: int, payload: bytes) -> None:
        """A frame left the server; all who get the same bytes share one parsed frame. Their mirrors get copies."""
        try:
            if payload is not self._payload:
                self._payload, self._frame = payload, _parsed(payload)
                self._flat = _NESTED.isdisjoint(map(type, self._frame.values()))
            self._lines[line].left_server(line, self._frame, None if self._flat else payload)
        except Exception as error:
            self.fail(error)

    def closed(self, line: int, code: int, reason: str) -> None:
        """A line ended."""
        self._lines[line].line_ended(line, code)

    def happened(self, event: Frame) -> None:
        """An event is in the journal."""
        participant = behind(event)
        actor = self.trace.people.get(participant) if participant else None
        fields = {name: value for name, value in event.items() if name not in {"type", "seq"}}
        self.recorder.say(str(event["type"]), _without_secrets(fields), actor, event["seq"])

    def filed(self, report: Frame) -> None:
        """A report is on the desk."""
        reporter = report.get("reporter") or {}
        self.recorder.say("report_filed", report, self.trace.people.get(str(reporter.get("id"))))

    def knows(self, participant: str, ref: str) -> None:
        """This participant is that member of the cast."""
        self.trace.people[participant] = ref
        for do in self._unknown.pop(participant, ()):
            self.after(0, do)

    def when_known(self, participant: str, do: Callable[[], None]) -> None:
        """Does it once it is known who of the cast this is."""
        self._unknown.setdefault(participant, []).append(do)


def _parsed(payload: bytes) -> dict[str, Any]:
    frame: dict[str, Any] = orjson.loads(payload)
    kind = frame.get("type")
    if kind == "view":
        frame["session"] = HIDDEN
        settings = frame.get("view", {}).get("meeting", {}).get("settings")
        if settings and settings.get("passcode") is not None:
            settings["passcode"] = HIDDEN
        return frame
    return _without_secrets(frame)


def _without_secrets(frame: dict[str, Any]) -> dict[str, Any]:
    """Of events only the settings carry a secret."""
    settings = frame.get("settings")
    if isinstance(settings, Mapping) and settings.get("passcode") is not None:
        return {**frame, "settings": {**settings, "passcode": HIDDEN}}
    return frame
