"""What is done in a moment: annotations, reactions, hands, profile pictures."""

from __future__ import annotations

from meetingsim.state.controls.allow import Allow
from meetingsim.state.controls.moments import Annotate, RaiseHand, React, SetProfilePicture
from meetingsim.state.controls.presence import Leave
from meetingsim.state.settings import Activity
from tests.state.room import room


def test_annotations_are_news_while_allowed() -> None:
    here = room()
    assert here.says(here.mia, Annotate()).types == ["annotated"]
    assert here.sim.inbox[here.noah][-1]["participant"] == here.mia
    here.says(here.host, Allow(Activity.ANNOTATE, False))
    assert here.says(here.mia, Annotate()).code == "not_permitted"
    assert here.sim.tell("nobody", Annotate()).code == "not_inside"


def test_a_reaction_is_a_word() -> None:
    here = room()
    assert here.says(here.mia, React("applause")).types == ["reacted"]
    assert here.sim.inbox[here.noah][-1]["kind"] == "applause"
    assert here.says(here.mia, React("x" * 64)).code is None
    for kind in ("", "  ", "x" * 65):
        assert here.says(here.mia, React(kind)).code == "malformed"


def test_a_hand_goes_up_and_down_once() -> None:
    here = room()
    for up, kinds in ((True, ["hand_changed"]), (True, []), (False, ["hand_changed"]), (False, [])):
        assert here.says(here.mia, RaiseHand(up)).types == kinds
        assert here.person(here.mia).hand is up
    here.says(here.mia, RaiseHand(True))
    here.says(here.mia, Leave())
    assert here.person(here.mia).hand is False


def test_a_profile_picture_may_be_hidden_while_it_is_barred() -> None:
    here = room()
    assert here.says(here.mia, SetProfilePicture(True)).types == ["profile_picture_changed"]
    assert here.says(here.mia, SetProfilePicture(True)).types == []
    here.says(here.host, Allow(Activity.PROFILE_PICTURE, False))
    assert here.says(here.mia, SetProfilePicture(False)).types == ["profile_picture_changed"]
    assert here.says(here.mia, SetProfilePicture(True)).code == "not_permitted"


def test_a_profile_picture_is_shown_again_after_a_rejoin() -> None:
    here = room()
    cleo = here.sim.enter("Cleo", ticket="t-1")
    here.says(cleo, SetProfilePicture(True))
    here.says(cleo, Leave())
    here.sim.enter("Cleo", ticket="t-1")
    assert here.sim.pictures[here.mia]["participants"][-1]["profile_picture"] is True


def test_a_reaction_says_whose_it_is() -> None:
    here = room()
    (event,) = here.says(here.mia, React("applause")).events
    assert (event.participant, event.kind) == (here.mia, "applause")
