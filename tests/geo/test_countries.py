"""The table of countries, its groups, and what a wrong code is told."""

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetingsim.geo.countries import (
    CONTINENT_NAMES,
    CONTINENT_OF,
    GROUPS,
    NAMES,
    UnknownCountry,
    expand,
    is_country,
)


def test_the_table_is_iso_3166_1_with_kosovo_and_the_netherlands_antilles() -> None:
    assert len(NAMES) == 249 + 2
    assert (NAMES["XK"], NAMES["AN"]) == ("Kosovo", "Netherlands Antilles")
    assert all(re.fullmatch("[A-Z]{2}", code) for code in NAMES)
    assert all(name.strip() == name and len(name) > 3 for name in NAMES.values())


# Reserved, retired and private codes that other tables let in.
@pytest.mark.parametrize("code", ["UK", "EU", "EZ", "UN", "AC", "TA", "IC", "SU", "YU", "ZZ", "XX", "AP", "T1"])
def test_what_is_no_country(code: str) -> None:
    assert not is_country(code)


@pytest.mark.parametrize(
    ("code", "name", "continent"),
    [
        ("BR", "Brazil", "SA"),
        ("US", "United States", "NA"),
        ("MX", "Mexico", "NA"),
        ("JM", "Jamaica", "NA"),
        ("TR", "Türkiye", "AS"),
        ("CI", "Côte d’Ivoire", "AF"),
        ("AQ", "Antarctica", "AN"),
        ("NZ", "New Zealand", "OC"),
        ("DE", "Germany", "EU"),
        ("AN", "Netherlands Antilles", "NA"),
        ("XK", "Kosovo", "EU"),
    ],
)
def test_names_and_continents(code: str, name: str, continent: str) -> None:
    assert is_country(code)
    assert (NAMES[code], CONTINENT_OF[code]) == (name, continent)


def test_every_country_has_a_continent_with_a_name() -> None:
    assert set(CONTINENT_OF) == set(NAMES)
    assert set(CONTINENT_OF.values()) == set(CONTINENT_NAMES) == {"AF", "AN", "AS", "EU", "NA", "OC", "SA"}


def test_the_groups_have_their_members() -> None:
    assert set(GROUPS) == {"EU", "EEA"}
    assert len(GROUPS["EU"]) == 27
    assert len(GROUPS["EEA"]) == 30
    assert GROUPS["EEA"] - GROUPS["EU"] == {"IS", "LI", "NO"}
    assert {"DE", "FR", "HR", "CY", "IE"} <= GROUPS["EU"]
    assert not GROUPS["EEA"] & {"GB", "CH", "TR", "RE", "AX"}


def test_expanding_replaces_groups_and_keeps_countries() -> None:
    assert expand(["BR", "BR", "AN"]) == {"BR", "AN"}
    assert expand(["EU", "US"]) == GROUPS["EU"] | {"US"}
    assert expand(["EEA"]) == GROUPS["EEA"]
    assert expand([]) == frozenset()


@given(st.lists(st.sampled_from([*NAMES, *GROUPS])))
def test_whatever_is_expanded_is_countries_alone(codes: list[str]) -> None:
    expanded = expand(codes)
    assert all(is_country(code) for code in expanded)
    assert expanded == expand(expanded)
    assert all(code in expanded for code in codes if is_country(code))


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("UK", "GB"),
        ("EL", "GR"),
        ("USA", "US"),
        ("br", "BR"),
        (" BR ", "BR"),
        ("eu", "EU"),
        ("Brazil", "BR"),
        ("germny", "DE"),
    ],
)
def test_a_wrong_code_is_named_with_what_may_be_meant(code: str, hint: str) -> None:
    with pytest.raises(UnknownCountry) as caught:
        expand(["US", code])
    assert caught.value.code == code
    assert caught.value.hints[0] == hint
    assert str(caught.value).startswith(f"unknown country {code!r}; did you mean {hint}")


def test_a_code_like_no_other_gets_no_hint() -> None:
    with pytest.raises(UnknownCountry) as caught:
        expand(["??"])
    assert str(caught.value) == "unknown country '??'"


@given(st.text())
def test_any_wrong_code_is_told_so_in_one_harmless_line(code: str) -> None:
    if is_country(code) or code in GROUPS:
        return
    with pytest.raises(UnknownCountry) as caught:
        expand([code])
    message = str(caught.value)
    assert message.isascii()
    assert message.isprintable()
    assert len(message) < 500
    assert len(caught.value.hints) <= 3
    assert all(is_country(hint) or hint in GROUPS for hint in caught.value.hints)


def test_the_table_cannot_be_changed_by_accident() -> None:
    with pytest.raises(TypeError):
        NAMES["ZZ"] = "Nowhere"  # type: ignore[index]  # this is the point


def test_importing_it_loads_nothing_heavy() -> None:
    program = "import meetingsim.geo.countries, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "meetingsim.geo.country_table" in loaded.split()
    assert not {"pydantic", "geoip2", "maxminddb", "difflib", "json", "ipaddress"} & set(loaded.split())
