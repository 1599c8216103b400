"""Who comes: every member of the cast with name, country, device and the moment of arrival, drawn from the seed.

Every draw has a stream of its own by seed, person and purpose: one more actor changes nothing about the others.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from meetingsim.chance import Chance
from meetingsim.scenarios.cast import Actor, NameStyle
from meetingsim.scenarios.play.behaviors import Behaviors
from meetingsim.scenarios.quantities import Share
from meetingsim.scenarios.scenario import Scenario
from meetingsim.scenarios.trace import Member

COUNTRIES = (
    "AR",
    "AU",
    "BR",
    "CA",
    "DE",
    "ES",
    "FR",
    "GB",
    "IN",
    "IT",
    "JP",
    "KE",
    "MX",
    "NG",
    "NL",
    "NO",
    "PL",
    "US",
    "ZA",
)
"""Where people of ``country: any`` come from."""
_GIVEN = ("Ada", "Ben", "Cleo", "Dara", "Emil", "Fay", "Gus", "Hana", "Ilya", "Jude", "Kira", "Leo", "Mia", "Noor")
_FAMILY = ("Adler", "Birch", "Cole", "Dahl", "Eng", "Frost", "Gray", "Holm", "Ivers", "Juhl", "Kern", "Lund", "Moss")
_LOOKALIKES = str.maketrans("aceiopxyACEOPX", "асеіорхуАСЕОРХ")
"""Latin letters and the Cyrillic ones that look like them, small and capital: of В only the capital does."""
_ZERO_WIDTH = "\u200b"


@dataclass(frozen=True, slots=True)
class Named:
    """A name, and whose it is made to look like."""

    name: str
    like: str | None = None


def cast_of(scenario: Scenario, seed: int) -> dict[str, Member]:
    """Everybody by reference, in the order of the file."""
    behaviors = Behaviors(scenario.behaviors)
    members: dict[str, Member] = {}
    refs = {name: references(name, actor) for name, actor in scenario.actors.items()}
    plain = {ref: plain_name(number) for number, ref in enumerate(ref for group in refs.values() for ref in group)}
    for group, actor in scenario.actors.items():
        whole = behaviors.whole(actor.behavior)
        countries = _countries(actor, seed, group)
        for index, ref in enumerate(refs[group]):
            named = name_of(whole.name, plain, refs, ref, Chance.of(seed, ref, "name"))
            members[ref] = Member(
                ref,
                group,
                index,
                actor.role.value,
                countries[index],
                str(actor.behavior) if actor.behavior else None,
                named.name,
                _passphrase(actor, seed, ref),
                None if actor.device == "none" else f"device of {group if actor.device == 'shared' else ref}",
                behaviors.offends(actor.behavior),
            )
    return members


def references(name: str, actor: Actor) -> list[str]:
    """How each of an actor is written: one person by the name alone, several with their number."""
    return [name] if actor.count == 1 else [f"{name}[{index}]" for index in range(actor.count)]


def plain_name(number: int) -> str:
    """An everyday name that nobody else of the cast has."""
    given, family = _GIVEN[number % len(_GIVEN)], _FAMILY[number // len(_GIVEN) % len(_FAMILY)]
    again = number // (len(_GIVEN) * len(_FAMILY))
    return f"{given} {family}" + (f" {again + 1}" if again else "")


def name_of(
    style: NameStyle | None, plain: Mapping[str, str], refs: Mapping[str, Sequence[str]], ref: str, chance: Chance
) -> Named:
    """A name in this style; drawn again it is another one."""
    if style is not None and style.share is not None and not chance.happens(style.share.permille):
        style = style.otherwise
    if style is None or style.style == "plain":
        return Named(plain[ref])
    if style.impersonate is not None:
        victim = chance.shuffled(members_of(style.impersonate, refs))[0]
        return Named(_disguised(plain[victim], style, chance), victim)
    made_up = {
        "synthetic-offensive": f"offensive-name-{chance.below(10_000)}",
        "invisible": _ZERO_WIDTH * 3,
        "long": f"{plain[ref]} " * 12,
    }
    return Named(made_up[str(style.style)])


def members_of(people: str, refs: Mapping[str, Sequence[str]]) -> list[str]:
    """Everybody that ``students``, ``students[0]`` or ``crowd[0:10]`` names."""
    group, bracket, part = people.partition("[")
    everybody = list(refs[group])
    if not bracket:
        return everybody
    first, colon, end = part.rstrip("]").partition(":")
    return everybody[int(first or 0) : int(end)] if colon else [everybody[int(first)]]


def _disguised(name: str, style: NameStyle, chance: Chance) -> str:
    """Somebody's name by one of the tricks, or just as it is: then as a copy."""
    at = chance.below(1000)
    for trick, share in (("homoglyphs", style.homoglyphs), ("zero_width", style.zero_width), ("case", style.case)):
        part = (share or Share(0)).permille
        if at < part:
            return _trick(name, trick, chance)
        at -= part
    return name


def _trick(name: str, trick: str, chance: Chance) -> str:
    if trick == "homoglyphs":
        return name.translate(_LOOKALIKES)
    if trick == "zero_width":
        at = chance.between(1, len(name) - 1)
        return name[:at] + _ZERO_WIDTH + name[at:]
    return unicodedata.normalize("NFC", name.swapcase())


def _countries(actor: Actor, seed: int, group: str) -> list[str | None]:
    """A country for each of them: shares are kept to as closely as whole people allow."""
    said = actor.country
    if said is None or isinstance(said, str):
        if said != "any":
            return [said] * actor.count
        chance = Chance.of(seed, group, "country")
        return [COUNTRIES[chance.below(len(COUNTRIES))] for _ in range(actor.count)]
    made: list[str | None] = []
    upto = 0
    for country, share in said.items():
        upto += share.permille
        made += [country] * (round(actor.count * upto / 1000) - len(made))
    return Chance.of(seed, group, "country").shuffled(made)


def _passphrase(actor: Actor, seed: int, ref: str) -> str | None:
    """``seeded`` gives everybody one of their own."""
    if actor.passphrase != "seeded":
        return actor.passphrase
    return f"word-{Chance.of(seed, ref, 'passphrase').below(1_000_000):06d}"


def arrivals(actor: Actor, seed: int, group: str, *, first: bool) -> list[int]:
    """How many ms after the beginning, or after the fact that they wait for, each of an actor comes."""
    arrive = actor.arrive
    later = (arrive.at or arrive.after) if arrive else None
    begin = later.ms if later else 0
    over = arrive.over.ms if arrive and arrive.over else 0
    if not over:
        # Whoever is not said to come later comes after the host.
        late = 0 if first or (arrive and (arrive.at or arrive.on)) else 1_000
        return [begin + late + 20 * index for index in range(actor.count)]
    chance = Chance.of(seed, group, "arrival")
    profile = arrive.profile if arrive else None
    if profile == "even":
        return [begin + over * index // actor.count for index in range(actor.count)]
    power = 3 if profile == "burst" else 1
    return sorted(begin + int(over * chance.fraction() ** power) for _ in range(actor.count))
