"""A command of every type, and an event of every type, made from their fields alone."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, get_type_hints

from meetingsim.state.control import Command, Event
from meetingsim.state.controls.breakout_rooms import RoomPlan
from meetingsim.state.controls.change_settings import SettingsChanged
from meetingsim.state.entry_events import JoinedWaitingRoom
from meetingsim.state.meeting import Role
from meetingsim.state.settings import Activity, RegionRule, Settings
from meetingsim.state.view import settings_row

BY_HINT: dict[Any, Any] = {
    str: "p1",
    int: 1,
    bool: True,
    Activity: Activity.SHARE,
    Role: Role.COHOST,
    RegionRule: RegionRule(),
    Settings: Settings(),
    dict[str, Any]: {"id": "p1"},
    tuple[str, ...]: ("p1",),
    tuple[Activity, ...]: (Activity.AUDIO,),
    tuple[RoomPlan, ...]: (RoomPlan("one"),),
    tuple[dict[str, Any], ...]: (),
}
BY_NAME: dict[str, Any] = {"mode": "off", "kind": "audio", "who": "everyone", "allowed": True, "country": "BR"}
BY_FIELD: dict[tuple[type, str], Any] = {
    (SettingsChanged, "settings"): settings_row(Settings()),
    (JoinedWaitingRoom, "person"): {"id": "p1", "why": "waiting_room"},
}


def sample(kind: type[Command] | type[Event]) -> Any:
    """One of this type; what has a default keeps it."""
    hints = get_type_hints(kind)
    needed = [one for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING]  # type: ignore[arg-type]
    return kind(**{one.name: _value(kind, one.name, hints[one.name]) for one in needed})


def _value(kind: type, name: str, hint: Any) -> Any:
    if (kind, name) in BY_FIELD:
        return BY_FIELD[kind, name]
    return BY_NAME[name] if name in BY_NAME else BY_HINT[hint]
