"""The rules of entry in their order: one function for every door, so that no other way can skip one.

ended, credential, removed before, denied, region, lock, capacity; then early, waiting or inside
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from meetingsim.state.codes import REFUSALS
from meetingsim.state.control import Context, Fact, Refuse, because, from_origin
from meetingsim.state.entry_events import (
    Admitted,
    ArrivedEarly,
    Entrant,
    EntryRefused,
    Joined,
    JoinedWaitingRoom,
    Left,
    NameFlagged,
    OriginKnown,
)
from meetingsim.state.identity import (
    Shown,
    denied_times,
    removal_that_holds,
    shows_nothing_to_match,
    ticket_is_void,
    was_put_back,
)
from meetingsim.state.lookalikes import name_key
from meetingsim.state.meeting import Keys, Meeting, Origin, Person, Place, Role, Why
from meetingsim.state.plain import instant
from meetingsim.state.settings import RegionRule, Who
from meetingsim.state.view import participant_row

HERE = frozenset({Place.EARLY, Place.WAITING, Place.INSIDE})
NEVER_WAIT = frozenset({Role.HOST, Role.COHOST, Role.PANELIST})
UNKNOWN_KNOCKS_EVERY_MS = 10_000
"""Refusals without a credential are told to the hosts at most this often, grouped."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody whose credential holds and who is now judged by the meeting's rules."""

    shown: Shown
    entrant: Entrant
    participant: str


def region_verdict(rule: RegionRule, origin: Origin) -> Literal["allow", "deny", "wait"]:
    """What the region rule says about somebody from there; the strictest part decides."""
    if rule.mode == "off":
        return "allow"
    verdicts = {rule.anonymous} if origin.anonymous else set()
    if origin.country is None:
        verdicts.add(rule.unknown)
    else:
        listed = origin.country in rule.countries
        verdicts.add("allow" if listed == (rule.mode == "approve") else "deny")
    return "deny" if "deny" in verdicts else "wait" if "wait" in verdicts else "allow"


def verdict_of(meeting: Meeting, origin: Origin) -> Literal["allow", "deny", "wait"]:
    """What the meeting's rule and its account's say together: one must pass both."""
    rules = (meeting.settings.region, meeting.account_region or RegionRule())
    verdicts = {region_verdict(rule, origin) for rule in rules}
    return "deny" if "deny" in verdicts else "wait" if "wait" in verdicts else "allow"


def check_removal(meeting: Meeting, shown: Shown) -> None:
    """Whoever was removed stays out, by what the meeting recognises them by."""
    if shown.keys.host:
        return
    if held := removal_that_holds(meeting, shown):
        raise Refuse("removed", "You were removed from this meeting.", matched=held[1])


def check_region(meeting: Meeting, keys: Keys, origin: Origin) -> None:
    """The region rule; the refused person is told their own country and never the list."""
    if keys.host or verdict_of(meeting, origin) != "deny":
        return
    told = f"your country ({origin.country})" if origin.country else "an unknown country"
    raise Refuse("region_blocked", f"This meeting does not accept people from {told}.")


def check_capacity(meeting: Meeting, keys: Keys, taken: int | None = None) -> None:
    """A seat inside is free; ``taken`` counts those who enter in the same step, too."""
    seats = meeting.count_inside() if taken is None else taken
    if not keys.host and seats >= meeting.settings.capacity:
        raise Refuse("full", "The meeting has no seat left.")


def check_admission(meeting: Meeting, person: Person, taken: int | None = None) -> None:
    """What is looked at again on every admission: removals, the region rule, capacity. A lock does not stop it."""
    check_removal(meeting, shown_by(person))
    check_region(meeting, person.keys, person.origin)
    check_capacity(meeting, person.keys, taken)


def shown_by(person: Person) -> Shown:
    """What somebody who is already here showed at the door."""
    return Shown(person.name, person.keys, person.origin.address, made_up=person.made_up)


