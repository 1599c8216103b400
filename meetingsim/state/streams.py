"""What people have running, the events of turning it on and off, and how many ways there are to stop it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from meetingsim.state.change import EVERYONE, touch
from meetingsim.state.control import Audience, Event, EventRow, Stamp
from meetingsim.state.meeting import Meeting, Person, View
from meetingsim.state.settings import Activity
from meetingsim.state.view import seat_in

FIELD_OF: dict[Activity, str] = {
    Activity.AUDIO: "audio",
    Activity.VIDEO: "video",
    Activity.SHARE: "share",
    Activity.RECORD: "recording",
}
"""Which field of a person says that an activity runs. The others are done in a moment and have nothing to stop."""


def running(person: Person, activities: Iterable[Activity] = tuple(FIELD_OF)) -> list[str]:
    """Which of these activities somebody has running."""
    return [a.value for a in activities if a in FIELD_OF and getattr(person, FIELD_OF[a])]


def is_streaming(person: Person) -> bool:
    """Whether somebody has anything running; asked of everybody at every suspend, so it is cheap."""
    return person.audio or person.video or person.share or person.recording


def stopped_of(people: Iterable[Person], activities: Iterable[Activity]) -> tuple[dict[str, Any], ...]:
    """Every stop as events carry it: ``{participant, activities}`` of those who have something to stop."""
    wanted = tuple(activities)
    return tuple({"participant": p.id, "activities": on} for p in people if (on := running(p, wanted)))


def evolve_stops(meeting: Meeting, stopped: Iterable[dict[str, Any]]) -> Meeting:
    """The meeting with these stops done."""
    for stop in stopped:
        off = {FIELD_OF[Activity(activity)]: False for activity in stop["activities"]}
        meeting = touch(meeting, stop["participant"], **off)
    return meeting


def show_stops(view: View, stopped: Iterable[dict[str, Any]]) -> None:
    """The same in a picture."""
    for stop in stopped:
        seat = seat_in(view, stop["participant"])
        seat.update({FIELD_OF[Activity(activity)]: False for activity in stop["activities"]})


@dataclass(frozen=True, slots=True)
class AudioChanged(Event):
    """Somebody unmuted themselves, or was muted by ``by`` or by themselves."""

    type: ClassVar[str] = "audio_changed"
    participant: str
    on: bool
    by: str | None = None


@dataclass(frozen=True, slots=True)
class VideoChanged(Event):
    """Somebody's video went on or off."""

    type: ClassVar[str] = "video_changed"
    participant: str
    on: bool
    by: str | None = None


@dataclass(frozen=True, slots=True)
class ShareStarted(Event):
    """Somebody shares their screen."""

    type: ClassVar[str] = "share_started"
    participant: str


@dataclass(frozen=True, slots=True)
class ShareStopped(Event):
    """A share is over."""

    type: ClassVar[str] = "share_stopped"
    participant: str
    by: str | None = None


def evolve_audio_changed(meeting: Meeting, event: AudioChanged, stamp: Stamp) -> Meeting:
    if event.on:
        return touch(meeting, event.participant, audio=True, asked_to_unmute=False)
    return touch(meeting, event.participant, audio=False)


def evolve_video_changed(meeting: Meeting, event: VideoChanged, stamp: Stamp) -> Meeting:
    return touch(meeting, event.participant, video=event.on)


def evolve_share_started(meeting: Meeting, event: ShareStarted, stamp: Stamp) -> Meeting:
    return touch(meeting, event.participant, share=True)


def evolve_share_stopped(meeting: Meeting, event: ShareStopped, stamp: Stamp) -> Meeting:
    return touch(meeting, event.participant, share=False)


def hear_everyone(before: Meeting, after: Meeting, event: Any) -> Audience:
    return EVERYONE


def show_audio_changed(view: View, frame: dict[str, Any]) -> None:
    seat_in(view, frame["participant"])["audio"] = frame["on"]
    if frame["on"] and frame["participant"] == view["me"]["id"]:
        view["me"]["asked_to_unmute"] = False


def show_video_changed(view: View, frame: dict[str, Any]) -> None:
    seat_in(view, frame["participant"])["video"] = frame["on"]


def show_share_started(view: View, frame: dict[str, Any]) -> None:
    seat_in(view, frame["participant"])["share"] = True


def show_share_stopped(view: View, frame: dict[str, Any]) -> None:
    seat_in(view, frame["participant"])["share"] = False


EVENTS = (
    EventRow(AudioChanged, evolve_audio_changed, hear_everyone, show_audio_changed, "Audio went on or off."),
    EventRow(VideoChanged, evolve_video_changed, hear_everyone, show_video_changed, "Video went on or off."),
    EventRow(ShareStarted, evolve_share_started, hear_everyone, show_share_started, "A share started."),
    EventRow(ShareStopped, evolve_share_stopped, hear_everyone, show_share_stopped, "A share is over."),
)
