"""Whole meetings, generated: a plan is a list of small numbers that are read against the meeting as it then stands.

So every plan can be played, whatever its numbers, and a failing one shrinks to the few steps that matter; ``Sim.story`` tells
them in words. Actors are biased towards those who may do something, or most steps would end at the first guard.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from meetingsim.state.control import Asker, Command
from meetingsim.state.controls.admit import Admit, AdmitAll
from meetingsim.state.controls.allow import Allow
from meetingsim.state.controls.audio_video import AskToUnmute, Mute, MuteAll, SetAudio, SetVideo, StopVideo
from meetingsim.state.controls.breakout_rooms import (
    CloseBreakoutRooms,
    JoinBreakoutRoom,
    LeaveBreakoutRoom,
    OpenBreakoutRooms,
    RoomPlan,
)
from meetingsim.state.controls.change_settings import ChangeSettings
from meetingsim.state.controls.chat import Chat
from meetingsim.state.controls.cohost import MakeCohost, RevokeCohost
from meetingsim.state.controls.delete_message import DeleteMessage
from meetingsim.state.controls.deny import Deny
from meetingsim.state.controls.let_return import LetReturn
from meetingsim.state.controls.lock import Lock, Unlock
from meetingsim.state.controls.make_host import MakeHost
from meetingsim.state.controls.media import Media
from meetingsim.state.controls.moments import Annotate, RaiseHand, React, SetProfilePicture
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.controls.recording import StartRecording, StopRecording
from meetingsim.state.controls.remove import Remove, ReportWith
from meetingsim.state.controls.rename import Rename
from meetingsim.state.controls.report import Report
from meetingsim.state.controls.set_region_rule import SetRegionRule
from meetingsim.state.controls.set_waiting_room import SetWaitingRoom
from meetingsim.state.controls.share import StartShare, StopShare
from meetingsim.state.controls.start_end import End, Start
from meetingsim.state.controls.suspend import Suspend, SuspendReport
from meetingsim.state.controls.waiting_room_chat import WaitingRoomChat
from meetingsim.state.meeting import Origin, Place, Role
from meetingsim.state.patch import commands_for
from meetingsim.state.settings import (
    Activity,
    ChatLevel,
    RegionRule,
    Removal,
    ReportSettings,
    Settings,
    WaitingRoom,
)
from meetingsim.state.settings import Allow as AllowSettings
from tests.driver import ADMIN, HTTP_HOST, PASSCODE, Outcome, Sim

COUNTRIES = ("BR", "DE", "US")
ADDRESSES = ("192.0.2.7", "198.51.100.9")
ORIGINS = (
    *(Origin(country=country, source="plan") for country in COUNTRIES),
    Origin(),
    Origin("192.0.2.7", "BR", "database", "test", "2026-01-01"),
    Origin("198.51.100.9", "US", "database", "test", "2026-01-01", anonymous="vpn"),
)
PEOPLE: tuple[dict[str, Any], ...] = (
    {"name": "Mia", "device": "d-1"},
    {"name": "Noah", "device": "d-2"},
    {"name": "Ada"},
    {"name": "Prof. Ito", "host": True},
    {"name": "Ben", "user": "u-1", "device": "d-3"},
    {"name": "Cleo", "ticket": "t-1"},
    {"name": "Dora", "ticket": "t-2", "role": Role.COHOST},
    {"name": "Ben at home", "user": "u-1", "device": "d-4"},
    {"name": "Eve", "user": "u-2", "device": "d-1"},
    {"name": "Prof. Ito", "host": True, "user": "u-2"},
    {"name": "mia", "device": "d-2"},
    {"name": "Finn", "ticket": "t-3", "role": Role.PANELIST, "user": "u-3"},
)
STRANGERS: tuple[dict[str, Any], ...] = (
    {"passcode": "wrong"},
    {"passcode": None},
    {"host_token": "wrong"},
    {"user_token": "wrong"},
    {"ticket_text": "wrong"},
    {"name": "\u200b"},
    {"name": "x" * 65},
    {"device": "x" * 129},
)
OPEN = WaitingRoom(enabled=False)
DOCUMENTS = (
    Settings(),
    Settings(waiting_room=OPEN),
    Settings(join_before_host=True),
    Settings(join_before_host=True, waiting_room=OPEN, capacity=4),
    Settings(waiting_room=WaitingRoom(who="not_invited", denials=1, chat="hosts_only", capacity=3, show_topic=True)),
    Settings(waiting_room=OPEN, removal=Removal(("device", "address", "name"), unmatched="refuse")),
    Settings(waiting_room=OPEN, region=RegionRule("approve", ("BR", "DE"), "wait", "wait")),
    Settings(allow=AllowSettings(share=False, record=True, chat=ChatLevel.HOSTS), removal=Removal(may_return=True)),
)


@dataclass(frozen=True, slots=True)
class Step:
    """``who`` does what ``kind`` says to ``whom``; ``pick`` chooses among the ways to do it."""

    kind: str
    who: int = 0
    whom: int = 0
    pick: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole meeting: which settings, how it opens, and what happens then."""

    document: int = 0
    opening: int = 0
    steps: tuple[Step, ...] = ()


