"""The tricks against the rules themselves: every cell of the matrix, played without a socket."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache

from meetingsim.state.control import Asker, Command, Ticket, User
from meetingsim.state.controls.admit import Admit
from meetingsim.state.controls.breakout_rooms import JoinBreakoutRoom, OpenBreakoutRooms, RoomPlan
from meetingsim.state.controls.change_settings import ChangeSettings
from meetingsim.state.controls.chat import Chat
from meetingsim.state.controls.join import Join
from meetingsim.state.controls.lock import Lock
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.remove import Remove
from meetingsim.state.controls.rename import Rename
from meetingsim.state.controls.set_waiting_room import SetWaitingRoom
from meetingsim.state.meeting import Origin, Place
from meetingsim.state.settings import Removal, Settings, WaitingRoom
from tests.driver import PASSCODE, Outcome, Sim
from tests.evasion.tricks import IDA, TICKETS, After, Before, Cell, Showing, Trick

ENTRIES = ("joined", "joined_waiting_room", "admitted", "reconnected", "connection_replaced", "entry_refused")
"""The events by which an entry is decided; the first of them says the rule."""
NEW_PASSCODE = "330081"


@dataclass
class Stage:
    """A meeting with a host and Ida, and with Mia, who is to be removed."""

    removal: Removal
    sim: Sim = field(init=False)
    host: str = field(init=False)
    mia: str = ""
    second: str = ""

    def __post_init__(self) -> None:
        self.sim = Sim(Settings(passcode=PASSCODE, removal=self.removal, waiting_room=WaitingRoom(enabled=False)))
        host = self.sim.join("Host", host=True, device="host's machine")
        self.host = str(host.participant)
        self.join(IDA)

    def join(self, shows: Showing, passcode: str | None = PASSCODE) -> Outcome:
        """Somebody is at the door with exactly this."""
        return self.sim.run(
            Join(shows.name, passcode, shows.ticket, shows.user, None, shows.device),
            Asker("newcomer"),
            origin=Origin(shows.address, None),
            session=f"session-{len(self.sim.log)}",
            user=User(shows.user, "a-1") if shows.user else None,
            ticket=Ticket(shows.ticket, invited=TICKETS[shows.ticket]) if shows.ticket else None,
        )

    def wants(self, *commands: Command) -> None:
        """The host does what must succeed."""
        outcome = self.sim.http(*commands)
        assert outcome.code is None, outcome

    def changes(self, **settings: object) -> None:
        """The host changes settings that have no control of their own."""
        now = replace(self.sim.meeting.settings, **settings)  # type: ignore[arg-type]  # fields of Settings
        self.wants(ChangeSettings(now, self.sim.meeting.topic))


@cache
def play(removal: Removal, trick: Trick, *, then: Command | None = None) -> Cell:
    """What comes of the trick against a meeting with these settings; ``then`` is done by the host right after the removal."""
    stage = Stage(removal)
    if trick.needs_waiting_room:
        stage.wants(SetWaitingRoom(True))
    stage.mia = str(stage.join(trick.came).participant)
    if trick.needs_waiting_room and trick.before != "waiting":
        stage.wants(Admit(stage.mia))
    _before(stage, trick.before, trick.second)
    stage.sim.http(Remove(stage.mia))
    if trick.before == "waiting" and trick.after == "nothing":
        stage.wants(SetWaitingRoom(False))
    if then is not None:
        stage.wants(then)
    _after(stage, trick.after)
    return _try(stage, trick)


def _before(stage: Stage, before: Before, second: Showing) -> None:
    if before == "in a breakout room":
        stage.wants(OpenBreakoutRooms((RoomPlan("one", (stage.mia,)),)))
    elif before == "renamed":
        stage.wants(Rename("Somebody Else", stage.mia))
    elif before == "left":
        stage.sim.tell(stage.mia, Leave())
    elif before in {"a second entry waits", "a second entry is inside"}:
        stage.second = str(stage.join(second).participant)


def _after(stage: Stage, after: After) -> None:
    removal = stage.removal
    if after == "waiting room off":
        stage.wants(SetWaitingRoom(False))
    elif after == "passcode changed":
        stage.changes(passcode=NEW_PASSCODE)
    elif after == "passcode null":
        stage.changes(passcode=None)
    elif after == "match emptied":
        stage.changes(removal=replace(removal, match=()))
    elif after == "match emptied, unmatched admit":
        stage.changes(removal=replace(removal, match=(), unmatched="admit"))
    elif after == "may_return on":
        stage.changes(removal=replace(removal, may_return=True))
    elif after == "host reconnects":
        stage.sim.drop(stage.host)
        stage.sim.resume(stage.sim.sessions[stage.host])
    elif after == "server restarts":
        stage.sim.restart()


def _try(stage: Stage, trick: Trick) -> Cell:
    sim = stage.sim
    if trick.tries in {"join", "join, then being admitted"}:
        outcome = stage.join(trick.shows)
        cell = _cell(sim, outcome)
        if trick.tries == "join" or cell.outcome != "waits":
            return cell
        return _cell(sim, sim.http(Admit(str(outcome.participant))), str(outcome.participant))
    if trick.tries == "resume":
        return _cell(sim, sim.resume(sim.sessions[stage.mia]))
    if trick.tries == "a command":
        return _cell(sim, sim.tell(stage.mia, Chat("still here")))
    if trick.tries == "a breakout room":
        stage.wants(OpenBreakoutRooms((RoomPlan("one"),)))
        return _cell(sim, sim.tell(stage.mia, JoinBreakoutRoom("one")))
    if trick.tries == "being admitted":
        return _cell(sim, sim.http(Admit(stage.mia)), stage.mia)
    if trick.tries == "the second entry is admitted":
        return _cell(sim, sim.http(Admit(stage.second)), stage.second)
    if trick.tries == "the second entry resumes":
        sim.drop(stage.second)
        return _cell(sim, sim.resume(sim.sessions[stage.second]))
    return _stays(sim, stage.second)


def _cell(sim: Sim, outcome: Outcome, participant: str | None = None) -> Cell:
    reasons = [row.because or {} for row in outcome.rows if row.event.type in ENTRIES]
    if outcome.code:
        return Cell("refused", outcome.code, reasons[0].get("matched") if reasons else None)
    place = sim.person(str(participant or outcome.participant)).where
    return Cell("in" if place is Place.INSIDE else "waits", str(reasons[0]["rule"]))


def _stays(sim: Sim, second: str) -> Cell:
    person = sim.person(second)
    if person.where is Place.WAITING:
        return Cell("waits", str(person.why))
    admitted = [
        row.because or {} for row in sim.rows if row.event.type == "admitted" and row.event.participant == second
    ]
    return Cell("in", str(admitted[0]["rule"]) if admitted else "stays")


LOCK = Lock()
WAITING_ROOM = SetWaitingRoom(True)
"""What a host may do right after a removal, beside it."""
