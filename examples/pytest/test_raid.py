"""Scenarios in test functions: played with other seeds, and their figures asked for."""

import pytest

from meetingsim.scenarios.verdicts import Judgement


@pytest.mark.scenario("link-in-a-forum.scenario.yaml", seed=20)
@pytest.mark.seeds(3)
def test_the_raid_is_over_soon(meetingsim_run: Judgement) -> None:
    quiet_after = meetingsim_run.measures["time_to_quiet"].value
    assert quiet_after is not None
    assert quiet_after < 60


@pytest.mark.scenario("out-of-region.scenario.yaml")
def test_nobody_gets_around_the_rule() -> None:
    """The run is all there is to it: the test fails where an expectation or an invariant does."""
