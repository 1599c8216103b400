"""The cast: who comes, how they behave, and the hosts who follow rules."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Discriminator, Field, StrictBool, StrictInt, Tag

from meetingsim.scenarios.quantities import Duration, Rate, Share, Spread
from meetingsim.scenarios.shape import OneOrMany, Shape, Short, one_of, wrong
from meetingsim.scenarios.steps import Do
from meetingsim.scenarios.words import Country, Fact, FactOrCondition, Identifier, Marked, People, Text
from meetingsim.state.meeting import Role

BUILT_IN = (
    "attendee",
    "evader",
    "evasive-raider",
    "impostor",
    "knocker",
    "patient",
    "raider",
    "silent",
    "talker",
)
"""Behaviours that need not be written; one of the same name in the file takes its place."""
MOST_PEOPLE = 10_000
_WHOLE = 1_000


def _named_or_spelled(said: Any) -> str:
    return "spelled" if isinstance(said, dict | Shape) else "named"


class Arrive(Shape):
    """When an actor comes, or a group: from ``at`` on, or ``after`` a fact, spread ``over`` a time by ``profile``."""

    at: Duration | None = None
    on: Fact | None = None
    after: Duration | None = None
    over: Duration | None = None
    profile: Literal["burst", "even", "poisson"] | None = None

    def fits(self) -> None:
        one_of(self, "at", "on", needed=False)
        if self.after is not None and self.on is None:
            raise wrong("'after' counts from a fact: say 'on' too, or 'at' instead")
        if self.profile is not None and self.over is None:
            raise wrong("'profile' spreads over a time: say 'over' too")


class Network(Shape):
    """What the way between a client and the server does: slow, uneven, broken."""

    latency: Spread | None = None
    jitter: Duration | None = None
    drop: Share | None = None
    half_open: Share | None = None
    reorder: Share | None = None
    duplicate: Share | None = None
    slow_reader: Share | None = None

    def fits(self) -> None:
        if not self.model_fields_set:
            raise wrong("say what the network does: latency, jitter, drop, half_open, reorder, duplicate, slow_reader")


Net = Annotated[
    Annotated[Literal["steady", "mobile", "flaky-mobile"], Tag("named")] | Annotated[Network, Tag("spelled")],
    Discriminator(_named_or_spelled),
]


def _sum_to_one(said: dict[str, Share]) -> dict[str, Share]:
    if (total := sum(share.permille for share in said.values())) != _WHOLE:
        raise wrong(f"the shares add up to {total / 10:g}%, not 100%")
    return said


def _any_country(said: Any) -> str:
    return "spelled" if isinstance(said, dict) else "any" if said == "any" else "named"


CountryOrShares = Annotated[
    Annotated[Literal["any"], Tag("any")]
    | Annotated[Country, Tag("named")]
    | Annotated[dict[Country, Share], AfterValidator(_sum_to_one), Tag("spelled")],
    Discriminator(_any_country),
]


class Actor(Shape):
    """One person of the cast, or with ``count`` a group of them."""

    count: Annotated[StrictInt, Field(ge=1, le=MOST_PEOPLE)] = 1
    role: Role = Role.PARTICIPANT
    country: CountryOrShares | None = None
    behavior: Annotated[Text, Marked("behavior")] | None = None
    net: Net | None = None
    device: Literal["each", "shared", "none"] | None = None
    ticket: Literal["each", "none"] | None = None
    passphrase: Text | None = None
    arrive: Arrive | None = None


class NameStyle(Shape):
    """How names are made: by a style, or like those of others, with look-alike characters."""

    style: Literal["plain", "synthetic-offensive", "invisible", "long"] | None = None
    impersonate: People | None = None
    share: Share | None = None
    homoglyphs: Share | None = None
    zero_width: Share | None = None
    case: Share | None = None
    otherwise: NameStyle | None = None

    def fits(self) -> None:
        one_of(self, "style", "impersonate")
        tricks = [one for one in ("homoglyphs", "zero_width", "case") if getattr(self, one) is not None]
        if tricks and self.impersonate is None:
            raise wrong(f"{tricks[0]!r} belongs to 'impersonate'")
        if (self.share is None) is not (self.otherwise is None):
            raise wrong("'share' and 'otherwise' belong together")


class Reply(Short):
    """What is answered in a chat."""

    main: ClassVar[str] = "text"
    text: Text | None = None
    own: Literal["passphrase"] | None = None
    guess: Literal["passphrase"] | None = None

    def fits(self) -> None:
        one_of(self, "text", "own", "guess")


class OnChat(Shape):
    """An answer to what is said to one: where ``match`` is somewhere in it, whatever the case; ``*`` is anything."""

    match: Annotated[Text, Field(min_length=1, max_length=200)]
    reply: Reply
    wait: Spread | None = None


class Loop(Shape):
    """What is done again and again while one is inside or waiting."""

    every: Spread
    do: Do

    def fits(self) -> None:
        if not self.every.base.ms:
            raise wrong("'every' must be longer than nothing")


class Then(Shape):
    """One of the things tried, in their order: the first time this one, the next time the next."""

    wait: Spread = Spread(Duration(0))
    do: Do


Thens = Annotated[tuple[Then, ...], OneOrMany()]


class Behavior(Shape):
    """How those who are no scripted hosts act; what ``extends`` has is kept where nothing else is said."""

    extends: Annotated[Text, Marked("behavior")] | None = None
    name: NameStyle | None = None
    loop: Loop | None = None
    on_chat: Annotated[tuple[OnChat, ...], OneOrMany()] | None = None
    when_admitted: Thens | None = None
    when_denied: Thens | None = None
    when_disconnected: Thens | None = None
    when_put_in_waiting_room: Thens | None = None
    when_refused: Thens | None = None
    when_removed: Thens | None = None
    when_suspended: Thens | None = None


class Reaction(Shape):
    """How long a person takes to act on what they see: half of the times are shorter than the median, 95% than p95."""

    median: Duration
    p95: Duration

    def fits(self) -> None:
        if self.p95 < self.median:
            raise wrong("p95 is at least the median")


class Rule(Shape):
    """Where ``when`` comes up, or has held ``for`` a time, do this; ``pace`` between targets, ``limit`` over all."""

    id: Identifier
    when: FactOrCondition
    do: Do
    pace: Rate | None = None
    limit: Rate | None = None
    once: StrictBool | None = None
    for_: Duration | None = Field(None, alias="for")


class Policy(Shape):
    """A scripted host: what they do, and how fast they are."""

    reaction: Reaction | None = None
    rules: Annotated[tuple[Rule, ...], OneOrMany(), Field(min_length=1, max_length=100)]
