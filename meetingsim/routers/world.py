"""What the routers are handed: the seats, the journal, the keys, and where people come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from meetingsim.chance import Chance
from meetingsim.clock import Clock
from meetingsim.journal.protocol import Journal
from meetingsim.live.accounts import Accounts
from meetingsim.live.asks import Outcome
from meetingsim.live.budgets import Guesses
from meetingsim.live.networks import Networks
from meetingsim.live.recording import Recordings
from meetingsim.live.seat import Seat
from meetingsim.live.seats import Seats
from meetingsim.live.tickets import Tickets
from meetingsim.routers.origins import Origins
from meetingsim.settings import ServerSettings
from meetingsim.state.control import Asker, Refuse
from meetingsim.state.identity import same_secret
from meetingsim.state.meeting import Place

if TYPE_CHECKING:
    from meetingsim.routers.held import Held
    from meetingsim.routers.spaces import Spaces


@dataclass(slots=True)
class World:
    """One space: everything a request may need. The server's own space is the main one; its token opens the others, too.

    ``admin_token`` is known of the main one alone, ``token`` is the digest of whichever a space answers to. ``base_url``
    is known once the port is.
    """

    settings: ServerSettings
    seats: Seats
    journal: Journal
    clock: Clock
    chance: Chance
    origins: Origins
    networks: Networks
    accounts: Accounts
    tickets: Tickets
    token: str
    spaces: Spaces
    recordings: Recordings
    main: World | None = None
    admin_token: str = ""
    guesses: Guesses = field(default_factory=Guesses)
    held: dict[str, dict[str, Held]] = field(default_factory=dict)
    """The people of each meeting whom the server holds, by meeting and participant."""

    @property
    def base_url(self) -> str:
        """How clients reach the server."""
        return self.spaces.base_url

    def is_admin(self, token: str | None) -> bool:
        """Whether this token is the space's own, or the whole server's."""
        if token is None:
            return False
        return same_secret(token, self.token) or (self.main is not None and self.main.is_admin(token))

    def become(self, other: World) -> None:
        """Takes another one's inside: the same space, empty again. Its token stays."""
        for name in (
            "seats",
            "journal",
            "chance",
            "origins",
            "networks",
            "accounts",
            "tickets",
            "guesses",
            "recordings",
        ):
            setattr(self, name, getattr(other, name))
        self.held = {}

    def forget(self, meeting: str) -> None:
        """Lets go of what was kept beside a meeting that was deleted."""
        self.held.pop(meeting, None)
        self.recordings.forget(meeting)

    def asker(self, token: str | None, seat: Seat) -> Asker | None:
        """Who a token makes its bearer for this meeting; None for strangers."""
        if self.is_admin(token):
            return Asker("admin")
        if token is not None and same_secret(token, seat.meeting.host_token):
            joined = next((p.id for p in seat.meeting.people.values() if p.keys.host and p.where is Place.INSIDE), None)
            return Asker("host", joined)
        account = self.accounts.by_account_token(token)
        if account is not None and account.id == seat.meeting.account:
            return Asker("host")
        return None


def bearer(headers: Mapping[str, str]) -> str | None:
    """The token of an ``Authorization: Bearer`` header, or None."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def stranger() -> Refuse:
    """The refusal of everybody who shows no token that counts here; the same whether the meeting exists or not."""
    return Refuse("unauthorised", "Show a token that this server gave out, as Authorization: Bearer.")


def done(outcome: Outcome) -> Outcome:
    """The outcome of a command that happened. Raises the refusal of one that did not."""
    if outcome.refusal is not None:
        refusal = outcome.refusal
        raise Refuse(refusal.code, refusal.detail, **dict(refusal.because))
    return outcome


async def require_meeting(
    spaces: Spaces, meeting: str, token: str | None, who: Literal["host", "admin"] = "host"
) -> tuple[World, Seat, Asker]:
    """The meeting, its space, and who asks. A stranger is told nothing of what exists."""
    world = spaces.holding(meeting, token)
    try:
        seat = await world.seats.find(meeting)
    except Refuse:
        if world.is_admin(token):
            raise
        raise stranger() from None
    asker = world.asker(token, seat)
    if asker is None:
        raise stranger()
    if who == "admin" and asker.kind != "admin":
        raise Refuse("not_permitted", "Only the admin token may do that.")
    return world, seat, asker


def require_admin(world: World, token: str | None) -> None:
    """The admin token was shown."""
    if not world.is_admin(token):
        raise stranger() if token is None else Refuse("unauthorised", "That is not the admin token.")


Json = dict[str, Any]
