"""A scenario: the whole file as one value, which is also the Python API."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from ipaddress import ip_network
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import AfterValidator, Field, StrictInt, ValidationInfo, model_validator

from meetingsim.scenarios.cast import Actor, Behavior, Policy
from meetingsim.scenarios.generated import shape_of
from meetingsim.scenarios.plan import Expectation, Fault, Moment, Thresholds
from meetingsim.scenarios.quantities import Duration, Written
from meetingsim.scenarios.shape import Shape, all_wrong, wrong
from meetingsim.scenarios.steps import Step
from meetingsim.scenarios.whole import faults_of_scenario
from meetingsim.scenarios.words import CastName, Country, Identifier, Text
from meetingsim.state.settings import Settings

VERSION: Literal[1] = 1
"""Of the language; the first word of every file."""

_Topic = Annotated[Text, Field(min_length=1, max_length=200)] | None
MeetingSettings: Any = shape_of(
    Settings,
    "MeetingSettings",
    needed=False,
    more={"topic": (_Topic, None), "kind": (Literal["meeting", "webinar"], None)},
)
"""The settings of the meeting, as ``POST /meetings`` takes them, with its topic and kind beside."""


class KnownNetwork(Shape):
    """What the simulated database says of a network."""

    country: Country | None = None
    anonymous: Literal["vpn", "proxy", "tor", "hosting"] | None = None


def _network(said: str) -> str:
    try:
        ip_network(said)
    except ValueError:
        raise wrong(f"{said!r} is no network: one looks like 203.0.113.0/24 or 2001:db8::/32") from None
    return said


class Geo(Shape):
    """What is known of addresses beside the simulated plan."""

    networks: dict[Annotated[Text, AfterValidator(_network)], KnownNetwork] = Field(default_factory=dict)


class Scenario(Shape):
    """A raid, or a quiet lesson, as a file: who comes, what they do, what goes wrong, and what must come of it.

    Raises pydantic's ValidationError with everything that is wrong. Times are texts: ``duration="15m"``.
    """

    meetingsim: Literal[1] = VERSION
    name: Identifier
    summary: Text | None = None
    seed: Annotated[StrictInt, Field(ge=0, le=2**53)] = 1
    clock: Literal["virtual", "real"] = "virtual"
    duration: Duration
    meeting: MeetingSettings | None = None
    geo: Geo | None = None
    actors: dict[CastName, Actor]
    behaviors: dict[CastName, Behavior] = Field(default_factory=dict)
    policies: dict[CastName, Policy] = Field(default_factory=dict)
    timeline: tuple[Moment, ...] = ()
    faults: tuple[Fault, ...] = ()
    expect: tuple[Expectation, ...] = ()
    thresholds: Thresholds = Field(default_factory=dict)

    @model_validator(mode="after")
    def _makes_sense(self, info: ValidationInfo) -> Self:
        faults = faults_of_scenario(self, (info.context or {}).get("known"))
        if faults:
            raise all_wrong("Scenario", faults, "senseless")
        return self

    def to_yaml(self) -> str:
        """The scenario as a file: reading it gives an equal one. Only what was said is written."""
        said = {"meetingsim": VERSION, **plain(self)}
        return yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=100_000)


def plain(value: Any) -> Any:
    """A part of a scenario as a file would have it."""
    if isinstance(value, Step):
        inner = plain(value.value)
        return value.word if inner == {} else {value.word: inner}
    if isinstance(value, Shape):
        return {word: plain(one) for word, one in value.said().items()}
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, str | Written) else value
