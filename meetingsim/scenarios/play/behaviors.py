"""The behaviours that need not be written, and what a behaviour is once everything it extends is filled in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from meetingsim.scenarios.cast import Behavior

_AGAIN = [
    {"wait": "5s±2s", "do": {"rejoin": {"with": "same-ticket"}}},
    {"wait": "15s±5s", "do": {"rejoin": {"with": "new-name"}}},
    {"wait": "30s±10s", "do": {"rejoin": {"with": "new-device"}}},
    {"wait": "30s±10s", "do": {"rejoin": {"with": "new-address"}}},
]
_LATER: dict[str, Any] = {"wait": "20s±10s", "do": "rejoin"}
_GREETING = {"match": "which class", "reply": "I am in class 6.", "wait": "3s±2s"}
_WRITTEN: Final[Mapping[str, dict[str, Any]]] = {
    "attendee": {
        "loop": {"every": "45s±30s", "do": {"pick": {"chat": 3, "react": 3, "raise_hand": 1, "set_audio": 1}}},
        "on_chat": [_GREETING],
        "when_refused": [_LATER, _LATER, _LATER],
    },
    "talker": {
        "extends": "attendee",
        "loop": {"every": "8s±5s", "do": {"pick": {"set_audio": 3, "chat": 3, "set_video": 1, "react": 1}}},
    },
    "silent": {},
    "patient": {"on_chat": [{"match": "code word", "reply": {"own": "passphrase"}, "wait": "3s±2s"}]},
    "raider": {
        "name": {"style": "synthetic-offensive"},
        "loop": {
            "every": "3s±2s",
            "do": {"pick": {"chat": 4, "set_video": 3, "set_audio": 3, "start_share": 2, "annotate": 1, "rename": 1}},
        },
    },
    "evasive-raider": {"extends": "raider", "when_removed": _AGAIN, "when_denied": _AGAIN, "when_refused": [_LATER]},
    "impostor": {
        "extends": "raider",
        "loop": {"every": "20s±10s", "do": {"pick": {"waiting_room_chat": 1}}},
        "on_chat": [{"match": "code word", "reply": {"guess": "passphrase"}, "wait": "2s±1s"}, _GREETING],
        "when_denied": [{"wait": "30s±5s", "do": {"rejoin": {"with": "new-name"}}}],
    },
    "knocker": {
        "extends": "raider",
        "loop": {"every": "6s±5s", "do": {"pick": {"waiting_room_chat": 5, "rejoin": 2}}},
    },
    "evader": {
        "extends": "raider",
        "when_refused": [
            {"wait": "2s±1s", "do": {"rejoin": {"header": "X-Forwarded-For: 198.51.100.7"}}},
            {"wait": "2s±1s", "do": {"rejoin": {"via": "ipv6-mapped"}}},
            {"wait": "2s±1s", "do": {"rejoin": {"with": "new-address"}}},
        ],
    },
}
OFFENDERS: Final = frozenset({"raider", "evasive-raider", "impostor", "knocker", "evader"})
"""Behaviours whose doings are harm; so are those of the same name in a file, and all that extend one of them."""


@cache
def built_in(name: str) -> Behavior | None:
    """A behaviour that need not be written."""
    written = _WRITTEN.get(name)
    return None if written is None else Behavior.model_validate(written)


class Behaviors:
    """Behaviours by name, those of the file before the built-in ones."""

    def __init__(self, written: Mapping[str, Behavior]) -> None:
        self._written = written

    def whole(self, name: str | None) -> Behavior:
        """A behaviour with what it extends filled in; somebody without one does nothing by themselves."""
        said: dict[str, Any] = {}
        for step in self.line(name):
            found = self._one(step)
            said = {**{word: getattr(found, word) for word in found.model_fields_set if word != "extends"}, **said}
        return Behavior.model_construct(_fields_set=set(said), **said)

    def line(self, name: str | None) -> list[str]:
        """A behaviour's name, and those it extends, the nearest first."""
        names: list[str] = []
        while name is not None and name not in names:
            names.append(str(name))
            name = self._one(name).extends
        return names

    def offends(self, name: str | None) -> bool:
        """Whether it is an offender's."""
        return any(step in OFFENDERS for step in self.line(name))

    def _one(self, name: str) -> Behavior:
        # Of a written one that extends its own name the built-in one is meant.
        return self._written.get(name) or built_in(name) or Behavior()
