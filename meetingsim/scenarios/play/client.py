"""One member of the cast at their own end of the line: what they send, what they receive, how they come back.

away ──join──> knocking ──view──> in (early, waiting, inside) ──line lost──> lost ──resume──> in
  ^               └──refused──> away                └── leave, removed, denied, ended ──> away
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from meetingsim.clients.mirror import Mirror
from meetingsim.clock import Timer
from meetingsim.scenarios.play.attempt import Attempt
from meetingsim.scenarios.play.late_mirror import LateMirror
from meetingsim.scenarios.play.names import member_row
from meetingsim.scenarios.play.way import Net, Way
from meetingsim.scenarios.target import Whence
from meetingsim.scenarios.trace import Fact, Member, activity_of_command

if TYPE_CHECKING:
    from meetingsim.scenarios.play.stage import Stage

Moment = Literal["admitted", "denied", "disconnected", "put_in_waiting_room", "refused", "removed", "suspended"]
"""What happens to somebody that a behaviour may answer."""
LEFT, LOST, REPLACED, FOR_NOW = 1000, 1006, 4003, 4004
REMOVED, REGION, ENDED, FINAL = 4500, 4501, 4502, 4503
_SECRETS = frozenset({"ticket", "passcode", "host_token", "session"})
_BACK_MS = (1_000, 2_000, 4_000, 8_000, 15_000)
"""How long somebody whose line broke waits before they try again, the first time and later ones."""


@dataclass(slots=True)
class _Line:
    number: int
    way: Way
    participant: str | None = None
    let_in: bool = False
    over: bool = False
    deaf: bool = False


class Program(Protocol):
    """What somebody does by themselves: a behaviour, or a host's policy. It acts later, never within a call."""

    def happens(self, moment: Moment) -> None:
        """Something that a behaviour may answer happened to them."""

    def got(self, frame: Mapping[str, Any]) -> None:
        """A frame reached them, and is in their mirror already."""


