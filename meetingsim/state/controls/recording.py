"""Recording, by whoever is allowed to; everybody sees who records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from meetingsim.state.change import touch
from meetingsim.state.control import Command, Context, Control, Decision, Event, EventRow, Fact, Stamp
from meetingsim.state.guards import require_allowed, require_inside
from meetingsim.state.meeting import Meeting, View
from meetingsim.state.settings import Activity
from meetingsim.state.streams import hear_everyone
from meetingsim.state.view import seat_in


@dataclass(frozen=True, slots=True)
class StartRecording(Command):
    """Record the meeting."""

    type: ClassVar[str] = "start_recording"


@dataclass(frozen=True, slots=True)
class StopRecording(Command):
    """Stop one's own recording."""

    type: ClassVar[str] = "stop_recording"


@dataclass(frozen=True, slots=True)
class RecordingStarted(Event):
    """Somebody records."""

    type: ClassVar[str] = "recording_started"
    participant: str


@dataclass(frozen=True, slots=True)
class RecordingStopped(Event):
    """Somebody does not record any more."""

    type: ClassVar[str] = "recording_stopped"
    participant: str


def decide_start_recording(meeting: Meeting, command: StartRecording, context: Context) -> Decision:
    person = require_inside(meeting, context)
    if person.recording:
        return Decision()
    require_allowed(meeting, person, Activity.RECORD)
    return Decision((Fact(RecordingStarted(person.id)),))


def decide_stop_recording(meeting: Meeting, command: StopRecording, context: Context) -> Decision:
    person = require_inside(meeting, context)
    return Decision((Fact(RecordingStopped(person.id)),)) if person.recording else Decision()


def evolve_recording_started(meeting: Meeting, event: RecordingStarted, stamp: Stamp) -> Meeting:
    return touch(meeting, event.participant, recording=True)


def evolve_recording_stopped(meeting: Meeting, event: RecordingStopped, stamp: Stamp) -> Meeting:
    return touch(meeting, event.participant, recording=False)


def show_recording_started(view: View, frame: dict[str, Any]) -> None:
    seat_in(view, frame["participant"])["recording"] = True


def show_recording_stopped(view: View, frame: dict[str, Any]) -> None:
    seat_in(view, frame["participant"])["recording"] = False


CONTROLS = (
    Control(
        StartRecording,
        decide_start_recording,
        who="oneself, while allowed",
        summary="Record the meeting.",
        events=(
            EventRow(
                RecordingStarted,
                evolve_recording_started,
                hear_everyone,
                show_recording_started,
                "Somebody records.",
            ),
        ),
    ),
    Control(
        StopRecording,
        decide_stop_recording,
        who="oneself",
        summary="Stop one's own recording.",
        events=(
            EventRow(
                RecordingStopped,
                evolve_recording_stopped,
                hear_everyone,
                show_recording_stopped,
                "A recording is over.",
            ),
        ),
    ),
)
