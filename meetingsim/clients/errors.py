"""Everything the SDK raises.

MeetingsimError
├── RefusedError          the server said no; one class for each code in ``refusals``
├── UpgradeRefused        the server did not open the socket
├── ConnectionClosed      the socket is closed; code, reason and what the code means
├── WaitTimeout           nothing that matches came in time (an AssertionError and a TimeoutError, too)
├── NotSilent             something came in a stretch of silence (an AssertionError, too)
├── Unreachable           nobody answers at that address
└── LinkInvalid           the text is no link to a meeting (a ValueError, too)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from meetingsim.state.codes import CLOSES

_NOT_OURS = {
    1001: "the other side is going away",
    1002: "protocol error",
    1006: "the connection was lost without a close frame",
    1009: "a frame was too large",
    1011: "the server broke",
    1012: "the server restarts",
    1013: "try again later",
}
_LOST = frozenset({1001, 1005, 1006, 1011, 1012, 1013})
_REPLACED = 4003


class MeetingsimError(Exception):
    """Whatever this SDK raises by itself."""


class RefusedError(MeetingsimError):
    """The server refused a command, a request or an entry.

    ``code`` is the contract's word, ``status`` its HTTP status, ``temporary`` whether trying again may help, and
    ``because`` what the refusal rests on, where the server says it. A code that this SDK does not know raises this very
    class; every known one has a subclass in ``refusals``.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        status: int = 0,
        temporary: bool = False,
        because: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.status = status
        self.temporary = temporary
        self.because = dict(because or {})

    @property
    def rule(self) -> str | None:
        """The rule that said no: at the door the refusal's code, for a control its own word."""
        return self._said("rule")

    @property
    def door(self) -> str | None:
        """By which way it was asked: socket, http, people or resume."""
        return self._said("door")

    @property
    def country(self) -> str | None:
        """Where the server found the refused person to be. It says so at the door alone, and to nobody but them.

        None where the country is unknown, and wherever no entry was refused. No refusal tells the list of countries, nor
        by what a removed person was recognised.
        """
        return self._said("country")

    @property
    def source(self) -> str | None:
        """How the country is known: override, plan, database or none. At the door alone, as ``country``."""
        return self._said("source")

    def _said(self, name: str) -> str | None:
        said = self.because.get(name)
        return None if said is None else str(said)


class UpgradeRefused(MeetingsimError):
    """The server answered the WebSocket upgrade with an HTTP status instead."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"the server did not open the socket: {status} {detail}".rstrip())
        self.status = status
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Closed:
    """How a socket ended. 1006 stands for an end without a close frame, which is how ``drop()`` looks, too."""

    code: int
    reason: str = ""

    @property
    def meaning(self) -> str:
        """What the contract, else the WebSocket protocol, means by the code."""
        return CLOSES.get(self.code) or _NOT_OURS.get(self.code) or self.reason or "unknown"

    @property
    def temporary(self) -> bool:
        """Whether coming back may help: a lost connection, and the contract's 40xx but for 4003, where oneself came anew."""
        return self.code in _LOST or (4000 <= self.code < 4100 and self.code != _REPLACED)

    def __str__(self) -> str:
        return f"{self.code} ({self.meaning})"


class ConnectionClosed(MeetingsimError):
    """The socket is closed, so what was asked for cannot come any more.

    Whether a command that was on its way happened nobody can say. ``refusal`` is what the server answered when the
    connection tried to come back by itself, if it did.
    """

    def __init__(
        self, closed: Closed, doing: str = "", trail: str = "", *, refusal: RefusedError | None = None
    ) -> None:
        while_doing = f" while {doing}" if doing else ""
        came = f", and coming back was refused ({refusal})" if refusal else ""
        super().__init__(f"the connection was closed with {closed}{while_doing}{came}{trail}")
        self.refusal = refusal
        self.closed = closed
        self.code = closed.code
        self.reason = closed.reason
        self.meaning = closed.meaning


class WaitTimeout(MeetingsimError, AssertionError, TimeoutError):
    """Nothing that matches came in time; the message ends with the last frames, secrets redacted.

    ``brief`` is the message without the frames.
    """

    def __init__(self, brief: str, trail: str = "") -> None:
        super().__init__(f"{brief}{trail}")
        self.brief = brief


class NotSilent(MeetingsimError, AssertionError):
    """Something that matches came where nothing was to come; the message ends with the last frames."""


class Unreachable(MeetingsimError):
    """Nobody answers at this address."""

    def __init__(self, url: str, fault: str) -> None:
        super().__init__(f"no server answers at {url}: {fault}")
        self.url = url
        self.fault = fault


class LinkInvalid(MeetingsimError, ValueError):
    """The text is neither a join link, nor a socket's address, nor a meeting's id with a server's address."""