class Client:
    """A member of the cast with their device. ``programs`` decide what they do."""

    def __init__(self, stage: Stage, member: Member, net: Net) -> None:
        self.member = member
        self.ref = member.ref
        self.known = member_row(member)
        self.net = net
        self.participant: str | None = None
        self.attempt: Attempt | None = None
        self.programs: list[Program] = []
        self.comes_back = True
        """Whether they resume by themselves when their line breaks."""
        self.insists = True
        """Whether they join anew by themselves where a resume is lost, and knock again where nobody can answer now."""
        self._leaving = False
        self._stage = stage
        self._say = stage.recorder.say
        self._mirror = LateMirror()
        self._line: _Line | None = None
        self._lines: dict[int, _Line] = {}
        self._waiting_for: dict[str, deque[Fact]] = {}
        self._held = 0
        self._back: Timer | None = None
        self._tries = 0
        self._placed: str | None = None

    @property
    def mirror(self) -> Mirror:
        """Their picture, as of the last frame."""
        return self._mirror.look()

    @property
    def place(self) -> str | None:
        """Where they are, as they know themselves; None while they are away."""
        return self._placed

    @property
    def connected(self) -> bool:
        """Whether they have a line that let them in."""
        return self._line is not None and self._line.let_in and not self._line.over

    @property
    def at_rest(self) -> bool:
        """Whether they are connected and nothing is on its way, or lies there unread."""
        if self._line is None or not self.connected or self._line.deaf or not self._line.way.empty:
            return False
        unanswered = (sent for waiting in self._waiting_for.values() for sent in waiting)
        return all(sent.fields["command"] == "media" for sent in unanswered)

    @property
    def line(self) -> int | None:
        """The line they speak on."""
        return self._line.number if self._line else None

    def has_line_beside(self, number: int) -> bool:
        """Whether another line than this is open, let in or knocking."""
        return any(not line.over for line in self._lines.values() if line.number != number)

    # Coming and going

    def join(self, attempt: Attempt) -> Fact:
        """Knocks, on a new line; gives what was sent."""
        self.attempt = attempt
        self._leaving = False
        self._forget_return()
        line = self._dial(attempt)
        said = {"name": attempt.name, "device": attempt.device, "ticket": attempt.ticket}
        said |= {"passcode": attempt.passcode, "host_token": attempt.host_token}
        return self._send(line, "join", {name: value for name, value in said.items() if value is not None}, attempt)

    def resume(self, whence: Mapping[str, Any] | None = None) -> Fact | None:
        """Comes back on a new line with the session that they have; from elsewhere where that is said.

        Where the target knows no sessions they join again.
        """
        self._forget_return()
        if self.attempt is None or self.mirror.session is None:
            return None
        self.attempt = replace(self.attempt, **(whence or {}), trick=None)
        if "resume" not in self._stage.target.can:
            self._stage.trace.lacking.setdefault("resume", "the target cannot do resume")
            return self.join(self.attempt)
        line = self._dial(self.attempt)
        said = {"session": self.mirror.session, "epoch": self.mirror.epoch, "after": self.mirror.seq}
        return self._send(line, "resume", said, self.attempt)

    def cut(self) -> None:
        """Their line breaks; the server sees it at once, unless the network hides it."""
        line, self._line = self._line, None
        self._forget_return()
        if line is not None:
            self._drop(line)

    def roam(self, whence: Mapping[str, Any]) -> None:
        """The line drops and goes on from somewhere else."""
        self.cut()
        self.resume(whence)

    def send(self, command: str, fields: Mapping[str, Any]) -> Fact | None:
        """Sends a command on the line they have; None where they have none."""
        self._leaving |= command == "leave"
        return self._send(self._line, command, fields) if self._line is not None else None

    def _dial(self, attempt: Attempt) -> _Line:
        stage = self._stage
        number = stage.new_line(self)
        target = stage.target

        def down(what: tuple[dict[str, Any], bytes | None] | int) -> None:
            try:
                if isinstance(what, int):
                    self._lost(line, what)
                elif not line.over:
                    self._got(line, *what)
            except Exception as error:
                stage.fail(error)

        way = Way(self.net, target.clock, lambda frame: target.send(number, frame), down, held=self._held > 0)
        line = self._lines[number] = _Line(number, way)
        target.dial(number, self.ref, Whence(attempt.address, attempt.country, attempt.header))
        if self._line is None or not self._line.let_in:
            self._line = line
        return line

    def _drop(self, line: _Line) -> None:
        line.over = line.way.over = True
        if line.let_in:
            self._say("disconnected", {"line": line.number, "code": LOST}, self.ref)
        self._stage.target.cut(line.number)

    # Sending

    def _send(
        self, line: _Line | None, command: str, fields: Mapping[str, Any], attempt: Attempt | None = None
    ) -> Fact:
        assert line is not None
        sent = self._say_sent(line, command, fields, attempt, None)
        frame = {"type": command, "ref": sent.fields["ref"], **fields}
        line.way.up(frame)
        if self.net.doubles():
            self._say_sent(line, command, fields, attempt, sent)
            line.way.up(frame)
        return sent

    def _say_sent(
        self, line: _Line, command: str, fields: Mapping[str, Any], attempt: Attempt | None, first: Fact | None
    ) -> Fact:
        n = self._stage.next_sent()
        said: dict[str, Any] = {name: value for name, value in fields.items() if name not in _SECRETS}
        said |= {"n": n, "line": line.number, "command": command, "activity": activity_of_command(command, fields)}
        said["ref"] = first.fields["ref"] if first else str(n)
        if first:
            said["duplicate"] = first.fields["n"]
        if attempt is not None:
            said["attempt"] = attempt.shown(n, self._stage.salt)
        sent = self._say("sent", said, self.ref)
        self._waiting_for.setdefault(said["ref"], deque()).append(sent)
        return sent

    # What leaves the server, before the network

    def left_server(self, number: int, frame: dict[str, Any], payload: bytes | None) -> None:
        """A frame for one of their lines left the server; without ``payload`` where it has nothing in it but plain values."""
        line = self._lines[number]
        kind = frame.get("type")
        if kind == "reply":
            self._answered(frame)
        elif kind == "view":
            self._let_in(line, frame)
        if self.net.quick and line.way.clear:
            self._got(line, frame, payload)
        elif not line.over:
            line.way.down((frame, payload))

    def _let_in(self, line: _Line, frame: Mapping[str, Any]) -> None:
        self.participant = participant = str(frame["view"]["me"]["id"])
        if self._stage.trace.people.get(participant) != self.ref:
            self._stage.knows(participant, self.ref)
        self._connected(line)

    def _connected(self, line: _Line) -> None:
        line.participant = self.participant
        if not line.let_in:
            self._say("connected", {"line": line.number}, self.ref)
        line.let_in = True

    def _answered(self, frame: Mapping[str, Any]) -> None:
        waiting = self._waiting_for.get(str(frame.get("ref")))
        if not waiting:
            return  # nobody asked for it: the invariants say so, from the frame
        sent = waiting.popleft()
        if not waiting:
            del self._waiting_for[str(frame.get("ref"))]
        more = {name: value for name, value in frame.items() if name not in {"type", "ref", "ok", "seq", "error"}}
        if frame.get("ok"):
            seq = frame.get("seq")
            if sent.fields["command"] == "resume":
                self._connected(self._lines[sent.fields["line"]])  # what was missed may come without a view
            fields = {**sent.fields, **more, "activity": sent.fields["activity"] if seq is not None else None}
            self._say("accepted", fields, self.ref, seq)
        else:
            error = dict(frame.get("error") or {})
            told = {name: error.get(name) for name in ("code", "detail", "temporary")}
            self._say("refused", {**sent.fields, **told, "error": error}, self.ref)

    def line_ended(self, number: int, code: int) -> None:
        """One of their lines was closed by the server, or lost."""
        line = self._lines[number]
        if line.over:
            return
        if line.let_in:
            self._say("disconnected", {"line": number, "code": code}, self.ref)
        line.way.down(code)

    # What reaches the client

    def _got(self, line: _Line, frame: dict[str, Any], payload: bytes | None) -> None:
        kind = frame.get("type")
        self._say("received", {"line": line.number, "frame": frame}, self.ref)
        if kind == "view":
            self._take_view(line, frame, payload)
        elif kind == "reply":
            self._take_reply(line, frame)
        elif line is self._line:
            self._mirror.take(frame, payload)
            if kind == "suspended":
                self._tell("suspended")
        for program in self.programs:
            program.got(frame)

    def _tell(self, moment: Moment) -> None:
        for program in self.programs:
            program.happens(moment)

    def _take_view(self, line: _Line, frame: dict[str, Any], payload: bytes | None) -> None:
        older, before = self._line, self._placed
        if older is not line:
            self._line = line
            self._mirror = LateMirror()
            before = None
            # An older line of the same seat is the server's to close.
            if older is not None and not older.over and older.participant != line.participant:
                self._drop(older)
        self._mirror.take(frame, payload)
        self._tries = 0
        self._placed = now = frame["view"]["me"]["place"]
        if before == "waiting" and now == "inside":
            self._tell("admitted")
        elif before == "inside" and now == "waiting":
            self._tell("put_in_waiting_room")

    def _take_reply(self, line: _Line, frame: Mapping[str, Any]) -> None:
        error = frame.get("error")
        if error is None:
            self._tries = 0
        elif not line.let_in:
            self._turned_away(line, str(error.get("code")))

    def _turned_away(self, line: _Line, code: str) -> None:
        """A knock was refused. Whoever had another line still has it."""
        if line is not self._line and self._line is not None:
            self._drop(line)
            return
        self._line = None
        self._drop(line)
        self._placed = None
        if self.insists and code == "resume_lost" and self.attempt is not None:
            self.join(self.attempt)
        elif self.insists and code == "unavailable":
            self._come_back()
        elif code in {"removed", "denied"}:
            self._tell("removed" if code == "removed" else "denied")
        elif code != "ended":
            self._tell("refused")

    def _lost(self, line: _Line, code: int) -> None:
        line.over = line.way.over = True
        self._waiting_for = {
            ref: kept
            for ref, waiting in self._waiting_for.items()
            if (kept := deque(one for one in waiting if one.fields["line"] != line.number))
        }
        if line is not self._line:
            return
        self._line, placed = None, self._placed
        if code == REMOVED:
            self._gone("removed")
        elif code in {REGION, FINAL} or (code == FOR_NOW and placed == "waiting"):
            self._gone("refused" if code == REGION else "denied")
        elif code in {LEFT, REPLACED, ENDED} or self._leaving:
            self._placed = None
        elif self.comes_back:
            self._come_back()
        else:
            self._tell("disconnected")

    def _gone(self, moment: Moment) -> None:
        was_in, self._placed = self._placed is not None, None
        if was_in:
            self._tell(moment)

    # The network breaks

    def hold(self) -> None:
        """Nothing passes between them and the target, and neither side is told."""
        self._held += 1
        for line in self._lines.values():
            line.way.hold()

    def release(self) -> None:
        """What was held back passes."""
        self._held -= 1
        if not self._held:
            for line in list(self._lines.values()):
                line.way.release()

    def deaf(self, deaf: bool) -> None:
        """They stop reading, or go on."""
        if self._line is not None:
            self._line.deaf = deaf
            self._stage.target.deaf(self._line.number, deaf)

    def come_back_in(self, ms: int) -> None:
        """Resumes after that time, if they are not back by then."""
        self._forget_return()
        self._back = self._stage.after(ms, self._return)

    def _come_back(self) -> None:
        if self._tries < len(_BACK_MS):
            base = _BACK_MS[self._tries]
            self._tries += 1
            self.come_back_in(base + self._stage.chance(self.ref, "back", self._tries).between(0, base))

    def _return(self) -> None:
        if self._line is not None:
            return
        if self.mirror.session is not None and self._placed is not None:
            self.resume()
        elif self.attempt is not None:
            self.join(self.attempt)

    def _forget_return(self) -> None:
        if self._back is not None:
            self._back.cancel()
            self._back = None
