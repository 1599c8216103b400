"""What calls do once they were read: no HTTP in it, so that a meeting in this process is handled in the same way."""

from __future__ import annotations

from dataclasses import replace

from meetingsim.live.accounts import Account
from meetingsim.live.asks import Ask, Commands, Outcome
from meetingsim.live.seat import Seat
from meetingsim.routers.shapes import NewMeeting, changes, merged
from meetingsim.routers.world import World, stranger
from meetingsim.state.control import Asker, Command, Refuse, Ticket
from meetingsim.state.controls.report import ReportAfterwards
from meetingsim.state.identity import digest
from meetingsim.state.meeting import Role
from meetingsim.state.settings import Settings

PASSCODE_DIGITS = 6


async def apply(world: World, seat: Seat, asker: Asker, command: Command | Commands) -> Outcome:
    """A command through the same mailbox as everything else."""
    return await seat.ask(Ask(command, asker, "http", nonce=world.chance.nonce()))


def settings_of(world: World, asked: NewMeeting, account: Account | None) -> Settings:
    """The settings a new meeting begins with: what is asked over the account's over the defaults. Raises ``invalid_rule``."""
    said = changes(asked.settings)
    defaults = account.defaults if account else {}
    settings = merged(merged(Settings(), defaults), said)
    if "passcode" not in {*said, *defaults}:
        settings = replace(settings, passcode=asked.passcode or world.chance.digits(PASSCODE_DIGITS))
    return settings


def new_ticket(world: World, role: Role, *, single_use: bool = False, invited: str | None = None) -> Ticket:
    """A ticket that nobody else has."""
    return Ticket(f"t{world.chance.nonce()}{world.chance.nonce()}", role, single_use, invited)


async def report_afterwards(world: World, seat: Seat, token: str, command: ReportAfterwards) -> Outcome:
    """A report from outside, by whoever shows this token. Raises ``unauthorised`` and ``rate_limited``."""
    asker = _reporter(world, seat, token)
    budget = seat.budget(asker.participant or asker.kind)
    if world.settings.limits == "on" and not budget.take(world.clock.now(), control=False, media=False):
        raise Refuse("rate_limited", "Too many reports in a short time.")
    return await apply(world, seat, asker, command)


def _reporter(world: World, seat: Seat, token: str) -> Asker:
    """Who of this meeting shows this token: by host token, session, ticket or user token. Strangers are refused."""
    if asker := world.asker(token, seat):
        return asker
    kept = digest(token)
    user = world.accounts.user(token)
    ticket = world.tickets.check(seat.meeting.id, token).ticket
    for person in seat.meeting.people.values():
        by_user = user is not None and person.keys.user == user.user
        by_ticket = ticket is not None and person.keys.ticket == ticket.ticket
        if person.session == kept or by_user or by_ticket:
            return Asker("person", person.id)
    raise stranger()
