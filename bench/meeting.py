"""The real server: a meeting with everybody inside, whose host suspends and allows again, one frame to all each time."""

import json
import urllib.request
from collections.abc import Callable
from itertools import cycle
from typing import Any

from bench.servers import Plan


def prepare(ready: dict[str, Any], sockets: int) -> Plan:
    """Makes the meeting; the first client joins as its host, the others as guests."""
    body = {"topic": "bench", "settings": {"waiting_room": {"enabled": False}, "capacity": sockets + 10}}
    request = urllib.request.Request(
        ready["url"] + "/api/v1/meetings", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as response:
        made = json.load(response)
    guests = [
        {"type": "join", "name": f"guest {number}", "passcode": made["passcode"], "device": f"bench-{number}"}
        for number in range(1, sockets)
    ]
    hellos = [{"type": "join", "name": "host", "host_token": made["host_token"]}, *guests]
    return Plan(
        messages=_alternating(),
        path=f"/api/v1/meetings/{made['id']}/socket",
        hellos=[json.dumps(hello) for hello in hellos],
        answers=lambda times: times,
    )


def _alternating() -> Callable[[int], list[str]]:
    """A suspend that is in force already is no event; so every other command lifts a part of it."""
    commands = cycle(({"type": "suspend"}, {"type": "allow", "activity": "audio", "allowed": True}))
    return lambda times: [json.dumps(next(commands)) for _ in range(times)]
