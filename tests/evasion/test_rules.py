"""Every cell of the matrix is what the rules say, and what stops an evader who got in, stops them."""

from __future__ import annotations

import pytest

from tests.evasion.expected import MARKS, expected
from tests.evasion.rules import LOCK, WAITING_ROOM, play
from tests.evasion.tricks import SETTINGS, TRICKS, Cell

CELLS = expected()
AT_THE_DOOR = {key for key, trick in TRICKS.items() if trick.tries == "join" and trick.after != "waiting room off"}
"""The tricks that end with a join, which a waiting room that was turned on and a lock can meet."""
OWNERS_SEAT = ("As somebody new", "ticket of somebody inside")


@pytest.mark.parametrize(("group", "name"), TRICKS)
def test_each_trick_ends_as_the_rules_say_whatever_is_matched(group: str, name: str) -> None:
    played = {setting: play(removal, TRICKS[group, name]) for setting, removal in SETTINGS.items()}
    assert played == {setting: CELLS[group, name, setting] for setting in SETTINGS}


def test_every_mark_is_used() -> None:
    assert set(CELLS.values()) == set(MARKS.values())


@pytest.mark.parametrize("setting", SETTINGS)
def test_with_the_waiting_room_on_nobody_who_tries_the_door_is_in_without_a_host(setting: str) -> None:
    for key in AT_THE_DOOR - {OWNERS_SEAT}:
        cell, held = CELLS[*key, setting], play(SETTINGS[setting], TRICKS[key], then=WAITING_ROOM)
        assert held == (Cell("waits", "waiting_room") if cell.outcome == "in" else cell), key


@pytest.mark.parametrize("setting", SETTINGS)
def test_behind_a_lock_nobody_who_tries_the_door_gets_anywhere(setting: str) -> None:
    for key in AT_THE_DOOR - {OWNERS_SEAT}:
        cell, held = CELLS[*key, setting], play(SETTINGS[setting], TRICKS[key], then=LOCK)
        if cell.outcome == "refused":
            assert held == cell, key
        else:
            assert held == Cell("refused", "locked"), key


@pytest.mark.parametrize("key", TRICKS, ids=" / ".join)
def test_whatever_lets_an_evader_in_says_what_would_stop_it(key: tuple[str, str]) -> None:
    gets_in = {setting for setting in SETTINGS if CELLS[*key, setting].outcome == "in"}
    assert bool(TRICKS[key].stopped_by) == bool(gets_in)
