"""Nobody does what is above their rights."""

from __future__ import annotations

from typing import Any, Final

from meetingsim.scenarios.invariants.scene import Interests, Scene, moment
from meetingsim.scenarios.invariants.standings import Person, Standing, rank
from meetingsim.scenarios.invariants.suspension import allowed, started_by
from meetingsim.scenarios.trace import ACTIVITY_OF_EVENT, Fact

NAMES: Final = ("roles.no-escalation",)
_BY_HOSTS: Final = frozenset(
    {
        "admitted",
        "allowed",
        "asked_to_unmute",
        "breakout_rooms_closed",
        "breakout_rooms_opened",
        "denied",
        "disallowed",
        "locked",
        "put_in_waiting_room",
        "removed",
        "return_allowed",
        "suspended",
        "unlocked",
        "waiting_room_set",
    }
)
_BY_THE_HOST: Final = frozenset(
    {"ended", "meeting_changed", "region_rule_set", "role_changed", "settings_changed", "started"}
)
_OWN_OR_BY_HOSTS: Final = frozenset(
    {"audio_changed", "message_deleted", "renamed", "room_changed", "share_stopped", "video_changed"}
)
_OWN: Final = frozenset(
    {
        "annotated",
        "hand_changed",
        "message",
        "profile_picture_changed",
        "reacted",
        "recording_started",
        "recording_stopped",
        "share_started",
    }
)
_PROTECTED: Final = frozenset(
    {
        "allowed",
        "audio_changed",
        "disallowed",
        "put_in_waiting_room",
        "removed",
        "renamed",
        "share_stopped",
        "video_changed",
    }
)
_NO_PERSON: Final = frozenset({"host", "admin", "clock"})
"""Words for whoever acts by a token, or by time."""
HOST_COMMANDS: Final = frozenset(
    {
        "admit",
        "admit_all",
        "allow",
        "ask_to_unmute",
        "close_breakout_rooms",
        "deny",
        "end",
        "let_return",
        "lock",
        "make_cohost",
        "make_host",
        "mute",
        "mute_all",
        "open_breakout_rooms",
        "put_in_waiting_room",
        "remove",
        "revoke_cohost",
        "set_region_rule",
        "set_waiting_room",
        "start",
        "stop_video",
        "suspend",
        "unlock",
    }
)


class Roles:
    """Judges who did what, to whom."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._found = scene.found["roles.no-escalation"]
        self._asked_at: dict[int, int] = {}

    def interests(self) -> Interests:
        """Every event that somebody causes, and every reply to a host's command."""
        return Interests(
            before={
                **dict.fromkeys(_BY_HOSTS | _BY_THE_HOST | _OWN_OR_BY_HOSTS | _OWN, self._does),
                "sent": self._sent,
                "accepted": self._accepted,
            },
        )

    def _fail(self, fact: Fact, said: str, *more: Fact | None) -> None:
        self._found.fail(f"{said} at {moment(fact.at)}.", fact, *more)

    # Doing

    def _does(self, fact: Fact) -> None:
        self._found.tested += 1
        fields, kind = fact.fields, fact.fact
        doer = fields.get("by")
        subject = fields.get("participant") or fields.get("from")
        if kind == "message_deleted":
            said = self._scene.ledger.messages.get(str(fields.get("message")))
            subject = said.fields.get("from") if said else None
        own = kind in _OWN or (kind in _OWN_OR_BY_HOSTS and doer in {None, subject})
        if own and subject is not None:
            self._does_themselves(fact, self._scene.ledger.person(str(subject)))
        elif doer is not None and doer not in _NO_PERSON:
            self._does_as_host(fact, self._scene.ledger.person(str(doer)), subject)

    def _does_themselves(self, fact: Fact, person: Person) -> None:
        who, ledger = self._scene.who(person.id), self._scene.ledger
        if not person.now.inside:
            self._fail(fact, f"{who}, who was {person.now.place or 'not there'}, caused {fact.fact} {fact.seq}")
            return
        if fact.fact not in ACTIVITY_OF_EVENT or (started := started_by(self._scene, fact)) is None:
            return
        _, activity = started
        regime = ledger.now
        if activity not in regime.suspended and not allowed(self._scene, fact, person, activity, regime):
            self._fail(fact, f"{who} ({person.now.role}) started {activity}, which they were not allowed to,")

    def _does_as_host(self, fact: Fact, person: Person, subject: Any) -> None:
        kind, who, standing = fact.fact, self._scene.who(person.id), person.now
        because = fact.fields.get("because") or {}
        the_host = kind in _BY_THE_HOST or because.get("rule") == "set_region_rule"
        if kind in {"audio_changed", "video_changed"} and fact.fields.get("on"):
            whom = self._scene.who(subject)
            self._fail(fact, f"{who} turned the {kind.removesuffix('_changed')} of {whom} on, which nobody can,")
        elif kind == "role_changed" and because.get("rule") == "host" and person.owner:
            return  # the owner is host again, whatever they were
        elif not standing.host or (the_host and standing.role != "host"):
            role = standing.role or "nobody"
            as_what = role if standing.inside else f"{role}, {standing.place or 'not there'}"
            self._fail(fact, f"{who} ({as_what}) caused {kind} {fact.seq}, which is for {_whom(kind, the_host)},")
        elif subject is not None and subject != person.id:
            self._protected(fact, self._scene.ledger.person(str(subject)), who, standing)

    def _protected(self, fact: Fact, subject: Person, who: str, standing: Standing) -> None:
        whom, kind = self._scene.who(subject.id), fact.fact
        revoked = kind == "role_changed" and (fact.fields.get("because") or {}).get("rule") == "revoke_cohost"
        if revoked and subject.owner:
            self._fail(fact, f"{who} took the owner's role from {whom}")
        elif revoked and subject.earlier_role not in {None, fact.fields.get("role")}:
            now = fact.fields.get("role")
            self._fail(fact, f"{whom}, who had been {subject.earlier_role}, was made {now} by a revoke")
        if kind not in _PROTECTED:
            return
        if subject.owner or rank(subject.now.role if subject.now.inside else None) >= rank(standing.role):
            self._fail(fact, f"{who} ({standing.role}) did {kind} to {whom}, whose rank is no lower,")

    def _sent(self, fact: Fact) -> None:
        if fact.fields.get("command") in HOST_COMMANDS:
            self._asked_at[fact.fields["n"]] = self._scene.ledger.seq

    def _accepted(self, fact: Fact) -> None:
        """A host's command of somebody else is refused even where there is nothing left to do."""
        command = fact.fields.get("command")
        entry = self._scene.ledger.latest.get(fact.actor or "")
        if command not in HOST_COMMANDS or entry is None:
            return
        self._found.tested += 1
        since = self._asked_at.get(fact.fields.get("n", 0), 0)
        if not any(one.host for one in entry.person.standings if one.until > since):
            self._fail(fact, f"{fact.actor} ({entry.person.now.role or 'nobody'}) was answered yes to {command}")


def _whom(kind: str, the_host: bool) -> str:
    return "the host alone" if the_host else "hosts and cohosts"
