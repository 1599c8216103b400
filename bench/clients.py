"""The orders that a receiver takes, from this side."""

from pathlib import Path

from bench.processes import Process
from bench.servers import Plan

QUIET_MS = 200
"""Without a frame for so long the clients have settled in."""

LIMIT_MS = 20_000
"""Without a frame for so long a server is taken to have failed."""


def masked(text: str) -> bytes:
    """A text frame as a client sends it, under a mask of zeros."""
    payload = text.encode()
    size = len(payload)
    head = bytes((0x81, 0x80 | size)) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    return head + bytes(4) + payload


def upgrade(host: str, plan: Plan) -> bytes:
    return (
        f"GET {plan.path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
        f"{plan.headers}\r\n"
    ).encode()


class Clients:
    """All clients of one server: a receiver process, and the file in which it finds what to send."""

    def __init__(self, process: Process, scratch: Path) -> None:
        self._process = process
        self._request, self._said = scratch / "request", scratch / "said"

    def open(self, port: int | None, sockets: int, request: bytes, hellos: list[str]) -> float:
        """Seconds until that many more are upgraded."""
        self._request.write_bytes(request)
        frames = [masked(hello) for hello in hellos]
        self._said.write_bytes(b"".join(len(frame).to_bytes(4, "big") + frame for frame in frames))
        answer = self._process.ask("open", port, sockets, self._request, self._said)
        return float(answer["seconds"])

    def settle(self) -> None:
        self._process.ask("settle", QUIET_MS)

    def fire(self, expect: int, messages: list[str]) -> float:
        """Seconds from the first client's messages to the last of the expected frames."""
        self._said.write_bytes(b"".join(masked(message) for message in messages))
        return float(self._process.ask("fire", expect, LIMIT_MS, self._said)["seconds"])
