"""The settings that have no control of their own: topic, passcode, capacity, the waiting room's words, removal, reports."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from meetingsim.state.change import EVERYONE, HOSTS_ONLY
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
    because,
)
from meetingsim.state.guards import require_owner
from meetingsim.state.meeting import Meeting, View
from meetingsim.state.plain import build, plain
from meetingsim.state.settings import Settings
from meetingsim.state.view import SHOWN_OF_WAITING_ROOM, settings_row


@dataclass(frozen=True, slots=True)
class ChangeSettings(Command):
    """Replace the settings document; what has a control of its own stays as it is, whatever the document says."""

    type: ClassVar[str] = "change_settings"
    settings: Settings
    topic: str


@dataclass(frozen=True, slots=True)
class SettingsChanged(Event):
    """The settings as they are now. Told to the hosts alone: the passcode is in them."""

    type: ClassVar[str] = "settings_changed"
    settings: dict[str, Any]
    by: str


@dataclass(frozen=True, slots=True)
class MeetingChanged(Event):
    """What everybody inside may know of a change: the topic, and the words of the waiting room."""

    type: ClassVar[str] = "meeting_changed"
    topic: str
    waiting_room: dict[str, Any]
    by: str


def decide_change_settings(meeting: Meeting, command: ChangeSettings, context: Context) -> Decision:
    by = require_owner(meeting, context)
    now = meeting.settings
    then = _own_part(now, command.settings)
    facts: list[Fact] = []
    reason = because("change_settings", context)
    if now != then:
        facts.append(Fact(SettingsChanged(settings_row(then), by), reason))
    shown = _shown(then)
    if (meeting.topic, _shown(now)) != (command.topic, shown):
        facts.append(Fact(MeetingChanged(command.topic, shown, by), reason))
    return Decision(tuple(facts))


def _own_part(now: Settings, then: Settings) -> Settings:
    room = replace(then.waiting_room, enabled=now.waiting_room.enabled, who=now.waiting_room.who)
    return replace(then, waiting_room=room, region=now.region, allow=now.allow)


def _shown(settings: Settings) -> dict[str, Any]:
    room = plain(settings.waiting_room)
    return {name: room[name] for name in SHOWN_OF_WAITING_ROOM}


def evolve_settings_changed(meeting: Meeting, event: SettingsChanged, stamp: Stamp) -> Meeting:
    return replace(meeting, settings=build(Settings, event.settings))


def evolve_meeting_changed(meeting: Meeting, event: MeetingChanged, stamp: Stamp) -> Meeting:
    return replace(meeting, topic=event.topic)


def hear_settings_changed(before: Meeting, after: Meeting, event: SettingsChanged) -> Audience:
    return HOSTS_ONLY


def hear_meeting_changed(before: Meeting, after: Meeting, event: MeetingChanged) -> Audience:
    return EVERYONE


def show_settings_changed(view: View, frame: dict[str, Any]) -> None:
    view["meeting"]["settings"] = frame["settings"]


def show_meeting_changed(view: View, frame: dict[str, Any]) -> None:
    view["meeting"].update(topic=frame["topic"], waiting_room=dict(frame["waiting_room"]))


CONTROLS = (
    Control(
        ChangeSettings,
        decide_change_settings,
        who="host",
        summary="Change settings that have no control of their own.",
        socket=False,
        events=(
            EventRow(
                SettingsChanged,
                evolve_settings_changed,
                hear_settings_changed,
                show_settings_changed,
                "The settings changed.",
            ),
            EventRow(
                MeetingChanged,
                evolve_meeting_changed,
                hear_meeting_changed,
                show_meeting_changed,
                "The topic or the waiting room's words changed.",
            ),
        ),
    ),
)
