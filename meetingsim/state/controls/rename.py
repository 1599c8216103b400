"""Changing a name: one's own while allowed, or somebody else's as a host."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from meetingsim.state.change import audience_of, put
from meetingsim.state.control import (
    Audience,
    Command,
    Context,
    Control,
    Decision,
    Event,
    EventRow,
    Fact,
    Refuse,
    Stamp,
)
from meetingsim.state.entry import flag_facts
from meetingsim.state.guards import (
    require_allowed,
    require_host,
    require_inside,
    require_outranked,
    require_person,
)
from meetingsim.state.identity import clean_name
from meetingsim.state.lookalikes import name_key
from meetingsim.state.meeting import Meeting, Person, Place, View
from meetingsim.state.settings import Activity
from meetingsim.state.view import person_in, waiting_in

_PRESENT = frozenset({Place.EARLY, Place.WAITING, Place.INSIDE})


@dataclass(frozen=True, slots=True)
class Rename(Command):
    """Change a name; without ``participant`` one's own."""

    type: ClassVar[str] = "rename"
    name: str
    participant: str | None = None


@dataclass(frozen=True, slots=True)
class Renamed(Event):
    """Somebody has another name."""

    type: ClassVar[str] = "renamed"
    participant: str
    name: str
    by: str


def decide_rename(meeting: Meeting, command: Rename, context: Context) -> Decision:
    target, by = _target(meeting, command, context)
    name = clean_name(command.name)
    if name == target.name:
        return Decision()
    return Decision((Fact(Renamed(target.id, name, by)), *flag_facts(meeting, target.id, name)))


def _target(meeting: Meeting, command: Rename, context: Context) -> tuple[Person, str]:
    own = command.participant is None or command.participant == context.asker.participant
    if own and context.asker.participant:
        person = require_inside(meeting, context)
        require_allowed(meeting, person, Activity.RENAME)
        return person, person.id
    by = require_host(meeting, context)
    if command.participant is None:
        raise Refuse("malformed", "Say whom to rename: participant.")
    target = require_person(meeting, command.participant)
    require_outranked(meeting, context, target)
    if target.where not in _PRESENT:
        raise Refuse("not_inside", "That person is not here.")
    return target, by


def evolve_renamed(meeting: Meeting, event: Renamed, stamp: Stamp) -> Meeting:
    person = meeting.people[event.participant]
    return put(meeting, replace(person, name=event.name, name_key=name_key(event.name), changed=stamp.seq))


def hear_renamed(before: Meeting, after: Meeting, event: Renamed) -> Audience:
    return audience_of(before.people[event.participant])


def show_renamed(view: View, frame: dict[str, Any]) -> None:
    participant = frame["participant"]
    if row := person_in(view, participant) or waiting_in(view, participant):
        row["name"] = frame["name"]
    if view["me"]["id"] == participant:
        view["me"]["name"] = frame["name"]


CONTROLS = (
    Control(
        Rename,
        decide_rename,
        who="oneself while allowed; host, cohost",
        summary="Change a name.",
        http=True,
        over_http=("participant",),
        events=(EventRow(Renamed, evolve_renamed, hear_renamed, show_renamed, "Somebody has another name."),),
    ),
)
