"""The generated modules follow the control table, and are up to date."""

from __future__ import annotations

import inspect
from dataclasses import MISSING, fields
from typing import Any

import pytest

from meetingsim.clients import AccountHandle, Connection, MeetingHandle, Server, SpaceHandle, sync, words
from meetingsim.clients.http_controls import HttpControls
from meetingsim.clients.socket_commands import SocketCommands
from meetingsim.clients.sync import http_controls as sync_controls
from meetingsim.clients.sync import socket_commands as sync_commands
from meetingsim.clients.sync.portal import PORTAL
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


class Heard:
    """Takes the place of what a method hands its work to, and keeps what it was handed."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []

    async def later(self, name: str, fields: dict[str, Any]) -> str:
        return self.at_once(name, fields)

    def at_once(self, name: str, fields: dict[str, Any]) -> str:
        self.calls.append((name, fields))
        return "answer"


def owner_of(methods: type, heard: Heard) -> Any:
    """Somebody with these generated methods, whose work is kept instead of done."""
    hand_on = heard.at_once if ".sync." in methods.__module__ else heard.later

    def control(self: object, name: str, /, **said: Any) -> Any:
        return hand_on(name, said)

    ask = staticmethod(hand_on)
    return type("Owner", (methods,), {"_ask": ask, "_tell": ask, "control": control})()


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("methods", "control"),
    [(methods, one) for methods in (SocketCommands, sync_commands.SocketCommands) for one in SOCKET]
    + [(methods, one) for methods in (HttpControls, sync_controls.HttpControls) for one in HTTP],
    ids=lambda one: one.__module__.removeprefix("meetingsim.clients.") if inspect.isclass(one) else one.name,
)
async def test_every_method_sends_its_command_with_its_fields(methods: type, control: Control) -> None:
    values = {field.name: f"<{field.name}>" for field in fields(control.command)}  # type: ignore[arg-type]  # a dataclass
    heard = Heard()
    answer = getattr(owner_of(methods, heard), control.name)(**values)
    assert (await answer if inspect.isawaitable(answer) else answer) == "answer"
    assert heard.calls == [(control.name, values)]


FACES = (
    (Connection, sync.Connection),
    (Server, sync.Server),
    (SpaceHandle, sync.SpaceHandle),
    (MeetingHandle, sync.MeetingHandle),
    (AccountHandle, sync.AccountHandle),
)
HANDED_ON = [
    (there, here, name)
    for there, here in FACES
    for name, member in vars(there).items()
    if inspect.iscoroutinefunction(member) and not name.startswith("_") and name not in {"open", "close"}
]


@pytest.mark.parametrize(("there", "here", "name"), HANDED_ON, ids=lambda one: getattr(one, "__name__", one))
def test_the_synchronous_face_hands_on_what_it_is_given(there: type, here: Any, name: str) -> None:
    signature = inspect.signature(getattr(there, name))
    heard = Heard()

    class Inner:
        def __getattr__(self, called: str) -> Any:
            def hand_on(*args: Any, **kwargs: Any) -> Any:
                return heard.later(called, dict(signature.bind(None, *args, **kwargs).arguments))

            return hand_on

    owner = here.__new__(here)
    owner.server, owner._inner = sync.Server(), Inner()
    parameters = [one for one in signature.parameters.values() if one.name != "self"]
    args = [f"<{one.name}>" for one in parameters if one.kind is one.POSITIONAL_ONLY]
    kwargs = {one.name: f"<{one.name}>" for one in parameters if one.kind is not one.POSITIONAL_ONLY}
    PORTAL.hold()
    try:
        answer = getattr(owner, name)(*args, **kwargs)
    finally:
        PORTAL.release()
    assert answer is None or getattr(answer, "_inner", answer) == "answer"
    assert heard.calls == [(name, dict(signature.bind(None, *args, **kwargs).arguments))]


def test_every_command_and_event_is_a_word_of_the_sdk() -> None:
    commands = {control.command.__name__ for control in (*SOCKET, *HTTP)}
    assert set(words.__all__) == commands | {row.event.__name__ for row in EVENTS.values()}
    assert all(hasattr(words, name) for name in words.__all__)
