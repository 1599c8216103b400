"""Who is one person, what an id looks like, and what a name may be."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from typing import Literal

from meetingsim.state.control import Refuse
from meetingsim.state.meeting import Keys, Meeting, Person, Place
from meetingsim.state.settings import NAME_LENGTH, MatchKey

SharedKey = Literal["host", "user", "ticket", "device"]
TAKEN_OUT = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories that no name keeps: control, format, surrogate, line and paragraph separators."""
_ID_BYTES = 8
_STRENGTH: dict[SharedKey, int] = {"host": 0, "user": 1, "ticket": 2}


def digest(secret: str) -> str:
    """What is kept of a token or session: enough to recognise it, useless to whoever reads the journal."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same_secret(secret: str, kept: str) -> bool:
    """Whether this secret has that digest, in the same time whatever the answer."""
    return hmac.compare_digest(digest(secret), kept)


def make_id(meeting_key: str, prefix: str, seq: int) -> str:
    """An id out of an event's place: unique in the meeting, opaque, and not to be counted."""
    made = hashlib.blake2b(f"{prefix}{seq}".encode(), key=meeting_key.encode()[:64], digest_size=_ID_BYTES)
    return prefix + made.hexdigest()


def clean_name(name: str) -> str:
    """The name as it is shown. Refuses what has nothing left (``name_required``) or is too long (``name_refused``)."""
    folded = unicodedata.normalize("NFKC", name)
    cleaned = "".join(char for char in folded if unicodedata.category(char) not in TAKEN_OUT).strip()
    if not cleaned:
        raise Refuse("name_required", "Say a name that has at least one visible character.")
    if len(cleaned) > NAME_LENGTH:
        raise Refuse("name_refused", f"A name has at most {NAME_LENGTH} characters.")
    return cleaned


def folded_name(name: str) -> str:
    """A name as removals compare it: white space collapsed, case folded."""
    return " ".join(name.split()).casefold()


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody at the door shows of themselves. ``made_up`` says that the server chose the device."""

    name: str
    keys: Keys
    address: str | None = None
    made_up: bool = False


def deciding_key(one: Keys, other: Keys) -> tuple[SharedKey, bool] | None:
    """The first key that both show, and whether it is the same; None where they share none."""
    if one.host and other.host:
        return "host", True
    if one.user and other.user:
        return "user", one.user == other.user
    if one.ticket and other.ticket:
        return "ticket", one.ticket == other.ticket
    if one.device and other.device:
        return "device", one.device == other.device
    return None


def is_same_person(one: Keys, other: Keys) -> bool:
    """Whether the first key that both show is the same: enough to be refused or counted, not to take a seat."""
    decided = deciding_key(one, other)
    return decided is not None and decided[1]


def seat_of(meeting: Meeting, keys: Keys) -> Person | None:
    """Whose seat the bearer of these keys may take: by host token, user or ticket, never by a device.

    A seat that is kept goes before one that was left, then the stronger key; a removal ends a seat for good.
    """
    found: list[tuple[bool, int, Person]] = []
    for person in meeting.people.values():
        if person.place is Place.REMOVED:
            continue
        decided = deciding_key(keys, person.keys)
        if decided and decided[1] and decided[0] != "device":
            found.append((person.place is Place.LEFT, _STRENGTH[decided[0]], person))
    return min(found, key=lambda one: one[:2])[2] if found else None


def owner_of_ticket(meeting: Meeting, ticket: str) -> Person | None:
    """Who first waited or entered with this ticket."""
    used = (p for p in meeting.people.values() if p.keys.ticket == ticket and (p.queued or p.entered))
    return next(used, None)


def ticket_is_void(meeting: Meeting, keys: Keys) -> bool:
    """Whether the ticket was somebody's who was removed: coming back takes another one."""
    return keys.ticket is not None and any(
        person.keys.ticket == keys.ticket and person.place is Place.REMOVED for person in meeting.people.values()
    )


def removed_invitation(meeting: Meeting, invited: str) -> bool:
    """Whether somebody who was removed came by an invitation to the same mail address."""
    return any(
        person.place is Place.REMOVED and not person.may_return and person.keys.invited == invited
        for person in meeting.people.values()
    )


def waiting_with_device(meeting: Meeting, keys: Keys) -> Person | None:
    """Who waits with the same device and nothing better to be known by: a second knock replaces that row."""
    for one in meeting.queue:
        if deciding_key(keys, meeting.people[one].keys) == ("device", True):
            return meeting.people[one]
    return None


def denied_times(meeting: Meeting, keys: Keys) -> int:
    """How often the hosts turned this person away."""
    return sum(p.denials for p in meeting.people.values() if p.denials and is_same_person(keys, p.keys))


def was_put_back(meeting: Meeting, keys: Keys) -> bool:
    """Whether a host sent this person back to wait, and nobody let them in since."""
    if not any(person.put_back for person in meeting.people.values()):
        return False
    known = [person for person in meeting.people.values() if is_same_person(keys, person.keys)]
    return bool(known) and max(known, key=lambda person: person.placed).put_back


def removal_that_holds(meeting: Meeting, shown: Shown) -> tuple[Person, MatchKey] | None:
    """The removal that keeps this person out, and the key by which; None where there is none."""
    for person in meeting.people.values():
        if person.place is not Place.REMOVED or person.may_return:
            continue
        for key in meeting.settings.removal.match:
            if _matches(key, shown, person):
                return person, key
    return None


def shows_nothing_to_match(meeting: Meeting, shown: Shown) -> bool:
    """Whether somebody was removed, and this person shows none of what removals are recognised by."""
    barred = any(p.place is Place.REMOVED and not p.may_return for p in meeting.people.values())
    return barred and not any(_shows(key, shown) for key in meeting.settings.removal.match)


def _shows(key: MatchKey, shown: Shown) -> bool:
    if key == "device":
        return not shown.made_up
    return {
        "account": shown.keys.user is not None,
        "ticket": shown.keys.ticket is not None,
        "address": shown.address is not None,
        "name": True,
    }[key]


def _matches(key: MatchKey, shown: Shown, removed: Person) -> bool:
    mine, theirs = shown.keys, removed.keys
    match key:
        case "name":
            return folded_name(shown.name) == folded_name(removed.name)
        case "account":
            return _is_same(mine.user, theirs.user)
        case "ticket":
            return _is_same(mine.ticket, theirs.ticket) or _is_same(mine.invited, theirs.invited)
        case "device":
            return _is_same(mine.device, theirs.device)
        case "address":
            return _is_same(shown.address, removed.origin.address)


def _is_same(mine: str | None, theirs: str | None) -> bool:
    """Whether both are there and equal: what is absent matches nothing."""
    return mine is not None and mine == theirs
