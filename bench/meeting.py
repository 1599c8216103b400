"""The real server: a meeting with everybody inside, whose host suspends and allows again, one frame to all each time."""

import json
import urllib.request
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
        messages=_Commands(),
        path=f"/api/v1/meetings/{made['id']}/socket",
        hellos=[json.dumps(hello) for hello in hellos],
        answers=lambda times: times,
    )


class _Commands:
    """A suspend that is in force already is no event, and it locks: so every other command unlocks, and a run ends unlocked.

    One alone is always a suspend: what the last recipient waits for is then measured on it.
    """

    def __init__(self) -> None:
        self._locked = False
        self._record = False

    def __call__(self, times: int) -> list[str]:
        commands: list[dict[str, Any]] = []
        if times > 1 and (times % 2 == 0) == self._locked:
            self._record = not self._record
            commands.append({"type": "allow", "activity": "record", "allowed": self._record})
        while len(commands) < times:
            commands.append({"type": "unlock" if self._locked else "suspend"})
            self._locked = not self._locked
        return [json.dumps(command) for command in commands]
