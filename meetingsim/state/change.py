"""Small steps that many evolve functions share: putting a person back into the meeting, and a line into the chat."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from meetingsim.state.control import Audience
from meetingsim.state.meeting import MESSAGES_KEPT, Meeting, Person, Place
from meetingsim.state.settings import Settings

EVERYONE = Audience(inside=True)
HOSTS_ONLY = Audience(hosts=True)
NOBODY = Audience()


def put(meeting: Meeting, *people: Person) -> Meeting:
    """The meeting with these people, new or changed; the queue and the early list follow from where they are."""
    queue, early = meeting.queue, meeting.early
    for person in people:
        queue = _listed(queue, person, Place.WAITING)
        early = _listed(early, person, Place.EARLY)
    return replace(meeting, people={**meeting.people, **{one.id: one for one in people}}, queue=queue, early=early)


def touch(meeting: Meeting, participant: str, **changes: Any) -> Meeting:
    """The meeting with one person changed in something that is not their place."""
    person = replace(meeting.people[participant], **changes)
    return replace(meeting, people={**meeting.people, participant: person})


def with_settings(meeting: Meeting, **changes: Any) -> Meeting:
    """The meeting with parts of its settings changed."""
    settings: Settings = replace(meeting.settings, **changes)
    return replace(meeting, settings=settings)


def audience_of(person: Person) -> Audience:
    """Who may know a change of somebody: everybody of people inside, the hosts alone of people who wait."""
    inside = person.where is Place.INSIDE
    return Audience(inside=inside, hosts=not inside)


def keep_last(lines: list[Any]) -> None:
    """Cuts a picture's list of lines to what a picture holds, in place."""
    del lines[:-MESSAGES_KEPT]


def _listed(listed: tuple[str, ...], person: Person, place: Place) -> tuple[str, ...]:
    belongs, stands = person.where is place, person.id in listed
    if belongs == stands:
        return listed
    return (*listed, person.id) if belongs else tuple(one for one in listed if one != person.id)
