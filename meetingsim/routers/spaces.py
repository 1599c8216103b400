"""The spaces of a server: which of them a request is about, and how they come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from meetingsim.live.spaces import Space, SpaceList
from meetingsim.routers.world import World
from meetingsim.state.control import Refuse
from meetingsim.state.identity import digest

ENDED = 4502
MOST_SPACES = 1_000


@dataclass(slots=True)
class Spaces:
    """Every space by its id and by its token. ``base_url`` is known once the port is.

    ``open_space`` makes the world of a space, of None that of the main one; ``forget_space`` takes away what a space kept
    on the disk.
    """

    open_space: Callable[[Space | None], Awaitable[World]]
    forget_space: Callable[[Space], None]
    base_url: str = ""
    main: World = field(init=False)
    _list: SpaceList = field(init=False)
    _worlds: dict[str, World] = field(default_factory=dict)
    _spaces: dict[str, Space] = field(default_factory=dict)
    _by_token: dict[str, str] = field(default_factory=dict)

    async def open(self) -> None:
        """Opens the spaces that the main one's journal knows. Raises JournalUnavailable."""
        self._list = SpaceList(self.main.journal, self.main.clock)
        for space in await self._list.open():
            self._put(space, await self.open_space(space))

    def all(self) -> list[World]:
        """Every space, the main one first; none before that is open."""
        return [self.main, *self._worlds.values()] if hasattr(self, "main") else []

    def taken(self, meeting: str) -> bool:
        """Whether some space has a meeting with this id."""
        return any(world.seats.has(meeting) for world in self.all())

    def of(self, token: str | None) -> World:
        """The space that a token belongs to; the main one for tokens that no other gave out."""
        if token is None:
            return self.main
        if space := self._by_token.get(digest(token)):
            return self._worlds[space]
        known = (world for world in self._worlds.values() if world.accounts.knows(token))
        return next(known, self.main)

    def holding(self, meeting: str, token: str | None = None) -> World:
        """The space with this meeting, for whoever may look beyond their own: a space's token sees no other."""
        own = self.of(token)
        if own is not self.main:
            return own
        return next((world for world in self._worlds.values() if world.seats.has(meeting)), self.main)

    def with_account(self, account: str, token: str | None) -> World:
        """The space with this account, by the same rule."""
        own = self.of(token)
        if own is not self.main:
            return own
        return next((world for world in self._worlds.values() if world.accounts.has(account)), self.main)

    async def create(self, seed: int | None) -> tuple[str, str]:
        """Makes a space: its id and its token, told this once. Raises JournalUnavailable."""
        if len(self._worlds) >= MOST_SPACES:
            raise Refuse("conflict", f"There are {MOST_SPACES:,} spaces already: delete some.")
        chance = self.main.chance
        token = chance.token("space")
        if seed is None and self.main.settings.seed is not None:
            seed = chance.below(2**32)
        space = Space(f"s{chance.nonce()}", digest(token), seed)
        world = await self.open_space(space)
        try:
            await self._list.created(space)
        except BaseException:
            await self._end(space, world)
            raise
        self._put(space, world)
        return space.id, token

    async def delete(self, known_as: str) -> None:
        """Ends and forgets a space with everything in it. Raises ``not_permitted`` and JournalUnavailable."""
        if known_as not in self._worlds:
            raise Refuse("not_permitted", "There is no space with this id, or it is not yours.")
        space, world = self._take(known_as)
        try:
            await self._list.deleted(space)
        except BaseException:
            self._put(space, world)
            raise
        await self._end(space, world)

    def owns(self, known_as: str, token: str | None) -> bool:
        """Whether this is that space's own token."""
        return token is not None and self._by_token.get(digest(token)) == known_as

    async def reset(self, world: World) -> None:
        """Forgets everything of a space; of the main one every other space with it. Raises ``conflict`` where it is kept."""
        if world.journal.durable:
            raise Refuse("conflict", "This server keeps its data: start one without --data to reset it.")
        space = next((self._spaces[one] for one, other in self._worlds.items() if other is world), None)
        if space is None:
            for known_as in list(self._worlds):
                await self.delete(known_as)
        await world.seats.close(ENDED)
        world.become(await self.open_space(space))
        if space is None:
            await self.open()

    async def settled(self) -> None:
        """Returns once every meeting has decided, stored and told all that was handed in."""
        await asyncio.gather(*(seat.settled() for world in self.all() for seat in world.seats.running()))

    async def close(self, code: int) -> None:
        """Closes every socket with this code, then the journals, after what was told is stored. Again it does nothing."""
        await self.stop(code)
        for world in self.all():
            await world.journal.close()
        self.main.origins.close()

    async def stop(self, code: int) -> None:
        """Ends every space's writers and sockets."""
        await asyncio.gather(*(world.seats.close(code) for world in self.all()))

    def _put(self, space: Space, world: World) -> None:
        self._worlds[space.id] = world
        self._spaces[space.id] = space
        self._by_token[space.token] = space.id

    def _take(self, known_as: str) -> tuple[Space, World]:
        space = self._spaces.pop(known_as)
        del self._by_token[space.token]
        return space, self._worlds.pop(known_as)

    async def _end(self, space: Space, world: World) -> None:
        await world.seats.close(ENDED)
        await world.journal.close()
        self.forget_space(space)
