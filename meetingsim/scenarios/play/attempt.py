"""One way to come to a meeting: what is shown at the door, and where from."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to come: what is shown at the door, and where from."""

    name: str
    device: str | None = None
    ticket: str | None = None
    passcode: str | None = None
    host_token: str | None = None
    country: str | None = None
    address: str | None = None
    header: tuple[str, str] | None = None
    via: str | None = None
    trick: str | None = None

    def shown(self, n: int, salt: str) -> dict[str, Any]:
        """As the trace has it: what is a secret as a digest, so that two can be compared."""
        said = {
            "name": self.name,
            "device": self.device,
            "ticket": digest(self.ticket, salt),
            "passcode": digest(self.passcode, salt),
            "country": self.country,
            "address": self.address,
            "header": f"{self.header[0]}: {self.header[1]}" if self.header else None,
            "via": self.via,
            "with": self.trick,
            "n": n,
        }
        return {name: value for name, value in said.items() if value is not None}


def digest(secret: str | None, salt: str) -> str | None:
    """The same for the same secret of a run, and no use to anybody: without the salt a passcode could be guessed from it."""
    return None if secret is None else sha256(f"{salt}/{secret}".encode()).hexdigest()[:16]
