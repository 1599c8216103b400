"""Reads what people are sent: a join link, a socket's address, or a bare meeting id."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

from meetingsim.clients.errors import LinkInvalid

DEFAULT_URL = "http://127.0.0.1:8765"
"""Where ``meetingsim serve`` listens unless it is told otherwise."""

_WEB = {"http": "ws", "https": "wss"}
_SOCKET = {"ws": "http", "wss": "https"}


@dataclass(frozen=True, slots=True)
class Invitation:
    """Where a meeting is and what opens it."""

    url: str
    """The server, without a slash at the end."""
    meeting: str
    passcode: str | None = field(default=None, repr=False)
    ticket: str | None = field(default=None, repr=False)

    @property
    def socket_url(self) -> str:
        """The meeting's socket, by the rule of the contract."""
        scheme, rest = self.url.split("://", 1)
        return f"{_WEB[scheme]}://{rest}/api/v1/meetings/{quote(self.meeting, safe='')}/socket"


def invitation(link: str, *, url: str = DEFAULT_URL) -> Invitation:
    """Reads a link; a bare id (spaces and hyphens in it do not count) is looked for at ``url``.

    Passcode and ticket are read from the fragment, where they belong, and from the query.

    Raises:
        LinkInvalid: with a sentence that says what would do.
    """
    text = link.strip()
    if "://" not in text:
        meeting = re.sub(r"[\s-]", "", text)
        if not re.fullmatch(r"\w+", meeting):
            raise LinkInvalid(f"{link!a} is neither a meeting's id nor a link to one")
        return Invitation(server_url(url), meeting)
    parts = urlsplit(text)
    path = parts.path.rstrip("/")
    path = path.removesuffix("/socket") if parts.scheme in _SOCKET else path
    base, _, meeting = path.rpartition("/")
    if meeting in {"", "j", "meetings"}:
        raise LinkInvalid(f"{link!a} names no meeting: its path should end with the meeting's id")
    said = {**parse_qs(parts.query), **parse_qs(parts.fragment)}
    home = re.sub(r"/(j|api/v1/meetings)$", "", base)
    return Invitation(
        server_url(urlunsplit((_SOCKET.get(parts.scheme, parts.scheme), parts.netloc, home, "", ""))),
        meeting,
        said.get("passcode", [None])[-1],
        said.get("ticket", [None])[-1],
    )


def server_url(url: str) -> str:
    """A server's address without a slash at the end. Raises LinkInvalid for anything but http and https."""
    parts = urlsplit(url)
    if parts.scheme not in _WEB or not parts.netloc:
        raise LinkInvalid(f"{url!a} is no server's address; one looks like {DEFAULT_URL}")
    return url.rstrip("/")
