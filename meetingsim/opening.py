"""A world is opened: settings become a journal, seats and what is known of places and people, before there is any HTTP."""

from __future__ import annotations

import shutil
from contextlib import AsyncExitStack
from pathlib import Path

from meetingsim.chance import Chance
from meetingsim.clock import Clock, ManualClock, SystemClock
from meetingsim.geo.anonymous import AnonymousReader
from meetingsim.geo.lookup import CountryReader
from meetingsim.journal.memory import MemoryJournal
from meetingsim.journal.protocol import Journal
from meetingsim.journal.sqlite import SqliteJournal
from meetingsim.live.accounts import Accounts
from meetingsim.live.networks import Networks
from meetingsim.live.recording import Recordings
from meetingsim.live.seats import Seats
from meetingsim.live.spaces import Space
from meetingsim.live.tickets import Tickets
from meetingsim.routers.origins import Origins
from meetingsim.routers.spaces import Spaces
from meetingsim.routers.world import World
from meetingsim.settings import ServerSettings
from meetingsim.state.identity import digest

DATABASE = "meetingsim.db"
SHUTTING_DOWN = 4000


class CannotStart(Exception):
    """The settings do not make a server; str() is one line that says what to do."""


def require_protected(settings: ServerSettings) -> None:
    """Raises CannotStart for a server that strangers could reach and that has no secret of its own."""
    if not settings.loopback and settings.admin_token is None:
        raise CannotStart(
            f"Listening on {settings.host} reaches beyond this machine: set MEETINGSIM_ADMIN_TOKEN to a secret of your own,"
            " or listen on 127.0.0.1."
        )


async def make_world(settings: ServerSettings, clock: Clock | None = None) -> World:
    """Everything a server needs, opened: its main space, which knows the others.

    Raises CannotStart, GeoDatabaseError or JournalUnavailable, and leaves nothing open.
    """
    require_protected(settings)
    clock = clock or (ManualClock() if settings.clock == "manual" else SystemClock())
    async with AsyncExitStack() as opened:
        countries = CountryReader(settings.geoip_db)
        opened.callback(countries.close)
        anonymous = AnonymousReader(settings.anonymous_db) if settings.anonymous_db else None
        if anonymous:
            opened.callback(anonymous.close)

        async def open_space(space: Space | None) -> World:
            return await _open_space(settings, clock, countries, anonymous, spaces, space)

        def forget_space(space: Space) -> None:
            if folder := _folder(settings, space):
                shutil.rmtree(folder, ignore_errors=True)

        spaces = Spaces(open_space, forget_space)
        spaces.main = await open_space(None)
        opened.push_async_callback(spaces.close, SHUTTING_DOWN)
        await spaces.open()
        opened.pop_all()
    return spaces.main


async def _open_space(
    settings: ServerSettings,
    clock: Clock,
    countries: CountryReader,
    anonymous: AnonymousReader | None,
    spaces: Spaces,
    space: Space | None,
) -> World:
    """A space with a journal and a chance of its own; None is the main one."""
    chance = Chance(space.seed if space else settings.seed)
    async with AsyncExitStack() as opened:
        journal = _journal(_folder(settings, space))
        opened.push_async_callback(journal.close)
        if isinstance(clock, ManualClock):
            clock.begin(await _latest(journal))
        admin_token = await _admin_token(settings, journal, chance) if space is None else ""
        accounts = Accounts(journal, clock, chance)
        await accounts.open()
        networks = Networks(journal, clock)
        await networks.open()
        origins = Origins(settings, countries.with_overrides(networks.countries()), anonymous, networks, chance)
        tickets = Tickets(await journal.keep("ticket_key", lambda: chance.token("tickets")), clock)
        seats = Seats(journal, clock, chance, spaces.taken)
        opened.push_async_callback(seats.close, SHUTTING_DOWN)
        await seats.open()
        opened.pop_all()
    return World(
        settings,
        seats,
        journal,
        clock,
        chance,
        origins,
        networks,
        accounts,
        tickets,
        token=space.token if space else digest(admin_token),
        spaces=spaces,
        recordings=Recordings(clock),
        main=spaces.main if space else None,
        admin_token=admin_token,
    )


async def _admin_token(settings: ServerSettings, journal: Journal, chance: Chance) -> str:
    if settings.admin_token is not None:
        return settings.admin_token.get_secret_value()
    return await journal.keep("admin_token", lambda: chance.token("admin"))


async def _latest(journal: Journal) -> int:
    """When the last event of a journal happened: a clock that is moved by hand never goes back behind it."""
    last = [(await journal.read(meeting))[-1].at for meeting in await journal.meetings()]
    return max(last, default=0)


def _folder(settings: ServerSettings, space: Space | None) -> Path | None:
    if settings.data is None:
        return None
    return settings.data / "spaces" / space.id if space else settings.data


def _journal(data: Path | None) -> Journal:
    return MemoryJournal() if data is None else SqliteJournal.open(data / DATABASE)


async def close_world(world: World) -> None:
    """Closes every socket with 4000, and the journals after what was told is stored. Closing again does nothing."""
    await world.spaces.close(SHUTTING_DOWN)
