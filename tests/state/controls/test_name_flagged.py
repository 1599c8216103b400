"""Names that look like somebody else's: hosts are told of whom, nobody else is, and nobody is kept out."""

from __future__ import annotations

import pytest

from meetingsim.state.controls.admit import Admit
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.remove import Remove
from meetingsim.state.controls.rename import Rename
from meetingsim.state.controls.start_end import Start
from meetingsim.state.entry_events import NameFlagged
from meetingsim.state.settings import WaitingRoom
from tests.state.room import room, scheduled, started


@pytest.mark.parametrize(
    "name",
    [
        "Mia",
        "mia",
        "MIA",
        "  Mia ",
        "Mi\u0430",  # a Cyrillic letter
        "\uff2d\uff49\uff41",  # full width
        "M\u200bia",
        "Mi\u0251",
    ],
)
def test_a_name_that_looks_like_anothers_is_told_to_the_hosts(name: str) -> None:
    here = room()
    entered = here.sim.join(name, device="d-9")
    assert entered.types == ["joined", "origin_known", "name_flagged"]
    assert entered.events[-1] == NameFlagged(str(entered.participant), here.mia)
    for host in (here.host, here.cohost):
        assert here.sim.inbox[host][-1]["type"] == "name_flagged"
        assert here.sim.inbox[host][-1]["like"] == here.mia
    for other in (here.mia, here.noah, str(entered.participant)):
        assert "name_flagged" not in {frame["type"] for frame in here.sim.inbox[other]}


@pytest.mark.parametrize("name", ["Mia B.", "Mi a", "Mía", "Nia", "Mias"])
def test_another_name_is_not_flagged(name: str) -> None:
    here = room()
    assert here.sim.join(name, device="d-9").types == ["joined", "origin_known"]


def test_white_space_counts_once_however_much_there_is() -> None:
    here = room()
    assert here.sim.join("Prof.   ITO", device="d-9").events[-1].like == here.host


def test_a_rename_is_flagged_once_whoever_makes_it() -> None:
    here = room()
    assert here.says(here.noah, Rename("mia")).types == ["renamed", "name_flagged"]
    assert here.sim.log[-1].events[-1] == NameFlagged(here.noah, here.mia)
    assert here.says(here.host, Rename("PROF. ITO", here.noah)).events[-1] == NameFlagged(here.noah, here.host)
    assert here.says(here.noah, Rename("PROF. ITO")).types == [], "nothing changed"


def test_ones_own_name_in_another_case_is_ones_own() -> None:
    here = room()
    assert here.says(here.mia, Rename("MIA")).types == ["renamed"]


def test_the_one_who_came_first_is_named() -> None:
    here = room()
    second = here.sim.join("mia", device="d-8")
    third = here.sim.join("MIA", device="d-9")
    assert second.events[-1].like == here.mia
    assert third.events[-1].like == here.mia
    here.says(here.mia, Leave())
    assert here.sim.join("Mia", device="d-7").events[-1].like == second.participant


def test_whoever_is_gone_is_looked_like_by_nobody() -> None:
    here = room()
    here.says(here.noah, Leave())
    assert here.sim.join("Noah", device="d-8").types == ["joined", "origin_known"]
    here.says(here.host, Remove(here.mia, may_return=True))
    assert here.sim.join("Mia", device="d-9").types == ["joined", "origin_known"]


def test_whoever_waits_dropped_or_came_early_counts_as_here() -> None:
    sim = started(waiting_room=WaitingRoom())
    waiting = sim.enter("Mia", device="d-1")
    assert sim.join("mia", device="d-2").events[-1].like == waiting
    sim.http(Admit(waiting))
    sim.drop(waiting)
    assert sim.join("MIA", device="d-3").events[-1].like == waiting
    sim = scheduled()
    early = sim.enter("Mia", device="d-1")
    assert sim.join("mia", device="d-2").events[-1].like == early
    assert sim.http(Start()).types.count("name_flagged") == 0, "said already"
