"""The cast: who they are follows from the seed, and from nothing that others do."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import Any

from meetingsim.chance import Chance
from meetingsim.scenarios import Scenario
from meetingsim.scenarios.play.behaviors import OFFENDERS, Behaviors, built_in
from meetingsim.scenarios.play.casting import arrivals, cast_of, plain_name
from meetingsim.state.lookalikes import skeleton


def scenario(**said: Any) -> Scenario:
    return Scenario.model_validate({"name": "cast", "duration": "10m", **said})


def names(style: dict[str, Any], count: int = 40, seed: int = 1) -> list[str]:
    one = scenario(
        actors={"class": {"count": 5, "country": "US"}, "crowd": {"count": count, "behavior": "named"}},
        behaviors={"named": {"name": style}},
    )
    return [member.name for ref, member in cast_of(one, seed).items() if ref.startswith("crowd")]


def test_shares_of_countries_are_kept_to() -> None:
    one = scenario(actors={"crowd": {"count": 200, "country": {"BR": "40%", "TR": "30%", "US": "30%"}}})
    countries = [member.country for member in cast_of(one, 3).values()]
    assert Counter(countries) == {"BR": 80, "TR": 60, "US": 60}
    assert countries != sorted(countries)


def test_one_more_group_changes_nothing_about_those_before() -> None:
    group = {"count": 20, "country": {"BR": "50%", "US": "50%"}, "passphrase": "seeded", "behavior": "raider"}
    alone = cast_of(scenario(actors={"crowd": group}), 7)
    beside = cast_of(scenario(actors={"crowd": group, "more": {"count": 3}}), 7)
    assert {ref: beside[ref] for ref in alone} == alone
    assert cast_of(scenario(actors={"crowd": group}), 8) != alone


def test_a_group_has_devices_of_their_own_unless_it_shares_one() -> None:
    cast = cast_of(scenario(actors={"each": {"count": 3}, "same": {"count": 3, "device": "shared"}}), 1)
    assert len({member.device for member in cast.values() if member.group == "each"}) == 3
    assert len({member.device for member in cast.values() if member.group == "same"}) == 1


def test_plain_names_are_all_different_and_no_look_alikes() -> None:
    made = [plain_name(number) for number in range(1_000)]
    assert len(set(made)) == 1_000
    assert len({skeleton(name.casefold()) for name in made}) == 1_000


def test_an_impostor_looks_like_somebody_of_the_group_by_every_trick() -> None:
    victims = {member.name for member in cast_of(scenario(actors={"class": {"count": 5}}), 1).values()}
    style = {"impersonate": "class", "homoglyphs": "30%", "zero_width": "30%", "case": "20%"}
    made = names(style, 100)
    kinds = Counter(_trick(name, victims) for name in made)
    assert set(kinds) == {"copy", "homoglyphs", "zero_width", "case"}
    assert kinds["homoglyphs"] > kinds["copy"]


def _trick(name: str, victims: set[str]) -> str:
    if name in victims:
        return "copy"
    if name.swapcase() in victims:
        return "case"
    if any(unicodedata.category(char) == "Cf" for char in name):
        assert name.replace("\u200b", "") in victims
        return "zero_width"
    assert skeleton(name) in {skeleton(victim) for victim in victims}
    return "homoglyphs"


def test_a_share_of_a_group_has_one_style_and_the_rest_another() -> None:
    made = names({"style": "synthetic-offensive", "share": "60%", "otherwise": {"style": "invisible"}}, 200)
    offensive = sum(name.startswith("offensive-name-") for name in made)
    assert 90 < offensive < 150
    assert {name for name in made if not name.startswith("offensive")} == {"\u200b" * 3}


def test_people_arrive_when_they_are_said_to() -> None:
    actors: dict[str, Any] = {
        "host": {"role": "host"},
        "even": {"count": 4, "arrive": {"at": "1m", "over": "8s", "profile": "even"}},
        "burst": {"count": 200, "arrive": {"at": "1m", "over": "1m", "profile": "burst"}},
        "poisson": {"count": 200, "arrive": {"over": "1m", "profile": "poisson"}},
    }
    cast = scenario(actors=actors).actors
    assert arrivals(cast["host"], 1, "host", first=True) == [0]
    assert arrivals(cast["even"], 1, "even", first=False) == [60_000, 62_000, 64_000, 66_000]
    burst = arrivals(cast["burst"], 1, "burst", first=False)
    assert burst == sorted(burst)
    assert sum(when < 90_000 for when in burst) > 140
    spread = arrivals(cast["poisson"], 1, "poisson", first=False)
    assert max(spread) < 60_000
    assert 60 < sum(when < 30_000 for when in spread) < 140
    assert arrivals(cast["burst"], 2, "burst", first=False) != burst


def test_what_extends_an_offender_offends() -> None:
    one = scenario(
        actors={"a": {}},
        behaviors={
            "mine": {"extends": "louder"},
            "louder": {"extends": "raider"},
            "knocker": {"loop": {"every": "5s", "do": "react"}},
            "calm": {"extends": "attendee"},
        },
    )
    behaviors = Behaviors(one.behaviors)
    assert behaviors.line("mine") == ["mine", "louder", "raider"]
    assert [name for name in ("mine", "louder", "knocker", "calm", "silent") if behaviors.offends(name)] == [
        "mine",
        "louder",
        "knocker",
    ]
    assert not behaviors.offends(None)


def test_what_is_extended_is_kept_where_nothing_else_is_said() -> None:
    one = scenario(
        actors={"a": {}},
        behaviors={"mine": {"extends": "evasive-raider", "when_removed": [{"wait": "1s", "do": "rejoin"}]}},
    )
    whole = Behaviors(one.behaviors).whole("mine")
    raider = built_in("raider")
    assert raider is not None
    assert whole.loop == raider.loop
    assert len(whole.when_removed or ()) == 1
    assert whole.when_denied is not None


def test_every_offender_is_built_in() -> None:
    assert all(built_in(name) is not None for name in OFFENDERS)


def test_draws_of_different_purposes_do_not_disturb_each_other() -> None:
    first = Chance.of(1, "mia", "loop")
    draws = [first.below(1_000) for _ in range(5)]
    Chance.of(1, "mia", "network").below(1_000)
    again = Chance.of(1, "mia", "loop")
    assert [again.below(1_000) for _ in range(5)] == draws
    assert Chance.of(1, "mia", "loop").below(1_000_000) != Chance.of(2, "mia", "loop").below(1_000_000)
