"""Every control, one line each: wire schema, HTTP route, SDK method, replay and reference follow from this table."""

from __future__ import annotations

from meetingsim.state.control import Command, Control, Event, EventRow
from meetingsim.state.controls import (
    admit,
    allow,
    audio_video,
    breakout_rooms,
    change_settings,
    chat,
    cohost,
    create,
    delete_message,
    deny,
    join,
    let_return,
    lock,
    make_host,
    media,
    moments,
    presence,
    put_in_waiting_room,
    recording,
    remove,
    rename,
    report,
    set_region_rule,
    set_waiting_room,
    share,
    start_end,
    suspend,
    waiting_room_chat,
)

_FILES = (
    create,
    join,
    presence,
    admit,
    deny,
    put_in_waiting_room,
    set_waiting_room,
    waiting_room_chat,
    rename,
    set_region_rule,
    lock,
    remove,
    let_return,
    report,
    suspend,
    allow,
    audio_video,
    share,
    moments,
    recording,
    chat,
    delete_message,
    media,
    breakout_rooms,
    cohost,
    make_host,
    start_end,
    change_settings,
)

TABLE: tuple[Control, ...] = tuple(control for file in _FILES for control in file.CONTROLS)
CONTROLS: dict[str, Control] = {control.name: control for control in TABLE}
BY_COMMAND: dict[type[Command], Control] = {control.command: control for control in TABLE}
EVENTS: dict[str, EventRow] = {row.event.type: row for control in TABLE for row in control.events}
BY_EVENT: dict[type[Event], EventRow] = {row.event: row for row in EVENTS.values()}