def check_entry(meeting: Meeting, shown: Shown, origin: Origin, taken: int | None = None) -> None:
    """The rules between the credential and the choice of a place, in their order."""
    check_removal(meeting, shown)
    if ticket_is_void(meeting, shown.keys):
        raise Refuse("ticket_invalid", "That ticket was given up by a removal.", fault="void")
    if not shown.keys.host and denied_times(meeting, shown.keys) >= meeting.settings.waiting_room.denials:
        raise Refuse("denied", "The hosts denied your entry to this meeting.")
    if unidentified(meeting, shown) == "refuse":
        raise Refuse("removed", "Show a ticket, a user token or a device: somebody was removed.", matched=None)
    check_region(meeting, shown.keys, origin)
    if meeting.locked and not shown.keys.host:
        raise Refuse("locked", "The meeting is locked.")
    check_capacity(meeting, shown.keys, taken)


def unidentified(meeting: Meeting, shown: Shown) -> Literal["no", "refuse", "wait"]:
    """What becomes of somebody who shows nothing that a removal could be recognised by; ``no`` where that is nobody's trouble."""
    unmatched = meeting.settings.removal.unmatched
    if shown.keys.host or unmatched == "admit" or not shows_nothing_to_match(meeting, shown):
        return "no"
    return unmatched


def why_wait(meeting: Meeting, shown: Shown, origin: Origin, role: Role) -> Why | None:
    """Why this person must wait; None where they may enter."""
    if shown.keys.host:
        return None
    if was_put_back(meeting, shown.keys):
        return Why.PUT_BACK
    if role in NEVER_WAIT and shown.keys.ticket:
        return None
    if unidentified(meeting, shown) == "wait":
        return Why.UNIDENTIFIED
    if verdict_of(meeting, origin) == "wait":
        return Why.REGION
    room = meeting.settings.waiting_room
    return Why.WAITING_ROOM if room.enabled and not _known_enough(meeting, shown.keys, room.who) else None


def _known_enough(meeting: Meeting, keys: Keys, who: Who) -> bool:
    """Whether somebody is none of those who wait."""
    own = meeting.account is not None and keys.account == meeting.account
    if who == "not_in_account_or_domains":
        return own or (keys.domain is not None and keys.domain in meeting.account_domains)
    return {"everyone": False, "not_in_account": own, "not_invited": keys.ticket is not None}[who]


def entry_facts(meeting: Meeting, newcomer: Newcomer, context: Context) -> tuple[Fact, ...]:
    """Where somebody goes whom the rules let pass: early, waiting or inside. Raises ``full`` where no place is left."""
    shown, entrant = newcomer.shown, newcomer.entrant
    origin = entrant.origin
    if meeting.status == "scheduled" and not meeting.settings.join_before_host and not shown.keys.host:
        _check_queue(len(meeting.early), meeting)
        return _placed(meeting, ArrivedEarly(newcomer.participant, entrant.name, entrant), "early", newcomer, context)
    if why := why_wait(meeting, shown, origin, entrant.role):
        _check_queue(len(meeting.queue), meeting)
        row = knock_row(newcomer.participant, entrant.name, why, context.now)
        return _placed(meeting, JoinedWaitingRoom(newcomer.participant, row, entrant), why.value, newcomer, context)
    rule = "host" if shown.keys.host else "ticket" if shown.keys.ticket else "open"
    person = Person(newcomer.participant, entrant.name, entrant.role, Place.INSIDE, entrant.keys)
    known = meeting.people.get(newcomer.participant)
    row = participant_row(person) | {"profile_picture": known.profile_picture if known else False}
    return _placed(meeting, Joined(newcomer.participant, row, entrant), rule, newcomer, context)


def _check_queue(length: int, meeting: Meeting) -> None:
    if length >= meeting.settings.waiting_room.capacity:
        raise Refuse("full", "The waiting room has no place left.")


def _placed(
    meeting: Meeting,
    event: Joined | JoinedWaitingRoom | ArrivedEarly,
    rule: str,
    newcomer: Newcomer,
    context: Context,
) -> tuple[Fact, ...]:
    origin = newcomer.entrant.origin
    reason = because(rule, context, **from_origin(origin)) | {"asked_by": newcomer.participant}
    known = Fact(OriginKnown(newcomer.participant, origin.country, origin))
    return (Fact(event, reason), known, *flag_facts(meeting, newcomer.participant, newcomer.entrant.name))


