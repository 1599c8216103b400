"""Who may be told an event, worked out once for each event from the contract alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from meetingsim.scenarios.invariants.ledger import Ledger
from meetingsim.scenarios.invariants.standings import Standing
from meetingsim.scenarios.trace import Fact

GONE: Final = frozenset({"left", "removed"})
_ANY: Final = "\0"
"""No room has this name."""


class Told:
    """An event's audience. ``everyone`` is all who are inside; ``room`` narrows that to one room.

    ``frame`` is the frame that was found to say what the journal says.
    """

    __slots__ = ("barred", "everyone", "fact", "frame", "hosts", "only", "room", "swift", "waiting")

    def __init__(self, fact: Fact) -> None:
        self.fact = fact
        self.frame: Mapping[str, Any] | None = None
        self.everyone = False
        self.hosts = False
        self.waiting = False
        self.room: str | None = _ANY
        self.only: frozenset[str] = frozenset()
        self.barred = False
        """Whether it shows an activity that is suspended for whoever does it."""
        self.swift = False
        """Whether hearing it needs no closer look than at place and order."""

    def reaches(self, participant: str, standing: Standing) -> bool:
        """Whether somebody who stands so may hear it."""
        if standing.place in GONE:
            return False
        if participant in self.only:
            return True
        if self.waiting and standing.place == "waiting":
            return True
        if not standing.inside:
            return False
        if self.hosts and standing.host:
            return True
        return self.everyone or (self.room != _ANY and self.room == standing.room)


def told_of(ledger: Ledger, fact: Fact) -> Told:
    """The audience of an event that is about to be taken into the ledger."""
    told = Told(fact)
    if (narrow := _NARROW.get(fact.fact)) is None:
        told.everyone = True
    else:
        narrow(told, ledger)
    told.swift = (told.everyone and fact.fact != "ended") or (fact.fact == "message" and told.room != _ANY)
    return told


def _nobody(told: Told, ledger: Ledger) -> None:
    return


def _hosts(told: Told, ledger: Ledger) -> None:
    told.hosts = True


def _as_their_place(told: Told, ledger: Ledger) -> None:
    """What becomes of somebody inside is everybody's to know, of all others the hosts'."""
    if ledger.about(told.fact).now.inside:
        told.everyone = True
    else:
        told.hosts = True


def _one_and_hosts(told: Told, ledger: Ledger) -> None:
    told.hosts = True
    told.only = frozenset({str(told.fact.fields.get("participant"))})


def _allowed(told: Told, ledger: Ledger) -> None:
    """One person's bar is theirs and the hosts' to know, unless it stopped what others saw."""
    if told.fact.fields.get("participant") is None or told.fact.fields.get("stopped"):
        told.everyone = True
    else:
        _one_and_hosts(told, ledger)


def _message(told: Told, ledger: Ledger) -> None:
    _line_of_chat(told, told.fact, ledger)
    if told.fact.fields.get("to") == "everyone":
        told.only = frozenset()


def _line_of_chat(told: Told, said: Fact, ledger: Ledger) -> None:
    sender, to = str(said.fields.get("from")), str(said.fields.get("to"))
    told.only = frozenset({sender})
    if to == "everyone":
        told.room = room_of(ledger, said)
    elif to == "hosts":
        told.hosts = True
    else:
        told.only = frozenset({sender, to})


def room_of(ledger: Ledger, said: Fact) -> str | None:
    """The room in which a line of chat was said; None is the main room."""
    return ledger.person(str(said.fields.get("from"))).at(said.seq or 0).room


def _message_deleted(told: Told, ledger: Ledger) -> None:
    said = ledger.messages.get(str(told.fact.fields.get("message")))
    if said is None:
        told.everyone = True
    else:
        _line_of_chat(told, said, ledger)


def _waiting_room_message(told: Told, ledger: Ledger) -> None:
    sender, to = str(told.fact.fields.get("from")), str(told.fact.fields.get("to"))
    told.hosts = True
    told.waiting = to == "everyone"
    told.only = frozenset({sender} if to in {"everyone", "hosts"} else {sender, to})


_NARROW: Final[Mapping[str, Callable[[Told, Ledger], None]]] = {
    "created": _nobody,
    **dict.fromkeys(
        (
            "joined_waiting_room",
            "arrived_early",
            "origin_known",
            "entry_refused",
            "name_flagged",
            "ticket_flagged",
            "connection_replaced",
            "denied",
            "return_allowed",
            "region_rule_set",
            "settings_changed",
        ),
        _hosts,
    ),
    **dict.fromkeys(("left", "reconnecting", "reconnected", "renamed", "removed"), _as_their_place),
    "asked_to_unmute": _one_and_hosts,
    "allowed": _allowed,
    "disallowed": _allowed,
    "message": _message,
    "message_deleted": _message_deleted,
    "waiting_room_message": _waiting_room_message,
}
"""Every event that is not for all who are inside. One that is not known here is taken to be for everyone."""
