"""The generated modules follow the control table, and are up to date."""

from __future__ import annotations

import inspect
from dataclasses import MISSING, fields

import pytest

from meetingsim.clients import MeetingHandle, words
from meetingsim.clients.connection import Connection
from meetingsim.state.control import Control
from meetingsim.state.controls import EVENTS, TABLE
from scripts.sdk_methods import CLIENTS, MODULES

SOCKET = [control for control in TABLE if control.socket]
HTTP = [control for control in TABLE if control.http]


@pytest.mark.parametrize("name", sorted(MODULES))
def test_generated_modules_are_up_to_date(name: str) -> None:
    assert (CLIENTS / name).read_text("utf-8") == MODULES[name](), "run: python -m scripts.sdk_methods"


def _said(control: Control) -> tuple[list[str], list[str]]:
    every = fields(control.command)  # type: ignore[arg-type]  # every command is a dataclass
    required = [f.name for f in every if f.default is MISSING and f.default_factory is MISSING]
    return required, [f.name for f in every if f.name not in required]


@pytest.mark.parametrize(
    ("owner", "control"),
    [(Connection, one) for one in SOCKET] + [(MeetingHandle, one) for one in HTTP],
    ids=lambda one: one.__name__ if inspect.isclass(one) else one.name,
)
def test_every_control_is_a_method_with_its_fields(owner: type, control: Control) -> None:
    parameters = list(inspect.signature(getattr(owner, control.name)).parameters.values())[1:]
    required, optional = _said(control)
    assert [one.name for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD] == required
    assert [one.name for one in parameters if one.kind is one.KEYWORD_ONLY] == optional


CONTRACT = """
admit admit_all deny put_in_waiting_room set_waiting_room waiting_room_chat rename set_region_rule lock unlock remove let_return
report suspend allow mute mute_all stop_video stop_share ask_to_unmute open_breakout_rooms join_breakout_room leave_breakout_room
close_breakout_rooms make_cohost revoke_cohost make_host delete_message start end
"""
BY_SOCKET_ALONE = """
join resume leave set_audio set_video start_share annotate start_recording stop_recording chat set_profile_picture react
raise_hand media
"""


def test_every_control_of_the_contract_is_a_method_at_both_doors_it_has() -> None:
    both, alone = CONTRACT.split(), BY_SOCKET_ALONE.split()
    assert [name for name in both if not callable(getattr(Connection, name, None))] == []
    assert [name for name in both if not callable(getattr(MeetingHandle, name, None))] == []
    assert [name for name in alone if not callable(getattr(Connection, name, None))] == []
    assert {control.name for control in SOCKET} - {*both, *alone} == set()


def test_every_command_and_event_is_a_word_of_the_sdk() -> None:
    commands = {control.command.__name__ for control in (*SOCKET, *HTTP)}
    assert set(words.__all__) == commands | {row.event.__name__ for row in EVENTS.values()}
    assert all(hasattr(words, name) for name in words.__all__)
