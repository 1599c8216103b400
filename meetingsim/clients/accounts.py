"""An account over HTTP: its users, and meetings that belong to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from meetingsim.clients.answers import User
from meetingsim.state.meeting import Kind as MeetingKind

if TYPE_CHECKING:
    from meetingsim.clients.meetings import MeetingHandle
    from meetingsim.clients.server import Server


class AccountHandle:
    """An account and its token, which acts as host in every meeting of the account."""

    def __init__(self, server: Server, account: str, token: str | None = None) -> None:
        """Without ``token`` the server's is used: the admin may make users of any account."""
        self.server = server
        self.account = account
        self.token = token

    def __repr__(self) -> str:
        return f"AccountHandle({self.account!r} at {self.server.url!r})"

    async def create_user(self, name: str, email: str) -> User:
        """Makes a user. Their ``user_token`` opens the account's meetings to them, and they are one person by it."""
        said = await self.server.request(
            "POST",
            f"accounts/{quote(self.account, safe='')}/users",
            json={"name": name, "email": email},
            token=self.token,
        )
        return User(said["user"], said["user_token"])

    async def create_meeting(
        self, topic: str, *, kind: MeetingKind | None = None, settings: Mapping[str, Any] | None = None
    ) -> MeetingHandle:
        """Makes a meeting of this account: its defaults hold where ``settings`` says nothing, and its region rule beside
        the meeting's own. Needs the account's token: the admin's makes meetings of no account.
        """
        return await self.server.create_meeting(topic, kind=kind, settings=settings, token=self.token)
