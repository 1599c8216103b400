"""Accounts and their users: who owns meetings, which rule and defaults their meetings have, by which tokens they are known."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from meetingsim.chance import Chance
from meetingsim.clock import Clock
from meetingsim.journal.protocol import Journal, Row
from meetingsim.state.control import Refuse, User
from meetingsim.state.identity import digest
from meetingsim.state.plain import build, plain
from meetingsim.state.settings import RegionRule

STREAM = "@accounts"
"""Where the journal keeps accounts; no meeting's id looks like it."""


@dataclass(frozen=True, slots=True)
class Account:
    """An organisation. ``defaults`` are the settings its new meetings begin with, as far as it says any."""

    id: str
    name: str
    owner: str
    token: str  # a digest
    admins: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    defaults: dict[str, Any] = field(default_factory=dict)
    region: RegionRule | None = None


@dataclass(frozen=True, slots=True)
class AccountUser:
    """Somebody of an account."""

    id: str
    account: str
    name: str
    email: str
    token: str  # a digest


class Accounts:
    """Every account of this server. What is made is in the journal before anybody gets a token for it."""

    def __init__(self, journal: Journal, clock: Clock, chance: Chance) -> None:
        self._journal = journal
        self._clock = clock
        self._chance = chance
        self._accounts: dict[str, Account] = {}
        self._users: dict[str, AccountUser] = {}
        self._by_token: dict[str, Account | AccountUser] = {}
        self._seq = 0
        self._writing = asyncio.Lock()

    async def open(self) -> None:
        """Reads what the journal has."""
        for row in await self._journal.read(STREAM):
            self._take(build(Account if row.type == "account_created" else AccountUser, row.data))
            self._seq = row.seq

    async def create(
        self,
        name: str,
        owner: str,
        *,
        admins: Sequence[str] = (),
        domains: Sequence[str] = (),
        defaults: dict[str, Any] | None = None,
        region: RegionRule | None = None,
    ) -> tuple[Account, str]:
        """Makes an account; its token is told this once. Raises JournalUnavailable."""
        token = self._chance.token("account")
        known_as = f"a{self._chance.nonce()}"
        wanted = tuple(sorted({domain.lower() for domain in domains}))
        account = Account(known_as, name, owner, digest(token), tuple(admins), wanted, defaults or {}, region)
        await self._store("account_created", account)
        return account, token

    async def add_user(self, account: str, name: str, email: str) -> tuple[AccountUser, str]:
        """Makes a user; their token is told this once. Raises JournalUnavailable."""
        token = self._chance.token("user")
        user = AccountUser(f"u{self._chance.nonce()}", account, name, email, digest(token))
        await self._store("user_created", user)
        return user, token

    def account(self, known_as: str) -> Account:
        """The account with this id. Raises ``not_permitted``: which accounts there are is nobody's business."""
        if found := self._accounts.get(known_as):
            return found
        raise Refuse("not_permitted", "There is no account with this id, or it is not yours.")

    def has(self, known_as: str) -> bool:
        """Whether there is an account with this id."""
        return known_as in self._accounts

    def knows(self, token: str) -> bool:
        """Whether this is the token of an account or a user here."""
        return digest(token) in self._by_token

    def by_account_token(self, token: str | None) -> Account | None:
        """Whose account token this is."""
        found = self._by_token.get(digest(token)) if token else None
        return found if isinstance(found, Account) else None

    def by_user_token(self, token: str | None) -> AccountUser | None:
        """Whose user token this is."""
        found = self._by_token.get(digest(token)) if token else None
        return found if isinstance(found, AccountUser) else None

    def user(self, token: str | None) -> User | None:
        """The bearer of a user token as a meeting knows them."""
        found = self.by_user_token(token)
        return User(found.id, found.account, found.email.rpartition("@")[2].lower()) if found else None

    async def _store(self, kind: str, made: Account | AccountUser) -> None:
        async with self._writing:
            row = Row(self._seq + 1, self._clock.now(), kind, 1, plain(made), None, {})
            await self._journal.append(STREAM, self._seq, [row])
            self._seq += 1
        self._take(made)

    def _take(self, made: Account | AccountUser) -> None:
        if isinstance(made, Account):
            self._accounts[made.id] = made
        else:
            self._users[made.id] = made
        self._by_token[made.token] = made
