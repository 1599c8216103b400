"""Changing settings while a meeting runs: each change goes through the control it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from meetingsim.state.control import Command
from meetingsim.state.controls.allow import Allow
from meetingsim.state.controls.change_settings import ChangeSettings
from meetingsim.state.controls.set_region_rule import SetRegionRule
from meetingsim.state.controls.set_waiting_room import SetWaitingRoom
from meetingsim.state.meeting import Meeting
from meetingsim.state.settings import Activity, Settings


def commands_for(meeting: Meeting, then: Settings, topic: str | None) -> Sequence[Command]:
    """The commands that lead from the meeting's settings to these, in an order in which none undoes another."""
    now = meeting.settings
    commands: list[Command] = []
    if then.region != now.region:
        rule = then.region
        commands.append(SetRegionRule(rule.mode, rule.countries, rule.unknown, rule.anonymous))
    for field in fields(then.allow):
        value = getattr(then.allow, field.name)
        if value != getattr(now.allow, field.name):
            commands.append(Allow(Activity(field.name), value))
    room = then.waiting_room
    if (room.enabled, room.who) != (now.waiting_room.enabled, now.waiting_room.who):
        commands.append(SetWaitingRoom(room.enabled, room.who))
    commands.append(ChangeSettings(then, topic or meeting.topic))
    return commands
