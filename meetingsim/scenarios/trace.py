"""What happened in a run, as one list of facts in order: the journal, what every client sent and received, the world around.

A fact has ``fact`` (its word in the language, or one of INTERNAL), ``at`` (ms since the run began) and its own fields.
Participants' ids stand in it as the wire has them; ``people`` says who of the cast each of them is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from meetingsim.state.controls import EVENTS

View = Literal["server", "client"]

INTERNAL: Final = frozenset({"created", "view_compared", "attendance", "run_over"})
"""Facts that no expectation can name; the invariants and the report need them.

- ``view_compared {line, equal, differs, faults}``: somebody's mirror beside the server's view of them, at rest.
- ``attendance {group, present}``: who of a group was there when a step asked.
- ``run_over``: the last one.
"""

ACTIVITY_OF_COMMAND: Final[Mapping[str, str]] = {
    "set_audio": "audio",
    "set_video": "video",
    "start_share": "share",
    "annotate": "annotate",
    "chat": "chat",
    "start_recording": "record",
    "rename": "rename",
    "set_profile_picture": "profile_picture",
}
"""The activity that a command starts; with ``on: false`` it starts none."""

ACTIVITY_OF_EVENT: Final[Mapping[str, str]] = {
    "audio_changed": "audio",
    "video_changed": "video",
    "share_started": "share",
    "annotated": "annotate",
    "message": "chat",
    "recording_started": "record",
    "renamed": "rename",
    "profile_picture_changed": "profile_picture",
}
"""The activity that an event shows to be going on; with ``on: false``, or ``by`` somebody else, it shows none."""


@dataclass(slots=True, eq=False)
class Fact:
    """One thing that happened. ``actor`` is who of the cast is behind it, where somebody is; ``n`` its place in the trace.

    Of events ``fields`` is what ``GET …/events`` says, ``because`` too. Of the others:

    - ``sent {n, line, command, ref, …the command's fields, attempt?, duplicate?}``: a client sent a frame; n is unique.
      ``attempt`` goes with a join or resume: ``{name, with, via, header, country, address, device, ticket, passcode, n}``,
      what is a secret as a digest.
    - ``accepted``, ``refused``: the reply, with the fields of its ``sent``; accepted with ``seq`` where it caused an event,
      refused with ``code``, ``detail``, ``temporary``, ``error``. ``activity`` is what the command starts, None where the reply
      says that nothing was caused.
    - ``received {line, frame}``: a frame at a client, secrets redacted; the same object for all who got the same bytes.
    - ``connected {line}``, ``disconnected {line, code}``: a connection from its first frame let in to its end.
    - ``rule_fired {rule}``, ``link_posted {site}``, ``server_stopped``, ``server_started {downtime}``.
    - ``report_filed``: the report's row with its ``evidence``.
    """

    fact: str
    at: int
    fields: Mapping[str, Any]
    actor: str | None = None
    seq: int | None = None
    n: int = 0

    @property
    def is_event(self) -> bool:
        """Whether it stands in the journal."""
        return self.fact in EVENTS


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the cast: ``students[3]``, or ``teacher`` where the actor is one person."""

    ref: str
    group: str
    index: int
    role: str
    country: str | None
    behavior: str | None
    name: str
    passphrase: str | None = None
    device: str | None = None
    disruptive: bool = False
    """Whether what they do is harm: their behaviour is, or extends, a raider's or another offender's."""


@dataclass(slots=True)
class Trace:
    """A whole run. ``views`` are what the target could show; ``lacking`` says what of the scenario it could not do."""

    scenario: str
    seed: int
    target: str
    clock: Literal["virtual", "real"]
    duration: int
    views: frozenset[View]
    members: dict[str, Member] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    """Participant id -> who of the cast that is."""
    facts: list[Fact] = field(default_factory=list)
    lacking: dict[str, str] = field(default_factory=dict)
    oracles: dict[str, str] = field(default_factory=dict)
    """Rules of policies that use what no host knows, with what it is."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The meeting's settings as they were made, the passcode redacted."""
    broke: str | None = None
    """Why the run ended before its time: the harness or the target failed."""
    secrets: tuple[str, ...] = field(default=(), repr=False, compare=False)
    """Texts that no file may have in it: passcodes, tokens. A trace that was read has none."""
    failure: BaseException | None = field(default=None, repr=False, compare=False)
    """What was raised then; it is not written."""


def activity_of_command(command: str, fields: Mapping[str, Any]) -> str | None:
    """The activity that a command starts, or None."""
    return None if fields.get("on") is False else ACTIVITY_OF_COMMAND.get(command)


def activity_of_frame(frame: Mapping[str, Any]) -> str | None:
    """The activity that a frame shows somebody doing, or None."""
    kind = frame.get("type")
    if kind == "media":
        said = frame.get("kind")
        return said if isinstance(said, str) else None
    if frame.get("on") is False or (kind == "renamed" and frame.get("by") not in {None, frame.get("participant")}):
        return None
    return ACTIVITY_OF_EVENT.get(str(kind))


def behind(fields: Mapping[str, Any]) -> str | None:
    """The participant whom an event or a frame is about: ``participant``, else ``from``, else ``by``."""
    for name in ("participant", "from", "by"):
        said = fields.get(name)
        if isinstance(said, str):
            return said
    return None
