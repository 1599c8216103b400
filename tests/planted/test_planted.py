"""The page about planted bugs is true: each bug that was found is found again, by that scenario, check and seed."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.planted.faults import DoesNotApply, Fault, every_fault
from tests.planted.page import Found, own_seeds, read_page
from tests.planted.player import Player

FAULTS = every_fault()
FOUND = read_page()
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a player forks")


@pytest.fixture(scope="session")
def player() -> Iterator[Player]:
    """One process a worker; what it has imported it has for all."""
    one = Player()
    yield one
    one.close()


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_every_fault_still_applies(fault: Fault) -> None:
    compile(fault.source, fault.file, "exec")


def test_a_fault_whose_text_is_gone_or_stands_twice_is_noticed() -> None:
    for old in ("no such text", "import"):
        with pytest.raises(DoesNotApply):
            _ = Fault("an-id", "What is wrong.", "area", "state/entry.py", old, "new").source


def test_the_page_has_every_fault_once_and_says_why_one_was_missed() -> None:
    found = [one.fault for one in FOUND]
    assert len(found) == len(set(found))
    assert set(found) <= set(FAULTS)
    assert {one.id for one in FAULTS.values() if one.missed} == set(FAULTS) - set(found)
    assert len(found) >= 0.9 * len(FAULTS)


@pytest.mark.parametrize("found", FOUND, ids=[one.fault for one in FOUND])
def test_a_planted_bug_is_found(player: Player, found: Found) -> None:
    (played,) = player.play(found.fault, [(found.scenario, found.seed)])
    assert found.check in played.failed, played


def test_the_same_plays_are_green_on_the_unchanged_server(player: Player) -> None:
    """Those with a scenario's own seed are, as the library's own tests say."""
    own = own_seeds()
    for scenario, seed in sorted({(one.scenario, one.seed) for one in FOUND}):
        assert own[scenario] == seed or not next(player.play(None, [(scenario, seed)])).found
