"""Every kind of server that is measured: one row here is all that another kind needs."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.compiled import program
from bench.payload import TEXT
from meetingsim.live.outbox import text_frame


@dataclass(frozen=True)
class Plan:
    """How the clients of one server come in, and what makes it tell all of them something."""

    messages: Callable[[int], list[str]] = lambda times: [str(times)]
    """What the first client sends so that everyone is sent ``times`` frames."""
    path: str = "/"
    headers: str = ""
    """Further lines of the upgrade request, each with its line end."""
    hellos: list[str] = field(default_factory=list)
    """What each client says once it is upgraded; none, or one for each."""
    answers: Callable[[int], int] = lambda times: 0
    """Frames that go to the first client alone, beside those that everyone is sent."""


@dataclass(frozen=True)
class Server:
    """``prepare`` gets the server's first line of output, which has its ``url``, and the number of clients."""

    name: str
    what: str
    command: Callable[[Path], list[str]]
    prepare: Callable[[dict[str, Any], int], Plan] = lambda ready, sockets: Plan()


def python(module: str, *words: str) -> Callable[[Path], list[str]]:
    return lambda scratch: [sys.executable, "-m", module, *words]


def bare(scratch: Path) -> list[str]:
    frame = scratch / "frame"
    frame.write_bytes(text_frame(TEXT.encode()))
    return [*program("bare", "bare_loop", scratch), str(frame)]


def meeting(ready: dict[str, Any], sockets: int) -> Plan:
    """Loaded when it is measured: it needs the Plan of this module."""
    from bench.meeting import prepare

    return prepare(ready, sockets)


BARE: Final = "bare"

SERVERS: Final[dict[str, Server]] = {
    server.name: server
    for server in (
        Server(BARE, "epoll, one send a recipient", bare),
        Server("send-json", "FastAPI, await send_json", python("bench.apps", "send-json")),
        Server("send-text", "FastAPI, encoded once, await send_text", python("bench.apps", "send-text")),
        Server("broadcast", "websockets.broadcast", python("bench.broadcast")),
        Server("outbox", "Outbox over MeetingProtocol", python("bench.apps", "outbox")),
        Server(
            "meetingsim",
            "the whole server, suspend and unlock in turn",
            python("bench.meeting_server"),
            meeting,
        ),
        Server("outbox-batch", "Outbox, ten frames in one put", python("bench.apps", "outbox-batch")),
    )
}
