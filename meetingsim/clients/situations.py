"""What a whole situation is made of: people in their places, and the controls that are then in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

from meetingsim.state.control import Command
from meetingsim.state.plain import plain

Behaviour: TypeAlias = Literal["silent", "talker", "raider"]
"""What somebody whom the server holds does without being told."""


class Credentials(TypedDict, total=False):
    """What somebody may show at the door in place of the meeting's passcode."""

    passcode: str
    ticket: str
    user_token: str
    host_token: str


class PersonThere(Credentials):
    """Somebody, or with ``count`` several, numbered in name and device, held by the server.

    ``place`` is where they are to be, ``commands`` what they then do, each as the frame that they would send.
    """

    name: str
    count: NotRequired[int]
    place: NotRequired[Literal["inside", "waiting"]]
    commands: NotRequired[list[dict[str, Any]]]
    behaviour: NotRequired[Behaviour]
    country: NotRequired[str]
    address: NotRequired[str]
    device: NotRequired[str]


def controls_of(controls: Iterable[Command | Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Controls as a request carries them: typed commands, or mappings with a ``type``."""
    return [{"type": one.type, **plain(one)} if isinstance(one, Command) else {**one} for one in controls]
