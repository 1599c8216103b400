"""What is to happen at which moment, what goes wrong on the way, and what must come of it."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool

from meetingsim.scenarios.cast import Network
from meetingsim.scenarios.quantities import Duration, Limit, Offset, Rate, Share
from meetingsim.scenarios.shape import OneOrMany, Shape, nearest, one_of, wrong
from meetingsim.scenarios.steps import NOBODYS, Do, Server
from meetingsim.scenarios.words import Condition, Fact, FactOrCondition, Identifier, Marked, People, Text

Crowd = Annotated[tuple[People, ...], OneOrMany(), Field(min_length=1)]


class Moment(Shape):
    """A moment of the timeline: at a time, or on a fact; with ``spread`` the actions are aimed around it."""

    at: Duration | None = None
    on: Fact | None = None
    id: Identifier | None = None
    who: Crowd | None = None
    do: Do
    spread: tuple[Offset, Offset] | None = None
    pace: Rate | None = None

    def fits(self) -> None:
        one_of(self, "at", "on")
        if self.spread is not None and self.spread[0] > self.spread[1]:
            raise wrong("'spread' goes from the earlier to the later: [-20ms, +40ms]")
        words = [step.word for step in self.do]
        somebodys = [word for word in words if word not in NOBODYS]
        if somebodys and self.who is None:
            raise wrong(f"say 'who' is to {somebodys[0]}")
        if self.who is not None and not somebodys:
            raise wrong(f"nobody does {words[0]}: leave 'who' out")


class Fault(Shape):
    """What goes wrong with the network of somebody, or with the server, and for how long."""

    at: Duration
    for_: Duration | None = Field(None, alias="for")
    on: Crowd | None = None
    net: Network | None = None
    server: Server | None = None

    def fits(self) -> None:
        one_of(self, "net", "server")
        if self.net is not None and (self.on is None or self.for_ is None):
            raise wrong("say 'on' whom and 'for' how long")
        if self.server is not None and (self.on is not None or self.for_ is not None):
            raise wrong("a server crashes for all, for its 'downtime': leave 'on' and 'for' out")


class Scope(Shape):
    """When an expectation is judged: from its start on, up to but without its end."""

    after: Fact | None = None
    until: Fact | None = None
    between: tuple[Duration, Duration] | None = None

    def fits(self) -> None:
        if self.between is not None and (self.after is not None or self.until is not None):
            raise wrong("say 'between', or 'after' and 'until'")
        if self.between is not None and self.between[0] >= self.between[1]:
            raise wrong("'between' goes from the earlier to the later")
        if not self.model_fields_set:
            raise wrong("say 'after', 'until' or 'between'")


class Expectation(Shape):
    """What must come up (``eventually``), must not (``never``), or must hold all the time (``always``)."""

    id: Identifier
    each: Annotated[Text, Marked("each")] | None = None
    after: Fact | None = None
    scope: Scope | None = None
    eventually: FactOrCondition | None = None
    never: FactOrCondition | None = None
    always: Condition | None = None
    within: Duration | None = None
    at_least: Share | None = None
    view: Literal["server", "client"] | None = None
    allow_vacuous: StrictBool | None = None

    def fits(self) -> None:
        one_of(self, "eventually", "never", "always")
        if self.within is not None and self.eventually is None:
            raise wrong("'within' belongs to 'eventually'")
        if self.at_least is not None and self.each is None:
            raise wrong("'at_least' is a share of 'each'")
        if self.after is not None and self.scope is not None and self.scope.after is not None:
            raise wrong("say 'after' once")


MEASURES = (
    "exposure_seconds",
    "time_to_quiet",
    "removed_ratio",
    "false_removals",
    "vetting_time_p95",
    "legitimate_minutes_lost",
)
_LATENCY = re.compile(r"wall\.[a-z][a-z_]{0,60}_p(50|95|99)")


def _measure(said: str) -> str:
    if said not in MEASURES and not _LATENCY.fullmatch(said):
        raise wrong(f"there is no measure {said!r}{nearest(said, MEASURES)}; a latency is written wall.NAME_p99")
    return said


Thresholds = dict[Annotated[Text, AfterValidator(_measure)], Limit]
