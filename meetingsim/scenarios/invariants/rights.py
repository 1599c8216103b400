"""Nobody comes in with more than they are given, and whatever somebody may not go on with is stopped in the same step."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from meetingsim.scenarios.invariants.scene import Interests, Scene, moment
from meetingsim.scenarios.invariants.standings import HOSTS, STREAMS, Person, may_start
from meetingsim.scenarios.trace import Fact

NAMES: Final = ("roles.no-escalation",)
HIDDEN: Final = frozenset({"address", "country"})
"""What a row that everybody is shown must not say."""
_STOPPED_WITH: Final = frozenset({"share", "record"})
"""Of what runs, barring these stops it."""
_RUNNING: Final = ("audio", "video", "share", "recording", "hand")


class Rights:
    """Judges what people come in with, and what must stop when a right is taken."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._found = scene.found["roles.no-escalation"]

    def interests(self) -> Interests:
        """Those who come in, rights that are taken, and what a change of hosts comes to."""
        return Interests(
            before={
                "joined": self._comes_in,
                "admitted": self._comes_in,
                "joined_waiting_room": self._row,
                "disallowed": self._disallowed,
                "role_changed": self._role_changed,
                "accepted": self._accepted,
            },
        )

    def _fail(self, fact: Fact, said: str) -> None:
        self._found.fail(f"{said} at {moment(fact.at)}.", fact)

    # Coming in

    def _comes_in(self, fact: Fact) -> None:
        self._found.tested += 1
        self._row(fact)
        row, ref = fact.fields.get("person") or {}, self._scene.trace.people.get(str(fact.fields.get("participant")))
        because = fact.fields.get("because") or {}
        person = self._scene.ledger.about(fact)
        if on := [name for name in _RUNNING if row.get(name)]:
            self._fail(fact, f"{self._scene.who(person.id)} came in with {', '.join(on)} on")
        role = row.get("role")
        shows_host_token = fact.fact == "joined" and because.get("rule") == "host"
        if role not in {*HOSTS, "panelist"} or ref is None or shows_host_token:
            return
        wanted = self._scene.member_role(ref)
        if role == "host" or role != wanted:
            self._fail(fact, f"{ref}, who is {wanted} by the scenario, came in as {role}")

    def _row(self, fact: Fact) -> None:
        """A row goes to everybody, or to every host: it never says where somebody is from."""
        told = sorted(HIDDEN.intersection(fact.fields.get("person") or ()))
        if told:
            who = self._scene.who(fact.fields.get("participant"))
            self._fail(fact, f"The row of {who} in {fact.fact} {fact.seq} tells everybody their {', '.join(told)}")

    # Rights that are taken

    def _disallowed(self, fact: Fact) -> None:
        activity, ledger = str(fact.fields.get("activity")), self._scene.ledger
        if activity not in _STOPPED_WITH:
            return
        one = fact.fields.get("participant")
        whom = ledger.inside() if one is None else [ledger.person(str(one))]
        for person in whom:
            if not person.now.host and person.runs(activity):
                self._must_stop(fact, person, activity)

    def _role_changed(self, fact: Fact) -> None:
        person = self._scene.ledger.about(fact)
        then = replace(person.now, role=fact.fields.get("role"))
        for stream in STREAMS:
            if person.runs(stream) and not may_start(self._scene.ledger.now, then, stream):
                self._must_stop(fact, person, stream)

    def _must_stop(self, fact: Fact, person: Person, stream: str) -> None:
        stopped = fact.fields.get("stopped") or ()
        if not any(one.get("participant") == person.id and stream in (one.get("activities") or ()) for one in stopped):
            who = self._scene.who(person.id)
            self._fail(fact, f"{who} went on with {stream}, which {fact.fact} {fact.seq} takes from them,")

    # Hosts

    def _accepted(self, fact: Fact) -> None:
        """There is one host; whoever was it before is cohost."""
        command = fact.fields.get("command")
        owner_is_back = command == "join" and self._scene.member_role(fact.actor) == "host"
        if fact.seq is None or not (owner_is_back or command == "make_host"):
            return
        hosts = [
            one for one in self._scene.ledger.inside() if one.at(fact.seq).role == "host" and one.at(fact.seq).inside
        ]
        if len(hosts) > 1:
            names = " and ".join(self._scene.who(one.id) for one in hosts)
            self._fail(fact, f"{names} were host, all of them,")
