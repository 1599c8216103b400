"""What must hold of every meeting after every step, for everyone: nothing untold, nothing told that they may not know."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from meetingsim.state.codes import REFUSALS
from meetingsim.state.control import Recorded
from meetingsim.state.engine import audience_data, audience_from, hears
from meetingsim.state.identity import digest
from meetingsim.state.meeting import Meeting, Person, Place
from meetingsim.state.plain import frame_of
from meetingsim.state.rights import SWITCHED, chat_reach, may
from meetingsim.state.view import view_of
from tests.driver import HOST_TOKEN, PASSCODE, Outcome, Sim, as_json
from tests.meetings import ADDRESSES, COUNTRIES
from tests.state.reasons import reasons

GONE = frozenset({Place.LEFT, Place.REMOVED})
_NEVER = (digest(HOST_TOKEN), HOST_TOKEN, "a-key", *ADDRESSES)
_FOR_NOBODY = re.compile("|".join(map(re.escape, _NEVER)))
_FOR_HOSTS = re.compile(
    rf'{_FOR_NOBODY.pattern}|"({"|".join((*COUNTRIES, PASSCODE))})"|"(country|countries|origin|region)":'
)
_SENTENCE = re.compile(r"[A-Z].{0,2}[a-z].*\.")
"""Opens with a capital, goes on in small letters, and ends."""


class Broken(AssertionError):
    """The signature does not hold; the message tells the whole meeting."""


def check(sim: Sim) -> None:
    """After a step: raises Broken with the first thing that is wrong."""
    for complaint in complaints(sim):
        raise Broken(f"{complaint}\n\n{sim.story()}")


def check_whole(sim: Sim) -> None:
    """After the last step: what can be seen of the whole alone."""
    for complaint in (*pictures(sim), *replay(sim), *wires(sim), *refusals(sim), *reasons(sim)):
        raise Broken(f"{complaint}\n\n{sim.story()}")


def complaints(sim: Sim) -> Iterator[str]:
    """What is wrong after the last step, one sentence each."""
    last = sim.log[-1]
    if last.rows or last.deliveries:  # else the meeting and the pictures are the very same as before
        yield from pictures(sim)
    yield from deliveries(sim, last)
    for row in last.rows:
        yield from audiences(sim, row)


def pictures(sim: Sim) -> Iterator[str]:
    """Every folded picture is the view, to the letter, and holds no secret; its rights are those that the guards go by."""
    for one, picture in sim.pictures.items():
        view, person = view_of(sim.meeting, one), sim.person(one)
        known = json.dumps(view)
        if not picture == json.loads(known) == view:
            yield f"{one} was told\n{as_json(picture)}\nand should know\n{as_json(view)}"
        if person.where is Place.INSIDE and picture["me"]["allowed"] != rights(sim.meeting, person):
            yield f"{one} is told other rights than the guards give"
        yield from (f"{one} is shown {secret}" for secret in secrets(known, person))


def rights(meeting: Meeting, person: Person) -> dict[str, Any]:
    """``me.allowed`` as the guards would have it."""
    switched = {activity.value: may(meeting, person, activity) for activity in SWITCHED}
    return switched | {"chat": chat_reach(meeting, person).value}


def deliveries(sim: Sim, last: Outcome) -> Iterator[str]:
    """Whoever is gone is told nothing but the end, and closed; whoever is outside hears the waiting-room chat alone."""
    for one in sim.pictures:
        if sim.person(one).where in GONE:
            yield f"{one} is gone and still connected"
    for one, delivery in ((one, each) for each in last.deliveries for one in each.participants):
        where = sim.person(one).where
        kinds = {row.event.type for row in delivery.events}
        if where in GONE and (kinds - {"ended"} or delivery.view or delivery.position or delivery.close is None):
            yield f"{one} is gone and gets {delivery}"
        if where in {Place.EARLY, Place.WAITING} and kinds - {"waiting_room_message"}:
            yield f"{one} is outside and gets {delivery}"


def audiences(sim: Sim, row: Recorded) -> Iterator[str]:
    """The audience alone, whatever is delivered: a resume and the HTTP reading go by it."""
    frame = json.dumps(frame_of(row.event, row.seq, row.at))
    for person in sim.meeting.people.values():
        if not hears(row.audience, person):
            continue
        if person.where is not Place.INSIDE and row.event.type != "waiting_room_message":
            yield f"{person.id} is {person.where} and may hear {frame}"
        yield from (f"{person.id} may hear {secret} in {frame}" for secret in secrets(frame, person))


def secrets(text: str, person: Person) -> Iterator[str]:
    """Whatever in this JSON text the person must not know."""
    host = person.is_host and person.where is Place.INSIDE
    if found := (_FOR_NOBODY if host else _FOR_HOSTS).search(text):
        yield found[0]
    if person.session in text:
        yield "a session"


def replay(sim: Sim) -> Iterator[str]:
    """The journal, read back, is the same meeting, the same frames and the same audiences."""
    events = sim.written()
    if (again := sim.replayed(events)) != sim.meeting:
        yield f"replayed\n{again}\nlive\n{sim.meeting}"
    for row, event in zip(sim.rows, events, strict=True):
        if json.dumps(frame_of(event, row.seq, row.at)) != json.dumps(frame_of(row.event, row.seq, row.at)):
            yield f"the journal tells another {row.event}: {event}"
        if audience_from(json.loads(json.dumps(audience_data(row.audience)))) != row.audience:
            yield f"the journal has another audience of {row.event}"


def wires(sim: Sim) -> Iterator[str]:
    """A seq only grows on one connection, nothing follows a close, and an event's frame is the same for all."""
    frames: dict[int, str] = {}
    for one, inbox in sim.inbox.items():
        seq = 0
        for frame in inbox:
            if frame["type"] == "connected":
                seq = 0
            elif frame["type"] == "view":
                seq = frame["seq"]
            elif frame["type"] == "close":
                seq = sim.meeting.seq + 1
            elif frame["seq"] <= seq:
                yield f"{one} is sent {frame} after {seq}"
            else:
                seq = frame["seq"]
                if frames.setdefault(seq, json.dumps(frame)) != json.dumps(frame):
                    yield f"{one} is sent another frame than others: {frame}"


def refusals(sim: Sim) -> Iterator[str]:
    """Every refusal has a code of the table and tells a person, in a sentence, what is the matter."""
    for outcome in sim.log:
        if outcome.code is not None and outcome.code not in REFUSALS:
            yield f"{outcome} is no refusal of the table"
        if outcome.code is not None and not _SENTENCE.fullmatch(outcome.detail):
            yield f"{outcome} says no sentence: {outcome.detail!r}"
