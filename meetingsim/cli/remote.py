"""What join, host and events share: where the server is, and how its refusals become one line and an exit code."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from typing import Any

from meetingsim.cli.console import BROKEN, FAILED, USAGE, Stop
from meetingsim.clients import (
    DEFAULT_URL,
    ConnectionClosed,
    Invitation,
    LinkInvalid,
    MeetingsimError,
    RefusedError,
    Unreachable,
    UpgradeRefused,
    invitation,
)


def server_at(url: str | None) -> str:
    """The server's address: the option, else the environment, else where ``serve`` listens."""
    return url or os.environ.get("MEETINGSIM_URL") or DEFAULT_URL


def token_from(token: str | None) -> str | None:
    """The token: the option, else the environment."""
    return token or os.environ.get("MEETINGSIM_TOKEN") or os.environ.get("MEETINGSIM_ADMIN_TOKEN") or None


def invited(link: str, url: str | None) -> Invitation:
    """Reads a link or a meeting's id. Raises Stop."""
    try:
        return invitation(link, url=server_at(url))
    except LinkInvalid as error:
        raise Stop(str(error), USAGE) from None


def run(main: Coroutine[Any, Any, int], *, url: str, token: str | None) -> int:
    """Runs a command against a server; gives its exit code. Raises Stop with one line for what went wrong."""
    try:
        return asyncio.run(main)
    except RefusedError as error:
        hint = ""
        if error.code == "unauthorised":
            hint = (
                "; this token is not good for it: show the host's or the admin's"
                if token
                else "; show a host or admin token with --token or MEETINGSIM_TOKEN"
            )
        raise Stop(f"refused, {str(error).rstrip('.')}{hint}", FAILED) from None
    except Unreachable:
        raise Stop(
            f"no server answers at {url}: start one with 'meetingsim serve', or say where it is with --url",
            BROKEN,
        ) from None
    except LinkInvalid as error:
        raise Stop(str(error), USAGE) from None
    except UpgradeRefused as error:
        raise Stop(str(error), FAILED) from None
    except ConnectionClosed as error:
        raise Stop(f"the connection was closed with {error.closed}", FAILED) from None
    except MeetingsimError as error:
        raise Stop(str(error), BROKEN) from None
