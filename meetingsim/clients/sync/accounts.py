"""An account over HTTP, for code without an event loop.

Generated out of ``meetingsim/clients/accounts.py`` by ``python -m scripts.sdk_methods``; changes by hand are lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from meetingsim.clients import accounts as aio
from meetingsim.clients.answers import User
from meetingsim.clients.sync.portal import PORTAL
from meetingsim.state.meeting import Kind as MeetingKind

if TYPE_CHECKING:
    from meetingsim.clients.sync.meetings import MeetingHandle
    from meetingsim.clients.sync.server import Server


class AccountHandle:
    """An account and its token, which acts as host in every meeting of the account."""

    def __init__(self, server: Server, account: str, token: str | None = None) -> None:
        """Without ``token`` the server's is used: the admin may make users of any account."""
        self.server = server
        self._inner = aio.AccountHandle(server._inner, account, token)

    @classmethod
    def _around(cls, server: Server, inner: aio.AccountHandle) -> Self:
        made = cls.__new__(cls)
        made.server, made._inner = server, inner
        return made

    def __repr__(self) -> str:
        return repr(self._inner)

    @property
    def account(self) -> str:
        """As it is now; see the asynchronous class."""
        return self._inner.account

    @property
    def token(self) -> str | None:
        """As it is now; see the asynchronous class."""
        return self._inner.token

    def create_user(self, name: str, email: str) -> User:
        """Makes a user. Their ``user_token`` opens the account's meetings to them, and they are one person by it."""
        return PORTAL.run(self._inner.create_user(name, email))

    def create_meeting(
        self, topic: str, *, kind: MeetingKind | None = None, settings: Mapping[str, Any] | None = None
    ) -> MeetingHandle:
        """Makes a meeting of this account: its defaults hold where ``settings`` says nothing, and its region rule beside
        the meeting's own. Needs the account's token: the admin's makes meetings of no account.
        """
        return self.server._meeting(PORTAL.run(self._inner.create_meeting(topic, kind=kind, settings=settings)))
