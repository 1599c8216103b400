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


def test_every_command_and_event_is_a_word_of_the_sdk() -> None:
    commands = {control.command.__name__ for control in (*SOCKET, *HTTP)}
    assert set(words.__all__) == commands | {row.event.__name__ for row in EVENTS.values()}
    assert all(hasattr(words, name) for name in words.__all__)
