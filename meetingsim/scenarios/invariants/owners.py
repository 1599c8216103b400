"""The host, who owns the meeting, is never kept out of it."""

from __future__ import annotations

from typing import Final

from meetingsim.scenarios.invariants.scene import Interests, Scene, moment
from meetingsim.scenarios.trace import Fact

NAMES: Final = ("host.never-locked-out",)
_NEVER: Final = frozenset(
    {
        "denied",
        "full",
        "locked",
        "not_started",
        "rate_limited",
        "region_blocked",
        "removed",
        "ticket_invalid",
        "ticket_used",
        "wrong_passcode",
    }
)
"""Refusals that are not for whoever shows the host token."""


class Owners:
    """Judges what becomes of whoever holds the host token."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._found = scene.found["host.never-locked-out"]

    def interests(self) -> Interests:
        """What a host's tries to come in lead to, and what is done to hosts."""
        turned_out = ("removed", "denied", "put_in_waiting_room", "joined_waiting_room", "arrived_early")
        return Interests(
            before={
                **dict.fromkeys(turned_out, self._turned_out),
                "refused": self._refused,
                "accepted": self._accepted,
            },
        )

    def _turned_out(self, fact: Fact) -> None:
        person = self._scene.ledger.about(fact)
        if person.owner:
            self._found.tested += 1
            who = self._scene.who(person.id)
            did = {"joined_waiting_room": "had to wait", "arrived_early": "had to wait for the start"}.get(
                fact.fact, fact.fact
            )
            self._found.fail(f"{who}, who holds the host token, was {did} at {moment(fact.at)}.", fact)

    def _is_try(self, fact: Fact) -> bool:
        is_host = self._scene.member_role(fact.actor) == "host"
        return is_host and fact.fields.get("command") in {"join", "resume"}

    def _refused(self, fact: Fact) -> None:
        if not self._is_try(fact):
            return
        self._found.tested += 1
        if (code := fact.fields.get("code")) in _NEVER:
            said = f"{fact.actor}, who holds the host token, was refused with {code} at {moment(fact.at)}."
            self._found.fail(said, fact)

    def _accepted(self, fact: Fact) -> None:
        """On joining the owner is inside, and host."""
        if not self._is_try(fact):
            return
        self._found.tested += 1
        entry = self._scene.ledger.latest.get(fact.actor or "")
        if entry is None or fact.seq is None or entry.seq > fact.seq or fact.fields.get("command") != "join":
            return
        standing = entry.person.at(fact.seq)
        if not standing.inside or standing.role != "host":
            as_what = standing.role if standing.inside else standing.place
            said = f"{fact.actor}, who holds the host token, joined at {moment(fact.at)} and was {as_what}."
            self._found.fail(said, fact)
