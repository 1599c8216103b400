"""Opens a WebSocket and says in the SDK's own words why one could not be opened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from meetingsim.clients.errors import LinkInvalid, RefusedError, Unreachable, UpgradeRefused
from meetingsim.clients.refusals import refusal_of

LARGEST: Final = 16 << 20
"""Bytes of a frame that are accepted: the view of a very large meeting is one frame."""


async def open_socket(
    url: str, *, headers: Mapping[str, str], subprotocol: str | None, timeout: float, ping_every: float | None = None
) -> ClientConnection:
    """Opens a socket without deflate, without a proxy, and without pings of its own: the server sends some.

    With ``ping_every`` it sends its own, too, and is lost where no answer comes in that many seconds.

    Raises:
        Unreachable: nobody answers there, or nobody who speaks the protocol.
        RefusedError, UpgradeRefused: the server refuses the upgrade.
        LinkInvalid: that is no socket's address.
    """
    try:
        return await connect(
            url,
            subprotocols=None if subprotocol is None else [Subprotocol(subprotocol)],
            additional_headers=dict(headers),
            compression=None,
            max_size=LARGEST,
            open_timeout=timeout,
            close_timeout=2,
            ping_interval=ping_every,
            ping_timeout=ping_every,
            proxy=None,
        )
    except InvalidStatus as error:
        raise _not_opened(error.response.status_code, bytes(error.response.body or b"")) from None
    except InvalidURI:
        raise LinkInvalid(f"{url!a} is no socket's address") from None
    except (OSError, TimeoutError, InvalidHandshake) as error:
        raise Unreachable(url, str(error) or type(error).__name__) from None


def parsed(text: str | bytes) -> dict[str, Any] | None:
    """A JSON object, or None for everything else."""
    try:
        said = json.loads(text)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _not_opened(status: int, body: bytes) -> RefusedError | UpgradeRefused:
    problem = parsed(body) or {}
    if "code" in problem:
        return refusal_of(problem, status=status)
    return UpgradeRefused(status, body[:200].decode("utf-8", "replace"))
