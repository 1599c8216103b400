"""In meetings that nobody thought of, whoever shows what a removal is matched by is never let in, by whichever way."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from meetingsim.state.controls.join import Join
from meetingsim.state.meeting import Person, Place
from meetingsim.state.settings import MatchKey, Removal
from tests.driver import PASSCODE, Sim
from tests.evasion.rules import ENTRIES
from tests.evasion.tricks import FIVE, THREE
from tests.meetings import DOCUMENTS, KINDS, Step

KINDS_HERE = [*(kind for kind in KINDS if kind != "end"), *["join", "turn_out"] * 12, *["admit", "resume", "drop"] * 4]
MATCHES: tuple[tuple[MatchKey, ...], ...] = (THREE, FIVE, *((key,) for key in FIVE), ())


def shown(sim: Sim, person: Person) -> dict[MatchKey, str | None]:
    """What somebody showed at the try that was accepted: the join's own words, or else what they are known by."""
    command, keys = sim.log[-1].command, person.keys
    name = " ".join(person.name.split()).casefold()
    if isinstance(command, Join):
        said = {"account": command.user_token, "ticket": command.ticket, "device": command.device}
    else:
        said = {"account": keys.user, "ticket": keys.ticket, "device": keys.device}
    return {**said, "address": person.origin.address, "name": name}  # type: ignore[dict-item]  # the five keys


def known(removed: Person) -> dict[MatchKey, str | None]:
    """What a removed person is recognised by."""
    keys, name = removed.keys, " ".join(removed.name.split()).casefold()
    address = removed.origin.address
    return {"account": keys.user, "ticket": keys.ticket, "device": keys.device, "address": address, "name": name}


def play(seed: int, match: tuple[MatchKey, ...], watch: Callable[[Sim], None]) -> None:
    """A meeting of sixty steps, in which many come, are turned out and come again."""
    draw = random.Random(seed)
    document = draw.choice(DOCUMENTS)
    removal = replace(document.removal, match=match, may_return=False)
    sim = Sim(replace(document, passcode=PASSCODE, removal=removal), watch=watch)
    sim.join("Prof. Ito", host=True)
    for _ in range(60):
        kind = draw.choice(KINDS_HERE)
        KINDS[kind](sim, Step(kind, draw.randrange(32), draw.randrange(32), draw.randrange(128)))


@pytest.mark.parametrize("match", MATCHES, ids=" ".join)
def test_nobody_comes_back_by_a_key_that_is_matched(match: tuple[MatchKey, ...]) -> None:
    seen: Counter[str] = Counter()

    def watch(sim: Sim) -> None:
        last = sim.log[-1]
        seen[f"refused: {last.code}"] += last.code is not None
        entered = {row.event.participant for row in last.rows if row.event.type in set(ENTRIES) - {"entry_refused"}}
        out = [one for one in sim.meeting.people.values() if one.place is Place.REMOVED and not one.may_return]
        for person in (sim.person(one) for one in entered):
            seen["entries after a removal"] += bool(out)
            for removed in out if not person.keys.host else ():
                held = {
                    key for key in match if shown(sim, person)[key] and shown(sim, person)[key] == known(removed)[key]
                }
                assert not held, f"{person.id} is let in and shows the {held} of {removed.id}\n{sim.story()}"

    for seed in range(25):
        play(seed, match, watch)
    assert seen["entries after a removal"] > 50
    assert bool(match) <= (seen["refused: removed"] > 20)


def test_the_default_is_among_them() -> None:
    assert Removal().match in MATCHES
