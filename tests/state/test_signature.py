"""The signature test: for every generated meeting and every viewer, what was told adds up to what they may know."""

from __future__ import annotations

from hypothesis import given

from tests.meetings import Plan, meetings, play
from tests.state.signature import check, check_whole


@given(meetings())
def test_everyone_was_told_what_they_may_know_and_replay_equals_live(plan: Plan) -> None:
    check_whole(play(plan, check))
