"""Times, shares, rates and limits: what is read is written, and what is written is read as the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from meetingsim.scenarios.quantities import LONGEST, Duration, Limit, Offset, Rate, Share, Spread, Written


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("90s", 90_000),
        ("12m30s", 750_000),
        ("0s", 0),
        ("20ms", 20),
        ("1.5s", 1_500),
        ("1h", 3_600_000),
        ("30d", LONGEST),
    ],
)
def test_a_time_in_ms(text: str, ms: int) -> None:
    assert Duration.read(text).ms == ms


@given(st.integers(0, LONGEST))
def test_a_time_is_read_as_it_is_written(ms: int) -> None:
    assert Duration.read(str(Duration(ms))) == Duration(ms)


@pytest.mark.parametrize(
    ("kind", "text", "read"),
    [
        (Spread, "4s±3s", Spread(Duration(4_000), Duration(3_000))),
        (Spread, "5s", Spread(Duration(5_000))),
        (Offset, "-20ms", Offset(-20)),
        (Offset, "+40ms", Offset(40)),
        (Share, "25.5%", Share(255)),
        (Rate, "1/2s", Rate(1, Duration(2_000))),
        (Limit, "< 45 per viewer", Limit("<", 45, "", "viewer")),
        (Limit, ">= 0.9", Limit(">=", 0.9)),
        (Limit, "< 250ms", Limit("<", 250, "time")),
        (Limit, "<= 5%", Limit("<=", 0.05, "share")),
    ],
)
def test_the_other_quantities_go_there_and_back(kind: type[Written], text: str, read: Written) -> None:
    assert kind.read(text) == read
    assert str(read) == text


def test_a_rate_may_be_a_time_or_have_no_number() -> None:
    assert Rate.read("5ms") == Rate(1, Duration(5))
    assert Rate.read("5/s") == Rate(5, Duration(1_000))


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (Duration, "90", "a time looks like"),
        (Duration, "s", "a time looks like"),
        (Duration, "5 minutes", "a time looks like"),
        (Duration, "-5s", "cannot be negative"),
        (Duration, "0.5ms", "the smallest time"),
        (Duration, "31d", "the longest time"),
        (Spread, "2s±3s", "less than nothing"),
        (Spread, "2s±", "a time looks like"),
        (Share, "101%", "at most 100%"),
        (Share, "0.4", "a share looks like"),
        (Rate, "0/s", "a rate looks like"),
        (Rate, "1/0s", "longer than nothing"),
        (Limit, "45", "a threshold looks like"),
        (Limit, "< many", "a time looks like"),
        (Limit, "< 45 per cow", "a threshold looks like"),
    ],
)
def test_what_is_no_quantity_is_refused_in_its_words(kind: type[Written], text: str, said: str) -> None:
    with pytest.raises(PydanticCustomError, match=said):
        kind.read(text)
