"""What a removed person may try, and the settings it is tried against: data alone, so that two stages can play it.

somebody came ──> (before) ──> removed ──> (after) ──> they try
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from meetingsim.state.settings import MatchKey, Removal

HOME, AWAY, IDAS = "198.51.100.7", "203.0.113.9", "192.0.2.30"
THREE: tuple[MatchKey, ...] = ("account", "ticket", "device")
FIVE: tuple[MatchKey, ...] = (*THREE, "address", "name")

SETTINGS: dict[str, Removal] = {
    "account": Removal(("account",)),
    "ticket": Removal(("ticket",)),
    "device": Removal(("device",)),
    "address": Removal(("address",)),
    "name": Removal(("name",)),
    "default": Removal(),
    "all five": Removal(FIVE),
    "none": Removal(()),
    "none, refuse": Removal((), unmatched="refuse"),
    "none, admit": Removal((), unmatched="admit"),
    "default, refuse": Removal(unmatched="refuse"),
    "default, admit": Removal(unmatched="admit"),
    "may return": Removal(may_return=True),
}
"""The rows: what ``settings.removal`` says when the removal happens. Where nothing else is said ``unmatched`` is wait."""

TICKETS: dict[str, str] = {
    "mia's": "mia@school.example",
    "mia's second": "mia@school.example",
    "noah's": "noah@school.example",
    "ida's": "ida@school.example",
}
"""The tickets that were given out before the removal, and for whom."""


@dataclass(frozen=True, slots=True)
class Showing:
    """What somebody shows at the door. The passcode is always shown, too."""

    name: str = "Mia"
    user: str | None = "mia"
    ticket: str | None = "mia's"
    device: str | None = "mia's phone"
    address: str = HOME


MIA = Showing()
STRANGER = Showing("Ann", None, None, "another phone", AWAY)
NOBODY = replace(STRANGER, device=None)
IDA = Showing("Ida", None, "ida's", "ida's phone", IDAS)

Before = Literal[
    "nothing",
    "in a breakout room",
    "waiting",
    "renamed",
    "left",
    "a second entry waits",
    "a second entry is inside",
]
After = Literal[
    "nothing",
    "waiting room off",
    "passcode changed",
    "passcode null",
    "match emptied",
    "match emptied, unmatched admit",
    "may_return on",
    "host reconnects",
    "server restarts",
]
Try = Literal[
    "join",
    "resume",
    "a command",
    "a breakout room",
    "being admitted",
    "join, then being admitted",
    "the second entry is admitted",
    "the second entry resumes",
    "the second entry stays",
]


@dataclass(frozen=True, slots=True)
class Trick:
    """One way of trying. ``shows`` is for the try; ``second`` is what a second entry of theirs showed at its own."""

    says: str
    shows: Showing = MIA
    came: Showing = MIA
    second: Showing = MIA
    before: Before = "nothing"
    after: After = "nothing"
    tries: Try = "join"
    stopped_by: str = ""

    @property
    def needs_waiting_room(self) -> bool:
        """Whether the waiting room is on until the removal."""
        return self.before in {"waiting", "a second entry waits"} or self.after == "waiting room off"


_ALIAS = Showing("Mia 2", None, None, "mia's phone", HOME)
_NO_TICKET = replace(MIA, ticket=None)
_KEYS = "matching by what they kept; the waiting room"
_DOOR = "the waiting room, the lock, or a new passcode with personal tickets"
_OWNED = "single-use tickets: they belong to the device that first used them"
_SECOND = "removing the second entry, too"
_UNDONE = "not taking the rule back"

GROUPS: dict[str, dict[str, Trick]] = {
    "One thing changed": {
        "nothing changed": Trick("Everything as before."),
        "new name": Trick("Another name.", replace(MIA, name="Ann")),
        "new device": Trick("Another device.", replace(MIA, device="another phone")),
        "no device": Trick("No device is said.", replace(MIA, device=None)),
        "new address": Trick("From another address.", replace(MIA, address=AWAY)),
        "no account": Trick("Without the user token.", replace(MIA, user=None)),
        "another account": Trick("With another user's token.", replace(MIA, user="ben")),
        "no ticket": Trick("With the passcode in place of the ticket.", _NO_TICKET, stopped_by=_KEYS),
        "another's ticket": Trick(
            "With a ticket for somebody who has not come yet.", replace(MIA, ticket="noah's"), stopped_by=_KEYS
        ),
    },
    "One thing kept, all else new": {
        "account": Trick("The same user token.", replace(STRANGER, user="mia"), stopped_by=_KEYS),
        "ticket": Trick("The same ticket.", replace(STRANGER, ticket="mia's")),
        "device": Trick("The same device.", replace(STRANGER, device="mia's phone"), stopped_by=_KEYS),
        "address": Trick("The same address.", replace(STRANGER, address=HOME), stopped_by=_DOOR),
        "name": Trick("The same name.", replace(STRANGER, name="Mia"), stopped_by=_DOOR),
        "invited again": Trick(
            "A second ticket for the same mail address, made before the removal; after it none is made.",
            replace(STRANGER, ticket="mia's second"),
            stopped_by=_KEYS,
        ),
        "the earlier name": Trick(
            "The name from before they were renamed.",
            replace(STRANGER, name="Mia"),
            before="renamed",
            stopped_by=_DOOR,
        ),
    },
    "As somebody new": {
        "everything new": Trick("Another name, device and address, and the passcode.", STRANGER, stopped_by=_DOOR),
        "nothing shown": Trick(
            "The same without a device.", NOBODY, stopped_by="matching by account, ticket or device alone"
        ),
        "nothing shown, admitted": Trick(
            "The same, and the host admits them where they wait.",
            NOBODY,
            tries="join, then being admitted",
            stopped_by="`unmatched: refuse`; asking who it is",
        ),
        "nothing shown, twice": Trick(
            "They had come with nothing but name and passcode, and do so again.",
            Showing("Mia", None, None, None, HOME),
            came=Showing("Mia", None, None, None, HOME),
            stopped_by="`unmatched: wait` or `refuse`",
        ),
        "another's ticket, all new": Trick(
            "A ticket for somebody who has not come yet.",
            replace(STRANGER, ticket="noah's"),
            stopped_by="the waiting room; a single-use ticket tells the hosts (`ticket_flagged`) when its owner comes",
        ),
        "ticket of somebody inside": Trick(
            "A ticket whose owner is inside: it takes the owner's seat, and the hosts are told `connection_replaced`.",
            replace(STRANGER, ticket="ida's"),
            stopped_by=_OWNED,
        ),
    },
    "By what is left of the first visit": {
        "resume": Trick("The session from before.", tries="resume"),
        "late frame": Trick(
            "A command on the old socket, which is closed with 4500 and gets no answer.", tries="a command"
        ),
        "late breakout room": Trick("`join_breakout_room` on the old socket.", tries="a breakout room"),
        "removed in a breakout room": Trick("They were in a breakout room, and join.", before="in a breakout room"),
        "removed while waiting": Trick("They had been waiting, and join.", before="waiting"),
        "left first": Trick("They left before they were removed, and join.", before="left"),
        "admitted": Trick("The host admits the person who was removed.", tries="being admitted"),
    },
    "By a second entry": {
        "it waits, admitted": Trick(
            "The same device knocked under another name; the host admits it.",
            second=_ALIAS,
            before="a second entry waits",
            tries="the second entry is admitted",
            stopped_by=_KEYS,
        ),
        "it waits, waiting room off": Trick(
            "The same entry, and the waiting room is turned off.",
            second=_ALIAS,
            before="a second entry waits",
            after="waiting room off",
            tries="the second entry stays",
            stopped_by=_KEYS,
        ),
        "it showed nothing, waiting room off": Trick(
            "An entry without a device that waited already, and the waiting room is turned off.",
            second=NOBODY,
            before="a second entry waits",
            after="waiting room off",
            tries="the second entry stays",
            stopped_by="matching by account, ticket or device alone",
        ),
        "it is inside": Trick(
            "The same device was inside twice: the other entry stays.",
            second=_ALIAS,
            before="a second entry is inside",
            tries="the second entry stays",
            stopped_by=_SECOND,
        ),
        "it resumes": Trick(
            "That other entry drops and resumes.",
            second=_ALIAS,
            before="a second entry is inside",
            tries="the second entry resumes",
            stopped_by=_SECOND,
        ),
    },
    "By a change after the removal": {
        "waiting room off": Trick("The waiting room is turned off.", after="waiting room off"),
        "passcode changed": Trick("Somebody new with the old passcode.", STRANGER, after="passcode changed"),
        "passcode null": Trick("No passcode is needed any more.", after="passcode null"),
        "match emptied": Trick("`removal.match` is emptied.", _NO_TICKET, after="match emptied", stopped_by=_UNDONE),
        "match emptied, unmatched admit": Trick(
            "`match` is emptied and `unmatched` is admit: the host has taken the removal back.",
            _NO_TICKET,
            after="match emptied, unmatched admit",
            stopped_by=_UNDONE,
        ),
        "may_return on": Trick("`removal.may_return` is turned on; it is for later removals.", after="may_return on"),
        "host reconnects": Trick("The host's connection drops and comes back.", after="host reconnects"),
        "server restarts": Trick("The server restarts.", after="server restarts"),
    },
}
"""The columns. One word for a trick is unique in its group alone."""

TRICKS: dict[tuple[str, str], Trick] = {
    (group, name): trick for group, tricks in GROUPS.items() for name, trick in tricks.items()
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What came of it, and by which rule; ``matched`` is the key by which a removed person was recognised."""

    outcome: Literal["in", "waits", "refused"]
    rule: str
    matched: str | None = None