def flag_facts(meeting: Meeting, participant: str, name: str) -> tuple[Fact, ...]:
    """A flag where the name looks like that of somebody else who is here, the one who came first."""
    key = name_key(name)
    for person in meeting.people.values():
        if person.id != participant and person.name_key == key and person.where in HERE:
            return (Fact(NameFlagged(participant, person.id)),)
    return ()


def knock_row(participant: str, name: str, why: Why, now: int) -> dict[str, str]:
    """A waiting row as ``joined_waiting_room`` carries it; the country follows in ``origin_known``."""
    return {
        "id": participant,
        "name": name,
        "since": instant(now),
        "why": why.value,
        "place": Place.WAITING.value,
    }


def refused_fact(refuse: Refuse, name: str | None, origin: Origin, context: Context) -> Fact:
    """A refused entry as a fact for the hosts."""
    reason = because(refuse.refusal.code, context, **from_origin(origin), **refuse.refusal.because)
    return Fact(EntryRefused(refuse.refusal.code, name, origin.country), reason)


def unknown_knock_fact(code: str, count: int, origin: Origin, context: Context, **inputs: Any) -> Fact:
    """Refusals without a credential, told as one and without a name; ``inputs`` are those of the last."""
    reason = because(code, context, **from_origin(origin), count=count, **inputs)
    return Fact(EntryRefused(code, None, origin.country, count), reason)


def unknown_knocks_due(meeting: Meeting, now: int) -> bool:
    """Whether the hosts may be told of another refusal without a credential."""
    last = meeting.last_unknown_knock
    return last is None or now - last >= UNKNOWN_KNOCKS_EVERY_MS


def early_facts(meeting: Meeting, context: Context, taken: int) -> Iterator[Fact]:
    """What becomes of those who came early when the meeting starts, in order of arrival; ``taken`` seats are in use."""
    queued = len(meeting.queue)
    for participant in meeting.early:
        person = meeting.people[participant]
        shown = shown_by(person)
        try:
            check_entry(meeting, shown, person.origin, taken)
            why = why_wait(meeting, shown, person.origin, person.role)
            if why:
                _check_queue(queued, meeting)
        except Refuse as refuse:
            yield refused_fact(refuse, person.name, person.origin, context)
            yield Fact(Left(participant, REFUSALS[refuse.refusal.code].close or 4503))
            continue
        reason = from_origin(person.origin)
        asked = {"asked_by": participant}
        absent = {"place": Place.RECONNECTING.value} if person.place is Place.RECONNECTING else {}
        if why:
            queued += 1
            row = knock_row(participant, person.name, why, context.now) | absent
            yield Fact(JoinedWaitingRoom(participant, row), because(why.value, context, **reason) | asked)
        else:
            taken += 1
            inside = participant_row(person) | {"place": Place.INSIDE.value} | absent
            rule = "ticket" if person.keys.ticket else "open"
            yield Fact(Joined(participant, inside), because(rule, context, **reason) | asked)
        yield Fact(OriginKnown(participant, person.origin.country, person.origin))


def admission(person: Person, by: str, rule: str, context: Context) -> Fact:
    """Somebody who waited is let in, by whichever control."""
    absent = person.place is Place.RECONNECTING
    place = Place.RECONNECTING if absent else Place.INSIDE
    row = participant_row(person) | {"place": place.value}
    why = person.why.value if person.why else None
    return Fact(Admitted(person.id, row, by), because(rule, context, why=why, **from_origin(person.origin)))


def admissions(meeting: Meeting, people: list[Person], by: str, rule: str, context: Context) -> list[Fact]:
    """Those of these people whom the rules still let in, as long as there are seats; the others go on waiting."""
    facts: list[Fact] = []
    taken = meeting.count_inside()
    for person in people:
        try:
            check_admission(meeting, person, taken)
        except Refuse:
            continue
        taken += 1
        facts.append(admission(person, by, rule, context))
    return facts
