"""Names: what is left of them, who may change whose, and who is told."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetingsim.state.control import Refuse
from meetingsim.state.controls.admit import Admit
from meetingsim.state.controls.allow import Allow
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.remove import Remove
from meetingsim.state.controls.rename import Rename
from meetingsim.state.identity import TAKEN_OUT, clean_name, folded_name
from meetingsim.state.settings import Activity, WaitingRoom
from tests.state.room import room, scheduled


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Mia", "Mia"),
        ("  Mia  ", "Mia"),
        ("ﬁona", "fiona"),
        ("Ｍｉａ", "Mia"),
        ("Zoe\u0308", "Zoë"),
        ("M\u0000i\u0007a", "Mia"),
        ("\u202eMia\u200b\ufeff", "Mia"),
        ("Mi\u2028a\u2029", "Mia"),
        ("Mi\ud800a", "Mia"),
        ("Mia\tMeyer\n", "MiaMeyer"),
        ("Mia  M.", "Mia  M."),
        ("x" * 64, "x" * 64),
        ("\u200b" * 100 + "x", "x"),
        ("🦊", "🦊"),
    ],
)
def test_what_is_left_of_a_name(said: str, shown: str) -> None:
    assert clean_name(said) == shown


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("", "name_required"),
        (" \u3000\t", "name_required"),
        ("\u202e\u200b", "name_required"),
        ("x" * 65, "name_refused"),
    ],
)
def test_names_that_are_refused(said: str, code: str) -> None:
    with pytest.raises(Refuse) as refused:
        clean_name(said)
    assert refused.value.refusal.code == code


@given(st.text(max_size=80))
def test_a_name_has_no_hidden_character_and_is_clean_already(said: str) -> None:
    try:
        name = clean_name(said)
    except Refuse:
        return
    assert not TAKEN_OUT & {unicodedata.category(char) for char in name}
    assert 1 <= len(name) <= 64
    assert name.strip() == name


def test_the_categories_taken_out_are_the_contracts() -> None:
    assert {"Cc", "Cf", "Cs", "Zl", "Zp"} == TAKEN_OUT


def test_names_are_compared_without_case_and_extra_white_space() -> None:
    assert folded_name(" Mia  MEYER ") == folded_name("mia meyer")
    assert folded_name("STRASSE") == folded_name("straße")
    assert folded_name("Mia") != folded_name("Mio")


def test_one_renames_oneself_while_allowed_and_everybody_inside_is_told() -> None:
    here = room()
    renamed = here.says(here.mia, Rename(" Mia M. "))
    assert renamed.types == ["renamed"]
    told = here.sim.inbox[here.noah][-1]
    assert (told["participant"], told["name"], told["by"]) == (here.mia, "Mia M.", here.mia)
    assert here.sim.pictures[here.mia]["me"]["name"] == "Mia M."
    assert here.says(here.mia, Rename("Mia M.", here.mia)).types == []
    assert here.says(here.mia, Rename("\u200b")).code == "name_required"
    assert here.says(here.mia, Rename("x" * 65)).code == "name_refused"
    here.says(here.host, Allow(Activity.RENAME, False))
    assert here.says(here.mia, Rename("Mallory")).code == "not_permitted"
    assert here.says(here.cohost, Rename("Dora D.")).code is None


def test_hosts_rename_whoever_is_below_them_wherever_they_are() -> None:
    here = room(waiting_room=WaitingRoom())
    zoe = here.sim.enter("Zoe")
    assert here.says(here.cohost, Rename("Guest 1", here.mia)).types == ["renamed"]
    waiting = here.says(here.cohost, Rename("Guest 2", zoe))
    assert (waiting.rows[0].audience.hosts, waiting.rows[0].audience.inside) == (True, False)
    assert here.sim.pictures[zoe]["me"]["name"] == "Guest 2"
    assert here.sim.inbox[zoe][-1]["type"] == "view"
    assert here.sim.pictures[here.host]["waiting"][0]["name"] == "Guest 2"
    assert here.says(here.mia, Rename("Mallory", here.noah)).code == "not_host"
    assert here.says(here.cohost, Rename("Mallory", here.host)).code == "protected"
    assert here.says(here.host, Rename("Mallory", "nobody")).code == "no_such_participant"


def test_who_is_gone_is_not_renamed() -> None:
    here = room()
    here.says(here.mia, Leave())
    here.says(here.host, Remove(here.noah))
    for one in (here.mia, here.noah):
        assert here.says(here.host, Rename("Mallory", one)).code == "not_inside"
    assert here.says(here.mia, Rename("Mallory")).code == "not_inside"


def test_over_http_a_name_needs_a_person() -> None:
    here = room()
    assert here.sim.http(Rename("Mallory")).code == "malformed"
    assert here.sim.http(Rename("Guest 1", here.mia)).types == ["renamed"]
    assert here.sim.http(Rename("Guest", here.host)).code == "protected"


def test_early_ones_are_renamed_before_anybody_sees_them() -> None:
    sim = scheduled()
    mia = sim.enter("Mallory")
    assert sim.http(Rename("Mia", mia)).types == ["renamed"]
    assert sim.pictures[mia]["me"]["name"] == "Mia"


def test_nobody_waiting_renames_themselves() -> None:
    here = room(waiting_room=WaitingRoom())
    assert here.says(here.sim.enter("Zoe"), Rename("Mallory")).code == "not_inside"


def test_look_alikes_are_found_by_the_name_of_now() -> None:
    here = room()
    here.says(here.mia, Rename("Zoe"))
    assert here.sim.join("Mia", device="d-8").types == ["joined", "origin_known"]
    assert here.sim.join("zoe", device="d-9").types[-1] == "name_flagged"


def test_a_rename_is_a_change_of_the_entry_for_whoever_admits() -> None:
    here = room(waiting_room=WaitingRoom())
    zoe = here.sim.enter("Zoe")
    seen = here.sim.meeting.seq
    here.says(here.host, Rename("Somebody else", zoe))
    assert here.says(here.cohost, Admit(zoe, if_seq=seen)).code == "conflict"
