"""Personal links: signed tickets for one meeting, that say a role and no mail address."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jwt

from meetingsim.clock import Clock
from meetingsim.state.control import Ticket
from meetingsim.state.meeting import Role

ALGORITHM = "HS256"
LIFETIME_MS = 30 * 24 * 3600 * 1000
"""How long a ticket is good unless the one who makes it says otherwise."""
_REMEMBERED = 1_024
"""Of how many tickets it is remembered what they say: whoever comes back shows the same one."""
_NEEDED = ("jti", "aud", "exp", "nbf", "role")
_ROLES = frozenset({Role.PARTICIPANT, Role.COHOST, Role.PANELIST, Role.ATTENDEE})


@dataclass(frozen=True, slots=True)
class Checked:
    """What a ticket turned out to be: a good one, or the fault it has."""

    ticket: Ticket | None = None
    fault: str | None = None
    country: str | None = None
    device: str | None = None


class Tickets:
    """Signs and reads tickets with the server's key."""

    def __init__(self, key: str, clock: Clock) -> None:
        self._key = key
        self._clock = clock
        self._claims = lru_cache(maxsize=_REMEMBERED)(self._read)

    def invited(self, meeting: str, email: str) -> str:
        """What a ticket carries in place of a mail address: the same for the same address and meeting, no use elsewhere."""
        said = f"{meeting}/{email.strip().lower()}".encode()
        return hmac.new(self._key.encode(), said, hashlib.sha256).hexdigest()[:32]

    def sign(self, meeting: str, ticket: Ticket, *, device: str | None = None, country: str | None = None) -> str:
        """A ticket as its bearer shows it."""
        now = self._clock.now()
        claims: dict[str, Any] = {
            "jti": ticket.ticket,
            "aud": meeting,
            "nbf": now // 1000,
            "exp": (now + LIFETIME_MS) // 1000,
            "role": ticket.role.value,
        }
        optional = {"once": ticket.single_use or None, "inv": ticket.invited, "dev": device, "geo": country}
        claims |= {name: value for name, value in optional.items() if value is not None}
        return jwt.encode(claims, self._key, ALGORITHM)

    def check(self, meeting: str, said: str) -> Checked:
        """Reads a ticket. Time is the server's own clock; the fault is for the journal, not for the bearer."""
        claims = self._claims(meeting, said)
        if isinstance(claims, str):
            return Checked(fault=claims)
        now = self._clock.now() / 1000
        if not all(isinstance(claims[name], int) for name in ("exp", "nbf")) or claims["role"] not in _ROLES:
            return Checked(fault="malformed")
        if now >= claims["exp"]:
            return Checked(fault="expired")
        if now < claims["nbf"]:
            return Checked(fault="not_yet_valid")
        ticket = Ticket(claims["jti"], Role(claims["role"]), bool(claims.get("once")), claims.get("inv"))
        return Checked(ticket, None, claims.get("geo"), claims.get("dev"))

    def _read(self, meeting: str, said: str) -> Mapping[str, Any] | str:
        """What a ticket of this meeting says, or its fault: the same whenever it is read, for its time is not asked."""
        try:
            return jwt.decode(
                said,
                self._key,
                algorithms=[ALGORITHM],
                audience=meeting,
                options={"require": list(_NEEDED), "verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
        except jwt.InvalidTokenError as error:
            return _fault(error)


def _fault(error: jwt.InvalidTokenError) -> str:
    faults: tuple[tuple[type[Exception], str], ...] = (
        (jwt.InvalidAlgorithmError, "algorithm"),
        (jwt.InvalidAudienceError, "another_meeting"),
        (jwt.MissingRequiredClaimError, "malformed"),
        (jwt.InvalidSignatureError, "tampered"),
    )
    return next((fault for kind, fault in faults if isinstance(error, kind)), "malformed")