def one_of(choices: Any, pick: int) -> Any:
    """A choice by a number of any size."""
    return choices[pick % len(choices)]


def somebody(sim: Sim, pick: int, *places: Place) -> str:
    """Somebody in one of these places; now and then, or where nobody is, anybody who ever came, or nobody at all.

    Those that it is likely to make a difference for come first: whoever is no host.
    """
    there = sorted((sim.person(one) for place in places for one in sim.where(place)), key=lambda person: person.is_host)
    if there and pick % 8 != 7:
        return str(one_of(there, pick).id)
    return str(one_of([*sim.meeting.people, "nobody"], pick // 8))


def in_charge(sim: Sim, pick: int) -> Asker:
    """Most of the time somebody who may use the controls: a joined host or cohost, or a token."""
    hosts = [one.id for one in sim.meeting.inside() if one.is_host and one.id in sim.pictures]
    askers = [*(Asker("person", one) for one in hosts), HTTP_HOST, ADMIN]
    if pick % 8 == 7 and sim.pictures:
        return Asker("person", one_of(list(sim.pictures), pick // 8))
    return askers[0] if pick % 2 else one_of(askers, pick)


def at_hand(sim: Sim, pick: int, *places: Place) -> Asker | None:
    """Somebody connected, of these places where there is one."""
    likely = [one for place in places for one in sim.where(place) if one in sim.pictures]
    if likely and pick % 16 != 15:
        return Asker("person", one_of(likely, pick))
    return Asker("person", one_of(list(sim.pictures), pick)) if sim.pictures else None


Happening = Callable[[Sim, Step], Outcome | None]
KINDS: dict[str, Happening] = {}
_WEIGHTED: list[str] = []


def happening(weight: int) -> Callable[[Happening], Happening]:
    """Makes a function a kind of step, so often among the others."""

    def add(function: Happening) -> Happening:
        KINDS[function.__name__] = function
        _WEIGHTED.extend([function.__name__] * weight)
        return function

    return add


@happening(1)
def idle(sim: Sim, step: Step) -> None:
    """Nothing: what a step shrinks to."""


@happening(14)
def join(sim: Sim, step: Step) -> Outcome:
    how = {"origin": one_of(ORIGINS, step.whom), **one_of(PEOPLE, step.who)}
    if step.pick % 8 == 7:
        how |= one_of(STRANGERS, step.pick // 8)
    return sim.join(**how)


@happening(5)
def drop(sim: Sim, step: Step) -> Outcome | None:
    return sim.drop(one_of(list(sim.pictures), step.who)) if sim.pictures else None


@happening(6)
def resume(sim: Sim, step: Step) -> Outcome:
    away = [one for one in sim.sessions if one not in sim.pictures]
    owner = one_of(away or [*sim.sessions, None], step.who)
    origin = one_of(ORIGINS, step.whom) if step.pick % 4 == 3 else None
    return sim.resume(sim.sessions.get(owner, "unknown"), origin=origin)


@happening(2)
def leave(sim: Sim, step: Step) -> Outcome | None:
    asker = at_hand(sim, step.who, *Place)
    return sim.run(Leave(), asker) if asker else None


@happening(3)
def pass_time(sim: Sim, step: Step) -> Outcome | None:
    return sim.pass_time(one_of((1, 4_000, 16_000, 31_000), step.pick))


@happening(1)
def restart(sim: Sim, step: Step) -> Outcome:
    return sim.restart()


@happening(6)
def admit(sim: Sim, step: Step) -> Outcome:
    whom = somebody(sim, step.whom, Place.WAITING)
    command = one_of(
        (Admit(whom), AdmitAll(), Admit(whom, sim.meeting.seq - 2), AdmitAll(sim.meeting.seq - 3)), step.pick
    )
    return sim.run(command, in_charge(sim, step.who))


@happening(3)
def deny(sim: Sim, step: Step) -> Outcome:
    return sim.run(Deny(somebody(sim, step.whom, Place.WAITING)), in_charge(sim, step.who))


@happening(4)
def turn_out(sim: Sim, step: Step) -> Outcome:
    whom = somebody(sim, step.whom, Place.INSIDE, Place.WAITING, Place.EARLY)
    commands = (
        PutInWaitingRoom(whom),
        Remove(whom),
        Remove(whom, may_return=True, report=ReportWith("abuse")),
        PutInWaitingRoom(whom),
    )
    return sim.run(one_of(commands, step.pick), in_charge(sim, step.who))


@happening(6)
def rules(sim: Sim, step: Step) -> Outcome:
    """What changes the meeting for all."""
    countries = (COUNTRIES[step.whom % 3],)
    commands = (
        SetWaitingRoom(False),
        SetWaitingRoom(True),
        Unlock(),
        SetRegionRule("off"),
        SetWaitingRoom(True, "not_invited"),
        SetRegionRule("deny", countries, one_of(("allow", "wait", "deny"), step.whom), "wait"),
        SetRegionRule("deny", countries, "allow", "deny", "put_in_waiting_room"),
        SetRegionRule("approve", countries, present=one_of(("remove", "put_in_waiting_room"), step.whom)),
        SetRegionRule("off"),
        SetRegionRule("approve"),
        one_of((Lock(), Start(), Unlock()), step.whom),
    )
    return sim.run(one_of(commands, step.pick), in_charge(sim, step.who))


@happening(4)
def change_settings(sim: Sim, step: Step) -> Outcome:
    now, room = sim.meeting.settings, sim.meeting.settings.waiting_room
    documents = (
        replace(now, waiting_room=replace(room, chat=one_of(("two_way", "hosts_only", "off"), step.whom))),
        replace(now, waiting_room=replace(room, title=f"Welcome {step.whom % 3}", show_topic=step.whom % 2 == 0)),
        replace(now, capacity=3 + step.whom % 3, reports=ReportSettings(step.whom % 2 == 0)),
        replace(now, passcode=one_of((None, PASSCODE), step.whom), join_before_host=step.whom % 3 == 0),
        replace(now, removal=one_of([one.removal for one in DOCUMENTS], step.whom)),
        now,
    )
    topic = one_of((sim.meeting.topic, "Biology"), step.whom)
    change = ChangeSettings(one_of(documents, step.pick), topic)
    asker = in_charge(sim, step.who)
    if step.pick % 16 == 15:  # one request that goes through several controls
        room = replace(room, enabled=not room.enabled, description="Soon.")
        allowed = replace(now.allow, audio=not now.allow.audio, chat=one_of([*ChatLevel], step.whom))
        changed = replace(now, waiting_room=room, allow=allowed, region=RegionRule("deny", COUNTRIES[1:]))
        return sim.run(commands_for(sim.meeting, changed, topic), asker, "http")
    return sim.run(change, asker, "http")


@happening(3)
def suspend(sim: Sim, step: Step) -> Outcome:
    report = SuspendReport("spam", (somebody(sim, step.whom, Place.INSIDE),)) if step.pick % 4 == 3 else None
    return sim.run(Suspend(report), in_charge(sim, step.who))


@happening(12)
def allow(sim: Sim, step: Step) -> Outcome:
    activity = one_of((Activity.AUDIO, Activity.CHAT, *Activity), step.pick)
    levels = (True, False, *ChatLevel) if activity is Activity.CHAT or step.pick % 32 == 31 else (True, False)
    whom = somebody(sim, step.whom, Place.INSIDE) if step.whom % 2 else None
    command = Allow(activity, one_of(levels, step.pick // 16), whom, stop=step.whom % 4 < 2)
    return sim.run(command, in_charge(sim, step.who))


@happening(6)
def quieten(sim: Sim, step: Step) -> Outcome:
    whom = somebody(sim, step.whom, Place.INSIDE)
    commands = (
        Mute(whom),
        AskToUnmute(whom),
        StopVideo(whom),
        StopShare(whom),
        MuteAll(),
        AskToUnmute(whom),
        StopShare(),
    )
    return sim.run(one_of(commands, step.pick), in_charge(sim, step.who))


@happening(3)
def change_role(sim: Sim, step: Step) -> Outcome:
    whom = somebody(sim, step.whom, Place.INSIDE)
    return sim.run(one_of((MakeCohost(whom), RevokeCohost(whom)), step.pick), in_charge(sim, step.who))


@happening(5)
def rename(sim: Sim, step: Step) -> Outcome | None:
    name = one_of(("Zoë", "Yara", "\u202eMia", ""), step.pick)
    if step.who % 2:
        return sim.run(Rename(name, somebody(sim, step.whom, *Place)), in_charge(sim, step.who // 2))
    asker = at_hand(sim, step.whom, Place.INSIDE)
    return sim.run(Rename(name), asker) if asker else None


@happening(20)
def do_oneself(sim: Sim, step: Step) -> Outcome | None:
    on = step.whom % 3 != 0
    commands: tuple[Command, ...] = (
        SetAudio(on),
        SetVideo(on),
        StartShare(),
        StartRecording(),
        SetAudio(on),
        StopShare() if on else StartShare(),
        StopRecording(),
        SetProfilePicture(on),
        RaiseHand(on),
        React("applause" if on else ""),
        Annotate(),
        Media(one_of(("audio", "video", "share"), step.who), step.pick),
    )
    asker = at_hand(sim, step.who, Place.INSIDE)
    return sim.run(one_of(commands, step.pick), asker) if asker else None


@happening(8)
def chat(sim: Sim, step: Step) -> Outcome | None:
    to = one_of((None, "everyone", "hosts", somebody(sim, step.whom, Place.INSIDE)), step.pick)
    asker = at_hand(sim, step.who, Place.INSIDE)
    return sim.run(Chat(one_of(("hello", "again", " "), step.pick // 4), to), asker) if asker else None


@happening(9)
def waiting_room_chat(sim: Sim, step: Step) -> Outcome:
    to = one_of((somebody(sim, step.whom, Place.WAITING), None, "everyone"), step.pick)
    waiting = at_hand(sim, step.whom, Place.WAITING) if step.who % 2 else None
    if waiting:
        return sim.run(WaitingRoomChat("may I?", one_of((None, "hosts", to), step.pick)), waiting)
    return sim.run(WaitingRoomChat("one moment", to), in_charge(sim, step.who // 2))


@happening(2)
def report(sim: Sim, step: Step) -> Outcome | None:
    about = (somebody(sim, step.whom, Place.INSIDE), somebody(sim, step.pick, *Place))
    asker = in_charge(sim, step.who) if step.who % 4 == 0 else at_hand(sim, step.who, Place.INSIDE)
    return sim.run(Report(about, one_of(("spam", "other", "nonsense"), step.pick)), asker) if asker else None


@happening(4)
def rooms(sim: Sim, step: Step) -> Outcome | None:
    whom = somebody(sim, step.whom, Place.INSIDE)
    commands: tuple[Command, ...] = (
        OpenBreakoutRooms((RoomPlan("one", (whom,)), RoomPlan("two"))),
        JoinBreakoutRoom("one", whom),
        JoinBreakoutRoom("two", whom),
        LeaveBreakoutRoom(whom),
        OpenBreakoutRooms((RoomPlan("three", (whom, whom)),)),
        CloseBreakoutRooms(),
    )
    if step.who % 3 == 2 and (asker := at_hand(sim, step.whom, Place.INSIDE)):
        return sim.run(
            one_of((JoinBreakoutRoom("one"), LeaveBreakoutRoom(), JoinBreakoutRoom("two")), step.pick), asker
        )
    return sim.run(one_of(commands, step.pick), in_charge(sim, step.who))


@happening(2)
def delete_message(sim: Sim, step: Step) -> Outcome | None:
    lines = [line.message for stream in sim.meeting.messages.values() for line in stream]
    asker = at_hand(sim, step.whom, Place.INSIDE) if step.pick % 2 else in_charge(sim, step.who)
    return sim.run(DeleteMessage(one_of(lines or ["m0"], step.who)), asker) if asker else None


@happening(1)
def make_host(sim: Sim, step: Step) -> Outcome:
    return sim.run(MakeHost(somebody(sim, step.whom, Place.INSIDE)), in_charge(sim, step.who))


@happening(1)
def let_return(sim: Sim, step: Step) -> Outcome:
    return sim.run(LetReturn(somebody(sim, step.whom, Place.REMOVED)), in_charge(sim, step.who))


@happening(1)
def end(sim: Sim, step: Step) -> Outcome | None:
    return sim.run(End(), in_charge(sim, step.who)) if step.pick % 4 == 3 else None


def _opening(sim: Sim, opening: int) -> None:
    """0 the host and others inside, and two at the door; 1 the host alone; 2 nobody, opened over HTTP; 3 nobody yet."""
    if opening == 2:
        sim.http(Start())
    if opening < 2:
        sim.join("Prof. Ito", host=True, origin=ORIGINS[0])
    if opening == 0:
        for number in (0, 4, 6):
            sim.join(**PEOPLE[number], origin=ORIGINS[number % 3])
        sim.http(AdmitAll())
        for number in (1, 2):
            sim.join(**PEOPLE[number], origin=ORIGINS[number])


def play(plan: Plan, watch: Callable[[Sim], None] | None = None) -> Sim:
    """The meeting that a plan leads to; ``watch`` is called after every command."""
    sim = Sim(replace(one_of(DOCUMENTS, plan.document), passcode=PASSCODE), watch=watch)
    _opening(sim, plan.opening)
    for step in plan.steps:
        KINDS[step.kind](sim, step)
    return sim


def meetings(least: int = 20, most: int = 45) -> st.SearchStrategy[Plan]:
    """Plans of so many steps; idle ones count, so that a failing plan may shrink to fewer."""
    small = st.integers(0, 31)
    step = st.builds(Step, st.sampled_from(_WEIGHTED), small, small, st.integers(0, 127))
    steps = st.lists(step, min_size=least, max_size=most).map(tuple)
    return st.builds(Plan, st.integers(0, len(DOCUMENTS) - 1), st.sampled_from((0, 0, 0, 1, 2, 3)), steps)
