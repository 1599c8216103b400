"""Audio and video: one's own, and what a host may turn off for others; nobody can turn them on for another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from meetingsim.state.change import touch
from meetingsim.state.control import (
    Audience,
    Command,
    Context,
    Control,
    Decision,
    Event,
    EventRow,
    Fact,
    Stamp,
)
from meetingsim.state.guards import (
    not_allowed,
    outranks,
    require_allowed,
    require_host,
    require_inside,
    require_present,
    require_self_or_outranked,
)
from meetingsim.state.meeting import Meeting, View
from meetingsim.state.rights import may
from meetingsim.state.settings import Activity
from meetingsim.state.streams import EVENTS, AudioChanged, VideoChanged


@dataclass(frozen=True, slots=True)
class SetAudio(Command):
    """Unmute or mute oneself."""

    type: ClassVar[str] = "set_audio"
    on: bool


@dataclass(frozen=True, slots=True)
class SetVideo(Command):
    """Turn one's own video on or off."""

    type: ClassVar[str] = "set_video"
    on: bool


@dataclass(frozen=True, slots=True)
class Mute(Command):
    """Mute somebody."""

    type: ClassVar[str] = "mute"
    participant: str


@dataclass(frozen=True, slots=True)
class MuteAll(Command):
    """Mute everybody of a lower rank; nobody is kept from unmuting."""

    type: ClassVar[str] = "mute_all"


@dataclass(frozen=True, slots=True)
class StopVideo(Command):
    """Turn somebody's video off."""

    type: ClassVar[str] = "stop_video"
    participant: str


@dataclass(frozen=True, slots=True)
class AskToUnmute(Command):
    """Ask somebody to unmute: they may do so once, even while audio is barred or suspended."""

    type: ClassVar[str] = "ask_to_unmute"
    participant: str


@dataclass(frozen=True, slots=True)
class AskedToUnmute(Event):
    """A host asks somebody to unmute. Told to that person and the hosts."""

    type: ClassVar[str] = "asked_to_unmute"
    participant: str
    by: str


def decide_set_audio(meeting: Meeting, command: SetAudio, context: Context) -> Decision:
    person = require_inside(meeting, context)
    if command.on == person.audio:
        return Decision()
    if command.on and not (may(meeting, person, Activity.AUDIO) or person.asked_to_unmute):
        raise not_allowed(meeting, Activity.AUDIO)
    return Decision((Fact(AudioChanged(person.id, command.on)),))


def decide_set_video(meeting: Meeting, command: SetVideo, context: Context) -> Decision:
    person = require_inside(meeting, context)
    if command.on == person.video:
        return Decision()
    if command.on:
        require_allowed(meeting, person, Activity.VIDEO)
    return Decision((Fact(VideoChanged(person.id, command.on)),))


def decide_mute(meeting: Meeting, command: Mute, context: Context) -> Decision:
    by = require_host(meeting, context)
    person = require_present(meeting, command.participant)
    require_self_or_outranked(meeting, context, person)
    return Decision((Fact(AudioChanged(person.id, False, by)),)) if person.audio else Decision()


def decide_mute_all(meeting: Meeting, command: MuteAll, context: Context) -> Decision:
    by = require_host(meeting, context)
    talking = (person for person in meeting.inside() if person.audio and outranks(meeting, context, person))
    return Decision(tuple(Fact(AudioChanged(person.id, False, by)) for person in talking))


def decide_stop_video(meeting: Meeting, command: StopVideo, context: Context) -> Decision:
    by = require_host(meeting, context)
    person = require_present(meeting, command.participant)
    require_self_or_outranked(meeting, context, person)
    return Decision((Fact(VideoChanged(person.id, False, by)),)) if person.video else Decision()


def decide_ask_to_unmute(meeting: Meeting, command: AskToUnmute, context: Context) -> Decision:
    by = require_host(meeting, context)
    person = require_present(meeting, command.participant)
    if person.audio or person.asked_to_unmute:
        return Decision()
    return Decision((Fact(AskedToUnmute(person.id, by)),))


def evolve_asked_to_unmute(meeting: Meeting, event: AskedToUnmute, stamp: Stamp) -> Meeting:
    return touch(meeting, event.participant, asked_to_unmute=True)


def hear_asked_to_unmute(before: Meeting, after: Meeting, event: AskedToUnmute) -> Audience:
    return Audience(hosts=True, only=frozenset({event.participant}))


def show_asked_to_unmute(view: View, frame: dict[str, Any]) -> None:
    if frame["participant"] == view["me"]["id"]:
        view["me"]["asked_to_unmute"] = True


_ASKED = EventRow(
    AskedToUnmute,
    evolve_asked_to_unmute,
    hear_asked_to_unmute,
    show_asked_to_unmute,
    "A host asks somebody to unmute.",
)

CONTROLS = (
    Control(
        SetAudio,
        decide_set_audio,
        who="oneself, while allowed",
        summary="Unmute or mute oneself.",
        events=EVENTS,
    ),
    Control(SetVideo, decide_set_video, who="oneself, while allowed", summary="Turn one's own video on or off."),
    Control(Mute, decide_mute, who="host, cohost", summary="Mute somebody.", http=True),
    Control(MuteAll, decide_mute_all, who="host, cohost", summary="Mute everybody of a lower rank.", http=True),
    Control(StopVideo, decide_stop_video, who="host, cohost", summary="Turn somebody's video off.", http=True),
    Control(
        AskToUnmute,
        decide_ask_to_unmute,
        who="host, cohost",
        summary="Ask somebody to unmute.",
        http=True,
        events=(_ASKED,),
    ),
)
