"""The JSON Schema of the language, for editors: completion and a first look; ``read`` alone knows all the rules."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from meetingsim.scenarios.scenario import Scenario

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema(countries: Collection[str] = (), groups: Collection[str] = ()) -> dict[str, Any]:
    """The schema of a scenario file; with ``countries`` it lists them."""
    made = Scenario.model_json_schema(by_alias=True)
    made["required"] = ["meetingsim", *made.get("required", ())]
    if countries:
        _narrow(made, sorted(countries), sorted([*countries, *groups]))
    return {"$schema": DRAFT, "title": "A meetingsim scenario", **{k: v for k, v in made.items() if k != "title"}}


def _narrow(part: Any, countries: list[str], with_groups: list[str]) -> None:
    if isinstance(part, list):
        for one in part:
            _narrow(one, countries, with_groups)
    elif isinstance(part, dict):
        for one in part.values():
            _narrow(one, countries, with_groups)
        if part.get("x-meetingsim") == "country":
            part["enum"] = countries
        elif part.get("x-meetingsim") == "country_or_group":
            part["enum"] = with_groups
